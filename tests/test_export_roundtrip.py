"""The law of export: what was exported imports into the same store as nothing to do, and into a new one as the same.

Cells of every kind are made by Hypothesis, good and bad, and imported; what the store took is exported in each way that
import reads, and every value must come back.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import PLENTY, TODAY, Shop
from custrec.files.schema_file import parse_schema
from custrec.jobs.exports import ExportRequest, export
from custrec.jobs.importing.imports import plan_import
from custrec.jobs.importing.intake import ImportRequest
from custrec.values.cleaning import clean_column
from custrec.values.guard import guarded, told_apart, unguarded
from custrec.values.registry import KINDS, for_field

SCHEMA = """\
version: 1
defaults: {region: CN, dateOrder: ymd, currency: CNY, timezone: Asia/Shanghai}
tables:
  - name: parents
    primaryKey: [no]
    missingValues: ["", "-", "无"]
    fields:
      - {name: no, type: string, title: 编号}
      - {name: text, type: string, aliases: ["备注, 其他", "=note"]}
      - {name: person, kind: person_name, title: 姓名}
      - {name: org, kind: org_name, title: "-公司"}
      - {name: email, kind: email}
      - {name: site, kind: url}
      - {name: phone, kind: phone, regionField: country}
      - {name: country, kind: country}
      - {name: address, kind: address}
      - {name: plain_id, kind: identifier}
      - {name: tax_no, kind: identifier, format: cn.uscc}
      - {name: status, type: string, constraints: {enum: [lead, active, "=former", "'+old"]}, labels: {active: [有效]}}
      - {name: tags, kind: tags}
      - {name: listed, kind: tags, constraints: {enum: [VIP, 华东, "@home"]}}
      - {name: whole, type: integer}
      - {name: ratio, type: number}
      - {name: score, kind: number, decimals: 3}
      - {name: comma, kind: number, decimalChar: ","}
      - {name: money, kind: money}
      - {name: yen, kind: money, currency: JPY}
      - {name: foreign, kind: money, currencyField: currency}
      - {name: currency, type: string}
      - {name: flag, type: boolean}
      - {name: answer, type: boolean, trueValues: ["+", 有], falseValues: [没有]}
      - {name: day, type: date, format: any}
      - {name: german, type: date, format: "%d.%m.%Y"}
      - {name: at, type: datetime}
  - name: numbered
    primaryKey: [n, day]
    fields:
      - {name: n, kind: number, decimals: 2}
      - {name: day, type: date, format: "%d/%m/%Y"}
      - {name: note, type: string}
  - name: days
    primaryKey: [day]
    fields:
      - {name: day, type: date, format: "%d.%m.%Y"}
      - {name: note, type: string}
  - name: children
    foreignKeys:
      - {fields: [no], reference: {resource: parents, fields: [no]}}
      - {fields: [day], reference: {resource: days, fields: [day]}}
    fields:
      - {name: note, type: string}
      - {name: no, type: string}
      - {name: day, type: date, format: "%d.%m.%Y"}
      - {name: amount, kind: money}
"""
"""Every kind with every option that changes how it is written; keys of several kinds; a table without one."""

LABELLED = {
    path.stem: [line.split("\t")[0] for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    for path in sorted((Path(__file__).parent / "values" / "labelled").glob("*.tsv"))
}
FORMATS = (("csv", False), ("csv", True), ("tsv", False), ("tsv", True), ("xlsx", False), ("jsonl", False))

odd = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
awkward = st.text("'\"=+-@＝＋－＠,;\t\n\r |0aA张、無无1. _\\#x\u3000\ufeff", max_size=8) | st.sampled_from(
    ["_x0041_", "_x005F_", '="00501"', "'00501", "<r><t>x</t></r>", "true", "2024-05-01", "45413", "custrec.record/1"]
)
numeric = st.text("0123456789.,-+()eE万¥$", max_size=12) | st.floats(allow_nan=False, allow_infinity=False).map(repr)


def cells(kind: str) -> st.SearchStrategy[str]:
    """Texts that somebody may have put into a field of a kind, many of them good."""
    labelled = st.sampled_from(LABELLED.get(kind, LABELLED["text"]))
    return st.one_of(labelled, labelled, st.just(""), awkward if kind in TEXTS else numeric, odd)


TEXTS = frozenset({"text", "person_name", "org_name", "address", "identifier", "tags", "choice", "email", "url"})
CURRENCIES = st.sampled_from(["CNY", "JPY", "KWD", "美元", "US$", "€", ""])
KEYS = st.integers(1, 40).map(lambda n: f"=K{n}" if n % 3 else f"'-{n:05d}")
DAYS = st.integers(1, 28).map(lambda n: f"{n:02d}.03.2021")
CELLS = st.tuples(
    *(
        CURRENCIES if field.name == "currency" else cells(field.kind)
        for field in parse_schema(SCHEMA, "schema.yaml").tables[0].fields[1:]
    )
)
"""A row of the first table without its key."""


@contextmanager
def two_shops() -> Iterator[tuple[Shop, Shop]]:
    """A shop that was used, and a new one."""
    with tempfile.TemporaryDirectory() as folder:
        yield Shop(Path(folder, "one"), SCHEMA), Shop(Path(folder, "two"), SCHEMA)


def as_csv(header: list[str], rows: list[list[str]]) -> str:
    """Rows as a file that somebody hands in."""
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    return out.getvalue()


def without_bad_cells(shop: Shop, row: dict[str, str]) -> list[str]:
    """A row of the first table without the cells that its kinds refuse, so that one bad cell costs no other."""
    table = shop.schema.tables[0]
    cleaned = {
        name: clean_column([cell], frozenset(table.missing_values), guarded=True)[0] for name, cell in row.items()
    }
    kept = []
    for field in table.fields:
        kind, text = for_field(field, shop.schema.defaults), cleaned[field.name]
        bad = text is None or kind.judge(text, cleaned[kind.beside] if kind.beside else None).fault is not None
        kept.append("" if bad else row[field.name])
    return kept


def take(shop: Shop, path: Path, table: str) -> Any:
    """Import a file whole; returns the counts."""
    with shop.session() as session:
        request = ImportRequest(str(path), shop.schema.by_name[table], strict=True)
        return session.run(plan_import(session.store, request, session.draft()), PLENTY).plan.counts


def give(shop: Shop, path: Path, table: str, **request: Any) -> int:
    """Export a table; returns how many records."""
    with shop.session() as session:
        form = path.suffix.removeprefix(".")
        return export(session.store, ExportRequest(str(path), form, shop.schema.by_name[table], **request), TODAY)


def check(one: Shop, two: Shop, table: str, form: str, spreadsheet: bool, titles: bool) -> None:
    """One table of the first shop goes out, back in, and into the second."""
    path = one.folder / f"{table}.{form}"
    live = one.tables()[table]
    assert give(one, path, table, spreadsheet=spreadsheet, titles=titles) == len(live)
    counts = take(one, path, table)
    assert (counts.same, counts.insert, counts.update, counts.rejected) == (len(live), 0, 0, 0)
    assert take(two, path, table).insert == len(live)
    assert readable(two, table) == readable(one, table)


def readable(shop: Shop, table: str) -> list[tuple[Any, ...]]:
    """The records without their ids, references as the parent's key, in the order they were made."""
    return [row[1:] for row in shop.rows(f"SELECT * FROM {table}_live ORDER BY _id")]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(written=st.sampled_from(FORMATS), data=st.data(), titles=st.booleans())
def test_every_kind_of_value_comes_back_from_an_export(
    written: tuple[str, bool], data: st.DataObject, titles: bool
) -> None:
    form, spreadsheet = written
    with two_shops() as (one, two):
        table = one.schema.by_name["parents"]
        keys = data.draw(st.lists(KEYS, min_size=1, max_size=12, unique=True))
        rows = [[key, *data.draw(CELLS)] for key in keys]
        names = [field.name for field in table.fields]
        one.import_csv(as_csv(names, [without_bad_cells(one, dict(zip(names, row, strict=True))) for row in rows]))
        if one.tables()["parents"]:
            check(one, two, "parents", form, spreadsheet, titles)
            known = [row[0] for row in readable(one, "parents")]
            rows = [[data.draw(cells("text")), data.draw(st.sampled_from(known)), "", ""] for _ in range(4)]
            one.import_csv(as_csv(["note", "no", "day", "amount"], [*rows, *rows[:1]]), "children")
            if one.tables()["children"]:
                check(one, two, "children", form, spreadsheet, titles)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    written=st.sampled_from(FORMATS),
    numbers=st.lists(st.tuples(numeric, DAYS, awkward | odd).map(list), max_size=12),
    days=st.lists(st.tuples(DAYS, awkward | odd).map(list), min_size=1, max_size=12, unique_by=lambda row: row[0]),
    data=st.data(),
)
def test_keys_of_every_kind_come_back_from_an_export(
    written: tuple[str, bool], numbers: list[list[str]], days: list[list[str]], data: st.DataObject
) -> None:
    form, spreadsheet = written
    with two_shops() as (one, two):
        rows = [[n, day.replace(".", "/"), note] for n, day, note in numbers]
        one.import_csv(as_csv(["n", "day", "note"], rows), "numbered")
        one.import_csv(as_csv(["day", "note"], days), "days")
        day = st.sampled_from([row[0] for row in days])
        rows = [[data.draw(awkward), "", data.draw(day), data.draw(numeric)] for _ in range(6)]
        one.import_csv(as_csv(["note", "no", "day", "amount"], rows), "children")
        for table in ("numbered", "days", "children"):
            if one.tables()[table]:
                check(one, two, table, form, spreadsheet, titles=False)


@pytest.mark.parametrize(("form", "spreadsheet"), FORMATS)
def test_numbers_that_a_spreadsheet_or_json_would_change_come_back(
    tmp_path: Path, form: str, spreadsheet: bool
) -> None:
    one, two = Shop(tmp_path / "one", SCHEMA), Shop(tmp_path / "two", SCHEMA)
    numbers = [
        "1e+300",
        "1e15",
        "999999999999999",
        "0.30000000000000004",
        "1e-300",
        "5e-324",
        "-9007199254740993",
        "0.1",
    ]
    rows = [[f"K{n}", text, text.replace(".", ",")] for n, text in enumerate(numbers)]
    one.import_csv(as_csv(["no", "ratio", "comma"], rows), "parents")
    rows = [[f"L{n}", text] for n, text in enumerate(["999999999999999", "1000000000000000", "-9223372036854775807"])]
    one.import_csv(as_csv(["no", "whole"], rows), "parents")
    one.import_csv(as_csv(["no", "money", "comma"], [["M", "92233720368547758.07", "1,5"]]), "parents")
    assert len(one.tables()["parents"]) == 12
    check(one, two, "parents", form, spreadsheet, titles=False)


@pytest.mark.parametrize(("form", "spreadsheet"), FORMATS)
def test_values_that_once_did_not_come_back_do(tmp_path: Path, form: str, spreadsheet: bool) -> None:
    one, two = Shop(tmp_path / "one", SCHEMA), Shop(tmp_path / "two", SCHEMA)
    rows = [
        ["K1", "－", "'=1", "无;－", "1.5", "KWD", "", "05.03.2021"],  # full-width, they mean blank all the same
        ["'-K2", "n-1", "''+x", "=b;'@a", "100", "JPY", "+", "06.03.2021"],
        ["=K3", "@x,y", "＝1", "'", "0.5", "", "没有", "07.03.2021"],
    ]
    names = ["no", "plain_id", "text", "tags", "foreign", "currency", "answer", "german"]
    one.import_csv(as_csv(names, rows), "parents")
    assert len(one.tables()["parents"]) == 3
    check(one, two, "parents", form, spreadsheet, titles=True)


def test_the_schema_of_this_test_has_every_kind() -> None:
    with two_shops() as (one, _):
        kinds = {for_field(f, one.schema.defaults).kind for table in one.schema.tables for f in table.fields}
        assert kinds >= {*KINDS}


@given(odd | awkward)
def test_a_guard_comes_off_again(text: str) -> None:
    assert unguarded(guarded(text)) == unguarded(told_apart(text)) == text


def test_json_lines_hold_the_shown_values(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", SCHEMA)
    row = {"no": "=K1", "text": "'=1", "whole": "7", "money": "1,234.5", "foreign": "¥100", "currency": "JPY"}
    row |= {"flag": "是", "answer": "有", "german": "05.03.2021", "at": "2021-03-05 14:30:00.25", "tags": "b;a"}
    shop.import_csv(as_csv(list(row), [list(row.values())]), "parents")
    give(shop, tmp_path / "out.jsonl", "parents")
    told = json.loads((tmp_path / "out.jsonl").read_text("utf-8"))
    assert {name: value for name, value in told.items() if value is not None} == {
        "schema": "custrec.record/1", "no": "=K1", "text": "=1", "whole": 7, "money": "1234.50", "foreign": "100",
        "currency": "JPY", "flag": True, "answer": True, "german": "05.03.2021",
        "at": "2021-03-05T06:30:00.25Z", "tags": "a;b",
    }  # fmt: skip
