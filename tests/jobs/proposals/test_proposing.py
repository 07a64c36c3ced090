"""jobs.proposals.proposing: what is proposed for a file, and that it holds: it loads, and the file imports with it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.errors import CustrecError, DuplicateColumns, HeaderMissing, HeaderUnusable, TooManyColumns
from custrec.files.headers import OWN_COLUMNS, fold_header, match_headers
from custrec.files.schema_file import parse_schema
from custrec.files.schema_writing import schema_text
from custrec.jobs.judging import Layout, TableJudge
from custrec.jobs.proposals.file_samples import FileSample
from custrec.jobs.proposals.proposing import propose, propose_for
from custrec.jobs.schemas import deep_check
from proposals import numbered, of, sample

EXAMPLES = Path(__file__).parents[3] / "examples"
TODAY = date(2026, 11, 22)


def test_only_key_and_name_are_required() -> None:
    found = of(("No", numbered("C{}")), ("姓名", ["张伟"] * 30), ("city", ["x"] * 30))
    assert [one.field.name for one in found.fields if one.field.required] == ["no", "name"]
    assert not of(("姓名", ["张伟", ""]), ("city", ["x", "y"])).table.by_name["name"].required


def test_words_for_blank_are_those_that_a_kind_would_refuse() -> None:
    found = of(
        ("E-mail", ["a@example.com", "b@example.com", "N/A", "无"]),
        ("备注", ["-", "x", "y", "z"]),
    )
    assert found.table.missing_values == ("", "N/A", "无")
    assert (found.fields[0].fit.misfits, found.fields[0].fit.blank) == (0, 2)


def test_personal_data_is_classified_as_in_the_default_schema() -> None:
    found = of(
        ("姓名", ["张伟"]), ("手机", ["13800138000"]), ("备注", ["x"]), ("x", ["a@example.com"]), ("金额", ["1.00"])
    )
    assert [one.field.classification for one in found.fields] == [
        "personal",
        "personal",
        "sensitive",
        "personal",
        "finance",
    ]


def test_a_file_with_a_header_alone_is_told_from_its_header() -> None:
    found = propose_for(sample(["客户编号", "姓名", "手机", "创建日期", "状态", "whatever"], []))
    assert [one.field.kind for one in found.fields] == ["text", "person_name", "phone", "date", "text", "text"]
    assert found.table.primary_key == ("customer_no",)
    assert "which has no rows yet: kinds are told from the headers alone" in schema_text(found)
    assert parse_schema(schema_text(found), "x") == found.schema


@pytest.mark.parametrize(
    ("header", "rows", "error"),
    [
        (["a@example.com", "x"], [["b@example.com", "y"]], HeaderMissing),
        (["张伟", "13800138000"], [["李娜", "13800138001"]], HeaderMissing),
        (["A", "a "], [["x", "y"]], DuplicateColumns),
        (["a", "--"], [["x", "y"]], HeaderUnusable),
        (["a", "b" * 300], [["x", "y"]], HeaderUnusable),
        (["_line", "_rule"], [["x", "y"]], HeaderUnusable),
        ([f"c{n}" for n in range(5000)], [], TooManyColumns),
    ],
)
def test_what_cannot_become_a_schema_is_an_error(
    header: list[str], rows: list[list[str]], error: type[CustrecError]
) -> None:
    with pytest.raises(error) as raised:
        propose_for(sample(header, rows))
    assert "example.com" not in raised.value.message
    assert "1380013" not in raised.value.message


def test_columns_without_a_header_and_of_custrec_itself_are_left_out() -> None:
    found = propose_for(sample(["_line", "", "name"], [["3", "", "Ann"], ["4", "x", "Bob"]]))
    assert [one.column for one in found.fields] == [3]
    assert found.warnings[0].startswith("column 2 has no header: 1 row with a value in it")


def test_comments_never_hold_a_value() -> None:
    values = [*numbered("secret{}@example.com", 30), "hidden", "covert"]
    text = schema_text(of(("Mail", values), ("Key no", numbered("TOP-{}", 32)), ("Note", numbered("private {}", 32))))
    assert not [word for word in ("secret", "hidden", "covert", "TOP-", "private") if word in text]


def test_the_example_file_is_proposed_as_the_default_schema_would_have_it() -> None:
    found = propose(str(EXAMPLES / "customers.csv"))
    kinds = {one.field.name: one.field.kind for one in found.fields}
    assert kinds | {"status": "text"} == {
        "customer_no": "text", "name": "person_name", "company": "org_name", "email": "email", "owner": "text",
        "phone": "phone", "country": "country", "address": "address", "tax_no": "identifier", "status": "text",
        "tags": "tags", "credit_limit": "money", "contract_end": "date", "created_at": "date",
        "last_contact_at": "date",
    }  # fmt: skip
    assert (found.table.name, found.table.primary_key) == ("customers", ("customer_no",))


TEXTS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
HEADERS = st.one_of(
    st.text(TEXTS, max_size=12),
    st.sampled_from(
        (
            *("客户编号", "姓名", "手机", "电话", "phone", "Phone 2", "E-mail", "email", "金额", "Total", "Currency"),
            *("country", "国家", "状态", "id", "No", "name", "Name 2", "日期", "created_at", "税号", "标签", "_line"),
            *("2024", "true"),
        )
    ),
)
CELLS = st.one_of(
    st.text(TEXTS, max_size=10),
    st.sampled_from(
        (
            *("", "-", "无", "N/A", "NULL", "－", "C0012", "00501", "13800138000", "+49 30 1234567", "a@example.com"),
            *("12.50", "1.234,50", "¥5", "2021-03-05", "25/12/2024", "1/2/2024", "2024-01-01 10:00", "是", "否"),
            *("yes", "no", "0", "1", "China", "US", "EUR", "USD", "VIP;华南", "Acme Ltd", "张伟", "1.38E+10"),
            *("91110000600037341L", "gold"),
        )
    ),
)


@st.composite
def files(draw: st.DrawFn) -> FileSample:
    """A file with any headers; each column has cells of its own few, so that they repeat."""
    headers = draw(st.lists(HEADERS, min_size=1, max_size=7, unique_by=fold_header))
    pools = [draw(st.lists(CELLS, min_size=1, max_size=4)) for _ in headers]
    count = draw(st.integers(0, 30))
    picks = draw(st.lists(st.integers(0, 11), min_size=count, max_size=count))
    rows = [
        [pool[(pick + row * place) % len(pool)] for place, pool in enumerate(pools)] for row, pick in enumerate(picks)
    ]
    return sample(headers, rows)


@settings(max_examples=120, deadline=None)
@given(files())
def test_whatever_is_proposed_loads_and_imports_what_it_says(file: FileSample) -> None:
    try:
        found = propose_for(file)
    except (HeaderMissing, HeaderUnusable):
        return
    text = schema_text(found)
    schema = parse_schema(text, "schema.yaml")
    deep_check(schema, "schema.yaml")
    assert schema == found.schema
    table = schema.tables[0]
    match = match_headers(file.header, table)
    assert match.duplicates == ()
    assert not [unknown for unknown in match.unknown if unknown.header.strip()]
    assert all(file.header[place].strip() in OWN_COLUMNS for place in match.ignored)
    places = {field: place for place, field in match.columns.items()}
    assert len(places) == len(table.fields)
    if file.rows:
        judge = TableJudge(table, schema, Layout(places, len(file.header)), False, TODAY)
        judged = judge.judge(file.lines, file.rows)
        faults = [name for row in judged.bad.values() for name, fault in row if fault.rule != "required"]
        assert {one.field.name: one.fit.misfits for one in found.fields if one.fit.misfits} == {
            name: faults.count(name) for name in faults
        }
        lacking = [row for row in judged.bad.values() if all(fault.rule == "required" for _, fault in row)]
        assert not lacking or table.primary_key


@settings(max_examples=20, deadline=None)
@given(files())
def test_the_same_is_proposed_for_the_file_on_disk(tmp_path_factory: pytest.TempPathFactory, file: FileSample) -> None:
    path = tmp_path_factory.mktemp("files") / "file.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([file.header, *file.rows])
    try:
        found = propose(str(path))
    except CustrecError:
        return
    assert parse_schema(schema_text(found), "schema.yaml") == found.schema
