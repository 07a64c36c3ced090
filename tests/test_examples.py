"""The files of examples/: the demo runs from end to end, and every file imports with exactly the documented counts."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from custrec.__main__ import run

EXAMPLES = Path(__file__).parent.parent / "examples"
BIN = Path(sys.executable).parent
"""Where the command stands beside this Python."""

KEY_LINES = (
    "24 new · 1 repeated in the file · 12 rejected",
    "4 new · 8 rejected",
    "24 the same · 1 repeated in the file · 12 rejected",
    "2 new · 4 changed · 4 the same · 1 rejected",
    "nothing to change: the store has all of it already",
    "event 4 · undo with: custrec undo 4",
    "event 5 · bring it back with: custrec redo 3",
    "15 reversible, 4 edited since, 5 blocked",
    "verified: 6 events, and every record that they left",
)
COLUMNS = {
    "read": "read", "new": "insert", "changed": "update", "the same": "same", "repeated": "collapsed",
    "rejected": "rejected",
}  # fmt: skip
"""The documented columns, and what a plan calls its counts."""


@pytest.mark.skipif(shutil.which("sh") is None, reason="the demo is a shell script")
def test_the_demo_runs_from_end_to_end_and_leaves_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", str(EXAMPLES / "demo.sh")],
        env={**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    missing = [line for line in KEY_LINES if line not in done.stdout]
    assert not missing, done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(shutil.which("sh") is None, reason="the demo is a shell script")
def test_the_demo_never_touches_the_store_of_the_person_who_runs_it(tmp_path: Path) -> None:
    script = (EXAMPLES / "demo.sh").read_text(encoding="utf-8")
    assert "unset CUSTREC_STORE CUSTREC_ACTOR" in script
    mine = tmp_path / "mine.db"
    beginning = script.partition("say '== 2.")[0]
    (tmp_path / "demo.sh").write_text(beginning, encoding="utf-8")
    (tmp_path / "customers.csv").write_text("客户编号,姓名\n", encoding="utf-8")
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "CUSTREC_STORE": str(mine)}
    subprocess.run(["sh", str(tmp_path / "demo.sh")], env=environment, stdin=subprocess.DEVNULL, check=True)
    assert not mine.exists()


def test_every_example_file_imports_with_the_documented_counts(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    documented = table_with("read")
    assert {row["file"] for row in documented} == {path.name for path in EXAMPLES.glob("*.csv")}
    for row in documented:
        counts = imported(store, row["file"], capsys)["counts"]
        found = {column: counts.get(name, 0) for column, name in COLUMNS.items()}
        assert found == {column: int(row[column]) for column in COLUMNS}, row["file"]


def test_every_bad_row_of_the_customers_is_the_documented_one(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rejects = Path(imported(store, "customers.csv", capsys)["rejects"])
    with rejects.open(encoding="utf-8", newline="") as file:
        found = [(row["_line"], row["_field"], row["_rule"]) for row in csv.DictReader(file)]
    assert found == [(row["line"], row["field"], row["rule"]) for row in table_with("rule")]


def test_undoing_the_second_month_gives_back_the_first(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    imported(store, "customers.csv", capsys)
    before = listed(store, capsys)
    event = imported(store, "customers-july.csv", capsys)["event"]
    after = listed(store, capsys)
    assert before != after
    assert run(["undo", str(event), "--store", str(store), "-q"]) == 0
    assert listed(store, capsys) == before
    assert run(["redo", str(event), "--store", str(store), "-q"]) == 0
    assert listed(store, capsys) == after
    assert run(["history", "verify", "--store", str(store), "-q"]) == 0


def test_the_gbk_file_holds_the_rows_of_the_utf_8_one() -> None:
    with (EXAMPLES / "customers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    raw = (EXAMPLES / "customers-gbk.csv").read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n") == len(rows)
    with (EXAMPLES / "customers-gbk.csv").open(encoding="gb18030", newline="") as file:
        assert list(csv.reader(file, delimiter=";")) == rows
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store with the default schema."""
    monkeypatch.delenv("CUSTREC_STORE", raising=False)
    place = tmp_path / "custrec.db"
    assert run(["init", str(tmp_path), "-q"]) == 0
    return place


def imported(store: Path, name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Import an example into the table of its name; what the plan says as JSON. Each has bad rows: exit code 3."""
    table = "contacts" if name.startswith("contacts") else "customers"
    capsys.readouterr()
    assert run(["import", str(EXAMPLES / name), "--table", table, "--store", str(store), "--json"]) == 3
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def listed(store: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """All customers as JSON lines."""
    capsys.readouterr()
    assert run(["list", "--store", str(store), "--format", "jsonl"]) == 0
    return capsys.readouterr().out


def table_with(column: str) -> list[dict[str, str]]:
    """The rows of the table in examples/README.md that has a column of this name."""
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for block in text.split("\n\n"):
        lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.strip().splitlines()]
        if column in lines[0]:
            return [dict(zip(lines[0], cells, strict=True)) for cells in lines[2:]]
    raise AssertionError(f"examples/README.md has no table with the column {column}")
