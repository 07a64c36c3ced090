"""Writing Excel workbooks: records on one sheet as a stream, and empty sheets for people to fill.

Text stays text whatever it looks like (ids, long digit strings, dates, formulas); numbers are numbers where a
spreadsheet can hold them exactly, with 15 digits, and else text. XlsxWriter does the format; rows pass through a
temporary file of the owner's own, so that memory does not grow with them.
"""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from custrec.errors import SheetTooSmall
from custrec.files.columns import Batch, Batches, Cell, OutputColumn
from custrec.values.guard import told_apart

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MOST_RECORDS = 1_048_575
"""Rows of a sheet, less the header (the limit of the format)."""
MOST_DIGITS = 15
"""A spreadsheet's numbers are binary fractions of 64 bits: so many decimal digits it gives back."""
WIDTHS = (8, 50)
"""The narrowest and the widest column, in characters of half width."""

_SHEET_NAME = 31
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def write_workbook(
    stream: BinaryIO, folder: Path | None, title: str, columns: Sequence[OutputColumn], batches: Batches
) -> int:
    """Write a header and all batches to one sheet; says how many records. `folder` as in `open_workbook`.

    Raises SheetTooSmall for a cell with more characters than a sheet holds. Whether there are more than `MOST_RECORDS`
    records the caller knows before.
    """
    with open_workbook(stream, folder) as book:
        sheet = add_sheet(book, title)
        return _Records(book, sheet, columns).write(batches)


@contextmanager
def open_workbook(stream: BinaryIO, folder: Path | None, *, streaming: bool = True) -> Iterator[Workbook]:
    """A workbook that is written to `stream` at the end. With `streaming` rows must come in their order.

    `folder` is where its temporary file may lie, None for the system's own place for such.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    with tempfile.TemporaryDirectory(prefix=".custrec-", dir=folder) as temporary:  # 0700, and gone whatever happens
        options = {
            "constant_memory": streaming,
            "tmpdir": temporary,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = Workbook(stream, options)
        book.use_zip64()
        yield book
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from error


def add_sheet(book: Workbook, title: str) -> Worksheet:
    """A sheet with a name that Excel takes, in which no text is anything but text."""
    from xlsxwriter.worksheet import Worksheet

    class TextSheet(Worksheet):  # type: ignore[misc]
        """A sheet in which a text that begins with `<r>` is that text, and not the XML of a rich one."""

        def _xml_rich_inline_string(self, string: str, attributes: Any) -> None:
            self._xml_inline_string(string, True, attributes)

    name = _NOT_IN_SHEET_NAMES.sub(" ", title).strip().strip("'")[:_SHEET_NAME].strip().strip("'")
    taken = {sheet.get_name().lower() for sheet in book.worksheets()} | {"history", ""}
    if name.lower() in taken:
        name = f"sheet {len(taken)}"
    sheet = book.add_worksheet(name, TextSheet)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    return sheet


class _Records:
    """The rows of one sheet, and what is learnt about its columns on the way."""

    def __init__(self, book: Workbook, sheet: Worksheet, columns: Sequence[OutputColumn]) -> None:
        self._book = book
        self._sheet = sheet
        self._columns = columns
        self._text = book.add_format({"num_format": "@", "valign": "top"})
        self._numbers: dict[int, Format] = {}

    def write(self, batches: Batches) -> int:
        bold = self._book.add_format({"bold": True, "num_format": "@", "bottom": 1})
        self._sheet.freeze_panes(1, 0)
        for place, column in enumerate(self._columns):
            self._sheet.write_string(0, place, column.header, bold)
        widths = [text_width(column.header) for column in self._columns]
        row = 0
        for batch in batches:
            if row == 0:
                widths = [max(width, *_widths(cells)) for width, cells in zip(widths, batch, strict=True)]
            row = self._write_batch(batch, row)
        for place, width in enumerate(widths):
            self._sheet.set_column(place, place, min(max(width + 1, WIDTHS[0]), WIDTHS[1]))
        return row

    def _write_batch(self, batch: Batch, row: int) -> int:
        for cells in zip(*batch, strict=True):
            row += 1
            for place, cell in enumerate(cells):
                if cell is not None and cell != "":
                    self._write_cell(row, place, cell)
        return row

    def _write_cell(self, row: int, place: int, cell: Cell) -> None:
        text, column = str(cell), self._columns[place]
        if column.decimal is not None:
            plain = text.replace(column.decimal, ".")
            if _fits(plain):
                self._sheet.write_number(row, place, float(plain), self._number_format(plain))
                return
        if self._sheet.write_string(row, place, told_apart(text), self._text) != 0:
            raise SheetTooSmall(what=f"the cell of {column.header} in row {row + 1:,} has more than 32,767 characters")

    def _number_format(self, plain: str) -> Format:
        """Formats show as many decimals as the number was written with; an exponent shows as it likes."""
        decimals = -1 if "e" in plain else len(plain.partition(".")[2])
        if decimals not in self._numbers:
            shown = "General" if decimals < 0 else "0" + ("." + "0" * decimals if decimals else "")
            self._numbers[decimals] = self._book.add_format({"num_format": shown, "valign": "top"})
        return self._numbers[decimals]


def _fits(plain: str) -> bool:
    """Whether a spreadsheet gives a number's digits back, and import can tell that it does, as it cannot from 10^15."""
    digits = plain.partition("e")[0].lstrip("-0.").replace(".", "")
    return len(digits) <= MOST_DIGITS and abs(float(plain)) < 10**MOST_DIGITS


def _widths(cells: Sequence[Cell]) -> list[int]:
    return [text_width(str(cell)) for cell in cells if cell is not None] or [0]


def text_width(text: str) -> int:
    """The width of the longest line, in characters of half width: East Asian ones count twice."""
    line = max(text[: 20 * WIDTHS[1]].split("\n"), key=len)[: WIDTHS[1]]
    return len(line) if line.isascii() else sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
