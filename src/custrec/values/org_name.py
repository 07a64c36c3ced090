"""Names of companies and other bodies: stored tidied; compared by their parts (values.org_parts).

Brackets are full-width in names with Han characters, as the Chinese register writes them, and half-width elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from custrec.model.problem import Fault
from custrec.values.columns import PlainFirstType
from custrec.values.comparing import Comparer
from custrec.values.letters import has_han, has_letter, tidy
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored, Value

_PLAIN = re.compile(
    "[\u4e00-\u9fff]+(?:（[\u4e00-\u9fff]+）[\u4e00-\u9fff]*)?|[A-Za-z][A-Za-z0-9.,&'-]*(?: [A-Za-z0-9.,&'-]+)*"
).fullmatch
_FULL_BRACKETS = str.maketrans("()", "（）")
_AROUND_BRACKETS = re.compile(r" ?([（）]) ?")


class OrgName(PlainFirstType):
    """The name of one organisation."""

    kind = "org_name"

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return text if _PLAIN(text) else None

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        if not has_letter(text):
            return Reading(fault=Fault("name-no-letters"))
        name = tidy(text)
        if has_han(name):
            name = _AROUND_BRACKETS.sub(r"\1", name.translate(_FULL_BRACKETS))
        return Reading(name)

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        return self.settle([text if text is not None and _PLAIN(text) else None for text in texts], texts, beside)

    def keys(self, value: Stored) -> tuple[str, ...]:
        """Place, core and trade; core and trade; core. A branch has keys of its own."""
        if value is None:
            return ()
        from custrec.values.org_parts import parts_of

        parts = parts_of(str(value))
        gap = "" if has_han(parts.core) else " "
        narrow = (parts.place, parts.core, parts.trade), (parts.core, parts.trade), (parts.core,)
        branch = f"@{parts.branch}" if parts.branch else ""
        keys = (gap.join(filter(None, some)) for some in narrow)
        return tuple(dict.fromkeys(f"{key}{branch}" for key in keys if key))

    def likeness(self, a: Value, b: Value) -> Agreement:
        """SAME behind legal form and spelling; CLOSE where the place or the form is missing or another; WEAK for a
        short name, or a branch and its house; two branches, places or trades are DIFFERENT."""
        from custrec.values.org_likeness import compare_organisations
        from custrec.values.org_parts import parts_of

        return compare_organisations(parts_of(str(a)), parts_of(str(b)))

    def comparer(self) -> Comparer:
        from custrec.values.org_comparing import OrgComparer

        return OrgComparer(self)

    def mask(self, value: Stored) -> str:
        """The first character. A name of one letter shows nothing."""
        text = str(value or "")
        return "" if not text else (text[0] if sum(map(str.isalnum, text)) > 1 else "") + "***"

    def describe(self) -> Description:
        return Description(
            "name of an organisation", "a name with at least one letter", "深圳市华强（集团）有限公司, Acme Ltd"
        )
