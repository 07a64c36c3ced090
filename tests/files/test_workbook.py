"""Workbooks: text stays text, numbers are numbers where that loses nothing, and nothing is ever a formula."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from custrec.errors import SheetTooSmall
from custrec.files.columns import Cell, OutputColumn
from custrec.files.workbook import text_width, write_workbook
from custrec.values.guard import unguarded
from workbook_reader import MAIN, Sheet, sheets_of

TEXT, NUMBER = OutputColumn("编号"), OutputColumn("额度", plain=True, decimal=".")
GERMAN = OutputColumn("betrag", plain=True, decimal=",")


def write(path: Path, columns: list[OutputColumn], *rows: list[Cell], title: str = "客户") -> Sheet:
    with path.open("wb") as stream:
        batches = [list(zip(*rows, strict=True))] if rows else []
        assert write_workbook(stream, path.parent, title, columns, batches) == len(rows)
    assert [other for other in path.parent.iterdir() if other != path] == []
    (sheet,) = sheets_of(path)
    return sheet


@pytest.mark.parametrize(
    "text",
    ["00501", "110101199003074477", "1.38E+10", "=1+1", "@x", "+8613800138000", "2021-03-05", "http://a.example",
     "<r><t>x</t></r>", "a & <b>", "_x0041_", "张\n伟", "true", "#N/A"],
)  # fmt: skip
def test_a_text_is_that_text(tmp_path: Path, text: str) -> None:
    assert write(tmp_path / "a.xlsx", [TEXT], [text]).rows == [["编号"], [text]]


@pytest.mark.parametrize("text", ["'=1", "''+x", '="00501"', "'00501"])
def test_a_text_that_looks_guarded_is_guarded_once_more(tmp_path: Path, text: str) -> None:
    """Import takes one guard off the texts of workbooks too: people open CSV in Excel, and save it as a workbook."""
    ((cell,),) = write(tmp_path / "a.xlsx", [TEXT], [text]).rows[1:]
    assert cell == f"'{text}"
    assert unguarded(str(cell)) == text


def test_numbers_are_numbers_and_blanks_are_blank(tmp_path: Path) -> None:
    sheet = write(
        tmp_path / "a.xlsx", [NUMBER, TEXT, GERMAN], ["1234.50", None, "-0,5"], [7, "x", None], ["1e+14", "", ""]
    )
    assert sheet.rows[1:] == [[1234.5, None, -0.5], [7.0, "x"], [1e14]]


@pytest.mark.parametrize("number", ["0.30000000000000004", "92233720368547758.07", 9007199254740993, "1e+300", 10**15])
def test_a_number_that_a_spreadsheet_would_round_is_text(tmp_path: Path, number: Cell) -> None:
    assert write(tmp_path / "a.xlsx", [NUMBER], [number]).rows[1] == [str(number)]


def test_the_header_stays_in_sight_and_columns_are_as_wide_as_their_text(tmp_path: Path) -> None:
    sheet = write(tmp_path / "a.xlsx", [TEXT, NUMBER], ["杭州西湖茶叶有限公司", "1"], ["x", "2"])
    (pane,) = sheet.root.iter(f"{MAIN}pane")
    assert (pane.get("state"), pane.get("ySplit")) == ("frozen", "1")
    widths = [float(column.get("width", 0)) for column in sheet.root.iter(f"{MAIN}col")]
    assert 20 < widths[0] < 24
    assert 8 <= widths[1] < 10


def test_widths_count_east_asian_characters_twice() -> None:
    assert (text_width("abc"), text_width("张伟"), text_width("ab\n张伟x"), text_width("")) == (3, 4, 5, 0)


@pytest.mark.parametrize("title", ["a/b:c*?[x]", "", "History", "'", "x" * 60, "客户" * 30])
def test_any_title_makes_a_sheet(tmp_path: Path, title: str) -> None:
    assert 1 <= len(write(tmp_path / "a.xlsx", [TEXT], title=title).name) <= 31


def test_a_cell_that_no_sheet_holds_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SheetTooSmall, match="编号 in row 3"), warnings.catch_warnings():
        warnings.simplefilter("error")
        write(tmp_path / "a.xlsx", [TEXT], ["x" * 32767], ["张" * 32768])
