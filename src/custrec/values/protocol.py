"""What every value type can do. One object holds all that is known about a kind of value.

An instance is made once for a field of the schema (`values.registry.for_field`), so that options are read once.
Texts come cleaned (values.cleaning): trimmed, no control characters, never empty; a blank cell is `None` and stays
`None` without asking the type. Types hold no state besides what they remember to be faster.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import ClassVar

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field

Value = str | int | float
"""What stands for a value in the store: text, whole number (also money in minor units, scaled decimals)."""
Stored = Value | None
"""What lies in the store: a value, or NULL."""


class Native(Enum):
    """What a cell of a workbook, a database or JSON is by itself, where it is no text."""

    NUMBER = "number"
    SHEET_NUMBER = "sheet number"
    """A number of a workbook, which may be a day counted from 1900."""
    SHEET_NUMBER_1904 = "sheet number, 1904"
    """The same where days count from 1904, as in old workbooks of Macs."""
    DAY = "day"
    MOMENT = "moment"
    TRUTH = "truth"


class Agreement(IntEnum):
    """How well two values of a kind agree, from contradiction to the same; `UNKNOWN` where either is blank."""

    UNKNOWN = -1
    DIFFERENT = 0
    WEAK = 1
    CLOSE = 2
    SAME = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What one text means: a value, or a fault. `lossy` says that the value does not tell all the text told
    (an honorific, an extension, a time zone were dropped), so that the text is worth keeping."""

    value: Stored = None
    fault: Fault | None = None
    lossy: bool = False


@dataclass(slots=True)
class ColumnReading:
    """What a column of texts means: a value a row (None where blank or at fault), faults and lossy rows by row."""

    values: list[Stored]
    faults: dict[int, Fault] = field(default_factory=dict)
    lossy: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Description:
    """What a person is told of a kind: a title, what it takes, a written example."""

    title: str
    takes: str
    example: str


class ValueType(ABC):
    """A kind of value. See the module for what texts it is given."""

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    """Raised whenever `judge` gives another value for some text; recorded with each import."""

    def __init__(self, field: Field, defaults: Defaults) -> None:
        self.field = field
        self.defaults = defaults

    @property
    def beside(self) -> str | None:
        """The name of the field whose text `judge` wants beside (a phone's country), or None."""
        return None

    @abstractmethod
    def judge(self, text: str, beside: str | None = None) -> Reading:
        """Say what a text means. `beside` is the cleaned text of the field named by `self.beside`.

        Idempotent: `judge(show(v)).value == v` for every value it gives.
        """

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        """Judge a column at once. Equal to `judge` a row; kinds whose values repeat or have a fast path override."""
        reading = ColumnReading([None] * len(texts))
        besides = beside if beside is not None else [None] * len(texts)
        for row, (text, near) in enumerate(zip(texts, besides, strict=True)):
            if text is None:
                continue
            one = self.judge(text, near)
            if one.fault is not None:
                reading.faults[row] = one.fault
            else:
                reading.values[row] = one.value
                if one.lossy:
                    reading.lossy.add(row)
        return reading

    def show(self, value: Stored, beside: str | None = None) -> str:  # noqa: ARG002
        """The text that stands for a stored value in lists and exports; '' for None.

        `beside` is what `judge` was given (money prints by its row's currency).
        """
        return "" if value is None else str(value)

    def written(self, text: str, native: Native) -> str:  # noqa: ARG002
        """A cell that is no text, as this field would have it written, so that `judge` takes it for what it is.

        `text` is a number with a decimal point, a day or a moment in ISO 8601, TRUE or FALSE.
        """
        return text

    def order(self, value: Stored) -> Stored:
        """What stands for a stored value where values of this kind are compared by size, earlier or later."""
        return value

    def keys(self, value: Stored) -> tuple[str, ...]:
        """The keys under which values that may mean the same meet: by default the value itself; blank gives none."""
        return () if value is None else (str(value),)

    def compare(self, a: Stored, b: Stored) -> Agreement:
        """How well two stored values agree; symmetric."""
        if a is None or b is None:
            return Agreement.UNKNOWN
        return Agreement.SAME if a == b else self.likeness(a, b)

    def likeness(self, a: Value, b: Value) -> Agreement:  # noqa: ARG002
        """How well two values agree that are not the very same; symmetric. By default not at all."""
        return Agreement.DIFFERENT

    def mask(self, value: Stored) -> str:
        """The value for those who may not see it: recognisable to who knows it, useless to who does not. By default
        nothing of it is shown."""
        return "" if value is None else "***"

    @abstractmethod
    def describe(self) -> Description:
        """What a person is told of this kind, with this field's options."""
