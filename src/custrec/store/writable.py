"""The one factory of a writable connection to a store, and the one write transaction.

Only store.apply, store.migrations and store.derived may import this module (an import contract), so that nothing
else can ever write. Who holds the lock is written beside the store (`<stem>.writer`) while a transaction lasts, so
that the next one can be told.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from custrec.store import fractions
from custrec.store.place import beside
from custrec.store.sqlite_errors import translated

CACHE_KIB = 48 * 1024


def connect(path: Path, wait: float) -> sqlite3.Connection:
    """Open a file for writing; `wait` is how long to wait for a lock, in seconds."""
    connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False)
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute("PRAGMA foreign_keys = OFF")  # checked set-wise in store.apply, before the commit
    connection.execute("PRAGMA recursive_triggers = OFF")
    fractions.register(connection)
    connection.execute("PRAGMA secure_delete = OFF")  # what is deleted here stays in the journal anyway
    return connection


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection, path: Path, wait: float, actor: str, verb: str) -> Iterator[None]:
    """Everything or nothing. Raises StoreBusy, DiskFull, StoreReadOnly or StoreUnwell for SQLite's reasons.

    A transaction that meets any exception, also KeyboardInterrupt, is rolled back.
    """
    note = beside(path, "writer")
    with translated(path, wait):
        connection.execute("BEGIN IMMEDIATE")
    try:
        with contextlib.suppress(OSError):
            note.write_text(json.dumps({"pid": os.getpid(), "actor": actor, "verb": verb}), encoding="utf-8")
        with translated(path, wait):
            yield
            connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise
    finally:
        with contextlib.suppress(OSError):
            note.unlink(missing_ok=True)
