"""Rows whose cells have types of their own (a workbook, a database, JSON), cut into chunks and made texts.

A chunk is pickled rows, so that the work of making texts is done where the rows are judged. A number becomes its
shortest text with a decimal point, a day and a moment ISO 8601, a truth TRUE or FALSE, nothing the empty text; then the
field that the column is says how it would have it written (values.protocol, `written`). No value is rounded here but by
what computing left in a sheet's last bits (0.30000000000000004), and none that was rounded before is taken: a
spreadsheet keeps 15 digits of a number, so one with more is a fault.

A cell that no field reads may hold anything. Of a row at fault each cell has a text that is at fault again where it is
read from the rejects file: half a character as its bytes, a rounded number as 1.23E+17.
"""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

from custrec.files.chunks import Chunk, Header
from custrec.files.rows import MAX_CELL, BadRow, ParsedRows
from custrec.model.problem import Fault
from custrec.values.cleaning import clean
from custrec.values.guard import may_be_guarded, told_apart
from custrec.values.protocol import Native

CHUNK_ROWS = 10_000
EXACT = 10**15
"""From here on a floating-point number does not hold all the digits that were typed."""
MOST_DIGITS = 60
"""So many places a number may have when it is written out; with more it keeps its exponent."""
NOISE = 4
"""Units in the last place of a floating-point number that computing may have left there."""

Written = Mapping[int, Callable[[str, Native], str]]
"""How the field of a column, by its index, writes what is no text. Columns that are not among them are not read."""


class Number(str):
    """The text of a number that JSON has."""

    __slots__ = ()


@dataclass(frozen=True)
class CellReader:
    """Rows of cells as a reader of chunks. `rows` makes them anew each time; all are as long as the header or longer.

    `first_line` is the number of the first row below the header, `sha256` and `size` are of the whole file, `total` is
    the number of rows, where it is known.
    """

    header: Header
    rows: Callable[[], Iterable[Sequence[Any]]]
    first_line: int
    sha256: str
    size: int
    total: int | None = None

    def __iter__(self) -> Iterator[Chunk]:
        rows = iter(self.rows())
        line, number = self.first_line, 0
        while batch := list(islice(rows, CHUNK_ROWS)):
            yield Chunk(number, line, len(batch), pickle.dumps(batch, protocol=5))
            line += len(batch)
            number += 1


def parse_cells(chunk: Chunk, width: int, native_number: Native, written: Written) -> ParsedRows:
    """The rows of a chunk that CellReader made. Never raises for what stands in the file."""
    rows: list[Sequence[Any]] = pickle.loads(chunk.data)  # noqa: S301 (made by this process or its parent)
    return text_rows(rows, range(chunk.first_line, chunk.first_line + len(rows)), width, native_number, written)


def text_rows(
    rows: Sequence[Sequence[Any]], lines: Sequence[int], width: int, native_number: Native, written: Written
) -> ParsedRows:
    """Rows of cells as rows of text, with the faults of those that cannot be."""
    found = ParsedRows()
    if not rows:
        return found
    faults: dict[int, Fault] = {}
    columns = [
        _texts(column, place, native_number, written.get(place), faults)
        for place, column in enumerate(zip(*rows, strict=True))
    ]
    beyond = len(columns) > width
    for row, cells in enumerate(map(list, zip(*columns, strict=True))):
        if not cells[0].strip() and not any(map(str.strip, cells)) and row not in faults:
            found.blank += 1
            continue
        if beyond:
            fault = _cut(cells, width)
            if fault is not None:
                faults.setdefault(row, fault)
        if row in faults:
            found.bad.append(BadRow(lines[row], cells, faults[row]))
        else:
            found.rows.append(cells)
            found.lines.append(lines[row])
    return found


def _cut(cells: list[str], width: int) -> Fault | None:
    """Take empty cells beyond the last column off; a fault where they are not empty."""
    if any(map(str.strip, cells[width:])):
        while not cells[-1].strip():
            cells.pop()
        return Fault("ragged", {"found": len(cells), "expected": width})
    del cells[width:]
    return None


def _texts(
    column: Sequence[Any],
    place: int,
    native_number: Native,
    write: Callable[[str, Native], str] | None,
    faults: dict[int, Fault],
) -> list[str]:
    """The texts of a column; faults are added by row, unless nobody reads the column (`write` is None)."""
    kinds = set(map(type, column))
    if kinds <= {str, type(None)}:
        texts = list(column) if type(None) not in kinds else [cell or "" for cell in column]
    else:
        texts = []
        for row, cell in enumerate(column):
            if type(cell) is str:
                texts.append(cell)
                continue
            text, native, fault = _text(cell, native_number)
            if write is None:
                text = "" if fault == "cell-no-text" else text
            elif fault is not None:
                faults.setdefault(row, Fault(fault, {"column": place + 1}))
            elif native is not None:
                text = write(text, native)
            texts.append(text)
    whole = "".join(texts)
    if native_number is Native.NUMBER and may_be_guarded(whole):
        texts = list(map(_verbatim, texts))
    if "\0" in whole or len(whole) > MAX_CELL or not _is_text(whole):
        _refuse_what_is_no_text(texts, place, faults)
    return texts


def _verbatim(text: str) -> str:
    """A text of a program, which guards no formulas, as a file has it, of which import takes the guards off."""
    cleaned = clean(text, frozenset()) or ""
    apart = told_apart(cleaned)
    return apart if apart != cleaned else text


def _refuse_what_is_no_text(texts: list[str], place: int, faults: dict[int, Fault]) -> None:
    for row, text in enumerate(texts):
        if "\0" in text:
            faults.setdefault(row, Fault("nul-byte"))
        if len(text) > MAX_CELL:
            faults.setdefault(row, Fault("cell-too-big", {"limit": MAX_CELL >> 20}))
        if not _is_text(text):
            faults.setdefault(row, Fault("half-character", {"column": place + 1}))
            texts[row] = _as_bytes(text)


def _is_text(text: str) -> bool:
    """Whether there is no half of a character (a lone surrogate) in a text."""
    if not text.isascii():
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            return False
    return True


def _as_bytes(text: str) -> str:
    """A text with half characters whose bytes, those that are no text as `surrogateescape` has them, are no UTF-8."""
    try:
        if text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") == text:
            return text
    except UnicodeEncodeError:
        pass
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")


def _text(cell: Any, native_number: Native) -> tuple[str, Native | None, str | None]:
    """A cell as text, what it is by itself, and the rule that it breaks."""
    kind = type(cell)
    if cell is None:
        return "", None, None
    if kind is bool:
        return ("TRUE" if cell else "FALSE"), Native.TRUTH, None
    if kind is float:
        return _number(cell, native_number)
    if kind is int:
        if native_number is not Native.NUMBER and not -EXACT < cell < EXACT:
            return f"{Decimal(cell):.15G}", native_number, "number-rounded"
        return str(cell), native_number, None
    if kind is Number:
        return _plain(cell), native_number, None
    if kind is datetime:
        return _moment(cell), Native.MOMENT, None
    if kind is date:
        return cell.isoformat(), Native.DAY, None
    if kind is time:
        return cell.isoformat("milliseconds").removesuffix(".000"), None, None
    if kind is timedelta:
        return _duration(cell), None, None
    if kind is bytes:
        return cell.decode("utf-8", "surrogateescape"), None, "cell-no-text"
    return "", None, "cell-no-text"


def _moment(moment: datetime) -> str:
    """A moment to the thousandth of a second: days are counted in floating-point numbers, which hold not much more."""
    thousandths, rest = divmod(moment.microsecond, 1000)
    try:
        moment += timedelta(microseconds=1000 - rest if rest >= 500 else -rest)
    except OverflowError:
        moment = moment.replace(microsecond=thousandths * 1000)
    return moment.isoformat(" ", "milliseconds").removesuffix(".000")


def _duration(length: timedelta) -> str:
    seconds = round(abs(length.total_seconds()))
    sign = "-" if length < timedelta(0) and seconds else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _number(value: float, native: Native) -> tuple[str, Native, str | None]:
    """A floating-point number: exactly, but for noise in a sheet's."""
    if not -EXACT < value < EXACT:
        return format(value, ".15G"), native, "number-rounded"
    if value.is_integer():
        return str(int(value)), native, None
    text = format(value, ".15g")
    apart = abs(float(text) - value)
    if apart and (native is Native.NUMBER or apart > NOISE * math.ulp(value)):
        text = repr(value)
    return _plain(text), native, None


def _plain(text: str) -> str:
    """A number written out, without zeros at its end: 1.500 is no thousand and a half, whatever a field's decimal sign.

    One so large or small that it would be a long row of zeros stays as it is.
    """
    if "e" in text or "E" in text:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return str(text)
        _, digits, exponent = number.as_tuple()
        if not isinstance(exponent, int) or abs(exponent) + len(digits) > MOST_DIGITS:
            return str(text)
        text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else str(text)
