"""matching/copies.py: records that stand in a list by the dozen, told from people of one name."""

from __future__ import annotations

import pytest

from custrec.matching.engine import find
from doubled_lists import FIRST, KINDS, LAST, columns_of, households

NAMES = {name: KINDS[name] for name in ("first", "last")}


@pytest.mark.parametrize("times", [40, 200])
def test_a_record_that_stands_there_hundreds_of_times_is_found(times):
    assert sizes(times)[0] == pytest.approx(times, abs=4)


def test_of_very_many_copies_some_come_together_at_a_time():
    assert all(size > 50 for size in sizes(600)[:5])


def sizes(times: int) -> list[int]:
    """The clusters that the copies of a record are in, when it is in a list so many times; the largest first."""
    records, _ = households(1500)
    full = max(records, key=len)
    found = find(columns_of([*records, *[full] * times])).clusters.tolist()[len(records) :]
    return sorted((found.count(label) for label in set(found)), reverse=True)


def test_a_model_learned_with_a_pile_judges_the_others_as_without():
    records, _ = households(1500)
    full = max(records, key=len)
    alone, piled = find(columns_of(records)), find(columns_of([*records, *[full] * 300]))
    first = len(records)
    told = set(zip(alone.left.tolist(), alone.right.tolist(), strict=True))
    again = {(a, b) for a, b in zip(piled.left.tolist(), piled.right.tolist(), strict=True) if b < first}
    assert len(told ^ again) <= 0.02 * len(told)


def test_people_of_one_name_are_no_copies():
    people = [{"first": FIRST[n % 7], "last": LAST[n % 5]} for n in range(2_000)]
    found = find(columns_of(people, NAMES))
    assert len(set(found.clusters.tolist())) == len(people)


def test_where_all_are_copies_no_more_pairs_are_compared_than_elsewhere():
    records, _ = households(300)
    assert find(columns_of([one for one in records for _ in range(60)])).compared <= 20 * 60 * len(records)
