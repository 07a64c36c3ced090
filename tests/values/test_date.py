"""values/date.py"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.model.schema import Defaults, Field
from custrec.values.date import Date
from custrec.values.protocol import Agreement

DATE = Date(Field("day", kind="date"), Defaults())
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(days)
def test_every_written_form_of_a_day_is_that_day(day):
    iso = day.isoformat()
    for text in (iso, f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日",
                 f"{day.day} {MONTHS[day.month - 1]} {day.year}"):  # fmt: skip
        assert DATE.judge(text).value == iso


@given(days, st.sampled_from(["dmy", "mdy"]))
def test_the_order_says_what_day_and_month_are(day, order):
    value_type = Date(Field("day", kind="date", options={"dateOrder": order}), Defaults())
    text = f"{day:%d/%m/%Y}" if order == "dmy" else f"{day:%m/%d/%Y}"
    assert value_type.judge(text).value == day.isoformat()


def test_a_written_format_is_shown_as_it_is_taken():
    value_type = Date(Field("day", kind="date", options={"format": "%d.%m.%Y"}), Defaults())
    assert value_type.judge("05.03.2021").value == "2021-03-05"
    assert value_type.show("2021-03-05") == "05.03.2021"


@pytest.mark.parametrize(
    ("one", "two", "agreement"),
    [
        ("2021-03-05", "2021-05-03", Agreement.CLOSE),
        ("2021-03-05", "2021-03-06", Agreement.CLOSE),
        ("2021-03-05", "2021-03-15", Agreement.WEAK),
        ("2021-03-05", "2012-03-05", Agreement.WEAK),
        ("2021-03-05", "2012-04-06", Agreement.DIFFERENT),
    ],
)
def test_days_are_told_apart(one, two, agreement):
    assert DATE.compare(one, two) is agreement


def test_a_mask_keeps_the_year():
    assert DATE.mask("1985-07-09") == "1985-**-**"
