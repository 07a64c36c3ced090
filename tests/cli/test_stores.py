"""Stores that are missing, foreign, newer, damaged or read-only; init; and schema files that are wrong or pending."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from terminal import SCHEMA, Desk, custrec

READERS = (("list",), ("show", "C1"), ("find", "Ann"), ("history",), ("history", "verify"), ("plan", "list"), ("undo",))


def settled(desk: Desk) -> bytes:
    """The store's file with all that was written in it."""
    with contextlib.closing(sqlite3.connect(desk.store)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    return desk.store.read_bytes()


@pytest.mark.parametrize("words", [*READERS, ("import", "in.csv"), ("schema", "show")])
def test_a_store_that_is_missing_is_named(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "schema.yaml").write_text(SCHEMA)
    (tmp_path / "in.csv").write_text("no,name\n")
    said = custrec(*words, cwd=tmp_path)
    assert said.code == 7
    assert said.err.startswith("custrec: there is no store ")
    assert "custrec init" in said.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv", "schema.yaml"]


@pytest.mark.parametrize(
    ("content", "found"), [(b"no,name\n" * 100, "not an SQLite database"), (None, "it is a folder")]
)
def test_what_is_no_store_is_not_touched(desk: Desk, content: bytes | None, found: str) -> None:
    if content is None:
        (desk.folder / "other.db").mkdir()
    else:
        desk.write("other.db", content)
    desk.write("in.csv", "no,name\nC1,Ann\n")
    before = desk.files()
    for words in (("list",), ("import", "in.csv")):
        said = desk.run(*words, "--store", "other.db")
        assert (said.code, said.err.split("\n")[0]) == (7, f"custrec: other.db is not a custrec store ({found})")
    assert desk.files() == before


def test_another_programs_database_is_not_touched(desk: Desk) -> None:
    with contextlib.closing(sqlite3.connect(desk.folder / "other.db")) as other:
        other.execute("CREATE TABLE customers (no, name)")
        other.commit()
    desk.write("in.csv", "no,name\nC1,Ann\n")
    before = desk.files()
    for words in (("list",), ("import", "in.csv"), ("undo",)):
        said = desk.run(*words, "--store", "other.db")
        assert said.code == 7
        assert "other.db is not a custrec store (another program's SQLite database)" in said.err
    assert desk.files() == before


def test_a_newer_store_is_not_touched(desk: Desk) -> None:
    settled(desk)
    with contextlib.closing(sqlite3.connect(desk.store)) as newer:
        newer.execute("PRAGMA user_version = 99")
    desk.write("in.csv", "no,name\nC1,Ann\n")
    before = desk.files()
    for words in (("list",), ("import", "in.csv"), ("undo",)):
        said = desk.run(*words)
        assert said.code == 7
        assert "was written by a newer custrec (format 99;" in said.err
    assert desk.files() == before


def test_a_store_cut_short_is_said_to_be_damaged(desk: Desk) -> None:
    whole = settled(desk)
    desk.write("in.csv", "no,name\nC1,Ann\n")
    for size in (len(whole) // 3, len(whole) - 4096):
        desk.write("custrec.db", whole[:size])
        for words in (("list",), ("show", "C1"), ("find", "Ann"), ("import", "in.csv")):
            said = desk.run(*words)
            assert said.code == 7, (words, said)
            assert "custrec.db is damaged: SQLite cannot read it" in said.err


def test_damage_inside_a_store_is_never_called_a_bug(desk: Desk) -> None:
    """Whatever page is lost: a command says so, or does not need that page; no traceback, and no exit code 1."""
    desk.take("no,name,city\n" + "".join(f"C{n},Ann,Paris\n" for n in range(300)))
    whole = settled(desk)
    codes = set()
    for page in range(1, len(whole) // 4096, 3):
        for companion in ("custrec.db-wal", "custrec.db-shm"):
            (desk.folder / companion).unlink(missing_ok=True)
        desk.write("custrec.db", whole[: page * 4096] + b"\xa5" * 4096 + whole[(page + 1) * 4096 :])
        said = desk.run("list", "--all", "-q")
        codes.add(said.code)
        codes.add(desk.run("history", "verify", "-q").code)
    assert codes == {0, 7}


def test_a_broken_search_index_is_made_anew(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    for content in (b"", b"garbage" * 1000):
        for companion in ("-wal", "-shm"):
            (desk.folder / f"custrec.derived.db{companion}").unlink(missing_ok=True)
        desk.write("custrec.derived.db", content)
        said = desk.run("find", "Ann")
        assert (said.code, said.err) == (0, "1 found\n")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_stops_writers(desk: Desk) -> None:
    desk.write("in.csv", "no,name\nC1,Ann\n")
    before = desk.files()
    try:
        desk.folder.chmod(0o500)
        said = desk.run("import", "in.csv")
    finally:
        desk.folder.chmod(0o700)
    assert said.code == 10, said
    assert "read-only" in said.err or "permission denied" in said.err
    assert desk.files() == before


def test_a_folder_that_cannot_be_made_is_named(desk: Desk) -> None:
    desk.write("custrec.plans", "a file where a folder belongs")
    desk.write("in.csv", "no,name\nC1,Ann\n")
    said = desk.run("import", "in.csv")
    assert said.code == 10
    assert "custrec.plans is a file, and custrec wants a folder" in said.err
    assert desk.rows() == []


def test_a_store_that_is_locked_is_waited_for_and_named(desk: Desk) -> None:
    desk.write("in.csv", "no,name\nC1,Ann\n")
    with contextlib.closing(sqlite3.connect(desk.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = desk.run("import", "in.csv", "--wait", "0.2")
        assert desk.run("list").code == 0
    assert said.code == 6
    assert "custrec.db is being written by another program; waited 0.2 s" in said.err
    assert desk.rows() == []
    assert list((desk.folder / "custrec.plans").iterdir()) == []


# --- init ----------------------------------------------------------------------------------------------------------


def test_init_overwrites_nothing(desk: Desk) -> None:
    before = desk.files()
    said = desk.run("init")
    assert (said.code, said.err.split("\n")[0]) == (9, "custrec: custrec.db exists already; nothing was overwritten")
    assert desk.run("init", "--preset", "retail").code == 9
    assert desk.files() == before


def test_init_uses_a_schema_that_is_there_but_no_preset_over_it(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text(SCHEMA)
    said = custrec("init", "--preset", "retail", cwd=tmp_path)
    assert said.code == 9
    assert "schema.yaml exists already; nothing was overwritten" in said.err
    assert custrec("init", cwd=tmp_path).code == 0
    assert (tmp_path / "schema.yaml").read_text() == SCHEMA


FAULTY = SCHEMA.replace("kind: phone", "kind: fone").replace("name: city, type", "name: city, typ")


def test_init_with_a_faulty_schema_makes_nothing_and_names_every_fault(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text(FAULTY)
    said = custrec("init", cwd=tmp_path)
    assert said.code == 4
    assert "schema.yaml has 2 faults" in said.err
    assert "line 9, column 22: unknown key 'typ' in a field; did you mean 'type'?" in said.err
    assert "unknown kind 'fone'; did you mean 'phone'?" in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["schema.yaml"]


def test_init_names_the_nearest_preset(tmp_path: Path) -> None:
    said = custrec("init", "--preset", "retial", cwd=tmp_path)
    assert (said.code, said.err) == (2, "custrec: there is no preset retial\n  did you mean retail?\n")
    assert "default, cn-b2b, retail, membership" in custrec("init", "--preset", "zzz", cwd=tmp_path).err


# --- schema.yaml ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\xff\xfet\0a\0", "the file is UTF-16; save it as UTF-8"),
        (b"tables: \xff", "line 1, column 9: the bytes here are not UTF-8"),
        (b"tables: [}", "this is not YAML"),
        (b"\ttables: []", "a tab stands before the text of this line"),
        (b"tables: []", "'tables' is an empty list"),
        (b"tabels: []", "unknown key 'tabels' in the schema; did you mean 'tables'?"),
        (b"tables: &a [*a]", "the anchor '&a' is not read"),
        (b"tables: [{name: t, fields: [{name: a, constraints: {pattern: '('}}]}]", "pattern"),
        (b"tables: [{name: t, fields: [{name: a}], checks: [{rule: b = 1, message: m}]}]", 'has no field "b"'),
        (b"a: " * 400_000, "the file is larger than 1,048,576 bytes"),
    ],
)
def test_schema_check_names_the_fault(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "schema.yaml").write_bytes(content)
    said = custrec("schema", "check", cwd=tmp_path)
    assert said.code == 4
    assert words in said.err
    assert custrec("init", cwd=tmp_path).code == 4
    assert [path.name for path in tmp_path.iterdir()] == ["schema.yaml"]


def test_schema_check_of_what_is_not_there(tmp_path: Path) -> None:
    said = custrec("schema", "check", "none.yaml", "--json", cwd=tmp_path)
    assert (said.code, said.error["error"]) == (4, "schema-missing")
    assert custrec("schema", "check", ".", "--json", cwd=tmp_path).error["error"] == "schema-unreadable"


def test_a_pending_change_of_the_schema_stops_writers_and_warns_readers(desk: Desk) -> None:
    desk.take("no,name,city\nC1,Ann,Paris\n")
    plan = desk.take("no,name\nC2,Bo\n", "--save-plan").json["plan"]
    desk.run("edit", "C1", "city=Rome")
    desk.run("undo")
    desk.write("schema.yaml", SCHEMA.replace("name: city,", "name: town,"))
    before = desk.rows()
    for words in (("import", "in.csv"), ("plan", "apply", plan), ("undo",), ("redo",)):
        said = desk.run(*words, "--json")
        assert (said.code, said.error["error"]) == (4, "schema-pending"), words
    for words in (("list",), ("show", "C1"), ("find", "Ann"), ("import", "in.csv", "-n"), ("schema", "show")):
        said = desk.run(*words)
        assert said.code == 0
        assert said.err.startswith("custrec: schema.yaml says something else than the store applies"), words
    assert desk.rows() == before


def test_a_comment_in_the_schema_is_no_change(desk: Desk) -> None:
    desk.write("schema.yaml", "# ours\n" + SCHEMA + "\n")
    assert desk.take("no,name\nC1,Ann\n").code == 0
    assert desk.run("list").err == "1 record\n"


def test_a_faulty_schema_stops_writers_and_warns_readers(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    desk.write("schema.yaml", FAULTY)
    assert desk.run("import", "in.csv", "--json").error["error"] == "schema-invalid"
    said = desk.run("list")
    assert (said.code, said.err.split("\n")[0]) == (
        0,
        "custrec: schema.yaml has 2 faults; the store's own schema is used",
    )


def test_a_store_works_without_its_schema_file(desk: Desk) -> None:
    (desk.folder / "schema.yaml").unlink()
    desk.write("in.csv", "no,name\nC1,Ann\n")
    assert desk.run("import", "in.csv", "--store", "custrec.db").code == 0
    shutil.move(desk.store, desk.folder / "moved.db")
    assert desk.run("list", CUSTREC_STORE="moved.db").err == "1 record\n"
