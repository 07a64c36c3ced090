"""The journal: who did what when, from which file and line, and what was there before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from custrec.errors import EventUnknown
from custrec.model.digest import SALT, matches, sealer, seals
from custrec.model.plan import Op
from custrec.store import journal
from shops import Shop

FIRST = "no,name,city,credit\nC1,Ann Lee,Leeds,10.50\n\nC2,Bo Diaz,,\n"


@pytest.fixture
def lived(shop: Shop) -> Shop:
    shop.import_csv(FIRST)
    shop.import_csv("no,city,visits\nC2,Rome,\nC1,York,3\n")
    shop.undo(2)
    shop.redo(2)
    shop.undo(2)
    return shop


def test_events_come_newest_first_and_say_what_undid_them(lived: Shop) -> None:
    with lived.session() as session:
        events = list(journal.events(session.store))
        assert [e.id for e in events] == [5, 4, 3, 2, 1]
        assert [e.verb for e in events] == ["undo", "redo", "undo", "import", "import"]
        assert [e.undoes for e in events] == [2, 3, 2, None, None]
        assert [e.undone_by for e in events] == [None, None, 4, 5, None]
        assert [e.id for e in journal.events(session.store, newest_first=False, limit=2)] == [1, 2]


def test_an_event_names_actor_time_source_and_counts(lived: Shop) -> None:
    with lived.session() as session:
        event = journal.event(session.store, 1)
    assert (event.actor, event.at, event.source) == ("tester", "2026-06-01T08:30:00Z", "file1.csv")
    assert event.sha256 == hashlib.sha256(FIRST.encode()).hexdigest()
    assert event.counts == {"read": 2, "blank": 1, "insert": 2, "update": 0, "delete": 0}


def test_the_last_event_is_the_head_and_a_new_store_has_none(lived: Shop, new_shop: Callable[..., Shop]) -> None:
    with lived.session() as session:
        head = journal.head(session.store)
        assert head is not None
        assert head.id == 5
        assert len(head.digest) == 64
    with new_shop().session() as session:
        assert journal.head(session.store) is None


def test_an_event_that_is_not_there_is_an_error(lived: Shop) -> None:
    with lived.session() as session, pytest.raises(EventUnknown):
        journal.event(session.store, 6)


def test_a_plan_that_was_applied_is_known_by_its_event(lived: Shop) -> None:
    with lived.session() as session:
        assert journal.applied_as(session.store, journal.event(session.store, 3).plan) == 3
        assert journal.applied_as(session.store, "p00000000") is None


def test_changes_of_a_record_tell_line_before_and_after(lived: Shop) -> None:
    with lived.session() as session:
        changes = list(journal.changes_of(session.store, lived.schema.tables[0], 1))
    assert [(c.event.id, c.op) for c in changes] == [
        (1, Op.INSERT),
        (2, Op.UPDATE),
        (3, Op.UPDATE),
        (4, Op.UPDATE),
        (5, Op.UPDATE),
    ]
    assert [c.line for c in changes] == [2, 3, None, None, None]
    assert changes[0].fields == {}
    assert changes[1].fields == {"city": ["Leeds", "York"], "visits": [None, 3]}
    assert changes[2].fields == {"city": ["York", "Leeds"], "visits": [3, None]}


def test_a_delete_tells_all_that_the_record_held(shop: Shop) -> None:
    shop.import_csv(FIRST)
    shop.undo()
    with shop.session() as session:
        *_, last = journal.changes_of(session.store, shop.schema.tables[0], 1)
    assert last.op is Op.DELETE
    assert last.fields["city"] == ["Leeds", None]
    assert last.fields["credit"] == [1050, None]


def test_an_insert_keeps_no_values_in_the_journal(lived: Shop) -> None:
    assert lived.rows("SELECT DISTINCT diff FROM _change WHERE op = 1") == [(None,)]


def test_a_text_that_normalising_changed_for_good_is_kept(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(
        "version: 1\ntables:\n  - name: t\n    primaryKey: [k]\n    fields:\n"
        "      - {name: k, type: string}\n      - {name: size, type: number}\n"
    )
    shop.import_csv("k,size\na,0.1234567890123456789\nb,1\n")
    assert shop.rows("SELECT record, original FROM _change ORDER BY n") == [
        (1, '{"size":"0.1234567890123456789"}'),
        (2, None),
    ]
    assert shop.faults() == []


def test_a_seal_is_made_of_its_content_and_a_salt_of_its_own() -> None:
    one, other = seals(["张伟", "张伟"], 2)
    assert matches(one, "张伟")
    assert matches(other, "张伟")
    assert not matches(one, "张炜")
    assert one[:SALT] != other[:SALT]
    seal = sealer()
    made = [seal("x") for _ in range(3000)]
    assert all(matches(s, "x") for s in made)
    assert len({s[:SALT] for s in made}) == 3000
