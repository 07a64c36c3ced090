"""Looking many records up at once: by the values of a field, and by their numbers. Reading only.

A record that was merged into another one stands for that one: who asks for it by an old key or number gets the other.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.records import Condition
from custrec.store.verdicts import standing_for


class Place(NamedTuple):
    """Where a record is: its number, and its state; `via` is the number of the merged record that led to it."""

    record: int
    state: State
    via: int | None = None


def by_value(store: Store, table: Table, field: str, values: Collection[Any]) -> dict[Any, Place]:
    """The records of any state that hold one of these stored values in a field, by value; of several the first."""
    which = f"t.{quote(field)} IN (SELECT value FROM json_each(?)) ORDER BY t._id DESC"
    return _places(store, table, f"t.{quote(field)}", which, (json.dumps(list(values)),))


def by_number(store: Store, table: Table, numbers: Iterable[int]) -> dict[int, Place]:
    """The records of any state with these numbers, by number."""
    where, params = numbered(numbers)
    return _places(store, table, "t._id", where, tuple(params))


def last_events(store: Store, table: Table, numbers: Iterable[int]) -> dict[int, int]:
    """By what event each of some records of any state was changed last, by number."""
    where, params = numbered(numbers)
    query = f"SELECT t._id, t._event FROM {quote(table.name)} t WHERE {where}"
    return dict(store.reader.execute(query, tuple(params)).fetchall())


def _places(store: Store, table: Table, column: str, which: str, params: tuple[Any, ...]) -> dict[Any, Place]:
    found = store.reader.execute(
        f"SELECT {column}, t._id, s._id, s._state FROM {quote(table.name)} t "
        f"JOIN {quote(table.name)} s ON s._id = {standing_for('t')} WHERE {which}",
        params,
    )
    return {value: Place(record, State(state), None if own == record else own) for value, own, record, state in found}


def numbered(numbers: Iterable[int]) -> Condition:
    """The condition that a record has one of these numbers."""
    return "t._id IN (SELECT value FROM json_each(?))", (json.dumps(list(numbers)),)


def tally(store: Store, table: Table, field: str) -> Iterable[tuple[Any, int]]:
    """The values of a field and how many active records hold each."""
    column = quote(field)
    found = store.reader.execute(
        f"SELECT {column}, count(*) FROM {quote(table.name)} "
        f"WHERE _state = {State.ACTIVE:d} AND {column} IS NOT NULL GROUP BY {column}"
    )
    yield from iter(found.fetchone, None)


def ids(store: Store, table: Table, condition: Condition, state: State) -> list[int]:
    """The numbers of the records of a state that meet a condition."""
    where, params = condition
    found = store.reader.execute(
        f"SELECT t._id FROM {quote(table.name)} t WHERE t._state = {state:d} AND ({where})", tuple(params)
    )
    return [record for (record,) in found]


def values_of(store: Store, table: Table, field: str, numbers: Iterable[int]) -> dict[int, Any]:
    """The stored values of a field of some records of any state, by number."""
    where, params = numbered(numbers)
    found = store.reader.execute(f"SELECT t._id, t.{quote(field)} FROM {quote(table.name)} t WHERE {where}", params)
    return dict(found.fetchall())
