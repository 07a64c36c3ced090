"""custrec normalize as a process: what it shows and says, its exit codes, and that -n writes nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import grades
from conftest import Done, RunCustrec, Shop

PUPILS = "code,name,seat,mark\na1,Ann,s1,b (late)\nA2,Bo,,c\nA3,Cy,,d?\n"

Run = Callable[..., Done]


@pytest.fixture
def custrec(tmp_path: Path, run_custrec: RunCustrec) -> Run:
    """`custrec("normalize", …, rules=2)` in a folder with a store that was made by the older rules."""
    folder = tmp_path / "school"
    folder.mkdir()
    (folder / "schema.yaml").write_text(grades.SCHEMA, encoding="utf-8")
    (folder / "in.csv").write_text(PUPILS, encoding="utf-8")
    paths = {version: grades.package(tmp_path, version) for version in (1, 2)}

    def run(*words: str, rules: int = 2) -> Done:
        path = os.pathsep.join([str(paths[rules]), *filter(None, [os.environ.get("PYTHONPATH")])])
        return run_custrec(*words, cwd=folder, PYTHONPATH=path)

    assert run("init", "-q", rules=1).code == 0
    assert run("import", "in.csv", "-q", rules=1).code == 0
    return run


def test_a_dry_run_shows_samples_and_counts_and_writes_nothing(custrec: Run) -> None:
    before = custrec("list", "--format", "csv", rules=1).out
    done = custrec("normalize", "-n")
    assert done.code == 3
    header, _, *rows = done.out.splitlines()
    assert header.split() == ["record", "field", "before", "after"]
    assert [row.split() for row in rows] == [
        ["1", "code", "a1", "A1"],
        ["1", "seat", "s1", "S1"],
        ["1", "mark", "b", "B+LATE"],
        ["2", "mark", "c", "C"],
    ]
    assert done.err == (
        "pupils, notes: 3 records judged again\n"
        "  2 changed · 1 with values that stay as they are\n"
        "  changed: pupils.code 1 · pupils.seat 1 · pupils.mark 2\n"
        "  stay as they are for: pattern 1\n"
        "nothing was written (dry run)\n"
    )
    assert custrec("list", "--format", "csv", rules=1).out == before


def test_the_real_run_says_how_to_undo_it(custrec: Run) -> None:
    done = custrec("normalize", "--table", "pupils", "--field", "mark", "--where", "name != Cy")
    assert (done.code, done.out) == (0, "")
    assert done.err.splitlines()[-1] == "event 2 · undo with: custrec undo 2"
    assert "changed: mark 2" in done.err
    assert custrec("undo", "2").code == 0
    assert "c," in custrec("list", "--format", "csv").out


def test_nothing_to_change_says_so(custrec: Run) -> None:
    for words in (["normalize"], ["normalize", "-n"], ["normalize", "--save-plan"]):
        done = custrec(*words, rules=1)
        assert (done.code, done.out) == (0, "")
        assert "nothing to change: every value is as this version stores it" in done.err
    assert "no plans are waiting" in custrec("plan", "list").err


def test_a_saved_plan_is_shown_and_applied_like_any_other(custrec: Run) -> None:
    done = custrec("normalize", "--save-plan", "--json", "--note", "new rules")
    assert done.code == 3
    said = json.loads(done.out)
    assert (said["verb"], said["counts"]["update"], said["fields"]) == (
        "normalize", 2, {"pupils": {"code": 1, "seat": 1, "mark": 2}},
    )  # fmt: skip
    shown = custrec("plan", "show", said["plan"])
    assert "pupils, notes: 3 records judged again" in shown.err
    assert "B+LATE" in shown.out
    assert custrec("plan", "apply", said["plan"]).code == 3
    assert custrec("history", "verify").code == 0


def test_json_gives_the_samples_as_plan_show_does(custrec: Run) -> None:
    said = json.loads(custrec("normalize", "-n", "--field", "seat,mark", "--json").out)
    assert (said["schema"], said["applied"]) == ("custrec.plan/1", False)
    assert said["sample"][0] == {
        "op": "update", "table": "pupils", "record": 1, "field": "seat", "before": "s1", "after": "S1",
    }  # fmt: skip


def test_a_reference_is_normalised_in_its_own_table(custrec: Run) -> None:
    done = custrec("normalize", "--table", "notes", "--field", "code")
    assert done.code == 2
    assert "code refers to pupils" in done.err
    assert "custrec normalize --table pupils" in done.err


def test_keys_of_older_stores_become_half_width(shop: Shop, run_custrec: RunCustrec) -> None:
    shop.import_csv("no,name,code\nＣ０００５,Ann,Ａ－１\n")
    assert shop.rows("SELECT no, code FROM customers") == [("C0005", "A-1")]
    shop.tamper("UPDATE customers SET no = 'Ｃ０００５', code = 'ａ（１）'")  # as versions before 2 of text stored them
    done = run_custrec("normalize", cwd=shop.folder)
    assert (done.code, shop.rows("SELECT no, code FROM customers")) == (0, [("C0005", "a(1)")])
