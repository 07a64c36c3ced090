"""A store made of plain rows: tables as the newest schema lays them out, filled, then indexes, guards and views anew.

The file is nobody's yet: it is written here before anybody else can see it, without a journal of its own.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from custrec.model.decisions import tables_of
from custrec.model.schema import Schema
from custrec.store import layout
from custrec.store.migration_steps import migrate
from custrec.store.plain_tables import PlainTable, own_tables
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated
from custrec.store.writable import connect

CACHE_KIB = 16 * 1024
_UNFIT = (sqlite3.InterfaceError, sqlite3.ProgrammingError, OverflowError, UnicodeEncodeError)
"""What binding a value raises that no column could hold."""


class RowRefused(Exception):
    """SQLite does not take a row, of a type that its column does not hold perhaps."""


class KeyTwice(Exception):
    """Two rows of a table (by its id) have one key, or one unique value: the place of the later one, from 1."""

    def __init__(self, table: str, number: int, place: int) -> None:
        super().__init__(table, number, place)
        self.table, self.number, self.place = table, number, place


class Building:
    """A store in the making. Each step once, in the order in which they stand here."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.own = own_tables(connection)
        self._indexes = [
            (name, text)
            for name, text in connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index'").fetchall()
            if text
        ]
        for name, _ in self._indexes:
            connection.execute(f"DROP INDEX {quote(name)}")
        for name in _guards_of_own():
            connection.execute(f"DROP TRIGGER {quote(name)}")

    def lay_out(self, schema: Schema) -> None:
        """Make the tables of a schema, and those of decisions."""
        for table in tables_of(schema):
            self._connection.execute(layout.create_table(table))

    def fill(self, table: PlainTable, rows: Iterable[Sequence[Any]]) -> None:
        """Put rows into a table. Raises RowRefused at the row that was given last; sqlite3's errors of a disk."""
        columns = ", ".join(map(quote, table.columns))
        statement = f"INSERT INTO {quote(table.name)} ({columns}) VALUES ({', '.join('?' * len(table.columns))})"
        try:
            self._connection.executemany(statement, rows)
        except (sqlite3.IntegrityError, *_UNFIT) as error:
            raise RowRefused from error

    def finish(self, schema: Schema) -> None:
        """Make indexes, guards and views. Raises KeyTwice."""
        for _, text in self._indexes:
            self._connection.execute(text)
        for text in _guards_of_own().values():
            self._connection.execute(text)
        made = {layout.create_table(table) for table in tables_of(schema)}
        for text in layout.statements(schema):
            if text not in made:
                try:
                    self._connection.execute(text)
                except sqlite3.IntegrityError as error:
                    raise self._twice(schema) from error

    def _twice(self, schema: Schema) -> Exception:
        for table in tables_of(schema):
            unique = [field.name for field in table.fields if field.unique]
            for key in [table.primary_key, *((name,) for name in unique)]:
                there = " AND ".join(f"{quote(name)} IS NOT NULL" for name in key) or "FALSE"
                later = (
                    f"SELECT max(_id) FROM {quote(table.name)} WHERE {there} "
                    f"GROUP BY {', '.join(map(quote, key)) or 'NULL'} HAVING count(*) > 1 LIMIT 1"
                )
                count = f"SELECT count(*) FROM {quote(table.name)} WHERE _id <= ({later})"
                if place := self._connection.execute(count).fetchone()[0]:
                    return KeyTwice(table.name, table.id, place)
        return RowRefused()


@contextlib.contextmanager
def building(path: Path) -> Iterator[Building]:
    """Make a store of `path`, an empty private file; when the block ends, it is one, in WAL mode and safe on the disk.

    Raises DiskFull.
    """
    with translated(path), contextlib.closing(connect(path, 0)) as connection:
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA application_id = {layout.APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {layout.FORMAT}")
        migrate(connection)
        connection.execute("BEGIN")
        yield Building(connection)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    with path.open("rb+") as written:
        os.fsync(written.fileno())


def _guards_of_own() -> dict[str, str]:
    return {name: text for table in layout.GUARDED for name, text in layout.guards(table).items()}
