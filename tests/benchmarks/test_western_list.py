"""The Western customer list of the duplicates' benchmark: the same for a seed, and honest about who is whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

ROWS = 3_000


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks" / "duplicates"))
    from people_en import FIELDS, CustomerList

    names = [*(name for name, _ in FIELDS), "person"]
    made, again = (list(CustomerList(seed=7).rows(ROWS)) for _ in range(2))
    assert made == again, "the same seed gives the same rows"
    return [dict(zip(names, row, strict=True)) for row in made]


def test_as_many_rows_as_asked_for_and_a_third_of_the_people_more_than_once(rows: list[dict[str, str]]) -> None:
    assert len(rows) == ROWS
    sizes = Counter(Counter(row["person"] for row in rows).values())
    assert 0.28 < sum(people for size, people in sizes.items() if size > 1) / sum(sizes.values()) < 0.44


def test_namesakes_are_not_one_person(rows: list[dict[str, str]]) -> None:
    bearers = defaultdict(set)
    for row in rows:
        bearers[row["first_name"], row["last_name"]].add(row["person"])
    assert sum(len(people) > 1 for people in bearers.values()) > 20


def test_colleagues_share_a_switchboard(rows: list[dict[str, str]]) -> None:
    callers = defaultdict(set)
    for row in rows:
        digits = "".join(filter(str.isdigit, row["phone"]))[-9:]
        if digits:
            callers[digits].add(row["person"])
    assert max(map(len, callers.values())) > 5
