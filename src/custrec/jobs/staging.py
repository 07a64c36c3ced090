"""From chunks of bytes to parts of a plan: what one worker does, and how several share the work.

The parent cuts the stream (files.chunks) and hands chunks out; each worker parses, judges, seals and writes the rows of
its chunks into a part of its own, and answers with a few numbers. Small inputs are staged in the parent itself, by the
same code. Workers are plain processes (`python -m custrec.jobs.staging_worker`) that speak pickles over their pipes and
end with the parent.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import IO, Any

from custrec.errors import CustrecError, WorkerDied
from custrec.files.chunks import Chunk
from custrec.files.dialect import Dialect
from custrec.files.rows import BadRow, parse
from custrec.jobs.judging import FieldFault, Judged, Layout, TableJudge
from custrec.model.schema import Schema
from custrec.store.plan_file import CHUNK_BITS, PartWriter

AHEAD = 2
"""Chunks that a worker may have waiting."""


@dataclass(frozen=True)
class Assignment:
    """All that a worker needs to know, once."""

    schema: Schema
    table: str
    layout: Layout
    dialect: Dialect
    sealing: bool
    part: str
    today: date


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


@dataclass(frozen=True)
class Failure:
    """An error that a worker met, to be raised by its parent."""

    kind: type[CustrecError]
    params: dict[str, Any]


Answer = Staged | Failure | None
"""What a worker says of a chunk; None that it has ended."""


class Stager:
    """One worker's work: chunks in, rows in its part, numbers out."""

    def __init__(self, work: Assignment) -> None:
        self.work = work
        table = work.schema.by_name[work.table]
        self.judge = TableJudge(table, work.schema, work.layout, work.sealing, work.today)
        self.part = PartWriter(Path(work.part), table, self.judge.fields)

    def stage(self, chunk: Chunk) -> Staged:
        """Stage one chunk."""
        began = perf_counter()
        parsed = parse(chunk, self.work.dialect, self.work.layout.width)
        judged = self.judge.judge(parsed.lines, parsed.rows)
        seals = self.judge.seals(judged)
        judged_at = perf_counter()
        first = chunk.number << CHUNK_BITS
        count = len(judged.lines)
        self.part.write(
            zip(
                range(first, first + count),
                judged.lines,
                judged.originals,
                seals,
                *judged.columns,
                strict=True,
            ),
            self._rejects(chunk.number, parsed.lines, parsed.rows, judged, parsed.bad),
            [
                (first + place, cells_text(parsed.rows[row]), faults_text(faults))
                for place, row, faults in judged.doubtful
            ],
            self._warnings(parsed.lines, parsed.rows, judged),
        )
        return Staged(
            chunk.number,
            count,
            parsed.blank,
            len(judged.bad) + len(parsed.bad),
            len(chunk.data),
            judged_at - began,
            perf_counter() - judged_at,
        )

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

    def _warnings(self, lines: list[int], rows: list[list[str]], judged: Judged) -> Iterator[tuple[int, int, str]]:
        places = self.work.layout.places
        for row, check in judged.warned:
            yield lines[row], check.number, cells_text(rows[row][places[name]] for name in check.fields)


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

    Raises what a worker met (DiskFull), and WorkerDied when a process ends before its work is done. All processes have
    ended when this returns.
    """
    workers = [_Worker(number, work) for number, work in enumerate(works)]
    answers: SimpleQueue[tuple[int, Answer]] = SimpleQueue()
    waiting = dict.fromkeys(range(len(workers)), 0)
    try:
        for worker in workers:
            worker.listen(answers)
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


def _take(
    answers: SimpleQueue[tuple[int, Answer]], waiting: dict[int, int], done: Callable[[int, Staged], None]
) -> None:
    number, staged = answers.get()
    if staged is None:
        raise WorkerDied(number=number + 1)
    if isinstance(staged, Failure):
        raise staged.kind(**staged.params)
    waiting[number] -= 1
    done(number, staged)


class _Worker:
    """A process that stages. Its standard input carries the assignment and chunks, its output the answers."""

    def __init__(self, number: int, work: Assignment) -> None:
        self.number = number
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "custrec.jobs.staging_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONUTF8": "1"},
            process_group=0 if os.name == "posix" else None,  # Ctrl-C is for the parent, which ends its workers
        )
        self.send(work)

    @property
    def pipe(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    def send(self, what: object) -> None:
        with contextlib.suppress(OSError):  # of a worker that is gone: its answers end, which says it, and why
            pickle.dump(what, self.pipe, protocol=5)
            self.pipe.flush()

    def listen(self, answers: SimpleQueue[tuple[int, Answer]]) -> None:
        def read() -> None:
            assert self.process.stdout is not None
            try:
                while (answer := pickle.load(self.process.stdout)) is not None:  # noqa: S301 (our own process)
                    answers.put((self.number, answer))
            except (EOFError, OSError, ValueError, TypeError, pickle.UnpicklingError):  # closed while reading, or died
                answers.put((self.number, None))

        Thread(target=read, daemon=True).start()

    def finish(self) -> None:
        self.send(None)
        with contextlib.suppress(OSError):
            self.pipe.close()

    def join(self) -> None:
        if self.process.wait() != 0:
            raise WorkerDied(number=self.number + 1)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
