"""Lists and single records: shown in the very texts of an export."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from conftest import TODAY, Shop
from custrec.jobs.exports import ExportRequest, export
from custrec.jobs.past.whole_records import whole_record
from custrec.jobs.previews import preview
from custrec.jobs.reading import listing
from custrec.jobs.searching import find
from custrec.jobs.showing import SHOWN_OTHERWISE
from custrec.model.schema import Defaults, Field
from custrec.values.protocol import ValueType
from custrec.values.registry import KINDS, for_field

SCHEMA = """\
version: 1
defaults: {currency: CNY, timezone: UTC}
tables:
  - name: prices
    primaryKey: [size]
    fields:
      - {name: size, type: number, decimals: 2, decimalChar: ","}
      - {name: name, type: string, search: true}
  - name: days
    primaryKey: [day]
    fields: [{name: day, type: date, format: "%d.%m.%Y"}]
  - name: sales
    primaryKey: [no]
    foreignKeys:
      - {fields: [size], reference: {resource: prices, fields: [size]}}
      - {fields: [day], reference: {resource: days, fields: [day]}}
    fields:
      - {name: no, type: integer}
      - {name: size, type: number, decimals: 2}
      - {name: day, type: date, format: "%d.%m.%Y"}
      - {name: paid, type: boolean, trueValues: [ja], falseValues: [nein]}
      - {name: usual, type: boolean}
      - {name: due, type: date, format: "%m/%d/%Y"}
      - {name: sum, kind: money, currencyField: currency}
      - {name: currency, type: string}
      - {name: rate, type: number}
"""


@pytest.fixture
def sales(new_shop: Callable[..., Shop]) -> Shop:
    shop = new_shop(SCHEMA)
    shop.import_csv('size,name\n"2,50",Ann\n')
    shop.import_csv("day\n29.02.2024\n", "days")
    shop.import_csv(
        "no,size,day,paid,usual,due,sum,currency,rate\n"
        '1,"2,50",29.02.2024,ja,yes,12/31/2024,500,JPY,1.5\n2,,,nein,no,,7,,\n3,,,,,,,,\n',
        "sales",
    )
    return shop


def exported(shop: Shop, table: str) -> list[list[str]]:
    path = shop.folder / f"{table}.csv"
    with shop.session() as session:
        export(session.store, ExportRequest(str(path), "csv", shop.schema.by_name[table]), TODAY)
    return list(csv.reader(io.StringIO(path.read_text("utf-8"))))


def listed(shop: Shop, table: str, truth: bool = False) -> list[list[Any]]:
    with shop.session() as session:
        asked = {"where": None, "fields": (), "sort": (), "limit": None, "today": TODAY, "truth": truth}
        found = listing(session.store, shop.schema.by_name[table], **asked)
        return [list(found.columns), *map(list, found.rows)]


@pytest.mark.parametrize("table", ["prices", "days", "sales"])
def test_a_list_shows_the_texts_of_an_export(sales: Shop, table: str) -> None:
    header, *rows = listed(sales, table)
    texts = [["" if cell is None else str(cell) for cell in row[1:]] for row in rows]
    assert [header[1:], *texts] == exported(sales, table)


def test_own_texts_formats_and_references_are_shown(sales: Shop) -> None:
    assert listed(sales, "sales")[1] == [
        1, 1, "2,50", "29.02.2024", "ja", "true", "12/31/2024", "500", "JPY", "1.5",
    ]  # fmt: skip


def test_truth_values_are_such_in_json(sales: Shop) -> None:
    assert [row[4:6] for row in listed(sales, "sales", truth=True)[1:]] == [[True, True], [False, False], [None, None]]


def test_one_record_and_what_is_found_are_shown_alike(sales: Shop) -> None:
    _, first, *_ = listed(sales, "sales")
    with sales.session() as session:
        one = whole_record(session.store, sales.schema.by_name["sales"], "1")
        assert [one.record, *one.values.values()] == first
        assert whole_record(session.store, sales.schema.by_name["sales"], "1", truth=True).values["paid"] is True
        found = find(session.store, sales.schema.by_name["prices"], "2,5", ["size"], 5)
        assert list(found.rows) == [(1, "2,50")]


def test_the_changes_of_a_plan_are_shown_alike(sales: Shop) -> None:
    with sales.session() as session:
        file = sales.plan_csv(session, "no,paid,due\n1,nein,01/31/2025\n", "sales")
        changed = {one["field"]: (one["before"], one["after"]) for one in preview(session.store, file, 9)}
        file.drop()
    assert changed == {"paid": ("ja", "nein"), "due": ("12/31/2024", "01/31/2025")}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_that_are_not_loaded_for_a_list_are_shown_as_they_are_stored(kind: str) -> None:
    if kind not in SHOWN_OTHERWISE | {"date"}:
        field = Field("f", kind=kind, enum=("a",) if kind == "choice" else ())
        assert type(for_field(field, Defaults(region="CN"))).show is ValueType.show
