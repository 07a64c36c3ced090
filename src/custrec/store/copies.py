"""Copies of a store: a consistent one of a store in use, and what a copy holds.

A copy is of one moment, whoever writes meanwhile: the pages are read in one read transaction (WAL), so that the copying
never begins again, as SQLite's online backup does in steps when somebody writes between them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custrec.store import fractions
from custrec.store.database import Store, read_only, snapshot
from custrec.store.erasing import known_head
from custrec.store.layout import APPLICATION_ID
from custrec.store.pending_wipe import is_pending
from custrec.store.place import private
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated

READING_KIB = 1024
"""Cache where each page is read once, and none is kept: what is larger costs more than it saves."""
LOOKING_KIB = 8 * 1024
"""Cache where the rows of an index are looked up in their table."""
PAGES = 4096
"""Pages a step: progress is told, and an interruption heard, between steps."""


@dataclass(frozen=True)
class Holdings:
    """What a store holds, told from the file itself: who it is, its format and schema, the head of its journal, the
    rows of each table (custrec's own too, their names begin with _), the next record id of each table by its id, and
    how far the ledger of erasures goes that its journal knows of (model.ledger.Head)."""

    identity: str
    store_format: int
    schema_version: int
    event: int
    digest: str
    rows: Mapping[str, int]
    next_ids: Mapping[str, int]
    ledger: Mapping[str, Any]


COMPANIONS = "_companion"
"""The table of a copy that holds what travels with it."""


def copy_store(
    store: Store,
    target: Path,
    companions: Mapping[str, bytes],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Copy a store as it is now into a new file (0600) at `target`: one file without a write-ahead log, which can be
    read from a disk that nobody may write to. The `companions` (files by name) become a table of the copy.

    `progress` is as in `copied`. Raises DiskFull, StoreUnwell.
    """
    with copied(store, target, progress) as copy:
        for mode in ("DELETE", "OFF"):  # out of WAL, and then without a journal: nobody else sees this file
            copy.execute(f"PRAGMA journal_mode = {mode}")
        copy.execute(f"CREATE TABLE {COMPANIONS} (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT")
        copy.executemany(f"INSERT INTO {COMPANIONS} VALUES (?, ?)", companions.items())


@contextlib.contextmanager
def copied(
    store: Store, target: Path, progress: Callable[[int, int], None] | None = None
) -> Iterator[sqlite3.Connection]:
    """The pages of a store as it is now in a new file (0600), open to be written to. It is not yet safe on the disk.

    `progress` is told pages done and pages in all. Raises DiskFull, StoreUnwell.
    """
    private(target)
    unwiped = is_pending(store.reader)
    if unwiped:  # freed pages may hold what was destroyed: they are not to be copied
        with (
            translated(target),
            contextlib.closing(sqlite3.connect(read_only(store.path), uri=True, isolation_level=None)) as reader,
        ):
            reader.execute("VACUUM INTO ?", (str(target),))
    with translated(target), contextlib.closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode = OFF")
        copy.execute("PRAGMA synchronous = OFF")
        if not unwiped:
            _copy_pages(store, copy, progress or (lambda _done, _all: None))
        yield copy


def _copy_pages(store: Store, copy: sqlite3.Connection, tell: Callable[[int, int], None]) -> None:
    with snapshot(store.reader):
        store.reader.execute("SELECT 1 FROM sqlite_schema").fetchone()  # now the moment is fixed
        (pages_kept,) = store.reader.execute("PRAGMA cache_size").fetchone()
        store.reader.execute(f"PRAGMA cache_size = -{READING_KIB}")  # each page is read once
        store.reader.backup(copy, pages=PAGES, progress=lambda _, left, pages: tell(pages - left, pages), sleep=0.0)
        store.reader.execute("PRAGMA shrink_memory")
        store.reader.execute(f"PRAGMA cache_size = {pages_kept}")


def examine(path: Path, deep: bool = False, gone: Callable[[], None] | None = None) -> Holdings:
    """What a copy holds, after SQLite has checked its structure (`deep`: every index against its table, too).

    `gone` is called as soon as the file is open: it may be unlinked then. Raises ValueError where it is no sound store.
    """
    with _still(path, gone) as connection:
        connection.execute(f"PRAGMA cache_size = -{LOOKING_KIB if deep else READING_KIB}")
        try:
            (word,) = connection.execute(f"PRAGMA {'integrity' if deep else 'quick'}_check(1)").fetchone()
        except sqlite3.DatabaseError as error:
            raise ValueError("SQLite cannot read it") from error
        if word != "ok":
            raise ValueError("SQLite finds its structure damaged")
        return _holdings(connection)


@contextlib.contextmanager
def _still(path: Path, gone: Callable[[], None] | None = None) -> Iterator[sqlite3.Connection]:
    """A connection to a file that nobody changes: no locks, no companions are made."""
    with contextlib.closing(
        sqlite3.connect(f"{read_only(path)}&immutable=1", uri=True, isolation_level=None)
    ) as connection:
        fractions.register(connection)
        try:
            connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        except sqlite3.DatabaseError as error:
            raise ValueError("it is no SQLite database") from error
        if gone is not None:
            gone()
        yield connection


def _holdings(connection: sqlite3.Connection) -> Holdings:
    try:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if application != APPLICATION_ID:
            raise ValueError("it is no custrec store")
        (identity,) = connection.execute("SELECT value FROM _meta WHERE key = 'identity'").fetchone()
        (store_format,) = connection.execute("PRAGMA user_version").fetchone()
        (schema,) = connection.execute("SELECT max(version) FROM _schema").fetchone()
        head = connection.execute("SELECT id, hex(digest) FROM _event ORDER BY id DESC LIMIT 1").fetchone()
        names = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
        ).fetchall()
        rows = {name: connection.execute(f"SELECT count(*) FROM {quote(name)}").fetchone()[0] for (name,) in names}
        following = {str(table): int(number) for table, number in connection.execute("SELECT tbl, next FROM _sequence")}
        head_of_ledger = known_head(connection)
        ledger = head_of_ledger.as_dict() if head_of_ledger.position else {}
    except (sqlite3.DatabaseError, TypeError) as error:
        raise ValueError("its own tables are not what they should be") from error
    event, digest = head or (0, "")
    return Holdings(
        str(identity),
        store_format,
        schema,
        event,
        digest.lower(),
        rows,
        following,
        ledger,
    )
