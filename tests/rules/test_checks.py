from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from custrec.errors import ExpressionInvalid
from custrec.model.schema import Check, Field, Table
from custrec.rules.checks import RowCheck, compile_checks

TODAY = date(2026, 6, 1)
FIELDS = (
    Field("no"),
    Field("opened", kind="date"),
    Field("closed", kind="date"),
    Field("phone"),
    Field("email"),
    Field("seats", kind="integer"),
)
ALL = [f.name for f in FIELDS]


def checks(*rules: str, present: Sequence[str] = ALL, level: str = "error") -> list[RowCheck]:
    table = Table("t", fields=FIELDS, checks=tuple(Check(rule, level=level) for rule in rules))
    return compile_checks(
        table, present, lambda field, text: int(text) if field.kind == "integer" else text, TODAY, "UTC"
    )


def broken(rule: str, **columns: list[str | int | float | None]) -> list[int]:
    (check,) = checks(rule, present=list(columns))
    return check.broken(columns, len(next(iter(columns.values()))))


def test_the_rows_for_which_a_rule_is_false_break_it() -> None:
    opened, closed = ["2024-01-01"] * 3, ["2024-01-02", "2023-01-01", "2024-01-01"]
    assert broken("closed >= opened", opened=opened, closed=closed) == [1]
    assert broken("not (closed < opened)", opened=opened, closed=closed) == [1]


def test_a_row_with_a_blank_is_not_held_to_a_comparison() -> None:
    opened, closed = ["2024-01-01", None, None, "2024-01-01"], [None, "2024-01-01", None, "2023-01-01"]
    for rule in ("closed >= opened", "not (closed < opened)", "closed > opened or opened = closed"):
        assert broken(rule, opened=opened, closed=closed) == [3]


def test_a_field_that_is_asked_for_blanks_may_be_blank() -> None:
    phone, email = ["1", None, "1", None], ["a@b.cn", "a@b.cn", None, None]
    assert broken("phone is not empty or email is not empty", phone=phone, email=email) == [3]


def test_only_the_field_that_is_asked_may_be_blank() -> None:
    rule = "seats < 10 or phone is not empty"
    assert broken(rule, seats=[20, 20, None, 5], phone=[None, "1", None, None]) == [0]


def test_a_check_of_a_field_that_is_not_there_is_left_out() -> None:
    rules = ("closed >= opened", "seats > 0")
    assert [check.number for check in checks(*rules, present=["opened", "seats"])] == [1]
    assert checks(*rules, present=["no"]) == []


def test_a_check_names_its_fields_in_schema_order() -> None:
    (check,) = checks("closed >= opened and seats > 1")
    assert (check.fields, check.field) == (("opened", "closed", "seats"), "opened;closed;seats")


def test_today_is_the_day_that_is_given() -> None:
    assert broken("opened <= today", opened=["2026-06-01", "2026-06-02"]) == [1]


def test_values_are_bound_in_the_way_of_their_field() -> None:
    assert broken("seats in (1, 2)", seats=[1, 2, 3]) == [2]


def test_what_is_said_is_the_message_or_else_the_rule() -> None:
    table = Table("t", fields=FIELDS, checks=(Check("seats > 0", "no {seats}"), Check("seats > 1")))
    said = [
        check.fault.message for check in compile_checks(table, ALL, lambda _, text: int(text), date(2026, 1, 1), "UTC")
    ]
    assert said == ["no {seats}", "the row breaks the rule seats > 1"]


def test_only_the_level_error_refuses() -> None:
    assert checks("seats > 0")[0].refuses
    assert not checks("seats > 0", level="warn")[0].refuses
    assert not checks("seats > 0", level="info")[0].refuses


@pytest.mark.parametrize("rule", ["seat > 0", "seats >", "opened > soon", "seats > many"])
def test_a_rule_that_means_nothing_is_an_error(rule: str) -> None:
    with pytest.raises(ExpressionInvalid):
        checks(rule)
