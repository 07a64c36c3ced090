"""Lists of pairs that custrec dedupe review --export wrote: they are taken for what they were written of."""

from __future__ import annotations

from pathlib import Path

import pytest

from custrec.files.cell_limit import cells_up_to
from judged_pairs import Row, filled
from terminal import Desk

FIELDS = "[{name: NO, type: string}, {name: name, kind: person_name}, {name: phone, kind: phone}, MORE]"
TABLE = "  - {name: TABLE, primaryKey: [KEY], match: {fields: {name: {}, phone: {}}}, fields: FIELDS}\n"
SCHEMA = "version: 1\ndefaults: {region: CN}\ntables:\n" + "".join(
    TABLE.replace("FIELDS", FIELDS).replace("TABLE", name).replace("KEY", key).replace("NO", key).replace("MORE", more)
    for name, key, more in (
        ("people", "no", "{name: text, type: string}"),
        ("lines", "line", "{name: x, type: string}"),
    )
)
ROWS = ["张伟,13812345678", "张伟,13812345678", "王芳,13912345678", "王芳,13912345678", "李娜,13712345678"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two tables with the same people, under keys of their own."""
    desk = Desk.of(tmp_path, SCHEMA)
    for table, key, first in (("people", "no", "00"), ("lines", "line", "L")):
        text = f"{key},name,phone\n" + "".join(f"{first}{n},{row}\n" for n, row in enumerate(ROWS, 1))
        assert desk.take(text, "--table", table, name=f"{table}.csv").code == 0
        assert desk.run("dedupe", "find", "--table", table, "-q").code == 3
        assert desk.run("dedupe", "review", "--table", table, "--export", f"{table}.pairs").code == 0
    return desk


def merged(desk: Desk, table: str) -> dict[int, int]:
    """Into which record those went that were merged."""
    return dict(desk.rows(f"SELECT _id, -_state FROM {table} WHERE _state < 0"))


def as_it_was(row: Row) -> Row:
    """A row as it was written before it named its table."""
    return row | {side: "#" + row[side].rpartition("#")[2] for side in ("one", "other")}


def test_a_list_says_itself_which_table_it_is_of(desk: Desk) -> None:
    filled(desk, "lines.pairs")
    assert "2 known pairs, 0 told otherwise" in desk.run("dedupe", "test", "filled.csv").err
    said = desk.run("dedupe", "apply", "filled.csv")
    assert said.code == 0, said.err
    assert (merged(desk, "lines"), merged(desk, "people")) == ({2: 1, 4: 3}, {})
    assert desk.run("dedupe", "apply", "filled.csv", "--table", "people").code == 4


@pytest.mark.parametrize("command", ["apply", "test"])
def test_a_list_of_numbers_is_not_taken_for_another_table(desk: Desk, command: str) -> None:
    filled(desk, "lines.pairs", as_it_was)
    said = desk.run("dedupe", command, "filled.csv")
    assert said.code == 4
    assert "line 1: the column one.line is of no field of people" in said.err
    assert "say with --table which table the list is of" in said.err
    assert merged(desk, "people") == {}
    assert desk.run("dedupe", command, "filled.csv", "--table", "lines").code == 0


def test_a_list_of_another_store_is_not_taken(desk: Desk) -> None:
    filled(desk, "people.pairs", lambda row: row | {"other.no": "0077"})
    for command in ("apply", "test"):
        said = desk.run("dedupe", command, "filled.csv")
        assert said.code == 4
        assert "line 2: people #2 has not the key that the line tells; the list is of another store" in said.err
    assert merged(desk, "people") == {}


def test_keys_that_a_spreadsheet_took_for_numbers_or_that_were_left_out_tell_nothing_else(desk: Desk) -> None:
    filled(desk, "people.pairs", lambda row: row | {"one.no": row["one.no"].lstrip("0"), "other.no": ""})
    said = desk.run("dedupe", "apply", "filled.csv")
    assert said.code == 0, said.err
    assert merged(desk, "people") == {2: 1, 4: 3}


def test_a_list_holds_texts_of_any_length(desk: Desk) -> None:
    assert desk.run("edit", "001", f"text={'long ' * 30_000}", "--table", "people", "-q").code == 0
    assert desk.run("dedupe", "review", "--table", "people", "--export", "people.pairs").code == 0
    with cells_up_to():
        filled(desk, "people.pairs")
    assert desk.run("dedupe", "test", "filled.csv").code == 0
    said = desk.run("dedupe", "apply", "filled.csv")
    assert said.code == 0, said.err
    assert merged(desk, "people") == {2: 1, 4: 3}
