"""Cutting a stream of CSV bytes into chunks of whole rows, in one pass that also takes its SHA-256.

Cells are not looked at here: a chunk is bytes, small to pickle, for files.rows in this process or another. However
long the file, only about a chunk of it is in memory; a row longer than a chunk makes the chunk longer, up to a limit.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn, Protocol

from custrec.errors import FileEmpty, HeaderUnreadable, RowTooLong, UnclosedQuote
from custrec.files.boundaries import QUOTE, RowScanner, count_line_ends, count_lines, scanner
from custrec.files.dialect import Dialect
from custrec.files.transcoding import TranscodedStream

CHUNK_SIZE = 2 << 20
DOS_END = b"\x1a"
"""Ctrl-Z, with which programs of DOS times end a text file, or fill up its last block."""
MAX_QUOTED = 8 << 20
"""A quoted cell longer than this (bytes) counts as never closed."""
MAX_ROW = 64 << 20
"""A row longer than this (bytes) stops the reading."""


class Readable(Protocol):
    """What chunks are cut from: a binary file, a pipe, files.source.Source."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; b"" only at the end."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header row: its cells as text, its bytes with the line end (no byte order mark), its physical line.

    Blank cells at the end are left off: spreadsheets write columns that once held something. Rows that do have text
    there are longer than the header, which is a fault, so that nothing is lost.
    """

    cells: tuple[str, ...]
    raw: bytes
    line: int = 1


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole rows. `number` counts chunks from 0; `first_line` is the physical line (the file's first is 1) where
    `data` begins; `lines` how many physical lines it has."""

    number: int
    first_line: int
    lines: int
    data: bytes


class _Digested:
    """A stream that takes the digest and size of what is read of it."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int, /) -> bytes:
        block = self._stream.read(size)
        self.digest.update(block)
        self.size += len(block)
        return block


class ChunkReader:
    """Reads a stream once: `header` first, then the chunks by iterating.

    `sha256` and `size` are those of all bytes read so far, as they stand in the file, the byte order mark and header
    among them: of the whole stream, once iteration has ended. `name` is for messages. `target` is the size in bytes
    that chunks should have.

    Raises FileEmpty and HeaderUnreadable on making; UnclosedQuote and RowTooLong also while iterating.
    """

    def __init__(
        self, stream: Readable, dialect: Dialect, target: int = CHUNK_SIZE, *, name: str = "the input"
    ) -> None:
        self.dialect = dialect
        self._original = _Digested(stream)
        self._stream: Readable = self._original
        if dialect.transcoded:
            self._stream = TranscodedStream(self._original, dialect.transcoded)
        self._target = max(target, 1)
        self._name = name
        self._rows: RowScanner = scanner(dialect.delimiter)
        self._line = 1
        self._buffer = b""
        self._ended = False
        self._skip_prologue()
        self.header = self._take_header()

    @property
    def sha256(self) -> str:
        """The digest of the bytes read so far, in hexadecimal."""
        return self._original.digest.hexdigest()

    @property
    def size(self) -> int:
        """The number of the bytes read so far."""
        return self._original.size

    def __iter__(self) -> Iterator[Chunk]:
        number = 0
        while data := self._take_rows():
            lines = count_lines(data)
            yield Chunk(number, self._line, lines, data)
            self._line += lines
            number += 1

    def _take_rows(self) -> bytes:
        """The next bytes that end with a row; b"" at the end of the stream."""
        want = self._target
        while True:
            self._fill(want)
            end = self._rows.last_row_end(self._buffer) if not self._ended else self._whole()
            if end or self._ended:
                data, self._buffer = self._buffer[:end], self._buffer[end:]
                return data
            self._refuse_endless()
            want = self._more(want)

    def _more(self, want: int) -> int:
        """How much to read where no row ended: twice as much, so that a long row is scanned few times."""
        return min(len(self._buffer) + max(want, self._target), MAX_ROW + 1)

    def _whole(self) -> int:
        """The length of what is left at the end of the stream, all of whose quotes must be closed."""
        if QUOTE in self._buffer and (stop := self._rows.scan(self._buffer)) < len(self._buffer):
            self._refuse_quote(stop)
        return len(self._buffer)

    def _refuse_endless(self) -> None:
        """Raise if the row that fills the buffer has gone on for too long."""
        length = len(self._buffer)
        if length > MAX_QUOTED and QUOTE in self._buffer:
            stop = self._rows.scan(self._buffer)
            if length - stop > MAX_QUOTED:
                self._refuse_quote(stop, f"is not closed within {MAX_QUOTED >> 20} MB")
        if length > MAX_ROW:
            raise RowTooLong(path=self._name, line=self._line, limit=MAX_ROW >> 20)

    def _refuse_quote(self, stop: int, how: str = "is never closed") -> NoReturn:
        before = self._buffer[: self._rows.open_cell(self._buffer, stop)]
        raise UnclosedQuote(path=self._name, line=self._line + count_line_ends(before), how=how)

    def _fill(self, size: int) -> None:
        """Read until the buffer holds `size` bytes, or the stream ends. Pipes give what they have, a little each."""
        blocks = [self._buffer]
        missing = size - len(self._buffer)
        while missing > 0 and not self._ended:
            block = self._stream.read(missing)
            self._ended = not block
            missing -= len(block)
            blocks.append(block)
        self._buffer = b"".join(blocks) if len(blocks) > 1 else self._buffer
        if self._ended:
            self._buffer = self._buffer.rstrip(DOS_END)

    def _skip_prologue(self) -> None:
        """Pass over the byte order mark, an Excel `sep=` line and title lines; they are physical lines all the same."""
        start = self.dialect.bom + self.dialect.skip
        self._fill(start)
        self._line += count_line_ends(self._buffer[:start])
        self._buffer = self._buffer[start:]

    def _take_header(self) -> Header:
        """Take the first row that is not blank off the stream."""
        want = self._target
        while True:
            self._fill(want)
            end = len(self._buffer) if self._ended else self._rows.last_row_end(self._buffer)
            taken = 0
            for row in self._rows.rows(self._buffer[:end]):
                taken += len(row)
                cells = self._header_cells(row)
                line, self._line = self._line, self._line + count_lines(row)
                while cells and not cells[-1].strip():
                    cells.pop()
                if cells:
                    self._buffer = self._buffer[taken:]
                    return Header(tuple(cells), row, line)
            self._buffer = self._buffer[taken:]
            if self._ended:
                raise FileEmpty(path=self._name)
            self._refuse_endless()
            want = self._more(want)

    def _header_cells(self, row: bytes) -> list[str]:
        """The header's cells; raises UnclosedQuote or HeaderUnreadable."""
        if QUOTE in row and (stop := self._rows.scan(row)) < len(row):
            self._buffer = row
            self._refuse_quote(stop)
        try:
            if b"\0" in row:
                raise HeaderUnreadable(path=self._name, line=self._line, reason="it holds a NUL byte")
            text = io.StringIO(row.decode(self.dialect.encoding), newline="")
            csv.field_size_limit(MAX_ROW)
            return next(csv.reader(text, delimiter=self.dialect.delimiter, strict=True), [])
        except UnicodeDecodeError:
            reason = f"it holds bytes that are not valid {self.dialect.encoding_name}"
        except csv.Error:
            reason = "a quoted cell is followed by more text"
        raise HeaderUnreadable(path=self._name, line=self._line, reason=reason)
