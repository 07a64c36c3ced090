"""Countries: stored as ISO 3166-1 alpha-2 codes; read from codes and from names, English and Chinese.

The names stand in countries.tsv beside this module. A name that several countries share (Congo, Korea) is refused.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from custrec.model.problem import Fault
from custrec.values.columns import RememberingType
from custrec.values.comparing import Comparer, ExactOnly
from custrec.values.letters import fold, halve
from custrec.values.protocol import Agreement, Description, Reading, Stored, Value

_NOISE = re.compile(r"[\W_]+")
_WORDS_IN_LOWER_CASE = frozenset({"no", "na"})  # more often "no" and "not available" than Norway and Namibia

_WITHIN = {
    part: whole
    for whole, parts in {
        "CN": "HK MO TW", "US": "PR GU VI AS MP UM", "GB": "JE GG IM GI BM KY VG", "NL": "AW CW SX BQ",
        "FR": "GP MQ GF RE YT PM BL MF NC PF WF", "DK": "GL FO", "FI": "AX", "NO": "SJ", "AU": "CX CC NF",
        "NZ": "CK NU TK",
    }.items()
    for part in parts.split()
}  # fmt: skip
"""Territories with a code of their own, and the country that people write for them."""


class Country(RememberingType):
    """A country or territory of ISO 3166-1."""

    kind = "country"
    version = 2

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return code_of(text)

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        return Reading(fault=Fault("country-unknown"))

    def likeness(self, a: Value, b: Value) -> Agreement:
        """WEAK where one is often written for the other: an address in Hong Kong with China, one in Jersey with UK."""
        related = _WITHIN.get(str(a)) == b or _WITHIN.get(str(b)) == a
        return Agreement.WEAK if related else Agreement.DIFFERENT

    def comparer(self) -> Comparer:
        return ExactOnly(self)

    def mask(self, value: Stored) -> str:
        return "" if value is None else "**"

    def describe(self) -> Description:
        return Description("country", "an ISO 3166 code (CN, CHN) or a name in English or Chinese", "CN, China, 中国")


def codes() -> frozenset[str]:
    """The alpha-2 codes of all countries."""
    return frozenset(_tables()[0])


def code_of(text: str) -> str | None:
    """The alpha-2 code of a country named in any way, or None."""
    codes, names = _tables()
    if text in codes:
        return text
    text = halve(text)
    if len(text) == 2 and (code := text.upper()) in codes:
        return code if text == code or (text.islower() and text not in _WORDS_IN_LOWER_CASE) else None
    return names.get(_reduce(text)) or names.get(_reduce(text).removeprefix("the"))


def names_of(code: str) -> tuple[str, str]:
    """The English and the Chinese name of a country. KeyError where the code is none."""
    return _tables()[0][code]


def _reduce(name: str) -> str:
    """A name without case, accents, spaces and punctuation."""
    return _NOISE.sub("", fold(name).replace("&", "and"))


@cache
def _tables() -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Names by code, and codes by reduced name (alpha-3 codes too)."""
    codes: dict[str, tuple[str, str]] = {}
    names: dict[str, str] = {}
    for line in files("custrec.values").joinpath("countries.tsv").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        code, alpha3, english, chinese, others = line.split("\t")
        codes[code] = (english, chinese)
        for name in (alpha3, english, chinese, *others.split(";")):
            if name:
                names[_reduce(name)] = code
    return codes, names
