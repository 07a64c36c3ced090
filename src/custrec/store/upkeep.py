"""Looking after a store without touching a record: what the schema makes put back, statistics, free pages given back.

Everything holds the write lock as a change of records does, and leaves the store whole wherever it is stopped: what
must be one is one transaction, and VACUUM is one of SQLite's own.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from custrec.model.schema import Schema
from custrec.store.derived import path_of
from custrec.store.inspection import HEARD, differences, made_by
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated
from custrec.store.writable import Writing, begin, connect, leave_note, take_note_away, transaction

STATISTICS_ROWS = 1000
"""About how many entries of each index the statistics are made of: SQLite's own advice for large files
(https://sqlite.org/lang_analyze.html#approximate_analyze)."""


SPARE = 1.1
"""What must be free for each byte of a file that is written anew."""


@dataclass(frozen=True)
class Caretaker:
    """Who looks after a store, for the note of who holds the lock; and how long to wait for that lock, in seconds."""

    actor: str
    verb: str
    wait: float


@dataclass(frozen=True)
class Restored:
    """What was made anew, and what could not be because records stand in its way (a unique index over values that
    stand twice), as (type, name)."""

    made: tuple[tuple[str, str], ...]
    impossible: tuple[tuple[str, str], ...]


def restore_layout(path: Path, schema: Schema, by: Caretaker, indexes: Iterable[str] = ()) -> Restored:
    """Make anew every index, guard and view that is missing or not as the schema makes it, and the `indexes` of these
    names, which are damaged; all in one transaction.

    Raises StoreBusy, DiskFull, StoreReadOnly or StoreUnwell.
    """
    wanted = made_by(schema)
    made: list[tuple[str, str]] = []
    impossible: list[tuple[str, str]] = []
    with _opened(path, by.wait) as connection, transaction(connection, path, by.wait, by.actor, by.verb):
        damaged = [("index", name) for name in indexes if ("index", name) in wanted]
        for kind, name in dict.fromkeys([*differences(connection, schema).rebuildable, *damaged]):
            connection.execute("SAVEPOINT one")
            try:
                connection.execute(f"DROP {kind.upper()} IF EXISTS {quote(name)}")
                connection.execute(wanted[kind, name])
                made.append((kind, name))
            except sqlite3.IntegrityError:
                connection.execute("ROLLBACK TO one")
                impossible.append((kind, name))
            connection.execute("RELEASE one")
    return Restored(tuple(made), tuple(impossible))


def use_write_ahead_log(path: Path, by: Caretaker) -> None:
    """Let readers and a writer work side by side again, as in a new store."""
    with _opened(path, by.wait) as connection:
        begin(connection, by.wait, "PRAGMA journal_mode = WAL")


def renew_statistics(path: Path, by: Caretaker) -> None:
    """Look at how values are distributed, so that SQLite chooses the right index."""
    with _opened(path, by.wait) as connection:
        connection.execute(f"PRAGMA analysis_limit = {STATISTICS_ROWS}")
        with transaction(connection, path, by.wait, by.actor, by.verb):
            connection.execute("ANALYZE")
            connection.execute("PRAGMA optimize")


def merge_search_index(store: Path, schema: Schema, by: Caretaker) -> None:
    """Merge the search index into one, without the words of records that have changed since."""
    place = path_of(store)
    with _opened(place, by.wait) as connection:
        begin(connection, by.wait)
        for table in schema.tables:
            connection.execute(f"INSERT INTO search_{table.id} (search_{table.id}) VALUES ('optimize')")
        connection.execute("COMMIT")


def vacuum(path: Path, by: Caretaker, store: Path) -> None:
    """Write a database anew without its free pages. Stopped at any moment, it is as before or done.

    `store` is the store beside which the note is left. Takes the file's size once more in the folder of temporary
    files (`temporary_folder`), and once in the write-ahead log.
    """
    noted = False

    def under_way() -> int:
        nonlocal noted
        if not noted:  # SQLite comes by here for the first time when it has the lock
            noted = True
            leave_note(store, by.actor, by.verb)
        return 0

    with _opened(path, by.wait, under_way) as connection:
        try:
            begin(connection, by.wait, "VACUUM")
        finally:
            if noted:
                take_note_away(store)


def write_back(path: Path) -> bool:
    """Bring the write-ahead log into the file and empty it; False where a reader or writer was in the way."""
    with _opened(path, 0) as connection:
        (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def temporary_folder() -> Path:
    """Where SQLite makes temporary files (https://sqlite.org/tempfiles.html#temporary_file_storage_locations)."""
    named = [os.environ.get(name) for name in ("SQLITE_TMPDIR", "TMPDIR")]
    for place in (*filter(None, named), "/var/tmp", "/usr/tmp", "/tmp"):  # noqa: S108 (SQLite's list, not ours)
        if Path(place).is_dir() and os.access(place, os.W_OK | os.X_OK):
            return Path(place)
    return Path()


def no_room(file: Path) -> str:
    """Why a file cannot be written anew for lack of disk, or nothing. It is written once into a temporary file and once
    into its write-ahead log, which may be on one disk or two."""
    needed = int(bytes_of(file) * SPARE)
    here, there = file.resolve().parent, temporary_folder()
    one_disk = here.stat().st_dev == there.stat().st_dev
    for place, room in ({here: 2 * needed} if one_disk else {here: needed, there: needed}).items():
        free = shutil.disk_usage(place).free
        if free < room:
            return f"it needs {room / 1e6:,.0f} MB of disk in {place}, and {free / 1e6:,.0f} MB are free"
    return ""


def bytes_of(file: Path) -> int:
    """The bytes of a database and of its write-ahead log."""
    return sum(one.stat().st_size for one in (file, file.with_name(f"{file.name}-wal")) if one.exists())


@contextlib.contextmanager
def _opened(path: Path, wait: float, heard: Callable[[], int] = lambda: 0) -> Iterator[Writing]:
    """A writable connection; long statements on it can be interrupted, because Python is called now and then."""
    with translated(path, wait), contextlib.closing(connect(path, wait)) as connection:
        connection.set_progress_handler(heard, HEARD)
        try:
            yield connection
        except BaseException:
            connection.set_progress_handler(None, 0)  # or an interruption would stop the way back, too
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
