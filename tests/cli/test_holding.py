"""custrec hold as processes: what is held stays as it is, and is proposed again when it is released."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
tables:
  - name: people
    primaryKey: [no]
    fields: [{name: no}, {name: ended, type: date}, {name: city}]
    retention: [{name: gone, anchor: ended, archive: 1y}]
"""
ON = ("--today", "2026-06-01")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.at(tmp_path / "desk")
    desk.write("schema.yaml", SCHEMA)
    assert desk.run("init").code == 0
    assert desk.take("no,ended,city\nP1,2020-01-01,York\nP2,2020-01-01,York\nP3,2020-01-01,\n").code == 0
    return desk


def due(desk: Desk) -> list[str]:
    return desk.run("retention", "plan", "--format", "ids", *ON).out.split()


def test_what_is_held_is_not_proposed_and_says_why(desk: Desk) -> None:
    assert due(desk) == ["1", "2", "3"]
    done = desk.run("hold", "add", "P1", "--reason", " audit  2026 ")
    assert (done.code, done.err.splitlines()[:2]) == (
        0,
        ["hold: 1 record of people held (#1)", "  because: audit 2026"],
    )
    assert due(desk) == ["2", "3"]
    said = desk.run("retention", "explain", "P1", *ON).out
    assert "people #1: kept\n  because it is held: audit 2026\n" in said
    assert desk.run("hold", "add", "P1", "--reason", "audit 2026").err.endswith("nothing to change: it is so already\n")


def test_a_condition_holds_those_that_meet_it_now(desk: Desk) -> None:
    assert desk.run("hold", "add", "--where", "city = York", "--reason", "strike").code == 0
    assert due(desk) == ["3"]
    rows = desk.run("hold", "list", "--json").json["holds"]
    assert [(one["table"], one["_id"], one["key"], one["reason"]) for one in rows] == [
        ("people", 1, "P1", "strike"),
        ("people", 2, "P2", "strike"),
    ]
    desk.run("edit", "P3", "city=York")
    assert due(desk) == ["3"]


def test_a_record_is_free_when_its_last_hold_was_released(desk: Desk) -> None:
    desk.run("hold", "add", "P1", "P2", "--reason", "audit")
    desk.run("hold", "add", "P1", "--reason", "lawsuit")
    done = desk.run("hold", "release", "--all", "--reason", "audit")
    assert "release: 1 record of people released (#2)" in done.err
    assert due(desk) == ["2", "3"]
    assert "retention plan" in desk.run("hold", "release", "P1").err
    assert due(desk) == ["1", "2", "3"]
    assert desk.run("undo").code == 0
    assert due(desk) == ["2", "3"]


def test_a_hold_wants_a_reason_and_records(desk: Desk) -> None:
    assert desk.run("hold", "add", "P1").code == 2
    assert desk.run("hold", "add", "--reason", "x").code == 2
    assert desk.run("hold", "add", "P1", "--reason", "x" * 201).code == 2
    assert desk.run("hold", "add", "P1", "--reason", "x", "-n").code == 0
    assert desk.run("hold", "list", "--format", "ids").out == ""


def test_a_hold_follows_its_record_into_the_one_that_it_became(desk: Desk) -> None:
    desk.run("hold", "add", "P2", "--reason", "audit")
    assert desk.run("dedupe", "merge", "P1", "P2").code == 0
    assert due(desk) == ["3"]


def test_a_plan_to_hold_can_be_saved_and_applied_later(desk: Desk) -> None:
    assert desk.run("hold", "add", "P1", "--reason", "audit", "--save-plan").code == 0
    assert due(desk) == ["1", "2", "3"]
    (plan,) = desk.run("plan", "list", "--json").json["plans"]
    assert desk.run("plan", "apply", plan["plan"]).code == 0
    assert due(desk) == ["2", "3"]
    assert desk.run("history", "verify").code == 0
