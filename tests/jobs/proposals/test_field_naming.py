"""jobs.proposals.field_naming: what fields and table are called."""

from __future__ import annotations

import pytest

from custrec.files.headers import fold_header
from custrec.jobs.proposals.proposing import propose_for
from proposals import column, of, sample


@pytest.mark.parametrize(
    ("header", "values", "name"),
    [
        ("Customer No", ["C1"], "customer_no"),
        ("CustomerID", ["C1"], "customer_id"),
        ("E-mail", ["a@example.com"], "email"),
        ("客户编号", ["C1"], "customer_no"),
        ("手机号（必填）", ["13800138000"], "phone"),
        ("备用联系方式", ["x"], "备用联系方式"),
        ("Größe (m²)", ["x"], "größe_m2"),
        ("***", ["x"], "column"),
        ("_id", ["C1"], "id"),
        ("“Quoted”", ["x"], "quoted"),
    ],
)
def test_names(header: str, values: list[str], name: str) -> None:
    assert column(header, values).name == name


def test_names_of_like_headers_are_told_apart() -> None:
    found = of(
        ("手机", ["13800138000"]), ("电话", ["13800138001"]), ("phone", ["13800138002"]), ("a b", ["x"]), ("a.b", ["x"])
    )
    names = [one.field.name for one in found.fields]
    assert len({*map(fold_header, names)}) == 5
    assert names[2] == "phone"


@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("customers-july.csv", "customers"),
        ("客户名单2024.csv", "customers"),
        ("kunden.csv", "kunden"),
        ("export (3).csv", "customers"),
        ("2024-11-22.csv", "customers"),
        ("standard input", "standard_input"),
        ("book.xlsx#会员", "members"),
        ("sqlite_x.csv", "customers"),
    ],
)
def test_the_name_of_the_table(file: str, table: str) -> None:
    assert of(("a", ["x"]), name=file).table.name == table


def test_the_table_can_be_named() -> None:
    assert propose_for(sample(["a"], [["x"]]), "leads").table.name == "leads"


def test_years_may_head_columns() -> None:
    assert [one.field.name for one in of(("2023", ["1", "2"]), ("2024", ["3", "4"])).fields] == ["2023", "2024"]
