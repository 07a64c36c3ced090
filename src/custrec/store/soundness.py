"""What should be impossible in a store, asked of the records themselves: values that stand twice, lost parents.

Indexes and references forbid both; a store that somebody altered past custrec may have them. Nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from custrec.model.plan import State
from custrec.model.schema import ForeignKey, Table
from custrec.store.canonical import joined
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.records import EVERYTHING, Condition, readable


def repeated(
    store: Store, table: Table, fields: Sequence[str], condition: Condition = EVERYTHING
) -> Iterator[tuple[Any, ...]]:
    """Active records that meet a condition and share all of these fields with another record of any state, as
    (_id, *readable values), by id."""
    names, own = ", ".join(map(quote, fields)), ", ".join(f"t.{quote(name)}" for name in fields)
    present = joined([f"{quote(name)} IS NOT NULL" for name in fields], "AND")
    twice = f"SELECT {names} FROM {quote(table.name)} WHERE {present} GROUP BY {names} HAVING count(*) > 1"
    shown = ", ".join(readable(table, name) for name in fields)
    yield from _found(store, table, f"t._id, {shown}", f"({own}) IN ({twice})", condition)


def orphans(
    store: Store, table: Table, reference: ForeignKey, condition: Condition = EVERYTHING
) -> Iterator[tuple[int]]:
    """Active records that meet a condition and refer to a record which is not there, by id."""
    column = f"t.{quote(reference.field)}"
    parent = f"SELECT 1 FROM {quote(reference.table)} p WHERE p._id = {column}"
    yield from _found(store, table, "t._id", f"{column} IS NOT NULL AND NOT EXISTS ({parent})", condition)


def _found(store: Store, table: Table, columns: str, which: str, condition: Condition) -> Iterator[Any]:
    where, params = condition
    cursor = store.reader.execute(
        f"SELECT {columns} FROM {quote(table.name)} t WHERE t._state = {State.ACTIVE:d} AND ({which}) AND ({where}) "
        "ORDER BY t._id",
        tuple(params),
    )
    yield from iter(cursor.fetchone, None)
