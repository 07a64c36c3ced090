"""custrec import with several files, archives, workbooks, databases and folders; import list and import show."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile

import pytest
import xlsxwriter

from terminal import Desk, environment

CUSTOMERS = "no,name\nC1,Ann Lee\n"
NOTES = "no,text\nC1,called\nC2,wrote\n"


def workbook(**sheets: list[list[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return out.getvalue()


def archive(**contents: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, content in contents.items():
            zipped.writestr(name.replace("_", "."), content)
    return out.getvalue()


def sources(desk: Desk) -> list[str]:
    return desk.rows("SELECT source FROM _event WHERE verb = 'import' ORDER BY id")


def test_several_files_are_an_event_each_parents_first(desk: Desk) -> None:
    desk.write("a.csv", NOTES)
    desk.write("b.csv", CUSTOMERS)
    desk.write("c.csv", "no,name\nC2,Bo Diaz\n")
    said = desk.run("import", "a.csv", "b.csv", "c.csv")
    assert said.code == 0
    assert sources(desk) == ["b.csv", "c.csv", "a.csv"]
    assert desk.rows("SELECT text FROM notes ORDER BY _id") == ["called", "wrote"]
    assert desk.run("undo", "2").code == 6, "somebody refers to its customer"
    assert desk.run("undo", "3").code == 0


def test_one_bad_file_stops_no_other(desk: Desk) -> None:
    desk.write("a.csv", "no,nobody\nC1,x\n")
    desk.write("b.csv", CUSTOMERS)
    desk.write("c.csv", "no,text\nC1,called\nC9,wrote\n")
    desk.write("broken.zip", archive(a_csv=CUSTOMERS)[:-30])
    desk.write("empty.zip", archive())
    desk.write("d.zip", archive(a_csv=CUSTOMERS))
    said = desk.run("import", "a.csv", "b.csv", "none.csv", "c.csv", "broken.zip", "d.zip#none.csv", "empty.zip")
    assert said.code == 4
    assert sources(desk) == ["b.csv", "c.csv"]
    for words in (
        "custrec: a.csv: a.csv has 1 column unknown to customers",
        "custrec: none.csv: there is no file none.csv",
        "custrec: broken.zip: the archive broken.zip cannot be used: it is damaged",
        "there is no file none.csv in d.zip",
        "try: add the header",
    ):
        assert words in said.err
    assert "1 rejected" in said.err
    assert desk.rejects(2)[1].startswith("3,no,no-parent,")


def test_several_files_with_json_are_an_object_a_line(desk: Desk) -> None:
    desk.write("a.csv", CUSTOMERS)
    desk.write("b.csv", "no,name\nC2,\n")
    said = desk.run("import", "a.csv", "b.csv", "--json")
    assert said.code == 3
    plans = [json.loads(line) for line in said.out.splitlines()]
    assert [plan["source"]["name"] for plan in plans] == ["a.csv", "b.csv"]
    assert plans[1]["rules"] == {"required": 1}


def test_rejects_of_several_files_cannot_share_one(desk: Desk) -> None:
    desk.write("a.csv", CUSTOMERS)
    said = desk.run("import", "a.csv", "a.csv", "--rejects", "bad.csv")
    assert (said.code, sources(desk)) == (2, [])
    assert "--rejects goes with one file" in said.err


def test_a_pipe_among_several_files_is_read_once(desk: Desk) -> None:
    desk.write("a.csv", NOTES)
    os.mkfifo(desk.folder / "pipe")
    with subprocess.Popen(
        [sys.executable, "-m", "custrec", "import", "a.csv", "pipe"],
        cwd=desk.folder,
        env=environment(desk.folder),
        stderr=subprocess.PIPE,
    ) as process:
        (desk.folder / "pipe").write_text(CUSTOMERS + "C2,Bo Diaz\n")
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert sources(desk) == ["pipe", "a.csv"]


def test_the_files_of_an_archive_are_imported_each(desk: Desk) -> None:
    desk.write("july.zip", archive(**{"notes.csv": NOTES.partition("C2")[0], "sub/customers.csv": CUSTOMERS}))
    said = desk.run("import", "july.zip")
    assert said.code == 0
    assert sources(desk) == ["july.zip#sub/customers.csv", "july.zip#notes.csv"]
    assert "july.zip#notes.csv → notes: 1 row read" in said.err
    assert desk.run("import", "july.zip#notes.csv", "-n").code == 0
    said = desk.run("import", "july.zip#none.csv")
    assert said.code == 4
    assert "there is no file none.csv in july.zip" in said.err
    assert "  sub/customers.csv" in said.err


def test_a_sheet_and_a_table_are_named_behind_the_file(desk: Desk) -> None:
    desk.write("book.xlsx", workbook(客户=[["no", "name"], ["C1", "Ann"]], 旧=[["no", "name"], ["C2", "Bo"]]))
    said = desk.run("import", "book.xlsx#旧")
    assert "book.xlsx#旧 → customers: 1 row read (sheet 旧)" in said.err
    said = desk.run("import", "book.xlsx")
    assert "sheet 客户 was taken, which fits best; 1 more have rows" in said.err
    with contextlib.closing(sqlite3.connect(desk.folder / "crm.db", isolation_level=None)) as database:
        for table, no in (("people", "C3"), ("old people", "C4")):
            database.execute(f'CREATE TABLE "{table}" (no, name)')
            database.execute(f'INSERT INTO "{table}" VALUES (?, ?)', (no, "Cy"))
    assert desk.run("import", "crm.db#old people").code == 0
    said = desk.run("import", "crm.db")
    assert said.code == 4
    assert "crm.db has 2 tables; say which\n  people\n  old people\n" in said.err
    assert desk.rows("SELECT no FROM customers ORDER BY _id") == ["C2", "C1", "C4"]
    assert sources(desk) == ["book.xlsx#旧", "book.xlsx", "crm.db#old people"]


def test_a_workbook_from_standard_input(desk: Desk) -> None:
    content = workbook(one=[["no", "name"], ["C1", "Ann"]], two=[["no", "name"], ["C2", "Bo"], ["C3", ""]])
    assert desk.run("import", "-", stdin=content).code == 0
    said = desk.run("import", "--json", "--", "-#two", stdin=content)
    assert (said.code, said.json["rules"]) == (3, {"required": 1})
    assert desk.rows("SELECT no FROM customers ORDER BY _id") == ["C1", "C2"]
    assert list((desk.folder / "custrec.plans").iterdir()) == []


def test_the_store_is_no_source_of_records(desk: Desk) -> None:
    desk.take(CUSTOMERS)
    said = desk.run("import", "custrec.db#customers")
    assert said.code == 4
    assert "looks like a store of custrec" in said.err
    assert "custrec export --store" in said.err


def test_a_sign_in_the_name_of_a_file_is_a_part_of_it(desk: Desk) -> None:
    desk.write("list#1.csv", CUSTOMERS)
    assert desk.run("import", "list#1.csv").code == 0
    assert sources(desk) == ["list#1.csv"]


def test_a_folder_is_an_inbox_of_what_is_new(desk: Desk) -> None:
    inbox = desk.folder / "inbox"
    inbox.mkdir()
    desk.write("inbox/notes.csv", "no,text\nC1,called\n")
    desk.write("inbox/people.csv", CUSTOMERS)
    desk.write("inbox/people copy.csv", CUSTOMERS)
    desk.write("inbox/readme.pdf", "x")
    desk.write("inbox/broken.csv", "")
    said = desk.run("import", "inbox")
    assert said.code == 4
    assert "2 new files, 1 known" in said.err
    assert "not looked at, by their names: readme.pdf" in said.err
    assert "broken.csv: " in said.err
    assert sources(desk) == ["people copy.csv", "notes.csv"], "parents first"
    (inbox / "broken.csv").unlink()
    assert "0 new files, 3 known" in desk.run("import", "inbox").err
    desk.write("inbox/same.csv", "name,no\nAnn Lee,C1\n")
    said = desk.run("import", "inbox/")
    assert "1 new file, 3 known" in said.err
    assert "nothing to change" in said.err
    assert sources(desk)[-1] == "same.csv", "it is on record, so that it is known"
    assert "0 new files, 4 known" in desk.run("import", "inbox").err


def test_a_folder_may_be_looked_at_first(desk: Desk) -> None:
    (desk.folder / "inbox").mkdir()
    desk.write("inbox/people.csv", CUSTOMERS)
    for _ in range(2):
        said = desk.run("import", "inbox", "-n")
        assert (said.code, "1 new file, 0 known" in said.err) == (0, True)
    assert sources(desk) == []
    assert desk.run("import", "inbox", "--save-plan").code == 0
    assert "0 new files, 1 known" in desk.run("import", "inbox").err, "it waits as a plan"


def test_a_folder_among_other_files_is_not_an_inbox(desk: Desk) -> None:
    (desk.folder / "inbox").mkdir()
    desk.write("a.csv", CUSTOMERS)
    said = desk.run("import", "a.csv", "inbox")
    assert said.code == 4
    assert "inbox is a directory" in said.err
    assert sources(desk) == ["a.csv"]


def test_what_was_imported_is_listed(desk: Desk) -> None:
    assert desk.run("import", "list").err == "nothing was imported yet\n"
    desk.take("no,name\nC1,Ann\nC2,\n")
    desk.take("no,name\nC1,Ann\nC3,Cy\n", name="again.csv")
    desk.run("undo")
    said = desk.run("import", "list")
    lines = said.out.splitlines()
    assert len(lines) == 4
    assert lines[0].split()[:6] == ["event", "at", "file", "table", "rows", "new"]
    assert "again.csv" in lines[2]
    assert "undone by 3" in lines[2]
    assert "in.csv" in lines[3]
    imports = desk.run("import", "list", "--json").json["imports"]
    assert [(one["id"], one["source"], one["table"], one["counts"]["insert"]) for one in imports] == [
        (2, "again.csv", "customers", 1), (1, "in.csv", "customers", 1),
    ]  # fmt: skip
    assert imports[0]["undone_by"] == 3
    assert imports[1]["rules"] == {"required": 1}


def test_one_import_is_shown(desk: Desk) -> None:
    desk.write("book.xlsx", workbook(s=[["no", "name", "phone"], ["C1", "Ann", 13800138000], ["C2", "", ""]]))
    desk.run("import", "book.xlsx", "--note", "from the fair")
    said = desk.run("import", "show", "1")
    assert said.code == 0
    told = {line[:16].strip(): line[16:].strip() for line in said.out.splitlines()}
    assert (told["file"], told["table"], told["note"]) == ("book.xlsx", "customers", "from the fair")
    assert told["read as"] == "sheet s"
    assert told["rejected for"] == "required 1"
    assert told["rejected rows"] == "custrec.rejects/1.csv"
    shown = desk.run("import", "show", "1", "--json").json
    assert (shown["form"], shown["kinds"]["phone"] > 0) == ("sheet s", True)
    assert shown["rejects"].endswith("custrec.rejects/1.csv")
    desk.run("undo", "1")
    assert desk.run("import", "show", "2").code != 0, "an undo is no import"
    assert desk.run("import", "show", "99").code != 0


def test_a_file_that_is_called_as_a_command_is_named_with_its_folder(desk: Desk) -> None:
    for name in ("list", "show"):
        desk.write(name, CUSTOMERS.replace("C1", name))
        assert desk.run("import", f"./{name}").code == 0
    assert sources(desk) == ["list", "show"]
    assert desk.run("import", "list").out.count("customers") == 2
    assert desk.run("import", "-n", "list").code == 0, "behind an option it is a file"


def test_the_help_of_import_is_that_of_its_files(desk: Desk) -> None:
    said = desk.run("import", "--help")
    assert said.code == 0
    assert said.out.startswith("Usage: custrec import [OPTIONS] ")
    for words in ("--map", "--rejects", "--save-plan", "custrec import inbox/", "import show EVENT"):
        assert words in said.out
    assert "custrec import import" not in said.out
    assert "Usage: custrec import list" in desk.run("import", "list", "--help").out
    said = desk.run("import")
    assert said.code == 2
    assert "FILE" in said.err


@pytest.mark.parametrize("part", ["", "#客户"])
def test_a_protected_or_damaged_workbook_is_no_bug(desk: Desk, part: str) -> None:
    content = workbook(客户=[["no"]])
    desk.write("half.xlsx", content[: len(content) // 2])
    said = desk.run("import", f"half.xlsx{part}")
    assert said.code == 4
    assert "the workbook half.xlsx cannot be read" in said.err
