"""custrec archive --seal and unarchive --from as processes: what a sealed file of archived records gives back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from terminal import Desk

THREE = "no,name,city,phone,code\nC1,Ann Lee,Leeds,13800138000,a\nC2,Bo Diaz,,,b\nC3,王芳,深圳,,\n"
NOTES = "no,text\nC1,called\nC1,wrote\nC2,called\n"
ALL = "SELECT _id, _state, no, name, city, phone, code FROM customers ORDER BY _id"


@pytest.fixture
def desk(desk: Desk) -> Desk:
    assert desk.take(THREE).code == 0
    assert desk.take(NOTES, "--table", "notes").code == 0
    assert desk.run("key", "init", "--i-accept-data-loss", "-q").code == 0
    return desk


def sealed(desk: Desk) -> list[Path]:
    return sorted((desk.folder / "custrec.archive").glob("*/*.age"))


def records(desk: Desk) -> list[Any]:
    return [desk.rows(ALL), desk.rows("SELECT _id, _state, no, text FROM notes ORDER BY _id")]


def archived(desk: Desk, *words: str) -> Path:
    """Archive and seal; the file."""
    done = desk.run("archive", *words, "--seal", "--json")
    assert done.code == 0, done.err
    (file,) = sealed(desk)
    assert desk.folder / done.json["sealed"] == file
    return file


def test_archived_records_are_in_a_sealed_file_of_their_year_and_in_the_store(desk: Desk) -> None:
    file = archived(desk, "C1")
    assert file.parent.name.isdigit()
    assert {path.name[len(file.name) :] for path in file.parent.iterdir()} == {"", ".json", ".json.sig"}
    assert {oct(path.stat().st_mode & 0o777) for path in file.parent.iterdir()} == {"0o600"}
    assert "Ann" not in file.with_name(file.name + ".json").read_text(encoding="utf-8")
    assert b"Ann Lee" not in file.read_bytes()
    said = json.loads(file.with_name(file.name + ".json").read_text(encoding="utf-8"))
    assert (said["rows"]["customers"], said["rows"]["notes"]) == (1, 2)
    assert desk.rows("SELECT _state FROM customers") == [1, 0, 0]
    assert "sealed, too: custrec.archive/" in desk.run("archive", "C2", "--seal").err


def test_what_is_archived_comes_back_from_its_file_and_what_is_active_stays_as_it_is(desk: Desk) -> None:
    before = records(desk)
    file = archived(desk, "C1")
    looked = desk.run("unarchive", "--from", file, "-n")
    assert (looked.code, "1 of customers, 2 of notes back from the archive" in looked.err) == (0, True)
    done = desk.run("unarchive", "--from", file)
    assert done.code == 0
    assert records(desk) == before
    desk.run("edit", "C1", "city=Rome")
    again = desk.run("unarchive", "--from", file)
    assert (again.code, "nothing to change" in again.err) == (0, True)
    assert desk.rows("SELECT city FROM customers WHERE no = 'C1'") == ["Rome"]
    assert desk.run("history", "verify").code == 0


def test_what_is_gone_from_the_store_comes_back_whole_under_its_old_number(desk: Desk) -> None:
    before = records(desk)
    file = archived(desk, "C1", "C3")
    for event in ("3", "2", "1"):
        assert desk.run("undo", event).code == 0
    assert desk.rows("SELECT count(*) FROM customers") == [0]
    done = desk.run("unarchive", "--from", file, "C3", "--json")
    assert (done.code, done.json["counts"]["insert"]) == (0, 1)
    assert desk.rows("SELECT _id, name FROM customers") == [(3, "王芳")]
    assert desk.run("unarchive", "--from", file).code == 0
    assert [row for row in before[0] if row[2] != "C2"] == desk.rows(ALL)
    assert desk.rows("SELECT count(*) FROM notes") == [2]
    assert desk.run("undo").code == 0
    assert desk.run("history", "verify").code == 0


def test_what_is_in_the_trash_or_restricted_stays_there(desk: Desk) -> None:
    file = archived(desk, "C1")
    assert desk.run("delete", "C1", "--yes").code == 0
    done = desk.run("unarchive", "--from", file, "--json")
    assert (done.code, done.json["counts"]["blocked"]) == (3, 3)
    assert desk.rows("SELECT _state FROM customers")[0] == 2


def test_a_file_that_was_altered_or_is_another_is_refused(desk: Desk) -> None:
    file = archived(desk, "C1")
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(raw)
    assert desk.run("unarchive", "--from", file).code == 8
    desk.run("backup", "create", "-q")
    (backup,) = (desk.folder / "custrec.backups").glob("*.age")
    for path in (backup, desk.folder / "schema.yaml", desk.folder / "nothing.age"):
        done = desk.run("unarchive", "--from", path, "--json")
        assert (done.code, done.error["error"]) == (8, "no-archive"), path


def test_an_archive_file_does_not_take_the_place_of_a_store(desk: Desk) -> None:
    file = archived(desk, "C1")
    done = desk.run("restore", file, "--to", "other.db", "--json")
    assert (done.code, done.error["error"]) == (8, "archive-is-no-backup")
    assert not (desk.folder / "other.db").exists()


def test_nothing_is_left_of_a_file_where_nothing_was_archived(desk: Desk) -> None:
    assert desk.run("archive", "--where", "no != C9", "--seal", "--max-change", "2").code == 9
    assert desk.run("archive", "C1", "--seal", "-n").code == 0
    assert desk.run("archive", "C1", "--seal", "--save-plan").code == 2
    assert not list((desk.folder / "custrec.archive").glob("*/*"))
    (desk.folder / "custrec.recipients").unlink()
    assert desk.run("archive", "C1", "--seal").code == 8
    assert desk.rows("SELECT _state FROM customers") == [0, 0, 0]


def test_whoever_was_destroyed_since_does_not_come_back_from_a_file(desk: Desk) -> None:
    file = archived(desk, "C1", "C3")
    purged = desk.run("purge", "C1", "--confirm-up-to", "3", "--reason", "request")
    assert purged.code == 0, purged.err
    assert file.name in purged.out + purged.err
    done = desk.run("unarchive", "--from", file, "--json")
    assert (done.code, done.json["counts"]["update"], done.json["counts"]["blocked"]) == (3, 1, 3)
    assert desk.rows("SELECT no FROM customers ORDER BY no") == ["C2", "C3"]
    assert desk.run("history", "verify").code == 0
