"""custrec archive, restrict and their ways back as processes: who goes along, what is hidden, what brings it back."""

from __future__ import annotations

import csv
import io

import pytest

from terminal import Desk

THREE = "no,name,city,phone,code\nC1,Ann Lee,Leeds,13800138000,a\nC2,Bo Diaz,,,b\nC3,王芳,深圳,,\n"
NOTES = "no,text\nC1,called\nC1,wrote\nC2,called\n"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    assert desk.take(THREE).code == 0
    assert desk.take(NOTES, "--table", "notes").code == 0
    return desk


def states(desk: Desk) -> tuple[list[int], list[int]]:
    return desk.rows("SELECT _state FROM customers"), desk.rows("SELECT _state FROM notes")


def test_children_are_archived_along_and_come_back_but_not_those_that_went_before(desk: Desk) -> None:
    assert desk.run("archive", "notes#2").code == 0
    done = desk.run("archive", "C1")
    assert (done.code, done.err) == (
        0,
        "archive: 1 of customers to the archive, with 1 of notes\nevent 4 · undo with: custrec undo 4\n",
    )
    assert states(desk) == ([1, 0, 0], [1, 1, 0])
    refused = desk.run("unarchive", "notes#1")
    assert (refused.code, "parent-archived" in refused.err) == (4, True)
    assert desk.run("unarchive", "C1").code == 0
    assert states(desk) == ([0, 0, 0], [0, 1, 0])
    assert desk.run("unarchive", "notes#2").code == 0
    assert states(desk) == ([0, 0, 0], [0, 0, 0])


def test_the_archive_is_out_of_everyday_lists_and_is_listed_found_and_exported_by_itself(desk: Desk) -> None:
    assert "Ann Lee" in desk.run("find", "Ann").out
    desk.run("archive", "C1")
    for words in ("Ann", "C1", "138 0013 8000"):
        assert "Ann" not in desk.run("find", words, "--json").out
        assert "Ann" in desk.run("find", words, "--archived", "--json").out
    assert "Bo" not in desk.run("find", "Bo", "--archived", "--json").out
    assert desk.run("list", "--format", "ids").out.split() == ["2", "3"]
    assert desk.run("list", "--archived", "--format", "ids").out.split() == ["1"]
    assert desk.run("list", "--archived", "--where", "city = Rome", "--format", "ids").out == ""
    assert desk.run("list", "--archived", "--table", "notes", "--format", "ids").out.split() == ["1", "2"]
    assert desk.run("list", "--archived", "--trashed").code == 2
    assert desk.run("export", "--fields", "no").out == "no\nC2\nC3\n"
    assert desk.run("export", "--archived", "--fields", "no").out == "no\nC1\n"
    assert "2 records judged" in desk.run("validate", "--table", "customers").err
    assert desk.rows("SELECT no FROM customers_live") == ["C2", "C3"]
    assert "1 archived" in desk.run("status").out
    shown = desk.run("show", "C1").out
    assert shown.startswith("customers #1 (archived)\n")
    assert "notes (2)" in shown
    assert desk.run("show", "C1", "--json").json["_state"] == "archived"
    assert desk.run("blame", "C1").code == 0
    desk.run("unarchive", "--where", "no = C1")
    assert "Ann Lee" in desk.run("find", "Ann").out
    assert "Ann" not in desk.run("find", "Ann", "--archived", "--json").out


def test_what_is_archived_is_not_edited_and_may_be_deleted_and_comes_back_to_the_archive(desk: Desk) -> None:
    desk.run("archive", "C1")
    for words in (["edit", "C1", "city=X"], ["edit", "C1", "C2", "city=X"]):
        done = desk.run(*words, "--json")
        assert (done.code, done.error["error"]) == (4, "record-archived")
    assert desk.run("edit", "--all", "city=X", "--json").json["counts"]["update"] == 2
    assert desk.run("add", "no=C1", "name=Other").code == 4
    assert desk.run("delete", "C1", "--yes").code == 0
    assert states(desk) == ([2, 0, 0], [2, 2, 0])
    done = desk.run("archive", "C1", "--json")
    assert (done.code, done.error["error"]) == (4, "record-in-trash")
    assert desk.run("undelete", "C1").code == 0
    assert states(desk) == ([1, 0, 0], [1, 1, 0])
    again = desk.run("archive", "C1")
    assert (again.code, "nothing to change: it is so already" in again.err) == (0, True)


def test_a_row_that_says_nothing_new_leaves_the_archive_alone(desk: Desk) -> None:
    desk.run("archive", "C1")
    done = desk.take(THREE)
    assert (done.code, done.json["counts"]) == (0, {"read": 3, "same": 3, "insert": 0, "update": 0, "delete": 0})
    done = desk.take(NOTES, "--table", "notes")
    assert (done.code, done.json["counts"]) == (0, {"read": 3, "same": 3, "insert": 0, "update": 0, "delete": 0})
    assert states(desk) == ([1, 0, 0], [1, 1, 0])
    assert desk.take(THREE.replace("Leeds", "Rome"), "--on-existing", "skip").json["counts"]["skipped"] == 3
    assert states(desk)[0] == [1, 0, 0]


def test_a_row_that_says_something_new_of_an_archived_record_brings_it_back_with_what_went_with_it(desk: Desk) -> None:
    desk.run("archive", "notes#2")
    desk.run("archive", "C1")
    done = desk.take(THREE.replace("Leeds", "Rome"))
    assert (done.code, done.json["counts"]["update"], done.json["recalled"]) == (0, 2, {"notes": 1})
    assert states(desk) == ([0, 0, 0], [0, 1, 0])
    assert desk.rows("SELECT city FROM customers WHERE no = 'C1'") == ["Rome"]
    assert desk.run("undo").code == 0
    assert states(desk) == ([1, 0, 0], [1, 1, 0])
    assert desk.run("history", "verify").code == 0


def test_whoever_is_ordered_from_again_comes_back(desk: Desk) -> None:
    desk.run("archive", "C1")
    done = desk.take("no,text\nC1,ordered again\nC2,asked\n", "--table", "notes")
    assert (done.code, done.json["recalled"]) == (0, {"customers": 1, "notes": 2})
    assert done.json["counts"] == {"read": 2, "insert": 2, "update": 3, "delete": 0, "recalled": 3}
    assert states(desk) == ([0, 0, 0], [0, 0, 0, 0, 0])
    assert desk.run("undo").code == 0
    assert states(desk) == ([1, 0, 0], [1, 1, 0])
    added = desk.run("add", "--table", "notes", "no=C1", "text=ordered")
    assert (added.code, "back from the archive with them: 1 of customers, 2 of notes" in added.err) == (0, True)
    assert states(desk)[0] == [0, 0, 0]
    desk.run("archive", "C2")
    moved = desk.run("edit", "notes#1", "no=C2")
    assert (moved.code, states(desk)[0]) == (0, [0, 0, 0])
    assert desk.run("history", "verify").code == 0


def test_a_new_row_below_a_parent_that_cannot_come_back_is_refused(desk: Desk) -> None:
    desk.run("restrict", "C1")
    done = desk.take("no,text\nC1,ordered again\n", "--table", "notes")
    assert (done.code, done.json["rules"]) == (3, {"parent-restricted": 1})
    refused = desk.run("add", "--table", "notes", "no=C1", "text=ordered")
    assert (refused.code, "parent-restricted" in refused.err) == (4, True)


def test_restricted_records_are_kept_and_used_for_nothing(desk: Desk) -> None:
    desk.run("archive", "notes#2")
    done = desk.run("restrict", "C1", "--note", "asked for by letter")
    assert (done.code, done.err.splitlines()[0]) == (
        0,
        "restrict: 1 of customers restricted: kept, and used for nothing, with 2 of notes",
    )
    assert states(desk) == ([3, 0, 0], [3, 3, 0])
    for words in (["list"], ["list", "--archived"], ["list", "--trashed"], ["export"], ["export", "--archived"]):
        assert "Ann" not in desk.run(*words, *(["--format", "csv"] if words[0] == "list" else [])).out
    for words in (["find", "Ann"], ["find", "Ann", "--archived"], ["find", "C1"]):
        assert "Ann" not in desk.run(*words, "--json").out
    assert desk.run("show", "C1").out.startswith("customers #1 (restricted: kept, and used for nothing)\n")
    assert desk.run("show", "C1", "--json").json["_state"] == "restricted"
    for words in (
        ["edit", "C1", "city=X"],
        ["note", "C1", "x"],
        ["delete", "C1", "--yes"],
        ["archive", "C1"],
        ["undelete", "C1"],
        ["confirm", "record", "C1", "--fields", "city"],
        ["dedupe", "merge", "C1", "C2"],
        ["dedupe", "split", "C1"],
        ["dedupe", "different", "C1", "C2"],
        ["dedupe", "explain", "C1", "C2"],
    ):
        done = desk.run(*words, "--json")
        assert (done.code, done.error["error"]) == (5, "record-restricted"), words
        assert "custrec unrestrict" in done.error["hint"]
        group = words[0] in ("confirm", "dedupe")
        assert "\n    5  the actor may not do this, or a record is restr" in desk.run(*words[: 1 + group], "--help").out
    changed = desk.take(THREE.replace("Leeds", "Rome"))
    assert (changed.code, changed.json["rules"]) == (3, {"restricted": 1})
    assert desk.take(THREE).code == 0
    assert desk.run("unrestrict", "C1").code == 0
    assert states(desk) == ([0, 0, 0], [0, 1, 0])


def test_what_is_archived_is_compared_with_new_records_and_what_is_restricted_or_deleted_is_not(desk: Desk) -> None:
    people = "no,name,city\n" + "".join(f"D{n},Person {n} Name{n},Town {n}\n" for n in range(30))
    assert desk.take(people + "E1,Same One,Ulm\nE2,Same One,Ulm\nE3,Other Two,Bonn\nE4,Other Two,Bonn\n").code == 0

    def pairs() -> set[str]:
        desk.run("dedupe", "find")
        listed = csv.DictReader(io.StringIO(desk.run("dedupe", "list", "--format", "csv").out))
        return {row["key"] for row in listed if row["key"].startswith("E")}

    assert pairs() == {"E1", "E2", "E3", "E4"}
    desk.run("archive", "E1")
    desk.run("restrict", "E3")
    assert pairs() == {"E1", "E2"}


def test_a_stale_archiving_does_not_leave_a_child_behind(desk: Desk) -> None:
    plan = desk.run("archive", "C3", "--save-plan", "--json").json["plan"]
    assert desk.take("no,text\nC3,new\n", "--table", "notes").code == 0
    assert desk.run("plan", "apply", plan).code == 6
    plan = desk.run("add", "--table", "notes", "no=C2", "text=x", "--save-plan", "--json").json["plan"]
    desk.run("archive", "C2")
    assert desk.run("plan", "apply", plan).code == 6


def test_archiving_asks_nobody_and_is_held_to_max_change(desk: Desk) -> None:
    assert desk.run("archive", "--where", "no != C9", "--max-change", "2").code == 9
    assert desk.run("archive", "--where", "no != C9", "--max-change", "6").code == 0
    assert desk.run("archive").code == 2
