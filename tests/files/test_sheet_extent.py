"""files.sheet_extent: cells that lie too far apart are told before a sheet is read into memory."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from custrec.errors import WorkbookUnreadable
from custrec.files import sheet_extent
from custrec.files.sheet_extent import is_too_wide
from custrec.files.sheets import open_sheet

Made = Callable[[Sequence[tuple[int, int]]], Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Makes a workbook with cells in these rows and columns, counted from 0."""

    def make(cells: Sequence[tuple[int, int]]) -> Path:
        path = tmp_path / "a.xlsx"
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet("s")
            for row, column in cells:
                sheet.write(row, column, "x")
            sheet.write_blank(1_048_574, 16_382, None, book.add_format({"bold": True}))
            sheet.set_row(1_048_573, 30)
        return path

    return make


def sheet(path: Path, xml: bytes) -> Path:
    """A workbook as far as it is looked at, with this in its sheet."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + xml + b"</sheetData></worksheet>")
    return path


@pytest.mark.parametrize(
    "cells",
    [[(0, 0)], [(0, 0), (1_048_575, 51)], [(0, 0), (9, 16_383)], [(1_048_575, 16_383)],
     [(1_048_575, 16_300), (1_048_000, 16_383)]],
)  # fmt: skip
def test_a_large_sheet_is_no_fault(made: Made, cells: Sequence[tuple[int, int]]) -> None:
    assert not is_too_wide(made(cells))


@pytest.mark.parametrize(
    "cells", [[(0, 0), (1_048_575, 16_383)], [(0, 16_383), (1_048_575, 0)], [(0, 0), (10_000, 16_000)]]
)
def test_cells_at_opposite_ends_are_one(made: Made, cells: Sequence[tuple[int, int]]) -> None:
    path = made(cells)
    assert is_too_wide(path)
    with pytest.raises(WorkbookUnreadable, match=r"a\.xlsx cannot be read: the cells .* lie too far apart"):
        open_sheet(path, None, frozenset(), "", "a.xlsx")


@pytest.mark.parametrize(
    "xml",
    [
        b'<row r="4000000000"><c><v>1</v></c></row>', b'<row><c r="A2000000"><v>1</v></c></row>',
        b'<c r="ZZZZ1"><v>1</v></c>', b"<x:c s='1' r = 'zzz9'\n t='s'><v>1</v></x:c>",
        b'<c r="A99999999999"><v>1</v></c>',
    ],
)  # fmt: skip
def test_cells_that_no_sheet_has_are_too_far_away(tmp_path: Path, xml: bytes) -> None:
    assert is_too_wide(sheet(tmp_path / "a.xlsx", xml))


def test_a_reference_is_found_wherever_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for block in range(100, 220):
        monkeypatch.setattr(sheet_extent, "_BLOCK", block)
        assert is_too_wide(
            sheet(tmp_path / "a.xlsx", b'<c r="A1"><v>1</v></c>' * 3 + b'<c r="XFD1048576"><v>1</v></c>')
        )


def test_what_is_no_sheet_is_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/sharedStrings.xml", b'<sst><si><t>r="XFD99999999"</t></si></sst>')
        archive.writestr("docProps/app.xml", b'<worksheet><c r="XFD99999999"><v>1</v></c></worksheet>')
    assert not is_too_wide(path)
