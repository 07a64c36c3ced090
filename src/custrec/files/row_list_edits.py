"""Taking rows out of a list of rows that custrec wrote (files.rejects), and leaving every other byte of it as it is."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from custrec.errors import CustrecError, IoFailure
from custrec.files.cell_limit import cells_up_to
from custrec.files.dialect import SAMPLE_SIZE, detect
from custrec.files.headers import OWN_COLUMNS
from custrec.files.part import PartFile

_OWN = len(OWN_COLUMNS)


def take_out(path: Path, is_meant: Callable[[Sequence[str]], bool]) -> int:
    """Take out the rows whose cells are meant; how many. A list of which none are left is removed.

    One that cannot be read as a list any more is removed as a whole: it may hold anybody. Raises IoFailure.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise IoFailure(path=path.name, reason=(error.strerror or "I/O error").lower()) from error
    try:
        rows = _rows(raw)
    except (CustrecError, UnicodeError, csv.Error, LookupError):
        path.unlink(missing_ok=True)
        return raw.count(b"\n")
    kept = [written for written, cells in rows[1:] if not is_meant(cells[_OWN:])]
    gone = len(rows) - 1 - len(kept)
    if gone and not kept:
        path.unlink(missing_ok=True)
    elif gone:
        part = PartFile(path)
        try:
            part.stream.write(b"".join([rows[0][0], *kept]))
            part.commit()
        finally:
            part.discard()
    return gone


def _rows(raw: bytes) -> list[tuple[bytes, list[str]]]:
    """The rows of a list, each as its bytes and its cells; the header first."""
    dialect = detect(raw[:SAMPLE_SIZE], len(raw) <= SAMPLE_SIZE)
    text = raw[dialect.bom :].decode(dialect.encoding, "surrogateescape")
    lines = io.StringIO(text, newline="").readlines()
    taken: list[str] = []
    rows: list[tuple[bytes, list[str]]] = []

    def feed() -> Iterator[str]:
        for line in lines:
            taken.append(line)
            yield line

    head = raw[: dialect.bom]
    with cells_up_to():
        for cells in csv.reader(feed(), delimiter=dialect.delimiter):
            rows.append((head + "".join(taken).encode(dialect.encoding, "surrogateescape"), cells))
            taken.clear()
            head = b""
    return rows
