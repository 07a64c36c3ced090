"""Numbers as people write them: signs, thousands separators, brackets for less than nothing, full-width digits.

Nothing is rounded or guessed: a text is read exactly, or it is a fault. Groups must be proper threes, so that 1,5 and
1.234,5 are faults where the decimal sign is a point; and three zeros behind the decimal sign are not dropped like other
zeros, because 1.000 is a thousand elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from custrec.model.problem import Fault
from custrec.model.schema import Field
from custrec.values.protocol import Native

LARGEST = 2**63 - 1
"""The largest whole number that the store holds (SQLite INTEGER, 64 bits with a sign)."""

MINUS = str.maketrans("−–", "--")
"""For `str.translate`: other signs that people take for a minus."""

MOST_DIGITS = 1000
"""A number with more is no number that anybody keeps. Python refuses to read more than 4,300 (CVE-2020-10735)."""

_SPACES_BETWEEN_GROUPS = " '’"


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as digits: `whole` and `fraction` without signs and separators."""

    negative: bool
    whole: str
    fraction: str

    def scaled(self, decimals: int, factor: int = 1) -> int | Fault:
        """The number × `factor` × 10^`decimals` as a whole number, or why it is none."""
        fraction = self.fraction
        if len(self.whole) + len(fraction) > MOST_DIGITS:
            return Fault("number-range")
        places = len(fraction)
        if factor == 1 and places > decimals and places != 3:
            fraction = fraction[:decimals] + fraction[decimals:].rstrip("0")
            places = len(fraction)
        scaled: int = int(self.whole + fraction) * factor * 10**decimals
        divisor: int = 10**places
        value, rest = divmod(scaled, divisor)
        if rest or (factor == 1 and places > decimals):
            return Fault("number-decimals", {"decimals": decimals})
        if value > LARGEST:
            return Fault("number-range")
        return -value if self.negative else value


@dataclass(frozen=True)
class Notation:
    """The signs that a field's numbers are written with."""

    decimal: str = "."
    group: str = ","

    @classmethod
    def of(cls, field: Field) -> Notation:
        """From `decimalChar` and `groupChar`; the group sign is the other of point and comma unless it is given."""
        decimal = str(field.options.get("decimalChar") or ".")
        group = str(field.options.get("groupChar") or ("." if decimal == "," else ","))
        if decimal == group or len(decimal) != 1 or len(group) != 1:
            raise ValueError("decimalChar and groupChar are two different characters")
        return cls(decimal, group)

    def written(self, text: str, native: Native) -> str:
        """A number that is no text, with a decimal point, in this notation."""
        return text if native in (Native.DAY, Native.MOMENT, Native.TRUTH) else text.replace(".", self.decimal)

    @cached_property
    def _shape(self) -> re.Pattern[str]:
        d, g = re.escape(self.decimal), re.escape(self.group + _SPACES_BETWEEN_GROUPS)
        return re.compile(
            rf"(?P<sign>[+-])? ?(?:(?P<digits>\d+)|(?P<grouped>\d{{1,3}}(?P<by>[{g}])\d{{3}}(?:(?P=by)\d{{3}})*))?"
            rf"(?:{d}(?P<fraction>\d*))?",
            re.ASCII,
        )

    @cached_property
    def _grouped_somehow(self) -> re.Pattern[str]:
        signs = re.escape(self.decimal + self.group + _SPACES_BETWEEN_GROUPS)
        return re.compile(rf"[+-]?\d[\d{signs}]*", re.ASCII)

    def read(self, text: str, fault: str) -> Numeral | Fault:
        """The numeral of a half-width text, or a fault: `fault` where it is no number at all.

        (1,200.00) is -1200.00, as bookkeepers write.
        """
        text = text.translate(MINUS)
        negative = len(text) > 2 and text[0] == "(" and text[-1] == ")"
        found = self._shape.fullmatch(text[1:-1].strip() if negative else text)
        if found is None:
            if self._grouped_somehow.fullmatch(text):
                return Fault("number-grouping", {"group": self.group})
            return Fault(fault)
        whole, fraction = found["digits"] or found["grouped"] or "", found["fraction"]
        if found["by"]:
            whole = whole.replace(found["by"], "")
        if not (whole or fraction) or (negative and found["sign"]):
            return Fault(fault)
        return Numeral(negative or found["sign"] == "-", whole or "0", fraction or "")

    def write(self, value: int, decimals: int) -> str:
        """A scaled whole number as plain text without groups: 123450 with two decimals is 1234.50."""
        digits = str(abs(value)).rjust(decimals + 1, "0")
        sign = "-" if value < 0 else ""
        return f"{sign}{digits[:-decimals]}{self.decimal}{digits[-decimals:]}" if decimals else f"{sign}{digits}"
