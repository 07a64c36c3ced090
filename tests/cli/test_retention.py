"""custrec retention as processes: what is proposed, why, and what it will be."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no}
      - {name: stage}
      - {name: marks, kind: tags}
      - {name: bank}
      - {name: ended, type: date}
    retention:
      - name: gone
        when: stage = gone
        anchor: ended
        flag: 6mo
        archive: 1y
        keep_at_least: {period: 4y, why: HGB 257, anchor: latest(orders.day)}
        keep_at_most: {period: 2y, then: trash, why: the purpose has ended}
        fields: {bank: {keep_at_most: 30d}}
  - name: orders
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: day, type: date}]
"""
PEOPLE = """\
no,stage,marks,bank,ended
P1,gone,,1,2026-05-01
P2,gone,,1,2025-10-01
P3,gone,,,2025-04-01
P4,gone,,,2022-01-01
P5,gone,,,2022-01-01
P6,here,,,2000-01-01
P7,gone,,,
"""
ORDERS = "no,day\nP4,2021-05-31\nP5,2023-01-01\nP1,2020-01-01\nP2,2020-01-01\nP3,2020-01-01\n"
ON = ("--today", "2026-06-01")


@pytest.fixture
def ruled(tmp_path: Path) -> Desk:
    desk = Desk.at(tmp_path / "desk")
    desk.write("schema.yaml", SCHEMA)
    assert desk.run("init").code == 0
    assert desk.take(PEOPLE).code == 0
    assert desk.take(ORDERS, "--table", "orders").code == 0
    return desk


def fates(desk: Desk, *more: str) -> list[str]:
    rows = csv.DictReader(desk.run("retention", "plan", "--format", "csv", *(more or ON)).out.splitlines())
    return sorted(f"{row['key']} {row['action']} {row['fields']}".strip() for row in rows)


def test_each_record_is_proposed_for_the_hardest_thing_that_its_rule_has_come_to(ruled: Desk) -> None:
    done = ruled.run("retention", "plan", *ON)
    assert done.code == 3
    assert "people: 7 records judged, 6 proposals for 5 records; kept: 1 not-yet, 1 no-rule, 1 undated" in done.err
    assert fates(ruled) == [
        "P1 anonymise bank",
        "P2 anonymise bank",
        "P2 flag",
        "P3 archive",
        "P4 trash",
        "P5 restrict",
    ]


def test_a_verdict_says_its_reason_and_the_rule_that_holds_it_back(ruled: Desk) -> None:
    said = ruled.run("retention", "explain", "P5", *ON)
    assert said.code == 0
    assert said.out.splitlines() == [
        "people #5: to be restricted",
        "  because rule 'gone' would have it go since 2024-01-01, "
        "but rule 'gone' has it kept up to 2027-01-01 (HGB 257)",
        "  rule 'gone' applies: ended is 2022-01-01, kept at least 4y from 2023-01-01 (HGB 257)",
    ]
    explained = ruled.run("retention", "explain", "P4", "--json", *ON).json
    assert (explained["schema"], explained["fate"], explained["due"]) == ("custrec.fate/1", "trash", True)
    assert "2y after ended passed on 2024-01-01 (the purpose has ended)" in explained["because"]
    assert "ended is blank" in ruled.run("retention", "explain", "P7", *ON).out
    assert "no rule applies" in ruled.run("retention", "explain", "P6", *ON).out


def test_a_rule_that_is_overruled_is_told_also_where_something_milder_is_due(ruled: Desk) -> None:
    rules = "      - {name: longer, when: stage = gone, anchor: ended, archive: 1y, purge: 9y}\n    retention:"
    text = SCHEMA.replace("    retention:", "    retention:\n" + rules.rsplit("\n", 1)[0])
    ruled.write("schema.yaml", text)
    assert ruled.run("schema", "apply", "--yes").code == 0
    said = ruled.run("retention", "explain", "P4", *ON).out
    assert said.startswith("people #4: to be archived\n")
    assert "rule 'gone' would have it go, rule 'longer' keeps it up to 2031-01-01: the longest keep wins" in said


def test_a_forecast_says_what_the_plan_will_say_when_the_day_has_come(ruled: Desk) -> None:
    for day in ("2026-06-02", "2027-01-02", "2030-01-01"):
        forecast = ruled.run("retention", "forecast", "--as-of", day, "--json", *ON).json["rules"]
        then = ruled.run("retention", "plan", "--json", "--today", day).json["rules"]
        assert sorted((one["rule"], one["action"], one["then"]) for one in forecast if one["then"]) == sorted(
            (one["rule"], one["action"], one["records"]) for one in then
        )


def test_planning_writes_nothing(ruled: Desk) -> None:
    before = ruled.rows("SELECT max(id) FROM _event")
    ruled.run("retention", "plan", *ON)
    ruled.run("retention", "explain", "P5", *ON)
    assert ruled.rows("SELECT max(id) FROM _event") == before


def test_a_clock_that_is_wrong_by_years_is_not_believed(ruled: Desk) -> None:
    done = ruled.run("retention", "plan", "--today", "2199-01-01")
    assert done.code == 9
    assert "forecast --as-of 2199-01-01" in done.err


def test_a_schema_without_rules_says_so(desk: Desk) -> None:
    done = desk.run("retention", "plan", "--json")
    assert (done.code, done.error["error"]) == (4, "no-policy")


def test_a_rule_that_anonymises_wants_fields_that_are_personal(ruled: Desk) -> None:
    ruled.write("schema.yaml", SCHEMA.replace("then: trash", "then: anonymise"))
    done = ruled.run("schema", "check")
    assert done.code == 4
    assert "classified as personal or sensitive" in done.err
