"""Which column of a file becomes which field, by a saved map and without, and how rows are judged by it."""

from __future__ import annotations

import pickle
from datetime import date
from typing import Any

import pytest

from custrec.errors import (
    CustrecError,
    DuplicateColumns,
    KeyColumnMissing,
    MapMismatch,
    NoKnownColumns,
    UnknownColumns,
)
from custrec.files.map_file import parse_map
from custrec.files.schema_file import parse_schema
from custrec.jobs.importing.layouts import layout_for
from custrec.jobs.judging import Layout, TableJudge

SCHEMA = parse_schema(
    """\
tables:
  - name: customers
    primaryKey: [no]
    missingValues: ["", "-"]
    fields:
      - {name: no, aliases: [编号]}
      - {name: name, aliases: [姓名], constraints: {required: true}}
      - {name: city}
      - {name: address, constraints: {maxLength: 10}}
      - {name: status, constraints: {enum: [active, former]}}
      - {name: visits, type: integer}
    checks: [{rule: "city != address", message: the same twice, level: warn}]
""",
    "schema.yaml",
)
TABLE = SCHEMA.tables[0]
MAP = """\
table: customers
columns:
  客户代码: no
  地址: {split: {by: " ", into: [city, address]}}
  内部: null
fields:
  status: {constant: active}
  visits: {from: 次数, transform: digits}
"""
HEADER = ["客户代码", "姓名", "地址", "内部", "次数"]


def laid_out(header: list[str], text: str | None = MAP, **more: Any) -> Layout:
    saved = None if text is None else parse_map(text, "m", SCHEMA)
    return layout_for(header, TABLE, "in.csv", saved, **more)


def refused(kind: type[CustrecError], header: list[str], text: str | None = MAP) -> CustrecError:
    with pytest.raises(kind) as caught:
        laid_out(header, text)
    return caught.value


def test_a_map_places_plain_columns_and_makes_the_others() -> None:
    layout = laid_out(HEADER)
    assert layout.places == {"name": 1, "no": 0}
    assert {field: one.places for field, one in layout.recipes.items()} == {
        "city": (2,), "address": (2,), "status": (), "visits": (4,),
    }  # fmt: skip
    assert (layout.width, layout.headless) == (5, ())
    assert layout.fields_by_column == {0: "no", 1: "name", 4: "visits"}
    assert sorted(layout.names) == sorted(f.name for f in TABLE.fields)


def test_headers_are_compared_however_they_are_typed_and_own_columns_passed_over() -> None:
    layout = laid_out(["_line", "_message", " 客户_代码 ", "ＮＡＭＥ", "地 址", "内部", "次数"])
    assert layout.places == {"name": 3, "no": 2}
    assert layout.recipes["city"].places == (4,)


def test_without_a_map_columns_are_matched_by_name() -> None:
    layout = laid_out(["姓名", "", "编号"], None)
    assert layout == Layout({"name": 0, "no": 2}, 3, (1,))
    assert laid_out(["姓名", "", "no"], None, ignore_columns=True).headless == ()


def test_a_file_without_the_map_s_columns_is_refused_with_their_names() -> None:
    error = refused(MapMismatch, ["客户代码", "姓名"])
    assert error.details == ("地址", "次数")
    assert error.exit_code == 4


def test_a_column_that_is_left_out_need_not_be_there() -> None:
    assert "no" in laid_out(["客户代码", "姓名", "地址", "次数"]).places


def test_unknown_columns_are_errors_with_a_map_too() -> None:
    error = refused(UnknownColumns, [*HEADER, "citty", "\x1b[2J"])
    assert error.details == ("citty (column 6): did you mean city?", "\\x1b[2J (column 7)")
    assert "the map m" in error.hint
    assert laid_out([*HEADER, "citty"], ignore_columns=True).width == 6


def test_a_column_of_the_map_that_stands_twice_is_refused() -> None:
    error = refused(DuplicateColumns, [*HEADER, "地址"])
    assert error.details == ("地址: columns 3, 6",)
    assert error.params["count"] == 2


def test_a_field_that_a_column_and_the_map_fill_is_refused() -> None:
    error = refused(DuplicateColumns, [*HEADER, "city"])
    assert error.details == ("city: city, and the map fills it",)
    assert "null" in error.hint


def test_two_columns_of_one_field_are_refused() -> None:
    assert refused(DuplicateColumns, ["no", "编号", "name"], None).details == ("no: no, 编号",)


def test_a_file_without_the_key_or_any_known_column_is_refused() -> None:
    refused(KeyColumnMissing, ["姓名"], None)
    refused(KeyColumnMissing, ["姓名", "x"], "table: customers\ncolumns: {x: city}")
    refused(NoKnownColumns, ["x", "y"], None)


def test_the_key_may_be_made() -> None:
    assert "no" in laid_out(["x"], "table: customers\nfields: {no: {from: x, transform: trim}}").recipes


def test_twenty_missing_columns_are_named_and_the_others_counted() -> None:
    many = ", ".join(f"c{n}" for n in range(50))
    error = refused(MapMismatch, ["编号"], f"table: customers\nfields: {{city: {{join: [{many}]}}}}")
    assert error.details[-1] == "… and 30 more"
    assert len(error.details) == 21


def test_rows_are_judged_by_what_the_map_makes_of_them() -> None:
    layout = pickle.loads(pickle.dumps(laid_out(HEADER)))  # noqa: S301 (as a worker gets it)
    judge = TableJudge(TABLE, SCHEMA, layout, sealing=True, today=date(2024, 3, 1))
    rows = [
        ["C1", "Ann", "Paris  Rue A 1", "x", "12 times"],
        ["C2", "Bo", "Rome", "x", "-"],
        ["C3", "Cy", "Oslo Karl Johans gate", "x", "3"],
        ["C4", "Di", "Bonn Bonn", "x", "none"],
    ]
    judged = judge.judge([2, 3, 4, 5], rows)
    assert judge.fields == ["no", "name", "city", "address", "status", "visits"]
    assert list(zip(*judged.columns, strict=True)) == [
        ("C1", "Ann", "Paris", "Rue A 1", "active", 12),
        ("C2", "Bo", "Rome", None, "active", None),
        ("C4", "Di", "Bonn", "Bonn", "active", None),
    ]
    assert {row: [(name, fault.rule) for name, fault in found] for row, found in judged.bad.items()} == {
        2: [("address", "too-long")]
    }
    assert [(row, check.fields) for row, check in judged.warned] == [(3, ("city", "address"))]
    assert all(judge.seals(judged))


def test_what_stands_in_a_row_for_a_field_is_shown_as_cell_or_as_made() -> None:
    show = laid_out(HEADER).shower()
    row = ["C1", " Ann", "Paris  Rue A 1", "x", "-"]
    shown = {name: show(row, name) for name in laid_out(HEADER).names}
    assert shown == {
        "no": "C1", "name": " Ann", "city": "Paris", "address": "Rue A 1", "status": "active", "visits": "",
    }  # fmt: skip
