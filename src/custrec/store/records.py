"""Reading live records: by condition, by id, by natural key. Readable values: a reference shows its parent's key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.quoting import quote

Condition = tuple[str, Sequence[Any]]
EVERYTHING: Condition = ("TRUE", ())


def select(
    store: Store,
    table: Table,
    fields: Sequence[str],
    condition: Condition = EVERYTHING,
    sort: Sequence[tuple[str, bool]] = (),
    limit: int | None = None,
    state: State = State.ACTIVE,
) -> Iterator[tuple[Any, ...]]:
    """Records of a state as (_id, *fields), sorted by (field, descending) and then by id, streamed.

    `condition` is what store.where makes, over the alias `t`.
    """
    cursor = _selected(store, table, fields, condition, sort, limit, state)
    # Not from the cursor itself: whoever stops reading (a closed pipe) would have it closed after the store was.
    yield from iter(cursor.fetchone, None)


def select_any(store: Store, table: Table, fields: Sequence[str], condition: Condition) -> Iterator[tuple[Any, ...]]:
    """Records of any state that meet a condition, as (_id, *fields), by id."""
    where, params = condition
    columns = ", ".join(["t._id", *(readable(table, name) for name in fields)])
    query = f"SELECT {columns} FROM {quote(table.name)} t WHERE {where} ORDER BY t._id"
    yield from store.reader.execute(query, tuple(params)).fetchall()


def select_many(
    store: Store,
    table: Table,
    fields: Sequence[str],
    condition: Condition,
    sort: Sequence[tuple[str, bool]],
    size: int,
    state: State = State.ACTIVE,
) -> Iterator[list[tuple[Any, ...]]]:
    """`select`, up to `size` records at a time: faster where there are many."""
    cursor = _selected(store, table, fields, condition, sort, None, state)
    yield from iter(lambda: cursor.fetchmany(size), [])


def _selected(
    store: Store,
    table: Table,
    fields: Sequence[str],
    condition: Condition,
    sort: Sequence[tuple[str, bool]],
    limit: int | None,
    state: State,
) -> sqlite3.Cursor:
    where, params = condition
    columns = ", ".join(["t._id", *(readable(table, name) for name in fields)])
    order = ", ".join([*(f"{readable(table, name)}{' DESC' if down else ''}" for name, down in sort), "t._id"])
    return store.reader.execute(
        f"SELECT {columns} FROM {quote(table.name)} t WHERE t._state = {state:d} AND ({where}) "
        f"ORDER BY {order} LIMIT ?",
        (*params, -1 if limit is None else limit),
    )


def count(store: Store, table: Table, condition: Condition = EVERYTHING, state: State = State.ACTIVE) -> int:
    """How many records of a state meet a condition."""
    where, params = condition
    parts = store.parts(table.name)
    counts = (f"SELECT count(*) FROM {rows} t WHERE t._state = {state:d} AND ({where})" for _, rows in parts)
    terms = " + ".join(f"{sign} * ({query})" for (sign, _), query in zip(parts, counts, strict=True))
    (n,) = store.reader.execute(f"SELECT {terms}", tuple(params) * len(parts)).fetchone()
    return int(n)


def total(store: Store, table: Table) -> int:
    """How many records a table holds, whatever their state."""
    (n,) = store.reader.execute(f"SELECT count(*) FROM {quote(table.name)}").fetchone()
    return int(n)


def by_id(store: Store, table: Table, record: int, fields: Sequence[str]) -> tuple[Any, ...] | None:
    """One record of any state as (_id, *fields), or None."""
    columns = ", ".join(["t._id", *(readable(table, name) for name in fields)])
    row = store.reader.execute(f"SELECT {columns} FROM {quote(table.name)} t WHERE t._id = ?", (record,)).fetchone()
    return tuple(row) if row else None


def ids_by_key(store: Store, table: Table, key: Sequence[Any]) -> list[int]:
    """The record with this natural key (stored values, in the order of the primary key), as a list of at most one."""
    where = " AND ".join(f"{quote(name)} = ?" for name in table.primary_key)
    found = store.reader.execute(f"SELECT _id FROM {quote(table.name)} WHERE {where}", tuple(key)).fetchall()
    return [record for (record,) in found]


def ids_with(store: Store, table: Table, field: str, value: Any, limit: int, state: State = State.ACTIVE) -> list[int]:
    """Records of a state with a stored value in a field, oldest first."""
    found = store.reader.execute(
        f"SELECT _id FROM {quote(table.name)} WHERE {quote(field)} = ? AND _state = {state:d} ORDER BY _id LIMIT ?",
        (value, limit),
    ).fetchall()
    return [record for (record,) in found]


def ids_with_letters(
    store: Store, table: Table, field: str, value: str, limit: int, state: State = State.ACTIVE
) -> list[int]:
    """Records of a state with a text in a field, the case of ASCII letters aside, oldest first. Reads a whole index."""
    name = quote(field)
    found = store.reader.execute(
        f"SELECT _id FROM {quote(table.name)} WHERE _state = {state:d} AND _id IN "
        f"(SELECT _id FROM {quote(table.name)} WHERE {name} IS NOT NULL AND {name} = ? COLLATE NOCASE) "
        "ORDER BY _id LIMIT ?",
        (value, limit),
    ).fetchall()
    return [record for (record,) in found]


def referring(field: str, record: int) -> Condition:
    """The records that refer to one by a field."""
    return f"t.{quote(field)} = ?", (record,)


def readable(table: Table, name: str) -> str:
    """The SQL of a field's readable value over the alias `t`."""
    reference = table.references.get(name)
    column = f"t.{quote(name)}"
    if reference is None:
        return column
    return f"(SELECT p.{quote(reference.target)} FROM {quote(reference.table)} p WHERE p._id = {column})"
