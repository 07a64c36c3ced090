"""Names of people, Chinese and Western: stored as written, tidied; compared behind honorifics and word order.

Nothing is invented: capitals stay as typed, 张伟 stays Han. 先生, Mr. and notes in brackets stay in the stored name;
`keys` and `compare` look through them.
"""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

import re
from collections.abc import Sequence

from custrec.model.problem import Fault
from custrec.values.columns import PlainFirstType
from custrec.values.letters import HAN, has_han, has_letter, tidy, words
from custrec.values.likeness import edit_distance
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored

_LATIN = "A-Za-zÀ-ÖØ-öø-ɏ"
_PLAIN = re.compile(f"[\u4e00-\u9fff]+|[{_LATIN}][{_LATIN}.'-]*(?: [{_LATIN}.'-]+)*").fullmatch
_DOTS = re.compile(f"(?<=[{HAN}]) ?[·・•‧∙⋅･] ?(?=[{HAN}])")
_NOTE = re.compile(r"\([^()]*\)")
_TITLES_AFTER = re.compile(
    "(?:先生|女士|小姐|太太|夫人|老师|老師|教授|博士|医生|醫生|律师|同志|师傅|总经理|副总经理|经理|總經理|經理|总监|总裁"
    "|副总裁|董事长|董事|主任|主管|部长|处长|科长|局长|厂长|院长|校长|会长|秘书长|秘书|工程师|总工|老板|总|總|工)$"
)
_TITLES_BEFORE = frozenset(
    "mr mrs ms miss mx dr prof professor sir madam herr frau mme mlle m señor sr sra hon rev ing dipl".split()
)
_TITLES_LAST = frozenset("phd md mba esq cpa dds".split())


class PersonName(PlainFirstType):
    """The name of one person."""

    kind = "person_name"

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return text if _PLAIN(text) else None

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        if not has_letter(text):
            return Reading(fault=Fault("name-no-letters"))
        return Reading(_DOTS.sub("·", tidy(text)))

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        return self.settle([text if text is not None and _PLAIN(text) else None for text in texts], texts, beside)

    def keys(self, value: Stored) -> tuple[str, ...]:
        core = _core(value)
        if not core:
            return ()
        whole = " ".join(sorted(core))
        if len(core) == 1:
            return (whole,)
        return tuple(dict.fromkeys((whole, f"{core[-1]} {core[0][0]}", f"{core[0]} {core[-1][0]}")))

    def compare(self, a: Stored, b: Stored) -> Agreement:
        if a is None or b is None:
            return Agreement.UNKNOWN
        one, two = _core(a), _core(b)
        if a == b or (one and sorted(one) == sorted(two)):
            return Agreement.SAME
        if not one or not two:
            return Agreement.DIFFERENT
        if has_han(one[0]) or has_han(two[0]):
            return _compare_han("".join(one), "".join(two))
        return _compare_latin(one, two)

    def mask(self, value: Stored) -> str:
        """The first character: 张**, J**. A name of one character shows nothing."""
        text = str(value or "")
        return "" if not text else (text[0] if len(text) > 1 else "") + "**"

    def describe(self) -> Description:
        return Description("name of a person", "a name in any script, with at least one letter", "张伟, Jane O'Neil")


def _core(value: Stored) -> tuple[str, ...]:
    """The words of a name without titles and notes: ("张伟",), ("jane", "oneil"). Comma order is put right."""
    text = _NOTE.sub(" ", str(value or ""))
    last, comma, first = text.partition(",")
    if comma and not has_han(text):
        text = f"{first} {last}"
    if has_han(text):
        text = text.replace("·", "")
        bare = _TITLES_AFTER.sub("", text.rstrip())
        return words(bare if bare else text)
    parts = words(text.replace("'", "").replace("’", "").replace(".", " "))
    kept = tuple(part for part in parts if part not in _TITLES_BEFORE | _TITLES_LAST)
    return kept or parts


def _compare_han(one: str, two: str) -> Agreement:
    """王 (of 王先生) may be 王伟; 张伟明 may be 张伟民. Two-character names differ when one character differs."""
    short, long = sorted((one, two), key=lambda name: (len(name), name))
    if len(short) == 1 and long.startswith(short):
        return Agreement.WEAK
    near = len(short) >= 3 and one[0] == two[0] and edit_distance(one, two, 1) <= 1
    return Agreement.WEAK if near else Agreement.DIFFERENT


def _compare_latin(one: tuple[str, ...], two: tuple[str, ...]) -> Agreement:
    """J. Smith may be John Smith; Jon Smith is probably John Smith; the Smiths are at least Smiths."""
    if _initials_agree(one, two) or _initials_agree(two, one):
        return Agreement.CLOSE
    whole, other = " ".join(sorted(one)), " ".join(sorted(two))
    if min(len(whole), len(other)) >= 8 and edit_distance(whole, other, 1) <= 1:
        return Agreement.CLOSE
    if set(one) < set(two) or set(two) < set(one):
        return Agreement.CLOSE if min(len(one), len(two)) > 1 else Agreement.WEAK
    return Agreement.WEAK if one[-1] == two[-1] and len(one[-1]) > 1 else Agreement.DIFFERENT


def _initials_agree(short: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether `short` is `full` with some given names as initials: ("j", "smith"), ("john", "smith")."""
    if len(short) != len(full) or len(short) < 2 or short[-1] != full[-1]:
        return False
    return all(a == b or (1 in (len(a), len(b)) and a[0] == b[0]) for a, b in zip(short, full, strict=True))
