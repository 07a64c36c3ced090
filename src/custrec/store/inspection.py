"""Looking at a store as a whole, without changing it: counts, sizes, whether SQLite finds it sound, and whether its
indexes, guards and views are what the schema makes.

What the history proves is store.verification's; what is mended, store.upkeep's.
"""

from __future__ import annotations

import contextlib
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from custrec.errors import StoreUnwell
from custrec.model.decisions import tables_of
from custrec.model.plan import State
from custrec.model.schema import Schema
from custrec.store import layout, pending_wipe
from custrec.store.database import Store, read_only
from custrec.store.leftovers import alive
from custrec.store.place import beside
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated

MOST_TOLD = 20
"""How many faults of a kind are told."""
HEARD = 50_000
"""Steps of SQLite's machine between two looks at whether somebody interrupts."""
REBUILT = ("index", "trigger", "view")
"""What can be made anew from the schema without losing anything."""
MIGRATIONS = "_sqlite_migrations"
"""The table in which sqlite-utils notes which migrations were made."""
COMPILED = ("ENABLE_FTS5", "THREADSAFE", "TEMP_STORE", "DEFAULT_SYNCHRONOUS", "DEFAULT_WAL", "MAX_VARIABLE", "OMIT_")
_PART = re.compile(r'(?:[^,"]|"(?:[^"]|"")*")+')
_CREATED = re.compile(r"CREATE (TABLE|INDEX) (\w+)")


@dataclass(frozen=True)
class Size:
    """What a database file takes: bytes on disk, those of its write-ahead log, pages and how many are free."""

    file: int
    wal: int
    pages: int
    free: int
    page: int

    @property
    def free_bytes(self) -> int:
        """Bytes in free pages."""
        return self.free * self.page

    @property
    def free_share(self) -> float:
        """The share of pages that are free."""
        return self.free / self.pages if self.pages else 0.0


@dataclass
class Differences:
    """How a store differs from what its schema makes: tables that are missing or others; what can be made anew, as
    (type, name); and what nobody of custrec made."""

    tables: list[str] = field(default_factory=list)
    rebuildable: list[tuple[str, str]] = field(default_factory=list)
    foreign: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Writer:
    """Who holds the write lock, by the note beside the store. `runs`: whether that process still does."""

    actor: str
    verb: str
    process: int
    runs: bool


def counts_by_state(store: Store) -> dict[str, dict[State, int]]:
    """How many records each table has in each state; the active ones always stand there.

    SQLite counts all records along the smallest index and those that are not active along theirs, so that a million
    take some milliseconds.
    """
    found: dict[str, dict[State, int]] = {}
    with reading(store):
        for table in store.schema.tables:
            (total,) = store.reader.execute(f"SELECT count(*) FROM {quote(table.name)}").fetchone()
            others = store.reader.execute(
                f"SELECT max(_state, -1) AS state, count(*) FROM {quote(table.name)} "
                f"WHERE _state <> {State.ACTIVE:d} GROUP BY state"
            ).fetchall()
            found[table.name] = {State.ACTIVE: total - sum(n for _, n in others)}
            found[table.name] |= {State(state): count for state, count in others}
    return found


def size_of(path: Path) -> Size:
    """What a database takes, as it says itself and as its files do."""
    with translated(path), contextlib.closing(sqlite3.connect(read_only(path), uri=True)) as connection:
        pages, free, page = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    wal = path.with_name(f"{path.name}-wal")
    return Size(path.stat().st_size, wal.stat().st_size if wal.exists() else 0, pages, free, page)


def format_of(store: Store) -> int:
    """The format of the store's own tables."""
    return int(store.reader.execute("PRAGMA user_version").fetchone()[0])


def journal_mode(store: Store) -> str:
    """SQLite's journal mode; `wal` in a store that nobody changed."""
    with reading(store):
        return str(store.reader.execute("PRAGMA journal_mode").fetchone()[0])


def is_sound(path: Path) -> bool:
    """Whether SQLite finds a database beside the store (the search index) whole."""
    try:
        with contextlib.closing(sqlite3.connect(read_only(path), uri=True)) as connection, _interruptible(connection):
            (word,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError:
        return False
    return bool(word == "ok")


def integrity_faults(store: Store, full: bool) -> list[str]:
    """What SQLite finds wrong with the file; `full` also holds every index against its table."""
    with reading(store), _interruptible(store.reader):
        pragma = "integrity_check" if full else "quick_check"
        found = store.reader.execute(f"PRAGMA {pragma}({MOST_TOLD})").fetchall()
    return [line for (line,) in found if line != "ok"]


def lost_references(store: Store) -> list[str]:
    """The records that refer to one which is not there, as `table #id`."""
    with reading(store), _interruptible(store.reader):
        cursor = store.reader.execute("PRAGMA foreign_key_check")
        return [f"{table} #{record}" for table, record, *_ in cursor.fetchmany(MOST_TOLD + 1)]


def differences(connection: sqlite3.Connection, schema: Schema) -> Differences:
    """How what lies in a store differs from what its schema makes."""
    there = {
        (kind, name): sql
        for kind, name, sql in connection.execute(
            f"SELECT type, name, sql FROM main.sqlite_schema WHERE tbl_name <> '{MIGRATIONS}'"
        ).fetchall()
        if not name.startswith("sqlite_")
    }
    wanted = made_by(schema)
    ours = {("table", name) for name in pending_wipe.TABLES}
    said = Differences(foreign=sorted(there.keys() - wanted.keys() - ours))
    for (kind, name), sql in wanted.items():
        if _in_any_order(there.get((kind, name))) != _in_any_order(sql):
            if kind in REBUILT:
                said.rebuildable.append((kind, name))
            else:
                said.tables.append(name)
    return said


def _in_any_order(sql: str | None) -> list[str]:
    """The parts of a statement between its commas, sorted: a column that was added later stands behind the others."""
    parts = [part.strip() for part in _PART.findall((sql or "").replace("(", "(,").replace(") STRICT", ",) STRICT"))]
    return sorted(parts) if (sql or "").startswith("CREATE TABLE") else [sql or ""]


def made_by(schema: Schema) -> dict[tuple[str, str], str]:
    """Everything that a store of this schema holds: the statement by type and name."""
    made: dict[tuple[str, str], str] = {}
    for statement in layout.OWN_TABLES:
        found = _CREATED.match(statement)
        assert found
        made[found[1].lower(), found[2]] = statement
    for name in (*layout.GUARDED, *(table.name for table in tables_of(schema))):
        made |= {("trigger", guard): statement for guard, statement in layout.guards(name).items()}
    for table in tables_of(schema):
        made["table", table.name] = layout.create_table(table)
        made |= {("index", name): statement for name, statement in layout.indexes(table).items()}
    for table in schema.tables:
        made["view", layout.view_name(table, schema)] = layout.view(table, schema)
    return made


def judged_by(store: Store) -> Iterator[tuple[str, tuple[str, ...], dict[str, int]]]:
    """The events that judged values, the newest first: verb, tables, and the version of each kind."""
    with reading(store):
        found = store.reader.execute(
            "SELECT verb, coalesce(detail ->> 'table', detail -> 'judged'), detail -> 'kinds' FROM _event "
            "WHERE detail -> 'kinds' IS NOT NULL ORDER BY id DESC"
        ).fetchall()
    for verb, tables, kinds in found:
        named = json.loads(tables) if tables and tables.startswith("[") else [tables]
        yield verb, tuple(named), json.loads(kinds)


def events_by_verb(store: Store) -> dict[str, int]:
    """How many events of each verb there are."""
    with reading(store):
        return dict(store.reader.execute("SELECT verb, count(*) FROM _event GROUP BY verb ORDER BY verb").fetchall())


def sources_of(store: Store, names: list[str]) -> frozenset[str]:
    """The SHA-256 of what was imported from files of these names."""
    found = store.reader.execute(
        "SELECT sha256 FROM _event WHERE verb = 'import' AND source IN (SELECT value FROM json_each(?))",
        (json.dumps(names),),
    ).fetchall()
    return frozenset(digest for (digest,) in found)


def writer_of(path: Path) -> Writer | None:
    """Who wrote the note that says who writes; None where there is none."""
    try:
        said = json.loads(beside(path, "writer").read_text(encoding="utf-8"))
        return Writer(str(said["actor"]), str(said["verb"]), int(said["pid"]), alive(int(said["pid"])))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Writer("somebody", "unknown", 0, False)


def sqlite_facts() -> dict[str, Any]:
    """The SQLite that is used: version, and what matters here of how it was compiled."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        options = [name for (name,) in db.execute("PRAGMA compile_options") if name.startswith(COMPILED)]
    return {"version": sqlite3.sqlite_version, "options": options}


@contextlib.contextmanager
def reading(store: Store) -> Iterator[None]:
    """What SQLite says while a store is looked at means that the store is unwell, whatever it is: nothing here asks
    for what a sound store might not have."""
    try:
        with translated(store.path):
            yield
    except sqlite3.DatabaseError as error:
        raise StoreUnwell(store=store.path.name) from error


@contextlib.contextmanager
def _interruptible(connection: sqlite3.Connection) -> Iterator[None]:
    """Hear an interruption during a long statement: Python looks for signals whenever it is called."""
    connection.set_progress_handler(lambda: 0, HEARD)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)
