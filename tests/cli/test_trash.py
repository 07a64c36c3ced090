"""custrec delete and undelete as processes: who goes along, who asks, and what the trash hides."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from datetime import date, datetime, timedelta

import pytest

from shops import command, environment
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


def test_children_go_along_and_come_back_but_not_those_that_went_before(desk: Desk) -> None:
    assert desk.run("delete", "notes#2", "--yes").code == 0
    done = desk.run("delete", "C1", "--yes")
    assert (done.code, done.err) == (
        0,
        "delete: 1 of customers to the trash, with 1 of notes\nevent 4 · undo with: custrec undo 4\n",
    )
    assert states(desk) == ([2, 0, 0], [2, 2, 0])
    assert desk.run("undelete", "notes#1").code == 4
    assert desk.run("undelete", "C1").code == 0
    assert states(desk) == ([0, 0, 0], [0, 2, 0])
    assert desk.run("undelete", "notes#2").code == 0
    assert states(desk) == ([0, 0, 0], [0, 0, 0])


def test_the_trash_is_neither_listed_nor_found_nor_exported_nor_validated(desk: Desk) -> None:
    assert desk.run("find", "Ann").out.count("Ann Lee") == 1
    desk.run("delete", "C1", "--yes")
    assert "C1" not in desk.run("list", "--format", "csv").out
    assert desk.run("list", "--table", "notes", "--format", "ids").out.split() == ["3"]
    for words in ("Ann", "C1", "138 0013 8000"):
        assert "Ann" not in desk.run("find", words, "--json").out
    assert "C1" not in desk.run("export").out
    assert "2 records judged" in desk.run("validate", "--table", "customers").err
    assert desk.rows("SELECT no FROM customers_live") == ["C2", "C3"]
    assert desk.run("list", "--trashed", "--fields", "no", "--format", "csv").out == "_id,no\n1,C1\n"
    shown = desk.run("show", "C1")
    assert shown.out.startswith("customers #1 (in the trash)\n")
    assert desk.run("show", "C1", "--json").json["_state"] == "trashed"
    desk.run("undelete", "C1")
    assert desk.run("find", "Ann").out.count("Ann Lee") == 1


def test_an_import_neither_changes_nor_revives_what_is_in_the_trash(desk: Desk) -> None:
    desk.run("delete", "C1", "--yes")
    done = desk.take(THREE.replace("Leeds", "Rome") + "C4,New One,,,\n")
    assert (done.code, done.json["counts"]["rejected"], done.json["rules"]) == (3, 1, {"in-trash": 1})
    assert done.json["counts"]["insert"] == 1
    assert "in-trash" in desk.rejects(4)[1]
    assert desk.rows()[0][2] == "Leeds"
    done = desk.take(NOTES, "--table", "notes")
    assert (done.code, done.json["rules"]) == (3, {"parent-in-trash": 2})
    done = desk.take("no,name,code\nC9,Nine,a\n")
    assert done.json["rules"] == {"not-unique": 1}
    assert desk.take(THREE, "--on-existing", "skip").json["counts"]["skipped"] == 3
    assert desk.take(THREE, "--on-existing", "fail").code == 4


def test_a_row_without_a_key_that_is_in_the_trash_is_not_made_anew(desk: Desk) -> None:
    desk.take("no,text\nC1,called\nC1,called\n", "--table", "notes")
    desk.run("delete", "notes#1", "--yes")
    done = desk.take("no,text\nC1,called\nC1,called\nC1,called\n", "--table", "notes")
    assert done.json["counts"] == {"read": 3, "same": 1, "rejected": 1, "insert": 1, "update": 0, "delete": 0}


def test_deleting_wants_consent_but_not_of_a_dry_run(desk: Desk) -> None:
    before = desk.files()
    done = desk.run("delete", "C1", "--json")
    assert (done.code, done.error["error"]) == (9, "needs-consent")
    assert "3 records" in done.error["message"]
    done = desk.run("delete", "--where", "no = C1", "-n")
    assert (done.code, "nothing was written" in done.err) == (0, True)
    assert "trashed" in done.out
    assert desk.files() == before
    plan = desk.run("delete", "C1", "--save-plan", "--json").json["plan"]
    assert desk.run("plan", "apply", plan).code == 0


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 9), ("", 9)])
def test_a_terminal_is_asked(desk: Desk, answer: str, code: int) -> None:
    leader, follower = pty.openpty()
    os.write(leader, f"{answer}\n".encode())
    done = subprocess.run(
        command("delete", "C1"), stdin=follower, capture_output=True, cwd=desk.folder, env=environment(), timeout=30
    )
    os.close(leader)
    os.close(follower)
    assert (done.returncode, b"delete 1 of customers, 2 of notes? [y/N]" in done.stderr) == (code, True)
    assert states(desk)[0][0] == (0 if code else 2)


def test_deleting_twice_changes_nothing_and_undeleting_what_is_there_neither(desk: Desk) -> None:
    desk.run("delete", "C1", "--yes")
    for words in (["delete", "C1", "--yes"], ["undelete", "C2"]):
        done = desk.run(*words)
        assert (done.code, "nothing to change: it is so already" in done.err) == (0, True)


def test_what_is_in_the_trash_is_not_edited(desk: Desk) -> None:
    desk.run("delete", "C1", "--yes")
    for words in (["edit", "C1", "city=X"], ["note", "C1", "x"], ["edit", "C1", "C2", "city=X"]):
        done = desk.run(*words, "--json")
        assert (done.code, done.error["error"]) == (4, "record-in-trash")
    assert desk.run("edit", "--all", "city=X", "--json").json["counts"]["update"] == 2
    assert "parent-in-trash" in desk.run("edit", "notes#3", "no=C1").err


def test_a_stale_delete_does_not_leave_a_child_behind(desk: Desk) -> None:
    plan = desk.run("delete", "C3", "--save-plan", "--json").json["plan"]
    assert desk.take("no,text\nC3,new\n", "--table", "notes").code == 0
    assert desk.run("plan", "apply", plan).code == 6
    plan = desk.run("add", "--table", "notes", "no=C2", "text=x", "--save-plan", "--json").json["plan"]
    desk.run("delete", "C2", "--yes")
    assert desk.run("plan", "apply", plan).code == 6


def test_an_undo_does_not_leave_an_active_child_below_the_trash(desk: Desk) -> None:
    desk.run("delete", "notes#3", "--yes")
    desk.run("delete", "C2", "--yes")
    assert desk.run("undo", "3").code == 6
    assert desk.run("undo", "4").code == 0
    assert desk.run("undo", "3").code == 0
    desk.run("delete", "C3", "--yes")
    desk.run("undo")
    desk.take("no,text\nC3,new\n", "--table", "notes")
    assert desk.run("redo").code == 6
    assert desk.run("history", "verify").code == 0


def test_bulk_deletion_is_held_to_max_change(desk: Desk) -> None:
    assert desk.run("delete", "--where", "no != C9", "--yes", "--max-change", "2").code == 9
    assert desk.run("delete", "--where", "no != C9", "--yes", "--max-change", "6").code == 0
    assert states(desk) == ([2, 2, 2], [2, 2, 2])
    done = desk.run("undelete", "--where", "city is empty", "--json")
    assert done.json["moved"] == {"customers": 1, "notes": 1}


def test_records_are_named_across_tables_and_never_guessed(desk: Desk) -> None:
    assert desk.run("delete", "notes#3", "C3", "--yes").code == 0
    assert states(desk) == ([0, 0, 2], [0, 0, 2])
    assert desk.run("delete", "C9", "--yes").code == 2
    assert desk.run("delete", "--yes").code == 2


def test_the_trash_is_listed_with_when_and_by_whom_and_how_long_it_stays(desk: Desk) -> None:
    desk.run("delete", "C1", "--yes", "--actor", "kim", "--today", "2026-06-01")
    desk.run("delete", "notes#3", "--yes")
    listed = desk.run("trash", "list")
    assert (listed.code, listed.err) == (0, "4 records in the trash\n")
    assert "customers#1" in listed.out
    assert "Ann Lee" in listed.out
    rows = desk.run("trash", "list", "--json").json["trashed"]
    assert [(row["table"], row["_id"], row["key"]) for row in rows] == [
        ("customers", 1, "C1"),
        ("notes", 1, None),
        ("notes", 2, None),
        ("notes", 3, None),
    ]
    assert all(row["actor"].startswith("kim") for row in rows[:3])
    day = date.fromisoformat(rows[0]["until"]) - timedelta(days=30)
    assert abs((datetime.fromisoformat(rows[0]["deleted_at"]).date() - day).days) <= 1
    later = desk.run("trash", "list", "--json", "--today", str(day + timedelta(days=20))).json["trashed"]
    assert [row["days_left"] for row in later] == [10, 10, 10, 10]
    later = desk.run("trash", "list", "--json", "--today", "2099-01-01").json["trashed"]
    assert {row["days_left"] for row in later} == {0}
    assert desk.run("trash", "list", "-t", "notes", "--where", "text = wrote", "--format", "ids").out == "notes#2\n"
    ids = desk.run("trash", "list", "--format", "ids").out
    assert desk.run("undelete", "--ids-from", "-", stdin=ids.encode()).code == 0
    assert desk.run("trash", "list").err == "0 records in the trash\n"


def test_how_long_the_trash_keeps_says_the_table(desk: Desk) -> None:
    place = desk.folder / "schema.yaml"
    before, after = place.read_text(encoding="utf-8").split("    primaryKey: [no]\n", 1)
    place.write_text(f"{before}    primaryKey: [no]\n    trash: {{days: 3}}\n{after}", "utf-8")
    assert desk.run("schema", "apply", "--yes").code == 0
    desk.run("delete", "C1", "--yes")
    rows = desk.run("trash", "list", "--json").json["trashed"]
    assert [row["days_left"] for row in rows] == [3, 30, 30]
    place.write_text(f"{before}    primaryKey: [no]\n    trash: {{days: -1}}\n{after}", "utf-8")
    assert desk.run("schema", "check").code == 4


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_today_is_a_day_in_the_time_zone_of_the_schema(desk: Desk, zone: str) -> None:
    """At every hour one of these two is not on the machine's day."""
    place = desk.folder / "schema.yaml"
    place.write_text(re.sub(r"timezone: [\w/]+", f"timezone: {zone}", place.read_text("utf-8")), "utf-8")
    assert desk.run("schema", "apply", "--yes").code == 0
    desk.run("delete", "C1", "--yes")
    rows = desk.run("trash", "list", "--json").json["trashed"]
    assert {row["days_left"] for row in rows} == {30}


def test_many_records_are_named_as_a_few_are(desk: Desk) -> None:
    desk.take("no,name\n" + "".join(f"D{n},Dora {n}\n" for n in range(30)) + "customers#2,Named So\n")
    names = [f"customers#{n}" for n in range(4, 34)]
    assert desk.run("delete", *names, "--yes", "-q").code == 0
    assert desk.rows("SELECT count(*) FROM customers WHERE _state = 2") == [30]
    for some in ([], names):
        said = desk.run("delete", *some, "customers#2", "--yes")
        assert (said.code, said.err.splitlines()[0]) == (2, "custrec: customers#2 may be 2 records")
        said = desk.run("delete", *some, "notes#9", "--yes")
        assert (said.code, said.err.splitlines()[0]) == (2, "custrec: customers has no record notes#9")
        assert desk.run("delete", *some, "notes#1", "--yes").code == 0
        assert desk.rows("SELECT count(*) FROM notes WHERE _state = 2") == [1]
