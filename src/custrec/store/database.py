"""Opening a store to read it: what is checked, and what a reader may do.

A reader never writes: its connection is read-only, and other programs' writes do not disturb it (WAL).
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from urllib.parse import quote as percent

from custrec.errors import IoFailure, NotAStore, StoreMissing, StoreReadOnly, StoreTooNew, StoreUnwell
from custrec.model.schema import Schema
from custrec.model.schema_json import schema_from_dict
from custrec.store import fractions
from custrec.store.layout import APPLICATION_ID, FORMAT
from custrec.store.quoting import quote

CACHE_KIB = 32 * 1024
PATIENCE = 10
"""Seconds that a reader waits where it must: while somebody recovers or replaces the file."""


class Store:
    """A store that exists, open for reading. Raises what `open_store` says."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.reader = connection

    @cached_property
    def schema(self) -> Schema:
        """The schema that its tables are read by: the applied one, of a store as it is."""
        return self.applied

    @cached_property
    def applied(self) -> Schema:
        """The applied schema, by which the live tables lie in the file."""
        return self.schema_at(self.schema_version)

    @property
    def schema_digest(self) -> str:
        """The SHA-256 (hex) of the schema.yaml that was applied; '' where nobody noted it."""
        row = self.reader.execute("SELECT value FROM _meta WHERE key = 'schema_digest'").fetchone()
        return str(row[0]) if row else ""

    @property
    def identity(self) -> str:
        """What tells this store from every other one, its copies aside (a UUID)."""
        (identity,) = self.reader.execute("SELECT value FROM _meta WHERE key = 'identity'").fetchone()
        return str(identity)

    @property
    def schema_version(self) -> int:
        """The number of the applied schema; raised by each schema change."""
        (version,) = self.reader.execute("SELECT max(version) FROM _schema").fetchone()
        return int(version)

    def schema_at(self, version: int) -> Schema:
        """The schema that was applied under this number."""
        (text,) = self.reader.execute("SELECT text FROM _schema WHERE version = ?", (version,)).fetchone()
        return schema_from_dict(json.loads(text))

    @property
    def format(self) -> int:
        """The number of the layout of custrec's own tables."""
        (version,) = self.reader.execute("PRAGMA user_version").fetchone()
        return int(version)

    @property
    def last_event(self) -> int:
        """The id of the newest event; 0 in a new store."""
        (last,) = self.reader.execute("SELECT coalesce(max(id), 0) FROM _event").fetchone()
        return int(last)

    def parts(self, table: str) -> list[tuple[int, str]]:
        """What a table's rows are counted in: SQL sources, each to be added (1) or taken off (-1)."""
        return [(1, quote(table))]

    def close(self) -> None:
        """Close the connection."""
        self.reader.close()


def open_store(path: Path) -> Store:
    """Open a store for reading.

    Raises StoreMissing, NotAStore, StoreTooNew, StoreUnwell or StoreReadOnly (a store in WAL mode needs its folder
    writable, or its companions there).
    """
    if not path.exists():
        raise StoreMissing(store=str(path))
    if path.is_dir():
        raise NotAStore(store=str(path), found="it is a folder")
    _recover(path)
    try:
        connection = sqlite3.connect(read_only(path), uri=True, isolation_level=None, timeout=PATIENCE)
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA query_only = ON")
        fractions.register(connection)
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except sqlite3.DatabaseError as error:
        raise _unreadable(error, path) from error
    if application != APPLICATION_ID:
        connection.close()
        empty = path.stat().st_size == 0
        raise NotAStore(store=str(path), found="the file is empty" if empty else "another program's SQLite database")
    if version > FORMAT:
        connection.close()
        raise StoreTooNew(store=str(path), found=version, known=FORMAT)
    return Store(path, connection)


def _recover(path: Path) -> None:
    """Let SQLite take back what a process wrote halfway that was killed outside WAL mode, while it replaced the
    store: its rollback journal lies there still, and who only reads may not do it. What cannot be done here is said
    by who opens."""
    if not path.with_name(f"{path.name}-journal").exists():
        return
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{percent(str(path))}?mode=rw", uri=True, timeout=PATIENCE)) as writer,
    ):
        writer.execute("PRAGMA query_only = ON")
        writer.execute("SELECT count(*) FROM sqlite_schema").fetchone()


def read_only(path: Path) -> str:
    """The URI that opens a database file without writing to it."""
    return f"file:{percent(str(path))}?mode=ro"


@contextlib.contextmanager
def snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """Let several reads see one state of the store; within another snapshot, the one that it sees."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


def _unreadable(error: sqlite3.DatabaseError, path: Path) -> Exception:
    code = (error.sqlite_errorcode or 0) & 0xFF
    if code == sqlite3.SQLITE_NOTADB:
        return NotAStore(store=str(path), found="not an SQLite database")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return StoreReadOnly(store=str(path))
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL):
        return IoFailure(path=str(path), reason="the disk is full or failing")
    return StoreUnwell(store=str(path))
