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
from dataclasses import dataclass, field
from pathlib import Path

from custrec.errors import (
    BadRowsStrict,
    DiskTooSmall,
    DuplicateColumns,
    ExistingRecords,
    KeyColumnMissing,
    NoKnownColumns,
    SourceMoved,
    UnknownColumns,
)
from custrec.files.chunks import Chunk, ChunkReader
from custrec.files.dialect import Dialect, detect
from custrec.files.headers import HeaderMatch, fold_header, match_headers
from custrec.files.printable import printable
from custrec.files.rejects import RejectsWriter
from custrec.files.rows import parse
from custrec.files.source import STANDARD_INPUT, Source, open_source
from custrec.jobs.drafting import Draft, draft
from custrec.jobs.judging import Layout
from custrec.jobs.staging import Assignment, Staged, stage_here, stage_with_workers
from custrec.model.plan import Counts, Plan
from custrec.model.plan import Source as PlanSource
from custrec.model.problem import Fault, Problem
from custrec.model.schema import Table
from custrec.model.stopwatch import Stopwatch
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
    file = draft(store, by)
    try:
        with translated(store.path):
            _fill(file, store, request, by, progress or Progress())
    except BaseException:
        file.drop()
        raise
    return file


def _fill(file: PlanFile, store: Store, request: ImportRequest, by: Draft, progress: Progress) -> None:
    base, planned_ids = by.base(store), next_ids(store)
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
            tally = _stage(file, request, layout, dialect, reader, progress)
    progress.phase("comparing")
    tally.segments.sort(key=lambda s: s.lo)
    with progress.watch("compare"):
        outcome = reconcile(file, store.path, request.table, tally.segments, request.policy)
    rules, rejected = _rules(file.rejects())
    if request.strict and rejected:
        raise BadRowsStrict(count=rejected, read=tally.read, file=source.name, details=_by_rule(rules))
    if request.policy.on_existing == "fail" and outcome.existing:
        raise ExistingRecords(count=outcome.existing, file=source.name)
    if rejected and request.rejects:
        with progress.watch("rejects"):
            _write_rejects(file, request, reader, layout, dialect)
    name = Path(request.path).name if request.path != STANDARD_INPUT else "standard input"
    file.save_head(
        Plan(
            id=by.plan_id,
            verb="import",
            made_at=by.at,
            actor=by.actor,
            schema_version=store.schema_version,
            base=base,
            counts=_counts(tally, outcome, rejected),
            tables=(request.table.name,),
            note=by.note,
            source=PlanSource(name, reader.sha256, reader.size),
            rules=dict(rules),
            detail={
                "next_ids": planned_ids,
                "encoding": dialect.encoding_name,
                "delimiter": dialect.delimiter,
                "rejects": str(request.rejects) if rejected and request.rejects else None,
            },
        )
    )


def _layout(header: tuple[str, ...], request: ImportRequest, name: str) -> Layout:
    """Which column is which field. Raises where a column would be lost or the file is not of this table."""
    table = request.table
    match = match_headers(header, table)
    unknown = [u for u in match.unknown if u.header.strip()]
    if not match.columns:
        raise NoKnownColumns(file=name, table=table.name, details=_unknown_lines(match))
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


def _stage(
    file: PlanFile, request: ImportRequest, layout: Layout, dialect: Dialect, reader: ChunkReader, progress: Progress
) -> _Tally:
    """Stage all chunks, in workers where the input is large enough to be worth it."""
    tally = _Tally()
    chunks: Iterator[Chunk] = iter(reader)
    ahead: list[Chunk] = []
    size = 0
    while size < WORTH_WORKERS and (chunk := next(chunks, None)) is not None:
        ahead.append(chunk)
        size += len(chunk.data)
    number = request.jobs if size >= WORTH_WORKERS else 1
    works = [
        Assignment(
            file.schema, request.table.name, layout, dialect, sealable_by_workers(request.table), str(file.part_path(n))
        )
        for n in range(number)
    ]

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


def _counts(tally: _Tally, outcome: Outcome, rejected: int) -> Counts:
    return Counts(
        read=tally.read,
        blank=tally.blank,
        collapsed=outcome.collapsed,
        same=outcome.same,
        insert=outcome.insert,
        update=outcome.update,
        rejected=rejected,
        skipped=outcome.existing + outcome.superseded,
    )


def _write_rejects(
    file: PlanFile, request: ImportRequest, reader: ChunkReader, layout: Layout, dialect: Dialect
) -> None:
    """Write the rejects file, with the cells as they stand in the source."""
    assert request.rejects is not None
    late = {line: chunk for line, chunk, cells, _ in file.rejects() if cells is None}
    again = _read_again(file, request, reader, layout, dialect, late) if late else {}
    with RejectsWriter(request.rejects, reader.header.cells, dialect) as writer:
        for line, _, cells, faults in file.rejects():
            problems = [Problem(line, name, Fault(rule, params)) for name, rule, params in json.loads(faults)]
            writer.write(line, again[line] if cells is None else json.loads(cells), problems)


def _read_again(
    file: PlanFile, request: ImportRequest, first: ChunkReader, layout: Layout, dialect: Dialect, late: dict[int, int]
) -> dict[int, list[str]]:
    """The cells of rows that were good until they were compared with others, from the source once more."""
    kept = file.path.with_suffix(".source")
    wanted = set(late.values())
    found: dict[int, list[str]] = {}
    with open_source(kept if kept.exists() else request.path) as source:
        reader = ChunkReader(source, dialect, name=source.name)
        for chunk in reader:
            if chunk.number in wanted:
                parsed = parse(chunk, dialect, layout.width)
                found |= {line: row for line, row in zip(parsed.lines, parsed.rows, strict=True) if line in late}
    if reader.sha256 != first.sha256:
        raise SourceMoved(file=first_name(request.path))
    return found


def first_name(path: str) -> str:
    """A file's name as errors show it."""
    return printable(Path(path).name, 200)
