"""Anchors: the day from which a policy counts, told from a record and from the records that refer to it.

    contract_end                                              a date of the record; of a datetime, its day
    max(last_contact_at, interactions.at, purchases.ordered_at where status = 'open')
    end_of_year(latest(purchases.ordered_at))
    max(created_at, confirmed)                                when somebody last said that it is right

    anchor   = field | function "(" anchor { "," anchor } ")" | of_children | confirmed
    confirmed = "confirmed" [ "(" field ")" ]                 of any field, or of one; a field of this name comes first
    of_children = table "." field [ "where" condition ]       only within a function, which says which of them is meant
    function = "max" | "latest" | "min" | "earliest" | "end_of_month" | "end_of_quarter" | "end_of_year"

A confirmation counts for as long as it holds (store.confirmations): an edit takes it away.

`max` and `latest` are one, and so are `min` and `earliest`; a blank is passed over, and where all are blank there is no
day. Children are those that refer to the record by a foreign key and are not in the trash. A condition is one of the
`where` language over the child's fields and ends at the comma or parenthesis that is not its own.

`parse_anchor` reads one; as SQL it stands in store.anchors.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal, TypeAlias

from custrec.model.expression import Expression, Normalise, bind, parse
from custrec.model.expression_lexer import invalid
from custrec.model.expression_nodes import Place
from custrec.model.nearest import nearest
from custrec.model.schema import Field, ForeignKey, Schema, Table

Unit: TypeAlias = Literal["month", "quarter", "year"]

_EXTREMES = {"max": True, "latest": True, "min": False, "earliest": False}
_ENDS: dict[str, Unit] = {"end_of_month": "month", "end_of_quarter": "quarter", "end_of_year": "year"}
FUNCTIONS = (*_EXTREMES, *_ENDS)
CONFIRMED = "confirmed"
DAYS = ("date", "datetime")
NESTING = 8

_NAME = re.compile(r"\s*(?:`((?:[^`]|``)+)`|(\w+))")
_SPACE = re.compile(r"\s*")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'|“[^”]*”|‘[^’]*’|`[^`]*`")


@dataclass(frozen=True, slots=True)
class Own:
    """A date of the record itself."""

    field: Field


@dataclass(frozen=True, slots=True)
class OfChildren:
    """The latest (or earliest) date in a field of the records that refer to the record by `key`; of those that meet a
    condition."""

    table: str
    key: str
    field: Field
    latest: bool
    where: Expression | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """When a field of the record, or any of them, was last said to be right."""

    field: Field | None = None


@dataclass(frozen=True, slots=True)
class Extreme:
    """The latest (or earliest) of several days."""

    latest: bool
    parts: tuple[Anchor, ...]


@dataclass(frozen=True, slots=True)
class End:
    """The last day of the month, quarter or year in which a day lies."""

    unit: Unit
    day: Anchor


Dated: TypeAlias = Own | OfChildren | Confirmed
"""What has a day of its own."""
Anchor: TypeAlias = Dated | Extreme | End


def parse_anchor(text: str, table: Table, schema: Schema) -> Anchor:
    """Read an anchor of a table's records. Conditions in it are not bound yet (`bind_anchor`).

    Raises ExpressionInvalid, which names the nearest field, table or function.
    """
    reader = _Reader(text, table, schema)
    found = reader.anchor(None, 0)
    reader.end()
    return found


def bind_anchor(anchor: Anchor, schema: Schema, normalise: Callable[[Table], Normalise]) -> Anchor:
    """The anchor with the values in its conditions in their stored form. Raises ExpressionInvalid."""
    match anchor:
        case Extreme(latest, parts):
            return Extreme(latest, tuple(bind_anchor(part, schema, normalise) for part in parts))
        case End(unit, day):
            return End(unit, bind_anchor(day, schema, normalise))
        case OfChildren(table, key, field, latest, where) if where is not None:
            return OfChildren(table, key, field, latest, bind(where, normalise(schema.by_name[table])))
        case _:
            return anchor


def parts_of(anchor: Anchor) -> Iterator[Dated]:
    """The dates that an anchor is told from, in order."""
    match anchor:
        case Extreme(_, parts):
            for part in parts:
                yield from parts_of(part)
        case End(_, day):
            yield from parts_of(day)
        case _:
            yield anchor


@lru_cache(maxsize=65_536)
def end_of(day: str, unit: str) -> str:
    """The last day of the month, quarter or year in which a day (ISO) lies."""
    given = date.fromisoformat(day)
    month = {"month": given.month, "quarter": (given.month + 2) // 3 * 3, "year": 12}[unit]
    return date(given.year, month, calendar.monthrange(given.year, month)[1]).isoformat()


def child_key(child: Table, parent: Table) -> ForeignKey | None:
    """The first reference of a table to another one."""
    return next((key for key in child.foreign_keys if key.table == parent.name), None)


class _Reader:
    """Reads an anchor from left to right."""

    def __init__(self, text: str, table: Table, schema: Schema) -> None:
        self.text, self.table, self.schema = text, table, schema
        self.at = 0

    def anchor(self, latest: bool | None, depth: int) -> Anchor:
        """One anchor; `latest` is which of several dates the function around it asks for, None outside of any."""
        name, place = self.name()
        if self.took("("):
            return self.confirmed() if name.lower() == CONFIRMED else self.call(name, place, latest, depth + 1)
        if self.took("."):
            return self.of_children(name, place, latest)
        if name.lower() == CONFIRMED and name not in self.table.by_name:
            return Confirmed()
        return Own(self.dated(self.table, name, place, functions=True))

    def confirmed(self) -> Confirmed:
        name, place = self.name()
        field = self.table.by_name.get(name)
        if field is None:
            near = nearest(name, self.table.by_name)
            raise invalid(
                place, f"{self.table.name} has no field of this name", f"did you mean {near}?" if near else None
            )
        if not self.took(")"):
            raise invalid(
                self.here(), "a closing parenthesis is missing before this", "min(confirmed(…), confirmed(…))"
            )
        return Confirmed(field)

    def call(self, name: str, place: Place, latest: bool | None, depth: int) -> Anchor:
        if name.lower() not in FUNCTIONS:
            near = nearest(name, FUNCTIONS)
            hint = f"did you mean {near}?" if near else f"there are {', '.join(FUNCTIONS)}"
            raise invalid(place, "there is no such function", hint)
        if depth > NESTING:
            raise invalid(place, f"it is nested more than {NESTING} deep", "take it apart")
        unit = _ENDS.get(name.lower())
        inner = latest if unit else _EXTREMES[name.lower()]
        parts = [self.anchor(inner, depth)]
        while self.took(","):
            parts.append(self.anchor(inner, depth))
        if not self.took(")"):
            raise invalid(self.here(), "a comma or a closing parenthesis is missing before this")
        if unit is None:
            return Extreme(_EXTREMES[name.lower()], tuple(parts))
        if len(parts) > 1:
            raise invalid(place, f"{name.lower()} takes one day", f"write {name.lower()}(max(…, …))")
        return End(unit, parts[0])

    def of_children(self, name: str, place: Place, latest: bool | None) -> OfChildren:
        child = child_named(self.schema, name, place)
        key = child_key(child, self.table)
        if key is None:
            raise invalid(place, f"{child.name} does not refer to {self.table.name}")
        field = self.dated(child, *self.name())
        if latest is None:
            hint = f"write latest({child.name}.{field.name}) or earliest({child.name}.{field.name})"
            raise invalid(place, "a record may have several of these", hint)
        where = self.condition(child) if self.took_word("where") else None
        return OfChildren(child.name, key.field, field, latest, where)

    def dated(self, table: Table, name: str, place: Place, *, functions: bool = False) -> Field:
        field = table.by_name.get(name)
        if field is None:
            known = [f.name for f in table.fields if f.kind in DAYS]
            near = nearest(name, [*known, *(FUNCTIONS if functions else ())])
            there = f"there are {', '.join(known)}" if known else f"{table.name} has no dates"
            hint = f"did you mean {near}?" if near else there
            raise invalid(place, f"{table.name} has no field of this name", hint)
        if field.kind not in DAYS:
            raise invalid(place, f"{field.name} is no date")
        return field

    def condition(self, child: Table) -> Expression:
        """The condition up to the comma or parenthesis that closes this part."""
        start, depth = self.at, 0
        while self.at < len(self.text):
            if quoted := _QUOTED.match(self.text, self.at):
                self.at = quoted.end()
                continue
            sign = self.text[self.at]
            if sign in "(（":
                depth += 1
            elif sign in ")）,，" and depth == 0:
                break
            elif sign in ")）":
                depth -= 1
            self.at += 1
        return parse(self.text[start : self.at], child, self.schema.defaults.timezone)

    # -- signs ------------------------------------------------------------------------------------------------------

    def name(self) -> tuple[str, Place]:
        found = _NAME.match(self.text, self.at)
        if found is None:
            raise invalid(self.here(), "a field or a function is missing here")
        self.at = found.end()
        place = Place(self.text, found.start(1 if found[1] else 2), found.end())
        return (found[1].replace("``", "`") if found[1] else found[2]), place

    def took(self, sign: str) -> bool:
        at = self.skipped()
        if self.text[at : at + 1] not in {"(": "(（", ")": ")）", ",": ",，", ".": "."}[sign] or at >= len(self.text):
            return False
        self.at = at + 1
        return True

    def took_word(self, word: str) -> bool:
        found = re.compile(rf"\s*{word}\b", re.IGNORECASE).match(self.text, self.at)
        if found is None:
            return False
        self.at = found.end()
        return True

    def skipped(self) -> int:
        found = _SPACE.match(self.text, self.at)
        return found.end() if found else self.at

    def here(self) -> Place:
        at = self.skipped()
        return Place(self.text, at, min(at + 1, len(self.text)))

    def end(self) -> None:
        if self.skipped() < len(self.text):
            raise invalid(self.here(), "there is more than one anchor", "take the latest of several: max(…, …)")


def child_named(schema: Schema, name: str, place: Place) -> Table:
    """A table by its name. Raises ExpressionInvalid with the nearest."""
    found = schema.by_name.get(name)
    if found is None:
        near = nearest(name, schema.by_name)
        raise invalid(place, "there is no table of this name", f"did you mean {near}?" if near else None)
    return found
