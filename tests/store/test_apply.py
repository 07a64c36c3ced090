"""Applying: once, whole, in the order of the file; also when the store has moved on since the plan was made."""

from __future__ import annotations

import pytest

from custrec.errors import StalePlan
from custrec.jobs.undo import UndoRequest, plan_undo
from custrec.session.session import Consent
from shops import Shop

TWO = "no,name,city\nC1,Ann Lee,Leeds\nC2,Bo Diaz,Rome\n"


def test_a_plan_still_fits_when_only_other_records_changed(shop: Shop) -> None:
    shop.import_csv(TWO)
    plan = shop.save_plan("no,name,city\nC2,,Oslo\nC8,New One,\nC9,New Two,\n")
    shop.import_csv("no,name,city\nC1,,Hull\nC5,Someone Else,\n")
    shop.import_csv("no,text\nC1,called\n", "notes")
    assert shop.apply_saved(plan).event is not None
    assert shop.rows("SELECT _id, no, city FROM customers ORDER BY _id") == [
        (1, "C1", "Hull"),
        (2, "C2", "Oslo"),
        (3, "C5", None),
        (4, "C8", None),
        (5, "C9", None),
    ]
    assert shop.faults() == []
    shop.import_csv("no,name\nC10,New Three\n")
    assert shop.rows("SELECT _id FROM customers WHERE no = 'C10'") == [(6,)]


def test_two_plans_of_different_new_records_both_fit_whichever_comes_first(shop: Shop) -> None:
    first, second = shop.save_plan(TWO), shop.save_plan("no,name\nC3,New One\nC4,New Two\n")
    shop.apply_saved(second)
    shop.apply_saved(first)
    assert shop.rows("SELECT no FROM customers ORDER BY _id") == [("C3",), ("C4",), ("C1",), ("C2",)]
    assert shop.faults() == []


def test_rows_without_a_key_that_somebody_else_brought_meanwhile_are_not_doubled(shop: Shop) -> None:
    shop.import_csv(TWO)
    notes = "no,text,stars\nC1,called,5\nC2,called,5\n"
    twice, other = shop.save_plan(notes, "notes"), shop.save_plan("no,text\nC1,wrote\n", "notes")
    shop.import_csv(notes, "notes")
    before = shop.digest()
    with pytest.raises(StalePlan):
        shop.apply_saved(twice)
    assert shop.digest() == before
    shop.apply_saved(other)
    assert len(shop.tables()["notes"]) == 3
    assert shop.faults() == []


def test_a_child_whose_parent_went_meanwhile_is_refused(shop: Shop) -> None:
    shop.import_csv(TWO)
    plan = shop.save_plan("no,text\nC1,called\n", "notes")
    shop.undo()
    with pytest.raises(StalePlan):
        shop.apply_saved(plan)
    assert shop.tables() == {"customers": [], "notes": []}


def test_a_parent_that_got_a_child_meanwhile_is_not_removed(shop: Shop) -> None:
    shop.import_csv(TWO)
    with shop.session() as session:
        file = plan_undo(session.store, UndoRequest(1), session.draft())
        shop.import_csv("no,text\nC1,called\n", "notes")
        with pytest.raises(StalePlan):
            session.run(file, Consent())
    assert len(shop.tables()["customers"]) == 2


def test_a_unique_value_that_was_taken_meanwhile_is_refused(shop: Shop) -> None:
    plan = shop.save_plan("no,name,code\nC1,Ann Lee,x\n")
    shop.import_csv("no,name,code\nC2,Bo Diaz,x\n")
    with pytest.raises(StalePlan):
        shop.apply_saved(plan)
    assert len(shop.tables()["customers"]) == 1
    assert shop.faults() == []


def test_records_are_numbered_in_the_order_of_the_file(shop: Shop) -> None:
    rows = [f"K{n:05d},Name\n" for n in range(5000)]
    shop.import_csv("no,name\n" + "".join(reversed(rows)))
    first, last = shop.rows("SELECT min(no), max(no) FROM customers WHERE _id IN (1, 5000)")[0]
    assert (first, last) == ("K00000", "K04999")
    assert shop.rows("SELECT no FROM customers WHERE _id = 1") == [("K04999",)]
    assert shop.rows("SELECT line FROM _change WHERE record = 5000") == [(5001,)]


def test_indexes_are_all_there_after_a_large_import(shop: Shop) -> None:
    listed = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name"
    before = shop.rows(listed)
    shop.import_csv("no,name\n" + "".join(f"K{n},Name\n" for n in range(3000)))
    assert shop.rows(listed) == before
    assert shop.rows("PRAGMA integrity_check") == [("ok",)]


def test_after_a_write_the_store_is_one_file(shop: Shop) -> None:
    shop.import_csv(TWO)
    log = shop.path.with_name("custrec.db-wal")
    assert not log.exists() or log.stat().st_size == 0
