"""Writing an expression down, so that reading it again gives the same one."""

from __future__ import annotations

import re

from custrec.model.expression_lexer import RESERVED
from custrec.model.expression_nodes import (
    And,
    Call,
    Column,
    Comparison,
    Contains,
    DateLiteral,
    Day,
    Elapsed,
    Expression,
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
from custrec.model.expression_types import Sort, sort_of_field

_PLAIN_NAME = re.compile(r"[^\W\d]\w*")
_PLAIN_KEY = re.compile(r"[A-Za-z]+[0-9]+")
_PLAIN_NUMBER = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?")


def to_text(expression: Expression) -> str:
    """The expression in the `where` language, with all texts in quotes."""
    match expression:
        case Or(items):
            return " or ".join(map(to_text, items))
        case And(items):
            return " and ".join(f"({to_text(item)})" if isinstance(item, Or) else to_text(item) for item in items)
        case Not(Comparison("=", left, right)):
            return f"{_operand(left)} != {_operand(right)}"
        case Not(OneOf(left, values)):
            return f"{_operand(left)} not in ({', '.join(map(_operand, values))})"
        case Not(IsEmpty(column)):
            return f"{_operand(column)} is not empty"
        case Not(Elapsed("=", day, duration)):
            return f"age({_operand(day)}) != {duration}"
        case Not(Contains(left, sought)):
            return f"{_operand(left)} not contains {_quoted(sought)}"
        case Not(StartsWith(left, sought)):
            return f"{_operand(left)} not starts with {_quoted(sought)}"
        case Not(HasTag(left, tag)):
            return f"{_operand(left)} not has {_quoted(tag.text)}"
        case Not(item):
            return f"not ({to_text(item)})" if isinstance(item, And | Or) else f"not {to_text(item)}"
        case Comparison(order, left, right):
            return f"{_operand(left)} {order} {_operand(right)}"
        case Elapsed(order, day, duration):
            return f"age({_operand(day)}) {order} {duration}"
        case OneOf(left, values):
            return f"{_operand(left)} in ({', '.join(map(_operand, values))})"
        case Contains(left, sought):
            return f"{_operand(left)} contains {_quoted(sought)}"
        case StartsWith(left, sought):
            return f"{_operand(left)} starts with {_quoted(sought)}"
        case HasTag(left, tag):
            return f"{_operand(left)} has {_quoted(tag.text)}"
        case IsEmpty(left):
            return f"{_operand(left)} is empty"


def name_text(name: str) -> str:
    """A field's name as it stands in an expression."""
    return name if _stands_bare(name) else "`" + name.replace("`", "``") + "`"


def word_text(text: str) -> str:
    """A text as it stands in an expression: bare where it looks like a number of ours (C0001), else in quotes."""
    return text if _PLAIN_KEY.fullmatch(text) else _quoted(text)


def _operand(operand: Operand) -> str:
    match operand:
        case Column(field):
            return name_text(field.name)
        case Literal():
            return _literal(operand)
        case DateLiteral(day):
            return day.isoformat()
        case Today():
            return "today"
        case Day(moment):
            return _operand(moment)
        case Call(function, argument):
            return f"{function}({_operand(argument)})"
        case Shift(day, duration):
            return f"{_operand(day)} {'-' if duration.months < 0 or duration.days < 0 else '+'} {duration}"


def _literal(literal: Literal) -> str:
    numeric = (
        not isinstance(literal.value, str)
        if literal.field is None
        else (sort_of_field(literal.field) in (Sort.NUMBER, Sort.MONEY))
    )
    return literal.text if numeric and _PLAIN_NUMBER.fullmatch(literal.text) else _quoted(literal.text)


def _stands_bare(name: str) -> bool:
    return bool(_PLAIN_NAME.fullmatch(name)) and name.lower() not in RESERVED


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
