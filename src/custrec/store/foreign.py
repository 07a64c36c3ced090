"""Tables of SQLite databases that are not ours, read to be imported. Read-only: nothing is written, no file is made.

Values come as they lie there: text, whole numbers, numbers, blobs (which no field takes). Records are in the order of
their primary key, else of their rowids.

A store of custrec is refused: what lies in it (amounts in minor units, parents by id) is not what its export says.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote as url_quote

from custrec.errors import FileUnreadable, IoFailure, NotCsv
from custrec.store.layout import APPLICATION_ID
from custrec.store.place import private
from custrec.store.quoting import quote

_OWN = ("sqlite_", "_litestream_")
_TABLES = (
    "SELECT l.name FROM pragma_table_list AS l JOIN main.sqlite_schema AS s ON s.name = l.name "
    "WHERE l.schema = 'main' AND l.type IN ('table', 'view', 'virtual') ORDER BY s.rowid"
)
_ROWIDS = "SELECT 1 FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT wr AND name = ?"
_UNSEEN = 1
"""What `hidden` is of a virtual table's column that is no column of its rows (PRAGMA table_xinfo)."""
_IN_WAL_MODE = b"\x02\x02"
"""Bytes 18 and 19 of the file (https://www.sqlite.org/fileformat.html, 1.3.3)."""


class ForeignDatabase:
    """An SQLite file, open for reading. A context manager."""

    def __init__(self, path: Path, name: str) -> None:
        """`name` is for messages. Raises FileUnreadable, and NotCsv for a store."""
        self._name = name
        try:
            self._connection = sqlite3.connect(f"file:{url_quote(str(path.absolute()))}?{_how(path)}", uri=True)
            self._connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("PRAGMA trusted_schema = OFF")
            (application,) = self._connection.execute("PRAGMA application_id").fetchone()
        except (sqlite3.Error, OSError) as error:
            raise self._unreadable() from error
        if application == APPLICATION_ID:
            self.close()
            raise NotCsv(path=name, what="a store of custrec", remedy=f"export from it: custrec export --store {name}")

    def tables(self) -> list[str]:
        """The names of the tables and views, in the order in which they were made. Raises FileUnreadable."""
        return [name for (name,) in self._ask(_TABLES) if not name.startswith(_OWN)]

    def columns(self, table: str) -> list[str]:
        """The names of a table's columns, generated ones among them. Raises FileUnreadable."""
        return [row[1] for row in self._ask(f"PRAGMA table_xinfo({quote(table)})") if row[6] != _UNSEEN]

    def count(self, table: str) -> int:
        """How many rows a table has. Raises FileUnreadable."""
        return int(next(self._ask(f"SELECT count(*) FROM {quote(table)}"))[0])

    def rows(self, table: str) -> Iterator[Sequence[Any]]:
        """The rows of a table. Raises FileUnreadable."""
        keys = sorted((row[5], row[1]) for row in self._ask(f"PRAGMA table_xinfo({quote(table)})") if row[5])
        order = [quote(name) for _, name in keys] or ["rowid" for _ in self._ask(_ROWIDS, table)]
        by = f" ORDER BY {', '.join(order)}" if order else ""
        return self._ask(f"SELECT {', '.join(map(quote, self.columns(table)))} FROM {quote(table)}{by}")

    def _ask(self, query: str, *params: str) -> Iterator[Any]:
        try:
            yield from self._connection.execute(query, params)
        except (sqlite3.Error, UnicodeError, ValueError) as error:  # ValueError: a NUL in a name
            raise self._unreadable() from error

    def _unreadable(self) -> FileUnreadable:
        return FileUnreadable(path=self._name, reason="it is damaged, or protected, or no SQLite database")

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()


def mended(path: Path, copy: Path) -> Path:
    """The file of a database that can be read as it lies there; else a copy of it with its log, for SQLite to mend.

    A program that was stopped while it wrote has left a log, from which who opens the database first has to restore it;
    the database itself is left as it is. Raises IoFailure.
    """
    logs = [log for tail in ("-wal", "-journal") if (log := _beside(path, tail)).exists() and log.stat().st_size]
    if not logs or (_beside(path, "-shm").exists() and logs[0].name.endswith("-wal")):
        return path  # whole, or in use by a program with which SQLite reads along
    try:
        for source in (path, *logs):
            place = copy.with_name(source.name.replace(path.name, copy.name, 1))
            private(place)
            shutil.copyfile(source, place)
        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE").fetchall()
    except OSError as error:
        raise IoFailure(path=copy.name, reason=(error.strerror or str(error)).lower()) from error
    return copy


def _how(path: Path) -> str:
    """A database in WAL mode without its log is whole, and SQLite would make files beside it to read it."""
    with path.open("rb") as stream:
        in_wal_mode = stream.read(20)[18:] == _IN_WAL_MODE
    return "mode=ro&immutable=1" if in_wal_mode and not _beside(path, "-wal").exists() else "mode=ro"


def _beside(path: Path, tail: str) -> Path:
    return path.with_name(path.name + tail)
