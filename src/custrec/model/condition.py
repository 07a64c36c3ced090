"""Conditions of policies: the `where` language over a record, or whether a record has children.

    tags has VIP
    exists purchases where status = 'open'
    not exists purchases

Children are the records of another table that refer to the record by a foreign key and are not in the trash.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from custrec.model.anchor import child_key, child_named
from custrec.model.expression import Expression, Normalise, bind, parse
from custrec.model.expression_lexer import invalid
from custrec.model.expression_nodes import Place
from custrec.model.schema import Schema, Table

_EXISTS = re.compile(r"\s*(not\s+)?exists\s+(?:`((?:[^`]|``)+)`|(\w+))(?:\s*$|\s+where\b)", re.IGNORECASE)
_ASKS = re.compile(r"\s*(?:not\s+)?exists\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Exists:
    """Whether a record has children in a table (`there`; else whether it has none) that meet a condition."""

    table: str
    key: str
    where: Expression | None
    there: bool = True


Condition: TypeAlias = Expression | Exists


def parse_condition(text: str, table: Table, schema: Schema) -> Condition:
    """Read a condition over a table's records; its values are not bound yet. Raises ExpressionInvalid."""
    if "exists" in table.by_name or not _ASKS.match(text):
        return parse(text, table, schema.defaults.timezone)
    asked = _EXISTS.match(text)
    if asked is None:
        place = Place(text, 0, len(text))
        raise invalid(place, "this does not say what is to exist", "write: exists purchases where status = 'open'")
    name = asked[2].replace("``", "`") if asked[2] else asked[3]
    place = Place(text, asked.start(2 if asked[2] else 3), asked.end(2 if asked[2] else 3))
    child = child_named(schema, name, place)
    key = child_key(child, table)
    if key is None:
        raise invalid(place, f"{child.name} does not refer to {table.name}")
    rest = text[asked.end() :]
    where = parse(rest, child, schema.defaults.timezone) if asked[0].rstrip().lower().endswith("where") else None
    return Exists(child.name, key.field, where, there=asked[1] is None)


def bind_condition(
    condition: Condition, table: Table, schema: Schema, normalise: Callable[[Table], Normalise]
) -> Condition:
    """The condition with its values in their stored form. Raises ExpressionInvalid."""
    if isinstance(condition, Exists):
        if condition.where is None:
            return condition
        return replace(condition, where=bind(condition.where, normalise(schema.by_name[condition.table])))
    return bind(condition, normalise(table))
