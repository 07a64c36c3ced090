"""What policies ask of records, gathered from a live table and its children: days, conditions, filled fields.

For a few records, what children say is asked record by record, through the index on the reference. For all of them each
child table is read once, grouped by parent, and laid beside the records in the order of their numbers; both say the
same (a test holds them together). What an anchor makes of its days is calculated in rules.days.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any, TypeAlias

from custrec.model.anchor import Confirmed, OfChildren, Own
from custrec.model.condition import Condition, Exists
from custrec.model.expression import Expression, Stored
from custrec.model.plan import State
from custrec.model.schema import Schema, Table
from custrec.store.confirmations import standing
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.records import Condition as Which
from custrec.store.where import compile_where, register_functions

_Sql: TypeAlias = tuple[str, tuple[Stored, ...]]
Thing: TypeAlias = Own | OfChildren | Confirmed | Condition | tuple[str, ...]
"""What can be asked: a stored date of the record, the latest (earliest) of its children, when it was last confirmed,
whether a condition is met, whether any of some fields holds a value."""

JUDGED = (State.ACTIVE, State.ARCHIVED, State.RESTRICTED)
"""Records in these states are judged by policies, and count as children: those in the trash have left already, and
those that were merged are part of another one."""
AT_ONCE = 20_000
_STATES = ", ".join(f"{state:d}" for state in JUDGED)


@dataclass
class Asked:
    """What is asked about the records of a table: each thing once, by the place of its column."""

    schema: Schema
    table: Table
    today: date
    things: list[Thing] = field(default_factory=list)

    def place(self, thing: Thing) -> int:
        """The column of a thing. Conditions and filled fields are told as truths, days as they are stored."""
        if thing not in self.things:
            self.things.append(thing)
        return self.things.index(thing)


def gathered(store: Store, asked: Asked, which: Which) -> Iterator[list[tuple[Any, ...]]]:
    """What was asked, of the few records that meet a condition over `t`, in the states that are judged.

    Rows are (_id, _state, a column a thing) by id, many at a time.
    """
    register_functions(store.reader)
    columns = [_asked_alone(asked, thing) for thing in asked.things]
    where, params = which
    query = _of_records(asked, [text for text, _ in columns], where)
    cursor = store.reader.execute(query, (*_values(columns), *params))
    for rows in iter(lambda: cursor.fetchmany(AT_ONCE), []):
        days = _confirmed(store, asked, [row[0] for row in rows])
        yield [_with(row, {place: told.get(row[0]) for place, told in days.items()}) for row in rows] if days else rows


def gathered_all(store: Store, asked: Asked) -> Iterator[tuple[Sequence[int], Sequence[int], list[Sequence[Any]]]]:
    """What was asked, of all records in the states that are judged: numbers, states, and a column a thing, many
    records at a time by id. To be read in one snapshot."""
    register_functions(store.reader)
    own = [place for place, thing in enumerate(asked.things) if _parents(thing) is None]
    columns = [_asked_alone(asked, asked.things[place]) for place in own]
    cursor = store.reader.execute(_of_records(asked, [text for text, _ in columns]), _values(columns))
    children = _child_readers(store.reader, asked)
    days = _confirmed(store, asked)
    for rows in iter(lambda: cursor.fetchmany(AT_ONCE), []):
        numbers, states, *told = zip(*rows, strict=True)
        by_place: dict[int, Sequence[Any]] = dict(zip(own, told, strict=True))
        for reader in children:
            by_place |= reader.beside(numbers)
        by_place |= {place: list(map(told.get, numbers)) for place, told in days.items()}
        yield numbers, states, [by_place[place] for place in range(len(asked.things))]


def _confirmed(store: Store, asked: Asked, records: Sequence[int] | None = None) -> dict[int, dict[int, str]]:
    """Of each such thing, by its place: when records (None: all) were last confirmed, by number."""
    wanted = {place: thing.field for place, thing in enumerate(asked.things) if isinstance(thing, Confirmed)}
    found: dict[int, dict[int, str]] = {place: {} for place in wanted}
    for one in standing(store.reader, asked.table, records) if wanted else ():
        for place, field_ in wanted.items():
            if field_ is None or field_.id == one.field:
                found[place][one.record] = max(one.at, found[place].get(one.record, ""))
    return found


def _with(row: tuple[Any, ...], columns: Mapping[int, Any]) -> tuple[Any, ...]:
    """A row of number, state and columns with others in some of their places."""
    return (*row[:2], *(columns.get(place, value) for place, value in enumerate(row[2:])))


def _of_records(asked: Asked, columns: Sequence[str], where: str = "TRUE") -> str:
    said = ", ".join(["t._id", "t._state", *columns])
    table = quote(asked.table.name)
    return f"SELECT {said} FROM {table} t WHERE t._state IN ({_STATES}) AND ({where}) ORDER BY t._id"


def _asked_alone(asked: Asked, thing: Thing) -> _Sql:
    """A thing as SQL over the alias `t`, children asked record by record."""
    match thing:
        case tuple():
            return f"({' OR '.join(f't.{quote(name)} IS NOT NULL' for name in thing)})", ()
        case Own(one):
            return f"t.{quote(one.name)}", ()
        case Confirmed():
            return "NULL", ()  # told by the journal, not by the record (_confirmed)
        case OfChildren() | Exists():
            meant, given = _meant(asked, thing.table, thing.where)
            source = f"FROM {quote(thing.table)} c WHERE c.{quote(thing.key)} = t._id AND {meant}"
            if isinstance(thing, OfChildren):
                word = "max" if thing.latest else "min"
                return f"(SELECT {word}(c.{quote(thing.field.name)}) {source})", given
            return f"({'' if thing.there else 'NOT '}EXISTS (SELECT 1 {source}))", given
        case _:
            text, where_values = compile_where(thing, asked.table, asked.schema, asked.today)
            return f"(({text}) IS 1)", tuple(where_values)


def _values(columns: Sequence[_Sql]) -> tuple[Stored, ...]:
    return tuple(value for _, values in columns for value in values)


def _parents(thing: Thing) -> tuple[str, str] | None:
    """The table and reference of the children that a thing is told by; None where the record tells it itself."""
    return (thing.table, thing.key) if isinstance(thing, OfChildren | Exists) else None


def _meant(asked: Asked, table: str, where: Expression | None) -> _Sql:
    """Which children are meant."""
    if where is None:
        return f"c._state IN ({_STATES})", ()
    text, values = compile_where(where, asked.schema.by_name[table], asked.schema, asked.today, "c")
    return f"c._state IN ({_STATES}) AND ({text})", tuple(values)


def _child_readers(reader: sqlite3.Connection, asked: Asked) -> list[_Children]:
    by_source: dict[tuple[str, str], list[int]] = {}
    for place, thing in enumerate(asked.things):
        if (source := _parents(thing)) is not None:
            by_source.setdefault(source, []).append(place)
    return [_Children(reader, asked, table, key, places) for (table, key), places in by_source.items()]


class _Children:
    """One child table, grouped by parent in the order of their numbers, with all that is asked of it."""

    def __init__(self, reader: sqlite3.Connection, asked: Asked, table: str, key: str, places: Sequence[int]) -> None:
        self.places = places
        self.things = [asked.things[place] for place in places]
        columns = [_grouped(asked, thing) for thing in self.things]
        # The plus keeps SQLite from walking the index on the reference, which reads the table in no order at all.
        said = ", ".join([f"+c.{quote(key)}", *(text for text, _ in columns)])
        query = (
            f"SELECT {said} FROM {quote(table)} c WHERE c._state IN ({_STATES}) AND +c.{quote(key)} IS NOT NULL "
            f"GROUP BY +c.{quote(key)} ORDER BY +c.{quote(key)}"
        )
        self.cursor = reader.execute(query, _values(columns))
        self.rows: list[tuple[Any, ...]] = []

    def beside(self, records: Sequence[int]) -> dict[int, Sequence[Any]]:
        """The columns of some records, which come in the order of their numbers."""
        rows = self._up_to(records[-1])
        parents, *columns = zip(*rows, strict=True) if rows else ((), *((),) * len(self.things))
        made: dict[int, Sequence[Any]] = {}
        for place, thing, column in zip(self.places, self.things, columns, strict=True):
            told = list(map(dict(zip(parents, column, strict=True)).get, records))
            made[place] = [(one is not None) is thing.there for one in told] if isinstance(thing, Exists) else told
        return made

    def _up_to(self, last: int) -> list[tuple[Any, ...]]:
        """The rows of parents up to a number."""
        taken: list[tuple[Any, ...]] = []
        while True:
            if not self.rows:
                self.rows = self.cursor.fetchmany(AT_ONCE)
            end = bisect_right(self.rows, last, key=itemgetter(0))
            taken += self.rows[:end]
            self.rows = self.rows[end:]
            if self.rows or not end:
                return taken


def _grouped(asked: Asked, thing: Thing) -> _Sql:
    assert isinstance(thing, OfChildren | Exists)
    said = "1" if isinstance(thing, Exists) else f"c.{quote(thing.field.name)}"
    word = "min" if isinstance(thing, OfChildren) and not thing.latest else "max"
    if thing.where is None:
        return f"{word}({said})", ()
    text, values = compile_where(thing.where, asked.schema.by_name[thing.table], asked.schema, asked.today, "c")
    return f"{word}(CASE WHEN {text} THEN {said} END)", tuple(values)
