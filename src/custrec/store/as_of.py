"""The store as it was right after an event: the live tables, with what happened since taken back.

It has the schema of that time: tables and fields under the names and kinds that they had. Their columns are found by
the ids, which stay through a rename; what a table has no column for any more stands in the journal.

A connection of its own sees, under the name of each table asked for, a temporary view over the live rows that nobody
touched since and the old rows of those that somebody did. So everything that reads a table (store.records, store.where)
reads the old one, and the cost is that of the changes since, not of the table. The store's file is opened read-only as
ever; only SQLite's temporary database, which nobody else sees and which goes with the connection, is written, and only
before the old store is handed out.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, islice
from typing import Any

from custrec.model.decisions import table_numbered
from custrec.model.plan import Op
from custrec.model.schema import Field, Table
from custrec.store.canonical import STATE_ID, readable_diff
from custrec.store.database import Store, open_store, snapshot
from custrec.store.history_of import stepped_back
from custrec.store.journal import last_change
from custrec.store.layout import column_type
from custrec.store.quoting import quote
from custrec.store.shapes import schema_after

BATCH = 5_000


class PastStore(Store):
    """A store with some tables as they were; `taken_back` names them, with their ids."""

    taken_back: dict[str, int]

    def parts(self, table: str) -> list[tuple[int, str]]:
        """The live rows, without those touched since, with the old ones: counted sooner than the view's rows are."""
        then = self.schema.by_name[table]
        if table not in self.taken_back or not _same_columns(then, table_numbered(self.applied, then.id)):
            return super().parts(table)
        number, live = self.taken_back[table], f"main.{quote(table)}"
        touched = f"(SELECT l.* FROM temp._touched_{number} f CROSS JOIN {live} l ON l._id = f.record)"
        return [(1, live), (-1, touched), (1, f"temp._old_{number}")]


@contextlib.contextmanager
def opened_as_of(store: Store, event: int, tables: Iterable[Table], but: Table | None = None) -> Iterator[Store]:
    """A store in which some tables, and those that they refer to, are as they were right after an event (0: empty).

    They may be given as they are in any schema that the store had; those that were not there then are left out. It has
    the columns that readers of records want. Where nobody will look, its other tables are those of today, as is the
    table `but`. Of a record whose later changes were redacted nothing is known any more, and it is left out.
    """
    past = PastStore(store.path, open_store(store.path).reader)
    try:
        with snapshot(past.reader):
            past.reader.execute("PRAGMA query_only = OFF")  # for the temporary database: the file is open read-only
            past.schema = schema_after(store, event)
            there = [then for table in tables if (then := table_numbered(past.schema, table.id))]
            since, wanted = last_change(past, event), _with_parents(past, there, but)
            for table in wanted:
                _take_back(past.reader, table, table_numbered(past.applied, table.id), since)
            past.taken_back = {table.name: table.id for table in wanted}
            past.reader.execute("PRAGMA query_only = ON")
            yield past
    finally:
        past.close()


def _with_parents(store: Store, tables: Iterable[Table], but: Table | None) -> list[Table]:
    """Some tables, and all that they refer to by any number of steps, but one."""
    wanted = [table.name for table in tables]
    for name in wanted:
        parents = [key.table for key in store.schema.by_name[name].foreign_keys]
        wanted += [parent for parent in parents if parent not in wanted and (but is None or parent != but.name)]
    return [store.schema.by_name[name] for name in dict.fromkeys(wanted)]


def _take_back(db: sqlite3.Connection, table: Table, now: Table | None, since: int) -> None:
    """Put the old table before the live one (`now`, by the schema of today, if it has it still)."""
    touched, old = f"temp._touched_{table.id}", f"temp._old_{table.id}"
    names = ["_state", *(f.name for f in table.fields)]
    columns = ", ".join(map(quote, names))
    db.execute(f"CREATE TABLE {touched} (record INTEGER PRIMARY KEY, op INTEGER NOT NULL)")
    db.execute(
        f"INSERT OR IGNORE INTO {touched} SELECT record, op FROM main._change WHERE n > ? AND tbl = ? ORDER BY n",
        (since, table.id),
    )
    typed = ", ".join(f"{quote(f.name)} {column_type(table, f)}" for f in table.fields)
    db.execute(f"CREATE TABLE {old} (_id INTEGER PRIMARY KEY, _state INTEGER NOT NULL, {typed})")
    rows = _old_rows(db, table, now, since)
    insert = f"INSERT INTO {old} (_id, {columns}) VALUES (?{', ?' * len(names)})"
    while batch := list(islice(rows, BATCH)):
        db.executemany(insert, batch)
    # What is stored as another type now was blank in every row that nobody touched. (A union has the type of its first
    # part, which would make 3.0 of 3.)
    same = [True, *(_same_type(table, f, now) for f in table.fields)]
    columns_now = zip(_columns(table, now), names, same, strict=True)
    live = [f"{column if kept else 'NULL'} AS {quote(name)}" for column, name, kept in columns_now]
    untouched = (
        f"SELECT _id, {', '.join(live)} FROM main.{quote(now.name)} WHERE _id NOT IN (SELECT record FROM {touched}) "
        "UNION ALL "
        if now
        else ""
    )
    db.execute(f"CREATE TEMP VIEW {quote(table.name)} AS {untouched}SELECT _id, {columns} FROM {old}")


def _same_columns(then: Table, now: Table | None) -> bool:
    """Whether the live table has all columns of an old one, under their names."""
    return (
        now is not None
        and then.name == now.name
        and all(
            (live := now.by_id.get(f.id)) is not None and live.name == f.name and _same_type(then, f, now)
            for f in then.fields
        )
    )


def _same_type(table: Table, field: Field, now: Table | None) -> bool:
    live = now.by_id.get(field.id) if now else None
    return live is None or now is None or column_type(now, live) == column_type(table, field)


def _columns(table: Table, now: Table | None, alias: str = "") -> list[str]:
    """What the live table has for the state and the fields of an old one: a column, or nothing."""
    kept = [now.by_id.get(f.id) if now else None for f in table.fields]
    state = [f"{alias}_state" if now else "NULL"]
    return state + [f"{alias}{quote(live.name)}" if live else "NULL" for live in kept]


def _old_rows(db: sqlite3.Connection, table: Table, now: Table | None, since: int) -> Iterator[tuple[Any, ...]]:
    """The rows that were there before the changes since, by id: what was inserted first was not."""
    keys = {str(STATE_ID): "_state"} | {str(f.id): f.name for f in table.fields}
    columns = ", ".join(_columns(table, now, "l."))
    live = f"main.{quote(now.name)}" if now else "(SELECT NULL AS _id WHERE FALSE)"
    found = db.execute(
        f"SELECT f.record, c.op, {readable_diff('c')}, l._id, {columns} FROM temp._touched_{table.id} f "
        "JOIN main._change c ON c.record = f.record AND c.tbl = ? AND c.n > ? "
        f"LEFT JOIN {live} l ON l._id = f.record WHERE f.op <> {Op.INSERT:d} "
        "ORDER BY f.record, c.n DESC",
        (table.id, since),
    )
    for record, changes in groupby(iter(found.fetchone, None), key=lambda row: row[0]):
        newest = next(changes)
        values = dict(zip(keys.values(), newest[4:], strict=True)) if newest[3] is not None else None
        for _, op, diff, *_ in chain([newest], changes):
            values = stepped_back(keys, op, diff, values)
        if values is not None:
            yield (record, *values.values())
