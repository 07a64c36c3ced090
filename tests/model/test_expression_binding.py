from __future__ import annotations

import pytest

from custrec.errors import ExpressionInvalid
from custrec.model.expression import bind, parse, to_text
from custrec.model.expression_nodes import Comparison, DateLiteral, Day, HasTag, Literal, OneOf
from custrec.model.schema import Field, Table

PHONE, TAGS, MET, SEEN, LIMIT = (
    Field("phone", kind="phone"),
    Field("tags", kind="tags"),
    Field("met", kind="date"),
    Field("seen", kind="datetime"),
    Field("credit", kind="money"),
)
TABLE = Table("customers", fields=(PHONE, TAGS, MET, SEEN, LIMIT))


def digits(field: Field, text: str) -> str | int | float:
    match field.kind:
        case "phone":
            return "+86" + text.replace(" ", "").removeprefix("+86")
        case "tags":
            return text.strip().replace(",", ";")
        case "date":
            return {"May 1, 2024": "2024-05-01", "5/2024": "2024-05"}[text]
        case "datetime":
            return {"May 1, 2024": "2024-04-30T16:00:00Z", "May 1, 2024 08:00": "2024-05-01T00:00:00Z"}[text]
        case _:
            if not text.replace(".", "").isdigit():
                raise ValueError("not an amount")
            return int(float(text) * 100)


def test_a_value_takes_the_stored_form_of_its_field() -> None:
    bound = bind(parse('phone in ("138 0013 8000", 13900139000) and credit > 1200.50', TABLE), digits)
    assert to_text(bound) == 'phone in ("138 0013 8000", "13900139000") and credit > 1200.50'
    one_of, comparison = bound.items  # type: ignore[union-attr]
    assert isinstance(one_of, OneOf)
    assert [item.bound for item in one_of.items if isinstance(item, Literal)] == ["+8613800138000", "+8613900139000"]
    assert isinstance(comparison, Comparison)
    assert comparison.right == Literal("1200.50", LIMIT, 120050)


def test_a_written_day_becomes_a_day_beside_a_date() -> None:
    assert bind(parse('met = "May 1, 2024"', TABLE), digits) == bind(parse("met = 2024-05-01", TABLE), digits)


def test_a_written_day_beside_a_datetime_means_the_whole_day_and_a_time_the_instant() -> None:
    day = bind(parse('seen = "May 1, 2024"', TABLE, "Asia/Shanghai"), digits)
    assert day == parse("seen = 2024-05-01", TABLE, "Asia/Shanghai")
    assert isinstance(day, Comparison)
    assert isinstance(day.left, Day)
    assert isinstance(day.right, DateLiteral)
    instant = bind(parse('seen = "May 1, 2024 08:00"', TABLE, "Asia/Shanghai"), digits)
    assert isinstance(instant, Comparison)
    assert instant.right == Literal("May 1, 2024 08:00", SEEN, "2024-05-01T00:00:00Z")


def test_a_tag_is_one_tag() -> None:
    bound = bind(parse('not (tags has " VIP ")', TABLE), digits)
    assert to_text(bound) == 'tags not has " VIP "'
    assert isinstance(bound.item, HasTag)  # type: ignore[union-attr]
    assert bound.item.tag.bound == "VIP"  # type: ignore[union-attr]
    with pytest.raises(ExpressionInvalid, match="one tag"):
        bind(parse('tags has "VIP,华东"', TABLE), digits)


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ('met = "May 1, 2024" or credit > "lots"', 33, "no value of credit: not an amount"),
        ('met = "5/2024"', 7, "not a whole date"),
        ('phone != 1 and credit in (1, "99999999999999999999")', 30, "larger than any"),
    ],
)
def test_a_value_that_its_field_cannot_hold_is_pointed_at(text: str, position: int, reason: str) -> None:
    with pytest.raises(ExpressionInvalid, match=reason) as caught:
        bind(parse(text, TABLE), digits)
    assert caught.value.params["position"] == position
    assert caught.value.details[1].index("^") == position - 1


def test_a_value_that_means_a_blank_is_refused() -> None:
    with pytest.raises(ExpressionInvalid, match="means a blank"):
        bind(parse("phone = 无", TABLE), lambda *_: "")


def test_binding_says_nothing_of_the_reason_beyond_its_sentence() -> None:
    with pytest.raises(ExpressionInvalid) as caught:
        bind(parse('credit > "lots"', TABLE), digits)
    assert "lots" not in caught.value.message
    assert caught.value.__suppress_context__
