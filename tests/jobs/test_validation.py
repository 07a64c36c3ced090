"""Checks on import, and validate: what an import would refuse, and what is wrong in the store."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import NOW, TODAY, Shop
from custrec.errors import BadRowsStrict, CustrecError, SchemaInvalid, UnknownColumns
from custrec.files.schema_file import parse_schema
from custrec.jobs.importing import intake
from custrec.jobs.progress import Progress
from custrec.jobs.schemas import deep_check
from custrec.jobs.validation import Finding, Tally, validated_file, validated_store

SCHEMA = """\
version: 1
defaults: {region: CN, currency: CNY, timezone: Asia/Shanghai}
tables:
  - name: deals
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: title, type: string, constraints: {required: true}}
      - {name: code, type: string, constraints: {unique: true}}
      - {name: status, type: string, constraints: {enum: [open, won, lost]}, labels: {won: 成交}}
      - {name: amount, kind: money}
      - {name: opened, type: date, format: any}
      - {name: closed, type: date, format: any}
      - {name: phone, kind: phone}
      - {name: email, kind: email}
    checks:
      - {rule: "closed >= opened", message: closed before it was opened}
      - {rule: "status != 成交 or amount > 0", level: warn, message: won for nothing}
      - {rule: "opened <= today", level: info, message: opened in the future}
  - name: notes
    foreignKeys: [{fields: [deal], reference: {resource: deals, fields: [no]}}]
    fields:
      - {name: deal, type: string, constraints: {required: true}}
      - {name: text, type: string}
    checks:
      - {rule: "deal != D9", message: not of D9}
"""
REACHED = SCHEMA.replace(
    "    checks:\n", "    checks:\n      - {rule: 'phone is not empty or email is not empty', message: no way}\n", 1
)
HEADER = "no,title,code,status,amount,opened,closed,phone,email\n"


@pytest.fixture
def deals(new_shop: Callable[..., Shop]) -> Shop:
    return new_shop(SCHEMA)


def of_file(shop: Shop, text: str, table: str | None = None, suggest: bool = False, **more: object) -> list[Finding]:
    with (
        shop.session() as session,
        validated_file(session.store, shop.request(text, table, **more), session.draft(), Progress(), suggest) as (
            _,
            findings,
        ),
    ):
        return list(findings)


def of_store(shop: Shop, *tables: str, where: str | None = None, suggest: bool = False) -> list[Finding]:
    chosen = [table for table in shop.schema.tables if not tables or table.name in tables]
    with (
        shop.session() as session,
        validated_store(session.store, chosen, where, session.today, Progress(), suggest) as findings,
    ):
        return list(findings)


def short(findings: list[Finding]) -> list[tuple[int, str | None, str, str]]:
    return [(f.place, f.field, f.rule, f.level) for f in findings]


# --- checks on import --------------------------------------------------------------------------------------------


def test_a_row_that_breaks_a_check_is_rejected_with_its_message(deals: Shop, tmp_path: Path) -> None:
    rejects = tmp_path / "bad.csv"
    text = "no,title,opened,closed\nD1,a,2024-01-02,2024-01-01\nD2,b,2024-01-01,2024-01-01\nD3,c,2024-01-01,\n"
    plan = deals.import_csv(text, rejects=rejects).plan
    assert (plan.counts.insert, plan.counts.rejected, plan.rules) == (2, 1, {"check": 1})
    (row,) = csv.DictReader(rejects.read_text(encoding="utf-8").splitlines())
    assert (row["_line"], row["_field"], row["_rule"], row["_message"]) == (
        "2", "opened;closed", "check", "closed before it was opened",
    )  # fmt: skip


def test_a_mended_rejects_file_is_taken(deals: Shop, tmp_path: Path) -> None:
    rejects = tmp_path / "bad.csv"
    deals.import_csv("no,title,opened,closed\nD1,a,2024-01-02,2024-01-01\n", rejects=rejects)
    mended = rejects.read_text(encoding="utf-8").replace("D1,a,2024-01-02", "D1,a,2023-01-02")
    assert deals.import_csv(mended).plan.counts.insert == 1


def test_warnings_are_counted_and_the_rows_taken(deals: Shop) -> None:
    text = "no,title,status,amount,opened\nD1,a,won,0,2026-06-02\nD2,b,成交,0.00,2026-06-01\nD3,c,open,0,\nD4,d,won,,\n"
    plan = deals.import_csv(text).plan
    assert (plan.counts.insert, plan.counts.rejected) == (4, 0)
    assert plan.detail["warnings"] == {"won for nothing": 2}
    assert plan.detail["notes"] == {"opened in the future": 1}


def test_rows_that_are_refused_are_not_counted_as_warnings(deals: Shop) -> None:
    text = "no,title,status,amount\nD1,a,won,0\nD1,b,won,0\nD2,,won,0\nD3,a,won,0\nD4,x,won,zero\n"
    plan = deals.import_csv(text).plan
    assert (plan.counts.insert, plan.counts.rejected) == (1, 4)
    assert plan.detail["warnings"] == {"won for nothing": 1}


def test_a_plan_without_warnings_has_none(deals: Shop) -> None:
    assert not {"warnings", "notes"} & deals.import_csv("no,title\nD1,a\n").plan.detail.keys()


def test_a_saved_plan_keeps_its_warnings(deals: Shop) -> None:
    plan = deals.save_plan("no,title,status,amount\nD1,a,won,0\n")
    assert deals.apply_saved(plan).plan.detail["warnings"] == {"won for nothing": 1}


def test_a_field_at_fault_is_not_compared(deals: Shop) -> None:
    findings = of_file(deals, "no,title,opened,closed\nD1,a,2024-01-02,2024-13-01\nD2,,2024-01-02,2024-01-01\n")
    assert short(findings) == [
        (2, "closed", "date-impossible", "error"),
        (3, "opened;closed", "check", "error"),
        (3, "title", "required", "error"),
    ]


def test_a_check_of_a_column_that_is_missing_is_not_judged(deals: Shop) -> None:
    deals.import_csv("no,title,opened\nD1,a,2024-01-02\n")
    assert deals.import_csv("no,closed\nD1,2023-01-01\n").plan.counts.update == 1
    assert short(of_store(deals)) == [(1, "opened;closed", "check", "error")]


def test_a_blank_that_breaks_a_check_makes_no_record_but_changes_one(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(REACHED)
    first = shop.import_csv("no,title,phone,email\nD1,a,13800138000,\nD2,b,,\n").plan
    assert (first.counts.insert, first.rules) == (1, {"check": 1})
    again = shop.import_csv("no,title,phone,email\nD1,other,,\n").plan
    assert (again.counts.update, again.counts.rejected) == (1, 0)


def test_a_check_of_a_reference_reads_the_parents_key(deals: Shop) -> None:
    deals.import_csv("no,title\nD1,a\nD9,b\n")
    plan = deals.import_csv("deal,text\nD1,x\nD9,y\n", "notes").plan
    assert (plan.counts.insert, plan.rules) == (1, {"check": 1})


def test_strict_refuses_a_file_with_a_broken_check(deals: Shop) -> None:
    with pytest.raises(BadRowsStrict):
        deals.import_csv("no,title,opened,closed\nD1,a,2024-01-02,2024-01-01\n", strict=True)


def test_workers_judge_checks_too(deals: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "WORTH_WORKERS", 1)
    text = "no,title,status,amount,opened,closed\nD1,a,won,0,2026-06-02,2024-01-01\nD2,b,won,0,2026-06-02,\n"
    plan = deals.import_csv(text, jobs=2).plan
    assert (plan.counts.insert, plan.rules) == (1, {"check": 1})
    assert plan.detail["warnings"] | plan.detail["notes"] == {"won for nothing": 1, "opened in the future": 1}


def test_rows_of_one_key_meet_across_workers_as_in_an_import(deals: Shop) -> None:
    # Same and not the same, with blanks among them, at both ends of a file of several chunks.
    ends = ("E1,equal,,成交,5,,,,\n", "E2,not,,成交,5,,,,\n"), ("E1,equal,,成交,5,,,,\n", "E2,not,,成交,6,,,,\n")
    filler = "".join(f"F{n},{'x' * 60},,,,,,,\n" for n in range(70_000))
    text = f"{HEADER}{''.join(ends[0])}{filler}{''.join(ends[1])}"
    findings = of_file(deals, text, jobs=2)
    assert [(finding.place, finding.rule) for finding in findings] == [(3, "same-key"), (70_005, "same-key")]
    plan = deals.import_csv(text, jobs=2).plan
    assert (plan.counts.collapsed, plan.rules) == (1, {"same-key": 2})


def test_the_day_of_the_time_counts_where_no_today_is_said(deals: Shop) -> None:
    with deals.session() as session:
        by = replace(session.draft(), today=None)
        assert by.day == NOW.date()
        assert session.draft().day == TODAY


# --- checks in the schema ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("_id > 3", "_id is the number of a record"),
        ("opend > 2024-01-01", "did you mean opened?"),
        ("status = sold", "this is no value of status"),
        ("amount > 'many'", "this is no value of amount"),
        ("closed >=", "is not valid"),
    ],
)
def test_a_check_that_cannot_be_judged_is_a_fault_of_the_schema(rule: str, said: str) -> None:
    schema = parse_schema(SCHEMA.replace("closed >= opened", rule), "schema.yaml")
    with pytest.raises(SchemaInvalid) as error:
        deep_check(schema, "schema.yaml")
    (line,) = error.value.details
    assert line.startswith(f"deals, check {rule!r}: ")
    assert said in line


# --- a file ------------------------------------------------------------------------------------------------------


def test_a_file_is_told_everything_in_its_order(deals: Shop) -> None:
    deals.import_csv("no,title,code\nD0,old,x1\n")
    text = HEADER + (
        "D1,a,x1,,,,,,\n"  # the code is taken
        "D2,b,,sold,lots,2024-01-02,2024-01-01,,\n"
        "D3,c,,won,0,2026-07-01,,,\n"
        "D4,d\n"
        "D5,e,,,,,,,\n"
        "D5,f,,,,,,,\n"
    )
    findings = of_file(deals, text)
    assert short(findings) == [
        (2, "code", "not-unique", "error"),
        (3, "status", "not-a-choice", "error"),
        (3, "amount", "money-invalid", "error"),
        (3, "opened;closed", "check", "error"),
        (4, "status;amount", "check", "warn"),
        (4, "opened", "check", "info"),
        (5, None, "ragged", "error"),
        (6, "no", "same-key", "error"),
        (7, "no", "same-key", "error"),
    ]
    assert [f.texts for f in findings] == [
        ("x1",), ("sold",), ("lots",), ("2024-01-02", "2024-01-01"), ("won", "0"), ("2026-07-01",), (),
        ("D5",), ("D5",),
    ]  # fmt: skip


def test_a_warning_of_a_row_that_is_refused_is_told_too(deals: Shop) -> None:
    findings = of_file(deals, "no,title,status,amount\nD1,,won,0\n")
    assert short(findings) == [(2, "title", "required", "error"), (2, "status;amount", "check", "warn")]


def test_suggestions_stand_where_one_is_clear(deals: Shop) -> None:
    text = "no,title,status,opened\nD1,a,opne,25/03/2021\nD2,b,sold,03/04/2021\n"
    assert [f.suggestion for f in of_file(deals, text, suggest=True)] == ["open", "2021-03-25", None, None]


def test_a_file_of_another_table_is_refused_as_by_import(deals: Shop) -> None:
    with pytest.raises(UnknownColumns):
        of_file(deals, "no,colour\nD1,red\n")
    assert deals.leftovers() == []


def test_a_tally_counts_rows_by_rule_once() -> None:
    findings = [
        Finding("t", 2, "a", "date-invalid", "error", (), "m"),
        Finding("t", 2, "b", "date-invalid", "error", (), "m"),
        Finding("t", 2, "b", "check", "warn", (), "w"),
        Finding("t", 3, "a", "date-invalid", "error", (), "m"),
        Finding("t", 3, "b", "check", "info", (), "n"),
    ]
    tally = Tally()
    assert list(tally.watch(iter(findings))) == findings
    assert (tally.places, tally.rules, tally.warnings, tally.notes) == (2, {"date-invalid": 2}, {"w": 1}, {"n": 1})
    assert tally.found
    assert not Tally().found


CELLS = {
    "no": ["D1", "D2", "D3", "D4", "-x-", ""],
    "title": ["a", "b", ""],
    "code": ["c1", "c2", "c3", "", ""],
    "status": ["open", "成交", "sold", ""],
    "amount": ["0", "12", "x", ""],
    "opened": ["2024-01-01", "2026-12-01", "1/2/2024", ""],
    "closed": ["2024-01-01", "2023-05-05", ""],
    "phone": ["13800138000", "12", ""],
    "email": ["a@example.cn", "a@", ""],
}
ROWS = st.lists(
    st.tuples(*(st.sampled_from(cells) for cells in CELLS.values())).map(list)
    | st.lists(st.just("x"), min_size=1, max_size=12),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_validate_reports_exactly_the_rows_that_import_rejects(
    rows: list[list[str]], new_shop: Callable[..., Shop], tmp_path: Path
) -> None:
    shop = new_shop(REACHED)
    shop.import_csv(HEADER + "D1,first,c1,open,1,2024-01-01,,13800138000,\nD8,other,c3,,,,,,a@example.cn\n")
    text = HEADER + "".join(",".join(row) + "\n" for row in rows)
    before = digests(shop.folder)
    findings = of_file(shop, text)
    assert {k: v for k, v in digests(shop.folder).items() if k in before} == before
    bad = tmp_path / "bad.csv"
    bad.unlink(missing_ok=True)
    plan = shop.import_csv(text, rejects=bad).plan
    rejected = list(csv.DictReader(bad.read_text(encoding="utf-8").splitlines())) if bad.exists() else []
    errors = [f for f in findings if f.level == "error"]
    tally = Tally()
    list(tally.watch(iter(findings)))
    assert sorted({f.place for f in errors}) == [int(row["_line"]) for row in rejected]
    assert tally.rules == plan.rules
    assert tally.places == plan.counts.rejected
    for row in rejected:
        told = {f.rule for f in errors if f.place == int(row["_line"])}
        assert told == set(row["_rule"].split(";"))
    taken = [f for f in findings if f.level != "error" and f.place not in {e.place for e in errors}]
    assert Counter(f.message for f in taken) == plan.detail.get("warnings", {}) | plan.detail.get("notes", {})
    assert [f for f in of_store(shop) if f.level == "error" and f.rule != "check"] == []


def digests(folder: Path) -> dict[str, str]:
    """A digest of every file; SQLite's shared memory, which only readers use, aside."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith("-shm")
    }


# --- the store ---------------------------------------------------------------------------------------------------


def test_a_store_that_only_imports_made_has_no_errors(shop: Shop) -> None:
    shop.import_csv("no,name,company,code,city,visits,credit\nC1,Ann Lee,Acme Ltd,a1,Leeds,3,10.50\nC2,王芳,,,,,\n")
    shop.import_csv("no,text,stars\nC1,called,5\n", "notes")
    assert of_store(shop) == []


def test_every_kind_of_value_is_judged_as_it_is_shown(new_shop: Callable[..., Shop]) -> None:
    kinds = new_shop(
        """\
version: 1
defaults: {currency: CNY, timezone: Asia/Shanghai}
tables:
  - name: things
    primaryKey: [key]
    missingValues: ["", "no"]
    fields:
      - {name: key, type: integer}
      - {name: paid, kind: money, currencyField: currency}
      - {name: currency, type: string}
      - {name: size, type: number}
      - {name: rate, type: number, decimals: 4}
      - {name: open, type: boolean, trueValues: ["yes"], falseValues: ["no way"]}
      - {name: labels, kind: tags}
      - {name: met, type: datetime, format: any}
      - {name: day, type: date, format: "%d.%m.%Y"}
"""
    )
    kinds.import_csv(
        "key,paid,currency,size,rate,open,labels,met,day\n"
        "1,10,JPY,0.30000000000000004,0.0001,yes,VIP;new,2024-05-01 12:30,29.02.2024\n"
        "2,9.99,USD,1234567890123456.7,,no way,,,\n"
        "3,,,1e-7,-12.5,,x,2011-12-30T10:00:00Z,\n"
    )
    assert len(kinds.tables()["things"]) == 3
    assert of_store(kinds) == []


def test_what_was_altered_past_custrec_is_found(deals: Shop) -> None:
    deals.import_csv("no,title,code,status,opened\nD1,a,c1,open,2024-01-01\nD2,b,c2,,\nD3,c,c3,,\nD4,d,,,\n")
    deals.import_csv("deal,text\nD1,x\nD2,y\n", "notes")
    deals.tamper(
        "UPDATE deals SET status = 'opne', opened = '2024-02-30' WHERE no = 'D1'",
        "UPDATE deals SET title = NULL WHERE no = 'D2'",
        "UPDATE deals SET title = ' padded ', closed = '2024-1-5' WHERE no = 'D3'",
        "DROP INDEX _unique_1_3",
        "UPDATE deals SET code = 'c2' WHERE no = 'D4'",
        "PRAGMA foreign_keys = OFF",
        "UPDATE notes SET deal = 77 WHERE text = 'y'",
    )
    findings = of_store(deals, suggest=True)
    assert short([f for f in findings if f.table == "deals"]) == [
        (1, "status", "not-a-choice", "error"),
        (1, "opened", "date-impossible", "error"),
        (2, "title", "required", "error"),
        (2, "code", "not-unique", "error"),
        (3, "title", "not-normal", "warn"),
        (3, "closed", "not-normal", "warn"),
        (4, "code", "not-unique", "error"),
    ]
    assert findings[0].suggestion == "open"
    assert (2, "deal", "no-parent", "error") in short([f for f in findings if f.table == "notes"])


def test_a_condition_chooses_among_the_records(deals: Shop) -> None:
    deals.import_csv("no,title,status,amount\nD1,a,won,0\nD2,b,won,0\n")
    assert short(of_store(deals, "deals", where="no = D2")) == [(2, "status;amount", "check", "warn")]


def test_an_amount_whose_currency_is_unknown_is_a_finding_and_no_crash(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(
        "version: 1\ntables:\n  - name: t\n    primaryKey: [no]\n    fields:\n      - {name: no, type: string}\n"
        "      - {name: paid, kind: money, currencyField: cur}\n      - {name: cur, type: string}\n"
    )
    shop.import_csv("no,paid,cur\n1,5,CNY\n")
    shop.tamper("UPDATE t SET cur = 'XQX'")
    assert short(of_store(shop)) == [(1, "paid", "money-no-currency", "error")]


def test_a_condition_that_means_nothing_is_an_error(deals: Shop) -> None:
    with pytest.raises(CustrecError):
        of_store(deals, "deals", where="nonsense =")


def test_findings_that_nobody_reads_to_the_end_leave_nothing(deals: Shop) -> None:
    text = "no,title\n" + "".join(f"D{n},\n" for n in range(50))
    with (
        deals.session() as session,
        validated_file(session.store, deals.request(text), session.draft(), Progress()) as (compared, findings),
    ):
        assert next(findings).rule == "required"
        assert compared.read == 50
    assert deals.leftovers() == []


def test_rules_that_were_journalled_name_no_value(deals: Shop) -> None:
    deals.import_csv("no,title,status,amount\nD1,a,won,0\n")
    ((detail,),) = deals.rows("SELECT detail FROM _event")
    assert json.loads(detail)["warnings"] == {"won for nothing": 1}
