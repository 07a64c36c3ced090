"""What an erasure leaves to be done, kept in the store until it is: tables that are there only as long.

    _wiping        event, at, `key` (random, of the digests below), whether the file was `anew` written since
    _wiping_line   lines for the ledger of erasures, in order; they go when they stand in the ledger
    _wiping_trace  keyed digests of the traces (model.traces) of the person's values, by which plans and lists of rows
                   are told that mention them

They are made in the transaction that destroys the records and dropped once nothing is left of those anywhere, so that
a command that finds them has a wipe to finish. No value of a person is in them.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

from custrec.store.existence import any_row

TABLES = {
    "_wiping": "event INTEGER PRIMARY KEY, at TEXT NOT NULL, key BLOB NOT NULL, anew INTEGER NOT NULL DEFAULT 0",
    "_wiping_line": "n INTEGER PRIMARY KEY, event INTEGER NOT NULL, line TEXT NOT NULL",
    "_wiping_trace": "mac BLOB PRIMARY KEY",
}
_TRACE_BYTES = 12


@dataclass(frozen=True)
class Pending:
    """The erasures that are not yet wiped, by event; how many lines the ledger still lacks."""

    events: tuple[int, ...]
    lines: int


def pending(db: sqlite3.Connection) -> Pending | None:
    """What is to be wiped; None for nothing."""
    if not is_pending(db):
        return None
    events = tuple(event for (event,) in db.execute("SELECT event FROM main._wiping ORDER BY event").fetchall())
    (lines,) = db.execute("SELECT count(*) FROM main._wiping_line").fetchone()
    return Pending(events, lines)


def is_pending(db: sqlite3.Connection, name: str = "main") -> bool:
    """Whether something is to be wiped."""
    return any_row(db, f"SELECT 1 FROM {name}.sqlite_schema WHERE name = '_wiping'")


def begin(db: sqlite3.Connection, event: int, at: str) -> bytes:
    """Note that an event is to be wiped; the key of the digests of traces."""
    for name, columns in TABLES.items():
        tail = "STRICT, WITHOUT ROWID" if name == "_wiping_trace" else "STRICT"
        db.execute(f"CREATE TABLE IF NOT EXISTS main.{name} ({columns}) {tail}")
    found = db.execute("SELECT key FROM main._wiping LIMIT 1").fetchone()
    key = bytes(found[0]) if found else os.urandom(32)
    db.execute("INSERT INTO main._wiping (event, at, key) VALUES (?, ?, ?)", (event, at, key))
    return key


def digest_of_trace(key: bytes, trace: str) -> bytes:
    """The keyed digest of a trace."""
    return blake2b(trace.encode(), key=key, digest_size=_TRACE_BYTES).digest()


def lines(db: sqlite3.Connection) -> Iterator[str]:
    """The lines that the ledger lacks, in order."""
    cursor = db.execute("SELECT line FROM main._wiping_line ORDER BY n")
    yield from (line for (line,) in iter(cursor.fetchone, None))


def ledgered(db: sqlite3.Connection) -> None:
    """The lines stand in the ledger."""
    db.execute("DELETE FROM main._wiping_line")


def is_written_anew(db: sqlite3.Connection) -> bool:
    """Whether the store was written anew since the last of the erasures."""
    return not any_row(db, "SELECT 1 FROM main._wiping WHERE NOT anew")


def written_anew(db: sqlite3.Connection) -> None:
    """The store was written anew."""
    db.execute("UPDATE main._wiping SET anew = 1")


def done(db: sqlite3.Connection, events: Iterable[int]) -> None:
    """These events are wiped everywhere."""
    db.executemany("DELETE FROM main._wiping WHERE event = ?", ((event,) for event in events))
    if not any_row(db, "SELECT 1 FROM main._wiping"):
        for name in TABLES:
            db.execute(f"DROP TABLE main.{name}")
