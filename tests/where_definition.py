"""What an expression of the `where` language means, in the plainest way: the measure of both evaluators."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from custrec.model.calendar import add
from custrec.model.expression import Expression, Stored
from custrec.model.expression_nodes import (
    And,
    Call,
    Column,
    Comparison,
    Contains,
    DateLiteral,
    Day,
    Elapsed,
    HasTag,
    IsEmpty,
    Literal,
    Not,
    OneOf,
    Operand,
    Or,
    Shift,
    StartsWith,
    Today,
)
from custrec.model.folding import fold
from custrec.model.schema import Field

COMPARE = {"=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class Definition:
    """The meaning of an expression for one row, in the plainest way."""

    def __init__(self, row: Mapping[str, Stored], today: date) -> None:
        self.row, self.today = row, today

    def holds(self, expression: Expression) -> bool:
        match expression:
            case And(items):
                return all(self.holds(item) for item in items)
            case Or(items):
                return any(self.holds(item) for item in items)
            case Not(item):
                return not self.holds(item)
            case IsEmpty(column):
                return self.row[column.field.name] is None
            case Comparison(order, left, right):
                return self.compare(order, self.value(left), self.value(right))
            case Elapsed(order, day, duration):
                turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "="}[order]
                return self.compare(turned, self.value(Shift(day, duration)), self.today)
            case OneOf(left, items):
                return any(self.compare("=", self.value(left), self.value(item)) for item in items)
            case Contains(left, text):
                value = self.value(left)
                return value is not None and fold(text) in fold(value)
            case StartsWith(left, text):
                value = self.value(left)
                return value is not None and fold(value)[: len(text)] == fold(text)
            case HasTag(column, tag):
                return tag.value in str(self.row[column.field.name] or "").split(";")

    def compare(self, order: str, left: Any, right: Any) -> bool:
        if left is None or right is None:
            return False
        if {type(left), type(right)} == {Fraction, float} and Fraction in (type(left), type(right)):
            fraction = left if isinstance(left, Fraction) else right
            if fraction.denominator != 1:  # decimals beside floating point are compared as floating point
                left, right = float(left), float(right)
        return bool(COMPARE[order](left, right))

    def value(self, operand: Operand) -> Any:
        match operand:
            case Column(field):
                return self.typed(field, self.row[field.name])
            case Literal(field=field, value=value):
                return Fraction(value) if isinstance(value, int) and field is None else self.typed(field, value)
            case DateLiteral(day):
                return day
            case Today():
                return self.today
            case Day(moment, zone):
                value = self.row[moment.field.name]
                return None if value is None else civil_day(str(value), zone)
            case Shift(day, duration):
                before = self.value(day)
                return None if before is None else add(before, duration)
            case Call(function, argument):
                value = self.value(argument)
                calls = {"lower": fold, "length": lambda v: Fraction(len(v)), "year": lambda v: Fraction(v.year)}
                return None if value is None else calls.get(function, lambda v: Fraction(v.month))(value)

    @staticmethod
    def typed(field: Field | None, value: Any) -> Any:
        if value is None or field is None:
            return value
        if field.kind == "date":
            return date.fromisoformat(value)
        if field.kind == "datetime":
            return datetime.fromisoformat(value)
        if field.kind in ("integer", "money", "boolean") or (field.kind == "number" and isinstance(value, int)):
            return Fraction(value, 10 ** field.options.get("decimals", 0))
        return value


def civil_day(moment: str, zone: str) -> date:
    """The last day that has begun by a moment, found by trying the days around it."""
    instant = datetime.fromisoformat(moment)
    begun = date.min
    for offset in range(-2, 3):
        try:
            day = instant.date() + timedelta(days=offset)
            if datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)) <= instant:
                begun = day
        except OverflowError:
            continue
    return begun
