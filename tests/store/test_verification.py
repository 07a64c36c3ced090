"""Verification: whatever is altered past custrec, in records or in the history, is found and named."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from shops import RunCustrec, Shop

ALTERED = "a value was altered outside custrec"
EVENT = "event {}: the event, or which changes it holds, was altered"


class Tampering(NamedTuple):
    """What somebody does to the store, and what verification says of it."""

    name: str
    statement: str
    said: tuple[str, ...]


def record(number: int, what: str, table: str = "customers") -> str:
    return f"{table} record {number}: {what}"


TAMPERINGS = [
    # records: 1 was imported and changed twice, 2 only imported, 3 imported, undone and redone, 4 undone for good
    Tampering("a value", "UPDATE customers SET city = 'X' WHERE _id = 2", (record(2, ALTERED),)),
    Tampering("a value wiped", "UPDATE customers SET name = NULL WHERE _id = 2", (record(2, ALTERED),)),
    Tampering("a blank filled", "UPDATE customers SET visits = 0 WHERE _id = 2", (record(2, ALTERED),)),
    Tampering("a key", "UPDATE customers SET no = 'C0' WHERE _id = 2", (record(2, ALTERED),)),
    Tampering("money", "UPDATE customers SET credit = credit + 1 WHERE _id = 2", (record(2, ALTERED),)),
    Tampering("a changed record", "UPDATE customers SET city = 'X' WHERE _id = 1", (record(1, ALTERED),)),
    Tampering("an unchanged field of one", "UPDATE customers SET name = 'X' WHERE _id = 1", (record(1, ALTERED),)),
    Tampering("a redone record", "UPDATE customers SET name = 'X' WHERE _id = 3", (record(3, ALTERED),)),
    Tampering("a child", "UPDATE notes SET text = 'X' WHERE _id = 1", (record(1, ALTERED, "notes"),)),
    Tampering("whose child it is", "UPDATE notes SET no = 1 WHERE _id = 1", (record(1, ALTERED, "notes"),)),
    Tampering("a state", "UPDATE customers SET _state = 2 WHERE _id = 2", (record(2, ALTERED),)),
    Tampering("a changed record's state", "UPDATE customers SET _state = 2 WHERE _id = 1", (record(1, ALTERED),)),
    Tampering("a redone record's state", "UPDATE customers SET _state = 2 WHERE _id = 3", (record(3, ALTERED),)),
    Tampering("a version", "UPDATE customers SET _event = 5 WHERE _id = 2", (record(2, ALTERED),)),
    Tampering("a changed record's version", "UPDATE customers SET _event = 1 WHERE _id = 1", (record(1, ALTERED),)),
    Tampering("two records exchanged", "UPDATE customers SET _id = CASE _id WHEN 1 THEN -2 WHEN 2 THEN -1 END "
              "WHERE _id < 3; UPDATE customers SET _id = -_id WHERE _id < 0", (record(1, ALTERED), record(2, ALTERED))),
    Tampering("a record added", "INSERT INTO customers (_id, _event, _state, no) VALUES (9, 1, 0, 'C9')",
              (record(9, "it was added outside custrec"),)),
    Tampering("a record removed", "DELETE FROM customers WHERE _id = 2",
              (record(2, "it was removed outside custrec"),)),
    Tampering("a changed record removed", "DELETE FROM customers WHERE _id = 1",
              (record(1, "it was removed outside custrec"),)),
    Tampering("an undone record brought back",
              "INSERT INTO customers (_id, _event, _state, no) VALUES (4, 5, 0, 'C4')",
              (record(4, ALTERED),)),
    Tampering("the same, well disguised", "INSERT INTO customers (_id, _event, _state, no) VALUES (4, 9, 0, 'C4')",
              (record(4, "it was brought back outside custrec"),)),
    # events
    Tampering("an actor", "UPDATE _event SET actor = 'nobody' WHERE id = 2", (EVENT.format(2),)),
    Tampering("a time", "UPDATE _event SET at = '2020-01-01T00:00:00Z' WHERE id = 2", (EVENT.format(2),)),
    Tampering("a source", "UPDATE _event SET source = 'other.csv' WHERE id = 1", (EVENT.format(1),)),
    Tampering("what was undone", "UPDATE _event SET undoes = NULL WHERE id = 6", (EVENT.format(6),)),
    Tampering("counts", "UPDATE _event SET counts = '{}' WHERE id = 1", (EVENT.format(1),)),
    Tampering("a digest", "UPDATE _event SET digest = zeroblob(32) WHERE id = 2", (EVENT.format(2), EVENT.format(3))),
    Tampering("an event removed", "DELETE FROM _event WHERE id = 2", ("event 2 is missing", EVENT.format(3))),
    # changes
    Tampering("a before-image", "UPDATE _change SET diff = replace(diff, 'Leeds', 'Hull') WHERE event = 2",
              (record(1, "a change in its history was altered"),)),
    Tampering("a diff wiped", "UPDATE _change SET diff = NULL WHERE event = 2",
              (record(1, "a change in its history was altered"),)),
    Tampering("a diff that is no JSON", "UPDATE _change SET diff = 'x' WHERE event = 2",
              (record(1, "a change in its history was altered"),)),
    Tampering("what a delete held", "UPDATE _change SET diff = replace(diff, 'C4', 'C5') WHERE event = 9",
              (record(4, "a change in its history was altered"),)),
    Tampering("a kept original", "UPDATE _change SET original = '{}' WHERE event = 1 AND record = 2",
              (record(2, ALTERED),)),
    Tampering("a seal", "UPDATE _change SET seal = randomblob(36) WHERE event = 1 AND record = 2",
              (EVENT.format(1), record(2, ALTERED))),
    Tampering("a salt", "UPDATE _change SET seal = CAST(randomblob(16) || substr(seal, 17) AS BLOB) "
              "WHERE event = 1 AND record = 2", (record(2, ALTERED),)),
    Tampering("a change removed", "DELETE FROM _change WHERE event = 3", (EVENT.format(3), record(1, ALTERED))),
    Tampering("an insert removed", "DELETE FROM _change WHERE event = 1 AND record = 2",
              (EVENT.format(1), record(2, "it was added outside custrec"))),
    Tampering("a change of nothing added", "INSERT INTO _change (event, tbl, record, op, diff, seal) "
              "VALUES (2, 9, 9, 2, '{}', zeroblob(36))", (EVENT.format(2),)),
    Tampering("an operation", "UPDATE _change SET op = 3 WHERE event = 2", (EVENT.format(2),)),
    Tampering("whose change it was", "UPDATE _change SET record = 2 WHERE event = 3", (EVENT.format(3),)),
    Tampering("when a change was", "UPDATE _change SET event = 3 WHERE event = 2", (EVENT.format(2), EVENT.format(3))),
]  # fmt: skip


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A store with a history: imports, changes, undo, redo. Each step is an event, numbered from 1."""
    shop = Shop(tmp_path_factory.mktemp("history") / "shop")
    shop.import_csv("no,name,city,credit\nC1,Ann Lee,Leeds,10.50\nC2,Bo Diaz,Rome,2\n")  # 1
    shop.import_csv("no,city\nC1,York\n")  # 2
    shop.import_csv("no,city,visits\nC1,Hull,3\n")  # 3
    shop.import_csv("no,name\nC3,王芳\n")  # 4
    shop.import_csv("no,text,stars\nC2,called,5\n", "notes")  # 5
    shop.undo(4)  # 6
    shop.redo(4)  # 7
    shop.import_csv("no,name\nC4,Not Wanted\n")  # 8
    shop.undo(8)  # 9
    return shop


@pytest.fixture
def lived(history: Shop, tmp_path: Path) -> Shop:
    """The same history, in a store of the test's own."""
    return history.copy_to(tmp_path / "lived")


def test_a_store_that_nobody_tampered_with_verifies(lived: Shop) -> None:
    assert lived.faults() == []


@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.name)
def test_tampering_is_found_and_named(lived: Shop, tampering: Tampering) -> None:
    lived.tamper(*tampering.statement.split("; "))
    found = lived.faults()
    for fault in tampering.said:
        assert fault in found, found


@pytest.mark.parametrize("number", range(9))
def test_every_record_is_found_whatever_its_history(lived: Shop, number: int) -> None:
    """Not only the records chosen above: any one of the live ones, alone."""
    live = [("customers", row[0]) for row in lived.tables()["customers"]]
    live += [("notes", row[0]) for row in lived.tables()["notes"]]
    table, chosen = live[number % len(live)]
    field = {"customers": "company", "notes": "stars"}[table]
    lived.tamper(f"UPDATE {table} SET {field} = '77' WHERE _id = {chosen}")
    assert lived.faults() == [f"{table} record {chosen}: {ALTERED}"]


def test_it_verifies_again_once_the_value_is_put_back(lived: Shop) -> None:
    lived.tamper("UPDATE customers SET city = 'X' WHERE _id = 2")
    lived.tamper("UPDATE customers SET city = 'Rome' WHERE _id = 2")
    assert lived.faults() == []


def test_only_a_head_kept_elsewhere_tells_that_the_newest_events_are_gone(lived: Shop, run_custrec: RunCustrec) -> None:
    head = run_custrec("history", "head", "--store", lived.path).out.strip()
    assert head.startswith("9:")
    lived.tamper("DELETE FROM _change WHERE event >= 8", "DELETE FROM _event WHERE id >= 8")
    assert lived.faults() == []
    done = run_custrec("history", "verify", "--store", lived.path, "--head", head)
    assert done.code == 7
    assert "event 9 of the kept head is not in the history" in done.err


def test_the_command_says_how_many_faults_there_are_and_exits_with_7(lived: Shop, run_custrec: RunCustrec) -> None:
    assert run_custrec("history", "verify", "--store", lived.path).code == 0
    lived.tamper("UPDATE customers SET city = 'Secret Place' WHERE _id = 2", "DELETE FROM notes")
    done = run_custrec("history", "verify", "--store", lived.path)
    assert done.code == 7
    assert "2 faults" in done.err
    assert "Secret" not in done.err
