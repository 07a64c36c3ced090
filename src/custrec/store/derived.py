"""The search index: what can be rebuilt from the store at any time, in a file of its own.

One contentless full-text table (FTS5) for each table of the schema, over names and what is marked `search: true`
(phones, e-mails and keys are looked up in the store itself), of active and archived records. A record's document number
is its id plus its generation × 2⁴⁰, so that a changed record is indexed anew without its old terms being known. Hits of
an older generation, and of records that are gone or in another state than is asked for, are sorted out by looking at
the live record: `candidates` gives ids that *may* match. The file says up to which change it is current; what came
later is added before each search.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from custrec.errors import DerivedDamaged, DerivedIsFolder, StoreUnwell
from custrec.model import search_text
from custrec.model.plan import Op, State
from custrec.model.schema import Schema, Table
from custrec.model.schema_json import schema_from_json
from custrec.store.canonical import STATE_ID
from custrec.store.database import Store, read_only
from custrec.store.inspection import is_sound
from custrec.store.place import beside, with_logs
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated
from custrec.store.writable import begin, connect

Result = TypeVar("Result")

FORMAT = 2
GENERATION = 40
SEARCHED = f"{State.ACTIVE:d}, {State.ARCHIVED:d}"
"""The states of records that are searched; which of them is meant, each search says."""
MOST = 1000
"""How many hits of a common word are looked at."""


def path_of(store: Path) -> Path:
    """The derived file of a store."""
    return beside(store, "derived.db")


def openable(store: Path) -> Path:
    """The derived file of a store, which is to be opened. Raises DerivedIsFolder."""
    place = path_of(store)
    if place.is_dir():
        raise DerivedIsFolder(file=place.name)
    return place


def refresh(store: Path, schema: Schema, wait: float = 10, progress: Callable[[int], None] | None = None) -> None:
    """Bring the index up to the store's last change; make it anew where it is missing, foreign or broken. Raises
    DerivedIsFolder, StoreBusy, DiskFull."""
    place = openable(store)
    with translated(place, wait):
        try:
            _refresh(place, store, schema, wait, progress)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            place.unlink(missing_ok=True)
            with translated(store, wait):  # the index is made anew: what cannot be read now is the store
                _refresh(place, store, schema, wait, progress)


@contextlib.contextmanager
def removed_if_damaged(store: Path) -> Iterator[None]:
    """Remove the derived file where this block fails because it is damaged, in part or as a whole. Raises
    DerivedDamaged then."""
    try:
        yield
    except sqlite3.OperationalError:
        raise  # locked, or no room
    except (sqlite3.DatabaseError, StoreUnwell, UnicodeDecodeError, MemoryError) as error:
        place = path_of(store)
        if not place.is_file() or is_sound(place):
            raise
        for path in with_logs(place):
            path.unlink(missing_ok=True)
        raise DerivedDamaged(file=place.name) from error


def twice_if_damaged(store: Path, work: Callable[[], Result]) -> tuple[Result, str]:
    """What some work gives that begins anew where the derived file turns out to be damaged, and then finds none; with
    the words for that, or ''."""
    try:
        with removed_if_damaged(store):
            return work(), ""
    except DerivedDamaged as damaged:
        return work(), damaged.message


def is_current(store: Store) -> bool:
    """Whether the index holds all that the store does."""
    place = path_of(store.path)
    if not place.exists():
        return False
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(read_only(place), uri=True)) as index:
        return _position(index) == _mark(store.reader, "main")
    return False


def knows_event(store: Store) -> int | None:
    """The last event that the index of this very store holds; None where there is no such index."""
    place = path_of(store.path)
    if place.exists():
        own = _mark(store.reader, "main")[0]
        with contextlib.suppress(sqlite3.Error), _opened(place) as index:
            position = _position(index)
            return int(position[3] or 0) if position and position[0] == own else None
    return None


def candidates(store: Store, table: Table, query: str, state: State = State.ACTIVE) -> list[int]:
    """Ids of records of a state that may match an FTS5 query, at most MOST of them.

    An index that cannot be read is made anew.
    """
    try:
        return _matching(store, table, query, state)
    except (sqlite3.DatabaseError, MemoryError):  # a damaged term may claim to be longer than any memory
        path_of(store.path).unlink(missing_ok=True)
        refresh(store.path, store.schema)
        return _matching(store, table, query, state)


def _matching(store: Store, table: Table, query: str, state: State) -> list[int]:
    with contextlib.closing(sqlite3.connect(read_only(path_of(store.path)), uri=True)) as index:
        index.execute("ATTACH ? AS store", (read_only(store.path),))
        rows = index.execute(
            f"SELECT DISTINCT s.rowid & {(1 << GENERATION) - 1} AS record FROM search_{table.id} s "
            f"WHERE search_{table.id} MATCH ? AND (SELECT t._state FROM store.{quote(table.name)} t "
            f"WHERE t._id = s.rowid & {(1 << GENERATION) - 1}) = {state:d} LIMIT ?",
            (query, MOST),
        )
        return [record for (record,) in rows]


def _opened(place: Path) -> contextlib.closing[sqlite3.Connection]:
    return contextlib.closing(sqlite3.connect(read_only(place), uri=True))


def _refresh(place: Path, store: Path, schema: Schema, wait: float, progress: Callable[[int], None] | None) -> None:
    fresh = not place.exists()
    index = connect(place, wait)
    try:
        if fresh:
            place.chmod(0o600)
            index.execute("PRAGMA journal_mode = WAL")
        index.execute("PRAGMA synchronous = OFF" if fresh else "PRAGMA synchronous = NORMAL")
        index.execute("ATTACH ? AS store", (read_only(store),))
        begin(index, wait)
        current = _mark(index, "store")
        position = None if fresh else _position(index)
        if position == current:
            index.execute("ROLLBACK")
            return
        if position is None or not _continues(index, position, current):
            _begin(index, schema)
            position = (current[0], current[1], 0, 0, b"")
            generation = 0
        else:
            (generation,) = index.execute("SELECT generation + 1 FROM position").fetchone()
        for table in schema.tables:
            _add(index, table, position[2], generation, progress)
        index.execute("DELETE FROM position")
        index.execute("INSERT INTO position VALUES (?, ?, ?, ?, ?, ?)", (*current, generation))
        index.execute("COMMIT")
    except BaseException:
        if index.in_transaction:
            index.execute("ROLLBACK")
        raise
    finally:
        index.close()


def _begin(index: sqlite3.Connection, schema: Schema) -> None:
    for (name,) in index.execute("SELECT name FROM main.sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'").fetchall():
        index.execute(f"DROP TABLE main.{quote(name)}")
    for name in ("position", "sounding", "sounded"):  # the latter two are made in store.name_sounds
        index.execute(f"DROP TABLE IF EXISTS main.{name}")
    index.execute(
        "CREATE TABLE main.position "
        "(identity TEXT, schema TEXT, change INTEGER, event INTEGER, digest BLOB, generation INTEGER)"
    )
    for table in schema.tables:
        index.execute(
            f"CREATE VIRTUAL TABLE main.search_{table.id} USING fts5 (text, content='', columnsize=0, "
            'tokenize="unicode61 remove_diacritics 0")'
        )


def _mark(connection: sqlite3.Connection, name: str) -> tuple[Any, ...]:
    """Where a store stands: identity, searched layout, last change, last event and its digest."""
    row = connection.execute(
        f"SELECT (SELECT value FROM {name}._meta WHERE key = 'identity'), "
        f"(SELECT text FROM {name}._schema ORDER BY version DESC LIMIT 1), "
        f"(SELECT coalesce(max(n), 0) FROM {name}._change), e.id, e.digest FROM (SELECT 1) "
        f"LEFT JOIN (SELECT id, digest FROM {name}._event ORDER BY id DESC LIMIT 1) e"
    ).fetchone()
    identity, schema, *rest = row
    return (identity, _layout(schema_from_json(schema)), *rest)


def _layout(schema: Schema) -> str:
    """What of a schema the index depends on: it is not made anew for what nobody searches."""
    said = [[table.id, [[f.id, f.kind] for f in table.fields if f.searchable]] for table in schema.tables]
    return f"{json.dumps(said, separators=(',', ':'))}/{FORMAT}"


def _position(index: sqlite3.Connection) -> tuple[Any, ...] | None:
    with contextlib.suppress(sqlite3.OperationalError):
        row = index.execute("SELECT identity, schema, change, event, digest FROM main.position").fetchone()
        return tuple(row) if row else None
    return None


def _continues(index: sqlite3.Connection, position: tuple[Any, ...], current: tuple[Any, ...]) -> bool:
    """Whether the store is the indexed one, further on."""
    if position[:2] != current[:2] or position[2] > current[2]:
        return False
    if position[3] is None:
        return True
    then = index.execute("SELECT digest FROM store._event WHERE id = ?", (position[3],)).fetchone()
    return then is not None and then[0] == position[4]


def _add(
    index: sqlite3.Connection, table: Table, after: int, generation: int, progress: Callable[[int], None] | None
) -> None:
    columns = ", ".join(f"t.{quote(f.name)}" for f in table.fields if f.searchable)
    if not columns:
        return
    since = "" if after == 0 else f" AND t._id IN ({_reworded(table, after)})"
    rows = index.execute(
        f"SELECT t._id, {columns} FROM store.{quote(table.name)} t WHERE t._state IN ({SEARCHED}){since} ORDER BY t._id"
    )
    index.executemany(
        f"INSERT INTO search_{table.id} (rowid, text) VALUES (?, ?)",
        _documents(rows, generation << GENERATION, progress),
    )


def _reworded(table: Table, after: int) -> str:
    """The SQL of the records that were changed in what is searched for, or in their state, since a change."""
    keys = [STATE_ID, *(f.id for f in table.fields if f.searchable)]
    touched = " OR ".join(f"json_type(k.diff, '$.\"{key}\"') IS NOT NULL" for key in keys)
    return (
        f"SELECT k.record FROM store._change k WHERE k.n > {after} AND k.tbl = {table.id} "
        f"AND (k.op <> {Op.UPDATE:d} OR k.diff IS NULL OR {touched})"
    )


def _documents(
    rows: Iterable[Sequence[Any]], shift: int, progress: Callable[[int], None] | None
) -> Iterator[tuple[int, str]]:
    for number, (record, *texts) in enumerate(rows, 1):
        terms = [search_text.words(text) for text in texts if text is not None]
        if terms:
            yield record + shift, " ".join(terms)
        if progress and number % 20_000 == 0:
            progress(number)
