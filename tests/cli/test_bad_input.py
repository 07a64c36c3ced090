"""A file that cannot be used, named clearly, with nothing changed; a header that cannot be used likewise."""

from __future__ import annotations

import io
import os
import random
import sqlite3
import zipfile
import zlib
from pathlib import Path

import pytest

from terminal import Desk


def refused(desk: Desk, *words: object, code: int = 4, stdin: bytes | None = None) -> str:
    """Import something that must be refused as a whole; returns what is said."""
    before = desk.files()
    said = desk.run("import", *words, stdin=stdin)
    assert said.code == code, said
    assert said.raw == b""
    assert said.err.startswith("custrec: ")
    after = desk.files()
    assert after == before
    return said.err


def test_a_file_that_is_not_there_is_named(desk: Desk) -> None:
    assert "there is no file custmers.csv" in refused(desk, "custmers.csv")


def test_a_folder_is_no_file(desk: Desk) -> None:
    desk.write("a.csv", "no,name\nC1,Ann\n")
    _made(desk.folder / "folder")
    said = desk.run("import", "a.csv", "folder")
    assert said.code == 4
    assert "folder is a directory" in said.err
    assert "1 new" in said.err  # the other file is imported all the same


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(desk: Desk) -> None:
    desk.write("secret.csv", "no,name\n").chmod(0)
    before = desk.store.read_bytes()
    said = desk.run("import", "secret.csv")
    assert (said.code, said.err.split("\n")[0]) == (4, "custrec: cannot read secret.csv: permission denied")
    assert desk.store.read_bytes() == before


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that even root cannot read")
def test_a_file_that_the_system_cannot_read_is_named(desk: Desk) -> None:
    assert "cannot read /proc/self/mem: input/output error" in refused(desk, "/proc/self/mem")


def test_a_file_name_may_be_anything(desk: Desk) -> None:
    assert r"there is no file no\x1b[31m\nsuch.csv" in refused(desk, "no\x1b[31m\nsuch.csv")


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n  \n", b"\xef\xbb\xbf\r\n\r\n"])
def test_an_empty_file_has_not_even_a_header(desk: Desk, content: bytes) -> None:
    desk.write("in.csv", content)
    assert "in.csv is empty: there is not even a header" in refused(desk, "in.csv")


@pytest.mark.parametrize("content", ["no,name\n", "no,name", "no,name\n\n\n"])
def test_a_file_with_a_header_alone_has_no_rows(desk: Desk, content: str) -> None:
    desk.write("in.csv", content)
    said = desk.run("import", "in.csv")
    assert said.code == 0
    assert "0 rows read" in said.err
    assert "the store has all of it already" not in said.err
    assert "Traceback" not in said.err
    assert desk.rows() == []


def _made(path: Path) -> Path:
    path.mkdir(exist_ok=True)
    return path


def _workbook() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


def _database(folder: Path) -> bytes:
    place = folder / "made.db"
    with sqlite3.connect(place) as made:
        made.execute("CREATE TABLE t (a)")
    made.close()
    return place.read_bytes()


GZIP = b"\x1f\x8b\x08\x00" + bytes(6) + zlib.compress(b"no,name\nC1,Ann\n")


@pytest.mark.parametrize(
    ("content", "what", "hint"),
    [
        (GZIP, "a gzip archive", "unpack it first"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a PDF", "export the table from it"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image", "export the table from it"),
        (random.Random(3).randbytes(4096), "binary data", "export the table from it"),
        (b"<!DOCTYPE html><html><table><tr><td>no</td></tr></table></html>", "an HTML or XML page", "save it as CSV"),
        (b'[{"no": "C1", "name": "Ann"}]', "JSON", "one object a line"),
    ],
    ids=["gz", "pdf", "png", "random", "html", "json"],
)
def test_another_kind_of_file_is_named_with_what_to_do(desk: Desk, content: bytes, what: str, hint: str) -> None:
    desk.write("in.csv", content)
    err = refused(desk, "in.csv")
    assert f"in.csv looks like {what}, not like CSV" in err
    assert hint in err


def test_what_only_begins_like_a_workbook_is_named(desk: Desk) -> None:
    desk.write("in.csv", _workbook())
    err = refused(desk, "in.csv")
    assert "the workbook in.csv cannot be read" in err
    assert "save it as .xlsx" in err


def test_a_database_of_something_else_is_no_table_of_ours(desk: Desk, tmp_path: Path) -> None:
    desk.write("in.csv", _database(tmp_path))
    assert "has 1 column, and none belongs to a field" in refused(desk, "in.csv")


def test_an_unclosed_quote_names_its_line(desk: Desk) -> None:
    desk.write("in.csv", 'no,name,city\nC1,Ann,Paris\nC2,"Bo,Oslo\n' + "C3,Cy,Rome\n" * 50)
    assert 'a cell in line 3 of in.csv opens with a quote (") that is never closed' in refused(desk, "in.csv")


def test_a_quote_that_swallows_a_huge_file_is_found_early(desk: Desk) -> None:
    desk.write("in.csv", 'no,name,city\nC1,Ann,"Paris\n' + "C3,Cy,Rome\n" * 1_900_000)
    err = refused(desk, "in.csv")
    assert 'a cell in line 2 of in.csv opens with a quote (") that is not closed within 8 MB' in err


def test_a_file_without_line_ends_is_refused(desk: Desk) -> None:
    desk.write("in.csv", b"no,name,city\nC1,Ann," + b"x" * (65 << 20))
    assert "the row that begins in line 2 of in.csv is longer than 64 MB" in refused(desk, "in.csv")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"no,na\0me,city", "it holds a NUL byte"),
        (b"no,n\xffme,city", "it holds bytes that are not valid UTF-8"),
        (b'no,"name"x,city', "a quoted cell is followed by more text"),
    ],
)
def test_a_damaged_header_is_refused(desk: Desk, header: bytes, reason: str) -> None:
    desk.write("in.csv", b"\n" + header + b"\nC1,Ann,Paris\n")
    assert f"the header in line 2 of in.csv cannot be read: {reason}" in refused(desk, "in.csv")


def test_an_unknown_column_names_the_nearest_field(desk: Desk) -> None:
    desk.write("in.csv", "no,name,citty,zzz\nC1,Ann,Paris,1\n")
    err = refused(desk, "in.csv")
    assert "in.csv has 2 columns unknown to customers" in err
    assert "citty (column 3): did you mean city?" in err
    assert "zzz (column 4)\n" in err
    assert "--ignore-columns" in err


def test_unknown_columns_may_be_left_out(desk: Desk) -> None:
    said = desk.take("no,name,citty,zzz\nC1,Ann,Paris,1\n", "--ignore-columns")
    assert said.code == 0
    assert desk.rows("SELECT no, name, city FROM customers") == [("C1", "Ann", None)]


def test_two_columns_of_one_field_are_named_both(desk: Desk) -> None:
    desk.write("in.csv", "no,name,City,城市\nC1,Ann,Paris,Rome\n")
    assert "city: City, 城市" in refused(desk, "in.csv")


def test_a_file_without_the_key_is_refused(desk: Desk) -> None:
    desk.write("in.csv", "name,city\nAnn,Paris\n")
    assert "in.csv has no column for no, which identifies a record of customers" in refused(desk, "in.csv")


def test_a_file_of_something_else_is_refused(desk: Desk) -> None:
    desk.write("in.csv", "2024-01-01,17,Xanthippe\n2024-01-02,18,red\n")
    err = refused(desk, "in.csv")
    assert "in.csv has 3 columns, and none belongs to a field of customers: is its first row the header?" in err
    assert "Xanthippe" not in err


HOSTILE = 'no,name,"\x1b[31mred\x07","a\nb","=cmd|\' /c calc\'!A0","' + "z" * (1 << 20) + '"\n'


def test_hostile_headers_reach_the_terminal_harmlessly(desk: Desk) -> None:
    desk.write("in.csv", HOSTILE + "C1,Ann,1,2,3,4\n")
    err = refused(desk, "in.csv")
    assert len(err) < 1500
    assert all(line.isprintable() for line in err.splitlines())
    assert r"\x1b[31mred\x07 (column 3)" in err
    assert r"a\nb (column 4)" in err


def test_hostile_headers_may_be_left_out(desk: Desk) -> None:
    assert desk.take(HOSTILE + "C1,Ann,1,2,3,4\n", "--ignore-columns").json["counts"]["insert"] == 1


def test_five_thousand_unknown_columns_are_counted_and_the_first_named(desk: Desk) -> None:
    names = ",".join(f"column{number}" for number in range(5000))
    desk.write("in.csv", f"no,name,{names}\n" + "C1,Ann" + ",x" * 5000 + "\n")
    err = refused(desk, "in.csv")
    assert "in.csv has 5,000 columns unknown to customers" in err
    assert err.count("\n") < 30
    assert desk.take(f"no,name,{names}\n" + "C1,Ann" + ",x" * 5000 + "\n", "--ignore-columns").code == 0


def test_rejects_never_replace_the_file_that_is_read(desk: Desk) -> None:
    desk.write("in.csv", "no,name\nC1,Ann\nC2,\n")
    for words in (("in.csv", "-n"), ("in.csv",), ("./in.csv",)):
        assert "it is the file that is read" in refused(desk, *words, "--rejects", "in.csv", code=2)


@pytest.mark.parametrize("name", ["custrec.db", "schema.yaml", "letters.txt"])
def test_rejects_never_replace_a_file_of_another_kind(desk: Desk, name: str) -> None:
    desk.write("letters.txt", "precious\n")
    desk.write("in.csv", "no,name\nC2,\n")
    assert "it is there already, and holds something else" in refused(desk, "in.csv", "--rejects", name, code=2)


def test_rejects_that_cannot_be_written_stop_the_import(desk: Desk) -> None:
    desk.write("in.csv", "no,name\nC1,Ann\nC2,\n")
    err = refused(desk, "in.csv", "--rejects", "nowhere/bad.csv", code=10)
    assert "cannot write nowhere/bad.csv: no such file or directory" in err
    assert desk.rows() == []


def test_an_error_is_json_where_json_is_asked_for(desk: Desk) -> None:
    desk.write("in.csv", "no,name,citty\nC1,Ann,Paris\n")
    said = desk.run("import", "in.csv", "--json")
    assert said.error == {
        "schema": "custrec.error/1",
        "error": "unknown-columns",
        "exit_code": 4,
        "message": "in.csv has 1 column unknown to customers",
        "hint": "add the header to the field's aliases in schema.yaml, or leave the columns out with --ignore-columns",
        "details": ["citty (column 3): did you mean city?"],
    }
    assert desk.run("list", "--format", "json", "--where", "nmae = x").error["error"] == "where-invalid"
    assert desk.run("list", "--format=json", "--wher", "x").error["error"] == "usage"
