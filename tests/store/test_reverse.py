"""Undo, record by record: what goes back, what is kept because it was edited since, what is blocked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from custrec.errors import AlreadyUndone, EventUnknown, NothingToUndo, NotUndone, UndoConflict
from custrec.session.session import Report
from custrec.store import journal
from shops import Shop

TWO = "no,name,code,city\nC1,Ann Lee,a1,Leeds\nC2,Bo Diaz,a2,Rome\n"


def buckets(report: Report) -> tuple[int, int, int]:
    """Reversed, kept and blocked."""
    return report.plan.counts.changes, report.plan.counts.kept, report.plan.counts.blocked


def conflict(shop: Shop, event: int) -> tuple[int, int, int]:
    """The same of a conflict; the store is as it was."""
    before = shop.digest()
    with pytest.raises(UndoConflict) as refused:
        shop.undo(event)
    assert shop.digest() == before
    found = refused.value.params
    return found["reversed"], found["kept"], found["blocked"]  # type: ignore[return-value]


def cities(shop: Shop) -> list[tuple[str, str | None]]:
    return shop.rows("SELECT no, city FROM customers ORDER BY no")


def test_an_old_event_is_undone_and_later_ones_that_are_unrelated_stay(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\n")
    shop.import_csv("no,visits\nC1,7\n")
    shop.import_csv("no,city\nC2,Oslo\n")
    assert buckets(shop.undo(2)) == (1, 0, 0)
    assert shop.rows("SELECT no, city, visits FROM customers ORDER BY no") == [("C1", "Leeds", 7), ("C2", "Oslo", None)]
    assert shop.faults() == []


def test_a_field_that_was_changed_again_is_kept(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\nC2,Oslo\n")
    shop.import_csv("no,city\nC1,Hull\n")
    assert conflict(shop, 2) == (1, 1, 0)
    assert buckets(shop.undo(2, partial=True)) == (1, 1, 0)
    assert cities(shop) == [("C1", "Hull"), ("C2", "Rome")]


def test_a_field_that_was_changed_again_and_back_can_go_back(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\n")
    shop.import_csv("no,city\nC1,Hull\n")
    shop.import_csv("no,city\nC1,York\n")
    assert buckets(shop.undo(2)) == (1, 0, 0)
    assert cities(shop)[0] == ("C1", "Leeds")


def test_a_record_that_was_edited_since_its_import_is_kept(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,visits\nC1,7\n")
    assert conflict(shop, 1) == (1, 1, 0)
    assert buckets(shop.undo(1, partial=True)) == (1, 1, 0)
    assert cities(shop) == [("C1", "Leeds")]
    assert shop.faults() == []


def test_an_edit_that_was_undone_does_not_stand_in_the_way(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\n")
    shop.undo()
    assert buckets(shop.undo(1)) == (2, 0, 0)
    assert shop.tables()["customers"] == []


def test_an_edit_that_was_undone_and_redone_does(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\n")
    shop.undo()
    shop.redo()
    assert conflict(shop, 1) == (1, 1, 0)


def test_an_edit_that_was_undone_in_part_stands_in_the_way_of_the_rest(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\nC2,Oslo\n")
    shop.import_csv("no,city\nC1,Hull\n")
    shop.undo(2, partial=True)
    shop.undo(3)
    assert cities(shop) == [("C1", "York"), ("C2", "Rome")]
    assert conflict(shop, 1) == (1, 1, 0)


def test_a_record_with_children_is_blocked(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,text\nC1,called\n", "notes")
    assert conflict(shop, 1) == (1, 0, 1)
    shop.undo(2)
    assert buckets(shop.undo(1)) == (2, 0, 0)


def test_a_child_whose_parent_is_gone_cannot_come_back(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,text\nC1,called\nC2,called\n", "notes")
    shop.undo(2)
    shop.undo(1)
    shop.import_csv("no,name\nC1,Someone New\n")
    assert shop.rows("SELECT _id FROM customers") == [(3,)]
    with pytest.raises(UndoConflict) as refused:
        shop.redo(2)
    assert refused.value.params["blocked"] == 2
    shop.undo()
    shop.redo(1)
    assert buckets(shop.redo(2)) == (2, 0, 0)


def test_a_record_whose_key_was_taken_cannot_come_back(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.undo()
    shop.import_csv("no,name\nC1,Someone New\n")
    with pytest.raises(UndoConflict) as refused:
        shop.redo(1)
    assert refused.value.params["blocked"] == 1
    assert buckets(shop.redo(1, partial=True)) == (1, 0, 1)
    assert shop.rows("SELECT _id, no, name FROM customers ORDER BY _id") == [
        (2, "C2", "Bo Diaz"),
        (3, "C1", "Someone New"),
    ]
    assert shop.faults() == []


def test_a_unique_value_that_was_taken_cannot_go_back(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,code\nC1,b1\n")
    shop.import_csv("no,name,code\nC3,New One,a1\n")
    assert conflict(shop, 2) == (0, 0, 1)
    shop.undo(3)
    assert buckets(shop.undo(2)) == (1, 0, 0)


def test_a_record_that_is_gone_is_blocked(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\nC2,Oslo\n")
    shop.undo(2)
    shop.undo(1)
    with pytest.raises(UndoConflict) as refused:
        shop.redo(2)
    assert (refused.value.params["reversed"], refused.value.params["blocked"]) == (0, 2)


def test_a_partial_undo_of_which_nothing_is_possible_is_no_event(shop: Shop) -> None:
    shop.import_csv("no,name\nC1,Ann Lee\n")
    shop.import_csv("no,city\nC1,York\n")
    report = shop.undo(1, partial=True)
    assert report.event is None
    assert buckets(report) == (0, 1, 0)
    assert shop.leftovers() == []


def test_a_record_that_comes_back_has_its_old_id_and_new_ones_never_that(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.undo()
    shop.import_csv("no,name\nC8,New One\n")
    shop.redo(1)
    assert shop.rows("SELECT _id, no FROM customers ORDER BY _id") == [(1, "C1"), (2, "C2"), (3, "C8")]


def test_undo_by_default_takes_the_newest_event_in_force(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\n")
    assert shop.undo().plan.undoes == 2
    assert shop.undo().plan.undoes == 1
    with pytest.raises(NothingToUndo):
        shop.undo()


def test_redo_by_default_takes_the_event_undone_last(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\n")
    shop.undo()
    shop.undo()
    shop.redo()
    assert cities(shop) == [("C1", "Leeds"), ("C2", "Rome")]
    shop.redo()
    assert cities(shop) == [("C1", "York"), ("C2", "Rome")]
    with pytest.raises(NothingToUndo):
        shop.redo()


def test_what_was_undone_cannot_be_undone_again_nor_redone_twice(shop: Shop) -> None:
    shop.import_csv(TWO)
    with pytest.raises(NotUndone):
        shop.redo(1)
    shop.undo(1)
    with pytest.raises(AlreadyUndone) as refused:
        shop.undo(1)
    assert refused.value.params["by"] == 2
    shop.redo(1)
    with pytest.raises(NotUndone):
        shop.redo(1)
    with pytest.raises(EventUnknown):
        shop.undo(9)


def test_undo_is_not_held_to_the_limit_of_changes(shop: Shop) -> None:
    rows = "".join(f"K{n},Name\n" for n in range(1500))
    shop.import_csv("no,name\n" + rows)
    assert buckets(shop.undo()) == (1500, 0, 0)
    assert shop.tables()["customers"] == []


def test_only_what_an_event_did_to_one_table_is_undone(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,text\nC1,called\n", "notes")
    shop.import_csv("no,text\nC1,wrote\n", "notes")
    assert buckets(shop.undo(2)) == (1, 0, 0)
    assert shop.rows("SELECT text FROM notes") == [("wrote",)]
    assert len(shop.tables()["customers"]) == 2


def test_an_edit_redone_after_the_record_came_back_stands_in_the_way(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.import_csv("no,city\nC1,York\n")
    shop.undo(2)
    shop.undo(1)
    shop.redo(1)  # event 5: both records come back
    shop.redo(2)
    assert conflict(shop, 5) == (1, 1, 0)


def test_of_two_undos_in_force_the_newest_is_named(shop: Shop) -> None:
    shop.import_csv(TWO)
    shop.undo(1)
    shop.undo(2)  # 3: the records are back
    shop.undo(3)  # 4: gone
    shop.redo(1)  # 5: back; the undo of event 1 is undone anew
    shop.undo(1)  # 6: gone
    shop.undo(4)  # 7: back, and event 3 in force again beside 5
    with shop.session() as session:
        assert {e.id: e.undone_by for e in journal.events(session.store)}[2] == 5
    assert shop.faults() == []


DEALS = """\
version: 1
defaults: {currency: CNY, timezone: UTC}
tables:
  - name: deals
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: amount, kind: money, currencyField: currency}
      - {name: currency, type: string}
      - {name: note, type: string}
"""


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("no,currency\nA,USD\n", "no,amount,currency\nA,5,USD\n"),
        ("no,amount,currency\nA,7,\n", "no,amount,currency\nA,7,USD\n"),
    ],
)
def test_an_amount_does_not_go_back_without_its_currency(new_shop: Callable[..., Shop], first: str, then: str) -> None:
    shop = new_shop(DEALS)
    shop.import_csv("no,note\nA,x\n")
    shop.import_csv(first)
    shop.import_csv(then)
    assert conflict(shop, 2) == (0, 1, 0)
    shop.undo(3)
    assert buckets(shop.undo(2)) == (1, 0, 0)
    assert shop.rows("SELECT amount, currency FROM deals") == [(None, None)]
    assert shop.faults() == []


def test_an_amount_goes_back_whatever_became_of_other_fields(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(DEALS)
    shop.import_csv("no,amount\nA,5\n")
    shop.import_csv("no,amount,currency\nA,7,USD\n")
    shop.import_csv("no,note\nA,x\n")
    assert buckets(shop.undo(2)) == (1, 0, 0)
    assert shop.rows("SELECT amount, currency, note FROM deals") == [(500, None, "x")]
