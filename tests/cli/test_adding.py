"""custrec add and note as processes: from words, JSON and at a terminal; all faults at once, and nothing by halves."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import time
from pathlib import Path

import pytest

from conftest import RunCustrec
from shops import command, environment
from terminal import Desk


def test_a_record_of_words_is_judged_and_added(desk: Desk) -> None:
    done = desk.run("add", "no=Ｃ７", "姓名=Ann Lee", "电话＝138 0013 8000", "since=2024年3月1日")
    assert (done.code, done.err) == (0, "add: customers #1\n  1 new\nevent 1 · undo with: custrec undo 1\n")
    assert desk.rows() == [("C7", "Ann Lee", None, "+8613800138000", None, "2024-03-01")]
    assert desk.run("undo").code == 0
    assert desk.rows() == []


def test_every_fault_is_told_at_once_and_nothing_is_written(desk: Desk) -> None:
    desk.take("no,name,code\nC1,Ann,a\n")
    before = desk.files()
    done = desk.run("add", "no=C1", "phone=12", "code=a", "since=soon", "--json")
    assert (done.code, done.error["error"]) == (4, "record-invalid")
    assert [line.split(": ")[:2] for line in done.error["details"]] == [
        ["phone", "phone-invalid"],
        ["since", "date-invalid"],
        ["name", "required"],
        ["no", "record-exists"],
        ["code", "not-unique"],
    ]
    assert "customers #1" in done.error["details"][3]
    assert done.error["hint"] == "to change what is there: custrec edit 'customers#1' field=value"
    assert desk.files() == before


def test_a_key_in_the_trash_is_told_apart(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    desk.run("delete", "C1", "--yes")
    assert "no: in-trash:" in desk.run("add", "no=C1", "name=Bo").err


@pytest.mark.parametrize(
    "text",
    [
        '{"no": "C1", "name": "Ann", "code": 12}\n{"name": "Bo", "no": 7}\n',
        '[{"no": "C1", "name": "Ann", "code": 12},\n {"name": "Bo", "no": 7}]',
    ],
)
def test_json_brings_several(desk: Desk, text: str) -> None:
    done = desk.run("add", "-", "--json", stdin=text.encode())
    assert (done.code, done.json["made"]) == (0, [{"table": "customers", "_id": 1}, {"table": "customers", "_id": 2}])
    assert desk.rows("SELECT no, name, code FROM customers") == [("C1", "Ann", "12"), ("7", "Bo", None)]


def test_one_bad_record_of_several_refuses_all(desk: Desk) -> None:
    done = desk.run("add", "-", stdin=b'[{"no": "C1", "name": "Ann"}, {"no": "C1"}, {"no": "C2", "name": "Bo"}]')
    assert done.code == 4
    assert "record 2: name: required" in done.err
    assert "record 2: no: same-record: record 1 of these has the same value" in done.err
    assert desk.rows() == []


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b'{"no": "C1", "no": "C2"}', b"\xff{}", b"[{}]", b'{"no": {}}'])
def test_what_is_no_json_of_records_is_an_error(desk: Desk, text: bytes) -> None:
    assert desk.run("add", "-", stdin=text).code == 4


def test_an_unknown_field_names_the_nearest(desk: Desk) -> None:
    assert "did you mean name?" in desk.run("add", "nmae=Ann").err
    assert desk.run("add").code == 2
    assert desk.run("add", "no=1", "no=2").code == 2


def test_children_are_added_below_their_parents_only(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\nC2,Bo\n")
    assert desk.run("add", "--table", "notes", "no=C1", "text=hello").code == 0
    assert desk.run("add", "--table", "notes", "no=C1", "text=hello").code == 0
    assert desk.rows("SELECT no, text FROM notes") == [(1, "hello"), (1, "hello")]
    assert "no-parent" in desk.run("add", "--table", "notes", "no=C9", "text=x").err
    desk.run("delete", "C2", "--yes")
    assert "parent-in-trash" in desk.run("add", "--table", "notes", "no=C2", "text=x").err


def test_a_dry_run_shows_the_record(desk: Desk) -> None:
    before = desk.files()
    done = desk.run("add", "no=C1", "name=Ann", "-n")
    assert "Ann" in done.out
    assert "1 new" in done.err
    assert desk.files() == before


def test_a_terminal_is_asked_field_by_field(desk: Desk) -> None:
    typed = [
        "C1",
        "",
        "Ann Lee",
        "",
        "12",
        "138 0013 8000",
        "",
        "",
    ]  # the required name was left blank, the phone wrong
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        command("add"),
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=desk.folder,
        env=environment(),
    )
    for line in typed:
        time.sleep(0.05)
        os.write(leader, f"{line}\n".encode())
    _, err = process.communicate(timeout=30)
    os.close(leader)
    os.close(follower)
    said = err.decode()
    assert process.returncode == 0, said
    assert said.index("no (required)") < said.index("name") < said.index("city")
    assert "a value is required here" in said
    assert "not a valid phone number" in said
    assert desk.rows() == [("C1", "Ann Lee", None, "+8613800138000", None, None)]


TALKS = """\
version: 1
tables:
  - name: people
    primaryKey: [no]
    fields: [{name: no, type: integer}, {name: name, type: string}]
  - name: talks
    foreignKeys: [{fields: [person], reference: {resource: people, fields: [no]}}]
    fields:
      - {name: person, type: integer, constraints: {required: true}}
      - {name: day, type: date, format: "%d.%m.%Y"}
      - {name: via, type: string, constraints: {required: true, enum: [CHOICES]}}
      - {name: by, type: string}
      - {name: said, type: string}
"""


def folder_with(tmp_path: Path, run_custrec: RunCustrec, schema: str) -> Path:
    (tmp_path / "schema.yaml").write_text(schema, encoding="utf-8")
    assert run_custrec("init", "-q").code == 0
    assert run_custrec("add", "no=7", "name=Ann", "-q").code == 0
    return tmp_path


def test_a_note_is_a_dated_child_record(tmp_path: Path, run_custrec: RunCustrec) -> None:
    folder_with(tmp_path, run_custrec, TALKS.replace("CHOICES", "phone, other"))
    done = run_custrec("note", "7", "hello", "--today", "2026-03-04")
    assert (done.code, done.err.splitlines()[0]) == (0, "note: talks #1")
    listed = json.loads(run_custrec("list", "--table", "talks", "--json").out)["records"]
    assert listed == [{"_id": 1, "person": 7, "day": "04.03.2026", "via": "other", "by": None, "said": "hello"}]
    assert run_custrec("undo").code == 0


def test_a_note_says_what_the_schema_lacks(tmp_path: Path, run_custrec: RunCustrec, desk: Desk) -> None:
    folder_with(tmp_path, run_custrec, TALKS.replace("CHOICES", "phone, mail"))
    done = run_custrec("note", "7", "hello")
    assert done.code == 4
    assert "talks requires a value of via" in done.err
    desk.take("no,name\nC1,Ann\n")
    assert "no table has a field of dates and one of text" in desk.run("note", "C1", "hello").err
