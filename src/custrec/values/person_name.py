"""Names of people, Chinese and Western: stored tidied, without titles that stand beside a full name.

张伟先生 is stored as 张伟 and Dr. Jane Roe as Jane Roe, with the text kept beside; 王总 and Mr. Smith are all that is
known and stay. Names all in capitals or all in small letters get the capitals that names have, where that is safe
(values.letter_case); that too keeps the text, for who writes "bell hooks" may mean it. Order stays as typed ("Smith,
John"), notes in brackets stay, nothing is invented; comparison looks through all of these (values.name_core,
values.name_likeness).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from custrec.model.problem import Fault
from custrec.values.columns import PlainFirstType
from custrec.values.comparing import Comparer
from custrec.values.honorifics import HAN_TITLE_ENDS, without_han_title, without_latin_titles
from custrec.values.letter_case import recase
from custrec.values.letters import HAN, has_han, has_letter, tidy
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored, Value

_PLAIN = re.compile(
    f"[\u4e00-\u9fff]{{1,3}}|[\u4e00-\u9fff]{{4,}}(?<![{HAN_TITLE_ENDS}])"
    "|(?!(?:Mr|Mrs|Ms|Miss|Mx|Mister|Dr|Doctor|Prof|Professor|Sir|Madame?|Herr|Frau|Monsieur|Mme|Mlle)\\b)"
    "(?:[A-Z]\\.? )*[A-Z][a-z]+(?:[ -](?:[A-Z][a-z]+|[A-Z]\\.?))*(?<! Esq)(?<! Phd)"
).fullmatch
_DOTS = re.compile(f"(?<=[{HAN}]) ?[·・•‧∙⋅･] ?(?=[{HAN}])")
_COMMA = re.compile(" *, *(?=[^ ])")


class PersonName(PlainFirstType):
    """The name of one person."""

    kind = "person_name"
    version = 2

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return text if _PLAIN(text) else None

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        if not has_letter(text):
            return Reading(fault=Fault("name-no-letters"))
        name = _DOTS.sub("·", tidy(text))
        if has_han(name):
            bare = without_han_title(name)
        else:
            name = _COMMA.sub(", ", name)
            bare = recase(without_latin_titles(name))
        return Reading(bare, lossy=bare != name)

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        return self.settle([text if text is not None and _PLAIN(text) else None for text in texts], texts, beside)

    def keys(self, value: Stored) -> tuple[str, ...]:
        """The folded name, how it sounds, and surname with initial."""
        from custrec.values.name_core import keys_of

        return () if value is None else keys_of(str(value))

    def likeness(self, a: Value, b: Value) -> Agreement:
        """SAME behind titles, case and order; CLOSE for initials, short forms and pinyin; WEAK for a slip or 王总."""
        from custrec.values.name_core import core_of
        from custrec.values.name_likeness import compare_names

        return compare_names(core_of(str(a)), core_of(str(b)))

    def comparer(self) -> Comparer:
        from custrec.values.name_comparing import NameComparer

        return NameComparer(self)

    def mask(self, value: Stored) -> str:
        """The first character: 张**, J**. A name of one character shows nothing."""
        text = str(value or "")
        masked = (text[0] if len(text) > 1 else "") + "**"
        return "" if not text else "**" if text in masked else masked

    def describe(self) -> Description:
        return Description("name of a person", "a name in any script, with at least one letter", "张伟, Jane O'Neil")
