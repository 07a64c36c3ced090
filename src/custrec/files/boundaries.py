"""Where rows of a CSV file end, found in its bytes at the speed of C.

The rules are those of Python's csv module: a quote opens a quoted cell only at the start of a cell; inside it, two
quotes stand for one; elsewhere a quote is a character like any other (5" pipe). `\\n`, `\\r\\n` and a lone `\\r` end a
row unless they stand inside a quoted cell. Cells are told apart here, but not judged: that is files.rows.

Looking at bytes is right for UTF-8 (all bytes of a longer character are 0x80 and above) and for the multi-byte
encodings of East Asia: in GB18030 the later bytes of a character are 0x30-0x39, 0x40-0x7E and 0x80-0xFE, in Big5,
Shift-JIS and cp949 they begin at 0x40. None of `"` 0x22, `,` 0x2C, `;` 0x3B, tab 0x09, `\\n` 0x0A and `\\r` 0x0D can
be a part of a character. (`|` 0x7C can: files.dialect allows it only with other encodings.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

QUOTE = b'"'
_LONE_CR = re.compile(rb"\r(?!\n)")
_AT_ONCE = 500  # bounds the memory of one match, whatever the number of quotes


class RowScanner:
    """The boundaries of rows for one delimiter. All methods take bytes that begin at the start of a row."""

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter).encode("ascii")
        stray = b'(?<=[^%b\\r\\n"])"++' % mark  # quotes after other text: a run of them, none of them opens a cell
        closed = b'(?:"[^"]*+"%b){1,100}'
        # No possessive or atomic groups, only possessive single characters: the former match wrongly before 3.11.5.
        self._outside = re.compile(b'(?:[^"]++|%b|%b){1,%d}' % (stray, closed % (b"[%b\\r\\n]*+" % mark), _AT_ONCE))
        self._newlines = re.compile(
            b'(?:([^"]*[\\r\\n])|[^"]++|%b|%b){1,%d}' % (stray, closed % (b"%b?+" % mark), _AT_ONCE)
        )
        self._pieces = re.compile(b'[^"]++|%b|("[^"]*+")' % stray)
        self._row = re.compile(b'(?:[^"\\r\\n]++|%b|"[^"]*+"){0,%d}(\\r\\n?|\\n)?' % (stray, _AT_ONCE))
        self._cell = re.compile(b'((?:"[^"]*+")*)([^%b]*)(%b?)' % (mark, mark))

    def last_row_end(self, data: bytes, *, final: bool = False) -> int:
        """The position after the last row that is complete in `data`; 0 if none is.

        A `\\r` that is the last byte may be half of a `\\r\\n`, so it ends a row only if `final`.
        """
        end = max(data.rfind(b"\n"), data.rfind(b"\r", 0, len(data) if final else max(len(data) - 1, 0))) + 1
        if end == 0 or data.find(QUOTE, 0, end) < 0:
            return end
        stop = self.scan(data, end)
        if stop == end:
            return end
        last = position = 0
        while match := self._newlines.match(data, position, stop):
            position = match.end()
            last = max(last, match.end(1))
        return last

    def scan(self, data: bytes, end: int | None = None) -> int:
        """How far the quoted cells of `data[:end]` are all closed: `end`, or the place of a quote that stays open."""
        limit = len(data) if end is None else end
        position = 0
        while match := self._outside.match(data, position, limit):
            position = match.end()
        return position

    def open_cell(self, data: bytes, stop: int) -> int:
        """Where the cell begins whose quote is still open at `stop`, which `scan` gave."""
        opened = closed = -1
        position = 0
        while position < stop and (match := self._pieces.match(data, position, stop)):
            position = match.end()
            if match[1] is not None:
                opened = match.start() if match.start() != closed else opened
                closed = position
        return opened if closed == stop else stop

    def rows(self, data: bytes) -> Iterator[bytes]:
        """The rows of `data` with their line ends. After a quote that is never closed, each line is a row."""
        if QUOTE not in data:
            yield from data.splitlines(keepends=True)
            return
        start = position = 0
        while start < len(data):
            match = self._row.match(data, position)
            if match is None or match.end() == position < len(data):  # a quote that is never closed
                row = data[start:position] + data[position:].splitlines(keepends=True)[0]
                yield row
                yield from data[start + len(row) :].splitlines(keepends=True)
                return
            position = match.end()
            if match[1] is not None or position == len(data):
                yield data[start:position]
                start = position

    def blocks(self, data: bytes, size: int) -> Iterator[bytes]:
        """`data` in blocks of whole rows of about `size` bytes."""
        start = 0
        while start < len(data):
            end, want = 0, size
            while end == 0:
                final = start + want >= len(data)
                end = want if final else self.last_row_end(data[start : start + want])
                want *= 2
            yield data[start : start + end]
            start += end

    def cells(self, row: bytes) -> list[tuple[bytes, bool]]:
        """The cells of a row that need not be well formed, and whether each stands in proper quotes.

        Proper quotes are taken off; anything else is given as it stands in the file, quotes and all.
        """
        found = []
        row = strip_line_end(row)
        position = 0
        while match := self._cell.match(row, position):
            quoted, plain, mark = match.groups()
            if quoted and not plain:
                found.append((quoted[1:-1].replace(b'""', QUOTE), True))
            else:
                found.append((quoted + plain, False))
            position = match.end()
            if not mark:
                break
        return found


@lru_cache(maxsize=8)
def scanner(delimiter: str) -> RowScanner:
    """The scanner for a delimiter, made once."""
    return RowScanner(delimiter)


def has_lone_cr(data: bytes) -> bool:
    """Whether a `\\r` stands in `data` without a `\\n` after it."""
    return _LONE_CR.search(data) is not None


def count_line_ends(data: bytes) -> int:
    """How many physical lines end in `data`."""
    if has_lone_cr(data):
        return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
    return data.count(b"\n")


def count_lines(data: bytes) -> int:
    """How many physical lines `data` has; a last line without line end counts."""
    return count_line_ends(data) + (1 if data and not data.endswith((b"\n", b"\r")) else 0)


def strip_line_end(row: bytes) -> bytes:
    """A row without the line end it closes with."""
    return row.removesuffix(b"\n").removesuffix(b"\r")
