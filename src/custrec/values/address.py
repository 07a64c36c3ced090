"""Postal addresses on one line: width and white space unified, words and numbers as written.

Nothing is looked up in judging; keys and comparison take an address apart (values.address_parts for Chinese ones,
values.address_likeness for others).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from custrec.model.problem import Fault
from custrec.values.columns import PlainFirstType
from custrec.values.comparing import Comparer
from custrec.values.letters import HAN, halve, tidy
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored, Value

_PLAIN = re.compile("[0-9A-Za-z\u4e00-\u9fff](?:[!-~\u4e00-\u9fff]*|[!-~]*(?: [!-~]+)*)").fullmatch
_LINES = re.compile(f"(?<=[^{HAN}]) *\n\\s*|\\s*\n\\s*(?=[^{HAN}])")
_COMMAS = re.compile(",{2,}")
_HAN_TOP = re.compile(f"^([{HAN}]{{2,8}}?(?:省|自治区|市))")


class Address(PlainFirstType):
    """A postal address."""

    kind = "address"
    version = 2

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return text if _PLAIN(text) else None

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        if not any(map(str.isalnum, text)):
            return Reading(fault=Fault("address-nothing"))
        return Reading(_COMMAS.sub(",", tidy(_LINES.sub(", ", halve(text)))))

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        return self.settle([text if text is not None and _PLAIN(text) else None for text in texts], texts, beside)

    def keys(self, value: Stored) -> tuple[str, ...]:
        """Street and house number, with the city and without."""
        from custrec.values.address_likeness import keys_of

        return () if value is None else keys_of(str(value))

    def likeness(self, a: Value, b: Value) -> Agreement:
        """SAME behind spelling; CLOSE where one tells less; WEAK for another room or house; else DIFFERENT."""
        from custrec.values.address_likeness import compare_addresses

        return compare_addresses(str(a), str(b))

    def comparer(self) -> Comparer:
        from custrec.values.address_comparing import AddressComparer

        return AddressComparer(self)

    def mask(self, value: Stored) -> str:
        """The province or the city of a Chinese address, nothing of another."""
        if value is None:
            return ""
        text = str(value)
        found = _HAN_TOP.match(text)
        return (found[1] if found and len(found[1]) < len(text) - 1 else "") + "***"

    def describe(self) -> Description:
        return Description(
            "postal address", "an address in one cell, on one line or several", "广东省深圳市南山区滨河路137号"
        )
