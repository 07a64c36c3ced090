"""The rows that an import refuses, with their cells as they stand in the source, in the order of the file.

Rows that were good until they met others (same key, no parent, not unique) wait without their cells: these are read
again from the source. One chunk is in memory at a time, however many rows are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from custrec.errors import SourceMoved
from custrec.files.chunks import Chunk, ChunkReader
from custrec.files.dialect import Dialect
from custrec.files.printable import printable
from custrec.files.rows import parse
from custrec.files.source import Source, open_source
from custrec.model.problem import Fault, Problem
from custrec.store.plan_file import PlanFile


@dataclass(frozen=True)
class Refused:
    """A refused row: its line, its cells, all that is wrong with it."""

    line: int
    cells: list[str]
    problems: list[Problem]


def refused_rows(file: PlanFile, path: str, first: ChunkReader, dialect: Dialect, width: int) -> Iterator[Refused]:
    """The refused rows of a plan. `first` has read the whole source at `path`, of `width` columns.

    Raises SourceMoved where the source is no longer the one that was read.
    """
    kept = file.path.with_suffix(".source")
    again = _Again(str(kept) if kept.exists() else path, first, dialect, width)
    try:
        for chunk, rows in groupby(file.rejects(), key=lambda row: row[1]):
            waiting = list(rows)
            late = {line for line, _, cells, _ in waiting if cells is None}
            found = again.rows(chunk, late) if late else {}
            for line, _, cells, faults in waiting:
                problems = [Problem(line, name, Fault(rule, params)) for name, rule, params in json.loads(faults)]
                yield Refused(line, found[line] if cells is None else json.loads(cells), problems)
        again.finish()
    finally:
        again.close()


class _Again:
    """The source read a second time, from the first chunk that is asked for."""

    def __init__(self, path: str, first: ChunkReader, dialect: Dialect, width: int) -> None:
        self.path, self.first, self.dialect, self.width = path, first, dialect, width
        self.source: Source | None = None

    def rows(self, number: int, wanted: set[int]) -> dict[int, list[str]]:
        """The rows of a chunk that begin in these lines. Chunks are asked for in order."""
        if self.source is None:
            self.source = open_source(self.path)
            self.reader = ChunkReader(self.source, self.dialect, name=self.source.name)
            self.chunks: Iterator[Chunk] = iter(self.reader)
        for chunk in self.chunks:
            if chunk.number == number:
                parsed = parse(chunk, self.dialect, self.width)
                found = {line: row for line, row in zip(parsed.lines, parsed.rows, strict=True) if line in wanted}
                if len(found) == len(wanted):
                    return found
                break
        raise self._moved()

    def finish(self) -> None:
        """Read to the end, if anything was read, and compare the digests."""
        if self.source is not None:
            for _ in self.chunks:
                pass
            if self.reader.sha256 != self.first.sha256:
                raise self._moved()

    def close(self) -> None:
        """Close the source."""
        if self.source is not None:
            self.source.close()

    def _moved(self) -> SourceMoved:
        return SourceMoved(file=printable(Path(self.path).name, 200))
