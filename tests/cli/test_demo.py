"""custrec demo, as somebody takes the tour: straight through in a pipe, with Enter at a terminal, and stopped."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from custrec.cli.tour import FILES, TOUR, Run
from terminal import custrec

KEY_LINES = (
    "24 new · 1 repeated in the file · 12 rejected",
    "2 new · 10 rejected",
    "C0004        刘洋  杭州西湖茶叶有限公司",
    "2 new · 4 changed · 4 the same · 1 rejected",
    "customers-july.csv line 3",
    "event 9 · bring it back with: custrec redo 7",
    "13 reversible, 6 edited since, 5 blocked",
    "verified: 10 events, and every record that they left",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with the schema of somebody's own store, and room for temporary ones."""
    (tmp_path / "tmp").mkdir()
    (tmp_path / "schema.yaml").write_text("version: 1\ntables: [{name: mine, fields: [{name: a, type: string}]}]\n")
    assert custrec("init", cwd=tmp_path).code == 0
    return tmp_path


def test_the_tour_runs_from_end_to_end_and_leaves_nothing_and_touches_no_store_but_its_own(home: Path) -> None:
    mine = home / "custrec.db"
    before = mine.read_bytes()
    said = custrec("demo", cwd=home, TMPDIR=str(home / "tmp"), CUSTREC_STORE=str(mine), CUSTREC_MAX_CHANGE="0")
    assert (said.code, said.err) == (0, "")
    assert [line for line in KEY_LINES if line not in said.out] == []
    assert list((home / "tmp").iterdir()) == []
    assert mine.read_bytes() == before
    assert custrec("history", "list", "--json", cwd=home).json["events"] == []


def test_the_tour_keeps_a_folder_that_was_named_and_refuses_one_that_is_not_empty(home: Path) -> None:
    said = custrec("demo", "trial", "--no-pause", cwd=home)
    assert said.code == 0
    assert said.out.splitlines()[-1] == "The store of the tour: trial"
    assert custrec("history", "verify", "--store", "trial/custrec.db", cwd=home).code == 0
    again = custrec("demo", "trial", cwd=home)
    assert (again.code, again.out) == (2, "")
    assert "not there yet" in again.err


def test_what_the_tour_says_and_types_fits_eighty_columns() -> None:
    said = [line for chapter in TOUR for step in chapter.steps for line in step.text.splitlines()]
    typed = [
        f"$ {deed.line}" for chapter in TOUR for step in chapter.steps for deed in step.does if isinstance(deed, Run)
    ]
    assert [line for line in (*said, *typed) if cell_len(line) > 80] == []


def test_the_files_of_the_tour_are_the_examples_and_travel_with_the_package() -> None:
    root = Path(__file__).parents[2]
    packed = (root / "pyproject.toml").read_text(encoding="utf-8")
    for name in FILES:
        assert (root / "examples" / name).is_file()
        assert f'"examples/{name}" = "custrec/data/tour/{name}"' in packed


@pytest.mark.skipif(sys.platform == "win32", reason="no pty")
def test_at_a_terminal_enter_goes_on_and_q_stops(home: Path) -> None:
    from at_a_terminal import typing

    with typing("demo", cwd=home, columns=80, TMPDIR=str(home / "tmp")) as at:
        at.sees("Enter goes on, q stops.")
        at.sees("custrec.db: an empty store")
        at.sees("[Enter]")
        assert "A messy file" not in at.seen
        at.types()
        at.sees("2 of 9: A messy file")
        at.sees("[Enter]")
        at.types("q")
        assert at.ends() == 0
    assert at.lines[-1].endswith("is gone again.")
    assert list((home / "tmp").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no pty")
def test_ctrl_c_and_ctrl_d_at_a_pause_leave_nothing_either(home: Path) -> None:
    from at_a_terminal import CTRL_C, CTRL_D, typing

    for key, code in ((CTRL_C, 130), (CTRL_D, 0)):
        with typing("demo", cwd=home, columns=60, TMPDIR=str(home / "tmp")) as at:
            at.sees("[Enter]")
            at.presses(key)
            assert at.ends() == code, at.seen
        assert list((home / "tmp").iterdir()) == []


def test_the_tour_is_what_make_demo_runs() -> None:
    makefile = (Path(__file__).parents[2] / "Makefile").read_text(encoding="utf-8")
    assert "custrec demo" in makefile
    assert shutil.which("sh") is None or "demo.sh" not in makefile
