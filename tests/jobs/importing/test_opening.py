"""jobs.importing.opening: every form is opened, and opened a second time, from wherever it can come."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sqlite3
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from conftest import Shop
from custrec.errors import (
    ArchiveUnusable,
    FileUnreadable,
    HeaderUnreadable,
    NotCsv,
    PartUnknown,
    PartUnnamed,
    WorkbookUnreadable,
)
from custrec.files import sheets
from custrec.files.forms import Form
from custrec.jobs.importing.opening import How, Opened, digest_of, known_headers, open_again, open_rows

CSV = b"no,name\nC1,Ann\nC2,Bo\n"
LINES = b'{"no": "C1", "name": "Ann"}\n{"no": "C2", "name": "Bo"}\n'
ROWS = [["C1", "Ann"], ["C2", "Bo"]]


def workbook(*, sheet: str = "people", title: bool = False) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, {"in_memory": True})
    one = made.add_worksheet(sheet)
    top = 2 if title else 0
    if title:
        one.write(0, 0, "Customers of March")
    for number, row in enumerate([["no", "name"], *ROWS], top):
        one.write_row(number, 0, row)
    if title:
        one.write(top, 2, "city")
    made.add_worksheet("remarks").write_row(0, 0, ["remark"])
    made.close()
    return out.getvalue()


def database(path: Path, *tables: str) -> Path:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for table in tables or ("people",):
            connection.execute(f'CREATE TABLE "{table}" (no, name)')
            connection.executemany(f'INSERT INTO "{table}" VALUES (?, ?)', ROWS)
    return path


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where what can be read only once is copied to."""
    place = tmp_path / "plans"
    place.mkdir()
    return place / "p1.source"


@pytest.fixture
def known(shop: Shop) -> frozenset[str]:
    return known_headers(shop.schema.tables)


def read(opened: Opened, form: Form) -> list[list[str]]:
    width = len(opened.reader.header.cells)
    return [row for chunk in opened.reader for row in form.parse(chunk, width, {}).rows]


def read_twice(text: str, known: frozenset[str], kept: Path) -> Opened:
    """Read a file, and again; returns what was opened first, closed."""
    with open_rows(text, known, How(), kept) as first:
        assert first.reader.header.cells == ("no", "name")
        assert read(first, first.form) == ROWS
    with open_again(first, kept) as again:
        assert again.reader.header == first.reader.header
        assert read(again, first.form) == ROWS
        assert again.reader.sha256 == first.reader.sha256
        assert again.reader.size == first.reader.size
    return first


CONTENTS: dict[str, Callable[[Path], bytes]] = {
    "csv": lambda _: CSV,
    "jsonl": lambda _: LINES,
    "xlsx": lambda _: workbook(),
    "db": lambda folder: database(folder / "made").read_bytes(),
}
WORDS = {"csv": "UTF-8, comma", "jsonl": "JSON Lines", "xlsx": "sheet people", "db": "SQLite table people"}


@pytest.mark.parametrize("form", CONTENTS)
@pytest.mark.parametrize("way", ["file", "member", "input", "pipe"])
def test_every_form_is_read_twice_from_wherever_it_comes(
    form: str, way: str, known: frozenset[str], kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = CONTENTS[form](tmp_path)
    path = tmp_path / f"in.{form}"
    text, label, writer = str(path), path.name, None
    if way == "file":
        path.write_bytes(content)
    elif way == "member":
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
            zipped.writestr(f"sub/in.{form}", content)
        text, label = f"{tmp_path / 'a.zip'}#sub/in.{form}", f"a.zip#sub/in.{form}"
    elif way == "input":
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        text, label = "-", "standard input"
    else:
        os.mkfifo(path)
        writer = threading.Thread(target=path.write_bytes, args=(content,))
        writer.start()
    first = read_twice(text, known, kept)
    if writer is not None:
        writer.join()
    assert (first.form.words, first.label) == (WORDS[form], label)
    copied = way in ("input", "pipe") or (way == "member" and form in ("xlsx", "db"))
    assert [other.name for other in kept.parent.iterdir()] == (["p1.source"] if copied else [])
    if copied:
        assert kept.stat().st_mode & 0o777 == 0o600
        assert kept.read_bytes() == content


@pytest.mark.parametrize(("text", "part"), [("#people", "people"), ("#2", "remarks"), ("", "people")])
def test_a_sheet_of_standard_input_can_be_named(
    text: str, part: str, known: frozenset[str], kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(workbook())))
    with open_rows(f"-{text}", known, How(), kept) as opened:
        assert opened.origin.part == part
        assert opened.label == "standard input"


def test_a_person_is_told_what_was_chosen_and_passed_over(known: frozenset[str], kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook(title=True))
    with open_rows(str(path), known, How(), kept) as opened:
        assert opened.notes == [
            "sheet people was taken, which fits best; 1 more have rows", "1 title line above the header passed over",
        ]  # fmt: skip
        assert (opened.total, opened.label) == (2, "a.xlsx")
    with open_rows(f"{path}#people", known, How(), kept) as opened:
        assert opened.notes == ["1 title line above the header passed over"]
        assert opened.label == "a.xlsx#people"


def test_a_table_of_several_is_to_be_named(known: frozenset[str], kept: Path, tmp_path: Path) -> None:
    odd = "#'\"we;ird"
    path = database(tmp_path / "a.db", "people", odd.replace('"', '""'))
    with pytest.raises(PartUnnamed) as caught:
        open_rows(str(path), known, How(), kept)
    assert caught.value.details == ("people", odd)
    assert f"a.db#{'people'}" in caught.value.hint
    for table in ("people", odd, "PEOPLE"):
        with open_rows(f"{path}#{table}", known, How(), kept) as opened:
            assert read(opened, opened.form) == ROWS
    with pytest.raises(PartUnknown, match="no table nobody"):
        open_rows(f"{path}#nobody", known, How(), kept)


def test_a_database_that_a_killed_program_left_is_read_from_a_mended_copy(
    known: frozenset[str], kept: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE people (no, name)")
        connection.executemany("INSERT INTO people VALUES (?, ?)", ROWS)
        for tail in ("", "-wal"):
            shutil.copy(f"{path}{tail}", tmp_path / f"killed.db{tail}")
    left = tmp_path / "killed.db"
    first = read_twice(str(left), known, kept)
    assert first.reader.sha256 == digest_of(left) != digest_of(path)
    assert sorted(other.name for other in tmp_path.glob("killed*")) == ["killed.db", "killed.db-wal"]


def test_what_has_no_parts_has_none(known: frozenset[str], kept: Path, tmp_path: Path) -> None:
    for name, content in (("a.csv", CSV), ("a.jsonl", LINES)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(PartUnknown, match="no sheet or table x"):
            open_rows(f"{tmp_path / name}#x", known, How(), kept)


def test_the_form_is_told_from_the_bytes_and_not_from_the_name(
    known: frozenset[str], kept: Path, tmp_path: Path
) -> None:
    for name, content in (("a.xlsx", CSV), ("a.csv", workbook()), ("a.txt", LINES)):
        (tmp_path / name).write_bytes(content)
        read_twice(str(tmp_path / name), known, kept)
    with pytest.raises(NotCsv):  # who says what the delimiter is means a delimited file
        open_rows(str(tmp_path / "a.txt"), known, How(delimiter=","), kept)


def zipped(path: Path, **contents: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def test_archives_and_workbooks_that_cannot_be_are_named_for_what_they_are(
    known: frozenset[str], kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = zipped(tmp_path / "inner.zip", a=CSV).read_bytes()
    nested = zipped(tmp_path / "nested.zip", inner=inner)
    with pytest.raises(NotCsv, match="a ZIP archive within an archive"):
        open_rows(f"{nested}#inner", known, How(), kept)
    kept.unlink()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(inner)))
    with pytest.raises(NotCsv, match="a ZIP archive on standard input"):
        open_rows("-", known, How(), kept)
    (tmp_path / "half.zip").write_bytes(inner[:-10])
    with pytest.raises(ArchiveUnusable, match=r"half\.zip cannot be used: it is damaged"):
        open_rows(str(tmp_path / "half.zip"), known, How(), kept)
    (tmp_path / "half.xlsx").write_bytes(workbook()[:-10])
    with pytest.raises(WorkbookUnreadable, match=r"half\.xlsx"):
        open_rows(str(tmp_path / "half.xlsx"), known, How(), kept)
    docx = zipped(tmp_path / "a.docx", **{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<x/>"})
    with pytest.raises(WorkbookUnreadable, match=r"a\.docx"):
        open_rows(str(docx), known, How(), kept)


def test_a_member_that_is_too_large_for_a_workbook_is_not_copied(
    known: frozenset[str], kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "a.zip", book=workbook())
    monkeypatch.setattr(sheets, "LARGEST", 1000)
    with pytest.raises(FileUnreadable, match="a workbook may have"):
        open_rows(f"{path}#book", known, How(), kept)
    assert not kept.exists()


def test_broken_json_is_no_empty_file(known: frozenset[str], kept: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b'{"no": 1,}\n{"no": 2,}\n')
    with pytest.raises(HeaderUnreadable, match=r"line 1 of .*no JSON object"):
        open_rows(str(tmp_path / "a.jsonl"), known, How(), kept)


def test_a_header_below_titles_is_found_again(known: frozenset[str], kept: Path, tmp_path: Path) -> None:
    """Also where a title is called as a column that no field knows."""

    def write(one: Any) -> None:
        one.write(0, 0, "remark")
        one.write_row(2, 0, ["no", "name", "remark"])
        one.write_row(3, 0, ["C1", "Ann", "x"])

    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as made:
        write(made.add_worksheet("s"))
    with open_rows(str(tmp_path / "a.xlsx"), known, How(), kept) as first:
        assert first.reader.header.line == 3
        rows = read(first, first.form)
    with open_again(first, kept) as again:
        assert again.reader.header.line == 3
        assert read(again, first.form) == rows == [["C1", "Ann", "x"]]
