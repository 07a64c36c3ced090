"""Making a store, and bringing an older one to this version's layout.

custrec's own tables change by numbered migrations (sqlite-utils), each in one transaction. The user's tables follow
schema.yaml; their changes are plans and not made here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from sqlite_utils import Database, Migrations

from custrec.errors import StoreExists
from custrec.model.decisions import DECISIONS, tables_of
from custrec.model.digest import canonical_json
from custrec.model.schema import Schema
from custrec.model.schema_json import schema_to_dict
from custrec.store import layout
from custrec.store.sqlite_errors import translated
from custrec.store.writable import connect, transaction

STEPS = Migrations("custrec")


@STEPS()
def m001_own_tables(db: Database) -> None:
    """Schemas, sequences of ids, the journal and its guards."""
    for statement in layout.OWN_TABLES:
        db.execute(statement)
    for table in layout.GUARDED:
        for guard in layout.guards(table).values():
            db.execute(guard)


@STEPS()
def m002_decisions(db: Database) -> None:
    """The tables of decisions that stores of format 1 lack. A new store gets all of its tables from its schema."""
    connection = db.conn
    if connection.execute("PRAGMA user_version").fetchone()[0] >= 2:
        return
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()}
    for table in DECISIONS:
        if table.name not in there:
            for statement in layout.statements_of(table):
                connection.execute(statement)
            connection.execute("INSERT OR IGNORE INTO _sequence VALUES (?, 1)", (table.id,))


def upgrade(path: Path, wait: float, actor: str) -> None:
    """Bring a store to this version's layout, in one transaction; where it is there already, nothing is done.

    Raises StoreBusy, StoreReadOnly, DiskFull.
    """
    with contextlib.closing(connect(path, wait)) as connection:
        with translated(path):
            (there,) = connection.execute("PRAGMA user_version").fetchone()
        if there >= layout.FORMAT:
            return
        with transaction(connection, path, wait, actor, "upgrade"):
            STEPS.apply(Database(connection))
            connection.execute(f"PRAGMA user_version = {layout.FORMAT}")


def create_store(path: Path, schema: Schema, at: str, meta: Mapping[str, str]) -> None:
    """Make a new store with the schema's tables: mode 0600, WAL.

    `meta` are facts to keep, among them `identity`, which names this store for ever (a UUID). Raises StoreExists; a
    store that could not be finished is removed.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise StoreExists(path=str(path)) from None
    try:
        with translated(path):
            _fill(path, schema, at, meta)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _fill(path: Path, schema: Schema, at: str, meta: Mapping[str, str]) -> None:
    connection = connect(path, wait=0)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        db = Database(connection)
        with db.atomic():
            connection.execute(f"PRAGMA application_id = {layout.APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {layout.FORMAT}")
            STEPS.apply(db)
            for statement in layout.statements(schema):
                connection.execute(statement)
            connection.executemany("INSERT INTO _meta VALUES (?, ?)", [*meta.items(), ("created_at", at)])
            text = canonical_json(schema_to_dict(schema))
            connection.execute("INSERT INTO _schema VALUES (1, ?, ?)", (at, text))
            connection.executemany("INSERT INTO _sequence VALUES (?, 1)", [(t.id,) for t in tables_of(schema)])
    finally:
        connection.close()
