"""Looking many records up at once: by the values of a field, and by their numbers. Reading only."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.records import Condition


class Place(NamedTuple):
    """Where a record is: its number, and its state."""

    record: int
    state: State


def by_value(store: Store, table: Table, field: str, values: Collection[Any]) -> dict[Any, Place]:
    """The records of any state that hold one of these stored values in a field, by value; of several the first."""
    column = quote(field)
    found = store.reader.execute(
        f"SELECT t.{column}, t._id, t._state FROM {quote(table.name)} t "
        f"WHERE t.{column} IN (SELECT value FROM json_each(?)) ORDER BY t._id DESC",
        (json.dumps(list(values)),),
    )
    return {value: Place(record, State(state)) for value, record, state in found}


def by_number(store: Store, table: Table, numbers: Iterable[int]) -> dict[int, Place]:
    """The records of any state with these numbers, by number."""
    where, params = numbered(numbers)
    found = store.reader.execute(f"SELECT t._id, t._state FROM {quote(table.name)} t WHERE {where}", tuple(params))
    return {record: Place(record, State(state)) for record, state in found}


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
