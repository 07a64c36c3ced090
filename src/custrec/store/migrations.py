"""Making a store, and bringing an older one to this version's layout.

custrec's own tables change by numbered migrations (store.migration_steps), each in one transaction. The user's tables
follow schema.yaml; their changes are plans and not made here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from custrec.errors import StoreExists
from custrec.model.decisions import tables_of
from custrec.model.digest import canonical_json
from custrec.model.schema import Schema
from custrec.model.schema_json import schema_to_dict
from custrec.store import layout
from custrec.store.sqlite_errors import translated
from custrec.store.writable import connect, transaction


def upgrade(path: Path, wait: float, actor: str) -> None:
    """Bring a store to this version's layout, in one transaction; where it is there already, nothing is done.

    Raises StoreBusy, StoreReadOnly, DiskFull.
    """
    with contextlib.closing(connect(path, wait)) as connection:
        with translated(path):
            (there,) = connection.execute("PRAGMA user_version").fetchone()
        if there >= layout.FORMAT:
            return
        from custrec.store.migration_steps import migrate

        with transaction(connection, path, wait, actor, "upgrade"):
            migrate(connection)
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
    from custrec.store.migration_steps import migrate

    with contextlib.closing(connect(path, wait=0)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN")
        connection.execute(f"PRAGMA application_id = {layout.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {layout.FORMAT}")
        migrate(connection)
        for statement in layout.statements(schema):
            connection.execute(statement)
        connection.executemany("INSERT INTO _meta VALUES (?, ?)", [*meta.items(), ("created_at", at)])
        text = canonical_json(schema_to_dict(schema))
        connection.execute("INSERT INTO _schema VALUES (1, ?, ?)", (at, text))
        connection.executemany("INSERT INTO _sequence VALUES (?, 1)", [(t.id,) for t in tables_of(schema)])
        connection.execute("COMMIT")
