"""custrec edit as a process: words, exit codes, the editor; and that what is refused changes nothing."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from terminal import Desk

THREE = "no,name,city,phone,code\nC1,Ann Lee,Leeds,13800138000,a\nC2,Bo Diaz,,,b\nC3,王芳,深圳,,\n"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    assert desk.take(THREE).code == 0
    assert desk.take("no,text\nC1,called\nC1,wrote\n", "--table", "notes").code == 0
    return desk


def editor(desk: Desk, script: str) -> dict[str, str]:
    """An editor that is a Python program over `text`; what it saw lies in seen.txt."""
    program = desk.folder / "editor.py"
    program.write_text(
        "import sys, os, pathlib\n"
        "path = pathlib.Path(sys.argv[1]); text = path.read_text(encoding='utf-8')\n"
        f"log = pathlib.Path({str(desk.folder)!r})\n"
        "(log / 'mode.txt').write_text(oct(path.stat().st_mode & 0o777) + ' ' + str(path))\n"
        "turns = log / 'turns.txt'; turn = len(turns.read_text()) if turns.exists() else 0\n"
        "turns.write_text('x' * (turn + 1)); (log / f'seen{turn}.txt').write_text(text, encoding='utf-8')\n"
        f"{script}\n"
        "path.write_text(text, encoding='utf-8')\n",
        encoding="utf-8",
    )
    return {"EDITOR": f"{sys.executable} {program}", "VISUAL": ""}


def test_fields_of_one_record_change_and_only_they(desk: Desk) -> None:
    done = desk.run("edit", "C1", "city=York", "phone=", "name=Ann Lee")
    assert (done.code, done.out) == (0, "")
    assert (
        done.err == "edit: customers\n  1 changed\n  changed: city 1 · phone 1\nevent 3 · undo with: custrec undo 3\n"
    )
    assert desk.rows()[0] == ("C1", "Ann Lee", "York", None, "a", None)
    (diff,) = desk.rows("SELECT diff FROM _change WHERE event = 3")
    assert json.loads(diff) == {"3": ["Leeds", "York"], "4": ["+8613800138000", None]}
    assert desk.run("undo").code == 0
    assert desk.rows()[0][2:4] == ("Leeds", "+8613800138000")


def test_what_is_so_already_is_no_event(desk: Desk) -> None:
    done = desk.run("edit", "C1", "city=Leeds", "phone=(0086) 138-0013-8000")
    assert (done.code, "nothing to change: it is so already" in done.err) == (0, True)
    assert desk.rows("SELECT max(id) FROM _event") == [2]


def test_every_fault_of_one_record_is_told_at_once(desk: Desk) -> None:
    before = desk.files()
    done = desk.run("edit", "C1", "name=", "phone=12", "code=b", "since=2024-02-30", "--json")
    assert done.code == 4
    assert done.error["error"] == "record-invalid"
    assert [line.split(": ")[:2] for line in done.error["details"]] == [
        ["phone", "phone-invalid"],
        ["since", "date-impossible"],
        ["name", "required"],
        ["code", "not-unique"],
    ]
    assert "customers #2" in done.error["details"][-1]
    assert desk.files() == before


def test_records_in_bulk_that_would_break_something_stay_and_are_counted(desk: Desk) -> None:
    done = desk.run("edit", "--where", "name is not empty", "code=z", "--json")
    assert (done.code, done.json["counts"]["rejected"], done.json["rules"]) == (3, 3, {"not-unique": 3})
    done = desk.run("edit", "C1", "C3", "city=Rome", "--json")
    assert (done.code, done.json["counts"]["update"], done.json["fields"]) == (0, 2, {"customers": {"city": 2}})
    assert desk.run("edit", "--all", "phone=12").code == 4


def test_records_can_be_named_in_a_file(desk: Desk) -> None:
    numbers = desk.run("list", "--where", "no != C2", "--format", "ids").raw
    assert desk.run("edit", "--ids-from", "-", "city=Rome", stdin=numbers).code == 0
    assert desk.rows("SELECT city FROM customers") == ["Rome", None, "Rome"]
    many = "".join(f"C{n}\n" for n in (1, 2, 3)) * 10
    desk.write("ids.txt", many)
    assert desk.run("edit", "--ids-from", "ids.txt", "city=Bonn", "--json").json["counts"]["update"] == 3


def test_a_bulk_edit_says_whom_it_means(desk: Desk) -> None:
    for words in (
        ["city=X"],
        ["C1", "--all", "city=X"],
        ["--all"],
        ["C1", "C2"],
        ["--where", "city = X", "--all", "a=b"],
    ):
        assert desk.run("edit", *words).code == 2, words
    assert "did you mean city?" in desk.run("edit", "C1", "citty=X").err


def test_a_dry_run_shows_before_and_after_and_writes_nothing(desk: Desk) -> None:
    before = desk.files()
    done = desk.run("edit", "--where", "no in (C1, C2)", "city=Rome", "-n")
    assert [line.split() for line in done.out.splitlines()[2:]] == [
        ["1", "city", "Leeds", "Rome"],
        ["2", "city", "Rome"],
    ]
    assert "2 changed" in done.err
    assert desk.files() == before
    said = desk.run("edit", "C1", "city=Rome", "-n", "--json").json
    assert (said["applied"], said["sample"][0]["before"], said["sample"][0]["after"]) == (False, "Leeds", "Rome")


def test_a_saved_edit_is_a_plan_like_any_other(desk: Desk) -> None:
    plan = desk.run("edit", "C1", "city=Rome", "--save-plan", "--json").json["plan"]
    assert "Rome" in desk.run("plan", "show", plan).out
    assert desk.run("plan", "apply", plan).code == 0
    assert desk.rows()[0][2] == "Rome"


def test_a_key_may_be_edited_and_children_follow(desk: Desk) -> None:
    assert desk.run("edit", "C1", "no=K1").code == 0
    assert desk.run("list", "--table", "notes", "--where", "no = K1", "--format", "ids").out.split() == ["1", "2"]
    assert desk.run("edit", "C2", "no=K1").code == 4


def test_a_reference_is_edited_by_the_parents_key(desk: Desk) -> None:
    assert desk.run("edit", "notes#1", "no=C2").code == 0
    assert desk.rows("SELECT no FROM notes ORDER BY _id") == [2, 1]
    assert "no-parent" in desk.run("edit", "notes#1", "no=C9").err


def test_the_editor_shows_the_record_and_takes_what_changed(desk: Desk) -> None:
    done = desk.run(
        "edit",
        "C1",
        **editor(desk, "text = text.replace('city: Leeds', 'city: 00501').replace('name: Ann', 'name: Anna')"),
    )
    assert done.code == 0, done.err
    assert "changed: name 1 · city 1" in done.err
    assert desk.rows()[0][:3] == ("C1", "Anna Lee", "00501")
    seen = (desk.folder / "seen0.txt").read_text(encoding="utf-8")
    assert "# customers #1  C1  Ann Lee" in seen
    assert "required" in seen
    assert 'phone: "+8613800138000"' in seen
    mode, path = (desk.folder / "mode.txt").read_text().split()
    assert mode == oct(stat.S_IRUSR | stat.S_IWUSR)
    assert not Path(path).parent.exists()


@pytest.mark.parametrize("text", ["no", "2024-03-01", "~tilde", "a: b", "# x", "null", "[x]", "12:30", "'", "１"])
def test_text_stays_text_in_the_editor(desk: Desk, text: str) -> None:
    assert desk.run("edit", "C2", f"city={text}").code == 0
    kept = desk.rows()[1][2]
    done = desk.run("edit", "C2", **editor(desk, "text = text.replace('code: b', 'code: no')"))
    assert "changed: code 1" in done.err
    assert desk.rows()[1][2:5:2] == (kept, "no")


def test_an_unchanged_or_emptied_file_changes_nothing(desk: Desk) -> None:
    for script in ("pass", "text = ''", "text = '# only this\\n'", "path.unlink(); sys.exit()"):
        done = desk.run("edit", "C1", **editor(desk, script))
        assert (done.code, done.err) == (0, "nothing was changed\n")
    assert desk.rows("SELECT max(id) FROM _event") == [2]


def test_faults_open_the_editor_again_with_the_faults_on_top(desk: Desk) -> None:
    first = "text.replace('city: Leeds', 'city: Rome').replace('\"+8613800138000\"', '12')"
    script = f"text = {first} if not turn else text.replace('phone: 12', 'phone:')"
    done = desk.run("edit", "C1", **editor(desk, script))
    assert done.code == 0, done.err
    again = (desk.folder / "seen1.txt").read_text(encoding="utf-8")
    assert again.startswith("#! phone: phone-invalid: ")
    assert desk.rows()[0][2:4] == ("Rome", None)


def test_a_fault_that_is_left_as_it_is_ends_it(desk: Desk) -> None:
    done = desk.run("edit", "C1", **editor(desk, "text = text.replace('name: Ann Lee', 'name:\\nhue: red')"))
    assert done.code == 4
    assert "no field hue" in done.err
    assert desk.rows("SELECT max(id) FROM _event") == [2]


def test_an_editor_that_fails_changes_nothing(desk: Desk) -> None:
    for environment in ({"EDITOR": "", "VISUAL": ""}, {"EDITOR": "/no/such/editor"}, editor(desk, "sys.exit(3)")):
        done = desk.run("edit", "C1", "--json", **environment)
        assert (done.code, done.error["error"]) == (2, "editor-failed")


def test_what_somebody_else_changed_meanwhile_is_not_written_over(desk: Desk) -> None:
    script = (
        f"import subprocess; subprocess.run([{sys.executable!r}, '-m', 'custrec', 'edit', 'C1', 'city=Hull', '-q'],"
        f" cwd={str(desk.folder)!r}, check=True)\ntext = text.replace('city: Leeds', 'city: Rome')"
    )
    done = desk.run("edit", "C1", "--json", **editor(desk, script))
    assert (done.code, done.error["error"]) == (6, "stale-plan")
    assert desk.rows()[0][2] == "Hull"
