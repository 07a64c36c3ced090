"""Natural keys may read like what custrec calls records by: #2, customers#2, 2. No record stands in for another."""

from __future__ import annotations

from pathlib import Path

import pytest

from doubled_people import SCHEMA as PEOPLE
from judged_pairs import filled
from terminal import SCHEMA, Desk

KEYS = ("#2", "#1", "customers#2", "#5", "2", "customers#9")
"""The keys of #1 to #6: those of the first five read like the numbers of others."""


@pytest.fixture
def desk(desk: Desk) -> Desk:
    assert desk.take("no,name,city\n" + "".join(f"{key},Ann {key},C{n}\n" for n, key in enumerate(KEYS, 1))).code == 0
    return desk


def there(desk: Desk) -> list[str]:
    return [*desk.rows("SELECT no FROM customers WHERE _state = 0 ORDER BY _id")]


def test_a_number_of_a_table_that_is_another_records_key_is_refused(desk: Desk) -> None:
    assert desk.run("delete", "#1", "--yes").code == 0  # what is typed is the key first: the key of #2
    assert there(desk) == ["#2", "customers#2", "#5", "2", "customers#9"]
    ids = desk.run("trash", "list", "--format", "ids").raw
    assert ids == b"customers#2\n"
    for more in (b"", b"".join(b"customers#%d\n" % n for n in range(1, 7)) * 5):
        said = desk.run("purge", "--ids-from", "-", "--confirm", "1", stdin=ids + more)
        assert said.code == 2
        assert "customers#2 may be 2 records" in said.err
        assert "customers #2  #1  in the trash" in said.err
        assert "customers #3  customers#2" in said.err
        assert "name it by its key, as #2, or with --where '_id = 2'" in said.err
    assert len(desk.rows("SELECT _id FROM customers")) == len(KEYS)
    assert desk.run("delete", "customers#2", "--yes").code == 2
    assert desk.run("purge", "--trash", "--where", "_id = 2", "--confirm", "1").code == 0
    assert desk.rows("SELECT _id FROM customers") == [1, 3, 4, 5, 6]


def test_a_number_of_a_table_means_the_number_and_a_key_where_nothing_has_that_number(desk: Desk) -> None:
    assert desk.run("show", "customers#4", "--json").json["no"] == "#5"
    assert desk.run("show", "customers#9", "--json").json["_id"] == 6
    desk.run("delete", "customers#4", "customers#5", "--yes")
    ids = desk.run("trash", "list", "--format", "ids").raw
    assert desk.run("undelete", "--ids-from", "-", stdin=ids).code == 0
    assert len(there(desk)) == len(KEYS)


def test_a_number_in_a_list_that_is_another_records_key_is_refused_however_short_the_list(desk: Desk) -> None:
    ids = desk.run("list", "--where", "no = '#1'", "--format", "ids").raw
    assert ids == b"2\n"
    said = desk.run("purge", "--ids-from", "-", "--confirm", "1", stdin=ids)
    assert said.code == 2
    assert "2 may be 2 records" in said.err
    assert desk.run("show", "2", "--json").json["_id"] == 5  # a person who types it means the key


def test_keys_of_a_list_mean_the_same_in_a_long_one_as_in_a_short_one(desk: Desk) -> None:
    for times in (1, 30):
        said = desk.run("edit", "--ids-from", "-", f"city=D{times}", stdin=b"#1\n#5\n" * times)
        assert said.code == 0, said.err
        assert desk.rows(f"SELECT no FROM customers WHERE city = 'D{times}' ORDER BY _id") == ["#1", "#5"]


def test_a_long_list_of_the_trash_names_records_of_several_tables(desk: Desk) -> None:
    desk.take("no,text\n" + "customers#9,hi\n" * 30, "--table", "notes", name="notes.csv")
    assert desk.run("delete", "customers#9", "--yes").code == 0
    ids = desk.run("trash", "list", "--format", "ids").raw
    assert {b"notes#1", b"customers#6"} <= {*ids.split()}
    assert desk.run("undelete", "--ids-from", "-", stdin=ids).code == 0
    assert desk.run("trash", "list", "--format", "ids").out == ""


def test_show_tells_where_the_values_of_this_very_record_came_from(desk: Desk) -> None:
    desk.run("edit", "#2", "city=Bonn")  # the record #1
    later = SCHEMA.replace("      - {name: since,", "      - {name: more, type: string}\n      - {name: since,")
    for shape, words in ((SCHEMA, ()), (SCHEMA, ("--as-of", "event:2")), (later, ("--as-of", "event:2"))):
        desk.write("schema.yaml", shape)
        assert desk.run("schema", "apply", "--yes").code == 0
        assert "Bonn    edit 2" in desk.run("show", "#2", "--blame", *words).out
        assert "edit 2" not in desk.run("show", "#1", "--blame", *words).out


TWINS = """\
no,name,phone,email
#4,张伟,13812345678,zhang@example.com
people#1,张伟,13812345678,zhang@example.com
people#4,王芳,13912345678,fang@example.com
#1,王芳,13912345678,fang@example.com
#2,李娜,13712345678,na@example.com
"""
"""#1 and #2 are one, and #3 and #4; their keys read like the numbers of each other."""


def test_who_means_the_cluster_of_a_number_is_told_how_to_name_it(desk: Desk) -> None:
    said = desk.run("dedupe", "merge", "2")
    assert said.code == 2
    assert "2 is one record, customers #5" in said.err
    assert "a cluster of that number is cluster:2" in said.err


@pytest.fixture
def twins(tmp_path: Path) -> Desk:
    desk = Desk.at(tmp_path)
    desk.write("schema.yaml", PEOPLE.replace("MATCH", "{fields: {name: {}, phone: {}, email: {}}}"))
    assert desk.run("init", "-q").code == 0
    assert desk.take(TWINS, "--table", "people").code == 0
    assert desk.run("dedupe", "find", "-q").code == 3
    return desk


def merged(desk: Desk) -> dict[int, int]:
    """Into which record those went that were merged."""
    return dict(desk.rows("SELECT _id, -_state FROM people WHERE _state < 0"))


@pytest.mark.parametrize("words", [(), ("--table", "people")])
def test_a_cluster_that_is_named_is_merged_itself(twins: Desk, words: tuple[str, ...]) -> None:
    said = twins.run("dedupe", "merge", "cluster:1", *words)
    assert said.code == 0, said.err
    assert merged(twins) == {2: 1}
    said = twins.run("dedupe", "merge", "cluster:3", "--into", "#1", "--take", "phone=#1", *words)
    assert said.code == 0, said.err  # what a person types is the key first: that of #4
    assert merged(twins) == {2: 1, 3: 4}


def test_a_list_of_pairs_says_the_same_when_it_is_read_back(twins: Desk) -> None:
    assert twins.run("dedupe", "review", "--export", "pairs.csv").code == 0
    rows = filled(twins, "pairs.csv")
    assert {(row["one"], row["other"]) for row in rows} == {("people#1", "people#2"), ("people#3", "people#4")}
    assert twins.run("dedupe", "test", "filled.csv").code == 0
    said = twins.run("dedupe", "apply", "filled.csv")
    assert said.code == 0, said.err
    assert merged(twins) == {2: 1, 4: 3}
    assert twins.run("dedupe", "apply", "filled.csv").code == 0  # by numbers and keys of merged records


def test_a_name_in_a_list_is_held_against_the_keys_that_stand_beside_it(twins: Desk) -> None:
    twins.run("dedupe", "review", "--export", "pairs.csv")
    rows = filled(twins, "pairs.csv", lambda row: row | {"one": row["one"].removeprefix("people")})
    said = twins.run("dedupe", "apply", "filled.csv")  # #1 is a key, and the list shows another one
    assert said.code == 4
    assert "line 2: people #4 has not the key that the line tells; the list is of another store" in said.err
    filled(twins, "pairs.csv", lambda row: {"verdict": "same", "one": row["one"], "other": row["other"]})
    assert "line 2: people#1 may be 2 records" in twins.run("dedupe", "apply", "filled.csv").err
    assert merged(twins) == {}
    assert len(rows) == 2
