"""What an expression of the `where` language is, once read: frozen dataclasses, typed against a table's fields.

Conditions are true or false, never unknown. A comparison with a blank is false; `a != b` is `not (a = b)` and
`x not in (…)` is `not (x in (…))`, so they hold for a blank; `not` is the exact opposite.

The side of a comparison that holds a field stands left: reading turns `18mo < age(d)` round.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal as OneWord
from typing import TypeAlias

from custrec.model.calendar import Duration
from custrec.model.schema import Field

Stored: TypeAlias = str | int | float | None
"""What lies in the store: text, whole number (also money in minor units, scaled decimals), or NULL."""

Order: TypeAlias = OneWord["=", "<", "<=", ">", ">="]
Function: TypeAlias = OneWord["lower", "length", "year", "month"]

TURNED: dict[Order, Order] = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The order seen from the other side."""

RECORD_ID = Field("_id", type="integer", kind="integer")
"""The pseudo-field for the number of a record."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the text of an expression, by characters from 0."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Column:
    """The stored value of a field; of a reference, the natural key of the record it names."""

    field: Field


@dataclass(frozen=True, slots=True)
class Literal:
    """A value as it was written. `value` is what is compared: set by `bind` in the way of the field it is held
    against, or at once (`field` None) against a function, whose results have one form."""

    text: str
    field: Field | None = None
    value: Stored = None
    place: Place | None = dataclasses.field(default=None, compare=False, repr=False)

    @property
    def bound(self) -> str | int | float:
        """The value. Raises RuntimeError before `bind`: that is a mistake of the program."""
        if self.value is None:
            raise RuntimeError("an expression is evaluated before its literals were bound")
        return self.value


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """A day that was written."""

    day: date


@dataclass(frozen=True, slots=True)
class Today:
    """The day on which the expression is evaluated."""


@dataclass(frozen=True, slots=True)
class Day:
    """The day of a datetime field, in a time zone."""

    moment: Column
    zone: str


@dataclass(frozen=True, slots=True)
class Shift:
    """A day a duration later or earlier (calendar.add)."""

    day: Operand
    duration: Duration


@dataclass(frozen=True, slots=True)
class Call:
    """`lower` of a text (folding.fold; the values it is held against are folded likewise), `length` of a text in
    characters, `year` or `month` of a day."""

    function: Function
    argument: Operand


Operand: TypeAlias = Column | Literal | DateLiteral | Today | Day | Shift | Call


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values in an order. Text is compared by code point, exactly."""

    order: Order
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Elapsed:
    """`age(day) > 18mo`: the day plus the duration lies before today; `=` on it, `<` after it."""

    order: Order
    day: Operand
    duration: Duration


@dataclass(frozen=True, slots=True)
class OneOf:
    """`x in (…)`: the value equals one of these."""

    left: Operand
    items: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """The text holds another one, whatever the case (folding.fold)."""

    left: Operand
    text: str


@dataclass(frozen=True, slots=True)
class StartsWith:
    """The text begins with another one, whatever the case (folding.fold)."""

    left: Operand
    text: str


@dataclass(frozen=True, slots=True)
class HasTag:
    """A tags field holds exactly this tag among its tags."""

    left: Column
    tag: Literal


@dataclass(frozen=True, slots=True)
class IsEmpty:
    """The field is blank."""

    left: Column


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    item: Expression


@dataclass(frozen=True, slots=True)
class And:
    """All of at least two; none of them an And."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of at least two; none of them an Or."""

    items: tuple[Expression, ...]


Predicate: TypeAlias = Comparison | Elapsed | OneOf | Contains | StartsWith | HasTag | IsEmpty
Expression: TypeAlias = Predicate | Not | And | Or


def predicates(expression: Expression) -> Iterator[Predicate]:
    """The comparisons and tests an expression is made of, in order."""
    match expression:
        case And(items) | Or(items):
            for item in items:
                yield from predicates(item)
        case Not(item):
            yield from predicates(item)
        case _:
            yield expression


def columns_of(predicate: Predicate) -> Iterator[Column]:
    """The fields a predicate reads, in order, each as often as it stands there."""
    match predicate:
        case Comparison(_, left, right):
            yield from columns_in(left)
            yield from columns_in(right)
        case Elapsed(_, day, _):
            yield from columns_in(day)
        case _:
            yield from columns_in(predicate.left)


def columns_in(operand: Operand) -> Iterator[Column]:
    """The field an operand reads, if any."""
    match operand:
        case Column():
            yield operand
        case Day(moment):
            yield moment
        case Shift(inner) | Call(argument=inner):
            yield from columns_in(inner)


def fields_of(expression: Expression) -> frozenset[str]:
    """The names of the fields an expression reads, `_id` among them where it does."""
    return frozenset(column.field.name for p in predicates(expression) for column in columns_of(p))
