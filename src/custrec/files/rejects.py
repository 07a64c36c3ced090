"""The rejects file: the rows that were not taken, ready to be mended and imported again.

It is written as the original was (encoding, byte order mark, delimiter, line ends), or as UTF-8 with a byte order mark
where that had to be transcoded. Bytes that are no text are written as they were. Four columns of custrec's own stand
*before* the original ones: `_line`, `_field`, `_rule`, `_message`. They stand first so that a row with too few or too
many cells keeps exactly its cells: imported again as it is, it is rejected again, where padding would have made it a
row with blanks. Import passes over the four; a rejects file made from a rejects file has them once.

The file is always well-formed CSV: a cell whose quotes were wrong is written with those quotes as a part of its text.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from custrec.errors import RejectsInTheWay
from custrec.files.dialect import Dialect
from custrec.files.headers import OWN_COLUMNS
from custrec.files.part import PartFile
from custrec.files.printable import printable
from custrec.model.problem import Problem


def refuse_to_replace(path: Path, source: str) -> None:
    """Raise RejectsInTheWay if rejects at `path` would replace the file `source` being read, or no rejects file."""
    if not path.is_file():
        return
    if Path(source).exists() and path.samefile(source):
        raise RejectsInTheWay(path=printable(str(path), 200), why="it is the file that is read")
    with path.open("rb") as stream:
        head = stream.read(16).removeprefix(codecs.BOM_UTF8)
    if head and not head.startswith(OWN_COLUMNS[0].encode("ascii")):
        raise RejectsInTheWay(path=printable(str(path), 200), why="it is there already, and holds something else")


_Row = tuple[Sequence[str], Sequence[str]]
"""Custrec's own cells, and those of the source."""
_AT_ONCE = 1_000
"""So many rows are written at once."""
_END = "\r\n"
"""Before Python 3.13 csv.writer quotes `\\r` and `\\n` in a cell only where its own line end has them."""


class RejectsWriter:
    """Writes bad rows to `path`, which comes to be when the first is written and stands there after `commit`.

    Used as a context manager it commits at the end, or leaves nothing after an exception. Mode 0600; a symbolic link
    is refused; an earlier rejects file of the name is replaced. Raises IoFailure. `count` is the number of rows.
    """

    def __init__(self, path: Path, header: Sequence[str], dialect: Dialect) -> None:
        self.path = path
        self.count = 0
        self._dialect = dialect
        self._own = frozenset(place for place, cell in enumerate(header) if cell.strip() in OWN_COLUMNS)
        self._header = header
        self._part: PartFile | None = None
        self._waiting: list[_Row] = []

    def write(self, line: int, cells: Sequence[str], problems: Sequence[Problem]) -> None:
        """Write one row: its physical line, its cells as files.rows gave them, and all that is wrong with it."""
        if len(problems) == 1:
            (problem,) = problems
            own = (str(line), problem.field or "", problem.fault.rule, problem.fault.message)
        else:
            fields = dict.fromkeys(problem.field for problem in problems if problem.field)
            rules = dict.fromkeys(problem.fault.rule for problem in problems)
            messages = dict.fromkeys(problem.fault.message for problem in problems)
            own = (str(line), ";".join(fields), ";".join(rules), "; ".join(messages))
        if self._part is None:
            self._part = PartFile(self.path)
            marked = self._dialect.bom or self._dialect.transcoded
            self._put(
                self._part, (codecs.BOM_UTF8 if marked else b"") + self._one(OWN_COLUMNS, self._kept(self._header))
            )
        self._waiting.append((own, self._kept(cells)))
        self.count += 1
        if len(self._waiting) >= _AT_ONCE:
            self._flush(self._part)

    def commit(self) -> None:
        """Put the file in its place. Without rows there is none."""
        if self._part is not None:
            self._flush(self._part)
            self._part.commit()

    def discard(self) -> None:
        """Leave no file. Harmless after `commit`."""
        if self._part is not None:
            self._part.discard()

    def _flush(self, part: PartFile) -> None:
        rows, self._waiting = self._waiting, []
        together = self._together(rows)
        self._put(part, b"".join(self._one(*row) for row in rows) if together is None else together)

    def _put(self, part: PartFile, data: bytes) -> None:
        try:
            part.stream.write(data)
        except OSError as error:
            raise part.failure(error) from error

    def _kept(self, cells: Sequence[str]) -> Sequence[str]:
        """The cells that are not custrec's own."""
        return [cell for place, cell in enumerate(cells) if place not in self._own] if self._own else cells

    def _together(self, rows: Sequence[_Row]) -> bytes | None:
        """Many rows as they stand in the file, at once; None where they must be written one by one: a cell has a line
        end of two characters, a character that the encoding lacks, or is a blank one all by itself."""
        if any(len(kept) < 2 for _, kept in rows):
            return None
        delimiter = self._dialect.delimiter
        text = "".join([f"{self._line(own)}{delimiter}{self._line(kept)}{_END}" for own, kept in rows])
        if text.count(_END) != len(rows):
            return None
        try:
            return text.replace(_END, self._dialect.newline).encode(self._dialect.encoding)
        except UnicodeEncodeError:
            return None

    def _one(self, own: Sequence[str], kept: Sequence[str]) -> bytes:
        """One row as it stands in the file."""
        dialect = self._dialect
        # Own words may hold characters that an old encoding lacks (a field's name); the row's cells came from it.
        first = self._line(own).encode(dialect.encoding, "backslashreplace")
        rest = (dialect.delimiter + self._line(kept)) if kept else ""
        return first + rest.encode(dialect.encoding, "surrogateescape") + dialect.newline.encode("ascii")

    def _line(self, cells: Sequence[str]) -> str:
        """Cells as csv.writer writes them, without a line end; most need no quotes, and are sooner joined."""
        delimiter = self._dialect.delimiter
        line = delimiter.join(cells)
        if line and line.count(delimiter) < len(cells) and '"' not in line and "\r" not in line and "\n" not in line:
            return line
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter, lineterminator=_END).writerow(cells)
        return text.getvalue()[: -len(_END)]

    def __enter__(self) -> RejectsWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.commit()
        else:
            self.discard()
