"""The forms in which rows come: delimited text, JSON Lines, cells of a workbook or a database.

A form is all that a worker must know of a file to parse its chunks: small, frozen, picklable. Which form a file has is
told from its bytes, never from its name. Opening a file in its form is jobs.importing.opening.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from custrec.files.cells import Written, parse_cells
from custrec.files.chunks import Chunk
from custrec.files.dialect import Dialect
from custrec.files.json_lines import looks_like, parse_lines
from custrec.files.rows import ParsedRows, parse
from custrec.files.sheets import OLE
from custrec.values.protocol import Native

FOR_SPREADSHEETS = Dialect(bom=len(codecs.BOM_UTF8), newline="\r\n")
"""How the rejects of what is no delimited text are written: CSV that every spreadsheet opens."""

DELIMITED, JSON_LINES, WORKBOOK, DATABASE, OLE_FILE = "delimited", "json lines", "workbook", "database", "ole"

_DELIMITERS = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "pipe"}


@dataclass(frozen=True, slots=True)
class Delimited:
    """Delimited text: CSV, TSV and their kin."""

    dialect: Dialect

    @property
    def words(self) -> str:
        """What people call it."""
        guessed = " (guessed)" if self.dialect.guessed else ""
        return f"{self.dialect.encoding_name}{guessed}, {_DELIMITERS[self.dialect.delimiter]}"

    @property
    def evidence(self) -> tuple[str, ...]:
        """Words as they read in an encoding that was guessed. They are people's values: for the screen only."""
        return self.dialect.evidence

    @property
    def rejects(self) -> Dialect:
        """How the rejects of such a file are written."""
        return self.dialect

    def weight(self, chunk: Chunk) -> int:
        """How far a chunk brings the progress: its bytes."""
        return len(chunk.data)

    def parse(self, chunk: Chunk, width: int, written: Written) -> ParsedRows:  # noqa: ARG002
        """The rows of a chunk for a header of `width` cells."""
        return parse(chunk, self.dialect, width)


@dataclass(frozen=True, slots=True)
class JsonLines:
    """JSON Lines with these keys."""

    keys: tuple[str, ...]
    words: str = "JSON Lines"
    rejects: Dialect = FOR_SPREADSHEETS
    evidence: tuple[str, ...] = ()

    def weight(self, chunk: Chunk) -> int:
        """How far a chunk brings the progress: its bytes."""
        return len(chunk.data)

    def parse(self, chunk: Chunk, width: int, written: Written) -> ParsedRows:  # noqa: ARG002
        """The rows of a chunk."""
        return parse_lines(chunk, self.keys, written)


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells with types of their own."""

    words: str
    number: Native = Native.NUMBER
    rejects: Dialect = FOR_SPREADSHEETS
    evidence: tuple[str, ...] = ()

    def weight(self, chunk: Chunk) -> int:
        """How far a chunk brings the progress: its rows."""
        return chunk.lines

    def parse(self, chunk: Chunk, width: int, written: Written) -> ParsedRows:
        """The rows of a chunk for a header of `width` cells."""
        return parse_cells(chunk, width, self.number, written)


Form = Delimited | JsonLines | Cells


def sniffed(sample: bytes) -> str:
    """What a file is by its first bytes; delimited text where nothing else is clear."""
    if sample.startswith(b"PK\x03\x04"):
        return WORKBOOK
    if sample.startswith(OLE):
        return OLE_FILE
    if sample.startswith(b"SQLite format 3\x00"):
        return DATABASE
    return JSON_LINES if looks_like(sample) else DELIMITED
