from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from custrec.errors import ExpressionInvalid, UsageError
from custrec.model.expression import Expression, fields_of, parse, to_text
from custrec.model.expression_nodes import And, Comparison, Not, Or
from custrec.model.expression_parser import NESTING, PREDICATES, VALUES
from custrec.model.schema import Field, Table

TABLE = Table(
    "customers",
    fields=(
        Field("customer_no"),
        Field("city", title="城市", aliases=("所在城市",)),
        Field("status", enum=("lead", "active", "former")),
        Field("phone", kind="phone"),
        Field("tags", kind="tags"),
        Field("credit_limit", kind="money"),
        Field("visits", kind="integer"),
        Field("score", kind="number", options={"decimals": 2}),
        Field("active", kind="boolean"),
        Field("created_at", kind="date"),
        Field("last_contact_at", kind="date"),
        Field("seen_at", kind="datetime"),
        Field("客户 编号"),
        Field("in"),
    ),
)


def read(text: str) -> Expression:
    return parse(text, TABLE)


def refused(text: str) -> ExpressionInvalid:
    with pytest.raises(ExpressionInvalid) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('city = "深圳市" and age(last_contact_at) > 18mo', 'city = "深圳市" and age(last_contact_at) > 18mo'),
        ("status = former", 'status = "former"'),
        ("city = 深圳", 'city = "深圳"'),
        ("深圳 = city", 'city = "深圳"'),
        ("18mo < age(created_at)", "age(created_at) > 18mo"),
        ("today - 30d <= seen_at", "seen_at >= today - 30d"),
        ("city = status", "city = status"),
        ("customer_no = 00501", 'customer_no = "00501"'),
        ("phone = +8613800138000", 'phone = "+8613800138000"'),
        ("city = 2024-05-01", 'city = "2024-05-01"'),
        ("city = 18mo", 'city = "18mo"'),
        ("credit_limit >= 1200.50", "credit_limit >= 1200.50"),
        ('credit_limit >= "1,200.50"', 'credit_limit >= "1,200.50"'),
        ("visits > -5", "visits > -5"),
        ("_id in (1, 2)", "_id in (1, 2)"),
        ("tags has VIP", 'tags has "VIP"'),
        ("tags not has VIP", 'tags not has "VIP"'),
        ("not tags has VIP", 'tags not has "VIP"'),
        ("not (tags has VIP)", 'tags not has "VIP"'),
        ("not city = a", 'city != "a"'),
        ("city <> a", 'city != "a"'),
        ("city == a", 'city = "a"'),
        ("city IS NOT EMPTY AND NOT city Contains x", 'city is not empty and city not contains "x"'),
        ('city starts with "深"', 'city starts with "深"'),
        ("status in (lead, 'active')", 'status in ("lead", "active")'),
        ('created_at in (2024-05-01, today, "2024年5月2日")', "created_at in (2024-05-01, today, 2024-05-02)"),
        ("active", 'active = "true"'),
        ("not active", 'active != "true"'),
        ("created_at + 18mo < last_contact_at", "created_at + 18mo < last_contact_at"),
        ("created_at - 1y30d - 2w < today + 1d", "created_at - 12mo30d - 14d < today + 1d"),
        ("age(seen_at) = 1y6mo", "age(seen_at) = 18mo"),
        ("lower(city) = SZ and length(city) > 3", 'lower(city) = "SZ" and length(city) > 3'),
        (
            "year(created_at) = 2024 and month(seen_at) in (1, 2)",
            "year(created_at) = 2024 and month(seen_at) in (1, 2)",
        ),
        ("city＝“深圳” or （status ≠ ‘lead’）", 'city = "深圳" or status != "lead"'),
        ("`客户 编号` = `in`", "`客户 编号` = `in`"),
        ('city = "say ""hi""\\n"', 'city = "say ""hi""\\n"'),
        ("city = 'it''s'", 'city = "it\'s"'),
        ("(city = a or city = b) and (status = lead and active)", None),
        ("a = city or city = b and (active or not (active and visits = 1))", None),
    ],
)
def test_what_is_read_is_written_plainly_and_read_again_as_the_same(text: str, plain: str | None) -> None:
    expression = read(text)
    assert read(to_text(expression)) == expression
    if plain is not None:
        assert to_text(expression) == plain


def test_and_binds_closer_than_or_and_not_closest() -> None:
    found = read("city = a or city = b and not city = c")
    assert isinstance(found, Or)
    assert isinstance(found.items[1], And)
    assert isinstance(found.items[1].items[1], Not)
    assert found == read("city = a or (city = b and (not city = c))")


def test_long_chains_are_flat() -> None:
    found = read("city = a and (city = b and (city = c and city = d))")
    assert isinstance(found, And)
    assert len(found.items) == 4
    assert all(isinstance(item, Comparison) for item in found.items)


def test_the_fields_an_expression_reads_are_known() -> None:
    text = 'city = a and (_id > 5 or age(created_at + 1d) > 1y) and tags has "x" and seen_at >= last_contact_at'
    assert fields_of(read(text)) == {"city", "_id", "created_at", "tags", "seen_at", "last_contact_at"}


@pytest.mark.parametrize(
    ("text", "position", "reason", "hint"),
    [
        ("citi = a", 1, 'customers has no field "citi"', "did you mean city?"),
        ("CITY = a", 1, "no field", "did you mean city?"),
        ("所在城市 = a", 1, "no field", "did you mean city?"),
        ("city = a and lastcontact > today", 14, "no field", "did you mean last_contact_at?"),
        ("credit_limit > credit_limt", 16, "no field", "did you mean credit_limit?"),
        ("`customer no` = 1", 1, "no field", "did you mean customer_no?"),
        ("agee(created_at) > 1y", 1, 'no function "agee"', "did you mean age?"),
        ("created_at > 5", 14, "created_at (a date) cannot be compared with a number", None),
        ("created_at > credit_limit", 14, "cannot be compared with an amount of money", None),
        ("visits = 2024-05-01", 10, "cannot be compared with a date", None),
        ("created_at = 18mo", 14, "cannot be compared with a duration", None),
        ("created_at > 2024-02-30", 14, "no such day", None),
        ("city = today", 8, "cannot be compared with a date", "put the text in quotes"),
        ("city has VIP", 1, '"has" asks for a tag, and this is a text', None),
        ("tags = VIP", 1, "tags are not compared", 'ask for one tag: tags has "VIP"'),
        ("tags contains VIP", 6, "asks about a text", 'ask for one tag: tags has "VIP"'),
        ("created_at contains 2024", 12, "asks about a text, and this is a date", None),
        ("age(city) > 1y", 5, "a date belongs here, not a text", None),
        ("age(created_at) > 3", 19, "a duration belongs here, not a number", "write it like 18mo, 30d, 2y or 3w"),
        ("age(created_at) > 99999y", 19, "longer than the calendar", None),
        ("city = follow-up", 14, "only dates are calculated with", "put text that holds other than letters"),
        ("city = 深圳 市", 11, "there is more", "put text of several words in quotes"),
        ("city", 5, "it ends where a comparison is missing", None),
        ("city not = a", 6, "a comparison is missing before this", None),
        ("(city = a", 10, "a closing parenthesis is missing", None),
        ("city = a)", 9, "there is more", None),
        ("city = 'abc", 8, "a quote that is not closed", None),
        ("city ~ x", 6, "a character that means nothing here", None),
        ("city = a or", 12, "it ends where a field or a value is missing", None),
        ("  ", 3, "there is nothing in it", None),
        ("1 < visits < 3", 12, "a comparison has two sides", 'join two comparisons with "and"'),
        ("today > 2024-01-01", 1, "with no field of the record", None),
        ("active > true", 1, "yes and no have no order", None),
        ("city in ()", 10, "a field or a value is missing", None),
        ("city in (a, status)", 13, "a value belongs here, not a field", None),
        ("seen_at in (2024-05-01, 2024-05-01T08:30)", 25, "either days or points in time", None),
        ('city = ""', 8, "an empty text is never stored", 'ask for a blank with "is empty"'),
        ("city = and", 8, 'missing before "and"', None),
        ("length(city) > 3.5", 16, "a whole number belongs beside length(…)", None),
        ("_id = 99999999999999999999", 7, "larger than any", None),
        ("city = \udcff", 8, "no record can hold", None),
        ("city is null", 9, '"empty" is missing', None),
        ("score = credit_limit", 9, "cannot be compared with an amount of money", None),
    ],
)
def test_an_error_says_where_why_and_what_to_do(text: str, position: int, reason: str, hint: str | None) -> None:
    error = refused(text)
    assert error.params["position"] == position
    assert reason in error.message
    assert error.hint
    assert hint is None or error.hint.startswith(hint)
    assert (error.slug, error.exit_code) == ("where-invalid", 2)
    assert isinstance(error, UsageError)


def test_the_caret_stands_below_the_place_also_behind_wide_characters() -> None:
    error = refused('city = "深圳市" and citi = "a"')
    assert error.details == ('city = "深圳市" and citi = "a"', " " * 20 + "^^^^")


def test_the_caret_shows_the_line_of_a_longer_text_shortened() -> None:
    error = refused("city = a and\n" + "city = b or " * 30 + "nothing = 5 and " + "city = c and " * 20 + "active")
    line, caret = error.details
    assert line.startswith("…")
    assert line.endswith("…")
    assert len(line) < 130
    assert line[caret.index("^") :].startswith("nothing")


@pytest.mark.parametrize("opening", ["(", "not ", "age(", "((not ", "lower("])
def test_deep_nesting_is_refused_cleanly(opening: str) -> None:
    assert "nested more than 20 deep" in refused(opening * 10_000).message


def test_nesting_up_to_the_bound_is_read() -> None:
    read("(" * NESTING + "active" + ")" * NESTING)
    refused("(" * (NESTING + 1) + "active" + ")" * (NESTING + 1))
    refused("created_at" + " + 1d" * (NESTING + 1) + " = today")


def test_too_much_of_anything_is_refused() -> None:
    read(" or ".join(["active"] * PREDICATES))
    assert "comparisons" in refused(" or ".join(["active"] * (PREDICATES + 1))).message
    read("visits in (" + ", ".join(["1"] * VALUES) + ")")
    assert "values" in refused("visits in (" + ", ".join(["1"] * (VALUES + 1)) + ")").message
    assert "longer than" in refused("city = '" + "x" * 70_000 + "'").message


WORDS = [
    "city", "visits", "created_at", "seen_at", "tags", "active", "`客户 编号`", "_id", "and", "or", "not", "in", "is",
    "empty", "has", "contains", "starts", "with", "today", "(", ")", ",", "=", "!=", "<", ">", "<=", ">=", "+", "-",
    "5", "3.5", "18mo", "2024-05-01", "2024-02-31", "'x'", '"y"', "深圳", "age(", "lower(", "year(", "length(",
    "“", "`", "'", '"', ".", "；", "\\",
]  # fmt: skip
PHRASES = st.lists(st.sampled_from(WORDS), max_size=14)


@settings(max_examples=1500)
@given(st.text(max_size=40) | PHRASES.map(" ".join) | PHRASES.map("".join))
@example("１２ = visits")
@example("visits = ٣")
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    try:
        expression = read(text)
    except ExpressionInvalid as error:
        assert 1 <= int(str(error.params["position"])) <= len(text) + 1
        assert len(error.details) == 2
    else:
        assert read(to_text(expression)) == expression
