"""The numbered migrations of custrec's own tables: sqlite-utils notes in the store which were made, and makes the rest.

Who brings a store to its layout, and when, is store.migrations'. This module is slow to load, and wanted by few.
"""

from __future__ import annotations

import sqlite3

from sqlite_utils import Database, Migrations

from custrec.model.decisions import DECISIONS
from custrec.store import layout

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


def migrate(connection: sqlite3.Connection) -> None:
    """Make the migrations that a store lacks."""
    STEPS.apply(Database(connection))
