"""custrec nightly as a process: its steps, what one that fails does to the others, its lock and its summary."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import Any

import pytest

from terminal import Desk

GOOD = "no,name\nC1,Ann Lee\nC2,Bo Diaz\n"
STEPS = ["import", "check", "retention", "backup", "prune"]


@pytest.fixture
def night(desk: Desk) -> Desk:
    """A store with an inbox and keys, of which the last backups are kept."""
    (desk.folder / "inbox").mkdir()
    assert desk.run("key", "init", "--i-accept-data-loss", "-q").code == 0
    (desk.folder / "custrec.yaml").write_text("backup_keep: last 2\n", encoding="utf-8")
    return desk


def arrives(desk: Desk, name: str, text: str) -> None:
    (desk.folder / "inbox" / name).write_text(text, encoding="utf-8")


def steps(desk: Desk, *words: str, code: int) -> dict[str, dict[str, Any]]:
    """Run it; the steps of its summary by name."""
    done = desk.run("nightly", "-q", "--summary-file", "night.json", *words)
    assert done.code == code, done.err
    assert done.err.count("\n") <= 1
    assert done.out == ""
    said = json.loads((desk.folder / "night.json").read_text(encoding="utf-8"))
    assert said["exit_code"] == code
    if not said["results"]:
        return {}
    return {one["step"]: one for one in said["results"][0]["steps"]}


def backups(desk: Desk) -> int:
    return len(list((desk.folder / "custrec.backups").glob("*.age")))


def test_a_night_takes_the_inbox_checks_backs_up_and_drops_old_backups_and_may_run_again(night: Desk) -> None:
    arrives(night, "monday.csv", GOOD)
    found = steps(night, code=0)
    assert list(found) == STEPS
    assert found["import"]["results"][0]["counts"]["insert"] == 2
    assert [one["exit_code"] for one in found.values()] == [0] * len(STEPS)
    assert found["check"]["results"][0]["sections"][0]["section"] == "records"
    for _ in range(3):
        assert steps(night, code=0)["import"]["results"] == []
    assert backups(night) == 3, "prune keeps the newest three that are proved, whatever the rule"
    said = night.run("nightly")
    assert [line.partition(":")[0] for line in said.err.splitlines()] == STEPS
    assert "generation 5" in said.err
    assert "import: nothing new" in said.err


def test_a_file_that_cannot_be_used_does_not_cost_the_backup(night: Desk) -> None:
    arrives(night, "bad.csv", "Surname,Shoe size\nZhang,42\n")
    arrives(night, "good.csv", GOOD + "C3,\n")
    found = steps(night, code=4)
    assert found["import"]["exit_code"] == 4
    assert [error["thing"] for error in found["import"]["errors"]] == ["bad.csv"]
    assert (found["retention"]["skipped"], found["backup"]["exit_code"], backups(night)) == ("import failed", 0, 1)
    line = night.run("nightly", "-q").err
    assert line.startswith("custrec: nightly: import (4): bad.csv: ")


def test_rules_of_retention_that_need_no_asking_are_carried_out_and_those_that_do_are_told(night: Desk) -> None:
    place = night.folder / "schema.yaml"
    rules = "[{name: old, anchor: since, archive: 1y, trash: 9y, auto: archive}]"
    text = place.read_text(encoding="utf-8")
    key = "    primaryKey: [no]\n"
    place.write_text(text.replace(key, f"{key}    retention: {rules}\n", 1), encoding="utf-8")
    assert night.run("schema", "apply", "--yes").code == 0
    arrives(night, "monday.csv", "no,name,since\nC1,Ann Lee,2025-01-01\nC2,Bo Diaz,2016-01-01\n")
    found = steps(night, code=3)
    assert night.rows("SELECT _state FROM customers") == [1, 0]
    assert found["retention"]["results"][-1]["waiting"] == 1
    assert found["retention"]["exit_code"] == 3


def test_without_an_inbox_and_keys_it_does_the_rest_and_says_what_it_left_out(desk: Desk) -> None:
    desk.take(GOOD)
    found = steps(desk, code=0)
    assert "custrec key init" in found["backup"]["skipped"]
    assert "inbox" in found["import"]["skipped"]
    assert "backup: left out" in desk.run("nightly").err


def test_no_old_backup_is_dropped_where_no_new_one_could_be_made(night: Desk) -> None:
    for _ in range(3):
        assert night.run("backup", "create", "-q").code == 0
    (night.folder / "custrec.yaml").write_text("backup_keep: last 1\ntargets: [nowhere/at/all]\n", encoding="utf-8")
    found = steps(night, code=8)
    assert (found["backup"]["exit_code"], found["prune"]["skipped"]) == (8, "backup failed")
    assert backups(night) == 3


def test_findings_are_one_line_and_exit_code_three(night: Desk) -> None:
    arrives(night, "rows.csv", GOOD + "C3,\n")
    found = steps(night, code=3)
    assert found["import"]["exit_code"] == 3
    assert found["backup"]["exit_code"] == 0


def test_a_second_run_ends_with_six_and_says_who_holds_the_lock(night: Desk) -> None:
    with (night.folder / "custrec.nightly-lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        json.dump({"pid": 4711, "verb": "nightly"}, lock)
        lock.flush()
        done = night.run("nightly", "-q", "--summary-file", "night.json")
        assert (done.code, done.err.count("\n")) == (6, 1)
        assert "another nightly is at this store (process 4711)" in done.err
        said = json.loads((night.folder / "night.json").read_text(encoding="utf-8"))
        assert (said["exit_code"], said["errors"][0]["error"]) == (6, "nightly-running")
    assert night.run("nightly", "-q").code == 0


def test_a_dry_run_writes_nothing(night: Desk) -> None:
    arrives(night, "monday.csv", GOOD)
    before = night.rows("SELECT count(*) FROM _event")
    done = night.run("nightly", "-n", "--json")
    assert (done.code, done.json["done"]) == (0, False)
    assert done.json["steps"][0]["results"][0]["counts"]["insert"] == 2
    assert night.rows("SELECT count(*) FROM _event") == before
    assert backups(night) == 0


def test_steps_are_chosen_and_the_inbox_is_named(night: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "a.csv").write_text(GOOD, encoding="utf-8")
    assert list(steps(night, "--only", "import,backup", "--inbox", str(folder), code=0)) == ["import", "backup"]
    assert night.run("nightly", "--only", "luck").code == 2
    (night.folder / "custrec.yaml").write_text("inbox: other\n", encoding="utf-8")
    assert steps(night, code=4)["import"]["errors"][0]["error"] == "file-missing"


def test_a_store_that_is_gone_is_told_once(night: Desk) -> None:
    (night.folder / "custrec.db").unlink()
    assert steps(night, code=7) == {}
