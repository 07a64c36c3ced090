"""What commands print: data that programs read, tables that people read, colours only where they are wanted."""

from __future__ import annotations

import csv
import io
import json

import pytest
from rich.cells import cell_len

from terminal import Desk

PEOPLE = (
    "no,name,city,phone,since\n"
    "C0001,张伟,广东省深圳市南山区科技园南区高新南一道,13800138000,2024-01-05\n"
    "C0002,Ann-Marie Montgomery-Featherstonehaugh,Paris,+33 1 70 18 99 00,\n"
    "C0003,王芳,,,2023-12-31\n"
)
NOTES = "no,text,id\nC0001,第一次拜访,A7\nC0002,called,\n"


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A desk with people and notes."""
    assert desk.take(PEOPLE).code == 0
    assert desk.take(NOTES, "-t", "notes").code == 0
    return desk


@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("list",), "records"),
        (("show", "C0001"), "record"),
        (("find", "张伟"), "records"),
        (("history",), "events"),
        (("history", "list"), "events"),
        (("history", "head"), "head"),
        (("history", "verify"), "verification"),
        (("plan", "list"), "plans"),
        (("schema", "show"), "schema-tables"),
        (("schema", "check"), "schema-check"),
        (("import", "in.csv", "-t", "notes", "-n"), "plan"),
        (("import", "in.csv", "-t", "notes"), "plan"),
        (("undo", "-n"), "plan"),
        (("undo",), "plan"),
    ],
)
def test_json_is_one_object_that_names_its_shape(full: Desk, words: tuple[str, ...], schema: str) -> None:
    said = full.run(*words, "--json")
    assert said.code == 0
    assert said.json["schema"] == f"custrec.{schema}/1"
    assert said.err == ""


def test_a_dry_run_has_the_shape_of_the_real_one(desk: Desk) -> None:
    desk.write("in.csv", PEOPLE)
    dry, real = desk.run("import", "in.csv", "-n", "--json").json, desk.run("import", "in.csv", "--json").json
    assert dry["counts"] == real["counts"]
    assert set(real) - set(dry) == {"event", "seconds"}


def test_every_format_says_the_same(full: Desk) -> None:
    rows = full.run("list", "--format", "json").json["records"]
    assert [row["no"] for row in rows] == ["C0001", "C0002", "C0003"]
    assert rows[0]["_id"] == 1
    lines = [json.loads(line) for line in full.run("list", "--format", "jsonl").out.splitlines()]
    assert [{"schema": "custrec.record/1", **row} for row in rows] == lines
    for form, delimiter in (("csv", ","), ("tsv", "\t")):
        text = full.run("list", "--format", form).out
        read = list(csv.DictReader(io.StringIO(text), delimiter=delimiter))
        assert read == [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]


def test_ids_are_record_ids_even_where_a_field_is_called_id(full: Desk) -> None:
    assert full.run("list", "-t", "notes", "--format", "ids").out == "1\n2\n"
    assert full.run("list", "-t", "notes", "--format", "ids", "--fields", "id").out == "1\n2\n"
    assert full.run("list", "--format", "ids", "--where", "no = C0003").out == "3\n"
    assert full.run("find", "王芳", "--format", "ids").out == "3\n"


def test_a_table_shows_record_ids_only_where_there_is_no_key(full: Desk) -> None:
    assert full.run("list").out.split()[0] == "no"
    assert full.run("list", "-t", "notes").out.split()[0] == "_id"
    assert full.run("find", "张伟").out.split()[0] == "no"


def test_a_table_leaves_out_columns_without_any_value(full: Desk) -> None:
    assert full.run("list", "--where", "no = C0002").out.splitlines()[0].split() == ["no", "name", "city", "phone"]


@pytest.mark.parametrize("columns", ["10", "40", "80", "140", "300"])
def test_the_lines_of_a_table_are_equally_wide_and_fit(full: Desk, columns: str) -> None:
    for words in (("list",), ("list", "-t", "notes"), ("find", "张"), ("history",), ("schema", "show", "notes")):
        lines = full.run(*words, COLUMNS=columns).out.rstrip("\n").split("\n")
        table = [line for line in lines if not line.startswith("notes")]
        assert len({cell_len(line) for line in table}) == 1, (words, table)
        assert cell_len(table[0]) <= int(columns)


def test_at_eighty_columns_key_and_name_are_readable(full: Desk) -> None:
    lines = full.run("list", COLUMNS="80").out.splitlines()
    assert lines[0].split() == ["no", "name", "city", "phone", "since"]
    assert lines[2].startswith("C0001  张伟 ")
    assert lines[3].startswith("C0002  Ann-Marie Montgomery-Feath…")


def test_where_there_is_no_room_trailing_columns_are_left_out_with_a_word(full: Desk) -> None:
    said = full.run("list", COLUMNS="64")
    assert said.out.split()[:5] == ["no", "name", "city", "phone", "─" * 64]
    assert said.err == "1 more column: use --fields or --json\n3 records\n"
    assert full.run("list", COLUMNS="40").err.startswith("3 more columns: use --fields or --json\n")
    assert full.run("list", COLUMNS="140").err == "3 records\n"
    assert full.run("list", "--fields", "no,since", COLUMNS="40").err == "3 records\n"
    assert full.run("list", COLUMNS="64", cold=True).raw == said.raw


def test_cells_stay_on_their_line_and_off_the_terminals_controls(desk: Desk) -> None:
    desk.take('no,name,city\nC1,Ann,"Paris\nXIV"\nC2,Bo,"a\tb\x1b[31mred"\n')
    out = desk.run("list").out
    assert "Paris⏎XIV" in out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 4


@pytest.mark.parametrize(
    ("words", "more", "bold"),
    [
        ((), {}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        (("--color", "auto"), {"NO_COLOR": ""}, False),
    ],
)
def test_styles_are_there_where_they_are_wanted(
    full: Desk, words: tuple[str, ...], more: dict[str, str], bold: bool
) -> None:
    out = full.run("list", *words, **more).out
    assert ("\x1b[" in out) is bold
    assert out.replace("\x1b[1m", "").replace("\x1b[0m", "") == full.run("list").out


def test_styles_never_reach_machine_formats(full: Desk) -> None:
    for form in ("json", "jsonl", "csv", "tsv", "ids"):
        assert "\x1b" not in full.run("list", "--format", form, "--color", "always", FORCE_COLOR="1").out


def test_data_goes_to_standard_output_and_words_to_standard_error(full: Desk) -> None:
    for words in (("list", "--json"), ("list", "--format", "csv"), ("history", "head")):
        assert full.run(*words).err == ""
    assert full.run("import", "in.csv", "-t", "notes").out == ""
