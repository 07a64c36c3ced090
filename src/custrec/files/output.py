"""Writing records and findings as a stream of rows: csv, tsv, json, jsonl, ids. What a table on a screen looks like
is not known here (report), nor how a stored value is shown as text (values).

Text is UTF-8 with `\\n` line ends. CSV is RFC 4180 but for those; TSV is the same with tabs, so that import reads both.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from custrec.errors import UsageError
from custrec.files.part import PartFile

STANDARD_OUTPUT = "-"
Row = Sequence[object]


def write_rows(stream: TextIO, fmt: str, columns: Sequence[str], rows: Iterable[Row], kind: str = "records") -> int:
    """Write `rows`, each with a value a column, and say how many. One row is in memory at a time.

    `fmt` is one of `FORMATS`. `kind` (records, findings, …: a plural in -s) names the shape in JSON:
    `{"schema": "custrec.records/1", "records": [{…}, …]}`; in jsonl each line is an object of the singular,
    `{"schema": "custrec.record/1", …}`, with the tag under `_schema` if there is a column named schema.
    `ids` writes the column `_id`, or the first if there is none.
    """
    try:
        writer = FORMATS[fmt]
    except KeyError:
        raise UsageError(what=f"the format {fmt!a} is not known: it is one of {', '.join(FORMATS)}") from None
    return writer(stream, columns, rows, kind)


def _csv(stream: TextIO, columns: Sequence[str], rows: Iterable[Row], kind: str) -> int:  # noqa: ARG001
    return _delimited(stream, columns, rows, ",")


def _tsv(stream: TextIO, columns: Sequence[str], rows: Iterable[Row], kind: str) -> int:  # noqa: ARG001
    return _delimited(stream, columns, rows, "\t")


def _delimited(stream: TextIO, columns: Sequence[str], rows: Iterable[Row], delimiter: str) -> int:
    plain = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    quoted = csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    count = -1
    for row in _with_header(columns, rows):
        cells = [value if value.__class__ is str else _cell(value) for value in row]
        # Python before 3.13 quotes a cell with \r only where the line end has one.
        (quoted if any("\r" in cell for cell in cells) else plain).writerow(cells)
        count += 1
    return count


def _with_header(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[Row]:
    yield columns
    yield from rows


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return _encode(value) if isinstance(value, bool | list | tuple | dict) else str(value)


def _json(stream: TextIO, columns: Sequence[str], rows: Iterable[Row], kind: str) -> int:
    stream.write(f'{{"schema": "custrec.{kind}/1", {_encode(kind)}: [')
    count = 0
    for row in rows:
        stream.write(",\n " if count else "\n ")
        stream.write(_encode(dict(zip(columns, row, strict=True))))
        count += 1
    stream.write("\n]}\n" if count else "]}\n")
    return count


def _jsonl(stream: TextIO, columns: Sequence[str], rows: Iterable[Row], kind: str) -> int:
    tag = {"_schema" if "schema" in columns else "schema": f"custrec.{kind.removesuffix('s')}/1"}
    count = 0
    for row in rows:
        stream.write(_encode({**tag, **dict(zip(columns, row, strict=True))}) + "\n")
        count += 1
    return count


def _ids(stream: TextIO, columns: Sequence[str], rows: Iterable[Row], kind: str) -> int:  # noqa: ARG001
    place = columns.index("_id") if "_id" in columns else 0
    count = 0
    for row in rows:
        stream.write(_cell(row[place]) + "\n")
        count += 1
    return count


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode

FORMATS: dict[str, Callable[[TextIO, Sequence[str], Iterable[Row], str], int]] = {
    "csv": _csv,
    "tsv": _tsv,
    "json": _json,
    "jsonl": _jsonl,
    "ids": _ids,
}
"""The formats that are streams of data; `table` is for people and stands in report."""


@contextmanager
def open_output(path: str | Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """A text stream to a file, or to standard output (`-`).

    A file appears when all is written, or not at all; a symbolic link is followed, an existing file's permissions are
    kept, a new file is for its owner only. Characters that cannot be encoded are written as `\\\\uXXXX`, which JSON
    reads back. Raises IoFailure; a closed pipe raises BrokenPipeError as it does anywhere.
    """
    if path == STANDARD_OUTPUT:
        yield _standard_output(encoding)
        sys.stdout.flush()
        return
    with _part(Path(path)) as part:
        text = io.TextIOWrapper(part.stream, encoding=encoding, errors="backslashreplace", newline="\n")
        yield text
        text.flush()


def open_to_fill_in(path: str | Path) -> AbstractContextManager[TextIO]:
    """`open_output` for a list that people fill in: in a file with a byte order mark, by which Excel tells UTF-8."""
    return open_output(path, "utf-8" if path == STANDARD_OUTPUT else "utf-8-sig")


@contextmanager
def open_binary_output(path: str | Path) -> Iterator[BinaryIO]:
    """A stream of bytes to a file, or to standard output (`-`), that can be read back and sought in while it is open.

    Nothing comes out before all is written. Raises as `open_output` does.
    """
    if path != STANDARD_OUTPUT:
        with _part(Path(path)) as part:
            yield part.stream
        return
    with tempfile.TemporaryFile() as spool:
        yield cast("BinaryIO", spool)
        spool.seek(0)
        shutil.copyfileobj(spool, sys.stdout.buffer)
        sys.stdout.flush()


@contextmanager
def _part(place: Path) -> Iterator[PartFile]:
    """A file in the making, in its place if nothing is raised."""
    part = PartFile(place.resolve() if place.is_symlink() else place, keep_mode=True)
    try:
        try:
            yield part
        except OSError as error:
            if isinstance(error, BrokenPipeError) or error.filename is not None:  # of another file, not of this
                raise
            raise part.failure(error) from error
        part.commit()
    finally:
        part.discard()


def _standard_output(encoding: str) -> TextIO:
    """Standard output in `encoding` whatever the locale says, or as it is where it is no stream of bytes."""
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        return sys.stdout
    # A StreamWriter, unlike a TextIOWrapper, does not close standard output when it is forgotten.
    return cast("TextIO", codecs.getwriter(encoding)(buffer, "backslashreplace"))
