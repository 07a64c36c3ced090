"""files.cells: cells of every type become texts, exactly or not at all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.files.cells import CHUNK_ROWS, CellReader, Number, parse_cells, text_rows
from custrec.files.chunks import Header
from custrec.files.rows import MAX_CELL, ParsedRows
from custrec.values.cleaning import clean_column
from custrec.values.protocol import Native

SHEET = Native.SHEET_NUMBER


def as_it_is(text: str, native: Native) -> str:
    return text


def parsed(rows: Sequence[Sequence[Any]], width: int | None = None, native: Native = SHEET) -> ParsedRows:
    """Rows of cells, all of whose columns are read."""
    width = len(rows[0]) if width is None else width
    return text_rows(rows, range(1, len(rows) + 1), width, native, dict.fromkeys(range(width), as_it_is))


def text(cell: Any, native: Native = SHEET) -> str:
    """The text of a cell that is no fault."""
    found = parsed([[cell, "x"]], native=native)
    assert found.bad == []
    return found.rows[0][0]


def rule(cell: Any, native: Native = SHEET) -> str:
    (bad,) = parsed([[cell, "x"]], native=native).bad
    assert bad.cells[1:] == ["x"]
    return bad.fault.rule


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, ""), ("", ""), ("张伟", "张伟"), (True, "TRUE"), (False, "FALSE"), (7, "7"), (7.0, "7"), (-0.0, "0"),
        (13800138000.0, "13800138000"), (123456789012345.0, "123456789012345"), (1234.5, "1234.5"),
        (1e-07, "0.0000001"),
        (0.1 + 0.2, "0.3"), (1.1 + 2.2, "3.3"), (31.230416666666667, "31.230416666666667"), (1e-300, "1e-300"),
        (date(2024, 5, 1), "2024-05-01"), (datetime(2024, 5, 1), "2024-05-01 00:00:00"),
        (datetime(2024, 5, 1, 14, 30, 0, 250_000), "2024-05-01 14:30:00.250"),
        (datetime(2024, 5, 1, 14, 29, 59, 999_999), "2024-05-01 14:30:00"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999), "9999-12-31 23:59:59.999"), (time(8, 30), "08:30:00"),
        (timedelta(hours=30, seconds=5), "30:00:05"), (timedelta(seconds=-90), "-0:01:30"),
    ],
)  # fmt: skip
def test_a_cell_of_a_sheet_as_text(cell: Any, expected: str) -> None:
    assert text(cell) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1", "1"), ("-5", "-5"), ("1.500", "1.5"), ("1.0", "1"), ("1E5", "100000"), ("1.500e0", "1.5"), ("0e-7", "0"),
        ("12e-3", "0.012"), ("110101199003078888", "110101199003078888"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("1e400", "1e400"), ("1e99999999999999999999", "1e99999999999999999999"), ("-1e-99999", "-1e-99999"),
    ],
)  # fmt: skip
def test_a_number_of_json_keeps_its_digits(written: str, expected: str) -> None:
    assert text(Number(written), Native.NUMBER) == expected


def test_a_number_of_a_database_is_not_rounded_at_all() -> None:
    assert text(0.1 + 0.2, Native.NUMBER) == "0.30000000000000004"
    assert text(123456789012345.67, Native.NUMBER) == repr(123456789012345.67)
    assert text(2**63 - 1, Native.NUMBER) == "9223372036854775807"


@pytest.mark.parametrize("number", [1e15, 1234567890123456.0, 110101199003078888.0, -1e18, 1e300, 10**15, -(10**17)])
def test_a_number_with_more_digits_than_a_sheet_keeps_is_a_fault(number: float) -> None:
    assert rule(number) == "number-rounded"
    (bad,) = parsed([[number, "x"]]).bad
    assert "E+" in bad.cells[0], "it is a fault again where the rejects are imported"


@pytest.mark.parametrize(
    ("cell", "broken"),
    [
        (math.nan, "number-rounded"), (math.inf, "number-rounded"), (b"\xff\x00", "cell-no-text"),
        (b"", "cell-no-text"),
        ([1], "cell-no-text"), ({"a": 1}, "cell-no-text"), (object(), "cell-no-text"), (1j, "cell-no-text"),
        ("a\0b", "nul-byte"), ("a\ud800", "half-character"), ("\udcff", "half-character"), ("x" * (MAX_CELL + 1),
        "cell-too-big"),
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_what_is_no_text_is_a_fault(cell: Any, broken: str) -> None:
    assert rule(cell, Native.NUMBER) == broken


@pytest.mark.parametrize("half", ["a\ud800", "\udc80", "客\udfff户", "\udcc3\udca9", "\ud83d"])
def test_half_a_character_is_no_character_in_the_rejects_either(half: str) -> None:
    (bad,) = parsed([[half, "x"]], native=Native.NUMBER).bad
    raw = bad.cells[0].encode("utf-8", "surrogateescape")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_a_column_that_nobody_reads_may_hold_anything() -> None:
    rows = [["C1", b"photo", 1e17, {"a": 1}, 45000.0]]
    found = text_rows(rows, [1], 5, SHEET, {0: as_it_is})
    assert found.rows == [["C1", "", "1E+17", "", "45000"]]
    assert found.bad == []


def test_the_field_says_how_it_is_written() -> None:
    seen: list[tuple[str, Native]] = []

    def write(text: str, native: Native) -> str:
        seen.append((text, native))
        return f"<{text}>"

    cells = [1.5, True, date(2024, 5, 1), datetime(2024, 5, 1, 8), "1.5", None, time(8), timedelta(1)]
    found = text_rows([[cell] for cell in cells], range(8), 1, Native.SHEET_NUMBER_1904, {0: write})
    assert found.rows == [
        ["<1.5>"], ["<TRUE>"], ["<2024-05-01>"], ["<2024-05-01 08:00:00>"], ["1.5"], ["08:00:00"], ["24:00:00"],
    ]  # fmt: skip
    assert [native for _, native in seen] == [
        Native.SHEET_NUMBER_1904, Native.TRUTH, Native.DAY, Native.MOMENT,
    ]  # fmt: skip


def test_blank_rows_are_counted_and_blank_cells_beyond_the_header_taken_off() -> None:
    found = parsed([["a", "b", None, ""], [None, "", "  ", None], ["c", None, None, "stray"]], width=2)
    assert (found.rows, found.lines, found.blank) == ([["a", "b"]], [1], 1)
    (bad,) = found.bad
    assert (bad.line, bad.cells, bad.fault.rule) == (3, ["c", "", "", "stray"], "ragged")
    assert dict(bad.fault.params) == {"found": 4, "expected": 2}


GUARDED = ["'=1", "''=1", "'00501", '="00501"', " '=1", "\u200b'@x", "'", "''", "=1", "O'Hara", "'-", "\t'+1 "]


@pytest.mark.parametrize("cell", GUARDED)
def test_a_program_guards_no_formulas_so_no_guard_comes_off(cell: str) -> None:
    """What import makes of the text, which takes the guard off all texts of files."""
    (kept,) = clean_column([text(cell, Native.NUMBER)], frozenset(), guarded=True)
    assert kept == clean_column([cell], frozenset())[0]
    assert text(cell, SHEET) == cell


def test_a_reader_gives_the_same_chunks_each_time() -> None:
    rows = [[f"C{n}", float(n)] for n in range(CHUNK_ROWS + 5)]
    reader = CellReader(Header(("no", "n"), b"", 1), lambda: rows, 4, "0" * 64, 1, len(rows))
    first, second = list(reader), list(reader)
    assert first == second
    assert [(chunk.number, chunk.first_line, chunk.lines) for chunk in first] == [
        (0, 4, CHUNK_ROWS), (1, CHUNK_ROWS + 4, 5),
    ]  # fmt: skip
    found = parse_cells(first[1], 2, SHEET, {0: as_it_is, 1: as_it_is})
    assert found.rows[0] == [f"C{CHUNK_ROWS}", str(CHUNK_ROWS)]
    assert found.lines[0] == CHUNK_ROWS + 4


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=6)
    | st.binary(max_size=6) | st.dates() | st.datetimes() | st.times() | st.timedeltas()
    | st.floats().map(repr).map(Number) | st.decimals() | st.sampled_from(GUARDED),
    lambda cells: st.lists(cells, max_size=2) | st.dictionaries(st.text(max_size=2), cells, max_size=2),
    max_leaves=3,
)  # fmt: skip


@given(st.lists(st.lists(ANY, min_size=3, max_size=3), min_size=1, max_size=5), st.integers(1, 4),
       st.sampled_from([Native.NUMBER, SHEET]))  # fmt: skip
def test_cells_of_any_type_never_raise_and_no_row_is_lost(rows: list[list[Any]], width: int, native: Native) -> None:
    found = parsed(rows, width, native)
    assert len(found.rows) + len(found.bad) + found.blank == len(rows)
    assert all(len(row) == min(width, 3) for row in found.rows)
    assert all(map(str.isprintable, (bad.fault.message for bad in found.bad)))
    for row in found.rows:
        "".join(row).encode()


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-9.9e14, max_value=9.9e14))
def test_a_number_comes_back_from_its_text(number: float) -> None:
    assert float(text(number, Native.NUMBER)) == number
    assert abs(float(text(number)) - number) <= 4 * math.ulp(number)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_what_a_person_types_into_a_sheet_is_what_is_read(number: Decimal) -> None:
    assert Decimal(text(float(number))) == number
