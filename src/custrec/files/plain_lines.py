"""The lines of a plain store: one JSON object for a row, and only one way to write it (model.plain)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def lines(columns: Sequence[str], binary: Set[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The rows of a table as lines."""
    places = [place for place, name in enumerate(columns) if name in binary]
    for row in rows:
        yield _line(columns, places, row)


def read_line(columns: Sequence[str], binary: Set[str], line: bytes) -> Sequence[Any]:
    """The row that a line is. Raises ValueError, whose text says why it is none."""
    try:
        said = json.loads(line)
    except ValueError:
        raise ValueError("it is no JSON") from None
    if not isinstance(said, dict):
        raise ValueError("it is no object")
    for name in said:
        if name not in columns:
            raise ValueError("it has a column that the table has not")
    places = [place for place, name in enumerate(columns) if name in binary]
    row = [said.get(name) for name in columns]
    try:
        for place in places:
            if row[place] is not None:
                row[place] = bytes.fromhex(str(row[place]))
        same = _line(columns, places, row) == line
    except (TypeError, ValueError):
        same = False
    if not same:
        raise ValueError("it is not written as custrec writes it")
    return row


def _line(columns: Sequence[str], places: Sequence[int], row: Sequence[Any]) -> bytes:
    if places:
        row = list(row)
        for place in places:
            row[place] = row[place].hex() if row[place] is not None else None
    said = {name: value for name, value in zip(columns, row, strict=True) if value is not None}
    return f"{_encode(said)}\n".encode()
