"""Reviewing a plan at a terminal, a real one: letters and words for each change, edits, Ctrl-C, a terminal that is
closed, going on later, narrow windows and Chinese."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from answering import WAYS_OUT, answer, ended, leave
from terminal import Desk

pexpect = pytest.importorskip("pexpect")

PEOPLE = "no,name,city,code\nC1,Ann Lee,Leeds,a1\nC2,王芳,深圳,a2\nC3,Bo,York,a3\n"
CHANGED = (
    "no,name,city,code\nC1,Ann Leigh,Rome,a1\nC2,王芳芳,深圳市南山区科技园中区一号楼十八层西侧,a2\n"
    "C4,New One,Bonn,a4\nC5,New Two,Wien,a5\n"
)
Sit = Callable[..., Any]


@pytest.fixture
def plan(desk: Desk) -> str:
    """A plan with two changes and two new records."""
    desk.take(PEOPLE)
    desk.write("b.csv", CHANGED)
    saved: str = desk.run("import", "b.csv", "--save-plan", "--json").json["plan"]
    return saved


def cities(desk: Desk) -> dict[str, str]:
    return dict(desk.rows("SELECT no, city FROM customers ORDER BY no"))


def test_each_change_is_shown_and_decided_on(desk: Desk, plan: str, sit: Sit) -> None:
    child = sit("plan", "review", plan)
    first = answer(child, "a", 4)
    assert "2 new · 2 changed" in first
    assert re.search(r"── change · customers #1 \(line 2\)  C1  Ann Leigh ─", first)
    assert re.search(r"~ name  Ann Lee +Ann Leigh\r?\n +\^ +\^\^\^", first)
    assert re.search(r"~ city  Leeds +Rome", first)
    answer(child, "reject", 3)
    third = answer(child, "city=Köln", 2)
    assert "── new · customers (line 4)  C4  New One" in third
    assert "+ city" in third
    edited = answer(child, "a", 1)
    assert "Köln" in edited
    answer(child, "批准", 1)
    child.expect("3 approved · 1 rejected")
    assert ended(child) == 0
    assert desk.run("plan", "apply", plan).code == 0
    assert cities(desk) == {"C1": "Rome", "C2": "深圳", "C3": "York", "C4": "Köln", "C5": "Wien"}
    assert desk.run("history", "verify").code == 0


def test_back_and_skip_and_a_slip(desk: Desk, plan: str, sit: Sit) -> None:
    child = sit("plan", "review", plan)
    answer(child, "r", 4)
    answer(child, "b", 3)
    again = answer(child, "a", 3)
    assert "said so far: reject by tester" in again
    answer(child, "s", 3)
    answer(child, "hm", 3)
    assert "go on later" in answer(child, "code=a3", 3)
    assert "not-unique" in answer(child, "q", 3)
    child.expect("1 approved · 3 open")
    assert ended(child) == 3


def test_the_rest_is_approved_by_kind_and_whole_and_asked_about(desk: Desk, plan: str, sit: Sit) -> None:
    child = sit("plan", "review", plan)
    answer(child, "k", 4)
    child.expect("undecided\\? \\[y/N\\] ")
    child.sendline("y")
    answer(child, "A", 2)
    child.expect("\\[y/N\\] ")
    child.sendline("n")
    answer(child, "A", 2)
    child.expect("\\[y/N\\] ")
    child.sendline("是")
    child.expect("4 approved")
    assert ended(child) == 0


@pytest.mark.parametrize("how", WAYS_OUT)
def test_nothing_decided_is_lost_however_it_ends(desk: Desk, plan: str, sit: Sit, how: str) -> None:
    child = sit("plan", "review", plan)
    answer(child, "a", 4)
    answer(child, "r", 3)
    child.expect(r"2 open \[[^\]]*\] ")
    leave(child, how)
    again = sit("plan", "review", plan)
    seen = answer(again, "A", 2)
    assert "── new · customers (line 4)  C4" in seen
    again.expect("\\[y/N\\] ")
    again.sendline("y")
    again.expect("3 approved · 1 rejected")
    assert ended(again) == 0


def test_a_change_is_edited_in_the_editor(desk: Desk, plan: str, sit: Sit) -> None:
    script = desk.write(
        "editor.py",
        "import pathlib, sys\npath = pathlib.Path(sys.argv[1])\ntext = path.read_text(encoding='utf-8')\n"
        "bad = 'since: soon' not in text and '#!' not in text\n"
        "path.write_text(text.replace('since:', 'since: soon') if bad else "
        "text.replace('since: soon', 'since: 2024-05-01').replace('city: Rome', 'city: 罗马'), encoding='utf-8')\n",
    )
    child = sit("plan", "review", plan, EDITOR=f"{sys.executable} {script}", VISUAL="")
    answer(child, "e", 4)
    seen = answer(child, "a", 3)
    assert "罗马" in seen
    answer(child, "q", 3)
    assert ended(child) == 3
    desk.run("plan", "review", plan, "--approve-all")
    assert desk.run("plan", "apply", plan).code == 0
    assert desk.rows("SELECT city, since FROM customers WHERE no = 'C1'") == [("罗马", "2024-05-01")]


@pytest.mark.parametrize("columns", [60, 80, 140])
def test_no_line_is_wider_than_the_terminal(desk: Desk, plan: str, sit: Sit, columns: int) -> None:
    child = sit("plan", "review", plan, columns=columns)
    seen = answer(child, "s", 4) + answer(child, "s", 4) + answer(child, "q", 4)
    ended(child)
    changes = seen[seen.index("── change") :]
    assert max(cell_len(line) for line in changes.splitlines()) <= columns
    assert re.search(r"深圳市\s*南", changes.replace("\r\n", "")) or "深圳市" in changes
    assert "王芳芳" in changes


def test_two_people_do_not_review_one_plan_at_once(desk: Desk, plan: str, sit: Sit) -> None:
    child = sit("plan", "review", plan)
    child.expect(r"4 open \[[^\]]*\] ")
    second = desk.run("plan", "review", plan, "--approve-all", "--json", CUSTREC_ACTOR="wang")
    assert (second.code, second.error["error"]) == (6, "plan-busy")
    assert "tester" in second.error["message"]
    child.sendline("q")
    assert ended(child) == 3
    assert desk.run("plan", "review", plan, "--approve-all", CUSTREC_ACTOR="wang").code == 0


def test_a_conflict_is_shown_and_decided_on(desk: Desk, plan: str, sit: Sit, tmp_path: Path) -> None:
    desk.run("edit", "C1", "city=Bath")
    child = sit("plan", "review", plan, "--refresh")
    seen = answer(child, "a", 4)
    assert "customers #1: city · event 2 by tester" in seen
    assert "! conflict: city changed by event 2 since" in seen
    assert re.search(r"~ city  Bath +Rome", seen)
    answer(child, "q", 3)
    ended(child)
    desk.run("plan", "review", plan, "--approve-all")
    assert desk.run("plan", "apply", plan).code == 0
    assert cities(desk)["C1"] == "Rome"
