"""files.sheets: which sheet, which header, and what stands in its cells, also in workbooks that are odd or mean harm.

typed.xls, typed.ods and days_from_1904.xls are what LibreOffice makes of workbooks like those made here; the password
of protected.xlsx is "secret".
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from custrec.errors import CustrecError, FileEmpty, PartUnknown, WorkbookLocked, WorkbookUnreadable
from custrec.files import sheets
from custrec.files.cells import parse_cells
from custrec.files.rows import ParsedRows
from custrec.files.sheets import SheetChoice, is_workbook, open_sheet
from custrec.values.protocol import Native

HERE = Path(__file__).parent
KNOWN = frozenset({"no", "name", "city", "since"})


def as_it_is(text: str, native: Native) -> str:
    return text


def book(path: Path, fill: Callable[[Any], None], **options: Any) -> Path:
    made = xlsxwriter.Workbook(str(path), options)
    fill(made)
    made.close()
    return path


def choose(path: Path, part: str | None = None) -> SheetChoice:
    return open_sheet(path, part, KNOWN, "0" * 64, path.name)


def rows(choice: SheetChoice) -> ParsedRows:
    """The rows of a sheet, all of whose columns are read."""
    (chunk,) = choice.reader
    width = len(choice.header.cells)
    return parse_cells(chunk, width, choice.number, dict.fromkeys(range(width), as_it_is))


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[[Callable[[Any, Any], None]], SheetChoice]:
    """Chooses the one sheet of a workbook that is filled by a function of book and sheet."""
    return lambda fill: choose(book(tmp_path / "a.xlsx", lambda made: fill(made, made.add_worksheet("客户"))))


Filled = Callable[[Callable[[Any, Any], None]], SheetChoice]


def test_cells_are_of_their_own_types(sheet: Filled) -> None:
    def fill(made: Any, one: Any) -> None:
        day, at = made.add_format({"num_format": "yyyy-mm-dd"}), made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        one.write_row(0, 0, ["no", "day", "at", "midnight", "number", "phone", "truth", "error", "formula", "serial"])
        one.write_string(1, 0, "00501")
        one.write_datetime(1, 1, datetime(2024, 5, 1), day)
        one.write_datetime(1, 2, datetime(2024, 5, 1, 14, 30), at)
        one.write_datetime(1, 3, datetime(2024, 5, 1), at)
        one.write_number(1, 4, 1234.5)
        one.write_number(1, 5, 13800138000)
        one.write_boolean(1, 6, True)
        one.write_formula(1, 7, "=1/0", None, "#DIV/0!")
        one.write_formula(1, 8, '="a"&"b"', None, "ab")
        one.write_number(1, 9, 45413)

    found = sheet(fill)
    assert rows(found).rows == [
        ["00501", "2024-05-01", "2024-05-01 14:30:00", "2024-05-01", "1234.5", "13800138000", "TRUE", "", "ab", "45413"]
    ]
    assert found.number is Native.SHEET_NUMBER


def test_digits_that_a_spreadsheet_has_lost_are_not_taken(sheet: Filled) -> None:
    def fill(_: Any, one: Any) -> None:
        one.write_row(0, 0, ["no", "id"])
        for row, number in enumerate([123456789012345, 1234567890123456, 110101199003078888], 1):
            one.write_row(row, 0, [f"C{row}", number])

    found = rows(sheet(fill))
    assert found.rows == [["C1", "123456789012345"]]
    assert [(bad.line, bad.fault.rule, bad.fault.params["column"]) for bad in found.bad] == [
        (3, "number-rounded", 2), (4, "number-rounded", 2),
    ]  # fmt: skip


def test_leading_rows_and_columns_titles_and_blank_columns_are_passed_over(sheet: Filled) -> None:
    def fill(made: Any, one: Any) -> None:
        one.write(2, 3, "Customers, March 2024")
        one.write(3, 3, "confidential")
        one.write_row(5, 3, ["no", "name", "city", "", "  "])
        one.write_row(7, 3, ["C1", "Ann", "Oslo"])
        one.write_blank(40, 12, None, made.add_format({"bold": True}))

    found = sheet(fill)
    assert (found.header.cells, found.header.line, found.passed) == (("no", "name", "city"), 6, 2)
    parsed = rows(found)
    assert (parsed.rows, parsed.lines, parsed.blank) == ([["C1", "Ann", "Oslo"]], [8], 1)
    assert found.reader.total == 2


def test_a_title_may_be_all_there_is_above_a_header_in_the_first_row(sheet: Filled) -> None:
    found = sheet(lambda _, one: (one.write_row(0, 0, ["no", "name"]), one.write_row(1, 0, ["C1", "Ann"])))  # type: ignore[arg-type,return-value]
    assert (found.header.line, found.passed, rows(found).lines) == (1, 0, [2])


def test_merged_cells_stand_for_each_of_their_rows(sheet: Filled) -> None:
    def fill(_: Any, one: Any) -> None:
        one.write_row(1, 2, ["no", "city", "name"])
        for row in range(2, 9):
            one.write(row, 2, f"C{row}")
        one.merge_range(2, 3, 4, 3, "Oslo")
        one.merge_range(3, 4, 5, 4, "Ann")
        one.merge_range(6, 3, 8, 4, "both")

    found = sheet(fill)
    assert rows(found).rows == [
        ["C2", "Oslo", ""], ["C3", "Oslo", "Ann"], ["C4", "Oslo", "Ann"], ["C5", "", "Ann"],
        ["C6", "both", ""], ["C7", "both", ""], ["C8", "both", ""],
    ]  # fmt: skip
    assert found.filled == 5


def test_what_is_merged_elsewhere_fills_nothing(sheet: Filled) -> None:
    """A merged header, a title over the header, empty merged cells, merged cells beside and below the records."""

    def fill(_: Any, one: Any) -> None:
        one.merge_range(0, 1, 1, 4, "Customers")
        one.write_row(2, 2, ["no", "name"])
        one.merge_range(2, 4, 3, 4, "city")
        one.write_row(3, 2, ["C1", "Ann"])
        one.write_row(4, 2, ["C2", "Bo"])
        one.merge_range(3, 0, 4, 0, "")
        one.merge_range(4, 4, 9, 4, "Oslo")
        one.merge_range(3, 9, 4, 9, "")

    found = sheet(fill)
    assert (found.header.cells, found.filled) == (("", "no", "name", "city"), 0)
    assert rows(found).rows == [["", "C1", "Ann", ""], ["", "C2", "Bo", "Oslo"]]


def test_empty_merged_cells_left_of_all_cells_do_not_reach_round_to_the_last_column(sheet: Filled) -> None:
    def fill(_: Any, one: Any) -> None:
        one.write_row(0, 2, ["no", "name"])
        for row in range(1, 5):
            one.write_row(row, 2, [f"C{row}", f"N{row}"])
        one.merge_range(1, 0, 3, 0, "")
        one.merge_range(1, 1, 3, 1, "")

    assert [row[1] for row in rows(sheet(fill)).rows] == ["N1", "N2", "N3", "N4"]


def test_of_several_sheets_the_one_that_fits_best_is_taken(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        made.add_worksheet("empty")
        made.add_worksheet("notes").write_row(0, 0, ["remark", "by"])
        chart = made.add_chart({"type": "bar"})
        chart.add_series({"values": "=people!$A$1:$A$2"})
        made.add_chartsheet("chart").set_chart(chart)
        people = made.add_worksheet("people")
        people.write_row(0, 0, ["no", "name"])
        people.write_row(1, 0, ["C1", "Ann"])
        hidden = made.add_worksheet("old")
        hidden.write_row(0, 0, ["no", "name", "city"])
        hidden.hide()
        deep = made.add_worksheet("older")
        deep.write_row(0, 0, ["no", "name", "city", "since"])
        deep.very_hidden()

    path = book(tmp_path / "a.xlsx", fill)
    found = choose(path)
    assert (found.name, found.others) == ("people", 1)
    assert choose(path, "old").header.cells == ("no", "name", "city"), "a hidden one can be named"
    assert choose(path, "PEOPLE").name == "people"
    assert choose(path, "2").name == "notes"
    for part in ("none", "", "0", "99"):
        with pytest.raises(PartUnknown) as caught:
            choose(path, part)
        assert caught.value.details == ("empty", "notes", "chart", "people", "old", "older")
    for part in ("empty", "chart"):
        with pytest.raises(FileEmpty):
            choose(path, part)


def test_a_number_as_the_name_of_a_sheet_is_its_name(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        made.add_worksheet("2").write_row(0, 0, ["no"])
        made.add_worksheet("1").write_row(0, 0, ["name"])

    assert choose(book(tmp_path / "a.xlsx", fill), "1").header.cells == ("name",)


def test_if_all_sheets_are_hidden_they_are_looked_at_all_the_same(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", lambda made: made.add_worksheet("s").write_row(0, 0, ["no"]))
    hidden = tmp_path / "hidden.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(hidden, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'<sheet name="s"', b'<sheet state="hidden" name="s"'))
    assert choose(hidden).name == "s"


def test_a_workbook_without_a_row_is_empty(tmp_path: Path) -> None:
    for number, fill in enumerate((lambda _: None, lambda one: one.write(3, 3, "   "))):

        def only(made: Any, fill: Callable[[Any], None] = fill) -> None:
            fill(made.add_worksheet("s"))

        with pytest.raises(FileEmpty):
            choose(book(tmp_path / f"{number}.xlsx", only))


@pytest.mark.parametrize("ending", ["xls", "ods"])
def test_what_libreoffice_writes_is_read_alike(ending: str) -> None:
    found = choose(HERE / f"typed.{ending}")
    assert found.header.cells == ("no", "name", "since", "at", "visits", "credit", "flag", "group")
    assert (found.name, found.header.line, found.passed) == ("客户", 4, 1)
    yes, no, second = ("TRUE", "FALSE", "A") if ending == "xls" else ("1", "0", "")
    assert rows(found).rows == [
        ["C1", "张伟", "2024-05-01", "2024-05-01 14:30:00", "3", "1234.5", yes, "A"],
        ["C2", "Ann Lee", "1999-12-31", "2021-03-05", "12", "0.1", no, second],
    ]
    assert rows(found).lines == [5, 6]


def test_days_that_count_from_1904_are_told(tmp_path: Path) -> None:
    def fill(made: Any) -> None:
        one = made.add_worksheet("s")
        one.write_row(0, 0, ["no", "since"])
        one.write_datetime(1, 1, datetime(2024, 5, 1), made.add_format({"num_format": "yyyy-mm-dd"}))
        one.write_number(2, 1, 43951)

    for path in (book(tmp_path / "a.xlsx", fill, date_1904=True), HERE / "days_from_1904.xls"):
        found = choose(path)
        assert found.number is Native.SHEET_NUMBER_1904
        assert [row[1] for row in rows(found).rows] == ["2024-05-01", "43951"]


def test_a_protected_workbook_says_so() -> None:
    with pytest.raises(WorkbookLocked, match=r"protected\.xlsx is protected with a password"):
        choose(HERE / "protected.xlsx")


def test_what_begins_like_a_workbook_is_one(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", lambda made: made.add_worksheet("s").write(0, 0, "no"))
    half = tmp_path / "half.xlsx"
    half.write_bytes(path.read_bytes()[:-900])
    plain = tmp_path / "a.zip"
    with zipfile.ZipFile(plain, "w") as zipped:
        zipped.writestr("a.csv", "no")
    assert is_workbook(path)
    assert is_workbook(half)
    assert is_workbook(HERE / "typed.ods")
    assert not is_workbook(plain)
    with pytest.raises(WorkbookUnreadable, match="damaged"):
        choose(half)


def test_a_workbook_that_unpacks_beyond_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped, zipped.open("xl/workbook.xml", "w") as part:
        for _ in range(101):
            part.write(bytes(1 << 20))
    with pytest.raises(WorkbookUnreadable, match="200 times"):
        choose(path)
    monkeypatch.setattr(sheets, "LARGEST", 100 << 20)
    with pytest.raises(WorkbookUnreadable, match="unpacked it has more than"):
        choose(path)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    def fill(made: Any) -> None:
        one = made.add_worksheet("s")
        one.write_row(0, 0, ["no", "name"])
        one.write_row(1, 0, ["C1", 5])
        one.merge_range(2, 0, 4, 0, "m")

    return book(tmp_path_factory.mktemp("small") / "a.xlsx", fill).read_bytes()


def tampered(small: bytes, part: str, old: bytes, new: bytes, path: Path) -> Path:
    """A workbook with other bytes in one of its parts."""
    source = path.with_name("source.xlsx")
    source.write_bytes(small)
    with zipfile.ZipFile(source) as zipped, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in zipped.namelist():
            content = zipped.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            out.writestr(name, content)
    return path


def try_out(path: Path) -> None:
    """Read all of a workbook; only an error of custrec's own may come."""
    try:
        rows(choose(path))
    except CustrecError as error:
        assert error.message


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_damage_to_a_workbook_is_anything_but_an_error_of_custrec(
    tmp_path_factory: pytest.TempPathFactory, small: bytes, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "a.xlsx"
    origin = small if data.draw(st.booleans()) else (HERE / data.draw(st.sampled_from(OLD))).read_bytes()
    raw = bytearray(origin)
    for _ in range(data.draw(st.integers(0, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(8, len(raw)) | st.just(len(raw)))])
    try_out(path)


OLD = ["typed.xls", "typed.ods", "protected.xlsx"]
XML = [b"A1", b"<row", b"<c ", b't="s"', b"<v>", b'ref="A3:A5"', b"</row>", b'r="2"', b"<dimension"]
ODD = st.binary(max_size=8) | st.sampled_from(
    [b"", b"ZZZ9999999999", b'ref="A5:A1"', b'ref="A1:XFD1048576"', b"A0", b"-1", b"<v>1e999", b't="e"', b't="d"', b"&"]
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(old=st.sampled_from(XML), new=ODD)
@example(old=b'ref="A3:A5"', new=b'ref="A3:XFD1048576"')
@example(old=b'r="2"', new=b'r="1048576"')
def test_no_odd_xml_in_a_workbook_is_anything_but_an_error_of_custrec(
    tmp_path_factory: pytest.TempPathFactory, small: bytes, old: bytes, new: bytes
) -> None:
    try_out(tampered(small, "xl/worksheets/sheet1.xml", old, new, tmp_path_factory.mktemp("odd") / "a.xlsx"))


@given(st.binary(max_size=300))
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_bytes_are_no_workbook(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("random") / "a.xls"
    for head in (sheets.OLE, b"PK\x03\x04", b""):
        path.write_bytes(head + raw)
        with pytest.raises(WorkbookUnreadable):
            choose(path)
