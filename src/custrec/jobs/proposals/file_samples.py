"""Rows of a file to judge it by: many from its beginning, some from everywhere else, each with its line.

The file is cut into whole rows as an import does, so that quoted line ends and line numbers are right; of large text
files only the rows that are kept are parsed. Reading stops after `MOST_READ` bytes, or `MOST_CELL_ROWS` rows of a
workbook, however large the file is.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from custrec.files.boundaries import count_lines, scanner
from custrec.files.chunks import Chunk
from custrec.files.forms import Delimited, Form
from custrec.jobs.importing.opening import How, open_rows
from custrec.jobs.proposals.header_words import known_headers

MOST_READ = 128 << 20
"""Bytes of text; read in some tenths of a second."""
MOST_CELL_ROWS = 20_000
_WHOLE_CHUNKS = 2
"""So many chunks of text are parsed whole; of each later one its first `_PIECE` bytes are."""
_PIECE = 64 << 10
_LINES_NAMED = 3


@dataclass
class FileSample:
    """A file's header and some of its rows, in the order of the file.

    `name` is what the person named, without its folder. `rows[i]` begins in the physical line `lines[i]` and has a
    cell for each of the header's. `whole` says that every row is there. `damaged` counts the rows that cannot be read,
    by rule, and `damaged_lines` are the first of them. `form` is what people call the file's form (UTF-8, comma);
    `notes` say what was chosen or passed over in opening it.
    """

    name: str
    header: tuple[str, ...]
    lines: list[int] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    damaged: Counter[str] = field(default_factory=Counter)
    damaged_lines: list[int] = field(default_factory=list)
    whole: bool = True
    form: str = ""
    notes: tuple[str, ...] = ()

    def thinned(self, count: int) -> FileSample:
        """The sample with at most so many rows, taken evenly."""
        total = len(self.rows)
        if total <= count:
            return self
        chosen = [at * total // count for at in range(count)]
        lines, rows = [self.lines[at] for at in chosen], [self.rows[at] for at in chosen]
        return replace(self, lines=lines, rows=rows, whole=False)


def read_sample(path: str, encoding: str | None = None, delimiter: str | None = None) -> FileSample:
    """Sample a file, or a part of one (files.origin). `encoding` and `delimiter` are what the person said.

    Raises what opening, detecting and reading a file raise: FileMissing, FileEmpty, HeaderUnreadable, ….
    """
    with (
        tempfile.TemporaryDirectory(prefix="custrec-") as scratch,
        open_rows(path, known_headers(), How(encoding, delimiter), Path(scratch) / "kept") as opened,
    ):
        header = opened.reader.header
        sample = FileSample(opened.label, header.cells, form=opened.form.words, notes=tuple(opened.notes))
        read = 0
        for chunk in opened.reader:
            if read >= MOST_READ or (len(sample.rows) >= MOST_CELL_ROWS and not isinstance(opened.form, Delimited)):
                sample.whole = False
                break
            read += len(chunk.data)
            _take(sample, chunk, opened.form)
    return sample


def _take(sample: FileSample, chunk: Chunk, form: Form) -> None:
    if isinstance(form, Delimited) and chunk.number >= _WHOLE_CHUNKS and len(chunk.data) > _PIECE:
        piece = chunk.data[: scanner(form.dialect.delimiter).last_row_end(chunk.data[:_PIECE])]
        chunk = replace(chunk, data=piece, lines=count_lines(piece))
        sample.whole = False
    if not chunk.data:
        return
    found = form.parse(chunk, len(sample.header), {})
    sample.lines += found.lines
    sample.rows += found.rows
    sample.damaged.update(bad.fault.rule for bad in found.bad)
    sample.damaged_lines += [bad.line for bad in found.bad][: _LINES_NAMED - len(sample.damaged_lines)]
