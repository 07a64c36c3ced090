"""The store as it was. That it is right for every event of random lives: tests/test_past.py."""

from __future__ import annotations

import sqlite3

import pytest

from custrec.store import records
from custrec.store.as_of import opened_as_of
from shops import Shop


@pytest.fixture
def lived(shop: Shop) -> Shop:
    shop.import_csv("no,name,city\nC1,Ann Lee,Leeds\nC2,Bo Diaz,Rome\n")
    shop.import_csv("no,text\nC1,called\nC2,wrote\n", "notes")
    shop.import_csv("no,name,city\nC1,Ann Lee,York\nC3,Di Ng,Hull\n")
    shop.undo(2)
    return shop


def told(shop: Shop, event: int, name: str, fields: list[str]) -> list[tuple[object, ...]]:
    table = shop.schema.by_name[name]
    with shop.session() as session, opened_as_of(session.store, event, [table]) as past:
        return list(records.select(past, table, fields))


def test_what_was_inserted_since_is_left_out_and_what_was_changed_is_as_it_was(lived: Shop) -> None:
    assert told(lived, 4, "customers", ["city"]) == [(1, "York"), (2, "Rome"), (3, "Hull")]
    assert told(lived, 2, "customers", ["city"]) == [(1, "Leeds"), (2, "Rome")]
    assert told(lived, 0, "customers", ["city"]) == []


def test_what_was_deleted_since_comes_back_with_its_parents(lived: Shop) -> None:
    assert told(lived, 4, "notes", ["no", "text"]) == []
    assert told(lived, 3, "notes", ["no", "text"]) == [(1, "C1", "called"), (2, "C2", "wrote")]
    lived.undo(3)
    lived.undo(1)
    assert told(lived, 6, "customers", ["no"]) == []
    assert told(lived, 2, "notes", ["no", "text"]) == [(1, "C1", "called"), (2, "C2", "wrote")]


def test_old_rows_are_counted_by_condition(lived: Shop) -> None:
    table = lived.schema.tables[0]
    counts = {}
    for event in range(5):
        with lived.session() as session, opened_as_of(session.store, event, [table]) as past:
            met = ("t.city = ?", ("York",))
            counts[event] = (records.count(past, table), records.count(past, table, met))
    assert counts == {0: (0, 0), 1: (2, 0), 2: (2, 0), 3: (3, 1), 4: (3, 1)}


def test_nothing_can_be_written_through_the_old_store(lived: Shop) -> None:
    before = lived.digest()
    table = lived.schema.tables[0]
    with lived.session() as session, opened_as_of(session.store, 1, [table]) as past:
        for statement in ("DELETE FROM main._event", "CREATE TABLE main.x (a)", "CREATE TEMP TABLE y (a)"):
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                past.reader.execute(statement)
        past.reader.execute("PRAGMA query_only = OFF")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            past.reader.execute("CREATE TABLE main.x (a)")
    assert lived.digest() == before


def test_what_happens_meanwhile_is_not_seen(lived: Shop) -> None:
    table = lived.schema.tables[0]
    with lived.session() as session, opened_as_of(session.store, 4, [table]) as past:
        lived.import_csv("no,name,city\nC1,Ann Lee,Bonn\nC9,Al Fox,Bern\n")
        assert list(records.select(past, table, ["city"])) == [(1, "York"), (2, "Rome"), (3, "Hull")]


def test_of_a_record_with_a_redacted_change_nothing_is_told(lived: Shop) -> None:
    lived.tamper("UPDATE _change SET diff = NULL, seal = substr(seal, -20) WHERE event = 3 AND record = 1")
    assert told(lived, 2, "customers", ["city"]) == [(2, "Rome")]


def test_the_live_rows_are_not_walked_through_for_the_first_page(lived: Shop) -> None:
    """An index of the live table serves a condition, and rows come in the order of ids without sorting."""
    table = lived.schema.tables[0]
    with lived.session() as session, opened_as_of(session.store, 2, [table]) as past:
        page = "SELECT _id, name FROM customers t WHERE _state = 0 AND (TRUE) ORDER BY t._id LIMIT 51"
        plan = [row[3] for row in past.reader.execute(f"EXPLAIN QUERY PLAN {page}")]
        assert "MERGE (UNION ALL)" in plan
        assert not any("USE TEMP B-TREE" in step for step in plan)
        one = "SELECT _id FROM customers t WHERE t.no = 'C1' ORDER BY t._id"
        plan = [row[3] for row in past.reader.execute(f"EXPLAIN QUERY PLAN {one}")]
        assert any("USING INDEX _key_" in step or "USING COVERING INDEX _key_" in step for step in plan)
