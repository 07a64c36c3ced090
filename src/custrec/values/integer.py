"""Whole numbers of 64 bits: digits, a sign, thousands in threes.

1.0 is taken as 1, because spreadsheets and data frames write whole numbers so and nothing is lost; 1.5 is a fault, and
1.000 too (a thousand, or one?). "1test" is a fault.
"""

from __future__ import annotations

from collections.abc import Sequence

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import PlainFirstType
from custrec.values.comparing import Comparer, WholeNumbers
from custrec.values.letters import halve
from custrec.values.numerals import Notation
from custrec.values.protocol import ColumnReading, Description, Native, Reading, Stored


class Integer(PlainFirstType):
    """A whole number."""

    kind = "integer"

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._notation = Notation.of(field)

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return int(text) if len(text) <= 18 and text.isascii() and text.isdigit() else None

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        values: list[Stored] = [
            int(text) if text is not None and len(text) <= 18 and text.isascii() and text.isdigit() else None
            for text in texts
        ]
        return self.settle(values, texts, beside)

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        numeral = self._notation.read(halve(text), "integer-invalid")
        value = numeral if isinstance(numeral, Fault) else numeral.scaled(0)
        if isinstance(value, Fault):
            return Reading(fault=Fault("integer-invalid") if value.rule == "number-decimals" else value)
        return Reading(value)

    def comparer(self) -> Comparer:
        return WholeNumbers(self)

    def written(self, text: str, native: Native) -> str:
        return self._notation.written(text, native)

    def describe(self) -> Description:
        return Description("whole number", f"digits, with {self._notation.group} between thousands if you like", "1200")
