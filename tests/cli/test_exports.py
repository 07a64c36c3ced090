"""custrec export, schema template and schema export as people and scripts run them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from terminal import Desk, environment
from workbook_reader import sheets_of

PEOPLE = "no,name,city\nC1,Ann Bell,London\nC2,张伟,=1+1\n"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "desk")
    assert made.take(PEOPLE).code == 0
    return made


def test_export_says_how_many_records_went_where(desk: Desk) -> None:
    said = desk.run("export", "-o", "out.csv", "--titles")
    assert (said.code, said.out, said.err) == (0, "", "2 records of customers → out.csv\n")
    assert (desk.folder / "out.csv").read_text("utf-8").startswith("客户编号,姓名,城市,电话,code,since\nC1,")
    assert desk.run("import", "out.csv").err.endswith("nothing to change: the store has all of it already\n")


def test_records_go_to_standard_output_and_words_do_not(desk: Desk) -> None:
    said = desk.run("export", "--fields", "no,city", "--where", "no = C1", "--sort", "-no")
    assert (said.code, said.out, said.err) == (0, "no,city\nC1,London\n", "1 record of customers → standard output\n")
    assert desk.run("export", "-q", "--fields", "no").err == ""


def test_export_and_import_make_a_pipe(desk: Desk) -> None:
    said = desk.run("export", "--excel")
    assert said.raw.startswith(b"\xef\xbb\xbfno,")
    assert b"'=1+1" in said.raw
    again = desk.run("import", "-", stdin=said.raw)
    assert again.code == 0
    assert "2 the same" in again.err


def test_a_workbook_goes_to_a_pipe_too(desk: Desk) -> None:
    said = desk.run("export", "--format", "xlsx")
    (desk.folder / "piped.xlsx").write_bytes(said.raw)
    (sheet,) = sheets_of(desk.folder / "piped.xlsx")
    assert sheet.rows[2][:3] == ["C2", "张伟", "=1+1"]


def test_a_workbook_does_not_go_to_a_terminal(desk: Desk) -> None:
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "custrec", "export", "--format", "xlsx"]
    done = subprocess.run(
        command, stdout=child, stderr=subprocess.PIPE, cwd=desk.folder, env=environment(desk.folder), check=False
    )
    os.close(parent)
    os.close(child)
    assert (done.returncode, b"not for a terminal" in done.stderr) == (2, True)


def test_a_reader_that_has_had_enough_is_no_error(desk: Desk) -> None:
    rows = "".join(f"K{n},Ann Bell,{'London' * 20}\n" for n in range(3000))
    assert desk.take("no,name,city\n" + rows).code == 0
    for form in ("csv", "jsonl", "xlsx"):
        command = [sys.executable, "-m", "custrec", "export", "--format", form]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=desk.folder, env=environment(desk.folder)
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.read(1)
            process.stdout.close()
            words = process.stderr.read()
            assert process.wait() == 0
            assert words == b"" or (form == "xlsx" and words.startswith(b"3,002 records"))  # it may fit into the pipe


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["-o", "out.doc"], 2),
        (["--format", "pdf"], 2),
        (["--where", "city ="], 2),
        (["--fields", "town"], 2),
        (["--table", "clients"], 2),
        (["-o", "custrec.db", "--format", "csv"], 2),
        (["--excel", "-o", "out.json"], 2),
        (["--store", "nothing.db"], 7),
        (["-o", "no-such-folder/out.csv"], 10),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(desk: Desk, words: list[str], code: int) -> None:
    before = desk.files()
    said = desk.run("export", *words)
    assert (said.code, said.out) == (code, "")
    assert said.err.startswith("custrec: ")
    assert desk.files() == before


def test_amounts_without_their_currency_are_warned_of(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text(
        "version: 1\ntables:\n  - name: deals\n    primaryKey: [no]\n    fields:\n      - {name: no, type: string}\n"
        "      - {name: sum, kind: money, currencyField: cur}\n      - {name: cur, type: string}\n"
    )
    desk = Desk.__new__(Desk)
    desk.folder, desk.store = tmp_path, tmp_path / "custrec.db"
    assert desk.run("init").code == 0
    assert desk.take("no,sum,cur\nD1,100,JPY\n").code == 0
    said = desk.run("export", "--fields", "no,sum", "-q")
    assert said.out == "no,sum\nD1,100\n"
    assert "the currency of cur, which is not among the fields" in said.err


def test_a_template_is_written_and_says_what_is_next(desk: Desk) -> None:
    said = desk.run("schema", "template", "-o", "fill.xlsx")
    assert (said.code, said.out) == (0, "")
    assert said.err == ("fill.xlsx: 6 columns for customers\nnext: fill it, then: custrec import fill.xlsx\n")
    said = desk.run("import", "fill.xlsx")
    assert (said.code, said.err.splitlines()[0]) == (0, "fill.xlsx → customers: 0 rows read (sheet customers)")
    assert sheets_of(desk.folder / "fill.xlsx")[0].rows == [["客户编号", "姓名", "城市", "电话", "code", "since"]]
    said = desk.run("schema", "template", "notes", "-o", "notes.csv")
    assert said.err.endswith("next: fill it, then: custrec import notes.csv --table notes\n")
    assert desk.run("schema", "template", "notes").out == "\ufeffno,text,id\r\n"
    assert desk.run("schema", "template", "-o", "fill.txt").code == 2


def test_the_schema_is_written_for_other_programs(desk: Desk) -> None:
    package = desk.run("schema", "export", "--frictionless").json
    assert [resource["name"] for resource in package["resources"]] == ["customers", "notes"]
    said = desk.run("schema", "export", "--frictionless", "-o", "datapackage.json")
    assert (said.code, said.err) == (0, "datapackage.json: a data package of 2 tables\n")
    assert json.loads((desk.folder / "datapackage.json").read_text("utf-8")) == package
    assert desk.run("schema", "export").code == 2
