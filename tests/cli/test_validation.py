"""custrec validate as a process: what stands where, exit codes, and that nothing is written."""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Done, RunCustrec, Shop, command, environment

SCHEMA = """\
version: 1
defaults: {region: CN, timezone: Asia/Shanghai}
tables:
  - name: members
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: person_name, constraints: {required: true}}
      - {name: level, type: string, constraints: {enum: [basic, gold]}}
      - {name: joined, type: date, format: any}
      - {name: left, type: date, format: any}
    checks:
      - {rule: "left >= joined", message: left before joining, level: warn}
      - {rule: "joined <= today", message: joins later, level: info}
  - name: visits
    foreignKeys: [{fields: [no], reference: {resource: members, fields: [no]}}]
    fields: [{name: no, type: string}, {name: at, type: date, format: any}]
"""
FILE = "no,name,level,joined,left\nM1,张伟,glod,2024-01-02,2024-01-01\nM2,李娜,gold,25/03/2021,\nM3,王芳,,2024-01-02,\n"
GOOD = "no,name,level,joined,left\nM1,张伟,gold,2024-01-02,2025-01-01\n"

Validate = Callable[..., Done]


@pytest.fixture
def members(new_shop: Callable[..., Shop]) -> Shop:
    return new_shop(SCHEMA)


@pytest.fixture
def validate(members: Shop, run_custrec: RunCustrec) -> Validate:
    """`validate("text of a file" or None, options …)`; nothing in the folder may change."""

    def run(text: str | None, *words: str, stdin: str | None = None) -> Done:
        (members.folder / "in.csv").write_text(text or "", encoding="utf-8")
        before = files(members.folder)
        done = run_custrec(
            "validate", *(["in.csv"] if text is not None else []), *words, cwd=members.folder, stdin=stdin
        )
        assert files(members.folder) == before
        return done

    return run


def files(folder: Path) -> dict[str, str]:
    """A digest of every file but what SQLite keeps beside a database that is read."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def test_a_file_is_told_line_by_line_and_summed_up(validate: Validate) -> None:
    done = validate(FILE)
    assert done.code == 3
    header, _, *lines = done.out.splitlines()
    assert header.split() == ["line", "field", "rule", "level", "shape", "message"]
    assert [line.split()[:4] for line in lines] == [
        ["2", "level", "not-a-choice", "error"],
        ["2", "joined;left", "check", "warn"],
        ["3", "joined", "date-order", "error"],
    ]
    assert done.err == (
        "in.csv → members: 3 rows read (UTF-8, comma)\n"
        "  2 rows would be rejected: date-order 1 · not-a-choice 1\n"
        "  1 warning: left before joining\n"
    )


def test_a_file_without_findings_ends_with_0(validate: Validate) -> None:
    done = validate(GOOD)
    assert (done.code, done.out) == (0, "")
    assert done.err == "in.csv → members: 1 row read (UTF-8, comma)\n  no findings\n"


def test_quiet_says_nothing_but_the_findings(validate: Validate) -> None:
    good = validate(GOOD, "-q")
    assert (good.code, good.out, good.err) == (0, "", "")
    assert validate(FILE, "-q").err == ""


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_no_value_is_shown_unless_it_is_asked_for(validate: Validate, form: str) -> None:
    hidden, shown = validate(FILE, "--format", form), validate(FILE, "--format", form, "--show-values")
    assert "glod" not in hidden.out
    assert "aaaa" in hidden.out
    assert "glod" in shown.out


def test_suggestions_are_a_column(validate: Validate) -> None:
    done = validate(FILE, "--fix-suggestions", "--format", "csv")
    rows = list(csv.DictReader(done.out.splitlines()))
    assert [(row["field"], row["suggestion"]) for row in rows] == [
        ("level", "gold"),
        ("joined;left", ""),
        ("joined", "2021-03-25"),
    ]


def test_json_is_one_object_and_jsonl_one_a_finding(validate: Validate) -> None:
    whole = json.loads(validate(FILE, "--json").out)
    assert whole["schema"] == "custrec.findings/1"
    assert whole["findings"][1] == {
        "line": 2,
        "field": "joined;left",
        "rule": "check",
        "level": "warn",
        "shape": "9999-99-99 · 9999-99-99",
        "message": "left before joining",
    }
    lines = [json.loads(line) for line in validate(FILE, "--format", "jsonl").out.splitlines()]
    assert [{k: v for k, v in line.items() if k != "schema"} for line in lines] == whole["findings"]
    assert json.loads(validate(GOOD, "--json").out) == {"schema": "custrec.findings/1", "findings": []}


def test_standard_input_is_a_file_too(validate: Validate) -> None:
    text = "no,name\nM1,a\nM1,b\n"
    done = validate(None, "-", "--format", "csv", stdin=text)
    assert done.code == 3
    assert [line.split(",")[2] for line in done.out.splitlines()[1:]] == ["same-key", "same-key"]
    assert done.err.startswith("standard input → members: 2 rows read")


def test_the_store_is_judged_table_by_table(validate: Validate, members: Shop) -> None:
    members.import_csv(GOOD)
    members.import_csv("no,at\nM1,2024-05-05\n", "visits")
    assert validate(None).err == "members, visits: 2 records judged\n  no findings\n"
    members.tamper("UPDATE members SET level = 'glod', joined = '2999-01-01'")
    done = validate(None, "--format", "csv")
    assert done.code == 3
    assert [line.split(",")[:5] for line in done.out.splitlines()] == [
        ["table", "_id", "field", "rule", "level"],
        ["members", "1", "level", "not-a-choice", "error"],
        ["members", "1", "joined", "date-implausible", "error"],
    ]
    assert done.err.splitlines()[1] == "  1 record at fault: date-implausible 1 · not-a-choice 1"
    assert validate(None, "--where", "no != M1").code == 0
    assert validate(None, "--table", "visits").code == 0


def test_findings_of_level_info_are_findings(validate: Validate) -> None:
    done = validate("no,name,joined\nM1,张伟,2099-01-01\n")
    assert (done.code, done.err.splitlines()[1]) == (3, "  1 note: joins later")


def test_a_long_table_is_cut_and_says_so(validate: Validate) -> None:
    text = "no,name\n" + "".join(f"M{n},\n" for n in range(60))
    done = validate(text)
    assert len(done.out.splitlines()) == 52
    assert "50 of 60 findings; all of them with --format csv" in done.err
    assert len(validate(text, "--format", "csv").out.splitlines()) == 61


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("in.csv", "--where", "no = M1"), "--where chooses among the store's records"),
        (("--ignore-columns",), "--ignore-columns goes with a file"),
        (("in.csv", "--format", "ids"), "there is no format ids"),
    ],
)
def test_options_that_do_not_go_together_are_refused(validate: Validate, words: tuple[str, ...], said: str) -> None:
    done = validate(None, *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_file_that_cannot_be_used_is_refused_as_by_import(validate: Validate) -> None:
    done = validate("no,colour\nM1,red\n")
    assert done.code == 4
    assert validate("no,name,colour\nM1,张伟,red\n", "--ignore-columns").code == 0


def test_a_reader_who_has_had_enough_leaves_nothing_behind(members: Shop) -> None:
    (members.folder / "in.csv").write_text("no,name\n" + "".join(f"M{n},\n" for n in range(30_000)), encoding="utf-8")
    process = subprocess.Popen(
        command("validate", "in.csv", "--format", "csv"),
        cwd=members.folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.wait(60)
    process.stderr.close()
    assert members.leftovers() == []


def test_import_says_the_warnings(members: Shop, run_custrec: RunCustrec) -> None:
    (members.folder / "in.csv").write_text(FILE.replace("glod", "gold"), encoding="utf-8")
    said = run_custrec("import", "in.csv", "-n", cwd=members.folder)
    assert "\n  1 warning: left before joining\n" in said.err
    done = run_custrec("import", "in.csv", "--json", cwd=members.folder)
    assert json.loads(done.out)["warnings"] == {"left before joining": 1}
