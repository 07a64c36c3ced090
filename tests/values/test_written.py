"""How fields have cells written that are no text (`ValueType.written`): what is read then is the value of the cell."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.files.cells import Number, text_rows
from custrec.files.rows import ParsedRows
from custrec.files.schema_file import parse_schema
from custrec.values.cleaning import clean_column
from custrec.values.protocol import Native, Reading, ValueType
from custrec.values.registry import KINDS, for_field

SCHEMA = """\
version: 1
defaults: {region: CN, dateOrder: ymd, currency: EUR, timezone: Asia/Shanghai}
tables:
  - name: one
    fields:
      - {name: text, type: string}
      - {name: unique, type: string, constraints: {unique: true}}
      - {name: whole, type: integer}
      - {name: whole_comma, type: integer, decimalChar: ","}
      - {name: number, type: number}
      - {name: number_comma, type: number, decimalChar: ","}
      - {name: exact, kind: number, decimals: 3}
      - {name: exact_comma, kind: number, decimals: 3, decimalChar: ",", groupChar: " "}
      - {name: money, kind: money}
      - {name: money_comma, kind: money, decimalChar: ","}
      - {name: yen, kind: money, currency: JPY}
      - {name: flag, type: boolean}
      - {name: answer, type: boolean, trueValues: [有], falseValues: [没有, 无]}
      - {name: day, type: date, format: any}
      - {name: iso, type: date}
      - {name: german, type: date, format: "%d.%m.%Y"}
      - {name: short, type: date, format: "%d/%m/%y"}
      - {name: at, type: datetime}
      - {name: to_the_minute, type: datetime, format: "%d.%m.%Y %H:%M"}
      - {name: phone, kind: phone}
      - {name: code, kind: identifier}
      - {name: choice, type: string, constraints: {enum: ["1", "2"]}}
      - {name: tags, kind: tags}
      - {name: person, kind: person_name}
      - {name: org, kind: org_name}
      - {name: address, kind: address}
      - {name: country, kind: country}
      - {name: email, kind: email}
      - {name: site, kind: url}
"""
PARSED = parse_schema(SCHEMA, "schema.yaml")
TYPES: dict[str, ValueType] = {field.name: for_field(field, PARSED.defaults) for field in PARSED.tables[0].fields}
SHEET, SHEET_1904, PLAIN = Native.SHEET_NUMBER, Native.SHEET_NUMBER_1904, Native.NUMBER
NATIVES = [SHEET, SHEET_1904, PLAIN]


def parsed(name: str, cell: Any, native: Native) -> ParsedRows:
    return text_rows([[cell]], [1], 1, native, {0: TYPES[name].written})


def read(name: str, cell: Any, native: Native = SHEET) -> Reading:
    """What a cell means to a field, as import reads it."""
    found = parsed(name, cell, native)
    assert found.bad == []
    (text,) = clean_column(found.rows[0], frozenset(), guarded=True)
    assert text is not None
    return TYPES[name].judge(text)


def value(name: str, cell: Any, native: Native = SHEET) -> Any:
    reading = read(name, cell, native)
    assert reading.fault is None, reading.fault
    return reading.value


def rule(name: str, cell: Any, native: Native = SHEET) -> str:
    fault = read(name, cell, native).fault
    assert fault is not None
    return fault.rule


def test_every_kind_is_here() -> None:
    assert {kind.kind for kind in TYPES.values()} >= set(KINDS)


@pytest.mark.parametrize(
    ("name", "cell", "expected"),
    [
        ("text", 13800138000.0, "13800138000"), ("text", 0.1 + 0.2, "0.3"), ("text", True, "TRUE"),
        ("text", 45413, "45413"),
        ("text", date(2024, 5, 1), "2024-05-01"), ("text", datetime(2024, 5, 1, 8), "2024-05-01 08:00:00"),
        ("text", timedelta(hours=25), "25:00:00"), ("unique", 501.0, "501"), ("phone", 13800138000.0, "+8613800138000"),
        ("choice", 2.0, "2"), ("code", 501.0, "501"), ("tags", 2024, "2024"),
        ("flag", True, 1), ("flag", False, 0), ("flag", 1.0, 1), ("answer", True, 1), ("answer", False, 0),
        ("day", date(2024, 5, 1), "2024-05-01"), ("german", date(2024, 5, 1), "2024-05-01"),
        ("short", date(2024, 5, 1), "2024-05-01"), ("day", datetime(2024, 5, 1), "2024-05-01"),
        ("iso", datetime(2024, 5, 1), "2024-05-01"), ("day", 45413.0, "2024-05-01"), ("iso", 45413.0, "2024-05-01"),
        ("german", 45413, "2024-05-01"), ("day", 45413.75, "2024-05-01"), ("day", 20240501.0, "2024-05-01"),
        ("at", 45413.75, "2024-05-01T10:00:00Z"), ("at", date(2024, 5, 1), "2024-04-30T16:00:00Z"),
        ("at", datetime(2024, 5, 1, 18, 0, 0, 250_000), "2024-05-01T10:00:00.25Z"),
        ("to_the_minute", datetime(2024, 5, 1, 18, 5), "2024-05-01T10:05:00Z"),
        ("to_the_minute", 45413.75, "2024-05-01T10:00:00Z"),
        ("to_the_minute", date(2024, 5, 1), "2024-04-30T16:00:00Z"),
        ("money_comma", 1234.5, 123450), ("money", -0.01, -1), ("yen", 1234.0, 1234), ("money", 19.99 * 3, 5997),
        ("exact_comma", 0.125, 125), ("whole", 7.0, 7), ("whole_comma", -7, -7), ("number_comma", 1e-300, 1e-300),
    ],
)  # fmt: skip
def test_a_cell_of_a_workbook(name: str, cell: Any, expected: Any) -> None:
    assert value(name, cell) == expected


@pytest.mark.parametrize(
    ("name", "cell", "broken"),
    [
        ("german", datetime(2024, 5, 1, 14, 30), "date-format"), ("german", 45413.5, "date-format"),
        ("short", date(1931, 5, 1), "date-format"), ("to_the_minute", datetime(2024, 5, 1, 8, 0, 5), "date-format"),
        ("day", 19_999.0, "date-invalid"), ("day", 1234.5, "date-invalid"), ("whole", 1.5, "integer-invalid"),
        ("money", 1.005, "number-decimals"), ("exact", 0.1234, "number-decimals"), ("answer", 1.0, "boolean-invalid"),
        ("day", True, "date-invalid"), ("flag", date(2024, 5, 1), "boolean-invalid"),
    ],
)  # fmt: skip
def test_what_the_field_cannot_tell_is_refused(name: str, cell: Any, broken: str) -> None:
    found = rule(name, cell)
    assert found == broken or found.startswith("date-")


def test_a_day_with_a_time_of_day_is_kept_as_what_it_was() -> None:
    assert read("day", datetime(2024, 5, 1, 14, 30)).lossy
    assert read("day", 45413.5).lossy
    assert not read("day", datetime(2024, 5, 1)).lossy
    assert not read("day", 45413.0).lossy


def test_days_count_from_1904_where_they_do() -> None:
    assert value("day", 43951.0, SHEET_1904) == value("day", 45413.0) == "2024-05-01"
    assert value("german", 43951.0, SHEET_1904) == "2024-05-01"
    assert value("at", 43951.75, SHEET_1904) == "2024-05-01T10:00:00Z"


def test_a_number_of_a_program_is_no_day() -> None:
    assert rule("day", 45413, PLAIN) == "date-serial"
    assert rule("day", Number("45413.5"), PLAIN) == "date-serial"
    assert value("day", 20240501, PLAIN) == "2024-05-01"


@pytest.mark.parametrize("name", ["whole", "exact", "money", "number", "whole_comma", "yen"])
@pytest.mark.parametrize("digits", ["1" * 5000, "-" + "1" * 5000, "0." + "0" * 5000 + "1", "1" * 300 + "e300"])
def test_a_number_beyond_all_measure_is_refused_and_never_raises(name: str, digits: str) -> None:
    reading = read(name, Number(digits), PLAIN)
    assert reading.fault is not None or name == "number"


whole_numbers = st.integers(-(10**15) + 1, 10**15 - 1)
thousandths = st.decimals(allow_nan=False, min_value=-(10**9), max_value=10**9, places=3)
cents = st.decimals(allow_nan=False, min_value=-(10**9), max_value=10**9, places=2)


@given(whole_numbers, st.sampled_from(["whole", "whole_comma"]), st.sampled_from(NATIVES))
def test_whole_numbers(number: int, name: str, native: Native) -> None:
    assert value(name, number, native) == value(name, float(number), native) == number
    assert value(name, Number(number), PLAIN) == number


@given(thousandths, st.sampled_from(["exact", "exact_comma"]), st.sampled_from(NATIVES))
def test_numbers_with_decimals(number: Decimal, name: str, native: Native) -> None:
    assert value(name, float(number), native) == int(number * 1000)
    assert value(name, Number(f"{number:f}"), PLAIN) == int(number * 1000)


@given(cents, st.sampled_from(["money", "money_comma"]), st.sampled_from(NATIVES))
def test_amounts(number: Decimal, name: str, native: Native) -> None:
    assert value(name, float(number), native) == int(number * 100)
    assert value(name, Number(f"{number:f}"), PLAIN) == int(number * 100)


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["number", "number_comma"]))
def test_floating_point_numbers_of_programs_are_exact(number: float, name: str) -> None:
    assert value(name, Number(repr(number)), PLAIN) == number
    if abs(number) < 10**15:
        assert value(name, number, PLAIN) == number
    else:
        assert parsed(name, number, PLAIN).bad[0].fault.rule == "number-rounded"


@given(st.booleans(), st.sampled_from(["flag", "answer"]), st.sampled_from(NATIVES))
def test_truth_values(truth: bool, name: str, native: Native) -> None:
    assert value(name, truth, native) == int(truth)


DAYS = st.dates(date(1969, 1, 1), date(2068, 12, 31))


@given(DAYS, st.sampled_from(["day", "iso", "german", "short"]))
def test_days(day: date, name: str) -> None:
    assert value(name, day) == day.isoformat()
    assert value(name, datetime(day.year, day.month, day.day)) == day.isoformat()
    assert value(name, float((day - date(1899, 12, 30)).days)) == day.isoformat()
    assert value(name, float((day - date(1904, 1, 1)).days), SHEET_1904) == day.isoformat()


@given(st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1)))
def test_moments(moment: datetime) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    utc = (moment - timedelta(hours=8)).isoformat()
    assert value("at", moment) == f"{utc.rstrip('0') if '.' in utc else utc}Z"
    minute = moment.replace(second=0, microsecond=0)
    utc = (minute - timedelta(hours=8)).isoformat()
    assert value("to_the_minute", minute) == f"{utc}Z"
    serial = (minute - datetime(1899, 12, 30)) / timedelta(days=1)
    assert value("at", serial) == value("to_the_minute", serial) == f"{utc}Z"


CELLS = (
    st.booleans() | st.integers() | st.floats() | st.dates() | st.datetimes() | st.times() | st.timedeltas()
    | st.floats(0, 1e6) | st.integers(0, 100_000)
    | st.decimals(allow_nan=False, allow_infinity=False).map(str).map(Number)
)  # fmt: skip


@given(CELLS, st.sampled_from(sorted(TYPES)), st.sampled_from(NATIVES))
def test_no_cell_raises_in_any_field(cell: Any, name: str, native: Native) -> None:
    found = parsed(name, cell, native)
    if found.rows:
        (text,) = clean_column(found.rows[0], frozenset(), guarded=True)
        if text is not None:
            TYPES[name].judge(text)
