"""Names of companies and other bodies: stored tidied, compared behind the legal form; branches are kept apart.

Brackets are full-width in names with Han characters, as the Chinese register writes them, and half-width elsewhere.
"""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

import re
from collections.abc import Sequence

from custrec.model.problem import Fault
from custrec.values.columns import PlainFirstType
from custrec.values.letters import HAN, fold, has_han, has_letter, tidy, words
from custrec.values.likeness import edit_distance, overlap
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored

_PLAIN = re.compile(
    "[\u4e00-\u9fff]+(?:（[\u4e00-\u9fff]+）[\u4e00-\u9fff]*)?|[A-Za-z][A-Za-z0-9.,&'-]*(?: [A-Za-z0-9.,&'-]+)*"
).fullmatch
_FULL_BRACKETS = str.maketrans("()", "（）")
_AROUND_BRACKETS = re.compile(r" ?([（）]) ?")

_HAN_LEGAL = re.compile(
    "(?:集团股份有限公司|集团有限责任公司|集团有限公司|股份有限公司|有限责任公司|股份公司|有限公司|集团公司|总公司|公司|集团"
    "|有限合伙|普通合伙|合伙企业|个体工商户|株式会社)$"
)
_BRANCH = re.compile(
    f"^(?P<whole>.+?(?:公司|集团|银行|事务所))(?P<branch>[{HAN}0-9a-z]{{1,12}}?(?:分公司|子公司|办事处|分店|分行|支行|营业部|分所))$"
)
_LEGAL = frozenset(
    "ltd limited llc llp lp inc incorporated corp corporation co company plc gmbh mbh ag kg kgaa ohg ug eg ev se sa"
    " sas sarl srl spa snc bv nv vof ab as asa aps oy oyj pty pte pvt pvtltd sdn bhd kk sro doo zoo sp ooo"
    " oao zao pao jsc the".split()
)
_DOTTED = re.compile(r"(?<=\b\w)\.(?=\w\b)")  # S.A., B.V., L.L.C.


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
        core, branch = _parts(value)
        if not core:
            return ()
        return (f"{core}@{branch}" if branch else core,)

    def compare(self, a: Stored, b: Stored) -> Agreement:
        """A branch and its house are WEAK: one firm, two customers. A name that holds the other is WEAK too."""
        if a is None or b is None:
            return Agreement.UNKNOWN
        if a == b:
            return Agreement.SAME
        (one, branch), (two, other) = _parts(a), _parts(b)
        if not one or not two:
            return Agreement.DIFFERENT
        if one == two:
            return Agreement.SAME if branch == other else Agreement.WEAK
        if branch != other:
            return Agreement.DIFFERENT
        short, long = sorted((one, two), key=lambda core: (len(core), core))
        if len(short) >= 8 and not has_han(short) and edit_distance(one, two, 1) <= 1:
            return Agreement.CLOSE
        if has_han(short):
            return Agreement.WEAK if len(short) >= 4 and long.endswith(short) else Agreement.DIFFERENT
        return Agreement.WEAK if overlap(one.split(), two.split()) >= 0.5 else Agreement.DIFFERENT

    def mask(self, value: Stored) -> str:
        """The first character."""
        text = str(value or "")
        return "" if not text else (text[0] if len(text) > 1 else "") + "***"

    def describe(self) -> Description:
        return Description(
            "name of an organisation", "a name with at least one letter", "深圳市华强（集团）有限公司, Acme Ltd"
        )


def _parts(value: Stored) -> tuple[str, str]:
    """The name without its legal form, and the branch: ("中国电信", "深圳分公司"), ("northern atlas", "")."""
    text = fold(str(value or ""))
    if not has_han(text):
        parts = words(_DOTTED.sub("", text.replace("&", " and ")))
        kept = tuple(part for part in parts if part not in _LEGAL)
        return " ".join(kept or parts), ""
    text = "".join(words(text))
    branch = ""
    if found := _BRANCH.match(text):
        text, branch = found["whole"], found["branch"]
    return _HAN_LEGAL.sub("", text) or text, branch
