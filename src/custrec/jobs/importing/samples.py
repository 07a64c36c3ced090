"""A few cells before and after: what a file's texts become. For the person to look at, never for the history."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from custrec.files.rows import ParsedRows
from custrec.jobs.judging import Judged, TableJudge

Sample = tuple[int, str, str, str]
"""Line, field, before, after."""

ROWS = 2_000
"""Among so many rows samples are sought."""
EACH = 2
"""So many a field."""


def samples(judge: TableJudge, parsed: ParsedRows, judged: Judged) -> list[Sample]:
    """Some cells that were normalised, in the order of the fields."""
    rows = dict(zip(parsed.lines, parsed.rows, strict=True))
    show = judge.layout.shower()
    columns = dict(zip(judge.fields, judged.columns, strict=True))

    def changed(name: str) -> Iterator[Sample]:
        kind = judge.types[name]
        beside = columns.get(kind.beside or "") or [None] * len(judged.lines)
        for line, value, near in islice(zip(judged.lines, columns[name], beside, strict=True), ROWS):
            before = show(rows[line], name).strip()
            if value is not None:
                after = kind.show(value, None if near is None else str(near))
                if after != before:
                    yield line, name, before, after

    return [sample for name in judge.fields for sample in islice(changed(name), EACH)]
