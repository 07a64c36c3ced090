"""What is exported: which records and fields, how they are shown, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import TODAY, Shop
from custrec.errors import CurrencyUnreadable, ExpressionInvalid, FieldUnknown, SheetTooSmall, UsageError
from custrec.files import workbook
from custrec.jobs.exports import BATCH, ExportRequest, export, format_of, needs_beside
from workbook_reader import sheets_of

PEOPLE = """no,name,company,code,city,visits,credit
C1,Ann Bell,=Acme Ltd,00501,+London,3,1234.5
C2,张伟,,00502,深圳,,-7
C3,Bob Cole,,,"a, ""b"" c",12,
"""
CURRENCIES = """\
version: 1
defaults: {timezone: UTC}
tables:
  - name: deals
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: amount, kind: money, currencyField: currency}
      - {name: currency, type: string}
      - {name: done, type: boolean}
"""


@pytest.fixture
def people(shop: Shop) -> Shop:
    shop.import_csv(PEOPLE)
    return shop


def give(shop: Shop, name: str, form: str | None = None, **request: Any) -> str:
    path = shop.folder / name
    table = shop.schema.by_name[request.pop("table", shop.schema.tables[0].name)]
    with shop.session() as session:
        told = ExportRequest(str(path), format_of(name, form), table, **request)
        count = export(session.store, told, TODAY)
    if path.suffix == ".xlsx":
        return str(count)
    text = path.read_bytes().decode()
    assert count == (text.count("\n") - 1 if told.form in ("csv", "tsv") else count)
    return text


def test_csv_is_the_records_as_they_are_shown(people: Shop) -> None:
    assert give(people, "a.csv") == (
        "no,name,company,code,city,visits,credit\n"
        "C1,Ann Bell,=Acme Ltd,00501,+London,3,1234.50\n"
        "C2,张伟,,00502,深圳,,-7.00\n"
        'C3,Bob Cole,,,"a, ""b"" c",12,\n'
    )


def test_for_excel_there_is_a_byte_order_mark_and_formulas_are_guarded(people: Shop) -> None:
    said = give(people, "a.csv", spreadsheet=True, fields=["no", "company", "city", "credit"])
    assert said == (
        '\ufeffno,company,city,credit\r\nC1,\'=Acme Ltd,\'+London,1234.50\r\nC2,,深圳,-7.00\r\nC3,,"a, ""b"" c",\r\n'
    )


def test_a_condition_fields_and_an_order_choose(people: Shop) -> None:
    said = give(people, "a.tsv", where="visits > 1", fields=["City", "no"], sort=["-no"])
    assert said == 'city\tno\n"a, ""b"" c"\tC3\n+London\tC1\n'


def test_titles_head_the_columns_with_what_people_call_them(people: Shop) -> None:
    assert give(people, "a.csv", titles=True, fields=["no", "name"]).startswith("客户编号,name\n")


def test_json_and_json_lines_have_an_object_a_record(people: Shop) -> None:
    lines = [json.loads(line) for line in give(people, "a.jsonl", fields=["no", "visits", "credit"]).splitlines()]
    assert lines[1] == {"schema": "custrec.record/1", "no": "C2", "visits": None, "credit": "-7.00"}
    whole = json.loads(give(people, "a.json", fields=["no"]))
    assert whole == {"schema": "custrec.records/1", "records": [{"no": "C1"}, {"no": "C2"}, {"no": "C3"}]}


def test_a_workbook_has_texts_as_texts_and_numbers_as_numbers(people: Shop) -> None:
    assert give(people, "a.xlsx", titles=True) == "3"
    (sheet,) = sheets_of(people.folder / "a.xlsx")
    assert sheet.name == "customers"
    assert sheet.rows[:3] == [
        ["客户编号", "name", "company", "code", "city", "visits", "credit"],
        ["C1", "Ann Bell", "=Acme Ltd", "00501", "+London", 3.0, 1234.5],
        ["C2", "张伟", None, "00502", "深圳", None, -7.0],
    ]


def test_a_child_says_its_parents_key(people: Shop) -> None:
    people.import_csv("no,text,stars\nC2,hello,5\n", "notes")
    assert give(people, "a.csv", table="notes") == "no,text,stars\nC2,hello,5\n"


def test_records_of_several_batches_all_come(shop: Shop) -> None:
    rows = "".join(f"K{n:05d},Ann {'B' * (n % 7 + 1)},{n}\n" for n in range(2 * BATCH + 1))
    shop.import_csv(f"no,name,credit\n{rows}")
    said = give(shop, "a.csv", fields=["no", "credit"]).splitlines()
    assert said[1:] == [f"K{n:05d},{n}.00" for n in range(2 * BATCH + 1)]


def test_an_amount_is_in_its_rows_currency_though_that_is_not_exported(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(CURRENCIES)
    shop.import_csv("no,amount,currency,done\nD1,100,JPY,yes\nD2,1.5,KWD,no\n")
    assert give(shop, "a.csv", fields=["no", "amount"]) == "no,amount\nD1,100\nD2,1.500\n"
    ((field, beside),) = needs_beside(shop.schema.tables[0], ["no", "amount"])
    assert (field.name, beside) == ("amount", "currency")
    assert needs_beside(shop.schema.tables[0], ["currency", "amount"]) == []
    assert [json.loads(line)["done"] for line in give(shop, "a.jsonl").splitlines()] == [True, False]


def test_an_amount_that_nobody_can_read_is_told_by_its_record(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(CURRENCIES)
    shop.import_csv("no,amount,currency\nD1,100,JPY\n")
    shop.tamper("UPDATE deals SET currency = 'Taler'")
    with pytest.raises(CurrencyUnreadable, match="amount of deals #1"):
        give(shop, "a.csv")
    assert not (shop.folder / "a.csv").exists()


def test_what_fails_leaves_the_file_as_it_was(people: Shop) -> None:
    kept = people.folder / "a.csv"
    kept.write_text("kept")
    for request in ({"where": "nothing ="}, {"fields": ["nmae"]}, {"sort": ["-nothing"]}):
        with pytest.raises((ExpressionInvalid, FieldUnknown)):
            give(people, "a.csv", **request)
    assert kept.read_text() == "kept"
    assert [path.name for path in people.folder.iterdir() if path.name.startswith(".")] == []


def test_more_records_than_a_sheet_holds_are_refused_first(people: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_RECORDS", 2)
    with pytest.raises(SheetTooSmall, match="there are 3 records"):
        give(people, "a.xlsx")
    assert give(people, "a.xlsx", where="visits > 1") == "2"


@pytest.mark.parametrize(
    "name",
    ["custrec.db", "custrec.db-wal", "custrec.derived.db", "schema.yaml", "custrec.ledger", "custrec.confirm-key"],
)
def test_the_store_is_not_written_over(people: Shop, name: str) -> None:
    before = people.digest()
    with pytest.raises(UsageError, match="belongs to the store"):
        give(people, name, "csv")
    assert people.digest() == before


@pytest.mark.parametrize(
    ("name", "given", "form"),
    [("a.CSV", None, "csv"), ("-", None, "csv"), ("a.ndjson", None, "jsonl"), ("a.xlsx", "tsv", "tsv")],
)
def test_the_format_is_that_of_the_ending_unless_it_is_given(name: str, given: str | None, form: str) -> None:
    assert format_of(name, given) == form


@pytest.mark.parametrize(("name", "given"), [("a.doc", None), ("a", None), ("a.csv", "pdf")])
def test_a_format_that_nobody_knows_is_refused(name: str, given: str | None) -> None:
    with pytest.raises(UsageError, match="format"):
        format_of(name, given)


def test_excel_is_not_for_json(people: Shop) -> None:
    with pytest.raises(UsageError, match="not for jsonl"):
        give(people, "a.jsonl", spreadsheet=True)


def test_a_new_file_is_for_its_owner_only(people: Shop, tmp_path: Path) -> None:
    give(people, "a.csv")
    give(people, "a.xlsx")
    assert {(people.folder / name).stat().st_mode & 0o777 for name in ("a.csv", "a.xlsx")} == {0o600}
