"""Which delimiter a text has, and in which line its header stands.

The headers that the schema knows decide: between delimiters, and whether lines above the header are but its title
("客户名单,,,", "Report of 2024-01-01"). Nothing known, nothing guessed: the first row that is not blank is the header.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from custrec.files.cell_limit import cells_up_to
from custrec.files.headers import fold_header

LONGEST = 1 << 20
"""Characters of a cell; more than any sample has."""
_ROWS_COMPARED = 50
_MOST_TITLE_ROWS = 10


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """Where the header is: the delimiter, and the number of physical lines above it that are no rows.

    Blank lines above a header without title lines are not counted: they are blank rows as anywhere.
    """

    delimiter: str
    preamble: int = 0


def find_header(text: str, complete: bool, known: Collection[str], delimiters: Iterable[str]) -> HeaderRow:
    """The delimiter, of those that come into question, under which the header fits best, and the header's place.

    `known` are folded headers (`headers.fold_header`). `text` is the beginning of a file, or all of it if `complete`.
    """
    names = frozenset(known)
    candidates = [_Candidate(delimiter, _first_rows(text, complete, delimiter), names) for delimiter in delimiters]
    best = max(candidates, key=lambda candidate: candidate.score)
    return HeaderRow(best.delimiter, best.preamble)


class _Candidate:
    """A text as one delimiter would have it. The best has the greatest `score`: most known headers, then the most
    even rows, then the most columns; of equals the first."""

    def __init__(self, delimiter: str, rows: list[tuple[int, list[str]]], names: frozenset[str]) -> None:
        self.delimiter = delimiter
        place = header_place([row for _, row in rows], names)
        self.preamble = rows[place][0] if place else 0
        self.score = self._score([row for _, row in rows[place:]], names)

    def _score(self, rows: list[list[str]], names: frozenset[str]) -> tuple[int, bool, float, int]:
        if not rows:
            return (0, False, 0.0, 0)
        header, body = rows[0], rows[1:]
        widths = Counter(map(len, body))
        # Under a header of one column a delimiter that tears the rows to uneven pieces is a part of their text.
        same = widths[len(header)] if len(header) > 1 else max(widths.values(), default=0)
        even = same / len(body) if body else 1.0
        return (len(names & {fold_header(cell) for cell in header}), len(header) > 1, even, len(header))


def header_place(rows: Sequence[Sequence[str]], names: Collection[str]) -> int:
    """The index of the header among rows that are not blank.

    It is 0, or that of a row below title rows only, two cells of which are among the known headers `names`.
    A title row has fewer cells with text than half of what the header has: a row of data is never passed over.
    """
    fullest = 0
    for place, row in enumerate(rows[: _MOST_TITLE_ROWS + 1]):
        met = sum(1 for cell in row if fold_header(cell) in names) if names else 0
        filled = sum(1 for cell in row if cell.strip())
        if place == 0:
            if met or not names:
                return 0
        elif met >= 2 and fullest * 2 < filled:
            return place
        fullest = max(fullest, filled)
    return 0


def _first_rows(text: str, complete: bool, delimiter: str) -> list[tuple[int, list[str]]]:
    """The first rows that are not blank, as this delimiter would have them, each with the number of lines above it.

    A last row that may be cut is left out.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []

    def numbered() -> Iterable[tuple[int, list[str]]]:
        above = 0
        for row in reader:
            if any(map(str.strip, row)):
                yield above, row
            above = reader.line_num

    with cells_up_to(LONGEST), suppress(csv.Error):  # what came before an error must do
        rows.extend(islice(numbered(), _ROWS_COMPARED + 1))
        if len(rows) > 1 and not complete and next(reader, None) is None:
            rows.pop()
    return rows
