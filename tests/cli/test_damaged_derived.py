"""custrec.derived.db, which can be made anew at any time, damaged in part: no command is stopped by it for long."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from doubled_people import DOUBLES, SCHEMA, strangers, text
from terminal import Desk

FOUND = ("found_run", "found_pair", "found_cluster", "found_key")
"""The tables in which a search keeps what it found."""
WORD = "custrec.derived.db was damaged"


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    desk = Desk.of(tmp_path_factory.mktemp("searched"), SCHEMA.replace("MATCH", "{on_import: warn}"))
    desk.write("people.csv", text(DOUBLES + strangers(400)))
    assert desk.run("import", "people.csv", "-q", "--duplicates", "never").code == 0
    assert desk.run("dedupe", "find", "-q").code == 3
    return desk


@pytest.fixture
def searched(once: Desk, tmp_path: Path) -> Iterator[Desk]:
    yield once.copy_to(tmp_path / "desk")


def damage(desk: Desk, table: str) -> None:
    """Write over the first page of a table, and leave all else as it is."""
    place = desk.folder / "custrec.derived.db"
    with contextlib.closing(sqlite3.connect(place)) as derived:
        derived.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = derived.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        (size,) = derived.execute("PRAGMA page_size").fetchone()
    content = bytearray(place.read_bytes())
    content[(page - 1) * size : page * size] = b"\x07" * size
    place.write_bytes(content)


def clusters(desk: Desk) -> list[list[int]]:
    """The numbers of the records of each cluster that was found."""
    found = desk.run("dedupe", "list", "--format", "jsonl").out.splitlines()
    return [[member["id"] for member in json.loads(line)["members"]] for line in found]


@pytest.mark.parametrize("table", FOUND)
@pytest.mark.parametrize("words", [["find"], ["find", "--retrain"], ["review", "--export", "pairs.csv"]], ids=" ".join)
def test_who_seeks_finds_all_again_and_is_told(searched: Desk, table: str, words: list[str]) -> None:
    before = clusters(searched)
    searched.write("more.csv", text([["P900", "欧阳静", "", "13977712345", "ouyang@example.net", "", ""]]))
    assert searched.run("import", "more.csv", "-q", "--duplicates", "never").code == 0
    damage(searched, table)
    said = searched.run("dedupe", *words)
    assert said.code == (0 if "--export" in words else 3)
    assert WORD in said.err
    assert WORD not in searched.run("dedupe", "find").err
    assert clusters(searched) == before


@pytest.mark.parametrize("table", FOUND)
@pytest.mark.parametrize(
    "words", [["list"], ["show", "1"], ["explain", "#1", "#2"], ["merge", "--auto", "-n"]], ids=" ".join
)
def test_who_only_reads_what_was_found_is_told_to_seek_it_anew(
    once: Desk, searched: Desk, table: str, words: list[str]
) -> None:
    damage(searched, table)
    said = searched.run("dedupe", *words)
    assert said.code in (0, 4)
    if said.code == 4:
        assert "custrec dedupe find" in said.err
    assert searched.run("dedupe", "find", "--retrain").code == 3
    assert clusters(searched) == clusters(once)


@pytest.mark.parametrize("table", FOUND)
def test_who_comes_in_is_judged_all_the_same(searched: Desk, table: str) -> None:
    damage(searched, table)
    row = ["P901", *DOUBLES[0][1:]]
    searched.write("more.csv", text([row]))
    said = searched.run("import", "more.csv", "--json")
    assert (said.code, said.json["duplicates"]) == (3, 1)
    damage(searched, table)
    assert searched.run("add", "no=P902", "-t", "people", "name=张伟", "phone=13812345678").code in (0, 3)


def test_a_folder_in_its_place_is_named_and_stops_only_who_needs_the_file(searched: Desk) -> None:
    for path in searched.folder.glob("custrec.derived.db*"):
        path.unlink()
    (searched.folder / "custrec.derived.db").mkdir()
    names = [["find"], ["find", "--retrain"], ["list"], ["explain", "#1", "#2"], ["review", "--export", "pairs.csv"]]
    for words in [["find", "张伟"], ["maintain"], ["check"], *(["dedupe", *one] for one in names)]:
        said = searched.run(*words, "--json" if words[0] == "check" else "-q")
        assert said.code == 10, words
        assert "custrec.derived.db is a folder, and custrec wants a file of that name" in said.err, words
        assert "move that folder away" in said.err
    added = searched.run("add", "no=P902", "-t", "people", "name=张伟")
    assert (added.code, "the records are in, but the search index is not" in added.err) == (0, True)
    assert searched.run("status").code in (0, 3)
    assert searched.run("list").code == 0
    for words in (["doctor"], ["doctor", "--fix"]):
        said = searched.run(*words)
        assert (said.code, "custrec.derived.db is a folder" in said.out) == (3, True)
    (searched.folder / "custrec.derived.db").rmdir()
    assert searched.run("dedupe", "find").code == 3
    assert "P902" in searched.run("find", "张伟").out
