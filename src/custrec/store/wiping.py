"""After an erasure: what the store itself still has to get rid of, and what it knows of the rest (store.pending_wipe).

Freed pages hold old values until VACUUM writes the file anew, the write-ahead log until it is cut. Both want the lock,
the latter also that nobody reads; so each step is noted, and whoever comes next goes on.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from custrec.model.ledger import Head
from custrec.model.plan import Op
from custrec.model.schema import Schema, Table
from custrec.model.traces import trace
from custrec.store import pending_wipe, upkeep
from custrec.store.database import Store, read_only
from custrec.store.erasing import known_head
from custrec.store.existence import any_row
from custrec.store.identifying import telling_fields
from custrec.store.pending_wipe import Pending, digest_of_trace
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated
from custrec.store.upkeep import Caretaker
from custrec.store.writable import connect, transaction


def pending_in(store: Store) -> Pending | None:
    """The erasures of a store that are not yet wiped; None for none."""
    return pending_wipe.pending(store.reader)


def ledger_head(store: Store) -> Head:
    """How far the ledger goes that the history knows of."""
    return known_head(store.reader)


@dataclass(frozen=True)
class ToEnter:
    """The lines that the ledger lacks, and its head before them."""

    before: Head
    lines: Iterator[str]


def to_enter(store: Store) -> ToEnter | None:
    """What is to be written into the ledger; None for nothing."""
    found = pending_in(store)
    if found is None or not found.lines:
        return None
    (first,) = store.reader.execute("SELECT min(event) FROM _wiping_line").fetchone()
    return ToEnter(known_head(store.reader, before=first), pending_wipe.lines(store.reader))


def entered(path: Path, by: Caretaker) -> None:
    """The lines stand in the ledger, safe on its disk. Raises StoreBusy, DiskFull."""
    with _writing(path, by) as connection:
        pending_wipe.ledgered(connection)


def write_anew(path: Path, by: Caretaker) -> None:
    """Write the store without its freed pages, unless that was done. Raises StoreBusy, DiskFull."""
    with contextlib.closing(sqlite3.connect(read_only(path), uri=True)) as reader:
        if pending_wipe.is_written_anew(reader):
            return
    upkeep.vacuum(path, by, path)
    with _writing(path, by) as connection:
        pending_wipe.written_anew(connection)


def cut_log(path: Path) -> bool:
    """Bring the write-ahead log into the file and cut it; False where a reader or writer is in the way."""
    return upkeep.write_back(path)


def done(path: Path, events: tuple[int, ...], by: Caretaker) -> None:
    """These events are wiped everywhere. Raises StoreBusy, DiskFull."""
    with _writing(path, by) as connection:
        pending_wipe.done(connection, events)


@contextlib.contextmanager
def _writing(path: Path, by: Caretaker) -> Iterator[sqlite3.Connection]:
    with (
        translated(path, by.wait),
        contextlib.closing(connect(path, by.wait)) as connection,
        transaction(connection, path, by.wait, by.actor, by.verb),
    ):
        yield connection


class Traces:
    """What tells texts that are about somebody who was destroyed; open for reading as long as it is used."""

    def __init__(self, store: Store) -> None:
        (self._key,) = store.reader.execute("SELECT key FROM _wiping LIMIT 1").fetchone()
        self._reader = store.reader
        self._seen: dict[str, bool] = {}

    def left_by(self, text: object) -> bool:
        """Whether a text leaves the trace of somebody who was destroyed."""
        found = trace(str(text))
        if not found:
            return False
        known = self._seen.get(found)
        if known is None:
            mac = digest_of_trace(self._key, found)
            known = any_row(self._reader, "SELECT 1 FROM _wiping_trace WHERE mac = ?", (mac,))
            if len(self._seen) > 200_000:
                self._seen.clear()
            self._seen[found] = known
        return known

    def register(self, connection: sqlite3.Connection) -> None:
        """Let SQL on a connection ask it as `_left_by`."""
        connection.create_function("_left_by", 1, lambda value: value is not None and self.left_by(value))


def mentions(file: PlanFile, store: Store, traces: Traces, says: Callable[[str], bool]) -> bool:
    """Whether a saved plan holds anything of the records that were destroyed: changes of them or below them, rows that
    tell of the same people, or texts beside its rows of which one `says` so (JSON)."""
    db = file.connection
    traces.register(db)
    file.see(store.path)
    try:
        gone = "(SELECT record FROM temp.gone WHERE tbl = {})"
        db.execute("CREATE TEMP TABLE gone (tbl INTEGER, record INTEGER, PRIMARY KEY (tbl, record)) WITHOUT ROWID")
        db.execute(
            "INSERT OR IGNORE INTO temp.gone SELECT c.tbl, c.record FROM store._change c "
            "WHERE c.event IN (SELECT event FROM store._wiping)"
        )
        return any(
            any_row(db, query) for table in file.schema.tables for query in _queries(file.schema, table, gone)
        ) or any(says(text) for text in _texts(file))
    finally:
        db.execute("DROP TABLE IF EXISTS temp.gone")
        db.execute("DETACH store")


def _queries(schema: Schema, table: Table, gone: str) -> Iterator[str]:
    yield f"SELECT 1 FROM change_{table.id} WHERE op <> {Op.INSERT:d} AND record IN {gone.format(table.id)}"
    yield f"SELECT 1 FROM conflict WHERE tbl = {table.id} AND record IN {gone.format(table.id)}"
    for rows in (f"rows_{table.id}", f"contested_{table.id}"):
        for key in table.foreign_keys:
            parent = schema.by_name[key.table].id
            yield f"SELECT 1 FROM {rows} WHERE {quote(key.field)} IN {gone.format(parent)}"
        for number in sorted(telling_fields(table)):
            yield f"SELECT 1 FROM {rows} WHERE _left_by({quote(table.by_id[number].name)})"


def _texts(file: PlanFile) -> Iterator[str]:
    """What a plan keeps beside its rows, as JSON."""
    for query in (
        "SELECT cells FROM reject WHERE cells IS NOT NULL",
        "SELECT key FROM reject WHERE key IS NOT NULL",
        "SELECT value FROM meta WHERE key = 'aside'",
    ):
        cursor = file.connection.execute(query)
        yield from (text for (text,) in iter(cursor.fetchone, None))
