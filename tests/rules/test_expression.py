from __future__ import annotations

from datetime import date

import pytest

from custrec.model.expression import bind, parse
from custrec.model.schema import Field, Table
from custrec.rules.expression import compiled

TODAY = date(2026, 2, 28)
TABLE = Table(
    "customers",
    fields=(
        Field("city"),
        Field("status"),
        Field("tags", kind="tags"),
        Field("whole", kind="integer"),
        Field("scaled", kind="number", options={"decimals": 2}),
        Field("real", kind="number"),
        Field("active", kind="boolean"),
        Field("met", kind="date"),
        Field("left", kind="date"),
        Field("seen", kind="datetime"),
    ),
)


def fits(text: str, zone: str = "UTC", **columns: list[str | int | float | None]) -> list[bool]:
    def normalise(field: Field, written: str) -> str | int | float:
        if field.kind in ("integer", "boolean"):
            return int({"true": "1"}.get(written, written))
        return written

    expression = bind(parse(text, TABLE, zone), normalise)
    return compiled(expression, TODAY)(columns, len(next(iter(columns.values()))))


def test_a_comparison_with_a_blank_is_false_and_its_opposite_true() -> None:
    status = ["lead", "former", None]
    assert fits("status = former", status=status) == [False, True, False]
    assert fits("status != former", status=status) == [True, False, True]
    assert fits("not (status = former)", status=status) == [True, False, True]
    assert fits("status not in (former)", status=status) == [True, False, True]
    assert fits("status < m", status=status) == [True, True, False]
    assert fits("not (status < m)", status=status) == [False, False, True]
    assert fits("status is empty", status=status) == [False, False, True]


def test_two_blanks_are_not_equal() -> None:
    assert fits("city = status", city=[None, "a"], status=[None, "a"]) == [False, True]


def test_age_counts_calendar_months_to_the_end_of_short_ones() -> None:
    met = ["2024-08-27", "2024-08-28", "2024-08-29", "2024-08-31", "2024-09-01", None]
    assert fits("age(met) > 18mo", met=met) == [True, False, False, False, False, False]
    assert fits("age(met) = 18mo", met=met) == [False, True, True, True, False, False]
    assert fits("age(met) >= 18mo", met=met) == [True, True, True, True, False, False]
    assert fits("age(met) < 18mo", met=met) == [False, False, False, False, True, False]


def test_a_day_beside_a_moment_is_the_whole_day_in_the_zone() -> None:
    seen = ["2024-04-30T15:59:59.9Z", "2024-04-30T16:00:00Z", "2024-05-01T15:59:59Z", "2024-05-01T16:00:00Z"]
    assert fits("seen = 2024-05-01", "Asia/Shanghai", seen=seen) == [False, True, True, False]
    assert fits("seen <= 2024-05-01", "Asia/Shanghai", seen=seen) == [True, True, True, False]
    assert fits("seen > 2024-05-01", "Asia/Shanghai", seen=seen) == [False, False, False, True]
    assert fits("seen = 2024-05-01", seen=seen) == [False, False, True, True]


def test_tags_are_matched_whole() -> None:
    assert fits("tags has VIP", tags=["VIP", "VIP2", "A;VIP", "A;VIP2", None]) == [True, False, True, False, False]


def test_text_is_found_whatever_the_case() -> None:
    city = ["VIP Lounge", "vip", "École", None, "深圳市"]
    assert fits('city contains "ip"', city=city) == [True, True, False, False, False]
    assert fits('city starts with "éC"', city=city) == [False, False, True, False, False]
    assert fits("city contains 圳", city=city) == [False, False, False, False, True]
    assert fits("lower(city) = VIP", city=city) == [False, True, False, False, False]


def test_numbers_of_different_scale_are_compared_exactly() -> None:
    whole, scaled = [3, 3, 92233720368547758, -1], [300, 301, 2**63 - 1, -101]
    assert fits("whole = scaled", whole=whole, scaled=scaled) == [True, False, False, False]
    assert fits("whole < scaled", whole=whole, scaled=scaled) == [False, True, True, False]
    assert fits("scaled <= whole", whole=whole, scaled=scaled) == [True, False, False, True]
    assert fits("scaled = real", scaled=[350, None], real=[3.5, 3.5]) == [True, False]


def test_a_yes_or_no_stands_alone() -> None:
    assert fits("active", active=[1, 0, None]) == [True, False, False]
    assert fits("not active", active=[1, 0, None]) == [False, True, True]


def test_a_check_across_two_dates() -> None:
    assert fits("met >= left + 1mo", met=["2024-02-29", "2024-02-28"], left=["2024-01-31"] * 2) == [True, False]


def test_a_compiled_expression_runs_over_chunk_after_chunk() -> None:
    program = compiled(bind(parse("city = a or status = b", TABLE), lambda _, text: text), TODAY)
    assert program({"city": ["a", "x"], "status": ["x", "b"]}, 2) == [True, True]
    assert program({"city": ["x"], "status": [None]}, 1) == [False]
    assert program({"city": [], "status": []}, 0) == []


@pytest.mark.parametrize("text", ["city = a", 'met = "May 1"', "tags has a", "city in (a)", "seen > 2024-05-01T08:00"])
def test_evaluating_before_binding_is_a_mistake_of_the_program(text: str) -> None:
    with pytest.raises(RuntimeError):
        compiled(parse(text, TABLE), TODAY)
