"""The `where` language as SQL with parameters, over a live table.

Gives the same answer as rules.expression gives in Python. No text of an expression ever becomes SQL: names come from
the schema and are quoted, values are parameters. `field = value`, `in`, ranges, `age(…)` and `starts with` compare
the bare column, so that an index is used. The text is meant for a WHERE clause, where NULL counts as false; `not`
is pushed down to the single comparisons, and only there NULL is taken care of.

A reference is stored as the parent's id and compared by the parent's natural key: a test of it alone becomes
`reference IN (SELECT _id FROM parent WHERE the test of the key)`, one look-up for all rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from custrec.model.calendar import Duration, day_of, shifted, sortable
from custrec.model.expression import Expression, Stored, columns_of
from custrec.model.expression_days import comparison_of_age, known_day, stretch_of
from custrec.model.expression_nodes import (
    TURNED,
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
    Predicate,
    Shift,
    StartsWith,
)
from custrec.model.expression_types import Sort, decimals_of, sort_of
from custrec.model.folding import fold, folds_like_ascii, is_caseless
from custrec.model.schema import Schema, Table
from custrec.store.quoting import quote

_Sql: TypeAlias = tuple[str, tuple[Stored, ...]]
"""SQL text, and the values of its parameters in order."""


def register_functions(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that compiled expressions call: `custrec_fold(text)` without case,
    `custrec_shift(date, months, days)`, `custrec_day(moment, zone)`. NULL gives NULL."""

    def shift(day: str, months: int, days: int) -> str:
        return shifted(day, Duration(months, days))

    functions: tuple[tuple[str, int, Callable[..., str]], ...] = (
        ("custrec_fold", 1, fold),
        ("custrec_shift", 3, shift),
        ("custrec_day", 2, day_of),
    )
    for name, arguments, function in functions:
        connection.create_function(name, arguments, _blank_stays_blank(function), deterministic=True)


def compile_where(
    expression: Expression, table: Table, schema: Schema, today: date, alias: str = "t"
) -> tuple[str, list[Stored]]:
    """The expression as the condition of a WHERE clause over the table under this alias, and its parameters.

    The connection needs `register_functions`. Raises RuntimeError if the expression is not bound.
    """
    text, values = _Compiler(schema, today).condition(expression, _Scope(table, alias), fits=True)
    return text, list(values)


@dataclass(frozen=True, slots=True)
class _Scope:
    """The table that columns are read from, its alias, and how deep in subqueries it lies. `instead` names, by the
    field an expression asks for, the one that holds it here: the natural key for a reference."""

    table: Table
    alias: str
    depth: int = 0
    instead: tuple[str, str] | None = None

    def name_of(self, column: Column) -> str:
        name = column.field.name
        return self.instead[1] if self.instead and self.instead[0] == name else name

    def sql(self, name: str) -> str:
        return f"{quote(self.alias)}.{quote(name)}"


class _Compiler:
    def __init__(self, schema: Schema, today: date) -> None:
        self.schema = schema
        self.today = today

    def condition(self, expression: Expression, scope: _Scope, *, fits: bool) -> _Sql:
        """The expression, or with `fits` false its exact opposite."""
        match expression:
            case Not(item):
                return self.condition(item, scope, fits=not fits)
            case And(items) | Or(items):
                word = "AND" if isinstance(expression, And) is fits else "OR"
                return _joined(word, (self.condition(item, scope, fits=fits) for item in items))
            case _:
                return self.predicate(expression, scope) if fits else self.opposite(expression, scope)

    def opposite(self, predicate: Predicate, scope: _Scope) -> _Sql:
        """The opposite of a predicate, true where that one is NULL."""
        if isinstance(predicate, IsEmpty):
            return f"{scope.sql(scope.name_of(predicate.left))} IS NOT NULL", ()
        text, values = self.predicate(predicate, scope)
        return f"({text}) IS NOT 1", values

    def predicate(self, predicate: Predicate, scope: _Scope) -> _Sql:
        """A predicate; NULL may stand for false."""
        if isinstance(predicate, IsEmpty):
            return f"{scope.sql(scope.name_of(predicate.left))} IS NULL", ()
        names = {scope.name_of(column) for column in columns_of(predicate)}
        if len(names) == 1 and (parent := self.parent_scope(next(columns_of(predicate)), scope)):
            text, values = self.predicate(predicate, parent)
            (name,) = names
            ids = f"SELECT {parent.sql('_id')} FROM {quote(parent.table.name)} AS {quote(parent.alias)} WHERE {text}"
            return f"{scope.sql(name)} IN ({ids})", values
        match predicate:
            case Comparison():
                return self.comparison(predicate, scope)
            case Elapsed():
                return self.comparison(comparison_of_age(predicate), scope)
            case OneOf(left, items):
                text, values = self.value(left, scope)
                marks = ", ".join("?" * len(items))
                return f"{text} IN ({marks})", (*values, *(self.constant(item) for item in items))
            case Contains(left, sought):
                return self.contains(left, sought, scope)
            case StartsWith(left, sought):
                return self.starts_with(left, sought, scope)
            case HasTag(left, tag):
                text, values = self.value(left, scope)
                return f"instr(';' || {text} || ';', ?) > 0", (*values, f";{tag.bound};")

    def comparison(self, comparison: Comparison, scope: _Scope) -> _Sql:
        stretch = stretch_of(comparison, self.today)
        if stretch is not None:
            text, values = self.value(stretch.column, scope)
            bounds = [(sign, end) for sign, end in ((">=", stretch.low), ("<", stretch.high)) if end is not None]
            return _joined("AND", ((f"{text} {sign} ?", (*values, end)) for sign, end in bounds))
        constant = self.constant(comparison.right)
        if constant is not None:
            text, values = self.value(comparison.left, scope)
            if sort_of(comparison.left) is Sort.MOMENT:
                return _moment_against(text, comparison.order, str(constant))
            return f"{text} {comparison.order} ?", (*values, constant)
        if sort_of(comparison.left) is Sort.NUMBER:
            return self.numbers(comparison, scope)
        one, other = self.value(comparison.left, scope), self.value(comparison.right, scope)
        form = "rtrim({}, 'Z')" if sort_of(comparison.left) is Sort.MOMENT else "{}"
        return f"{form.format(one[0])} {comparison.order} {form.format(other[0])}", one[1] + other[1]

    def numbers(self, comparison: Comparison, scope: _Scope) -> _Sql:
        """Two numbers: whole ones of different scale exactly, beside floating point as floating point."""
        one, other = self.value(comparison.left, scope), self.value(comparison.right, scope)
        scale, other_scale = decimals_of(comparison.left), decimals_of(comparison.right)
        order = comparison.order
        if scale is None or other_scale is None:
            one, other = _as_float(one, scale), _as_float(other, other_scale)
        elif scale > other_scale:
            return _scaled(other, TURNED[order], one, 10 ** (scale - other_scale))
        elif scale < other_scale:
            return _scaled(one, order, other, 10 ** (other_scale - scale))
        return f"{one[0]} {order} {other[0]}", one[1] + other[1]

    def contains(self, left: Operand, sought: str, scope: _Scope) -> _Sql:
        text, values = self.value(left, scope)
        if is_caseless(sought):
            return f"instr({text}, ?) > 0", (*values, sought)
        return f"instr({_folded(text, sought)}, ?) > 0", (*values, fold(sought))

    def starts_with(self, left: Operand, sought: str, scope: _Scope) -> _Sql:
        text, values = self.value(left, scope)
        after = _after_prefix(sought)
        if is_caseless(sought) and after is not None:
            return f"({text} >= ? AND {text} < ?)", (*values, sought, *values, after)
        return f"substr({_folded(text, sought)}, 1, ?) = ?", (*values, len(sought), fold(sought))

    def constant(self, operand: Operand) -> Stored:
        """The value of an operand that reads no field; None for one that does."""
        day = known_day(operand, self.today)
        if day is not None:
            return day.isoformat()
        return operand.bound if isinstance(operand, Literal) else None

    def value(self, operand: Operand, scope: _Scope) -> _Sql:
        """An operand that reads fields, as SQL."""
        match operand:
            case Column():
                return self.key(operand, scope), ()
            case Day(moment, zone):
                text = self.key(moment, scope)
                return (f"substr({text}, 1, 10)", ()) if zone == "UTC" else (f"custrec_day({text}, ?)", (zone,))
            case Shift(day, duration):
                text, values = self.value(day, scope)
                return f"custrec_shift({text}, ?, ?)", (*values, duration.months, duration.days)
            case Call(function, argument):
                text, values = self.value(argument, scope)
                return _FUNCTIONS[function].format(text), values
            case _:
                raise RuntimeError(f"{operand!r} gives no value a row")

    def key(self, column: Column, scope: _Scope) -> str:
        """A column; for a reference, the parent's natural key by a subquery."""
        text = scope.sql(scope.name_of(column))
        parent = self.parent_scope(column, scope)
        if parent is None:
            return text
        source = f"{quote(parent.table.name)} AS {quote(parent.alias)}"
        return f"(SELECT {self.key(column, parent)} FROM {source} WHERE {parent.sql('_id')} = {text})"

    def parent_scope(self, column: Column, scope: _Scope) -> _Scope | None:
        """Where the natural key lies that a reference is compared by; None for a column that is no reference."""
        reference = scope.table.references.get(scope.name_of(column))
        if reference is None:
            return None
        if scope.depth >= len(self.schema.tables):
            raise RuntimeError(f"the references of {scope.table.name} lead round in a circle")
        parent = self.schema.by_name[reference.table]
        depth = scope.depth + 1
        return _Scope(parent, f"_parent{depth}", depth, (column.field.name, reference.target))


_FUNCTIONS = {
    "lower": "custrec_fold({})",
    "length": "length({})",
    "year": "CAST(substr({}, 1, 4) AS INTEGER)",
    "month": "CAST(substr({}, 6, 2) AS INTEGER)",
}
_LAST_CHARACTER = "\U0010ffff"


def _joined(word: str, parts: Iterable[_Sql]) -> _Sql:
    found = list(parts)
    text = f" {word} ".join(text for text, _ in found)
    return (f"({text})" if len(found) > 1 else text), tuple(value for _, values in found for value in values)


def _folded(text: str, sought: str) -> str:
    """SQLite's own lower() folds ASCII alone; where that is the same, it is much the faster."""
    return f"lower({text})" if folds_like_ascii(sought) else f"custrec_fold({text})"


def _after_prefix(prefix: str) -> str | None:
    """The first text, in the order of code points, after all that begin with the prefix; None if there is none."""
    last = ord(prefix[-1]) + 1
    if prefix[-1] == _LAST_CHARACTER:
        return None
    return prefix[:-1] + chr(0xE000 if last == 0xD800 else last)  # surrogates are no characters


def _moment_against(text: str, order: Order, moment: str) -> _Sql:
    """A stored moment against a known one in the order of calendar.sortable; the bare column, unless for a fraction."""
    edge = sortable(moment)
    if "." in edge and order != "=":
        return f"rtrim({text}, 'Z') {order} ?", (edge,)
    match order:
        case "=":
            return f"{text} = ?", (moment,)
        case "<" | ">=":
            return f"{text} {order} ?", (edge,)
        case "<=":
            return f"({text} < ? OR {text} = ?)", (edge, moment)
        case ">":
            return f"({text} >= ? AND {text} <> ?)", (edge, moment)


def _as_float(number: _Sql, decimals: int | None) -> _Sql:
    if not decimals:  # already floating point, or whole: Python and SQLite compare the two exactly
        return number
    return f"CAST({number[0]} AS REAL) / ?", (*number[1], float(10**decimals))


def _scaled(coarse: _Sql, order: Order, fine: _Sql, factor: int) -> _Sql:
    """`coarse * factor` against `fine`, both whole, without a product that could overflow: SQLite's `/` and `%` round
    toward zero, so the quotient is corrected to the next whole number below or above."""
    below = f"({fine[0]} / {factor} - ({fine[0]} % {factor} < 0))"
    above = f"({fine[0]} / {factor} + ({fine[0]} % {factor} > 0))"
    quotient = below if order in ("<=", ">") else above
    text = f"{coarse[0]} {order} {quotient}"
    values = coarse[1] + fine[1] * 2
    if order == "=":
        return f"({text} AND {fine[0]} % {factor} = 0)", values + fine[1]
    return text, values


def _blank_stays_blank(function: Callable[..., str]) -> Callable[..., str | None]:
    def call(value: str | None, *others: object) -> str | None:
        return None if value is None else function(value, *others)

    return call
