"""The one factory of a writable connection to a store, and the one write transaction.

Only the modules that tests/test_contracts.py lists may import this one, so that nothing else can ever write. Who holds
the lock is written beside the store (`<stem>.writer`) while a transaction lasts, so that the next one can be told.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from custrec.errors import StoreReplaced
from custrec.store import fractions
from custrec.store.place import beside
from custrec.store.sqlite_errors import translated

CACHE_KIB = 48 * 1024
HEARING = 0.25
"""Seconds after which a wait for the lock looks up."""


class Writing(sqlite3.Connection):
    """A connection that knows which file it opened: one under the same name may be another by the time it is locked."""

    place: Path
    file: os.stat_result | None

    @property
    def moved(self) -> bool:
        """Whether the file that was opened lies no more where it was."""
        return self.file is not None and not _is(self.file, self.place)


def connect(path: Path, wait: float) -> Writing:
    """Open a file for writing; `wait` is how long to wait for a lock, in seconds."""
    before = path.stat() if path.exists() else None  # looked at before it is opened: whatever comes between is noticed
    connection = sqlite3.connect(path, timeout=wait, isolation_level=None, check_same_thread=False, factory=Writing)
    connection.place, connection.file = path, before
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("PRAGMA temp_store = FILE")
    connection.execute("PRAGMA foreign_keys = OFF")  # checked set-wise in store.apply, before the commit
    connection.execute("PRAGMA recursive_triggers = OFF")
    fractions.register(connection)
    connection.execute("PRAGMA secure_delete = OFF")  # what is deleted here stays in the journal anyway
    return connection


def _is(file: os.stat_result, place: Path) -> bool:
    try:
        return os.path.samestat(file, place.stat())
    except OSError:
        return False


def begin(connection: sqlite3.Connection, wait: float, statement: str = "BEGIN IMMEDIATE") -> None:
    """Take the write lock, or wait for it; in short waits, because an interruption is only heard between them.

    `statement` is what takes it: VACUUM has to take it itself.
    """
    deadline = time.monotonic() + wait
    while True:
        left = max(0.0, deadline - time.monotonic())
        connection.execute(f"PRAGMA busy_timeout = {int(min(left, HEARING) * 1000)}")
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as error:
            if (error.sqlite_errorcode or 0) & 0xFF != sqlite3.SQLITE_BUSY or not left:
                raise


@contextlib.contextmanager
def transaction(connection: Writing, path: Path, wait: float, actor: str, verb: str) -> Iterator[None]:
    """Everything or nothing. Raises StoreReplaced, and StoreBusy, DiskFull, StoreReadOnly or StoreUnwell by SQLite.

    A transaction that meets any exception, also KeyboardInterrupt, is rolled back.
    """
    with translated(path, wait):
        begin(connection, wait)
    if connection.moved:
        connection.execute("ROLLBACK")
        raise StoreReplaced(store=path.name)
    try:
        leave_note(path, actor, verb)
        with translated(path, wait):
            yield
            connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        raise
    finally:
        take_note_away(path)


def leave_note(path: Path, actor: str, verb: str) -> None:
    """Say beside a store who holds its lock. Who holds it does so himself; that it cannot be said stops nobody."""
    with contextlib.suppress(OSError):
        said = {"pid": os.getpid(), "actor": actor, "verb": verb}
        beside(path, "writer").write_text(json.dumps(said), encoding="utf-8")


def take_note_away(path: Path) -> None:
    """Say no more who holds the lock."""
    with contextlib.suppress(OSError):
        beside(path, "writer").unlink(missing_ok=True)
