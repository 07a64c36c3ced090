"""The rows that an import refuses, or takes and suspects, with their cells as they stand in the source, in the order of
the file.

Rows that were good until they met others (same key, no parent, not unique) wait without their cells: these are read
again from the source. One chunk is in memory at a time, however many rows are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from custrec.errors import SourceMoved
from custrec.files.chunks import Chunk
from custrec.jobs.importing.opening import Opened, open_again
from custrec.jobs.importing.staging import Assignment, written_by
from custrec.jobs.judging import TableJudge
from custrec.model.problem import Fault, Problem
from custrec.store.plan_file import PlanFile
from custrec.store.suspects import suspects


@dataclass(frozen=True)
class Refused:
    """A refused row: its line, its cells, all that is wrong with it."""

    line: int
    cells: list[str]
    problems: list[Problem]


def refused_rows(file: PlanFile, first: Opened, work: Assignment) -> Iterator[Refused]:
    """The refused rows of a plan. `first` has read the whole source, `work` says how its rows were judged.

    Raises SourceMoved where the source is no longer the one that was read.
    """
    yield from _with_cells(file.rejects(), file, first, work)


def suspected_rows(file: PlanFile, first: Opened, work: Assignment) -> Iterator[Refused]:
    """The rows of a plan that are taken and likely somebody known. Raises SourceMoved."""
    yield from _with_cells(suspects(file), file, first, work)


def _with_cells(
    noted: Iterator[tuple[int, int, str | None, str]], file: PlanFile, first: Opened, work: Assignment
) -> Iterator[Refused]:
    again = _Again(file, first, work)
    try:
        for chunk, rows in groupby(noted, key=lambda row: row[1]):
            waiting = list(rows)
            late = {line for line, _, cells, _ in waiting if cells is None}
            found = again.rows(chunk, late) if late else {}
            told = json.loads(f"[{','.join(faults for *_, faults in waiting)}]")
            for (line, _, cells, _), faults in zip(waiting, told, strict=True):
                problems = [Problem(line, name, Fault(rule, params)) for name, rule, params in faults]
                yield Refused(line, found[line] if cells is None else json.loads(cells), problems)
        again.finish()
    finally:
        again.close()


class _Again:
    """The source read a second time, from the first chunk that is asked for."""

    def __init__(self, file: PlanFile, first: Opened, work: Assignment) -> None:
        self.kept = file.path.with_suffix(".source")
        self.first, self.work = first, work
        self.opened: Opened | None = None

    def rows(self, number: int, wanted: set[int]) -> dict[int, list[str]]:
        """The rows of a chunk that begin in these lines. Chunks are asked for in order."""
        work = self.work
        if self.opened is None:
            self.opened = open_again(self.first, self.kept)
            self.chunks: Iterator[Chunk] = iter(self.opened.reader)
            table = work.schema.by_name[work.table]
            self.written = written_by(TableJudge(table, work.schema, work.layout, False, work.today))
        for chunk in self.chunks:
            if chunk.number == number:
                parsed = work.form.parse(chunk, work.layout.width, self.written)
                found = {line: row for line, row in zip(parsed.lines, parsed.rows, strict=True) if line in wanted}
                if len(found) == len(wanted):
                    return found
                break
        raise self._moved()

    def finish(self) -> None:
        """Read to the end, if anything was read, and compare the digests."""
        if self.opened is not None:
            for _ in self.chunks:
                pass
            if self.opened.reader.sha256 != self.first.reader.sha256:
                raise self._moved()

    def close(self) -> None:
        """Close the source."""
        if self.opened is not None:
            self.opened.close()

    def _moved(self) -> SourceMoved:
        return SourceMoved(file=self.first.label)
