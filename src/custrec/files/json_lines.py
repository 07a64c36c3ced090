"""JSON Lines: an object a line, a key a field. UTF-8, with or without a byte order mark.

Keys may come and go from line to line. The header are those of the first lines; a key that first stands far below is
told by `parse_lines` (`late`), and the file is then read once more with it. A list of plain values reads as its values
joined by `;`, as tags are written. A number keeps every digit that it was written with, but for zeros at its end. The
tag that custrec's own exports have on every line (`"schema": "custrec.record/1"`) is no column.

A line with nested data where a field reads stands in the rejects file whole, in one cell: it is a row with too few
cells when it is read again, so that nothing of it is lost without a word.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NoReturn

from custrec.errors import FileEmpty, HeaderUnreadable, RowTooLong
from custrec.files.cells import Number, Written, text_rows
from custrec.files.chunks import CHUNK_SIZE, MAX_ROW, Chunk, Header, Readable
from custrec.files.rows import BadRow, ParsedRows
from custrec.model.problem import Fault
from custrec.values.protocol import Native

LIST_MARK = ";"
MOST_KEYS = 16_384
"""So many different keys a file may have, as many as a spreadsheet has columns."""

_TAGS = ("_schema", "schema")
_TAG = re.compile(r"custrec\.[a-z_]+/\d+").fullmatch


class LineReader:
    """Cuts JSON Lines into chunks of whole lines: see files.chunks.ChunkReader. The header are the keys given."""

    def __init__(
        self, stream: Readable, keys: Sequence[str], target: int = CHUNK_SIZE, *, name: str = "the input"
    ) -> None:
        self.header = Header(tuple(keys), b"", 0)
        self.size = 0
        self.total: int | None = getattr(stream, "size", None)
        self._stream = stream
        self._target = target
        self._name = name
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The digest of the bytes read so far, in hexadecimal."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[Chunk]:
        rest, line, number = b"", 1, 0
        while block := self._stream.read(self._target):
            self._digest.update(block)
            rest += block
            self.size += len(block)
            end = rest.rfind(b"\n") + 1
            if end == 0:
                if len(rest) > MAX_ROW:
                    raise RowTooLong(path=self._name, line=line, limit=MAX_ROW >> 20)
                continue
            data, rest = rest[:end], rest[end:]
            lines = data.count(b"\n")
            yield Chunk(number, line, lines, data if number else data.removeprefix(codecs.BOM_UTF8))
            line += lines
            number += 1
        if rest:
            yield Chunk(number, line, 1, rest if number else rest.removeprefix(codecs.BOM_UTF8))


def looks_like(sample: bytes) -> bool:
    """Whether a file begins as JSON Lines do: its first line that is not blank is an object."""
    line = sample.removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")[0]
    if not line.startswith(b"{"):
        return False
    try:
        _loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return b'"' in line and b":" in line and line.rstrip() != b"{"
    return True


def first_keys(sample: bytes, complete: bool, name: str) -> tuple[str, ...]:
    """The keys of the first lines, in the order of their first standing.

    Raises FileEmpty where no object has any, HeaderUnreadable where no line is an object, or too many keys stand there.
    """
    lines = sample.removeprefix(codecs.BOM_UTF8).split(b"\n")
    if not complete and len(lines) > 1:
        lines.pop()
    found = [(number, _object(line, number)) for number, line in enumerate(lines, 1) if line.strip()]
    keys = dict.fromkeys(key for _, one in found if isinstance(one, dict) for key in one)
    if found and all(isinstance(one, BadRow) for _, one in found):
        whole = complete or len(lines) > 1
        reason = "it is no JSON object" if whole else "it is longer than what is looked at to find the keys"
        raise HeaderUnreadable(path=name, line=found[0][0], reason=reason)
    if not keys:
        raise FileEmpty(path=name)
    refuse_too_many(keys, name)
    return tuple(keys)


def refuse_too_many(keys: Collection[str], name: str) -> None:
    """Refuse keys that cannot be the columns of a table. Raises HeaderUnreadable."""
    if len(keys) > MOST_KEYS:
        reason = f"its objects have more than {MOST_KEYS:,} different keys"
        raise HeaderUnreadable(path=name, line=1, reason=reason)


def parse_lines(chunk: Chunk, keys: Sequence[str], written: Written) -> ParsedRows:
    """The rows of a chunk. `late` of what is found are keys that are not among `keys`. Never raises for the text."""
    places = {key: place for place, key in enumerate(keys)}
    order = tuple(keys)
    rows: list[Sequence[Any]] = []
    lines: list[int] = []
    bad: list[BadRow] = []
    blank = 0
    late: dict[str, None] = {}
    raws = chunk.data.split(b"\n")[: chunk.lines]
    for number, raw in enumerate(raws, chunk.first_line):
        if not raw.strip():
            blank += 1
            continue
        found = _object(raw, number)
        if isinstance(found, BadRow):
            bad.append(found)
        elif tuple(found) == order:
            rows.append(list(found.values()))
            lines.append(number)
        else:
            row: list[Any] = [None] * len(order)
            for key, cell in found.items():
                place = places.get(key)
                if place is None:
                    late[key] = None
                else:
                    row[place] = cell
            rows.append(row)
            lines.append(number)
    parsed = text_rows(rows, lines, len(order), Native.NUMBER, written)
    whole = [_in_one_cell(row, raws[row.line - chunk.first_line]) for row in parsed.bad]
    parsed.bad = sorted(whole + bad, key=lambda row: row.line)
    parsed.blank += blank
    parsed.late = tuple(late)
    return parsed


class _Pairs(list[tuple[str, Any]]):
    """An object as JSON has it: a dict would forget a key that stands twice."""


def _in_one_cell(row: BadRow, raw: bytes) -> BadRow:
    if row.fault.rule != "cell-no-text":
        return row
    return BadRow(row.line, [raw.rstrip(b"\r").decode("utf-8")], row.fault)


def _object(raw: bytes, line: int) -> dict[str, Any] | BadRow:
    """The object of a line with its values as cells; the bad row where it has none."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        cells = [raw.rstrip(b"\r").decode("utf-8", "surrogateescape")]
        return BadRow(line, cells, Fault("undecodable", {"encoding": "UTF-8"}))
    try:
        pairs = _loads(text)
    except (ValueError, RecursionError):
        return BadRow(line, [text.rstrip("\r")], Fault("json-invalid"))
    if not isinstance(pairs, _Pairs):
        return BadRow(line, [text.rstrip("\r")], Fault("json-not-object"))
    found = dict(pairs)
    if len(found) < len(pairs):
        return BadRow(line, [text.rstrip("\r")], Fault("json-repeated"))
    if "\\" in text and any("\ud800" <= letter <= "\udfff" or letter == "\0" for key in found for letter in key):
        return BadRow(line, [text.rstrip("\r")], Fault("json-invalid"))
    for tag in _TAGS:
        if type(found.get(tag)) is str and _TAG(found[tag]):
            del found[tag]
            break
    for key, cell in found.items():
        if type(cell) is list:
            found[key] = _joined(cell)
    return found


def _joined(cells: list[Any]) -> Any:
    """A list of plain values as one text; what is none of these stays what it is, and is refused as a cell."""
    if not all(type(cell) in (str, Number) and LIST_MARK not in cell for cell in cells):
        return cells
    return LIST_MARK.join(cells)


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_Pairs, parse_float=Number, parse_int=Number, parse_constant=_refuse)


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)
