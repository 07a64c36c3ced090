from __future__ import annotations

import pytest

from custrec.model.schema import Defaults, Field
from custrec.rules.suggestions import suggestion
from custrec.values.registry import for_field

CHOICE = Field("status", enum=("lead", "active", "former"), options={"labels": {"lead": "潜在客户", "former": "Lost"}})
DAY = Field("day", kind="date", type="date", options={"format": "any"})
STRICT = Field("day", kind="date", type="date", options={"format": "%d/%m/%Y"})


def suggested(field: Field, text: str, order: str = "ymd") -> str | None:
    kind = for_field(field, Defaults(region="CN", date_order=order))
    fault = kind.judge(text).fault
    assert fault is not None
    return suggestion(kind, text, fault)


@pytest.mark.parametrize(
    ("text", "meant"), [("actve", "active"), ("Formerly", "former"), ("潜在顾客", "lead"), ("losst", "former")]
)
def test_the_nearest_choice_is_suggested(text: str, meant: str) -> None:
    assert suggested(CHOICE, text) == meant


@pytest.mark.parametrize("text", ["合作中", "xyz", "?"])
def test_a_choice_like_none_is_left_alone(text: str) -> None:
    assert suggested(CHOICE, text) is None


@pytest.mark.parametrize(
    ("text", "order", "meant"),
    [
        ("25/03/2021", "ymd", "2021-03-25"),
        ("03/25/2021", "dmy", "2021-03-25"),
        ("25.03.2021", "mdy", "2021-03-25"),
        ("05/05/2021", "ymd", "2021-05-05"),
        ("2021-25-03", "ymd", "2021-03-25"),
        ("２０２１／２５／０３", "ymd", "2021-03-25"),
    ],
)
def test_a_day_whose_parts_fit_one_order_is_suggested(text: str, order: str, meant: str) -> None:
    assert suggested(DAY, text, order) == meant


@pytest.mark.parametrize("text", ["03/04/2021", "2025-11-31", "99/9/9", "45000", "soon", "2021-31-31"])
def test_a_day_that_could_be_another_is_left_alone(text: str) -> None:
    assert suggested(DAY, text) is None


def test_a_day_is_suggested_in_the_format_of_the_field() -> None:
    assert suggested(STRICT, "2021-03-25") == "25/03/2021"


def test_a_phone_number_is_never_guessed() -> None:
    assert suggested(Field("phone", kind="phone"), "138001380001") is None
