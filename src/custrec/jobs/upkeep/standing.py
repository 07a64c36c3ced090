"""How a store stands, at a glance: what is in it, what happened last, and what waits for somebody.

Nothing here reads more than a few pages of the store, so that a prompt or a monitor may ask each minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from custrec.errors import CustrecError
from custrec.files.row_counts import count_rows
from custrec.jobs.backups.last import LastBackup, alarm, last_backup
from custrec.model.plan import Event, State
from custrec.model.schema_json import same_tables
from custrec.store import derived, inspection, journal, wiping
from custrec.store.database import Store, snapshot
from custrec.store.inspection import Writer
from custrec.store.place import OWN_FOLDERS, beside
from custrec.store.plan_file import saved_plans

COMPANIONS = ("derived.db", *OWN_FOLDERS, "maps")
"""What lies beside a store and is told with its size."""
SAME, DIFFERS, FAULTY, MISSING = "same", "differs", "faulty", "missing"
CURRENT, BEHIND = "current", "behind"


@dataclass(frozen=True)
class RowList:
    """A list of rows that waits to be mended and imported: how many rows (`whole`: all of them were counted)."""

    path: Path
    rows: int
    whole: bool
    since: datetime


@dataclass(frozen=True)
class SavedPlan:
    """A plan that waits to be applied."""

    id: str
    since: datetime


@dataclass(frozen=True)
class Standing:
    """How a store stands. Sizes are bytes; `schema_file` is SAME, DIFFERS, FAULTY or MISSING, `search` CURRENT, BEHIND
    or MISSING; `settings` says what is wrong with their files; `backup` is the last that proved itself, `alarm` what is
    wrong about it ('' for nothing). `unwiped` are the events whose records are purged and not yet wiped, `erased` is
    how many records the ledger remembers."""

    store: Path
    sizes: Mapping[str, int]
    format: int
    schema_version: int
    schema_file: str
    records: Mapping[str, Mapping[State, int]]
    last_import: tuple[Event, Mapping[str, Any]] | None
    rejects: tuple[RowList, ...]
    review: tuple[RowList, ...]
    plans: tuple[SavedPlan, ...]
    search: str
    head: Event | None
    writer: Writer | None
    settings: tuple[str, ...] = ()
    backup: LastBackup | None = None
    alarm: str = ""
    unwiped: tuple[int, ...] = ()
    erased: int = 0

    @property
    def waits(self) -> bool:
        """Whether anything waits for somebody."""
        pending = self.schema_file in (DIFFERS, FAULTY)
        return bool(self.rejects or self.review or self.plans or pending or self.settings or self.alarm or self.unwiped)


def standing(
    store: Store, settings: tuple[str, ...], now: datetime, backup_max_age: timedelta | None = None
) -> Standing:
    """How a store stands now; `settings` says what is wrong with their files."""
    writer = inspection.writer_of(store.path)
    with snapshot(store.reader):
        last = last_backup(store)
        return Standing(
            store.path.resolve(),
            sizes(store.path),
            inspection.format_of(store),
            store.schema_version,
            schema_agreement(store)[0],
            inspection.counts_by_state(store),
            next(journal.imports(store, limit=1), None),
            tuple(waiting(store, "rejects")),
            tuple(waiting(store, "review")),
            tuple(SavedPlan(path.stem, _time(path)) for path in saved_plans(beside(store.path, "plans"))),
            search_standing(store),
            journal.head(store),
            writer if writer and writer.runs else None,
            settings,
            last,
            alarm(last, now, backup_max_age),
            pending.events if (pending := wiping.pending_in(store)) else (),
            wiping.ledger_head(store).position,
        )


def sizes(store: Path) -> dict[str, int]:
    """The bytes of the store (its write-ahead log among them) and of what lies beside it."""
    found = {"store": _bytes(store)}
    return found | {what: size for what in COMPANIONS if (size := _bytes(beside(store, what)))}


def schema_agreement(store: Store) -> tuple[str, CustrecError | None]:
    """Whether the schema.yaml beside a store says what the store applies; with what is wrong with it, if it is."""
    place = store.path.with_name("schema.yaml")
    try:
        if hashlib.sha256(place.read_bytes()).hexdigest() == store.schema_digest:
            return SAME, None
        from custrec.files.schema_file import load_schema

        return (SAME if same_tables(load_schema(place), store.schema) else DIFFERS), None
    except FileNotFoundError:
        return MISSING, None
    except OSError:
        return FAULTY, None
    except CustrecError as error:
        return FAULTY, error


def search_standing(store: Store) -> str:
    """Whether the search index holds what the store does; the next `find` mends it where not."""
    if not derived.path_of(store.path).exists():
        return MISSING
    return CURRENT if derived.is_current(store) else BEHIND


def waiting(store: Store, what: str) -> Iterator[RowList]:
    """The lists of refused (`rejects`) or doubtful (`review`) rows that have rows in them, the newest first.

    One that was imported just as it is now does not wait any more, nor does that of an import which never came to be.
    """
    folder = beside(store.path, what)
    plans = beside(store.path, "plans")
    paths = sorted(folder.glob("[!.]*.csv"), key=lambda path: (_time(path), path.name), reverse=True)
    done = inspection.sources_of(store, [path.name for path in paths])
    for path in paths:
        if (is_of_plan(path) and not (plans / f"{path.stem}.db").exists()) or (done and _digest(path) in done):
            continue
        rows, whole = count_rows(path)
        if rows:
            yield RowList(path, rows, whole, _time(path))


def is_of_plan(path: Path) -> bool:
    """Whether a list of rows is named by a plan: until that is applied, and the list named by its event."""
    return len(path.stem) == 9 and path.stem[0] == "p" and all(c in "0123456789abcdef" for c in path.stem[1:])


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _time(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _bytes(place: Path) -> int:
    """The bytes of a file with its write-ahead log, or of the files in a folder."""
    if place.is_dir():
        return sum(path.stat().st_size for path in place.iterdir() if path.is_file())
    log = place.with_name(f"{place.name}-wal")
    return sum(path.stat().st_size for path in (place, log) if path.exists())
