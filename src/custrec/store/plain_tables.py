"""All that a store holds as rows of its tables, in an order that does not depend on how the file came about.

Left out is what is made anew: indexes, guards, views, and which steps made custrec's own tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.model.decisions import DECISIONS
from custrec.model.schema import Schema, Table
from custrec.store.database import Store
from custrec.store.layout import column_type, live_columns
from custrec.store.quoting import quote

FIRST = "_schema"
"""The table that says how the others are laid out."""
_LEFT_OUT = ("_sqlite_migrations",)
BATCH = 1_000


@dataclass(frozen=True)
class PlainTable:
    """A table: its id in the schema (0: one of custrec's own), its columns in order, which of them hold bytes, and
    those of its key, by which its rows are sorted."""

    name: str
    number: int
    columns: tuple[str, ...]
    binary: frozenset[str]
    key: tuple[str, ...]


def own_tables(connection: sqlite3.Connection) -> list[PlainTable]:
    """The tables of custrec's own that are no decisions: the first one first, then by name."""
    left_out = (*_LEFT_OUT, *(table.name for table in DECISIONS))
    found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '\\_%' ESCAPE '\\'")
    names = sorted({name for (name,) in found} - {*left_out, FIRST})
    return [_own(connection, name) for name in (FIRST, *names)]


def live_tables(schema: Schema) -> list[PlainTable]:
    """The tables of decisions, and those of a schema by their ids."""
    return [_live(table) for table in (*DECISIONS, *sorted(schema.tables, key=lambda table: table.id))]


def rows_of(store: Store, table: PlainTable) -> Iterator[Sequence[Any]]:
    """The rows of a table by its key, a batch in memory at a time."""
    columns, key = (", ".join(map(quote, names)) for names in (table.columns, table.key))
    cursor = store.reader.execute(f"SELECT {columns} FROM {quote(table.name)} ORDER BY {key}")
    while batch := cursor.fetchmany(BATCH):
        yield from batch


def place_of(store: Store, table: PlainTable, key: int) -> int:
    """Which row of a table the one with this key is, counted from 1; 0 where there is none."""
    name, column = quote(table.name), quote(table.key[0])
    (place,) = store.reader.execute(
        f"SELECT CASE WHEN max({column} = ?1) THEN count(*) END FROM {name} WHERE {column} <= ?1", (key,)
    ).fetchone()
    return int(place or 0)


def last_change_of(store: Store, table: int, record: int) -> int:
    """The number of a record's last change; 0 for none."""
    query = "SELECT coalesce(max(n), 0) FROM _change WHERE record = ? AND tbl = ?"
    return int(store.reader.execute(query, (record, table)).fetchone()[0])


def without_parent(store: Store) -> Iterator[tuple[str, int]]:
    """Records that refer to one that is not there: table and id."""
    for table, record, *_ in store.reader.execute("PRAGMA foreign_key_check"):
        yield table, record


def _own(connection: sqlite3.Connection, name: str) -> PlainTable:
    said = connection.execute(f"PRAGMA table_info({quote(name)})").fetchall()
    columns = tuple(column for _, column, *_ in said)
    binary = frozenset(column for _, column, kind, *_ in said if kind == "BLOB")
    key = tuple(column for _, column, *_, place in sorted(said, key=lambda row: row[-1]) if place)
    return PlainTable(name, 0, columns, binary, key)


def _live(table: Table) -> PlainTable:
    binary = frozenset(field.name for field in table.fields if column_type(table, field) == "BLOB")
    return PlainTable(table.name, table.id, ("_id", "_event", "_state", *live_columns(table)), binary, ("_id",))
