"""What the last search for duplicates found, in the derived file: pairs, clusters, the model, the keys of all records.

It can be found again at any time, is never backed up, and nobody asks it whether a record is there: what is read here
is held against the live records by whoever reads it. It says up to which change of the store it holds.

    kept(store, table)   what there is for a table: KeptPairs, or None; to be closed
    Keeper(store, table) writes: everything anew, or what changed since; one transaction
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from custrec.model.decisions import VERDICTS
from custrec.model.schema import Table
from custrec.store.database import Store, read_only
from custrec.store.derived import openable, path_of
from custrec.store.journal import last_change
from custrec.store.sqlite_errors import translated
from custrec.store.writable import begin, connect

FORMAT = 2
TABLES = {
    "found_run": "tbl INTEGER PRIMARY KEY, format INTEGER, identity TEXT, basis TEXT, change INTEGER, event INTEGER, "
    "digest BLOB, at TEXT, records INTEGER, compared INTEGER, model TEXT",
    "found_pair": "tbl INTEGER, one INTEGER, other INTEGER, odds REAL, levels BLOB, key INTEGER, vetoed INTEGER, "
    "PRIMARY KEY (tbl, one, other)",
    "found_cluster": "tbl INTEGER, record INTEGER, cluster INTEGER, PRIMARY KEY (tbl, record)",
    "found_key": "tbl INTEGER, slot INTEGER, part INTEGER, numbers BLOB, PRIMARY KEY (tbl, slot, part)",
}
SKIPPED = "found_skipped"
"""Which questions a person put off: their records, in order. They outlast what was found."""
INDEXES = {
    "found_pair_other": "found_pair (tbl, other)",
    "found_cluster_members": "found_cluster (tbl, cluster)",
}
IDS = -1
"""The slot in which the numbers of the records stand, as 8 bytes each; 0 is a place that is not valid any more, and a
number below it that of a record that is part of another one: no search is about it, but doors know it."""


class Mark(NamedTuple):
    """Up to where something holds: the store's identity, its last change, its last event and that one's digest."""

    identity: str
    change: int
    event: int
    digest: bytes


@dataclass(frozen=True)
class Run:
    """The last search in a table. `basis` says on what schema and version it rests, `at` when it was (ISO 8601, UTC);
    `model` is the document of what was learned, None where there was nothing to learn from."""

    mark: Mark
    basis: str
    at: str
    records: int
    compared: int
    model: Mapping[str, Any] | None

    @property
    def tuned(self) -> bool:
        """Whether the model was corrected by people's answers."""
        return bool(self.model and self.model.get("tuned"))


class Pair(NamedTuple):
    """Two records, lower number first, with the natural log odds that they are one; `levels` is a byte a field of the
    model (a signed level, -1: one is blank), `key` the place of the key that brought them together (-1: none)."""

    one: int
    other: int
    odds: float
    levels: bytes
    key: int
    vetoed: bool


AT_ONCE = 10_000
"""So many pairs are fetched at once."""


def _pairs(found: sqlite3.Cursor) -> Iterator[Pair]:
    while some := found.fetchmany(AT_ONCE):
        yield from map(Pair._make, some)


class KeptPairs:
    """What was found in a table, open for reading. Close it."""

    def __init__(self, connection: sqlite3.Connection, store: Store, table: Table, run: Run) -> None:
        self._db, self._store, self._table = connection, store, table
        self.run = run

    def pairs(self, least: float | None = None, about: Collection[int] | None = None) -> Iterator[Pair]:
        """The pairs of at least these log odds, or among `about` those in which both records are; by number."""
        which, params = "TRUE", [self._table.id, least]
        if about is not None:
            which = "one IN (SELECT value FROM json_each(?3)) AND other IN (SELECT value FROM json_each(?3))"
            params.append(json.dumps(sorted(about)))  # type: ignore[arg-type]
        found = self._db.execute(
            "SELECT one, other, odds, levels, key, vetoed FROM found_pair "
            f"WHERE tbl = ?1 AND (?2 IS NULL OR odds >= ?2) AND {which} ORDER BY one, other",
            params,
        )
        yield from _pairs(found)

    def pairs_of(self, records: Collection[int]) -> Iterator[Pair]:
        """The pairs in which one of some records is, each once."""
        found = self._db.execute(
            "SELECT one, other, odds, levels, key, vetoed FROM found_pair "
            "WHERE tbl = ?1 AND one IN (SELECT value FROM json_each(?2)) UNION "
            "SELECT one, other, odds, levels, key, vetoed FROM found_pair "
            "WHERE tbl = ?1 AND other IN (SELECT value FROM json_each(?2)) ORDER BY one, other",
            (self._table.id, json.dumps(sorted(records))),
        )
        yield from _pairs(found)

    def clusters(self, only: Collection[int] | None = None) -> dict[int, list[int]]:
        """The records of each cluster of at least two, by the cluster's number (its least record); or `only` some."""
        which, params = "TRUE", [self._table.id]
        if only is not None:
            which = "cluster IN (SELECT value FROM json_each(?2))"
            params.append(json.dumps(sorted(only)))  # type: ignore[arg-type]
        found: dict[int, list[int]] = {}
        for cluster, record in self._db.execute(
            f"SELECT cluster, record FROM found_cluster WHERE tbl = ?1 AND {which} ORDER BY cluster, record", params
        ):
            found.setdefault(cluster, []).append(record)
        return found

    def first_clusters(self, most: int) -> list[int]:
        """The least numbers of clusters."""
        query = "SELECT DISTINCT cluster FROM found_cluster WHERE tbl = ? ORDER BY cluster LIMIT ?"
        return [cluster for (cluster,) in self._db.execute(query, (self._table.id, most))]

    def clusters_of(self, records: Collection[int]) -> dict[int, int]:
        """The cluster of each of some records that is in one."""
        return dict(
            self._db.execute(
                "SELECT record, cluster FROM found_cluster WHERE tbl = ?1 "
                "AND record IN (SELECT value FROM json_each(?2))",
                (self._table.id, json.dumps(sorted(records))),
            ).fetchall()
        )

    def count(self) -> tuple[int, int]:
        """How many clusters there are, and how many records are in one."""
        query = "SELECT count(DISTINCT cluster), count(*) FROM found_cluster WHERE tbl = ?"
        clusters, records = self._db.execute(query, (self._table.id,)).fetchone()
        return int(clusters), int(records)

    def slots(self) -> Iterator[tuple[int, bytes]]:
        """The slots of the kept keys: its number, and the numbers of all records as 4 bytes each, in the order of
        `ids`; a slot after the other, so that one at a time is in memory."""
        for slot in self.slot_numbers():
            yield slot, self.numbers(slot)

    def slot_numbers(self) -> list[int]:
        """The slots that there are."""
        query = "SELECT DISTINCT slot FROM found_key WHERE tbl = ? AND slot >= 0 ORDER BY slot"
        return [slot for (slot,) in self._db.execute(query, (self._table.id,)).fetchall()]

    def ids(self) -> bytes:
        """The numbers of the records that have keys, 8 bytes each, as `IDS` says."""
        return self.numbers(IDS)

    def numbers(self, slot: int) -> bytes:
        """What stands in a slot."""
        parts = self._db.execute(
            "SELECT numbers FROM found_key WHERE tbl = ? AND slot = ? ORDER BY part", (self._table.id, slot)
        )
        found = [numbers for (numbers,) in parts]
        return found[0] if len(found) == 1 else b"".join(found)

    def skipped(self) -> set[tuple[int, ...]]:
        """The questions that were put off, by their records."""
        if self._db.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (SKIPPED,)).fetchone() is None:
            return set()
        found = self._db.execute(f"SELECT records FROM {SKIPPED} WHERE tbl = ?", (self._table.id,)).fetchall()
        return {tuple(json.loads(records)) for (records,) in found}

    def continues(self) -> bool:
        """Whether the store is the one that was searched, the same or further on."""
        return _continues(self._store, self.run.mark)

    def changed(self) -> list[int]:
        """The records of the table that were changed since, by number."""
        return _changed(self._store, self._table, self.run.mark.change)

    def judged_since(self) -> bool:
        """Whether people said since that records are, or are not, the same."""
        found = self._store.reader.execute(
            f"SELECT 1 FROM _change WHERE n > ? AND tbl = {VERDICTS.id} LIMIT 1", (self.run.mark.change,)
        )
        return found.fetchone() is not None

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def kept(store: Store, table: Table) -> KeptPairs | None:
    """What was found in a table the last time; None where nothing was sought, or in another store or
    format. Raises DerivedIsFolder."""
    place = openable(store.path)
    if not place.exists():
        return None
    connection = sqlite3.connect(read_only(place), uri=True, isolation_level=None)
    try:
        row = connection.execute(
            "SELECT identity, change, event, digest, basis, at, records, compared, model FROM found_run "
            "WHERE tbl = ? AND format = ?",
            (table.id, FORMAT),
        ).fetchone()
        model = json.loads(row[8]) if row is not None and row[8] is not None else None
    except (sqlite3.DatabaseError, ValueError):  # damaged: neither a database, nor text, nor JSON
        row = model = None
    if row is None or row[0] != marked(store).identity:
        connection.close()
        return None
    return KeptPairs(connection, store, table, Run(Mark(*row[:4]), row[4], row[5], row[6], row[7], model))


def sought(store: Store, table: Table) -> bool:
    """Whether a search in a table was kept, be it of this store as it is or not; sooner told than `kept`."""
    place = path_of(store.path)
    if not place.is_file():
        return False
    with contextlib.closing(sqlite3.connect(read_only(place), uri=True)) as connection:
        try:
            found = connection.execute("SELECT 1 FROM found_run WHERE tbl = ? AND model IS NOT NULL", (table.id,))
            return found.fetchone() is not None
        except sqlite3.DatabaseError:
            return False


def changed_after(store: Store, table: Table, event: int) -> list[int]:
    """The records of a table that were changed after an event, by number."""
    return _changed(store, table, last_change(store, event))


def _changed(store: Store, table: Table, change: int) -> list[int]:
    query = "SELECT DISTINCT record FROM _change WHERE n > ? AND tbl = ? ORDER BY record"
    return [record for (record,) in store.reader.execute(query, (change, table.id))]


def marked(store: Store) -> Mark:
    """Where a store stands now."""
    row = store.reader.execute(
        "SELECT (SELECT value FROM _meta WHERE key = 'identity'), (SELECT coalesce(max(n), 0) FROM _change), "
        "coalesce(e.id, 0), coalesce(e.digest, x'') FROM (SELECT 1) "
        "LEFT JOIN (SELECT id, digest FROM _event ORDER BY id DESC LIMIT 1) e"
    ).fetchone()
    return Mark(*row)


def _continues(store: Store, mark: Mark) -> bool:
    if not mark.event:
        return True
    then = store.reader.execute("SELECT digest FROM _event WHERE id = ?", (mark.event,)).fetchone()
    return then is not None and then[0] == mark.digest


@contextlib.contextmanager
def keeping(store: Store, table: Table, wait: float) -> Iterator[Keeper]:
    """Write what was found in a table, everything or nothing. Raises DerivedIsFolder, StoreBusy,
    DiskFull."""
    place = openable(store.path)
    _remove_unreadable(place)
    fresh = not place.exists()
    with translated(place, wait):
        db = connect(place, wait)
        try:
            if fresh:
                place.chmod(0o600)
                db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            begin(db, wait)
            for name, columns in TABLES.items():
                tail = "" if name == "found_key" else " WITHOUT ROWID"
                db.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns}){tail}")
            db.execute(f"CREATE TABLE IF NOT EXISTS {SKIPPED} (tbl INTEGER, records TEXT, PRIMARY KEY (tbl, records))")
            yield Keeper(db, table)
            for name, columns in INDEXES.items():
                db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}")
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        finally:
            db.close()


def _remove_unreadable(place: Path) -> None:
    """Remove a derived file that is no database: all in it can be made anew."""
    try:
        with contextlib.closing(sqlite3.connect(place)) as db:
            db.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        return  # locked, or no room: whoever writes says so
    except (sqlite3.DatabaseError, UnicodeDecodeError):  # what SQLite says of it may be no text either
        place.unlink(missing_ok=True)


class Keeper:
    """The writing hand, within one transaction."""

    def __init__(self, connection: sqlite3.Connection, table: Table) -> None:
        self._db, self._table = connection, table

    def forget(self) -> None:
        """Forget everything about the table. The indexes are made anew when all is written, which is sooner done than
        keeping them up to date row by row."""
        for name in INDEXES:
            self._db.execute(f"DROP INDEX IF EXISTS {name}")
        for name in TABLES:
            self._db.execute(f"DELETE FROM {name} WHERE tbl = ?", (self._table.id,))

    def run(self, run: Run) -> None:
        """Say what this rests on."""
        model = None if run.model is None else json.dumps(run.model, ensure_ascii=False, separators=(",", ":"))
        said = (self._table.id, FORMAT, run.mark.identity, run.basis, *run.mark[1:], run.at, run.records, run.compared)
        self._db.execute(
            "INSERT OR REPLACE INTO found_run (tbl, format, identity, basis, change, event, digest, at, records, "
            f"compared, model) VALUES ({', '.join('?' * 11)})",
            (*said, model),
        )

    def skip(self, records: Collection[int], off: bool = True) -> None:
        """Note that a question about some records is put `off`, or that it is not any more."""
        said = (self._table.id, json.dumps(list(records)))
        if off:
            self._db.execute(f"INSERT OR IGNORE INTO {SKIPPED} VALUES (?, ?)", said)
        else:
            self._db.execute(f"DELETE FROM {SKIPPED} WHERE tbl = ? AND records = ?", said)

    def drop_pairs(self, records: Collection[int]) -> None:
        """Forget the pairs that some records are in."""
        for side in ("one", "other"):
            self._db.execute(
                f"DELETE FROM found_pair WHERE tbl = ? AND {side} IN (SELECT value FROM json_each(?))",
                (self._table.id, json.dumps(list(records))),
            )

    def pairs(self, found: Iterable[Pair]) -> None:
        """Keep pairs; those that are there are replaced."""
        self._db.executemany(f"INSERT OR REPLACE INTO found_pair VALUES ({self._table.id}, ?, ?, ?, ?, ?, ?)", found)

    def clusters(self, found: Iterable[tuple[int, int]], instead_of: Collection[int] | None = None) -> None:
        """Keep which cluster each record is in, as (record, cluster); in place of what was known of some records."""
        if instead_of is not None:
            self._db.execute(
                "DELETE FROM found_cluster WHERE tbl = ? AND record IN (SELECT value FROM json_each(?))",
                (self._table.id, json.dumps(list(instead_of))),
            )
        self._db.executemany(f"INSERT OR REPLACE INTO found_cluster VALUES ({self._table.id}, ?, ?)", found)

    def keys(self, slots: Iterable[tuple[int, bytes]]) -> None:
        """Add the keys of records, as a part of each slot; `IDS` among them."""
        for slot, numbers in slots:
            self._db.execute(
                "INSERT INTO found_key SELECT ?1, ?2, coalesce(max(part), 0) + 1, ?3 FROM found_key "
                "WHERE tbl = ?1 AND slot = ?2",
                (self._table.id, slot, numbers),
            )

    def replace_ids(self, numbers: bytes) -> None:
        """Say anew whose the kept keys are, before more are added."""
        self._db.execute("DELETE FROM found_key WHERE tbl = ? AND slot = ?", (self._table.id, IDS))
        self._db.execute("INSERT INTO found_key VALUES (?, ?, 1, ?)", (self._table.id, IDS, numbers))
