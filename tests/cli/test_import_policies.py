"""Rows that meet others: in the store (--on-existing), in the file (--in-file), and the same file once more."""

from __future__ import annotations

import pytest

from terminal import Desk

STORED = "no,name,city,phone\nC1,Ann,Paris,\nC2,Bo,,13800138000\n"
NEXT = "no,name,city,phone\nC1,Anna,,13800138001\nC2,,Oslo,13900139000\nC3,Cy,Rome,\n"


@pytest.mark.parametrize(
    ("how", "counts", "rows"),
    [
        (
            "update",
            {"insert": 1, "update": 2},
            [
                ("C1", "Anna", "Paris", "+8613800138001"),
                ("C2", "Bo", "Oslo", "+8613900139000"),
                ("C3", "Cy", "Rome", None),
            ],
        ),
        (
            "fill",
            {"insert": 1, "update": 2},
            [
                ("C1", "Ann", "Paris", "+8613800138001"),
                ("C2", "Bo", "Oslo", "+8613800138000"),
                ("C3", "Cy", "Rome", None),
            ],
        ),
        (
            "skip",
            {"insert": 1, "update": 0, "skipped": 2},
            [("C1", "Ann", "Paris", None), ("C2", "Bo", None, "+8613800138000"), ("C3", "Cy", "Rome", None)],
        ),
    ],
)
def test_records_that_exist_are_treated_as_told(desk: Desk, how: str, counts: dict[str, int], rows: object) -> None:
    desk.take(STORED)
    said = desk.take(NEXT, "--on-existing", how)
    assert said.code == 0
    assert said.json["counts"].items() >= counts.items()
    assert desk.rows("SELECT no, name, city, phone FROM customers ORDER BY no") == rows


def test_existing_records_may_refuse_the_file(desk: Desk) -> None:
    desk.take(STORED)
    desk.write("in.csv", NEXT)
    before = desk.files()
    said = desk.run("import", "in.csv", "--on-existing", "fail")
    assert said.code == 4
    assert "in.csv has 2 rows for records that exist already; nothing was changed" in said.err
    assert desk.files() == before
    assert desk.take("no,name\nC9,Zoe\n", "--on-existing", "fail").code == 0


def test_an_empty_cell_never_wipes_a_value(desk: Desk) -> None:
    desk.take(STORED)
    said = desk.take("no,name,city,phone\nC1,,,\nC2, ,,\n")
    assert (said.code, said.json["counts"]["same"], said.json["event"]) == (0, 2, None)
    assert desk.rows("SELECT name, city FROM customers") == [("Ann", "Paris"), ("Bo", None)]


CONFLICT = "no,name,city\nC1,Ann,Paris\nC2,Bo,Oslo\nC1,Ann,Rome\nC1,Ann,Bonn\n"


def test_rows_that_contradict_each_other_name_each_others_lines(desk: Desk) -> None:
    said = desk.take(CONFLICT)
    assert (said.code, said.json["rules"]) == (3, {"same-key": 3})
    assert desk.rows("SELECT no FROM customers") == ["C2"]
    assert desk.rejects()[1:] == [
        '2,no,same-key,"the same key stands with other values in line 4, 5",C1,Ann,Paris',
        '4,no,same-key,"the same key stands with other values in line 2, 5",C1,Ann,Rome',
        '5,no,same-key,"the same key stands with other values in line 2, 4",C1,Ann,Bonn',
    ]


@pytest.mark.parametrize(("how", "city"), [("first", "Paris"), ("last", "Bonn")])
def test_the_first_or_the_last_of_them_may_stand(desk: Desk, how: str, city: str) -> None:
    said = desk.take(CONFLICT, "--in-file", how)
    assert (said.code, said.json["counts"]["skipped"]) == (0, 2)
    assert desk.rows("SELECT city FROM customers WHERE no = 'C1'") == [city]


def test_rows_that_are_the_same_count_once(desk: Desk) -> None:
    said = desk.take("no,name,phone\nC1,Ann,13800138000\nC1,Ann,+86 138-0013-8000\nC1, Ann ,13800138000\n")
    assert (said.code, said.json["counts"]["insert"], said.json["counts"]["collapsed"]) == (0, 1, 2)
    assert "2 repeated in the file" in desk.run("import", "in.csv", "-n").err


def test_the_key_of_a_bad_row_counts_as_seen(desk: Desk) -> None:
    said = desk.take("no,name,phone\nC1,Ann,12\nC1,Ann,13800138000\nC2,Bo,\n")
    assert (said.code, said.json["rules"]) == (3, {"phone-invalid": 1, "same-key": 1})
    assert desk.rows("SELECT no FROM customers") == ["C2"]


def test_a_unique_value_stands_once(desk: Desk) -> None:
    desk.take("no,name,code\nC1,Ann,A1\n")
    said = desk.take("no,name,code\nC2,Bo,A1\nC3,Cy,B1\nC4,Di,B1\nC5,Eva,E1\n")
    assert (said.code, said.json["rules"]) == (3, {"not-unique": 3})
    assert desk.rows("SELECT no FROM customers") == ["C1", "C5"]


def test_the_same_file_again_changes_nothing_and_says_so(desk: Desk) -> None:
    desk.take(STORED)
    before = desk.files()
    said = desk.run("import", "in.csv")
    assert said.code == 0
    assert "2 the same" in said.err
    assert "nothing to change: the store has all of it already" in said.err
    assert desk.files() == before
    assert len(desk.run("history", "--json").json["events"]) == 1


def test_rows_without_a_key_are_counted_not_doubled(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    notes = "no,text,id\nC1,hello,\nC1,hello,\nC1,there,9\n"
    assert desk.take(notes, "-t", "notes").json["counts"]["insert"] == 3
    assert desk.take(notes, "-t", "notes").json["event"] is None
    assert desk.take(notes + "C1,hello,\n", "-t", "notes").json["counts"]["insert"] == 1


def test_a_changed_row_updates_the_changed_fields_alone(desk: Desk) -> None:
    desk.take(STORED)
    said = desk.take("no,name,city,phone\nC1,Ann,Rome,\nC2,Bo,,13800138000\n")
    assert said.json["counts"].items() >= {"update": 1, "same": 1}.items()
    (diff,) = desk.rows("SELECT diff FROM _change WHERE event = 2")
    assert diff == '{"3":["Paris","Rome"]}'


def test_what_is_only_written_otherwise_changes_nothing(desk: Desk) -> None:
    desk.take("no,name,phone,since\nC1,Ann,13800138000,2024-01-05\n")
    said = desk.take("no,name,phone,since\n C1 ,Ａｎｎ,+86 138 0013 8000,2024/1/5\n")
    assert said.json["counts"]["same"] == 1, said


def test_more_changes_than_a_run_may_make_stop_it(desk: Desk) -> None:
    desk.take("no,name,city\n" + "".join(f"C{n},Ann,Paris\n" for n in range(1200)))
    desk.write("in.csv", "no,name,city\n" + "".join(f"C{n},Ann,Rome\n" for n in range(1200)))
    before = desk.rows("SELECT count(*) FROM customers WHERE city = 'Rome'")
    said = desk.run("import", "in.csv")
    assert said.code == 9
    assert "import would change 1,200 of 1,200 existing records in customers; the limit is 1,000" in said.err
    assert "--max-change 1200" in said.err
    assert desk.rows("SELECT count(*) FROM customers WHERE city = 'Rome'") == before == [0]
    assert desk.run("import", "in.csv", "--max-change", "1200").code == 0
