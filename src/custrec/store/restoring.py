"""Putting a restored store in its place: ids above all that were ever given, and the exchange of the files.

The file that is restored is nobody's yet: it is written here before anybody else can see it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path

from custrec.errors import StoreError
from custrec.store.derived import path_of
from custrec.store.sqlite_errors import translated
from custrec.store.writable import begin, connect

LOG, SHARED = "-wal", "-shm"


def raise_ids(path: Path, next_ids: Mapping[str, int]) -> None:
    """Let a restored store give out no record id below these (by table id). Raises DiskFull, StoreUnwell."""
    with translated(path), contextlib.closing(connect(path, 0)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, until it is in its place
        connection.execute("BEGIN")
        connection.executemany(
            "UPDATE _sequence SET next = max(next, ?) WHERE tbl = ?",
            [(int(following), int(table)) for table, following in next_ids.items()],
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    _without_companions(path)


def exchange(restored: Path, store: Path, aside: Path | None, wait: float) -> None:
    """Put a restored file in the place of a store. What is there is moved to `aside`, with its log where that could not
    be folded in; None: nothing is there.

    Nobody else may write in between. Raises StoreBusy, OSError.
    """
    if aside is not None:
        _move_aside(store, aside, wait)
    _without_companions(store)
    restored.replace(store)
    derived = path_of(store)
    derived.unlink(missing_ok=True)
    _without_companions(derived)


def _move_aside(store: Path, aside: Path, wait: float) -> None:
    """Take the name away while holding the lock: whoever waits for it is told that the store was replaced
    (store.writable). A store that cannot even be locked is damaged, and moved as it is."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(StoreError, sqlite3.DatabaseError), translated(store, wait):
            connection = stack.enter_context(contextlib.closing(connect(store, wait)))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            begin(connection, wait)
        log = store.with_name(store.name + LOG)
        if log.exists() and log.stat().st_size:
            log.replace(aside.with_name(aside.name + LOG))
        store.replace(aside)


def _without_companions(path: Path) -> None:
    for tail in (LOG, SHARED):
        path.with_name(path.name + tail).unlink(missing_ok=True)
