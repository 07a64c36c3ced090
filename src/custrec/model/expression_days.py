"""Comparisons of days, made simple before they are evaluated: `age`, `d + 18mo` and the day of a moment, held against
a known day, become one stretch of stored values. Exact, because adding is monotone (calendar.first_reaching)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from custrec.model.calendar import AFTER_ALL, add, day_after, first_reaching, start_of_day
from custrec.model.expression_nodes import (
    TURNED,
    Column,
    Comparison,
    DateLiteral,
    Day,
    Elapsed,
    Operand,
    Shift,
    Today,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The stored texts from `low` on and before `high`; None means without end on that side."""

    column: Column
    low: str | None
    high: str | None


def comparison_of_age(elapsed: Elapsed) -> Comparison:
    """`age(day) > duration` as what it means: `day + duration < today`."""
    return Comparison(TURNED[elapsed.order], Shift(elapsed.day, elapsed.duration), Today())


def known_day(operand: Operand, today: date) -> date | None:
    """The day that an operand without a field is; None if it reads a field or is no day."""
    match operand:
        case DateLiteral(day):
            return day
        case Today():
            return today
        case Shift(inner, duration):
            day_before = known_day(inner, today)
            return None if day_before is None else add(day_before, duration)
        case _:
            return None


def stretch_of(comparison: Comparison, today: date) -> Stretch | None:
    """A comparison of a shifted day, or of a moment's day, with a known day; None for any other comparison."""
    if not isinstance(comparison.left, Shift | Day):
        return None
    bound = known_day(comparison.right, today)
    if bound is None:
        return None
    column, low = _first_stored(comparison.left, bound)
    _, high = _first_stored(comparison.left, day_after(bound))
    match comparison.order:
        case "=":
            return Stretch(column, low, high)
        case "<":
            return Stretch(column, None, low)
        case "<=":
            return Stretch(column, None, high)
        case ">":
            return Stretch(column, high, None)
        case ">=":
            return Stretch(column, low, None)


def _first_stored(operand: Operand, bound: date | None) -> tuple[Column, str]:
    """The column under an operand, and the first stored text for which the operand reaches a day (None: no day)."""
    match operand:
        case Shift(day, duration):
            return _first_stored(day, None if bound is None else first_reaching(bound, duration))
        case Day(moment, zone):
            return moment, AFTER_ALL if bound is None else start_of_day(bound, zone)
        case Column():
            return operand, AFTER_ALL if bound is None else bound.isoformat()
        case _:
            raise RuntimeError(f"{operand!r} is no day of a record")
