"""Empty files for people to fill: the headers, and in a workbook what each column takes.

Hints never stand among the rows: a workbook has them on a second sheet, beside the cell that is selected, and as
drop-down lists. So a file that was filled is imported as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TextIO

from custrec.files.columns import OutputColumn
from custrec.files.delimited import write_delimited
from custrec.files.workbook import WIDTHS, add_sheet, open_workbook, text_width

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

HINTS = "about the columns"
"""The name of the second sheet."""
LISTS = "lists"
"""The name of the third, if there are drop-down lists."""

_LAST_ROW = 1_048_575
_TITLE, _MESSAGE = 32, 255
_HINT_HEADERS = ("column", "field", "must be", "takes", "example")


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """One column to fill: its header, the field, what it must be (key, required, unique), what it takes, an example.

    `choices` are the texts of a drop-down list; `number` says that cells are numbers, and not text.
    """

    header: str
    field: str
    must: str
    takes: str
    example: str
    choices: tuple[str, ...] = ()
    number: bool = False


def write_csv_template(stream: TextIO, columns: Sequence[TemplateColumn]) -> None:
    """A header and nothing else, as spreadsheets want it."""
    write_delimited(stream, [OutputColumn(column.header) for column in columns], (), ",", spreadsheet=True)


def write_xlsx_template(stream: BinaryIO, folder: Path | None, title: str, columns: Sequence[TemplateColumn]) -> None:
    """A workbook: a sheet to fill, one about its columns, one with the lists. `folder` as in `open_workbook`."""
    with open_workbook(stream, folder, streaming=False) as book:
        sheet = add_sheet(book, title)
        bold = book.add_format({"bold": True, "num_format": "@", "bottom": 1})
        text = book.add_format({"num_format": "@"})
        _write_hints(add_sheet(book, HINTS), columns, bold, text)
        lists = add_sheet(book, LISTS) if any(column.choices for column in columns) else None
        if lists is not None:
            lists.hide()
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            width = min(max(text_width(column.header), text_width(column.example)) + 2, WIDTHS[1])
            sheet.set_column(place, place, max(width, WIDTHS[0]), None if column.number else text)
            sheet.write_string(0, place, column.header, bold)
            _help_along(sheet, lists, place, column)


def _write_hints(sheet: Worksheet, columns: Sequence[TemplateColumn], bold: object, text: object) -> None:
    rows = [_HINT_HEADERS, *((c.header, c.field, c.must, c.takes, c.example) for c in columns)]
    sheet.freeze_panes(1, 0)
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            sheet.write_string(number, place, cell, bold if number == 0 else text)
    for place, cells in enumerate(zip(*rows, strict=True)):
        sheet.set_column(place, place, min(max(map(text_width, cells)) + 2, 2 * WIDTHS[1]))


def _help_along(sheet: Worksheet, lists: Worksheet | None, place: int, column: TemplateColumn) -> None:
    """What is said beside a selected cell, and its drop-down list; other texts may be meant too, so it only warns."""
    hint = f"{column.takes}{f' ({column.must})' if column.must else ''}\n{column.example}".strip()
    rule = {"validate": "any", "input_title": column.header[:_TITLE], "input_message": hint[:_MESSAGE]}
    if column.choices and lists is not None:
        lists.write_column(0, place, column.choices)
        source = f"='{LISTS}'!{_column_name(place)}$1:{_column_name(place)}${len(column.choices)}"
        rule |= {"validate": "list", "source": source, "error_type": "warning"}
    sheet.data_validation(1, place, _LAST_ROW, place, rule)


def _column_name(place: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(place, col_abs=True))
