"""Guards: who writes past custrec by mistake is told so; who only reads needs nothing of custrec."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing

import pytest

from custrec.errors import StalePlan
from custrec.session.session import Consent
from shops import Shop

WRITES = [
    "INSERT INTO customers (_id, _event, _state, no, name) VALUES (99, 1, 0, 'C99', 'Sneaked In')",
    "INSERT OR REPLACE INTO customers (_id, _event, _state, no, name) VALUES (1, 1, 0, 'C1', 'Replaced')",
    "UPDATE customers SET city = 'Elsewhere'",
    "DELETE FROM customers WHERE no = 'C1'",
    "DELETE FROM customers",
    "UPDATE notes SET text = 'rewritten'",
    "DELETE FROM notes",
    "INSERT INTO notes (_id, _event, _state, no, text) VALUES (9, 1, 0, 1, 'x')",
    "UPDATE _event SET actor = 'nobody'",
    "DELETE FROM _event WHERE id = 2",
    "UPDATE _change SET diff = NULL",
    "DELETE FROM _change",
]


@pytest.fixture
def filled(shop: Shop) -> Shop:
    shop.import_csv("no,name,city,credit\nC1,Ann Lee,Leeds,10.50\nC2,王芳,深圳,\n")
    shop.import_csv("no,text\nC1,called\n", "notes")
    return shop


def refused(shop: Shop, statement: str) -> None:
    before = shop.digest()
    with closing(sqlite3.connect(shop.path)) as other, pytest.raises(sqlite3.IntegrityError) as error, other:
        other.execute(statement)
    assert "written by custrec alone" in str(error.value)
    assert "use the custrec command" in str(error.value)
    assert shop.digest() == before


@pytest.mark.parametrize("statement", WRITES)
def test_another_program_that_writes_is_refused_and_told_why(filled: Shop, statement: str) -> None:
    refused(filled, statement)


@pytest.mark.parametrize("statement", WRITES[2:4])
def test_guards_stand_again_after_every_kind_of_plan(filled: Shop, statement: str) -> None:
    filled.import_csv("no,city\nC1,York\n")
    refused(filled, statement)
    filled.undo()
    refused(filled, statement)
    filled.redo()
    refused(filled, statement)


def test_guards_stand_again_after_a_plan_was_refused(filled: Shop) -> None:
    plan = filled.save_plan("no,city\nC1,York\n")
    filled.import_csv("no,city\nC1,Hull\n")
    with pytest.raises(StalePlan):
        filled.apply_saved(plan)
    for statement in WRITES[2:]:
        refused(filled, statement)


def test_any_sqlite_program_reads_records_and_readable_views(filled: Shop) -> None:
    assert filled.rows("SELECT no, name, city, credit FROM customers_live ORDER BY no") == [
        ("C1", "Ann Lee", "Leeds", 1050),
        ("C2", "王芳", "深圳", None),
    ]
    assert filled.rows("SELECT no, text FROM notes_live") == [("C1", "called")]
    assert filled.rows("SELECT no FROM notes") == [(1,)]
    assert filled.rows("PRAGMA integrity_check") == [("ok",)]
    assert filled.rows("PRAGMA foreign_key_check") == []


def test_a_reader_sees_one_state_of_the_store_while_another_writes(filled: Shop) -> None:
    with closing(sqlite3.connect(f"file:{filled.path}?mode=ro", uri=True, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT count(*) FROM customers").fetchone()
        filled.import_csv("no,name\nC3,Bo Diaz\n")
        assert reader.execute("SELECT count(*) FROM customers").fetchone() == before
        reader.execute("COMMIT")
        assert reader.execute("SELECT count(*) FROM customers").fetchone() == (3,)


def test_store_and_companions_are_their_owners_alone(filled: Shop) -> None:
    with filled.session() as session:
        session.run(filled.plan_csv(session, "no,name\nC9,\n", rejects=session.rows_path("rejects", "bad")), Consent())
        session.refresh_search()
    filled.save_plan("no,name\nC3,Bo Diaz\n")
    companions = [*filled.folder.rglob("custrec.*"), *filled.folder.glob("custrec.*/*")]
    assert len(companions) > 5
    for path in companions:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name
