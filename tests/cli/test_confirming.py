"""custrec confirm start, list, status, record, extend and close, as processes."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from terminal import Desk

ROWS = "no,name,city,phone\nC1,Ann Lee,Leeds,13800138000\nC2,王芳,深圳,\nC3,Bo Diaz,Leeds,13800138001\n"
UNTIL = ("--until", "2026-12-31", "--today", "2026-10-01")


@pytest.fixture
def begun(desk: Desk) -> Desk:
    """A desk with three customers, about whose name and phone a campaign asks that is worked on by city."""
    desk.write("in.csv", ROWS)
    assert desk.run("import", "in.csv", "-q").code == 0
    assert desk.run("confirm", "start", "2026Q4", "--by", "city", *UNTIL).code == 0
    return desk


def status(desk: Desk, name: str = "2026Q4", *more: str) -> dict[str, Any]:
    """How far a campaign is."""
    one: dict[str, Any] = desk.run("confirm", "status", name, "--json", "--today", "2026-10-02", *more).json[
        "campaigns"
    ][0]
    return one


def test_a_campaign_asks_about_what_reaches_people_and_lists_its_work_by_owner(begun: Desk) -> None:
    said = begun.run("confirm", "list", "2026Q4")
    assert said.code == 0
    groups = [line for line in said.out.splitlines() if line.startswith("city: ")]
    assert groups == ["city: Leeds", "city: 深圳"]
    assert said.out.count("name, phone") == 3
    rows = list(csv.DictReader(io.StringIO(begun.run("confirm", "list", "2026Q4", "--format", "csv").out)))
    assert [(row["no"], row["owner"], row["standing"]) for row in rows] == [
        ("C1", "Leeds", "open"), ("C3", "Leeds", "open"), ("C2", "深圳", "open"),
    ]  # fmt: skip
    assert begun.run("confirm", "list", "2026Q4", "--owner", "深圳", "--format", "ids").out == "2\n"


def test_beginning_shows_whose_the_records_are_and_a_dry_run_writes_nothing(desk: Desk) -> None:
    desk.write("in.csv", ROWS)
    desk.run("import", "in.csv", "-q")
    said = desk.run("confirm", "start", "Q4", "--by", "city", "--fields", "phone", "-n")
    assert [line.split() for line in said.out.splitlines()[2:]] == [["Leeds", "2"], ["深圳", "1"]]
    assert "nothing was written" in said.err
    assert desk.run("confirm", "status", "--json").json["campaigns"] == []
    listed = desk.run("confirm", "start", "Q4", "--where", "city = Leeds", "--format", "ids", "-q")
    assert listed.out.split() == ["1", "3"]
    assert status(desk, "q4")["records"] == 2


def test_what_is_confirmed_counts_for_all_campaigns_that_ask(begun: Desk) -> None:
    assert begun.run("confirm", "start", "phones", "--fields", "phone", "--where", "no = C1").code == 0
    said = begun.run("confirm", "record", "C1", "--json").json
    assert said["campaigns"] == ["2026Q4", "phones"]
    assert (said["confirmed"], said.get("corrected")) == (2, None)
    assert status(begun)["confirmed"] == 1
    assert status(begun, "phones")["done"] == 1
    assert begun.run("confirm", "list", "2026Q4", "--open", "--format", "ids").out.split() == ["3", "2"]
    assert begun.run("undo").code == 0
    assert status(begun)["done"] == 0


def test_a_condition_that_would_keep_a_persons_name_in_the_history_is_refused(desk: Desk) -> None:
    said = desk.run("confirm", "start", "Q5", "--where", "name = 'Ann Lee'")
    assert said.code == 2
    assert "name tells of persons" in said.err and "Ann" not in said.err


def test_a_correction_and_its_confirmation_are_one_plan(begun: Desk) -> None:
    said = begun.run("confirm", "record", "C1", "phone=13900139000", "--subject", "--json").json
    assert said["values"] == {"phone": 1}
    assert (said.get("confirmed"), said["corrected"], said["provenance"]) == (None, 1, "subject")
    assert begun.run("show", "C1", "--json").json["phone"] == "+8613900139000"
    assert status(begun)["partly"] == 1
    assert status(begun)["fields"] == {
        "name": {"confirmed": 0, "corrected": 0},
        "phone": {"confirmed": 0, "corrected": 1},
    }
    assert begun.run("confirm", "record", "C1", "--fields", "name").code == 0
    assert status(begun)["corrected"] == 1
    wrong = begun.run("confirm", "record", "C2", "phone=12")
    assert wrong.code == 4
    assert "phone-invalid" in wrong.err
    assert status(begun)["partly"] == 0


def test_without_a_campaign_somebody_says_which_fields(desk: Desk) -> None:
    desk.write("in.csv", ROWS)
    desk.run("import", "in.csv", "-q")
    assert desk.run("confirm", "record", "C1").code == 2
    assert desk.run("confirm", "record", "C1", "--fields", "city,phone").code == 0
    assert desk.run("confirm", "record", "--fields", "phone").code == 2
    assert desk.run("confirm", "record", "C1", "--fields", "fone").code == 2


def test_a_campaign_with_work_left_after_its_last_day_is_overdue(begun: Desk) -> None:
    assert begun.run("confirm", "status", "--today", "2026-12-31").code == 0
    late = begun.run("confirm", "status", "2026Q4", "--today", "2027-01-01")
    assert late.code == 3
    assert "overdue since 2026-12-31" in late.out
    assert "no answer" in late.out
    assert begun.run("confirm", "record", "C1", "--campaign", "2026Q4", "--today", "2027-01-01").code == 4
    assert begun.run("confirm", "extend", "2026Q4", "--until", "2027-01-31", "--today", "2027-01-01").code == 0
    assert begun.run("confirm", "status", "--today", "2027-01-01").code == 0
    assert begun.run("confirm", "record", "C1", "--campaign", "2026Q4", "--today", "2027-01-01").code == 0
    assert begun.run("confirm", "close", "2026Q4").code == 0
    assert begun.run("confirm", "status", "--today", "2027-03-01").code == 0
    assert begun.run("confirm", "close", "2026Q4").code == 4


def test_a_work_list_stays_while_records_come_and_go(begun: Desk) -> None:
    begun.write("more.csv", "no,name,city\nC4,New One,York\n")
    begun.run("import", "more.csv", "-q")
    begun.run("delete", "C2", "--yes")
    one = status(begun)
    assert (one["records"], one["left_the_list"], one["not_on_the_list"]) == (2, 1, 1)
    assert begun.run("confirm", "record", "C4", "--campaign", "2026Q4", "--today", "2026-10-02").code == 4
    assert begun.run("confirm", "extend", "2026Q4", "--today", "2026-10-02").code == 0
    begun.run("undelete", "C2")
    one = status(begun)
    assert (one["records"], one["left_the_list"], one["not_on_the_list"]) == (4, 0, 0)


def test_merged_records_are_one_and_bring_what_was_confirmed_of_the_same_value(begun: Desk) -> None:
    begun.run("confirm", "record", "C3", "--today", "2026-10-02")
    assert begun.run("dedupe", "merge", "C1", "C3", "--into", "C1", "--take", "phone=C3", "--take", "name=C1").code == 0
    one = status(begun)
    assert (one["records"], one["partly"], one["done"]) == (2, 1, 0)
    left = list(csv.DictReader(io.StringIO(begun.run("confirm", "list", "2026Q4", "--open", "--format", "csv").out)))
    assert [(row["no"], row["left"]) for row in left] == [("C1", "name"), ("C2", "name, phone")]
    assert begun.run("undo").code == 0
    assert status(begun)["done"] == 1


def test_a_renamed_field_stays_asked_and_a_dropped_one_is_asked_no_more(begun: Desk) -> None:
    begun.run("confirm", "record", "C1", "--fields", "phone")
    schema = (begun.folder / "schema.yaml").read_text(encoding="utf-8")
    begun.write("schema.yaml", schema.replace("{name: phone, kind", "{name: tel, was: phone, kind"))
    assert begun.run("schema", "apply", "--yes").code == 0
    assert status(begun)["fields"] == {
        "name": {"confirmed": 0, "corrected": 0},
        "tel": {"confirmed": 1, "corrected": 0},
    }
    dropped = "\n".join(line for line in schema.splitlines() if "name: phone" not in line)
    begun.write("schema.yaml", dropped + "\n")
    assert begun.run("schema", "apply", "--yes").code == 0
    one = status(begun)
    assert list(one["fields"]) == ["name"]
    assert one["done"] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("start", "Q5", "--until", "2026-09-30", "--today", "2026-10-01"),
        ("start", "Q5", "--until", "soon"),
        ("start", " ", "--fields", "name"),
        ("start", "Q5", "--fields", "nam"),
        ("start", "Q5", "--by", "own"),
        ("start", "2026q4"),
        ("list", "2026Q3"),
        ("status", "2026Q3"),
        ("record", "C1", "--campaign", "2026Q3"),
        ("extend", "2026Q3"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_exit_2(begun: Desk, words: tuple[str, ...]) -> None:
    assert begun.run("confirm", *words).code == 2


def test_a_table_without_ways_to_reach_people_needs_fields(desk: Desk) -> None:
    desk.write("notes.csv", "no,name\nC1,Ann\n")
    desk.run("import", "notes.csv", "-q")
    assert desk.run("add", "-t", "notes", "no=C1", "text=called").code == 0
    assert desk.run("confirm", "start", "Q4", "-t", "notes").code == 4
    assert desk.run("confirm", "start", "Q4", "-t", "notes", "--fields", "text").code == 0
    assert desk.run("confirm", "record", "notes#1").code == 0
    assert status(desk, "Q4")["confirmed"] == 1


def test_status_fits_eighty_columns(begun: Desk) -> None:
    said = begun.run("confirm", "status", "2026Q4", "--today", "2026-10-02", COLUMNS="80")
    assert max(map(len, said.out.splitlines())) <= 80


def test_show_and_blame_say_what_is_confirmed_when_and_by_whom(begun: Desk) -> None:
    begun.run("confirm", "record", "C1", "--fields", "name", "--actor", "Kim")
    begun.run("confirm", "record", "C1", "phone=13900139000", "--subject")
    told = begun.run("show", "C1").out
    assert re.search(r"name +Ann Lee +confirmed \d{4}-\d\d-\d\d by Kim", told)
    assert re.search(r"phone +\+8613900139000 +corrected \d{4}-\d\d-\d\d by the subject", told)
    said = begun.run("show", "C1", "--json").json["_confirmed"]
    assert (said["name"]["campaign"], said["phone"]["by"], said["phone"]["how"]) == ("2026Q4", "subject", "corrected")
    assert "city" not in said
    assert "corrected" in begun.run("blame", "C1", "phone").out
    fields = {one["field"]: one for one in begun.run("blame", "C1", "--json").json["fields"]}
    assert fields["phone"]["provenance"] == "subject"
    assert fields["name"]["confirmed"]["by"] == "staff"
    assert "_confirmed" not in begun.run("show", "C2", "--json").json
    assert "_confirmed" not in begun.run("show", "C1", "--as-of", "event:4", "--json").json


def confirmed(desk: Desk, name: str = "C1") -> set[str]:
    """The values of a record that are confirmed."""
    return set(desk.run("show", name, "--json").json.get("_confirmed", ()))


def test_a_confirmation_is_of_a_value_and_goes_and_comes_with_it(begun: Desk) -> None:
    begun.run("confirm", "record", "C1")
    assert confirmed(begun) == {"name", "phone"}
    begun.run("edit", "C1", "city=York")
    assert confirmed(begun) == {"name", "phone"}
    edited = begun.run("edit", "C1", "phone=13900139000", "--json").json["event"]
    assert confirmed(begun) == {"name"}
    begun.run("undo", str(edited))
    assert confirmed(begun) == {"name", "phone"}
    begun.run("redo", str(edited))
    begun.run("confirm", "record", "C1", "--fields", "phone")
    assert confirmed(begun) == {"name", "phone"}
    begun.run("edit", "C1", "phone=13800138000")  # as it was when it was confirmed first, and not last
    assert confirmed(begun) == {"name"}


def test_a_plan_that_waited_confirms_what_stood_when_it_was_made(begun: Desk) -> None:
    plan = begun.run("confirm", "record", "C1", "--save-plan", "--json").json["plan"]
    begun.run("edit", "C1", "phone=13900139000")
    assert begun.run("plan", "apply", plan).code == 0
    assert confirmed(begun) == {"name"}


def test_a_merge_keeps_what_was_set_or_confirmed_last_and_a_split_gives_each_its_own(begun: Desk) -> None:
    begun.run("confirm", "record", "C1", "--fields", "phone")
    begun.run("edit", "C3", "name=Bo Dias")
    assert begun.run("dedupe", "merge", "C1", "C3", "--into", "C3").code == 0
    survivor = begun.run("show", "C3", "--json").json
    assert (survivor["phone"], survivor["name"]) == ("+8613800138000", "Bo Dias")
    assert confirmed(begun, "C3") == {"phone"}
    assert begun.run("dedupe", "split", "C3").code == 0
    assert begun.run("show", "C3", "--json").json["phone"] == "+8613800138001"
    assert begun.run("show", "C1", "--json").json["phone"] == "+8613800138000"
    assert (confirmed(begun), confirmed(begun, "C3")) == ({"phone"}, set())


def test_one_of_three_comes_out_and_takes_along_what_was_confirmed_of_it(begun: Desk) -> None:
    begun.run("confirm", "record", "C1", "--fields", "phone")
    begun.run("edit", "C2", "phone=13700137000")
    begun.run("confirm", "record", "C3", "--fields", "phone")
    assert begun.run("dedupe", "merge", "C1", "C2", "C3", "--into", "C2").code == 0
    assert begun.run("show", "C2", "--json").json["phone"] == "+8613800138001"
    assert begun.run("dedupe", "split", "C2", "--member", "C3").code == 0
    assert begun.run("show", "C2", "--json").json["phone"] == "+8613700137000"
    begun.run("undo")
    assert begun.run("dedupe", "split", "C2", "--member", "C1").code == 0
    assert begun.run("show", "C2", "--json").json["phone"] == "+8613800138001"
