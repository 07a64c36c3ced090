"""files.headers: which column is which field."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.files.headers import DuplicateHeader, UnknownHeader, fold_header, match_headers, titles_for
from custrec.files.presets import preset_text
from custrec.files.schema_file import parse_schema
from custrec.model.schema import Field, Table

CUSTOMERS = Table(
    "customers",
    fields=(
        Field("customer_no", aliases=("客户编号", "Customer number")),
        Field("email", aliases=("邮箱",), title="E-Mail address"),
        Field("phone", title="Contact"),
        Field("mobile", title="Contact"),
    ),
)


@pytest.mark.parametrize(
    "header",
    [
        *("customer_no", "Customer No", "CUSTOMER-NO", " customer  no ", "ＣＵＳＴＯＭＥＲ＿ＮＯ", "CustomerNo"),
        *("客户编号", "客户 编号", "\ufeffcustomer_no", "customer–number"),
    ],
)
def test_a_header_is_known_however_it_is_typed(header: str) -> None:
    assert match_headers([header], CUSTOMERS).columns == {0: "customer_no"}


def test_a_title_is_a_name_where_one_field_alone_bears_it() -> None:
    match = match_headers(["e-mail address", "contact"], CUSTOMERS)
    assert match.columns == {0: "email"}
    assert match.unknown[0].header == "contact"


def test_an_unknown_header_names_the_nearest_field() -> None:
    match = match_headers(["Phone", "emial", "客户编码", "zzz", "", "  "], CUSTOMERS)
    assert match.columns == {0: "phone"}
    assert match.unknown == (
        UnknownHeader(1, "emial", "email"),
        UnknownHeader(2, "客户编码", "customer_no"),
        UnknownHeader(3, "zzz", None),
        UnknownHeader(4, "", None),
        UnknownHeader(5, "  ", None),
    )


def test_two_columns_that_mean_one_field_are_listed() -> None:
    match = match_headers(["邮箱", "phone", "E-mail", "EMAIL"], CUSTOMERS)
    assert match.duplicates == (DuplicateHeader("email", (0, 2, 3)),)
    assert match.columns == {0: "email", 1: "phone"}


def test_the_columns_of_a_rejects_file_are_ignored() -> None:
    match = match_headers(["_line", "_field", "_rule", "_message", "email"], CUSTOMERS)
    assert match.ignored == (0, 1, 2, 3)
    assert match.columns == {4: "email"}
    assert match.unknown == ()


def test_a_field_called_like_a_column_of_a_rejects_file_stays_a_field() -> None:
    match = match_headers(["line", "_line"], Table("t", fields=(Field("line"),)))
    assert match.columns == {0: "line"}
    assert match.ignored == (1,)


def test_the_default_schema_knows_the_headers_that_people_use() -> None:
    customers = parse_schema(preset_text("default"), "default").by_name["customers"]
    chinese = [
        "客户编号",
        "姓名",
        "公司",
        "邮箱",
        "电话",
        "国家",
        "地址",
        "状态",
        "标签",
        "信用额度",
        "创建日期",
        "最近联系",
    ]
    english = ["Customer No", "Name", "Company", "Email", "Phone", "Country", "Address", "Status", "Tags"]
    english += ["Credit limit", "Created", "Last contact"]
    assert list(match_headers(chinese, customers).columns.values()) == list(
        match_headers(english, customers).columns.values()
    )
    assert not match_headers(chinese, customers).unknown
    assert match_headers(["E-mail", "Mobile"], customers).columns == {0: "email", 1: "phone"}


@settings(deadline=None)
@given(st.text(max_size=20))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold_header(fold_header(text)) == fold_header(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["email", "E-mail", "phone", "_line", "", "nobody", "客户编号"]) | st.text(max_size=8)))
def test_every_column_is_one_thing(headers: list[str]) -> None:
    match = match_headers(headers, CUSTOMERS)
    repeated = {index for duplicate in match.duplicates for index in duplicate.indexes[1:]}
    parts = [set(match.columns), {unknown.index for unknown in match.unknown}, set(match.ignored), repeated]
    assert sorted(index for part in parts for index in part) == list(range(len(headers)))
    assert len(set(match.columns.values())) == len(match.columns)


def test_titles_are_headers_that_mean_their_fields() -> None:
    table = Table(
        "t",
        fields=(
            Field("no", title="编号", aliases=("No.",)),
            Field("name", aliases=("姓名", "Name")),
            Field("city"),
            Field("a", title="same"),
            Field("b", title="same", aliases=("乙",)),
            Field("c", title="city"),
            Field("d", title="_line"),
            Field("e", aliases=("'=x",)),
        ),
    )
    names = [field.name for field in table.fields]
    headers = titles_for(table, names)
    assert headers == ["编号", "姓名", "city", "a", "乙", "c", "d", "e"]
    assert list(match_headers(headers, table).columns.values()) == names
    assert titles_for(table, ["city", "no"]) == ["city", "编号"]


def test_a_guarded_header_is_the_header() -> None:
    table = Table("t", fields=(Field("=sum"), Field("-x")))
    assert match_headers(["'=sum", " '-x "], table).columns == {0: "=sum", 1: "-x"}


def test_the_number_of_a_record_is_passed_over_in_what_custrec_listed() -> None:
    table = Table("t", fields=(Field("no"), Field("id"), Field("name", aliases=("姓名",))))
    listed = match_headers(["_id", "no", "id"], table)
    assert (listed.columns, listed.ignored, listed.unknown) == ({1: "no", 2: "id"}, (0,), ())
    rejects = match_headers(["_line", "_field", "_rule", "_message", "_id", "no"], table)
    assert (rejects.columns, rejects.ignored) == ({5: "no"}, (0, 1, 2, 3, 4))


def test_a_column_of_that_name_in_another_programs_file_is_not() -> None:
    table = Table("t", fields=(Field("no"), Field("name", aliases=("姓名",))))
    for headers in (["_id", "姓名"], ["_id", "no", "stars"], ["_id"]):
        assert [u.header for u in match_headers(headers, table).unknown][:1] == ["_id"]
    claimed = Table("t", fields=(Field("no", aliases=("_id",)), Field("name")))
    assert match_headers(["_id", "name"], claimed).columns == {0: "no", 1: "name"}


@pytest.mark.parametrize("pair", ["客戶編號 客户编号", "電話 电话", "聯絡電話 联络电话", "備註 备注"])
def test_traditional_headers_are_the_simplified_ones(pair: str) -> None:
    one, other = pair.split()
    assert fold_header(one) == fold_header(other)
