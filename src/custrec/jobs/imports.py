"""Import: a file of rows becomes a plan.

    open → dialect → header → stage (judge every row, into parts on disk) → reconcile with the store → plan, rejects

Nothing is applied here. Bad rows go into the rejects file, which is written before the plan is: should the disk fill,
nothing has happened yet.
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from custrec.errors import (
    BadRowsStrict,
    DiskTooSmall,
    DuplicateColumns,
    ExistingRecords,
    KeyColumnMissing,
    NoKnownColumns,
    UnknownColumns,
)
from custrec.files.chunks import Chunk, ChunkReader
from custrec.files.dialect import Dialect, detect
from custrec.files.headers import HeaderMatch, fold_header, match_headers
from custrec.files.printable import printable
from custrec.files.rejects import RejectsWriter, refuse_to_replace
from custrec.files.source import STANDARD_INPUT, Source, open_source
from custrec.jobs.drafting import Draft, draft
from custrec.jobs.judging import Layout
from custrec.jobs.refused import Refused, refused_rows
from custrec.jobs.staging import Assignment, Staged, stage_here, stage_with_workers
from custrec.model.plan import Counts, Plan
from custrec.model.plan import Source as PlanSource
from custrec.model.schema import Table
from custrec.model.stopwatch import Stopwatch
from custrec.rules.checks import ERROR, message
from custrec.store.canonical import sealable_by_workers
from custrec.store.database import Store
from custrec.store.plan_file import CHUNK_BITS, PlanFile
from custrec.store.reconcile import Outcome, Policy, Segment, reconcile
from custrec.store.sequences import next_ids
from custrec.store.sqlite_errors import translated

WORTH_WORKERS = 4 << 20
"""Bytes; a smaller input is staged in one process sooner than workers start."""
UPDATE = Policy()

ROOM = 5
"""How many times a file's size an import needs on disk, at most, while it is applied: parts 1.4, write-ahead log and
store 1.9 each (measured on a million rows)."""
MOST_NAMED = 20
"""How many unknown columns an error lists."""


@dataclass(frozen=True)
class ImportRequest:
    """What to import and how. `rejects` is where bad rows go; None keeps no file of them."""

    path: str
    table: Table
    policy: Policy = UPDATE
    strict: bool = False
    ignore_columns: bool = False
    encoding: str | None = None
    delimiter: str | None = None
    jobs: int = 2
    rejects: Path | None = None


@dataclass
class Progress:
    """What the face is told while it waits: the phase, bytes done of how many (None: unknown), rows."""

    tell: Callable[[str, int, int | None, int], None] | None = None
    done: int = 0
    total: int | None = None
    rows: int = 0
    watch: Stopwatch = field(default_factory=Stopwatch)

    def phase(self, name: str) -> None:
        """A phase begins."""
        if self.tell:
            self.tell(name, self.done, self.total, self.rows)

    def stop(self) -> None:
        """There is nothing more to tell."""

    def chunk(self, staged: Staged) -> None:
        """A chunk was staged."""
        self.done += staged.size
        self.rows += staged.rows + staged.rejected + staged.blank
        self.watch.add("worker seconds: read and judge", staged.judging)
        self.watch.add("worker seconds: stage", staged.writing)
        self.phase("reading")


@dataclass
class _Tally:
    """What staging found."""

    segments: list[Segment] = field(default_factory=list)
    read: int = 0
    blank: int = 0

    def add(self, part: str, staged: Staged) -> None:
        self.read += staged.rows + staged.rejected
        self.blank += staged.blank
        if staged.rows:
            first = staged.number << CHUNK_BITS
            self.segments.append(Segment(part, first, first + staged.rows - 1))


def plan_import(store: Store, request: ImportRequest, by: Draft, progress: Progress | None = None) -> PlanFile:
    """Plan the import of a file.

    Raises InputError for a file that cannot be used, BadRowsStrict or ExistingRecords by the request, DiskFull.
    """
    if request.rejects:
        refuse_to_replace(request.rejects, request.path)
    file = draft(store, by)
    try:
        with translated(store.path):
            _fill(file, store, request, by, progress or Progress())
    except BaseException:
        file.drop()
        raise
    return file


@dataclass(frozen=True)
class Compared:
    """A file that was read, judged and compared with the store: all that an import knows before it decides."""

    file: PlanFile
    request: ImportRequest
    name: str
    reader: ChunkReader
    dialect: Dialect
    layout: Layout
    read: int
    blank: int
    outcome: Outcome

    def refused(self) -> Iterator[Refused]:
        """The refused rows with their cells, in the order of the file. Raises SourceMoved."""
        return refused_rows(self.file, self.request.path, self.reader, self.dialect, self.layout.width)


def read_and_compare(
    file: PlanFile, store: Store, request: ImportRequest, today: date, progress: Progress, sealing: bool = True
) -> Compared:
    """Read a file into a plan and compare its rows with the store. `sealing` is for plans that may be applied.

    Raises InputError for a file that cannot be used, DiskFull.
    """
    with _opened(request.path, file) as source:
        _check_room(store, source)
        known = [fold_header(text) for f in request.table.fields for text in (f.name, f.title, *f.aliases) if text]
        dialect = detect(
            source.sample, source.complete, known,
            encoding=request.encoding, delimiter=request.delimiter, name=source.name,
        )  # fmt: skip
        reader = ChunkReader(source, dialect, name=source.name)
        layout = _layout(reader.header.cells, request, source.name)
        progress.total = source.size
        with progress.watch("read, judge and stage"):
            sealing = sealing and sealable_by_workers(request.table)
            work = Assignment(file.schema, request.table.name, layout, dialect, sealing, "", today)
            tally = _stage(file, work, request.jobs, reader, progress)
    progress.phase("comparing")
    tally.segments.sort(key=lambda s: s.lo)
    with progress.watch("compare"):
        outcome = reconcile(file, store.path, request.table, tally.segments, request.policy)
    return Compared(file, request, source.name, reader, dialect, layout, tally.read, tally.blank, outcome)


def _fill(file: PlanFile, store: Store, request: ImportRequest, by: Draft, progress: Progress) -> None:
    base, planned_ids = by.base(store), next_ids(store)
    found = read_and_compare(file, store, request, by.day, progress)
    rules, rejected = _rules(file.rejects())
    if request.strict and rejected:
        raise BadRowsStrict(count=rejected, read=found.read, file=found.name, details=_by_rule(rules))
    if request.policy.on_existing == "fail" and found.outcome.existing:
        raise ExistingRecords(count=found.outcome.existing, file=found.name)
    rejects = request.rejects if rejected else None
    if rejects:
        with progress.watch("rejects"):
            _write_rejects(rejects, found)
    name = Path(request.path).name if request.path != STANDARD_INPUT else "standard input"
    file.save_head(
        Plan(
            id=by.plan_id,
            verb="import",
            made_at=by.at,
            actor=by.actor,
            schema_version=store.schema_version,
            base=base,
            counts=_counts(found, rejected),
            tables=(request.table.name,),
            note=by.note,
            source=PlanSource(name, found.reader.sha256, found.reader.size),
            rules=dict(rules),
            detail={
                "next_ids": planned_ids,
                "encoding": found.dialect.encoding_name,
                "delimiter": found.dialect.delimiter,
                "rejects": str(rejects) if rejects else None,
                **_warnings(file, request.table),
            },
        )
    )


def _warnings(file: PlanFile, table: Table) -> dict[str, dict[str, int]]:
    """How many rows that are taken break a check, by what the check says: `warnings`, and of level info `notes`."""
    said: dict[str, dict[str, int]] = {}
    if any(check.level != ERROR for check in table.checks):
        for number, count in file.warned().items():
            check = table.checks[number]
            counts = said.setdefault("notes" if check.level == "info" else "warnings", {})
            counts[message(check)] = counts.get(message(check), 0) + count
    return said


def _layout(header: tuple[str, ...], request: ImportRequest, name: str) -> Layout:
    """Which column is which field. Raises where a column would be lost or the file is not of this table."""
    table = request.table
    match = match_headers(header, table)
    unknown = [u for u in match.unknown if u.header.strip()]
    if not match.columns:
        # Their headers are not named: what has no header has a record in its first row.
        raise NoKnownColumns(count=len(header), file=name, table=table.name)
    if match.duplicates:
        lines = [f"{d.field}: {', '.join(printable(header[i]) for i in d.indexes)}" for d in match.duplicates]
        raise DuplicateColumns(count=len(lines), table=table.name, file=name, details=tuple(lines))
    if unknown and not request.ignore_columns:
        raise UnknownColumns(count=len(unknown), file=name, table=table.name, details=_unknown_lines(match))
    lacking = [key for key in table.primary_key if key not in match.columns.values()]
    if lacking:
        raise KeyColumnMissing(file=name, fields=", ".join(lacking), table=table.name)
    headless = () if request.ignore_columns else tuple(u.index for u in match.unknown if not u.header.strip())
    return Layout({field: index for index, field in match.columns.items()}, len(header), headless)


def _unknown_lines(match: HeaderMatch) -> tuple[str, ...]:
    named = [u for u in match.unknown if u.header.strip()]
    lines = [
        f"{printable(u.header)} (column {u.index + 1})" + (f": did you mean {u.nearest}?" if u.nearest else "")
        for u in named[:MOST_NAMED]
    ]
    return tuple(lines + ([f"… and {len(named) - MOST_NAMED:,} more"] if len(named) > MOST_NAMED else []))


def _stage(file: PlanFile, work: Assignment, jobs: int, reader: ChunkReader, progress: Progress) -> _Tally:
    """Stage all chunks, in workers where the input is large enough to be worth it, each in a part of its own."""
    tally = _Tally()
    chunks: Iterator[Chunk] = iter(reader)
    ahead: list[Chunk] = []
    size = 0
    while size < WORTH_WORKERS and (chunk := next(chunks, None)) is not None:
        ahead.append(chunk)
        size += len(chunk.data)
    number = jobs if size >= WORTH_WORKERS else 1
    works = [replace(work, part=str(file.part_path(n))) for n in range(number)]

    def done(worker: int, staged: Staged) -> None:
        tally.add(f"p{worker}.rows", staged)
        progress.chunk(staged)

    everything = _chained(ahead, chunks)
    if number == 1:
        stage_here(works[0], everything, lambda staged: done(0, staged))
    else:
        stage_with_workers(works, everything, done)
    file.attach([Path(work.part) for work in works])
    return tally


def _chained(ahead: list[Chunk], rest: Iterable[Chunk]) -> Iterator[Chunk]:
    """The chunks read ahead, each let go once it is handed out, then the rest."""
    while ahead:
        yield ahead.pop(0)
    yield from rest


def _opened(path: str, file: PlanFile) -> Source:
    """The source. What can be read only once is kept beside the plan while it is made: refused rows are read again."""
    source = open_source(path)
    if source.size is None:
        source.keep(file.path.with_suffix(".source"))
    return source


def _check_room(store: Store, source: Source) -> None:
    """Refuse before anything is written what cannot end well. Raises DiskTooSmall."""
    if source.size is not None:
        needed, free = source.size * ROOM, shutil.disk_usage(store.path.resolve().parent).free
        if free < needed:
            raise DiskTooSmall(file=source.name, store=store.path.name, needed=needed / 1e6, free=free / 1e6)


def _rules(rejects: Iterable[tuple[int, int, str | None, str]]) -> tuple[Counter[str], int]:
    """How many rows break each rule, and how many there are."""
    rules: Counter[str] = Counter()
    count = 0
    for *_, faults in rejects:
        count += 1
        rules.update({rule for _, rule, _ in json.loads(faults)})
    return rules, count


def _by_rule(rules: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{count:,} × {rule}" for rule, count in rules.most_common())


def _counts(found: Compared, rejected: int) -> Counts:
    outcome = found.outcome
    return Counts(
        read=found.read,
        blank=found.blank,
        collapsed=outcome.collapsed,
        same=outcome.same,
        insert=outcome.insert,
        update=outcome.update,
        rejected=rejected,
        skipped=outcome.existing + outcome.superseded,
    )


def _write_rejects(path: Path, found: Compared) -> None:
    """Write the rejects file, with the cells as they stand in the source."""
    with RejectsWriter(path, found.reader.header.cells, found.dialect) as writer:
        for row in found.refused():
            writer.write(row.line, row.cells, row.problems)
