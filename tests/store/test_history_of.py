"""One record through time, rebuilt from the live row and the journal. Random lives: tests/test_past.py."""

from __future__ import annotations

import pytest

from custrec.model.plan import Op, State
from custrec.store.history_of import former_bearers, history_of, origin, place_at, set_by
from shops import Shop


@pytest.fixture
def lived(shop: Shop) -> Shop:
    shop.import_csv("no,name,city,credit\nC1,Ann Lee,Leeds,10.50\nC2,Bo Diaz,,\n")
    shop.import_csv("no,city,visits\nC2,Rome,\nC1,York,3\n")
    shop.undo(2)
    return shop


def test_a_record_is_told_from_its_insert_on(lived: Shop) -> None:
    with lived.session() as session:
        first, second, third = history_of(session.store, lived.schema.tables[0], 1)
    assert [(step.event, step.op, step.line, step.undoes) for step in (first, second, third)] == [
        (1, Op.INSERT, 2, None),
        (2, Op.UPDATE, 3, None),
        (3, Op.UPDATE, None, 2),
    ]
    assert first.values == third.values
    assert second.values is not None
    assert (second.values["city"], second.values["visits"], second.values["credit"]) == ("York", 3, 1050)
    assert second.sets == third.sets == {"city", "visits"}
    assert first.state is State.ACTIVE


def test_a_record_that_is_gone_is_rebuilt_from_its_delete(lived: Shop) -> None:
    lived.undo(1)
    with lived.session() as session:
        *_, before, last = history_of(session.store, lived.schema.tables[0], 1)
    assert (last.op, last.values, last.state) == (Op.DELETE, None, None)
    assert before.values is not None
    assert before.values["city"] == "Leeds"


def test_a_record_that_never_was_has_no_history(lived: Shop) -> None:
    with lived.session() as session:
        assert history_of(session.store, lived.schema.tables[0], 99) == []


def test_a_value_that_an_undo_gave_back_has_the_origin_it_had(lived: Shop) -> None:
    lived.redo(2)
    with lived.session() as session:
        steps = history_of(session.store, lived.schema.tables[0], 1)
    told = [
        (origin(steps, place_at(steps, event), "city"), set_by(steps, place_at(steps, event), "city"))
        for event in (1, 2, 3, 4)
    ]
    assert told == [(0, 0), (1, 1), (0, 2), (1, 3)]
    assert origin(steps, 3, "name") == 0
    assert place_at(steps, 0) == -1


def test_a_record_that_came_back_has_the_origins_it_had(lived: Shop) -> None:
    lived.undo(1)
    lived.redo(1)
    with lived.session() as session:
        steps = history_of(session.store, lived.schema.tables[0], 1)
    assert [step.op for step in steps] == [Op.INSERT, Op.UPDATE, Op.UPDATE, Op.DELETE, Op.INSERT]
    assert (origin(steps, 4, "city"), set_by(steps, 4, "city")) == (0, 4)


def test_what_came_before_a_redacted_change_is_not_told(lived: Shop) -> None:
    lived.tamper("UPDATE _change SET diff = NULL, seal = substr(seal, -20) WHERE event = 3 AND record = 1")
    with lived.session() as session:
        steps = history_of(session.store, lived.schema.tables[0], 1)
    assert [step.values is None for step in steps] == [True, True, False]
    assert origin(steps, 2, "city") is None


def test_binary_fractions_come_back_exactly(new_shop: type[Shop]) -> None:
    shop = new_shop(
        "version: 1\ntables:\n  - name: t\n    primaryKey: [k]\n    fields:\n      - {name: k, type: string}\n"
        "      - {name: x, type: number}\n"
    )
    shop.import_csv("k,x\nA,0.1\n")
    shop.import_csv("k,x\nA,0.30000000000000004\n")
    shop.import_csv("k,x\nA,5\n")
    with shop.session() as session:
        steps = history_of(session.store, shop.schema.tables[0], 1)
    assert [step.values["x"] for step in steps if step.values] == [0.1, 0.30000000000000004, 5.0]


def test_a_key_is_found_with_those_who_bore_it(lived: Shop) -> None:
    table = lived.schema.tables[0]
    lived.undo(1)
    lived.import_csv("no,name\nC2,Di Ng\n")
    lived.undo()
    with lived.session() as session:
        assert former_bearers(session.store, table, ["C2"]) == [2, 3]
        assert former_bearers(session.store, table, ["C1"]) == [1]
        assert former_bearers(session.store, table, ["C3"]) == []
        (changes,) = session.store.reader.execute("SELECT max(n) FROM _change").fetchone()
        assert former_bearers(session.store, table, ["C2"], since=changes - 1) == [3]
