"""Putting a restored store in its place: ids above all that were ever given, and the exchange of the files.

The file that is restored is nobody's yet: it is written here before anybody else can see it. A store that is in use
must not be exchanged below its users: SQLite opens and removes a write-ahead log by its name, so that who still has
the old file open would take away that of the new one (https://sqlite.org/howtocorrupt.html, "Unlinking or renaming a
database file while in use"). So the old one is first taken out of WAL mode, which SQLite does only when nobody else has
it open, and it stays so; then it is locked, and whoever comes waits, and is told that it was replaced (store.writable).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from custrec.errors import StoreExists, StoreUnwell
from custrec.store.copies import COMPANIONS
from custrec.store.derived import path_of
from custrec.store.sqlite_errors import translated
from custrec.store.writable import begin, connect

LOG, SHARED = "-wal", "-shm"
ASIDE = "before-restore"
"""What stands in the names of stores that were replaced."""


def settle_in(path: Path, next_ids: Mapping[str, int]) -> dict[str, bytes]:
    """Make a store of a copy: it gives out no record id below these (by table id), and what travelled with it is taken
    out and returned by name. Raises DiskFull, StoreUnwell."""
    with translated(path), contextlib.closing(connect(path, 0)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, until it is in its place
        connection.execute("BEGIN")
        companions: dict[str, bytes] = {}
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (COMPANIONS,)).fetchone():
            companions = dict(connection.execute(f"SELECT name, content FROM {COMPANIONS}").fetchall())
            connection.execute(f"DROP TABLE {COMPANIONS}")
        connection.executemany(
            "UPDATE _sequence SET next = max(next, ?) WHERE tbl = ?",
            [(int(following), int(table)) for table, following in next_ids.items()],
        )
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    _without_companions(path)
    return companions


def exchange(restored: Path, store: Path, aside: Path | None, wait: float) -> None:
    """Put a restored file in the place of a store, in one step. What is there stays as `aside`; None: nothing is there.

    A store that cannot be opened is damaged, and moved as it is, with its write-ahead log. Raises StoreBusy, OSError.
    """
    if aside is None:
        _without_companions(store)
        _put(restored, store)
        return
    try:
        with contextlib.closing(_alone_with(store, wait)) as holder:
            if os.name == "nt":  # what is open cannot be moved there
                holder.close()
            _keep(store, aside)
            _put(restored, store)
    except (StoreUnwell, sqlite3.DatabaseError):
        for tail in (LOG, ""):
            damaged = store.with_name(store.name + tail)
            if damaged.exists():
                damaged.replace(aside.with_name(aside.name + tail))
        _without_companions(store)
        _put(restored, store)


def found(made: Path, store: Path) -> None:
    """Put a new store in a place where nothing is, in one step. Raises StoreExists, OSError."""
    _without_companions(store)
    _without_companions(made)
    try:
        os.link(made, store)
    except FileExistsError as error:
        raise StoreExists(path=str(store)) from error
    except OSError:  # a disk without second names
        if store.exists():
            raise StoreExists(path=str(store)) from None
        made.replace(store)
    else:
        made.unlink()
    _forget(store)


def second_names(store: Path) -> Iterator[Path]:
    """The names that a restore which was killed gave to the store itself. They are to go: SQLite wants one name."""
    for path in store.parent.glob(f"{store.name}.{ASIDE}-*"):
        if store.exists() and path.is_file() and path.samefile(store):
            yield path


def _alone_with(store: Path, wait: float) -> sqlite3.Connection:
    """A connection that holds the lock of a store which nobody else has open. Raises StoreBusy, StoreUnwell."""
    with translated(store, wait):
        connection = connect(store, wait)
        try:
            begin(connection, wait, "PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            begin(connection, wait, "BEGIN EXCLUSIVE")
        except BaseException:
            connection.close()
            raise
        return connection


def _keep(store: Path, aside: Path) -> None:
    """Give a store a second name, so that its place is never empty; where the disk has no such thing, another name."""
    try:
        os.link(store, aside)
    except OSError:
        store.replace(aside)


def _put(restored: Path, store: Path) -> None:
    restored.replace(store)
    _forget(store)


def _forget(store: Path) -> None:
    """Remove what was derived from another store at this place, and see the new one safely on the disk."""
    derived = path_of(store)
    if not derived.is_dir():
        derived.unlink(missing_ok=True)
    _without_companions(derived)
    if os.name == "posix":
        descriptor = os.open(store.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _without_companions(path: Path) -> None:
    for tail in (LOG, SHARED):
        path.with_name(path.name + tail).unlink(missing_ok=True)
