"""Taking a file in: every row read, judged, staged on disk and compared with the store. Nothing is decided yet.

    open (jobs.importing.opening) → table and layout → stage (jobs.importing.staging) → reconcile (store.reconcile)

Import makes a plan of what comes out (jobs.importing.imports), validate tells of it and drops it (jobs.validation).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from custrec.errors import DiskTooSmall, UsageError
from custrec.files.chunks import Chunk
from custrec.files.forms import Delimited, JsonLines
from custrec.files.headers import match_headers
from custrec.files.json_lines import refuse_too_many
from custrec.jobs.importing.doubting import Doubting
from custrec.jobs.importing.layouts import layout_for
from custrec.jobs.importing.maps import all_maps, map_named, recognised
from custrec.jobs.importing.opening import How, Opened, known_headers, open_again, open_rows
from custrec.jobs.importing.refused import Refused, refused_rows, suspected_rows
from custrec.jobs.importing.resuming import Resumption, can_be_resumed
from custrec.jobs.importing.samples import Sample
from custrec.jobs.importing.staging import Assignment, Staged, stage_here, stage_with_workers
from custrec.jobs.importing.suspected import HELPER, Search, Suspecting, suspecting
from custrec.jobs.judging import Layout
from custrec.jobs.progress import Progress
from custrec.jobs.returning import Recognising, recognising
from custrec.jobs.workers import Helpers
from custrec.model.mapping import SavedMap
from custrec.model.schema import Table
from custrec.store.canonical import sealable_by_workers
from custrec.store.database import Store
from custrec.store.plan_file import CHUNK_BITS, PlanFile
from custrec.store.plan_parts import Segment
from custrec.store.quoting import quote
from custrec.store.reconcile import Outcome, Policy, reconcile
from custrec.store.states import any_merged

WORTH_WORKERS = 4 << 20
"""Bytes; a smaller input is staged in one process sooner than workers start."""
UPDATE = Policy()

ROOM = 5
"""How many times a file's size an import needs on disk, at most, while it is applied: parts 1.4, write-ahead log and
store 1.9 each (measured on a million rows)."""
UNPACKED = 8
"""How many times its size a workbook is as text, about."""
NO_MAP = "none"
"""The name that asks for no map, where the header would tell one."""


@dataclass(frozen=True)
class ImportRequest:
    """What to import and how. `path` is as files.origin says; without a `table` the header tells which one is meant.

    `duplicates` says what becomes of rows that are likely somebody known (model.match.ON_IMPORT; None: what the schema
    says); `search` finds out about the records what must be known for that, and keeps it. `map` names a saved map
    (jobs.importing.maps); without one the header tells. `rejects` is where bad rows go, `review` where rows go that
    are taken and look wrong; None keeps no file of them.
    """

    path: str
    table: Table | None = None
    policy: Policy = UPDATE
    strict: bool = False
    ignore_columns: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    map: str | None = None
    jobs: int = 2
    rejects: Path | None = None
    review: Path | None = None
    duplicates: str | None = None
    search: Search | None = None


@dataclass
class _Tally:
    """What staging found."""

    segments: list[Segment] = field(default_factory=list)
    read: int = 0
    blank: int = 0
    late: dict[str, None] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)

    def add(self, part: int, staged: Staged) -> None:
        self.read += staged.rows + staged.rejected
        self.blank += staged.blank
        self.late.update(dict.fromkeys(staged.late))
        self.samples += staged.samples
        if staged.rows:
            first = staged.number << CHUNK_BITS
            self.segments.append(Segment(f"p{part}.rows", first, first + staged.rows - 1))


@dataclass(frozen=True)
class Compared:
    """A file that was read, judged and compared with the store: all that an import knows before it decides."""

    file: PlanFile
    request: ImportRequest
    table: Table
    opened: Opened
    work: Assignment
    read: int
    blank: int
    outcome: Outcome
    samples: list[Sample]
    map: str | None
    erased: Recognising | None = None

    @property
    def layout(self) -> Layout:
        """Which column is which field."""
        return self.work.layout

    @property
    def header(self) -> tuple[str, ...]:
        """The cells of the header."""
        return self.opened.reader.header.cells

    def refused(self) -> Iterator[Refused]:
        """The refused rows with their cells, in the order of the file. Raises SourceMoved."""
        return refused_rows(self.file, self.opened, self.work)

    def suspected(self) -> Iterator[Refused]:
        """The rows that are taken and likely somebody known, with their cells, in the order of the file. Raises
        SourceMoved."""
        return suspected_rows(self.file, self.opened, self.work)


def read_and_compare(
    file: PlanFile, store: Store, request: ImportRequest, today: date, progress: Progress, applicable: bool = True
) -> Compared:
    """Read a file into a plan and compare its rows with the store. A plan that is not to be
    `applicable` holds no more than what tells which rows are refused.

    Raises InputError for a file that cannot be used, DiskFull, WorkerDied.
    """
    with Helpers(HELPER, request.jobs - 1) as helpers:
        return _read_and_compare(file, store, request, today, progress, applicable, helpers)


def _read_and_compare(
    file: PlanFile,
    store: Store,
    request: ImportRequest,
    today: date,
    progress: Progress,
    applicable: bool,
    helpers: Helpers,
) -> Compared:
    tables = [request.table] if request.table else list(store.schema.tables)
    kept = file.path.with_suffix(".source")
    opened = open_rows(request.path, known_headers(tables), How(request.encoding, request.delimiter), kept)
    while True:
        with opened, progress.watch("read, judge and stage"):
            _check_room(store, opened)
            header = opened.reader.header.cells
            saved = _mapped(store, header, request)
            if saved and request.table not in (None, saved.table):
                raise UsageError(what=f"the map {saved.name} is for the table {saved.table.name}")
            table = request.table or (saved.table if saved else table_of(header, tables))
            layout = layout_for(header, table, opened.name, saved, request.ignore_columns)
            progress.done, progress.rows, progress.total = 0, 0, opened.total
            policy, jobs = request.duplicates, request.jobs
            likely = suspecting(file, store, table, policy, progress, jobs, helpers, request.search)
            doubts = Doubting(file, store, recognising(store, table), likely)
            thin = None if applicable else _compared_fields(store, table, doubts)
            sealing = applicable and sealable_by_workers(table)
            work = Assignment(file.schema, table.name, layout, opened.form, sealing, "", today, thin)
            tally = _stage(file, store, work, request.jobs, opened, progress, likely)
        if not tally.late:
            break
        # A key of JSON Lines that first stands far below: once more, now that all are known.
        file.forget_parts()
        refuse_too_many((*header, *tally.late), opened.name)
        opened = open_again(opened, kept, JsonLines((*header, *tally.late)))
    progress.phase("comparing")
    tally.segments.sort(key=lambda s: s.lo)
    with progress.watch("compare"):
        thinned, asked = work.thin is not None, doubts if doubts.asks else None
        outcome = reconcile(file, store.path, table, tally.segments, request.policy, thinned, asked)
    opened.notes += likely.notes if likely else []
    named = saved.name if saved else None
    return Compared(
        file, request, table, opened, work, tally.read, tally.blank, outcome, tally.samples, named, doubts.erased
    )


def table_of(header: tuple[str, ...], tables: list[Table]) -> Table:
    """The table that a file is of: the first that knows all its columns and finds its key among them, else the one
    that knows the most."""

    def fits(table: Table) -> tuple[bool, int]:
        match = match_headers(header, table)
        whole = not any(u.header.strip() for u in match.unknown) and {*table.primary_key} <= {*match.columns.values()}
        return whole and bool(match.columns), len(match.columns)

    best = max(tables, key=fits)
    return next((table for table in tables if fits(table)[0]), best)


def _compared_fields(store: Store, table: Table, doubts: Doubting) -> tuple[str, ...] | None:
    """The fields by which rows meet other rows and records; None where they are compared as a whole."""
    if not table.primary_key or doubts.asks or any_merged(store.reader, quote(table.name)):
        return None
    money = [(f.name, f.currency_field) for f in table.fields if f.currency_field]
    unique = [f.name for f in table.fields if f.unique]
    return (*table.primary_key, *unique, *table.references, *(name for pair in money for name in pair if name))


def _mapped(store: Store, header: tuple[str, ...], request: ImportRequest) -> SavedMap | None:
    """The saved map that is named, or that the header tells. Raises MapUnknown, MapInvalid."""
    if request.map == NO_MAP:
        return None
    if request.map is not None:
        return map_named(store, request.map)
    maps = [saved for saved in all_maps(store)[0] if request.table in (None, saved.table)]
    return recognised(maps, header)


def _stage(
    file: PlanFile,
    store: Store,
    work: Assignment,
    jobs: int,
    opened: Opened,
    progress: Progress,
    likely: Suspecting | None,
) -> _Tally:
    """Stage all chunks, in workers where the input is large enough to be worth it, each in a part of its own.

    What another process staged of the very same rows before it was killed is not done again.
    """
    tally = _Tally()
    chunks: Iterator[Chunk] = iter(opened.reader)
    ahead: list[Chunk] = []
    size = 0
    while size < WORTH_WORKERS and (chunk := next(chunks, None)) is not None:
        ahead.append(chunk)
        size += len(chunk.data)
    if likely is not None:
        likely.expect(size)
    large = size >= WORTH_WORKERS
    number = jobs if large else 1
    resumption = (
        Resumption(file, store, work, opened) if large and work.thin is None and can_be_resumed(opened) else None
    )
    taken_up = resumption.parts if resumption else []
    parts = [*taken_up, *(file.part_path(n) for n in range(len(taken_up), number))]
    works = [replace(work, part=str(part)) for part in parts[:number]]

    def done(part: int, staged: Staged) -> None:
        tally.add(part, staged)
        _tell(progress, staged)

    everything = _chained(ahead, chunks)
    if resumption and resumption.rows:
        opened.notes.append(f"{resumption.rows:,} rows were staged by an import that was killed, and are taken up")
        everything = resumption.still_to_do(everything, done)
    if number == 1:
        stage_here(works[0], everything, lambda staged: done(0, staged))
    else:
        stage_with_workers(works, everything, done)
    file.attach(parts)
    return tally


def _tell(progress: Progress, staged: Staged) -> None:
    """A chunk was staged."""
    progress.done += staged.size
    progress.rows += staged.rows + staged.rejected + staged.blank
    progress.watch.add("worker seconds: read and judge", staged.judging)
    progress.watch.add("worker seconds: stage", staged.writing)
    progress.phase("reading")


def _chained(ahead: list[Chunk], rest: Iterable[Chunk]) -> Iterator[Chunk]:
    """The chunks read ahead, each let go once it is handed out, then the rest."""
    while ahead:
        yield ahead.pop(0)
    yield from rest


def _check_room(store: Store, opened: Opened) -> None:
    """Refuse before anything is written what cannot end well. Raises DiskTooSmall."""
    if opened.size is not None:
        factor = ROOM if isinstance(opened.form, Delimited) else ROOM * UNPACKED
        needed, free = opened.size * factor, shutil.disk_usage(store.path.resolve().parent).free
        if free < needed:
            raise DiskTooSmall(
                work=f"the import of {opened.name}", store=store.path.name, needed=needed / 1e6, free=free / 1e6
            )
