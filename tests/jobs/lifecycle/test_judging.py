"""jobs/lifecycle/judging.py, store/anchors.py: days and conditions read from a store, for one record and for all."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from custrec.jobs.lifecycle.judging import Judge
from custrec.model.anchor import end_of
from shops import Shop

SCHEMA = """\
version: 1
defaults: {timezone: Asia/Shanghai}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no}
      - {name: stage, constraints: {enum: [new, gone]}}
      - {name: marks, kind: tags}
      - {name: bank}
      - {name: ended, type: date}
      - {name: met, type: datetime}
    retention:
      - {name: flagged, when: stage = new, anchor: "max(met, calls.at)", flag: 1y, archive: 3y}
      - name: gone
        when: [stage = gone, not exists orders where status = "open"]
        protect: ["marks has VIP", exists orders where status = late]
        anchor: end_of_quarter(max(ended, orders.day where status = "done"))
        keep_at_least: {period: 5y, anchor: end_of_year(latest(orders.day))}
        keep_at_most: {period: 2y, then: purge}
        fields: {bank: {anchor: "min(ended, calls.at)", keep_at_most: 1y, keep_at_least: 30d}}
  - name: orders
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: day, type: date}, {name: status}]
  - name: calls
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: at, type: datetime}]
"""
TODAY = date(2026, 6, 1)


class World:
    """Random people with their orders and calls, in a store and as plain lists."""

    def __init__(self, folder: Path, seed: int) -> None:
        draw = self.draw = random.Random(seed)
        stages, marks = ["new", "gone", "gone", ""], ["", "", "VIP", "new;retention"]
        self.people = [
            (f"P{n}", draw.choice(stages), draw.choice(marks), draw.choice(["", "6222"]), self.day(), self.moment())
            for n in range(60)
        ]
        statuses = ["open", "done", "late", ""]
        self.orders = [(f"P{draw.randrange(60)}", self.day(), draw.choice(statuses)) for _ in range(50)]
        self.calls = [(f"P{draw.randrange(60)}", self.moment()) for _ in range(60)]
        self.shop = Shop(folder, SCHEMA)
        self.shop.import_csv(_csv("no,stage,marks,bank,ended,met", self.people))
        self.shop.import_csv(_csv("no,day,status", self.orders), "orders")
        self.shop.import_csv(_csv("no,at", self.calls), "calls")

    def day(self) -> str:
        if self.draw.random() < 0.2:
            return ""
        return (date(2018, 1, 1) + timedelta(days=self.draw.randrange(3_000))).isoformat()

    def moment(self) -> str:
        day = self.day()
        return day and f"{day} {self.draw.choice(['00:00', '07:59', '08:00', '23:59', '12:30'])}"


def _csv(header: str, rows: list[tuple[str, ...]]) -> str:
    return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"


@pytest.fixture(scope="module", params=range(3))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"), request.param)


def test_days_and_conditions_are_those_that_the_records_tell(world: World) -> None:
    def latest(*days: str) -> str | None:
        return max((day[:10] for day in days if day), default=None)

    with world.shop.session() as session:
        table = session.store.schema.tables[0]
        found = {one.record: one.facts for one in Judge(session.store, table, TODAY).some(range(1, 61))}
    assert len(found) == 60
    for number, (no, stage, marks, bank, ended, met) in enumerate(world.people, 1):
        orders = [(day, status) for who, day, status in world.orders if who == no]
        calls = [at for who, at in world.calls if who == no]
        flagged, gone = found[number].rules
        assert flagged.applies == (stage == "new")
        assert flagged.anchor == latest(met, *calls)
        assert gone.applies == (stage == "gone" and not any(status == "open" for _, status in orders))
        assert gone.protected == ("VIP" in marks or any(status == "late" for _, status in orders))
        done = latest(ended, *(day for day, status in orders if status == "done"))
        assert gone.anchor == (done and end_of(done, "quarter"))
        last = latest(*(day for day, _ in orders))
        assert gone.minimum == (last and f"{last[:4]}-12-31")
        assert gone.fields[0].filled == bool(bank)
        assert gone.fields[0].anchor == min((day[:10] for day in (ended, *calls) if day), default=None)
        assert found[number].flagged == ({0} if "retention" in marks else set())


def test_all_at_once_are_judged_as_each_by_itself(world: World) -> None:
    with world.shop.session() as session:
        table = session.store.schema.tables[0]
        for day in (date(2019, 1, 1), date(2022, 7, 1), TODAY, date(2040, 1, 1)):
            judge = Judge(session.store, table, day)
            every = judge.all()
            assert every.judged == 60
            due = {record: made for made, records in every.due.items() for record in records}
            emptied = {(record, part) for part, records in every.emptied.items() for record in records}
            for one in judge.some(range(1, 61)):
                assert (one.record in due) == one.verdict.due
                if one.verdict.due:
                    made = due[one.record]
                    assert (made.action, made.why) == (one.verdict.action, one.verdict.why)
                    assert made.rule is not None
                    assert judge.rules[made.rule] is one.verdict.rule
                assert ((one.record, (1, 0)) in emptied) == bool(one.verdict.fields)


def test_what_lies_in_the_trash_is_neither_judged_nor_counted(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SCHEMA)
    shop.import_csv("no,stage,ended\nA,gone,2018-01-01\nB,gone,2018-01-01\n")
    shop.import_csv("no,day,status\nA,2017-01-01,open\nA,2018-01-01,done\n", "orders")
    shop.delete("orders#1", "B")
    with shop.session() as session:
        (one,) = Judge(session.store, session.store.schema.tables[0], TODAY).some([1, 2])
        assert one.facts.rules[1].applies, "the open order is in the trash"
        assert Judge(session.store, session.store.schema.tables[0], TODAY).all().judged == 1
