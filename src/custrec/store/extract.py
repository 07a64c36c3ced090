"""Some records of a store as a store of their own: their rows, their changes, the events of these, and the schemas.

It can be read as any store can, and brought back from (store.returning). It is no store to work with: it has no
indexes, no guards and no views, its history does not verify since most of it is missing, and it says so (`is_extract`).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from custrec.store import fractions, layout
from custrec.store.database import Store, read_only
from custrec.store.place import private
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated

MARK = "extract"
"""The fact in `_meta` that says so."""
WHOLE = ("_meta", "_schema", "_sequence")
"""What of custrec's own tables is in it as it is."""


def records_in(file: PlanFile) -> dict[str, list[int]]:
    """The records that a plan changes, by table."""
    found = {
        table.name: file.connection.execute(f"SELECT record FROM change_{table.id} ORDER BY record").fetchall()
        for table in file.schema.tables
    }
    return {name: [record for (record,) in rows] for name, rows in found.items() if rows}


def extract(store: Store, chosen: Mapping[str, Sequence[int]], target: Path) -> None:
    """Write some records, by table, into a new file (0600) at `target`. Raises DiskFull, StoreUnwell."""
    private(target)
    by_name = store.schema.by_name
    with translated(target), contextlib.closing(sqlite3.connect(target, isolation_level=None, uri=True)) as db:
        fractions.register(db)
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute(f"PRAGMA application_id = {layout.APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {layout.FORMAT}")
        db.execute("ATTACH ? AS live", (read_only(store.path),))
        db.execute("BEGIN")
        tables = "SELECT sql FROM live.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        for (statement,) in db.execute(tables).fetchall():
            db.execute(statement)
        for name in WHOLE:
            db.execute(f"INSERT INTO main.{name} SELECT * FROM live.{name}")
        db.execute("INSERT OR REPLACE INTO main._meta VALUES (?, '1')", (MARK,))
        db.execute("CREATE TEMP TABLE wanted (tbl INTEGER, record INTEGER, PRIMARY KEY (tbl, record)) WITHOUT ROWID")
        for name, records in chosen.items():
            number = by_name[name].id
            db.executemany("INSERT INTO temp.wanted VALUES (?, ?)", ((number, record) for record in records))
            db.execute(
                f"INSERT INTO main.{quote(name)} SELECT l.* FROM temp.wanted w JOIN live.{quote(name)} l "
                f"ON l._id = w.record WHERE w.tbl = {number} ORDER BY w.record"
            )
        db.execute(
            "INSERT INTO main._change SELECT c.* FROM temp.wanted w JOIN live._change c "
            "ON c.record = w.record AND c.tbl = w.tbl ORDER BY c.n"
        )
        db.execute("INSERT INTO main._event SELECT * FROM live._event WHERE id IN (SELECT event FROM main._change)")
        db.execute("COMMIT")
        db.execute("DETACH live")


def is_extract(store: Store) -> bool:
    """Whether a store holds some records of another one only."""
    return store.reader.execute("SELECT 1 FROM _meta WHERE key = ?", (MARK,)).fetchone() is not None


def all_records(store: Store) -> dict[str, list[int]]:
    """The records in an extract, by table."""
    return {
        table.name: [record for (record,) in store.reader.execute(f"SELECT _id FROM {quote(table.name)} ORDER BY _id")]
        for table in store.schema.tables
    }
