"""jobs.importing.inbox: which files of a folder are new, told by what is in them, and in which order they come."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from conftest import PLENTY, Shop
from custrec.errors import ArchiveUnusable, FileEmpty, FileUnreadable
from custrec.jobs.importing.imports import plan_import
from custrec.jobs.importing.inbox import Inbox, look_into, parents_first
from custrec.jobs.importing.intake import ImportRequest
from custrec.jobs.importing.opening import How

CUSTOMERS = "no,name\nC1,Ann Lee\n"
NOTES = "no,text\nC1,called\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "inbox"
    place.mkdir()
    return place


def look(shop: Shop, folder: Path, *planned: str) -> Inbox:
    with shop.session() as session:
        return look_into(session.store, folder, planned)


def names(found: Inbox) -> list[str]:
    return [Path(text).name for text in found.new]


def take(shop: Shop, text: str) -> str | None:
    """Import a file, on record also if it changes nothing; returns its digest."""
    with shop.session() as session:
        file = plan_import(session.store, ImportRequest(text), session.draft())
        source = file.plan.source
        session.run(file, type(PLENTY)(max_change=1000, on_record=True))
    return source.sha256 if source else None


def put_zip(path: Path, **contents: str) -> None:
    with zipfile.ZipFile(path, "w") as zipped:
        for name, content in contents.items():
            zipped.writestr(f"{name}.csv", content)


def test_what_is_new_is_told_from_the_content(shop: Shop, folder: Path) -> None:
    for name, content in (
        ("b.csv", CUSTOMERS),
        ("a.CSV", NOTES),
        ("copy of b.csv", CUSTOMERS),
        ("c#1.jsonl", '{"no":1}'),
    ):
        (folder / name).write_text(content)
    found = look(shop, folder)
    assert names(found) == ["a.CSV", "b.csv", "c#1.jsonl"]
    assert found.known == 1, "the copy"
    take(shop, str(folder / "b.csv"))
    (folder / "b.csv").rename(folder / "renamed.csv")
    assert names(look(shop, folder)) == ["a.CSV", "c#1.jsonl"]
    shop.undo()
    assert names(look(shop, folder)) == ["a.CSV", "c#1.jsonl"], "what was undone was seen"
    (folder / "renamed.csv").write_text(CUSTOMERS + "C2,Bo\n")
    assert "renamed.csv" in names(look(shop, folder))


def test_a_file_that_changed_nothing_and_one_that_waits_as_a_plan_are_known(shop: Shop, folder: Path) -> None:
    shop.import_csv(CUSTOMERS)
    (folder / "a.csv").write_text("name,no\nAnn Lee,C1\n")
    digest = take(shop, str(folder / "a.csv"))
    assert look(shop, folder) == Inbox([], 1)
    (folder / "b.csv").write_text(NOTES)
    assert names(look(shop, folder)) == ["b.csv"]
    assert digest is not None
    with shop.session() as session:
        file = plan_import(session.store, ImportRequest(str(folder / "b.csv")), session.draft())
        source = file.plan.source
        file.settle()
    assert source is not None
    assert look(shop, folder, source.sha256).new == []


def test_files_of_other_kinds_and_half_finished_ones_are_passed_over(shop: Shop, folder: Path) -> None:
    for name in ("a.pdf", "notes.docx", "b.csv.part", "no_ending", "~$book.xlsx", ".~lock.a.csv#", ".hidden.csv"):
        (folder / name).write_text("x")
    (folder / "sub.csv").mkdir()
    (folder / "lost.csv").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.csv")
    found = look(shop, folder)
    assert (found.new, found.passed) == ([], ["a.pdf", "b.csv.part", "no_ending", "notes.docx"])
    with pytest.raises(FileUnreadable):
        look(shop, folder / "none")


def test_the_store_itself_is_no_file_of_the_inbox(shop: Shop) -> None:
    shop.import_csv(CUSTOMERS)
    with shop.session() as session:
        session.refresh_search()
    found = look(shop, shop.folder)
    assert (found.new, found.unusable) == ([], [])
    assert found.passed == ["schema.yaml"]


def test_the_files_of_an_archive_are_files(shop: Shop, folder: Path) -> None:
    put_zip(folder / "july.zip", notes=NOTES, customers=CUSTOMERS)
    found = look(shop, folder)
    assert names(found) == ["july.zip#customers.csv", "july.zip#notes.csv"]
    take(shop, found.new[0])
    assert names(look(shop, folder)) == ["july.zip#notes.csv"]
    (folder / "unpacked.csv").write_text(CUSTOMERS)
    assert names(look(shop, folder)) == ["july.zip#notes.csv"]


def test_what_cannot_be_used_stops_no_other(shop: Shop, folder: Path) -> None:
    put_zip(folder / "empty.zip")
    (folder / "empty.zip").write_bytes(b"PK\x03\x04")
    put_zip(folder / "nothing.zip", a="", b=CUSTOMERS)
    (folder / "a.csv").touch()
    (folder / "c.csv").write_text(NOTES)
    found = look(shop, folder)
    assert names(found) == ["c.csv", "empty.zip"]
    assert [(name, type(error)) for name, error in found.unusable] == [("a.csv", FileEmpty), ("nothing.zip", FileEmpty)]


def test_an_archive_without_files_is_named(shop: Shop, folder: Path) -> None:
    with zipfile.ZipFile(folder / "a.zip", "w") as zipped:
        zipped.writestr("sub/", "")
    assert [type(error) for _, error in look(shop, folder).unusable] == [ArchiveUnusable]


def test_what_stands_in_the_log_of_a_database_is_new(shop: Shop, folder: Path) -> None:
    path = folder / "people.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE people (no, name)")
        connection.execute("INSERT INTO people VALUES ('C1', 'Ann')")
        take(shop, str(path))
        assert look(shop, folder).new == []
        connection.execute("INSERT INTO people VALUES ('C2', 'Bo')")
        assert names(look(shop, folder)) == ["people.db"]
        take(shop, str(path))
        assert look(shop, folder).new == []
    assert shop.rows("SELECT no FROM customers ORDER BY no") == [("C1",), ("C2",)]


def in_order(shop: Shop, *texts: Path | str) -> list[str]:
    scratch = shop.folder / "scratch"
    with shop.session() as session:
        found = parents_first(session.store, list(map(str, texts)), How(), scratch)
    assert not list(shop.folder.glob("scratch*"))
    return [Path(text).name for text in found]


def test_parents_come_before_their_children(shop: Shop, folder: Path) -> None:
    (folder / "a.csv").write_text(NOTES)
    (folder / "b.csv").write_text(CUSTOMERS)
    (folder / "c.jsonl").write_text('{"no": "C1", "text": "x"}\n')
    put_zip(folder / "d.zip", customers=CUSTOMERS)
    with xlsxwriter.Workbook(str(folder / "e.xlsx")) as book:
        book.add_worksheet("s").write_row(0, 0, ["no", "text"])
    with zipfile.ZipFile(folder / "f.zip", "w") as zipped:
        zipped.write(folder / "e.xlsx", "e.xlsx")
    given = [folder / name for name in ("a.csv", "b.csv", "c.jsonl", "d.zip#customers.csv", "e.xlsx", "f.zip#e.xlsx")]
    assert in_order(shop, *given) == [
        "b.csv", "d.zip#customers.csv", "a.csv", "c.jsonl", "e.xlsx", "f.zip#e.xlsx",
    ]  # fmt: skip
    assert in_order(shop, folder / "a.csv") == ["a.csv"]


def test_what_cannot_be_opened_keeps_its_place_among_the_first(shop: Shop, folder: Path) -> None:
    (folder / "a.csv").write_text(NOTES)
    (folder / "b.csv").touch()
    assert in_order(shop, folder / "a.csv", folder / "b.csv", "none.csv", "-") == ["b.csv", "none.csv", "-", "a.csv"]


def test_a_pipe_is_not_read_before_its_turn(shop: Shop, folder: Path) -> None:
    (folder / "a.csv").write_text(NOTES)
    os.mkfifo(folder / "pipe")
    writer = threading.Thread(target=(folder / "pipe").write_text, args=(CUSTOMERS,))
    writer.start()
    try:
        assert in_order(shop, folder / "a.csv", folder / "pipe") == ["pipe", "a.csv"]
    finally:
        assert (folder / "pipe").read_text() == CUSTOMERS
        writer.join()


def test_a_saved_map_tells_the_table_too(shop: Shop, folder: Path) -> None:
    maps = shop.folder / "custrec.maps"
    maps.mkdir()
    (maps / "calls.yaml").write_text("table: notes\ncolumns: {customer: no, what was said: text}\n")
    (folder / "a.csv").write_text("customer,what was said\nC1,called\n")
    (folder / "b.csv").write_text(CUSTOMERS)
    assert in_order(shop, folder / "a.csv", folder / "b.csv") == ["b.csv", "a.csv"]
