"""jobs/lifecycle/capacity.py: what a table holds beyond its capacity is proposed, the longest inactive first."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from custrec.jobs.lifecycle.holding import HoldRequest, plan_hold
from custrec.jobs.lifecycle.proposing import CAPACITY, proposals
from custrec.model.policy import Action
from shops import PLENTY, Shop

SCHEMA = """\
version: 1
tables:
  - name: people
    primaryKey: [no]
    fields: [{name: no}, {name: stage}, {name: met, type: date}, {name: city}]
    retention: [{name: old, when: stage = old, anchor: met, archive: 1y}]
    capacity: {%s}
"""
PEOPLE = """\
no,stage,met
A,,2020-01-01
B,,2024-01-01
C,,2019-01-01
D,,
E,old,2018-01-01
F,,2026-01-01
"""
TODAY = date(2026, 6, 1)


def beyond(shop: Shop) -> tuple[Action, list[int]] | None:
    with shop.session() as session:
        found = proposals(session.store, session.store.schema.tables[0], TODAY).found
        return next(((one.action, list(one.records)) for one in found if one.name == CAPACITY), None)


def test_the_longest_inactive_are_proposed_without_those_who_go_anyway_or_have_no_day(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", SCHEMA % "max_records: 3, anchor: met")
    shop.import_csv(PEOPLE)
    assert beyond(shop) == (Action.ARCHIVE, [1, 3]), "E is archived by its rule, D has no day"
    with shop.session() as session:
        table = session.store.schema.tables[0]
        request = HoldRequest(table, "audit", where="no = C")
        session.run(plan_hold(session.store, request, session.draft()), PLENTY)
    assert beyond(shop) == (Action.ARCHIVE, [1, 2]), "C is held"


def test_without_an_anchor_it_counts_which_event_touched_a_record_last(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", SCHEMA % "max_records: 4, action: trash")
    shop.import_csv(PEOPLE)
    shop.edit("A", city="York")
    assert beyond(shop) == (Action.TRASH, [2])


def test_within_its_capacity_nothing_is_proposed_and_a_store_of_too_many_bytes_is_over_it(tmp_path: Path) -> None:
    shop = Shop(tmp_path / "shop", SCHEMA % "max_records: 5")
    shop.import_csv(PEOPLE)
    assert beyond(shop) is None
    large = Shop(tmp_path / "large", SCHEMA % "max_bytes: 1000, anchor: met")
    large.import_csv(PEOPLE)
    found = beyond(large)
    assert found is not None
    assert found[1] == [1, 2, 3, 6], "all that have a day and do not go anyway"
