"""The files of examples/: every file imports with exactly the documented counts."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from custrec.__main__ import run

EXAMPLES = Path(__file__).parent.parent / "examples"
COLUMNS = {
    "read": "read", "new": "insert", "changed": "update", "the same": "same", "repeated": "collapsed",
    "rejected": "rejected",
}  # fmt: skip
"""The documented columns, and what a plan calls its counts."""


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
