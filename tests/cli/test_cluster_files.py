"""custrec dedupe merge --from: clusters that dedupe list wrote are merged where they were found, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from terminal import Desk

TABLE = "  - {name: TABLE, primaryKey: [no], match: {fields: {name: {}, phone: {}}}, fields: FIELDS}\n"
FIELDS = "[{name: no, type: string}, {name: name, kind: person_name}, {name: phone, kind: phone}]"
SCHEMA = "version: 1\ndefaults: {region: CN}\ntables:\n" + "".join(
    TABLE.replace("FIELDS", FIELDS).replace("TABLE", name) for name in ("people", "lines")
)
PAIRED = ["张伟,13812345678", "张伟,13812345678", "王芳,13912345678", "王芳,13912345678", "李娜,13712345678"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two tables; in lines #1 and #2 are one, in people they are not."""
    desk = Desk.at(tmp_path)
    desk.write("schema.yaml", SCHEMA)
    assert desk.run("init", "-q").code == 0
    for table, first, rows in (("people", "P", PAIRED[::2]), ("lines", "L", PAIRED)):
        text = "no,name,phone\n" + "".join(f"{first}{n},{row}\n" for n, row in enumerate(rows, 1))
        assert desk.take(text, "--table", table, name=f"{table}.csv").code == 0
    assert desk.run("dedupe", "find", "--table", "lines", "-q").code == 3
    desk.write("c.jsonl", desk.run("dedupe", "list", "--table", "lines", "--format", "jsonl").raw)
    return desk


def merged(desk: Desk, table: str) -> dict[int, int]:
    """Into which record those went that were merged."""
    return dict(desk.rows(f"SELECT _id, -_state FROM {table} WHERE _state < 0"))


def refused(desk: Desk, *words: str) -> str:
    said = desk.run("dedupe", "merge", "--from", "c.jsonl", *words)
    assert said.code == 4, said
    assert (merged(desk, "people"), merged(desk, "lines")) == ({}, {})
    return said.err


def test_the_lines_say_of_which_table_the_clusters_are(desk: Desk) -> None:
    assert "c.jsonl, line 1: it is of lines, not of people" in refused(desk, "--table", "people")
    said = desk.run("dedupe", "merge", "--from", "c.jsonl")
    assert said.code == 0, said.err
    assert (merged(desk, "people"), merged(desk, "lines")) == ({}, {2: 1, 4: 3})


def test_a_file_is_of_one_table(desk: Desk) -> None:
    desk.write("c.jsonl", (desk.folder / "c.jsonl").read_text() + '{"table": "people", "members": []}\n')
    assert "c.jsonl, line 3: it is of people, not of lines" in refused(desk)
    desk.write("c.jsonl", '{"table": "cats", "members": []}\n')
    assert "c.jsonl, line 1: it is of a table that there is not" in refused(desk)
    desk.write("c.jsonl", '{"table": 1, "members": []}\n')
    assert "c.jsonl, line 1: the table is no name" in refused(desk)


def test_a_key_that_is_not_that_of_the_number_is_refused(desk: Desk) -> None:
    lines = [json.loads(line) for line in (desk.folder / "c.jsonl").read_text().splitlines()]
    for table in ("lines", "people"):
        lines[1]["table"] = lines[0]["table"] = table
        lines[1]["members"][0]["key"] = "L9"
        desk.write("c.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
        where, member = ("2", 3) if table == "lines" else ("1", 1)
        said = refused(desk)
        assert f"c.jsonl, line {where}: the key of member {member} is another one in {table}" in said
        assert "custrec dedupe list" in said


def test_who_was_merged_since_is_known_by_the_old_key(desk: Desk) -> None:
    assert desk.run("dedupe", "merge", "L5", "L2", "--table", "lines", "-q").code == 0
    said = desk.run("dedupe", "merge", "--from", "c.jsonl")
    assert said.code == 0, said.err
    assert desk.rows("SELECT _id FROM lines WHERE _state = 0") == [1, 3]
