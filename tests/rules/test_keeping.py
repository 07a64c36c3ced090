"""rules.keeping: restic's words, and the laws that no policy breaks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from custrec.rules.keeping import ALWAYS, LEEWAY, Fate, Keep, Kept, fates

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
moments = st.integers(-60, 900 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes))
backups = st.lists(st.tuples(moments, st.booleans()), max_size=40).map(
    lambda found: [Kept(number, at, proved) for number, (at, proved) in enumerate(found, start=1)]
)
few = st.integers(0, 5)
keeps = st.builds(Keep, few, few, few, few, few, few, st.integers(0, 40).map(lambda days: timedelta(days=days)))


def kept(found: list[Fate]) -> set[int]:
    return {fate.backup.generation for fate in found if fate.keep}


def daily(count: int) -> list[Kept]:
    """One a day, the newest today, with the highest generation."""
    return [Kept(count - day, NOW - timedelta(days=day), True) for day in range(count)]


@given(backups, keeps)
def test_every_backup_has_one_fate_newest_generation_first(found: list[Kept], keep: Keep) -> None:
    assert [fate.backup.generation for fate in fates(found, keep, NOW)] == [one.generation for one in found][::-1]


@given(backups, keeps)
def test_the_newest_three_that_are_proved_always_stay(found: list[Kept], keep: Keep) -> None:
    present = [one.generation for one in found if one.proved and one.at <= NOW + LEEWAY]
    assert set(present[-ALWAYS:]) <= kept(fates(found, keep, NOW))


@given(backups, keeps)
def test_what_is_dated_in_the_future_is_left_alone_and_counts_for_nothing(found: list[Kept], keep: Keep) -> None:
    ahead = {one.generation for one in found if one.at > NOW + LEEWAY}
    without = [one for one in found if one.generation not in ahead]
    assert kept(fates(found, keep, NOW)) == ahead | kept(fates(without, keep, NOW))


@given(backups, keeps, st.sampled_from(["last", "hourly", "daily", "weekly", "monthly", "yearly"]))
def test_who_keeps_more_loses_nothing(found: list[Kept], keep: Keep, word: str) -> None:
    more = replace(keep, **{word: getattr(keep, word) + 1})
    assert kept(fates(found, keep, NOW)) <= kept(fates(found, more, NOW))


@given(backups, keeps)
def test_pruning_twice_drops_nothing_more(found: list[Kept], keep: Keep) -> None:
    first = kept(fates(found, keep, NOW))
    assert kept(fates([one for one in found if one.generation in first], keep, NOW)) == first


@given(backups, keeps)
def test_the_order_of_what_is_given_does_not_matter(found: list[Kept], keep: Keep) -> None:
    assert fates(found[::-1], keep, NOW) == fates(found, keep, NOW)


def test_restics_words_mean_what_they_mean_there() -> None:
    year = daily(400)
    assert len(kept(fates(year, Keep(last=5), NOW))) == 5
    assert len(kept(fates(year, Keep(daily=7), NOW))) == 7
    assert len(kept(fates(year, Keep(monthly=12), NOW))) == 12 + 1  # the newest three are of June 1, May 31 and May 30
    assert len(kept(fates(year, Keep(within=timedelta(days=14)), NOW))) == 14
    assert fates(year, Keep(weekly=2), NOW)[1].reasons == ("newest of its week", "among the newest 3 that are proved")


def test_days_are_those_of_the_time_zone_given() -> None:
    here = NOW.astimezone().tzinfo
    assert fates([Kept(1, NOW.astimezone(here), True)], Keep(daily=1), NOW)[0].keep


def test_a_clock_that_was_set_back_does_not_change_the_order() -> None:
    back = [Kept(n, NOW - timedelta(days=n), True) for n in range(1, 11)]  # the highest generation is dated earliest
    assert kept(fates(back, Keep(last=4), NOW)) == {7, 8, 9, 10}


def test_a_policy_of_nothing_is_known_as_one() -> None:
    assert Keep().nothing
    assert not Keep(within=timedelta(hours=1)).nothing
