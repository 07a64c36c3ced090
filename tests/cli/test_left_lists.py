"""Lists of rows beside a store whose import was killed: swept with its plan, or named after the event that happened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from terminal import Desk, Said

ROWS = "no,name,since\nC1,Ann,2020-01-01\nC2,Bo,tomorrow\n"
"""The second row is rejected."""


@pytest.fixture(scope="module")
def dead() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def in_the_making(desk: Desk, process: int) -> str:
    """What stands beside a store when an import has written its lists and not yet the store: the plan's id."""
    said = desk.take(ROWS, "--save-plan")
    assert said.code == 3, said
    plan: str = said.json["plan"]
    plans = desk.folder / "custrec.plans"
    (plans / f"{plan}.sha256").unlink()
    (plans / f"{plan}.{process}.making").touch()
    (desk.folder / "custrec.review").mkdir(exist_ok=True)
    (desk.folder / "custrec.review" / f"{plan}.csv").write_text("no,name\nC9,Somebody\n", encoding="utf-8")
    (desk.folder / "custrec.review" / f".{plan}.csv.0123456789abcdef.part").write_text("no\n", encoding="utf-8")
    return plan


def lists(desk: Desk) -> set[str]:
    folders = ("custrec.rejects", "custrec.review", "custrec.declined")
    return {str(path.relative_to(desk.folder)) for name in folders for path in (desk.folder / name).glob("*")}


def later(desk: Desk) -> Said:
    """Another command that writes."""
    said = desk.run("add", "no=C7", "name=Cy")
    assert said.code == 0, said
    return said


def tidy(desk: Desk) -> bool:
    return "no killed command left anything behind" in desk.run("doctor").out


def test_lists_of_an_import_that_was_killed_are_swept_with_its_plan(desk: Desk, dead: int) -> None:
    in_the_making(desk, dead)
    assert not tidy(desk)
    later(desk)
    assert lists(desk) == set()
    assert tidy(desk)


def test_the_doctor_counts_and_mends_them_at_once_also_without_their_plan(desk: Desk, dead: int) -> None:
    plan = in_the_making(desk, dead)
    for path in (desk.folder / "custrec.plans").glob(f"{plan}.*"):
        path.unlink()
    assert not tidy(desk)
    assert "3 files of killed commands removed" in desk.run("doctor", "--fix").err
    assert lists(desk) == set()


def test_lists_of_an_import_that_runs_and_of_a_plan_that_waits_stay(desk: Desk, dead: int) -> None:
    in_the_making(desk, os.getpid())
    desk.take(ROWS, "--save-plan")
    before = lists(desk)
    later(desk)
    assert tidy(desk)
    assert lists(desk) == before


def test_a_list_of_an_event_that_happened_takes_its_name_where_the_kill_came_before_that(desk: Desk) -> None:
    assert desk.take(ROWS).code == 3
    (plan,) = desk.rows("SELECT plan FROM _event")
    named = desk.folder / "custrec.rejects" / "1.csv"
    content = named.read_bytes()
    named.rename(named.with_name(f"{plan}.csv"))
    assert tidy(desk)
    later(desk)
    assert lists(desk) == {"custrec.rejects/1.csv"}
    assert named.read_bytes() == content
    assert tidy(desk)


def test_lists_of_a_plan_that_was_dropped_go_with_it(desk: Desk) -> None:
    plan = desk.take(ROWS, "--save-plan").json["plan"]
    assert lists(desk) == {f"custrec.rejects/{plan}.csv"}
    assert desk.run("plan", "drop", plan).code == 0
    assert lists(desk) == set()


def test_a_list_that_cannot_be_removed_keeps_nobody_from_working(desk: Desk) -> None:
    held = desk.folder / "custrec.rejects" / "p1234abcd.csv"
    held.mkdir(parents=True)  # as a spreadsheet holds one that it has open, on Windows
    later(desk)
    assert not tidy(desk)
    held.rmdir()
    assert tidy(desk)


def test_other_files_that_somebody_put_there_stay(desk: Desk) -> None:
    folder = Path(desk.folder / "custrec.rejects")
    folder.mkdir()
    for name in ("mended.csv", "p1234abcd-mine.csv", "7.csv", "file-0123abcd.csv"):
        (folder / name).write_text("no\n", encoding="utf-8")
    before = lists(desk)
    later(desk)
    assert lists(desk) == before
