"""Evaluating the `where` language over columns in Python, for checks and policies.

Gives the same answer as store.where gives in SQL. An expression is compiled once and run over chunk after chunk;
each comparison runs over a whole column at a time.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from custrec.model.calendar import day_of, shifted, sortable
from custrec.model.expression import Expression, Stored
from custrec.model.expression_days import comparison_of_age, known_day, stretch_of
from custrec.model.expression_nodes import (
    And,
    Call,
    Column,
    Comparison,
    Contains,
    Day,
    Elapsed,
    HasTag,
    IsEmpty,
    Literal,
    Not,
    OneOf,
    Operand,
    Or,
    Order,
    Shift,
    StartsWith,
)
from custrec.model.expression_types import Sort, decimals_of, sort_of
from custrec.model.folding import fold, is_caseless

Columns: TypeAlias = Mapping[str, Sequence[Stored]]
Program: TypeAlias = Callable[[Columns, int], list[bool]]
"""Columns by field name, and how many rows they have, to whether each row fits."""

_Rescale: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]
_Values: TypeAlias = Callable[[Columns, int], Sequence[Any]]

_COMPARE: dict[Order, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compiled(expression: Expression, today: date) -> Program:
    """The expression as a function to run over many chunks: whether each row fits. Its columns hold, by name, what the
    expression's fields store (`fields_of`): the natural key for a reference, the record id for `_id`. Raises
    RuntimeError if it is not bound."""
    match expression:
        case And(items):
            return _joined([compiled(item, today) for item in items], operator.and_)
        case Or(items):
            return _joined([compiled(item, today) for item in items], operator.or_)
        case Not(item):
            inner = compiled(item, today)
            return lambda columns, rows: [not fits for fits in inner(columns, rows)]
        case Comparison():
            return _comparison(expression, today)
        case Elapsed():
            return _comparison(comparison_of_age(expression), today)
        case OneOf(left, values):
            return _one_of(_values(left), frozenset(_constant(value, today) for value in values))
        case Contains(left, text):
            return _sought(_values(left), text, lambda value, sought: sought in value)
        case StartsWith(left, text):
            return _sought(_values(left), text, str.startswith)
        case HasTag(left, tag):
            return _has_tag(left.field.name, f";{tag.bound};")
        case IsEmpty(left):
            return _is_empty(left.field.name)


def _joined(programs: Sequence[Program], join: Callable[[bool, bool], bool]) -> Program:
    def run(columns: Columns, rows: int) -> list[bool]:
        fits = programs[0](columns, rows)
        for program in programs[1:]:
            fits = list(map(join, fits, program(columns, rows)))
        return fits

    return run


def _comparison(comparison: Comparison, today: date) -> Program:
    stretch = stretch_of(comparison, today)
    if stretch is not None:
        name, low, high = stretch.column.field.name, stretch.low or "", stretch.high
        if high is None:
            return lambda columns, _: [value is not None and value >= low for value in _texts(columns, name)]
        return lambda columns, _: [value is not None and low <= value < high for value in _texts(columns, name)]
    left, order = _values(comparison.left), comparison.order
    constant = _constant(comparison.right, today)
    if sort_of(comparison.left) is Sort.MOMENT and order != "=":
        left, constant = _each(left, sortable), None if constant is None else sortable(str(constant))
    if constant is not None:
        return _against(left, order, constant)
    right = _values(comparison.right)
    if sort_of(comparison.right) is Sort.MOMENT:
        left, right = _each(left, sortable), _each(right, sortable)
    to_common = _common_scale(comparison.left, comparison.right)
    compare = _COMPARE[order]

    def run(columns: Columns, rows: int) -> list[bool]:
        ones, others = to_common[0](left(columns, rows)), to_common[1](right(columns, rows))
        return [a is not None and b is not None and compare(a, b) for a, b in zip(ones, others, strict=True)]

    return run


def _against(left: _Values, order: Order, constant: Any) -> Program:
    """A column against one value. Equality, the most frequent, needs no look at blanks."""
    if order == "=":
        return lambda columns, rows: [value == constant for value in left(columns, rows)]
    compare = _COMPARE[order]
    return lambda columns, rows: [value is not None and compare(value, constant) for value in left(columns, rows)]


def _one_of(left: _Values, wanted: frozenset[Stored]) -> Program:
    return lambda columns, rows: [value in wanted for value in left(columns, rows)]


def _sought(left: _Values, text: str, found: Callable[[str, str], bool]) -> Program:
    if is_caseless(text):
        return lambda columns, rows: [value is not None and found(value, text) for value in left(columns, rows)]
    folded = fold(text)
    return lambda columns, rows: [value is not None and found(fold(value), folded) for value in left(columns, rows)]


def _has_tag(name: str, tag: str) -> Program:
    return lambda columns, _: [value is not None and tag in f";{value};" for value in columns[name]]


def _is_empty(name: str) -> Program:
    return lambda columns, _: [value is None for value in columns[name]]


def _constant(operand: Operand, today: date) -> Stored:
    """The value of an operand that reads no field; None for one that does."""
    if isinstance(operand, Literal):
        return operand.bound
    day = known_day(operand, today)
    return None if day is None else day.isoformat()


def _values(operand: Operand) -> _Values:
    """How an operand that may read fields gives a value a row."""
    match operand:
        case Column(field):
            name = field.name
            return lambda columns, _: columns[name]
        case Day(moment, zone):
            return _each(_values(moment), lambda value: day_of(value, zone))
        case Shift(day, duration):
            return _each(_values(day), lambda value: shifted(value, duration))
        case Call("lower", argument):
            return _each(_values(argument), fold)
        case Call("length", argument):
            return _each(_values(argument), len)
        case Call("year", argument):
            return _each(_values(argument), lambda value: int(value[:4]))
        case Call("month", argument):
            return _each(_values(argument), lambda value: int(value[5:7]))
        case _:
            raise RuntimeError(f"{operand!r} gives no value a row")


def _each(values: _Values, function: Callable[[Any], Any]) -> _Values:
    return lambda columns, rows: [None if value is None else function(value) for value in values(columns, rows)]


def _common_scale(left: Operand, right: Operand) -> tuple[_Rescale, _Rescale]:
    """How two columns of numbers become comparable: whole numbers exactly, beside floating point as floating point."""
    if sort_of(left) is not Sort.NUMBER:
        return _as_stored, _as_stored
    one, other = decimals_of(left), decimals_of(right)
    if one is None or other is None:
        return _as_float(one), _as_float(other)
    return _times(10 ** max(other - one, 0)), _times(10 ** max(one - other, 0))


def _as_stored(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _as_float(decimals: int | None) -> _Rescale:
    if not decimals:  # already floating point, or whole: Python and SQLite compare the two exactly
        return _as_stored
    unit = float(10**decimals)
    return lambda values: [None if value is None else float(value) / unit for value in values]


def _times(factor: int) -> _Rescale:
    if factor == 1:
        return _as_stored
    return lambda values: [None if value is None else value * factor for value in values]


def _texts(columns: Columns, name: str) -> Sequence[Any]:
    return columns[name]
