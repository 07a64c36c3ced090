"""Rows out of a chunk of CSV: the good ones, and each bad one with what is wrong with it.

The usual chunk is decoded and parsed at once by Python's csv module in strict mode. Where that fails, the chunk is
cut into blocks and a failing block is read row by row, so that one bad byte costs its own row and nothing else.
Both ways give the same rows: a property test holds them together. Nothing is dropped without a word but empty cells
beyond the last column, which spreadsheets add, and blank rows, which are counted.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from operator import itemgetter

from custrec.files.boundaries import QUOTE, count_lines, has_lone_cr, scanner
from custrec.files.cell_limit import cells_up_to
from custrec.files.chunks import Chunk
from custrec.files.dialect import Dialect
from custrec.model.problem import Fault

MAX_CELL = 16 << 20
"""Characters; a longer cell is a fault."""

_BLOCK = 64 << 10
_SMALL_BLOCK = 2 << 10


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken: the physical line where it begins, its cells as far as they can be told, the fault.

    There may be any number of cells. Bytes that are not text stand in them as lone surrogates (`surrogateescape`),
    so that encoding them again gives the bytes of the file. A cell whose quotes are wrong keeps them.
    """

    line: int
    cells: list[str]
    fault: Fault


@dataclass(slots=True)
class ParsedRows:
    """`rows[i]` begins in physical line `lines[i]` and has exactly the header's number of cells; `bad` are the others.

    `blank` counts the rows without any text. All are in the order of the file. `late` are columns that the header does
    not have, where each row names its own (files.json_lines).
    """

    lines: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    blank: int = 0
    late: tuple[str, ...] = ()


def parse(chunk: Chunk, dialect: Dialect, width: int) -> ParsedRows:
    """The rows of a chunk, for a header of `width` cells. Never raises for what stands in the file."""
    with cells_up_to(MAX_CELL):
        parser = _Parser(dialect, width)
        if not parser.at_once(chunk.data, chunk.first_line, chunk.lines):
            parser.in_blocks(chunk.data, chunk.first_line)
        return parser.found


class _Parser:
    def __init__(self, dialect: Dialect, width: int) -> None:
        self.dialect = dialect
        self.width = width
        self.scanner = scanner(dialect.delimiter)
        self.found = ParsedRows()

    # The usual way.

    def at_once(self, data: bytes, first_line: int, lines: int) -> bool:
        """Add the rows of `data`; False, with nothing added, where they must be looked at one by one."""
        if b"\0" in data:
            return False
        try:
            text = data.decode(self.dialect.encoding)
        except UnicodeDecodeError:
            return False
        # Looking for \n only is a third faster, and the same where \r stands only before it.
        lines_of_text = io.StringIO(text, newline="" if has_lone_cr(data) else "\n")
        reader = csv.reader(lines_of_text, delimiter=self.dialect.delimiter, strict=True)
        rows: list[list[str]] = []
        starts = [first_line]
        try:
            if QUOTE in data:
                add_row, add_start = rows.append, starts.append
                for row in reader:
                    add_row(row)
                    add_start(first_line + reader.line_num)
            else:
                rows.extend(reader)
                starts.extend(range(first_line + 1, first_line + 1 + lines))
        except csv.Error:
            return False
        return self._add(rows, starts)

    def _add(self, rows: list[list[str]], starts: list[int]) -> bool:
        """Add parsed rows; `starts` has one more: the line after the last. False where a bad row has several lines."""
        found, width = self.found, self.width
        if set(map(len, rows)) == {width} and all(map(str.strip, map(itemgetter(0), rows))):
            found.rows += rows
            found.lines += starts[: len(rows)]
            return True
        good: list[list[str]] = []
        lines: list[int] = []
        bad: list[BadRow] = []
        blank = 0
        for row, line, following in zip(rows, starts, starts[1:], strict=False):
            if len(row) != width or not row[0].strip():
                if _is_blank(row):
                    blank += 1
                    continue
                fault = self._misfit(row, following - line)
                if fault is not None:
                    if following - line > 1:
                        return False
                    bad.append(BadRow(line, row, fault))
                    continue
            good.append(row)
            lines.append(line)
        found.rows += good
        found.lines += lines
        found.bad += bad
        found.blank += blank
        return True

    def _misfit(self, row: list[str], lines: int) -> Fault | None:
        """What is wrong with the number of cells; empty cells beyond the last column are taken off instead."""
        if len(row) > self.width and _is_blank(row[self.width :]):
            del row[self.width :]
        if len(row) == self.width:
            return None
        if lines > 1:
            return Fault("ragged-over-lines", {"found": len(row), "expected": self.width, "lines": lines})
        return Fault("ragged", {"found": len(row), "expected": self.width})

    # The careful way.

    def in_blocks(self, data: bytes, first_line: int, size: int = _BLOCK) -> None:
        """Add the rows of `data`, of which some are bad: in ever smaller blocks at once, in the end one by one."""
        for block in self.scanner.blocks(data, size):
            lines = count_lines(block)
            if self.at_once(block, first_line, lines):
                pass
            elif size > _SMALL_BLOCK:
                self.in_blocks(block, first_line, _SMALL_BLOCK)
            else:
                self._one_by_one(block, first_line)
            first_line += lines

    def _one_by_one(self, data: bytes, first_line: int) -> None:
        for raw in self.scanner.rows(data):
            lines = count_lines(raw)
            bad = self._take(raw, first_line, lines)
            if bad is not None and not (lines > 1 and self._free(raw, first_line)):
                self.found.bad.append(bad)
            first_line += lines

    def _take(self, raw: bytes, line: int, lines: int) -> BadRow | None:
        """Add the row `raw` if it is good or blank; otherwise say what is wrong with it."""
        try:
            text = raw.decode(self.dialect.encoding)
        except UnicodeDecodeError:
            return BadRow(line, self._loose(raw), Fault("undecodable", {"encoding": self.dialect.encoding_name}))
        if "\0" in text:
            return BadRow(line, self._loose(raw), Fault("nul-byte"))
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.dialect.delimiter, strict=True)
        try:
            row = next(reader)
        except csv.Error:
            cells = self._loose(raw)
            return BadRow(line, cells, self._misquoted(raw, cells))
        if _is_blank(row):
            self.found.blank += 1
            return None
        fault = self._misfit(row, lines)
        if fault is not None:
            return BadRow(line, row, fault)
        self.found.rows.append(row)
        self.found.lines.append(line)
        return None

    def _misquoted(self, raw: bytes, cells: list[str]) -> Fault:
        if max(map(len, cells)) > MAX_CELL:
            return Fault("cell-too-big", {"limit": MAX_CELL >> 20})
        return Fault("quoting" if self.scanner.scan(raw) == len(raw) else "open-quote")

    def _free(self, raw: bytes, line: int) -> bool:
        """Free the rows that an open quote in the first line of a bad row has swallowed; False if it has none.

        They are rows only if at least half of them are good, and if all quotes in them are where quotes belong: the
        closing quote of a proper cell of several lines never is, taken by its line, so its text is never freed.
        """
        first = raw.splitlines(keepends=True)[0]
        inner = _Parser(self.dialect, self.width)
        number = line + 1
        for row in self.scanner.rows(raw[len(first) :]):
            lines = count_lines(row)
            if any(QUOTE in cell and not proper for cell, proper in self.scanner.cells(row)):
                return False
            if bad := inner._take(row, number, lines):
                inner.found.bad.append(bad)
            number += lines
        if len(inner.found.rows) < max(1, len(inner.found.bad)):
            return False
        self.found.bad.append(BadRow(line, self._loose(first), Fault("open-quote")))
        self.found.rows += inner.found.rows
        self.found.lines += inner.found.lines
        self.found.bad += inner.found.bad
        self.found.blank += inner.found.blank
        return True

    def _loose(self, raw: bytes) -> list[str]:
        """The cells of a row that is not well formed, with every byte kept."""
        return [self._kept(cell) for cell, _ in self.scanner.cells(raw)]

    def _kept(self, cell: bytes) -> str:
        encoding = self.dialect.encoding
        text = cell.decode(encoding, "surrogateescape")
        if text.encode(encoding, "surrogateescape") != cell:
            return cell.decode("ascii", "surrogateescape")
        return text


def _is_blank(cells: list[str]) -> bool:
    return not any(map(str.strip, cells))
