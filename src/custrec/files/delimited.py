"""Writing records as CSV or TSV, verbatim or for a spreadsheet, so that import reads the very same values back.

Verbatim: UTF-8, `\\n` line ends, every value as it is. For a spreadsheet (Excel and its kin): a byte order mark, so
that UTF-8 is recognised, `\\r\\n` line ends (RFC 4180), and texts that look like formulas guarded (values.guard).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Literal, TextIO

from custrec.files.columns import Batch, Batches, Cell, OutputColumn
from custrec.values.guard import guarded, may_be_guarded, told_apart

BYTE_ORDER_MARK = "\ufeff"


def write_delimited(
    stream: TextIO, columns: Sequence[OutputColumn], batches: Batches, delimiter: str, *, spreadsheet: bool
) -> int:
    """Write a header and all batches; says how many records. One batch is in memory at a time."""
    headers = [column.header for column in columns]
    if spreadsheet:
        stream.write(BYTE_ORDER_MARK + _written([map(guarded, headers)], delimiter, "\r\n"))
    else:
        stream.write(_written([headers], delimiter, "\n"))
    count = 0
    for batch in batches:
        count += len(batch[0])
        stream.write(_for_spreadsheet(columns, batch, delimiter) if spreadsheet else _verbatim(batch, delimiter))
    return count


def _verbatim(batch: Batch, delimiter: str) -> str:
    text = _written(zip(*batch, strict=True), delimiter, "\n")
    # One look at the whole text is many times cheaper than one at each cell.
    if not may_be_guarded(text):
        return text
    cells = [[told_apart(cell) if isinstance(cell, str) else cell for cell in column] for column in batch]
    return _written(zip(*cells, strict=True), delimiter, "\n")


def _for_spreadsheet(columns: Sequence[OutputColumn], batch: Batch, delimiter: str) -> str:
    cells = [
        cells if column.plain else [guarded(cell) if isinstance(cell, str) else cell for cell in cells]
        for column, cells in zip(columns, batch, strict=True)
    ]
    return _written(zip(*cells, strict=True), delimiter, "\r\n")


def _written(rows: Iterable[Iterable[Cell]], delimiter: str, line_end: str) -> str:
    """Rows as text; cells are quoted where they hold the delimiter, a quote or a line end."""
    kept = list(rows)
    text = _csv(kept, delimiter, line_end, csv.QUOTE_MINIMAL)
    if line_end == "\n" and "\r" in text:  # which Python before 3.13 quotes only where the line end has one
        text = _csv(kept, delimiter, line_end, csv.QUOTE_ALL)
    return text


def _csv(rows: Iterable[Iterable[Cell]], delimiter: str, line_end: str, quoting: Literal[0, 1]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=quoting).writerows(rows)
    return out.getvalue()
