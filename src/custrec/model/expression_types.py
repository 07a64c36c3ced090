"""Which values of the `where` language can be compared with which, and how a written value is to be read.

A written value takes the meaning of what it is held against: `00501` is a text beside a text field and a number
beside a number field. What must be read in the field's own way (a phone, an amount) stays a Literal until `bind`.
A day held against a datetime field means the whole day in the time zone; a written moment means that instant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum

from custrec.errors import ExpressionInvalid
from custrec.model.calendar import Duration, duration_of
from custrec.model.expression_lexer import Token, invalid
from custrec.model.expression_nodes import (
    RECORD_ID,
    TURNED,
    Call,
    Column,
    Comparison,
    DateLiteral,
    Day,
    Elapsed,
    Literal,
    Operand,
    Order,
    Place,
    Shift,
    columns_in,
)
from custrec.model.folding import fold
from custrec.model.schema import Field

LARGEST = 2**63 - 1
"""The largest whole number that the store holds."""

_WRITTEN_DAY = re.compile(r"\s*([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?\s*")
_TIME_OF_DAY = re.compile("[0-9]\\s*[:：时点]")


class Sort(Enum):
    """What can be compared with each other; the value names it in messages."""

    TEXT = "a text"
    NUMBER = "a number"
    MONEY = "an amount of money"
    TRUTH = "a yes or no"
    DATE = "a date"
    MOMENT = "a point in time"
    TAGS = "a set of tags"


_SORTS = {
    "integer": Sort.NUMBER,
    "number": Sort.NUMBER,
    "money": Sort.MONEY,
    "boolean": Sort.TRUTH,
    "date": Sort.DATE,
    "datetime": Sort.MOMENT,
    "tags": Sort.TAGS,
}


_WORDS = frozenset({"quoted", "word"})
_NUMBERS = frozenset({"quoted", "number"})
_TAKEN = {
    Sort.TEXT: _WORDS | {"number", "date", "moment", "duration"},
    Sort.NUMBER: _NUMBERS,
    Sort.MONEY: _NUMBERS,
    Sort.TRUTH: _WORDS | {"number"},
    Sort.DATE: frozenset({"quoted"}),
    Sort.MOMENT: frozenset({"quoted", "moment"}),
    Sort.TAGS: _WORDS | {"number", "date", "duration"},
}
"""Which written words may stand for a value of a sort; days beside them."""

_WRITTEN = {"quoted": "a text", "word": "a word", "number": "a number", "date": "a date", "moment": "a point in time"}


@dataclass(frozen=True, slots=True)
class Age:
    """`age(day)`, before it is held against a duration."""

    day: Operand


@dataclass(frozen=True, slots=True)
class Term:
    """One side of a comparison as the parser finds it: either read already (`node`), or a written value that takes
    its meaning from the other side (`token`)."""

    place: Place
    node: Operand | Age | None = None
    token: Token | None = None

    @property
    def reads_a_field(self) -> bool:
        """Whether anything of the record is in it."""
        node = self.node
        while isinstance(node, Shift):
            node = node.day
        return isinstance(node, Column | Day | Call | Age)

    @property
    def noun(self) -> str:
        """What it is, for messages."""
        if self.token is not None:
            return _WRITTEN.get(self.token.kind, "a duration")
        if isinstance(self.node, Age):
            return "an age"
        return sort_of(self.node).value if self.node is not None else "nothing"


def sort_of_field(field: Field) -> Sort:
    """What a field's values can be compared with."""
    return _SORTS.get(field.kind, Sort.TEXT if field.column_type == "TEXT" else Sort.NUMBER)


def sort_of(node: Operand) -> Sort:
    """What a value can be compared with."""
    match node:
        case Column(field):
            return sort_of_field(field)
        case Call(function):
            return Sort.TEXT if function == "lower" else Sort.NUMBER
        case Literal(field=field):
            return Sort.TEXT if field is None else sort_of_field(field)
        case _:
            return Sort.DATE


def decimals_of(node: Operand) -> int | None:
    """By how many decimal places a stored number is scaled; None for a number stored as floating point."""
    if isinstance(node, Column) and node.field.kind == "number":
        decimals = node.field.options.get("decimals")
        return None if decimals is None else int(decimals)
    return 0


def as_day(term: Term, zone: str) -> Operand:
    """A term as a day: a date, or a datetime field's day in the time zone. Raises ExpressionInvalid."""
    if term.token is not None:
        day = _written_day(term.token)
        if day is not None:
            return day
    elif term.node is not None and not isinstance(term.node, Age):
        if sort_of(term.node) is Sort.DATE:
            return term.node
        if sort_of(term.node) is Sort.MOMENT and isinstance(term.node, Column):
            return Day(term.node, zone)
    raise invalid(term.place, f"a date belongs here, not {term.noun}")


def as_duration(term: Term) -> Duration:
    """A term as a duration. Raises ExpressionInvalid."""
    if term.token is None or term.token.kind != "duration":
        raise invalid(term.place, f"a duration belongs here, not {term.noun}", "write it like 18mo, 30d, 2y or 3w")
    try:
        return duration_of(term.token.text)
    except ValueError as error:
        raise invalid(term.place, f"this duration is {error}", "take one of at most 9999 years") from error


def compare(order: Order, left: Term, right: Term, zone: str) -> Comparison | Elapsed:
    """The comparison of two terms, the one that reads a field to the left. Raises ExpressionInvalid."""
    if not left.reads_a_field:
        if not right.reads_a_field:
            raise invalid(left.place, f"{left.noun} is compared with {right.noun}, and with no field of the record")
        left, right, order = right, left, TURNED[order]
    if isinstance(left.node, Age):
        return Elapsed(order, left.node.day, as_duration(right))
    found = _two_fields(left, right, zone) if right.reads_a_field else against_constant(left, right, zone)
    if order != "=" and sort_of(found[0]) is Sort.TRUTH:
        raise invalid(left.place, "yes and no have no order", "compare them with = or !=")
    return Comparison(order, *found)


def against_constant(left: Term, right: Term, zone: str) -> tuple[Operand, Operand]:
    """A side that reads a field and a value that reads none, made comparable. Raises ExpressionInvalid."""
    node = left.node
    if node is None or isinstance(node, Age):
        raise _mismatch(left, right)
    sort = sort_of(node)
    if sort is Sort.TAGS:
        raise invalid(left.place, "tags are not compared", 'ask for one tag: tags has "VIP"')
    if sort in (Sort.DATE, Sort.MOMENT):
        day = right.node if right.token is None else _written_day(right.token)
        if day is not None and not isinstance(day, Age):
            return as_day(left, zone), day
        if right.token is not None and right.token.kind == "quoted" and not _TIME_OF_DAY.search(right.token.text):
            node = as_day(left, zone)  # a day in another form, which `bind` reads
    return node, literal(node, left, right)


def literal(node: Operand, left: Term, right: Term) -> Literal:
    """A written value as one of the field it is held against. Raises ExpressionInvalid."""
    token = right.token
    if token is None or token.kind not in _TAKEN[sort_of(node)]:
        raise _mismatch(left, right)
    if not token.text:
        raise invalid(right.place, "an empty text is never stored", 'ask for a blank with "is empty"')
    if isinstance(node, Call) and node.function == "lower":
        return Literal(token.text, value=fold(token.text), place=token.place)
    if isinstance(node, Call) or node == Column(RECORD_ID):
        return Literal(token.text, value=_whole(left, right, token), place=token.place)
    return Literal(token.text, next(columns_in(node)).field, place=token.place)


def _two_fields(left: Term, right: Term, zone: str) -> tuple[Operand, Operand]:
    if left.node is None or right.node is None or isinstance(left.node, Age) or isinstance(right.node, Age):
        raise _mismatch(left, right)
    sorts = sort_of(left.node), sort_of(right.node)
    if Sort.TAGS in sorts:
        tags = left if sorts[0] is Sort.TAGS else right
        raise invalid(tags.place, "tags are not compared", 'ask for one tag: tags has "VIP"')
    if sorts[0] is sorts[1]:
        return left.node, right.node
    if set(sorts) == {Sort.DATE, Sort.MOMENT}:
        return as_day(left, zone), as_day(right, zone)
    raise _mismatch(left, right)


def _written_day(token: Token) -> DateLiteral | None:
    """The day that a token says, None if it says another thing."""
    match = _WRITTEN_DAY.fullmatch(token.text) if token.kind in ("date", "quoted") else None
    if match is None:
        return None
    try:
        return DateLiteral(date(*map(int, match.groups())))
    except ValueError:
        raise invalid(token.place, "there is no such day in the calendar") from None


def _whole(left: Term, right: Term, token: Token) -> int:
    if not re.fullmatch(r"[-+]?[0-9]{1,99}", token.text):
        raise invalid(right.place, f"a whole number belongs beside {_described(left)}")
    value = int(token.text)
    if abs(value) > LARGEST:
        raise invalid(right.place, "the number is larger than any that is stored")
    return value


def _mismatch(left: Term, right: Term) -> ExpressionInvalid:
    hint = None
    if right.token is not None and right.token.kind == "word":
        hint = "a text stands in quotes; a name that is no field of the table cannot be compared"
    elif right.node is not None and sort_of_term(left) is Sort.TEXT and not right.reads_a_field:
        hint = "put the text in quotes"
    return invalid(right.place, f"{_described(left)} cannot be compared with {right.noun}", hint)


def sort_of_term(term: Term) -> Sort | None:
    """What a term that was read can be compared with; None for a written value or an age."""
    return None if term.node is None or isinstance(term.node, Age) else sort_of(term.node)


def _described(term: Term) -> str:
    if isinstance(term.node, Column):
        return f"{term.node.field.name} ({term.noun})"
    if isinstance(term.node, Call):
        return f"{term.node.function}(…) ({term.noun})"
    return term.noun
