"""custrec policy as processes: rules checked, tried on cases, compared over the very records, and written out."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import Desk

HEAD = """\
version: 1
tables:
  - name: people
    title: 客户
    primaryKey: [no]
    fields: [{name: no}, {name: stage}, {name: bank}, {name: ended, type: date}]
    %s
  - name: orders
    foreignKeys: [{fields: [no], reference: {resource: people, fields: [no]}}]
    fields: [{name: no}, {name: day, type: date}, {name: status}]
"""
RULES = """retention:
      - name: gone
        when: stage = gone
        protect: exists orders where status = vip
        anchor: max(ended, orders.day)
        keep_at_least: {period: 5y, why: HGB 257, anchor: end_of_year(latest(orders.day))}
        keep_at_most: {period: 2y, then: purge, why: purpose ended}
        fields: {bank: {keep_at_most: 1y}}"""
CASES = """\
cases:
  - name: former customer, contract ended 2023-05-01, order of that year
    on: 2026-01-01
    record: {stage: gone, ended: 2023-05-01, bank: 6222}
    children: {orders: [{day: 2023-04-01, status: paid}]}
    expect: restrict
    fields: [bank]
    because: HGB 257
  - name: the law's time is over
    on: 2029-01-01
    record: {stage: gone, ended: 2023-05-01}
    children: {orders: [{day: 2023-04-01}]}
    expect: purge
    because: purpose ended
  - {name: held, on: 2029-01-01, record: {stage: gone, ended: 2000-01-01}, held: true, expect: keep, because: held}
  - {name: another stage, on: 2029-01-01, record: {stage: new, ended: 2000-01-01}, expect: keep, because: no-rule}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk.at(tmp_path / "desk")
    desk.write("schema.yaml", HEAD % RULES)
    assert desk.run("init").code == 0
    rows = "P1,gone,1,2026-05-01\nP2,gone,,2020-01-01\nP3,new,,2020-01-01\nP4,gone,,\n"
    assert desk.take(f"no,stage,bank,ended\n{rows}").code == 0
    assert desk.take("no,day,status\nP2,2015-01-01,paid\n", "--table", "orders").code == 0
    return desk


def test_cases_say_what_is_expected_and_because_of_what(desk: Desk) -> None:
    desk.write("cases.yaml", CASES)
    done = desk.run("policy", "test", "cases.yaml")
    assert (done.code, done.err) == (0, "4 of 4 cases as expected\n")
    assert "restrict, because rule 'gone' would have it go" in done.out
    desk.write("cases.yaml", CASES.replace("expect: purge", "expect: keep").replace("fields: [bank]", "fields: []"))
    done = desk.run("policy", "test", "cases.yaml", "--json")
    assert done.code == 3
    failures = [one["failure"] for one in done.json["cases"]]
    assert failures == ["expected the fields none to go, got bank", "expected keep, got purge", None, None]


@pytest.mark.parametrize(
    ("case", "fault"),
    [
        ("record: {stag: gone}, expect: keep", "did you mean 'stage'?"),
        ("record: {ended: gone}, expect: keep", "people.ended"),
        ("record: {}, expect: kill", "unknown expect 'kill'"),
        ("record: {}, children: {order: []}, expect: keep", "did you mean 'orders'?"),
        ("record: {}, children: {orders: [{no: P1}]}, expect: keep", "a case has one record"),
    ],
)
def test_a_faulty_case_is_named_with_its_line(desk: Desk, case: str, fault: str) -> None:
    desk.write("cases.yaml", f"cases:\n  - {{name: a, on: 2026-01-01, {case}}}\n")
    done = desk.run("policy", "test", "cases.yaml")
    assert done.code == 4
    assert fault in done.err
    assert "line 2" in done.err


def test_a_difference_names_the_very_records_and_changes_nothing(desk: Desk) -> None:
    desk.write("new.yaml", HEAD % RULES.replace("stage = gone", "stage = new"))
    before = desk.rows("SELECT max(id) FROM _event")
    done = desk.run("policy", "diff", "applied", "new.yaml", "--format", "csv", "--today", "2026-06-01")
    assert done.code == 3
    assert done.out.splitlines() == [
        "table,_id,key,from,to",
        "people,3,P3,keep,restrict (gone)",
        "people,2,P2,purge (gone),keep",
    ]
    assert desk.run("policy", "diff", "applied", "schema.yaml").code == 0
    said = desk.run("policy", "diff", "applied", "new.yaml", "--as-of", "2031-12-31")
    assert "fare otherwise on 2031-12-31" in said.err
    assert desk.rows("SELECT max(id) FROM _event") == before
    desk.write(
        "other.yaml",
        (HEAD % RULES).replace("{name: ended, type: date}", "{name: over, type: date}").replace("ended", "over"),
    )
    assert desk.run("policy", "diff", "applied", "other.yaml").code == 4


def test_a_check_finds_rules_that_meet_nothing_have_no_day_or_touch_too_much(desk: Desk) -> None:
    def found(rules: str, *more: str) -> dict[str, int]:
        desk.write("new.yaml", HEAD % rules)
        done = desk.run("policy", "check", "new.yaml", "--json", "--today", "2026-06-01", *more)
        assert done.code in (0, 3)
        return {one["finding"]: one["records"] for one in done.json["findings"]}

    assert found(RULES) == {"undated": 1, "restricts": 3}
    assert "meets-nothing" in found(RULES.replace("stage = gone", "stage = lost"))
    assert "protects-all" in found(RULES.replace("exists orders where status = vip", "stage = gone"))
    longer = f"{RULES}\n      - {{name: all, anchor: ended, purge: 30y}}"
    assert found(longer)["disagree"] == 1
    assert found(longer.replace("purge: 30y", "archive: 1y, purge: 30y"))["disagree"] == 1, "also where it is archived"
    rows = "".join(f"Q{n},gone,,2000-01-01\n" for n in range(1100))
    assert desk.take(f"no,stage,bank,ended\n{rows}").code == 0
    assert found("retention: [{name: r, anchor: ended, purge: 1y}]")["at-once"] == 1102


def test_policies_are_written_out_for_people_in_two_languages(desk: Desk) -> None:
    english = desk.run("policy", "print").out
    assert (
        "2 years after the latest of ended, the latest day of orders they are destroyed for good (purpose ended)."
        in english
    )
    assert "kept at least 5 years from the end of the year of the latest day of orders on (HGB 257)" in english
    assert "What stands in bank is emptied 1 year after" in english
    chinese = desk.run("policy", "print", "--lang", "zh").out
    assert "满2年后彻底销毁（purpose ended）" in chinese
    assert "规则“gone”" in chinese
    assert desk.run("policy", "print", "--lang", "fr").code == 2
