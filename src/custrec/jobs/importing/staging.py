"""From chunks of bytes to parts of a plan: what one worker does, and how several share the work.

The parent cuts the stream (files.chunks) and hands chunks out; each worker parses, judges, seals and writes the rows of
its chunks into a part of its own, and answers with a few numbers. Small inputs are staged in the parent itself, by the
same code. How workers are spoken to is of jobs.workers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import Any

from custrec.files.cells import Written
from custrec.files.chunks import Chunk
from custrec.files.forms import Form
from custrec.files.rows import BadRow
from custrec.jobs.importing.samples import Sample, samples
from custrec.jobs.judging import FieldFault, Judged, Layout, TableJudge
from custrec.jobs.workers import Worker
from custrec.model.schema import Schema
from custrec.store.plan_file import CHUNK_BITS
from custrec.store.plan_parts import PartWriter
from custrec.values.protocol import Native, Stored

AHEAD = 2
"""Chunks that a worker may have waiting."""


@dataclass(frozen=True)
class Assignment:
    """All that a worker needs to know, once."""

    schema: Schema
    table: str
    layout: Layout
    form: Form
    sealing: bool
    part: str
    today: date
    thin: tuple[str, ...] | None = None
    """The only fields that are staged, beside a digest of the row, where no plan will be applied."""


@dataclass
class Staged:
    """What became of one chunk."""

    number: int
    rows: int
    blank: int = 0
    rejected: int = 0
    size: int = 0
    judging: float = 0.0
    writing: float = 0.0
    """Seconds."""
    late: tuple[str, ...] = ()
    """Columns that the header does not have (files.json_lines)."""
    samples: list[Sample] = field(default_factory=list)
    """What became of some cells of the first chunk."""


class Stager:
    """One worker's work: chunks in, rows in its part, numbers out."""

    def __init__(self, work: Assignment) -> None:
        self.work = work
        table = work.schema.by_name[work.table]
        self.judge = TableJudge(table, work.schema, work.layout, work.sealing, work.today)
        self.written = written_by(self.judge)
        self.staged = [place for place, name in enumerate(self.judge.fields) if work.thin is None or name in work.thin]
        self.part = PartWriter(Path(work.part), table, [self.judge.fields[place] for place in self.staged])

    def stage(self, chunk: Chunk) -> Staged:
        """Stage one chunk."""
        began = perf_counter()
        parsed = self.work.form.parse(chunk, self.work.layout.width, self.written)
        judged = self.judge.judge(parsed.lines, parsed.rows)
        seals = self.judge.seals(judged)
        judged_at = perf_counter()
        first = chunk.number << CHUNK_BITS
        count = len(judged.lines)
        staged = Staged(
            chunk.number,
            count,
            parsed.blank,
            len(judged.bad) + len(parsed.bad),
            self.work.form.weight(chunk),
            judged_at - began,
            late=parsed.late,
            samples=samples(self.judge, parsed, judged) if chunk.number == 0 else [],
        )
        self.part.write(
            zip(
                range(first, first + count),
                judged.lines,
                judged.originals if self.work.thin is None else row_digests(judged.columns),
                seals,
                *(judged.columns[place] for place in self.staged),
                strict=True,
            ),
            self._rejects(chunk.number, parsed.lines, parsed.rows, judged, parsed.bad),
            [
                (first + place, cells_text(parsed.rows[row]), faults_text(faults))
                for place, row, faults in judged.doubtful
            ],
            ((parsed.lines[row], check.number, cells_text(parsed.rows[row])) for row, check in judged.warned),
            (chunk.number, chunk_digest(chunk), json.dumps(asdict(staged))),
        )
        staged.writing = perf_counter() - judged_at
        return staged

    def close(self) -> None:
        """Finish the part."""
        self.part.close()

    def _rejects(
        self, chunk: int, lines: list[int], rows: list[list[str]], judged: Judged, unparsed: list[BadRow]
    ) -> Iterator[tuple[Any, ...]]:
        for row, faults in judged.bad.items():
            yield lines[row], chunk, cells_text(rows[row]), faults_text(faults), judged.keys.get(row)
        for bad in unparsed:
            yield bad.line, chunk, cells_text(bad.cells), faults_text([(None, bad.fault)]), None


def written_by(judge: TableJudge) -> Written:
    """How the fields of a file's columns write cells that are no texts; what else is read stays as it is."""
    layout = judge.layout
    read = {*layout.headless, *(place for one in layout.recipes.values() for place in one.places)}
    fields = {place: judge.types[name].written for place, name in layout.fields_by_column.items()}
    return dict.fromkeys(read, _as_it_is) | fields


def _as_it_is(text: str, native: Native) -> str:  # noqa: ARG001
    return text


def row_digests(columns: Sequence[Sequence[Stored]]) -> list[str]:
    """A text for each row that is the same where all its values are: Python's own hash, which workers share by their
    seed. None is hashed by its address, so blanks stand for it."""
    plain = [["" if value is None else value for value in one] if None in one else one for one in columns]
    return list(map(str, map(hash, zip(*plain, strict=True))))


def chunk_digest(chunk: Chunk) -> bytes:
    """What tells the bytes of one chunk from another's."""
    return hashlib.blake2b(chunk.data, digest_size=16).digest()


def cells_text(cells: Iterable[str]) -> str:
    """A row's cells as JSON. Escaped, because bytes that are no text stand in them as lone surrogates."""
    return json.dumps(list(cells))


def faults_text(faults: Iterable[FieldFault]) -> str:
    """Faults as JSON: [field, rule, parameters] each."""
    return json.dumps([[name, fault.rule, dict(fault.params)] for name, fault in faults], ensure_ascii=False)


def stage_here(work: Assignment, chunks: Iterable[Chunk], done: Callable[[Staged], None]) -> None:
    """Stage all chunks in this process."""
    stager = Stager(work)
    try:
        for chunk in chunks:
            done(stager.stage(chunk))
    finally:
        stager.close()


def stage_with_workers(works: list[Assignment], chunks: Iterable[Chunk], done: Callable[[int, Staged], None]) -> None:
    """Stage chunks with a process for each assignment; `done` is told the worker's number and what it did.

    Raises what a worker met (DiskFull, WorkerBug), and WorkerDied when a process ends before its work is done. All
    processes have ended when this returns.
    """
    workers = [Worker("custrec.jobs.importing.staging_worker", number) for number in range(1, len(works) + 1)]
    answers: SimpleQueue[_Answer] = SimpleQueue()
    waiting = dict.fromkeys(range(len(workers)), 0)
    try:
        for number, (worker, work) in enumerate(zip(workers, works, strict=True)):
            worker.send(work)
            Thread(target=_listen, args=(number, worker, answers), daemon=True).start()
        for chunk in chunks:
            while min(waiting.values()) >= AHEAD:
                _take(answers, waiting, done)
            free = min(waiting, key=lambda n: waiting[n])
            workers[free].send(chunk)
            waiting[free] += 1
        for worker in workers:
            worker.finish()
        while any(waiting.values()):
            _take(answers, waiting, done)
        for worker in workers:
            worker.join()
    finally:
        for worker in workers:
            worker.kill()


_Answer = tuple[int, Staged | Exception]
"""Which worker, and what it made of a chunk or what it met."""


def _listen(number: int, worker: Worker, answers: SimpleQueue[_Answer]) -> None:
    try:
        while (answer := worker.receive()) is not None:
            answers.put((number, answer))
    except Exception as error:
        answers.put((number, error))


def _take(answers: SimpleQueue[_Answer], waiting: dict[int, int], done: Callable[[int, Staged], None]) -> None:
    number, staged = answers.get()
    if isinstance(staged, Exception):
        raise staged
    waiting[number] -= 1
    done(number, staged)
