"""rules/constraints.py"""

from __future__ import annotations

from typing import Any

import pytest

from custrec.model.schema import Defaults, Field
from custrec.rules.constraints import compile_constraints
from custrec.values.registry import for_field

DEFAULTS = Defaults(region="CN", currency="CNY")


def broken(field: Field, texts: list[str | None], beside: list[str | None] | None = None) -> dict[int, str]:
    """Rows and rules, judging texts as an import does."""
    value_type = for_field(field, DEFAULTS)
    judged = value_type.judge_column(texts, beside)
    faults = compile_constraints(field, value_type)(judged.values, judged.faults, beside)
    assert all(fault.message for fault in faults.values())
    return {row: fault.rule for row, fault in faults.items()}


def test_a_field_without_constraints_has_no_faults():
    assert broken(Field("f"), ["a", None]) == {}


def test_a_required_value_may_not_be_blank():
    assert broken(Field("f", required=True), ["a", None, "b", None]) == {1: "required", 3: "required"}


def test_a_row_with_a_fault_gets_no_second_one():
    assert broken(Field("f", kind="integer", required=True, minimum="5"), ["1", "x", None, "7"]) == {
        0: "too-small",
        2: "required",
    }


@pytest.mark.parametrize(
    ("kind", "options", "low", "high", "texts", "expected"),
    [
        ("integer", {}, "-5", "1,000", ["-6", "-5", "0", "1000", "1001"], {0: "too-small", 4: "too-large"}),
        ("number", {}, "0.5", "2", ["0.4", ".5", "2.0", "2.01"], {0: "too-small", 3: "too-large"}),
        ("number", {"decimals": 2}, "0.5", "2", ["0.4", ".5", "2.0", "2.01"], {0: "too-small", 3: "too-large"}),
        ("money", {}, "0", "1万", ["-0.01", "0", "10000", "10,000.01"], {0: "too-small", 3: "too-large"}),
        ("date", {}, "2020-01-01", "2020年12月31日", ["2019/12/31", "20200101", "2020.12.31", "1 Jan 2021"],
         {0: "too-small", 3: "too-large"}),
        ("datetime", {}, "2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z",
         ["2019-12-31T23:59:59.9Z", "2020-01-01T00:00:00.5Z", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01.1Z"],
         {0: "too-small", 3: "too-large"}),
    ],
)  # fmt: skip
def test_limits_are_inclusive_and_in_the_order_of_the_kind(kind, options, low, high, texts, expected):
    assert broken(Field("f", kind=kind, minimum=low, maximum=high, options=options), texts) == expected


def test_a_limit_of_money_is_read_in_the_currency_of_the_row():
    field = Field("f", kind="money", currency_field="currency", minimum="100")
    assert broken(field, ["99", "99", "100", "100", "99"], ["CNY", "JPY", "CNY", "JPY", None]) == {
        0: "too-small", 1: "too-small", 4: "too-small",
    }  # fmt: skip


def test_lengths_count_characters_of_the_shown_text():
    field = Field("f", min_length=2, max_length=3)
    assert broken(field, ["a", "ab", "张伟明", "abcd", None]) == {0: "too-short", 3: "too-long"}


def test_a_pattern_must_match_the_whole_shown_text():
    assert broken(Field("f", pattern="C[0-9]+"), ["C1", "C1x", "xC1", None]) == {1: "pattern", 2: "pattern"}
    assert broken(Field("f", kind="money", pattern=r".*\.00"), ["12", "12.50"]) == {1: "pattern"}


def test_an_enum_of_another_kind_is_compared_by_value():
    assert broken(Field("f", kind="country", enum=("中国", "US")), ["CN", "China", "usa", "DE", None]) == {
        3: "not-a-choice"
    }
    assert broken(Field("f", kind="integer", enum=("1", "2")), ["1", "1.0", "3"]) == {2: "not-a-choice"}


def test_the_faults_name_the_limit_but_never_the_value():
    field = Field("f", kind="integer", minimum="18")
    value_type = for_field(field, DEFAULTS)
    assert compile_constraints(field, value_type)([17])[0].message == "the value is below the smallest allowed, 18"


@pytest.mark.parametrize(
    "bad",
    [
        {"kind": "integer", "minimum": "abc"},
        {"kind": "date", "maximum": "2021-02-30"},
        {"pattern": "("},
        {"kind": "integer", "enum": ("x",)},
    ],
)
def test_a_constraint_that_cannot_be_is_a_value_error(bad: dict[str, Any]):
    field = Field("f", **bad)
    with pytest.raises(ValueError, match=r"."):
        compile_constraints(field, for_field(field, DEFAULTS))
