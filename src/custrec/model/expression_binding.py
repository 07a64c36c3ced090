"""Giving the written values of an expression the form in which their field stores them, so that any form finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from custrec.model.calendar import day_of
from custrec.model.expression_lexer import invalid
from custrec.model.expression_nodes import (
    And,
    Comparison,
    DateLiteral,
    Day,
    Expression,
    HasTag,
    Literal,
    Not,
    OneOf,
    Operand,
    Or,
    Place,
    Shift,
)
from custrec.model.expression_types import LARGEST, Sort, sort_of
from custrec.model.schema import Field

Normalise = Callable[[Field, str], str | int | float]
"""The stored form of a text in a field; raises ValueError (with a reason that holds no value) if it has none."""


def bind(expression: Expression, normalise: Normalise) -> Expression:
    """The expression with every written value in its field's stored form. Raises ExpressionInvalid.

    Text after `contains` and `starts with` is sought in the stored text as it is written.
    """
    match expression:
        case And(items):
            return And(tuple(bind(item, normalise) for item in items))
        case Or(items):
            return Or(tuple(bind(item, normalise) for item in items))
        case Not(item):
            return Not(bind(item, normalise))
        case Comparison(order, left, right):
            return Comparison(order, left, _bound(left, right, normalise))
        case OneOf(left, values):
            return OneOf(left, tuple(_bound(left, value, normalise) for value in values))
        case HasTag(left, tag):
            return HasTag(left, _bound_tag(tag, normalise))
        case _:
            return expression


def _bound(left: Operand, operand: Operand, normalise: Normalise) -> Operand:
    """The right side in the form of the left one; what stands beside a day becomes a day."""
    if not isinstance(operand, Literal) or operand.field is None:
        return operand
    value = _stored(operand, operand.field, normalise)
    while isinstance(left, Shift):
        left = left.day
    if sort_of(left) is Sort.DATE:
        try:
            day = day_of(str(value), left.zone) if isinstance(left, Day) else str(value)
            return DateLiteral(date.fromisoformat(day))
        except ValueError:
            raise invalid(_place(operand), f"this is not a whole date, as {operand.field.name} wants it") from None
    return replace(operand, value=value)


def _bound_tag(tag: Literal, normalise: Normalise) -> Literal:
    if tag.field is None:
        return tag
    value = _stored(tag, tag.field, normalise)
    if not isinstance(value, str) or ";" in value:
        raise invalid(_place(tag), '"has" asks for one tag', 'join several with "and"')
    return replace(tag, value=value)


def _stored(literal: Literal, field: Field, normalise: Normalise) -> str | int | float:
    try:
        value = normalise(field, literal.text)
    except ValueError as error:
        reason = f"this is no value of {field.name}"
        raise invalid(_place(literal), f"{reason}: {error}" if str(error) else reason) from None
    if value is None or value == "":
        raise invalid(_place(literal), f"this means a blank in {field.name}", 'ask for a blank with "is empty"')
    if isinstance(value, int) and abs(value) > LARGEST:
        raise invalid(_place(literal), "the number is larger than any that is stored")
    return value


def _place(literal: Literal) -> Place:
    return literal.place or Place(literal.text, 0, len(literal.text))
