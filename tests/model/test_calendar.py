from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custrec.model.calendar import (
    AFTER_ALL,
    Duration,
    add,
    day_after,
    day_of,
    days_of,
    duration_of,
    first_reaching,
    shifted,
    sortable,
    start_of_day,
)

SPANS = st.builds(Duration, st.integers(0, 130_000), st.integers(0, 4_000_000)) | st.builds(
    Duration, st.integers(0, 40), st.integers(0, 70)
)
DURATIONS = SPANS | SPANS.map(lambda span: -span)
ENDS = [
    date.min,
    date.max,
    date(2024, 2, 29),
    date(2023, 2, 28),
    date(2024, 8, 31),
    date(2026, 3, 1),
    date(2100, 2, 28),
]
DAYS = st.dates() | st.sampled_from(ENDS) | st.dates(date(2023, 12, 1), date(2024, 4, 1))


@pytest.mark.parametrize(
    ("day", "duration", "later"),
    [
        ("2024-08-31", "18mo", "2026-02-28"),
        ("2024-01-31", "1mo", "2024-02-29"),
        ("2024-02-29", "1y", "2025-02-28"),
        ("2024-02-29", "4y", "2028-02-29"),
        ("2024-01-31", "1mo1d", "2024-03-01"),
        ("2024-12-30", "3w", "2025-01-20"),
        ("9999-12-01", "1mo", "9999-12-31"),
    ],
)
def test_months_are_added_before_days_and_stop_at_the_end_of_a_short_month(day: str, duration: str, later: str) -> None:
    assert shifted(day, duration_of(duration)) == later


def test_going_back_stops_at_the_end_of_a_short_month_too() -> None:
    assert add(date(2024, 3, 31), -Duration(1)) == date(2024, 2, 29)
    assert add(date(1, 1, 15), -Duration(1)) == date.min


@settings(max_examples=700)
@given(DAYS, DAYS, DURATIONS)
def test_adding_never_turns_two_days_round(one: date, other: date, duration: Duration) -> None:
    if one <= other:
        assert add(one, duration) <= add(other, duration)


@settings(max_examples=2000)
@given(DAYS, DURATIONS, DAYS)
def test_the_cutoff_divides_the_days_exactly(bound: date, duration: Duration, day: date) -> None:
    cutoff = first_reaching(bound, duration)
    assert (add(day, duration) < bound) == (cutoff is None or day < cutoff)


@settings(max_examples=800)
@given(DAYS, DURATIONS)
def test_the_cutoff_is_the_first_day_that_reaches_the_bound(bound: date, duration: Duration) -> None:
    cutoff = first_reaching(bound, duration)
    if cutoff is None:
        assert add(date.max, duration) < bound
    else:
        assert add(cutoff, duration) >= bound
        assert cutoff == date.min or add(cutoff - timedelta(days=1), duration) < bound


def test_the_cutoff_holds_on_every_day_around_month_ends() -> None:
    days = [date(2023, 1, 1) + timedelta(days=n) for n in range(800)]
    for months in (1, 6, 11, 12, 18, -1, -6, -18):
        for extra in (0, 1, 30):
            duration = Duration(months, extra if months > 0 else -extra)
            for bound in [*days[100:700:7], *ENDS[2:]]:
                cutoff = first_reaching(bound, duration)
                assert cutoff is not None
                near = [cutoff + timedelta(days=n) for n in range(-3, 4)]
                assert [add(day, duration) < bound for day in near] == [day < cutoff for day in near]


@pytest.mark.parametrize(
    ("text", "months", "days"), [("18mo", 18, 0), ("30d", 0, 30), ("2y", 24, 0), ("3w", 0, 21), ("1y6mo2d", 18, 2)]
)
def test_durations_are_read(text: str, months: int, days: int) -> None:
    assert duration_of(text) == Duration(months, days)


@pytest.mark.parametrize("text", ["", "18", "mo", "18 mo", "18m", "-3d", "99999y", "9" * 50 + "d", "٣d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|calendar"):
        duration_of(text)


@given(SPANS)
def test_a_duration_is_written_as_it_is_read(span: Duration) -> None:
    if span.months <= 9_999 * 12 and span.days <= 3_660_000:
        assert duration_of(str(span)) == span


@settings(max_examples=500)
@given(
    st.datetimes(datetime(1970, 1, 1), datetime(2040, 1, 1)),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"]),
    st.sampled_from(["", ".5", ".000001"]),
)
def test_a_moment_lies_between_the_begin_of_its_day_and_of_the_next(moment: datetime, zone: str, fraction: str) -> None:
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") + fraction + "Z"
    day = date.fromisoformat(day_of(text, zone))
    following = day_after(day)
    assert following is not None
    assert start_of_day(day, zone) <= text < start_of_day(following, zone)


def test_the_day_of_a_moment_is_the_date_on_the_clock_there() -> None:
    assert day_of("2024-04-30T16:00:00Z", "Asia/Shanghai") == "2024-05-01"
    assert day_of("2024-04-30T15:59:59.999Z", "Asia/Shanghai") == "2024-04-30"
    assert day_of("2024-04-30T16:00:00Z", "UTC") == "2024-04-30"


def test_the_hour_set_back_over_midnight_stays_with_the_new_day() -> None:
    # St John's set its clocks back at 00:01 until 2011: the 29th began, and an hour of the 28th came again
    begin = start_of_day(date(2006, 10, 29), "America/St_Johns")
    assert begin == "2006-10-29T02:30:00"
    assert day_of("2006-10-29T02:31:30Z", "America/St_Johns") == "2006-10-29"


def test_a_day_that_a_place_left_out_holds_no_moment() -> None:
    assert start_of_day(date(2011, 12, 30), "Pacific/Apia") == start_of_day(date(2011, 12, 31), "Pacific/Apia")


def test_the_ends_of_the_calendar_are_days_everywhere() -> None:
    for zone in ("UTC", "Pacific/Kiritimati", "Etc/GMT+12"):
        assert start_of_day(date.min, zone) < "0001-01-01T00:00:00Z"
        assert day_of("0001-01-01T00:00:00Z", zone) == "0001-01-01"
        assert day_of("9999-12-31T23:59:59Z", zone) == "9999-12-31"
    assert AFTER_ALL > "9999-12-31T23:59:59Z"
    assert day_after(date.max) is None


@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2000, 1, 1, 0, 0, 2)), min_size=2, max_size=6))
def test_moments_with_and_without_fractions_sort_in_their_order(moments: list[datetime]) -> None:
    def written(moment: datetime) -> str:
        text = moment.replace(tzinfo=UTC).isoformat()[:-6]
        return (text.rstrip("0") if "." in text else text) + "Z"

    assert sorted(map(sortable, map(written, moments))) == [sortable(written(m)) for m in sorted(moments)]


@given(
    st.lists(st.none() | st.datetimes(), max_size=9),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/St_Johns", "Pacific/Apia", "Asia/Kathmandu"]),
)
def test_the_days_of_many_moments_are_those_of_each(moments: list[datetime | None], zone: str) -> None:
    texts = [None if one is None else f"{one.isoformat(timespec='seconds')}Z" for one in moments]
    assert days_of(texts, zone) == [None if text is None else day_of(text, zone) for text in texts]
