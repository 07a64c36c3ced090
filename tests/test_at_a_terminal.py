"""Sessions of somebody at a terminal: prompts, the editor, Ctrl-C, narrow windows, Chinese."""

from __future__ import annotations

import re
import signal
import stat
import sys
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

from terminal import PATIENCE, Desk

if sys.platform == "win32":
    pytest.skip("no pty", allow_module_level=True)

from at_a_terminal import CTRL_C, CTRL_D, typing

NARROW = 55


MANY = 900_000
"""Rows of a file that is read for longer than progress waits with showing itself, also on a quick machine."""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A store with two customers."""
    made = Desk(tmp_path)
    made.take("no,name,city,phone\nC1,张伟,深圳,138 0013 8000\nC2,Ann Lee,Oslo,\n")
    return made


def events(desk: Desk) -> int:
    """How many events the history has."""
    return len(desk.run("history", "list", "--json").json["events"])


def script(desk: Desk, name: str, text: str) -> str:
    """An editor that is a script; the command that starts it."""
    path = desk.write(name, f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_add_asks_the_required_fields_first_says_what_is_wrong_at_once_and_takes_chinese(desk: Desk) -> None:
    with typing("add", cwd=desk.folder, columns=NARROW) as at:
        at.sees("a new record of customers")
        at.sees("no (required)")
        at.types("C1")
        at.sees("has a record with this key already")
        at.sees("no (required)")
        at.types("C3")
        at.sees("name (required)")
        at.types()
        at.sees("a value is required here")
        at.types("王　芳")
        at.sees("city")
        at.types("杭州")
        at.sees("phone")
        at.types("12")
        at.sees("this is not a valid phone number")
        at.types("１３９-0013-8001")
        at.sees("code")
        at.types()
        at.sees("since")
        at.types("2024年5月1日")
        at.sees("undo with: custrec undo 2")
        assert at.ends() == 0
    assert desk.rows()[-1] == ("C3", "王芳", "杭州", "+8613900138001", None, "2024-05-01")


@pytest.mark.parametrize("answered", range(7))
def test_ctrl_c_at_each_prompt_of_add_writes_nothing(desk: Desk, answered: int) -> None:
    prompts = ("no (required)", "name (required)", "city", "phone", "code", "since")
    with typing("add", cwd=desk.folder, columns=60) as at:
        for prompt, answer in zip(prompts[:answered], ("C9", "Bo Li", "", "", "", ""), strict=False):
            at.sees(prompt)
            if prompt == "since":
                break
            at.types(answer)
        at.sees("[")
        at.presses(CTRL_C)
        assert at.ends() == 130
    assert at.lines[-1] == "custrec: interrupted; nothing of what was in progress was written"
    assert events(desk) == 1


def test_ctrl_d_declines_what_is_asked(desk: Desk) -> None:
    with typing("add", cwd=desk.folder) as at:
        at.sees("no (required)")
        at.presses(CTRL_D)
        assert at.ends() == 9
    assert events(desk) == 1


def test_init_from_shows_its_proposal_asks_and_makes_the_store(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    text = "客户编号,姓名,手机,开户日期\n" + "".join(
        f"K{n:03d},张伟,1390013{8000 + n},2024-05-0{n % 9 + 1}\n" for n in range(12)
    )
    (folder / "客户.csv").write_text(text, encoding="gb18030")
    for answer, code in (("n", 9), ("", 9), (CTRL_C, 130), (CTRL_D, 9)):
        with typing("init", "--from", "客户.csv", cwd=folder, columns=NARROW) as at:
            at.sees("make the store with this schema? [y/N]")
            at.presses(answer if answer in (CTRL_C, CTRL_D) else f"{answer}\r")
            assert at.ends() == code
        assert [path.name for path in folder.iterdir()] == ["客户.csv"]
    with typing("init", "--from", "客户.csv", cwd=folder, columns=NARROW) as at:
        at.sees("make the store with this schema? [y/N]")
        at.types("是")
        assert at.ends() == 0
    table = [line for line in at.lines if "person_name" in line or "──" in line]
    assert len(table) == 2
    assert all(cell_len(line) <= NARROW for line in table)
    assert (folder / "custrec.db").exists()


def test_the_editor_gets_the_record_and_what_it_leaves_is_taken(desk: Desk) -> None:
    editor = script(desk, "editor", "sed -i 's/^city: .*/city: 杭州/' \"$1\"")
    with typing("edit", "C1", cwd=desk.folder, VISUAL="", EDITOR=editor) as at:
        at.sees("undo with: custrec undo 2")
        assert at.ends() == 0
    assert desk.rows("SELECT city FROM customers WHERE no = 'C1'") == ["杭州"]


def test_a_fault_opens_the_editor_again_with_what_is_wrong_on_top(desk: Desk) -> None:
    once_wrong = """
cp "$1" seen.$(ls seen.* 2>/dev/null | wc -l)
if [ -e wrong ]; then sed -i 's/^phone: .*/phone: "139 0013 8001"/' "$1"
else touch wrong; sed -i 's/^phone: .*/phone: "12"/' "$1"; fi"""
    with typing("edit", "C1", cwd=desk.folder, EDITOR=script(desk, "editor", once_wrong), VISUAL="") as at:
        assert at.ends() == 0
    assert desk.rows("SELECT phone FROM customers WHERE no = 'C1'") == ["+8613900138001"]
    again = (desk.folder / "seen.1").read_text(encoding="utf-8")
    assert re.search(r"\A#.*phone-invalid", again, re.MULTILINE), again
    assert events(desk) == 2


@pytest.mark.parametrize("what", [': > "$1"', 'rm "$1"', "true"], ids=["emptied", "removed", "untouched"])
def test_an_editor_that_leaves_nothing_or_the_same_changes_nothing(desk: Desk, what: str) -> None:
    with typing("edit", "C1", cwd=desk.folder, EDITOR=script(desk, "editor", what), VISUAL="") as at:
        assert at.ends() == 0
    assert "nothing was changed" in at.seen
    assert events(desk) == 1


def test_ctrl_c_while_the_editor_is_open_writes_nothing_and_leaves_no_copy(desk: Desk) -> None:
    temporary = desk.folder / "tmp"
    temporary.mkdir()
    editor = script(desk, "editor", "sed -i 's/^city: .*/city: Rome/' \"$1\"; echo open; sleep 60")
    with typing("edit", "C1", cwd=desk.folder, EDITOR=editor, VISUAL="", TMPDIR=str(temporary)) as at:
        at.sees("open")
        at.presses(CTRL_C)
        assert at.ends() == 130
    assert list(temporary.iterdir()) == []
    assert events(desk) == 1


@pytest.mark.parametrize(("answer", "code"), [("n", 9), ("", 9), ("maybe", 9), ("y", 0), ("是", 0)])
def test_delete_asks_with_the_count_and_only_yes_is_yes(desk: Desk, answer: str, code: int) -> None:
    with typing("delete", "C1", "C2", cwd=desk.folder, columns=NARROW) as at:
        at.sees("delete 2 of customers? [y/N]")
        at.types(answer)
        assert at.ends() == code
    assert len(desk.run("list", "--json").json["records"]) == (0 if code == 0 else 2)


def test_ctrl_c_and_ctrl_d_at_the_question_delete_nothing(desk: Desk) -> None:
    for key, code in ((CTRL_C, 130), (CTRL_D, 9)):
        with typing("delete", "C1", cwd=desk.folder) as at:
            at.sees("[y/N]")
            at.presses(key)
            assert at.ends() == code
    assert events(desk) == 1


def test_ctrl_c_in_the_middle_of_an_import_writes_nothing_and_wipes_the_line_of_progress(desk: Desk) -> None:
    rows = "".join(f"N{n},Ann {chr(65 + n % 26)}n,Oslo,139{n:08d}\n" for n in range(MANY))
    desk.write("large.csv", "no,name,city,phone\n" + rows)
    with typing("import", "large.csv", cwd=desk.folder, columns=60) as at:
        at.sees("reading")
        at.presses(CTRL_C)
        assert at.ends() == 130
    assert at.lines[-1] == "custrec: interrupted; nothing of what was in progress was written"
    assert events(desk) == 1
    assert len(desk.rows()) == 2
    assert list((desk.folder / "custrec.rejects").glob("*")) == []


def test_a_window_that_is_closed_ends_the_import_and_writes_nothing(desk: Desk) -> None:
    rows = "".join(f"N{n},Ann {chr(65 + n % 26)}n,Oslo,139{n:08d}\n" for n in range(MANY))
    desk.write("large.csv", "no,name,city,phone\n" + rows)
    with typing("import", "large.csv", cwd=desk.folder) as at:
        at.sees("reading")
        at.process.kill(signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while at.process.isalive():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert events(desk) == 1
    assert desk.run("doctor", "-q").out.count("bad") == 0


@pytest.mark.parametrize("columns", [50, 55, 60, 80])
def test_tables_fit_a_narrow_window_and_line_up_with_chinese_in_them(desk: Desk, columns: int) -> None:
    desk.take("no,name,city,phone,code\nC3,欧阳娜娜,内蒙古自治区呼和浩特市新城区,139 0013 8001,X-1\n")
    for words in (
        ("list",),
        ("find", "欧阳"),
        ("history",),
        ("blame", "C3", "city"),
        ("edit", "C3", "city=上海", "-n"),
    ):
        with typing(*words, cwd=desk.folder, columns=columns) as at:
            assert at.ends() == 0
        ruler = next(place for place, line in enumerate(at.lines) if re.fullmatch("─+", line))
        table = at.lines[ruler - 1 : ruler + 3]
        assert [line for line in table if cell_len(line) > columns] == [], words
        assert cell_len(table[0].rstrip()) <= cell_len(table[1])
