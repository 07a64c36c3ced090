"""Postal addresses on one line: width and white space unified, words and numbers as written.

An address is not taken apart or looked up here; keys and comparison rest on its house number and the words around it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from custrec.values.columns import PlainFirstType
from custrec.values.letters import HAN, fold, halve, has_han, tidy, words
from custrec.values.likeness import overlap
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored

_PLAIN = re.compile("[!-~\u4e00-\u9fff]+|[!-~]+(?: [!-~]+)*").fullmatch
_LINES = re.compile(f"(?<=[^{HAN}]) *\n\\s*|\\s*\n\\s*(?=[^{HAN}])")
_HAN_STREET = re.compile(f"([{HAN}]{{1,6}}?(?:路|街|道|巷|弄|胡同|村|里))(\\d+)")
_HAN_REGION = re.compile("省|自治区|特别行政区|市|区|县|镇|乡|街道")
_HAN_TOP = re.compile(f"^([{HAN}]{{2,8}}?(?:省|自治区|市))")
_SHORT = {"street": "st", "str": "st", "strasse": "st", "straße": "st", "road": "rd", "avenue": "ave", "av": "ave",
          "lane": "ln", "drive": "dr", "boulevard": "blvd", "square": "sq", "place": "pl", "court": "ct",
          "apartment": "apt", "suite": "ste", "floor": "fl", "north": "n", "south": "s", "east": "e",
          "west": "w"}  # fmt: skip


class Address(PlainFirstType):
    """A postal address."""

    kind = "address"

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return text if _PLAIN(text) else None

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        return Reading(tidy(_LINES.sub(", ", halve(text))).replace(",,", ","))

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        return self.settle([text if text is not None and _PLAIN(text) else None for text in texts], texts, beside)

    def keys(self, value: Stored) -> tuple[str, ...]:
        text = fold(str(value or ""))
        if has_han(text):
            text = "".join(words(text))
            found = _HAN_STREET.search(_HAN_REGION.sub(" ", text))
            return (found[1] + found[2],) if found else ((text,) if text else ())
        tokens = [_SHORT.get(token, token) for token in words(text)]
        numbers = [token for token in tokens if token[0].isdigit()]
        names = [token for token in tokens if token.isalpha() and len(token) > 2]
        if numbers and names:
            return (f"{names[0]} {numbers[0]}",)
        return (" ".join(tokens),) if tokens else ()

    def compare(self, a: Stored, b: Stored) -> Agreement:
        """SAME with the same words, CLOSE where nearly all and all numbers agree, WEAK where half do."""
        if a is None or b is None:
            return Agreement.UNKNOWN
        if a == b:
            return Agreement.SAME
        one, two = _tokens(str(a)), _tokens(str(b))
        if one == two and one:
            return Agreement.SAME
        share = overlap(one, two)
        numbers = {t for t in one if t[0].isdigit()} == {t for t in two if t[0].isdigit()}
        if share >= 0.7 and numbers:
            return Agreement.CLOSE
        return Agreement.WEAK if share >= 0.5 else Agreement.DIFFERENT

    def mask(self, value: Stored) -> str:
        """The province or the city of a Chinese address, nothing of another."""
        if value is None:
            return ""
        text = str(value)
        found = _HAN_TOP.match(text)
        return (found[1] if found and len(found[1]) < len(text) else "") + "***"

    def describe(self) -> Description:
        return Description(
            "postal address", "an address in one cell, on one line or several", "广东省深圳市南山区滨河路137号"
        )


def _tokens(text: str) -> frozenset[str]:
    """What an address is made of: abbreviated Western words, numbers, pairs of neighbouring Han characters."""
    tokens: set[str] = set()
    for word in words(text):
        if not has_han(word):
            tokens.update(_SHORT.get(part, part) for part in re.findall(r"\d+|[^\W\d_]+", word))
        else:
            tokens.update(word[i : i + 2] for i in range(max(len(word) - 1, 1)))
    return frozenset(tokens)
