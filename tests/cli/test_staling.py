"""custrec stale as processes: who has to be looked at again, marked, made tasks of, counted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
defaults: {timezone: Asia/Shanghai}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no}
      - {name: called, kind: person_name}
      - {name: seller}
      - {name: marks, kind: tags}
      - {name: met, type: date}
    owner: seller
    stale:
      anchor: max(met, calls.at)
      after: 1y
      warn: 30d
      where: not (marks has test)
      protect: [marks has VIP, exists orders where status = open]
      tasks: {table: jobs, title: what, due: by, within: 7d, owner: who, open: done is empty}
  - name: calls
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: at, type: datetime, format: any}]
  - name: orders
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: status}]
  - name: jobs
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: what}, {name: by, type: date}, {name: who}, {name: done, type: date}]
"""
PEOPLE = """\
no,called,seller,marks,met
P1,Ann Lee,s1,,2024-01-01
P2,王芳,s1,,2025-05-30
P3,Bo Diaz,s2,,2025-06-15
P4,Cy Wu,s2,VIP,2020-01-01
P5,Di Ye,s2,,2020-01-01
P6,Ed Fox,s2,,2020-01-01
P7,Flo Ray,,,
P8,Gus Oz,s1,test,2020-01-01
"""
ON = ("--today", "2026-06-01")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.at(tmp_path / "desk")
    desk.write("schema.yaml", SCHEMA)
    assert desk.run("init").code == 0
    assert desk.take(PEOPLE).code == 0
    assert desk.take("no,at\nP5,2026-05-01 10:00\nP1,2024-02-01 23:59\n", "--table", "calls").code == 0
    assert desk.take("no,status\nP6,open\n", "--table", "orders").code == 0
    return desk


def test_stale_are_those_whose_last_day_is_too_long_ago_the_oldest_first(desk: Desk) -> None:
    done = desk.run("stale", "list", "--format", "csv", *ON)
    assert done.code == 3
    assert done.out.splitlines() == [
        "_id,no,called,seller,since,fresh_until,days",
        "1,P1,Ann Lee,s1,2024-02-01,2025-02-01,485",
        "2,P2,王芳,s1,2025-05-30,2026-05-30,2",
    ]
    assert desk.run("stale", "list", "--format", "ids", "--where", "seller = s2", *ON).code == 0
    assert desk.run("stale", "list", "--soon", "--format", "ids", *ON).out.split() == ["1", "2", "3"]
    assert desk.run("stale", "list", "--undated", "--format", "ids", *ON).out.split() == ["7"]
    said = desk.run("stale", "list", *ON)
    assert "2 of 7 records stale, 1 soon will be" in said.err
    assert "1 have no day to count from" in said.err


def test_nothing_of_it_is_stored_so_the_next_day_says_else(desk: Desk) -> None:
    assert desk.run("stale", "list", "--format", "ids", "--today", "2026-05-30").out.split() == ["1"]
    desk.run("edit", "P1", "met=2026-05-31")
    assert desk.run("stale", "list", "--format", "ids", *ON).out.split() == ["2"]


@pytest.mark.parametrize(
    ("anchor", "fields", "fresh"),
    [
        ("max(met, confirmed)", "called", True),
        ("max(met, confirmed(called))", "called", True),
        ("max(met, confirmed(called))", "seller", False),
        ("max(met, min(confirmed(called), confirmed(seller)))", "seller,called", True),
    ],
)
def test_what_was_confirmed_is_fresh_for_as_long_as_that_holds(
    desk: Desk, anchor: str, fields: str, fresh: bool
) -> None:
    desk.write("schema.yaml", SCHEMA.replace("max(met, calls.at)", anchor))
    assert desk.run("schema", "apply", "--yes").code == 0

    def is_stale() -> bool:
        return "1" in desk.run("stale", "list", "--format", "ids").out.split()

    assert is_stale()
    assert desk.run("confirm", "record", "P1", "--fields", fields).code == 0
    assert is_stale() is not fresh
    assert desk.run("edit", "P1", "called=Ann Li", "seller=s9").code == 0
    assert is_stale()
    assert desk.run("undo").code == 0
    assert is_stale() is not fresh


def test_an_anchor_of_confirmations_is_read_strictly_and_said_in_words(desk: Desk) -> None:
    desk.write("schema.yaml", SCHEMA.replace("max(met, calls.at)", "confirmed(cald)"))
    assert "did you mean called?" in desk.run("schema", "check").err
    desk.write("schema.yaml", SCHEMA.replace("max(met, calls.at)", "max(met, confirmed, confirmed(called))"))
    assert desk.run("schema", "apply", "--yes").code == 0
    assert "the day on which it was last confirmed" in desk.run("policy", "print").out
    assert "called最近一次确认的日期" in desk.run("policy", "print", "--lang", "zh").out


def test_a_tag_is_put_on_those_that_are_stale(desk: Desk) -> None:
    assert desk.run("stale", "mark", *ON).code == 0
    assert desk.rows("SELECT no FROM people WHERE marks = 'stale'") == ["P1", "P2"]
    assert "nothing to change" in desk.run("stale", "mark", *ON).err
    assert desk.run("undo").code == 0
    assert desk.rows("SELECT count(*) FROM people WHERE marks = 'stale'") == [0]


def test_tasks_are_made_once_and_again_when_they_were_done(desk: Desk) -> None:
    assert desk.run("stale", "tasks", "-n", *ON).code == 0
    assert desk.run("stale", "tasks", *ON).code == 0
    listed = desk.run("list", "--table", "jobs", "--format", "csv", "--fields", "no,what,by,who").out.splitlines()[1:]
    words = "Check whether this record still holds"
    assert listed == [f"1,P1,{words},2026-06-08,s1", f"2,P2,{words},2026-06-08,s1"]
    assert "nothing to change" in desk.run("stale", "tasks", *ON).err
    assert desk.run("edit", "jobs#1", "done=2026-06-01").code == 0
    assert desk.run("stale", "tasks", *ON).code == 0
    assert desk.run("list", "--table", "jobs", "--fields", "no", "--format", "csv").out.split()[1:] == [
        "1,P1",
        "2,P2",
        "3,P1",
    ]


def test_reports_count_by_owner_age_and_field_and_fit_a_narrow_terminal(desk: Desk) -> None:
    lines = desk.run("stale", "report", "--by", "owner,age", "--format", "csv", *ON).out.splitlines()
    assert lines[:4] == [
        "by,value,records,stale,percent",
        "owner,s1,2,2,100.0",
        "owner,(nobody),1,0,0.0",
        "owner,s2,4,0,0.0",
    ]
    assert "age,1y to 2y,1,1,100.0" in lines
    assert "age,2y to 3y,1,1,100.0" in lines
    assert "age,no day to count from,1,0,0.0" in lines
    drawn = desk.run("stale", "report", "--by", "owner,field,age", *ON, COLUMNS="80")
    assert drawn.code == 0
    assert all(len(line) <= 80 for line in drawn.out.splitlines())
    assert "█" in drawn.out


def test_a_value_is_old_where_nobody_touched_it_within_the_time(desk: Desk) -> None:
    def old(*more: str) -> dict[str, int]:
        said = desk.run("stale", "report", "--by", "field", "--json", *more).json["stale_counts"]
        return {one["value"]: one["stale"] for one in said}

    assert set(old().values()) == {0}, "all was imported just now"
    year = date.today().year
    assert old("--today", f"{year + 3}-12-31")["met"] == 7


def test_what_the_schema_does_not_say_is_an_error(desk: Desk) -> None:
    assert desk.run("stale", "list", "--table", "calls", "--json").error["error"] == "no-policy"
    assert desk.run("stale", "report", "--by", "sellers").code == 2
