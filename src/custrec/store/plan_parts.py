"""Parts of a plan: what each worker of an import writes, while others write theirs (the tables: store.plan_file).

A part is whole up to its last chunk, whenever its writer died.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custrec.model.schema import Table
from custrec.store.place import private
from custrec.store.plan_file import CREATE_REJECT, INSERT_REJECT, connect_scratch, create_rows
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated

CREATE_DOUBTFUL = "CREATE TABLE doubtful (seq INTEGER PRIMARY KEY, cells TEXT NOT NULL, faults TEXT NOT NULL) STRICT"
CREATE_WARNING = "CREATE TABLE warning (line INTEGER NOT NULL, number INTEGER NOT NULL, cells TEXT NOT NULL) STRICT"
CREATE_DONE = "CREATE TABLE done (chunk INTEGER PRIMARY KEY, digest BLOB NOT NULL, staged TEXT NOT NULL) STRICT"


@dataclass(frozen=True)
class Segment:
    """The good rows of one chunk of the source: the schema-qualified table they lie in, their seqs without gaps."""

    part: str
    lo: int
    hi: int

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.hi - self.lo + 1


class PartWriter:
    """A worker's part of a plan for one table: good rows and refused ones."""

    def __init__(self, path: Path, table: Table, fields: Sequence[str]) -> None:
        """`fields` are those that rows will have values for, in that order; the others are blank."""
        self.path = path
        taken_up = path.exists()
        if not taken_up:
            private(path)
        self._connection = connect_scratch(path)
        # Killed, it is whole up to its last chunk (store.leftovers). New pages are not journalled: it costs little.
        self._connection.execute("PRAGMA journal_mode = DELETE")
        if not taken_up:
            self._connection.execute("BEGIN")
            for statement in (create_rows(table, "rows"), CREATE_REJECT, CREATE_DOUBTFUL, CREATE_WARNING, CREATE_DONE):
                self._connection.execute(statement)
            self._connection.execute("COMMIT")
        names = ", ".join(["_seq", "_line", "_original", "_seal", *map(quote, fields)])
        marks = ", ".join("?" * (len(fields) + 4))
        self._insert = f"INSERT INTO rows ({names}) VALUES ({marks})"

    def write(
        self,
        rows: Iterable[Sequence[Any]],
        rejects: Iterable[Sequence[Any]],
        doubtful: Iterable[Sequence[Any]],
        warnings: Iterable[Sequence[Any]] = (),
        done: Sequence[Any] | None = None,
    ) -> None:
        """Write one chunk, all of it or nothing.

        Rows are (seq, line, original, seal, *values), rejects (line, chunk, cells, faults, key); doubtful rows stand
        among the rows too and are (seq, cells, faults): they lack what a new record needs, but may change one.
        Warnings are (line, number of the check, cells), of rows good or bad. `done` is what is noted of the chunk:
        (number, digest, JSON).
        """
        with translated(self.path):
            self._connection.execute("BEGIN")
            self._connection.executemany(self._insert, rows)
            self._connection.executemany(INSERT_REJECT, rejects)
            self._connection.executemany("INSERT INTO doubtful VALUES (?, ?, ?)", doubtful)
            self._connection.executemany("INSERT INTO warning VALUES (?, ?, ?)", warnings)
            if done is not None:
                self._connection.execute("INSERT INTO done VALUES (?, ?, ?)", done)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the part."""
        self._connection.close()


def chunks_done(part: Path) -> list[tuple[int, bytes, str]]:
    """What is noted of the chunks in a part: number, digest, JSON."""
    with translated(part), contextlib.closing(connect_scratch(part)) as connection:
        return connection.execute("SELECT chunk, digest, staged FROM done ORDER BY chunk").fetchall()
