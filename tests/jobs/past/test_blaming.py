"""Who set a value, and what it was before. That origins are right in random lives: tests/test_past.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from custrec.errors import FieldUnknown, RecordAmbiguous, RecordUnknown
from custrec.jobs.past.blaming import Blame, Story, blame, story
from custrec.jobs.past.happenings import first_changes
from custrec.model.plan import State
from custrec.values.registry import KINDS
from shops import Shop

SCHEMA = """\
version: 1
defaults: {region: CN, timezone: Asia/Shanghai, currency: CNY}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: day, type: date, format: any}
      - {name: credit, kind: money, currencyField: currency}
      - {name: currency, type: string}
      - {name: vip, type: boolean}
  - name: notes
    foreignKeys: [{fields: [no], reference: {resource: customers, fields: [no]}}]
    fields:
      - {name: no, type: string}
      - {name: text, type: string}
"""


@pytest.fixture
def lived(new_shop: Callable[..., Shop]) -> Shop:
    shop = new_shop(SCHEMA)
    shop.import_csv("no,day,credit,currency\nA,2024-05-01 12:30,1000,JPY\nB,2024-05-01,2,CNY\n")
    shop.import_csv("no,day,vip\nA,2024-06-01,yes\n")
    return shop


def blamed(shop: Shop, name: str, event: int | None = None, table: str | None = None) -> Blame:
    with shop.session() as session:
        return blame(session.store, shop.schema.by_name[table] if table else None, name, event)


def told(shop: Shop, name: str, field: str, event: int | None = None) -> Story:
    with shop.session() as session:
        return story(session.store, None, name, field, event=event)


def test_each_value_is_told_with_its_event_line_and_kind(lived: Shop) -> None:
    one = blamed(lived, "A")
    assert {o.field: (o.set.value, o.set.event.id, o.set.line, o.set.kind) for o in one.origins} == {
        "no": ("A", 1, 2, "text"),
        "day": ("2024-06-01", 2, 2, "date"),
        "credit": ("1000", 1, 2, "money"),
        "currency": ("JPY", 1, 2, "text"),
        "vip": ("true", 2, 2, "boolean"),
    }
    assert all(o.set.version for o in one.origins)
    assert set(KINDS) >= {o.set.kind for o in one.origins}
    assert [event.source for event in one.events] == ["file1.csv", "file2.csv"]


def test_the_text_as_typed_is_told_where_it_was_kept_and_only_there(lived: Shop) -> None:
    assert {o.field: o.set.typed for o in blamed(lived, "A", event=1).origins}["day"] == "2024-05-01 12:30"
    assert [o.set.typed for o in blamed(lived, "A").origins] == [None] * 5
    assert [o.set.typed for o in blamed(lived, "B").origins] == [None] * 5
    lived.undo(2)
    assert {o.field: o.set.typed for o in blamed(lived, "A").origins}["day"] == "2024-05-01 12:30"


def test_after_an_undo_the_earlier_event_is_the_origin_again(lived: Shop) -> None:
    lived.undo(2)
    day = {o.field: o for o in blamed(lived, "A").origins}["day"]
    assert (day.set.value, day.set.event.id, day.set.line) == ("2024-05-01", 1, 2)
    assert day.restored is not None
    assert (day.restored.id, day.restored.verb) == (3, "undo")
    lived.redo(2)
    day = {o.field: o for o in blamed(lived, "A").origins}["day"]
    assert (day.set.value, day.set.event.id, day.restored and day.restored.verb) == ("2024-06-01", 2, "redo")


def test_a_record_that_is_gone_is_told_by_its_key_and_by_its_number(lived: Shop) -> None:
    lived.undo(2)
    lived.undo(1)
    for name in ("B", "#2"):
        one = blamed(lived, name)
        assert (one.record, one.removed and one.removed.id) == (2, 4)
        assert {o.field: o.set.value for o in one.origins if o.set.value is not None} == {
            "no": "B",
            "day": "2024-05-01",
            "credit": "2.00",
            "currency": "CNY",
        }
    assert blamed(lived, "B", event=1).removed is None
    with pytest.raises(RecordUnknown):
        blamed(lived, "B", event=4)
    with pytest.raises(RecordUnknown):
        blamed(lived, "Z")


def test_a_key_that_several_bore_names_them_all_unless_one_bears_it(lived: Shop) -> None:
    lived.undo(2)
    lived.undo(1)
    lived.import_csv("no,credit,currency\nB,3,CNY\n")
    assert blamed(lived, "B").record == 3
    assert blamed(lived, "B", event=1).record == 2
    lived.undo()
    with pytest.raises(RecordAmbiguous) as several:
        blamed(lived, "B")
    assert several.value.details == ("customers #2  removed by event 4", "customers #3  removed by event 6")


def test_a_story_tells_every_value_newest_first_and_what_was_undone(lived: Shop) -> None:
    lived.undo(2)
    one = told(lived, "A", "Day")
    assert one.field == "day"
    assert [
        (t.set.value, t.set.event.id, t.stands, t.undone_by, t.gives_back and t.gives_back.id) for t in one.tellings
    ] == [
        ("2024-05-01", 3, True, None, 1),
        ("2024-06-01", 2, False, 3, None),
        ("2024-05-01", 1, False, None, None),
    ]
    assert [t.set.typed for t in one.tellings] == ["2024-05-01 12:30", None, "2024-05-01 12:30"]
    lived.undo(1)
    one = told(lived, "A", "day")
    assert (one.tellings[0].gone, one.tellings[0].set.value) == (True, None)
    assert [t.undone_by for t in one.tellings] == [None, None, 3, 4]
    assert not any(t.stands for t in one.tellings)
    assert len(told(lived, "A", "day", event=2).tellings) == 2
    with pytest.raises(FieldUnknown):
        told(lived, "A", "dya")


def test_an_undo_that_did_not_reach_a_record_did_not_undo_it_there(lived: Shop) -> None:
    lived.import_csv("no,day\nA,2024-07-01\nB,2024-07-01\n")
    lived.import_csv("no,day\nB,2024-08-01\n")
    lived.undo(3, partial=True)
    assert [t.undone_by for t in told(lived, "A", "day").tellings] == [None, 5, None, None]
    assert [t.undone_by for t in told(lived, "B", "day").tellings] == [None, None, None]


def test_an_amount_is_shown_in_the_currency_that_it_had(lived: Shop) -> None:
    lived.import_csv("no,credit,currency\nA,1.50,CNY\n")
    assert [t.set.value for t in told(lived, "A", "credit").tellings] == ["1.50", "1000"]


def test_a_reference_is_shown_as_the_key_its_parent_had_then(lived: Shop) -> None:
    lived.import_csv("no,text\nA,called\n", "notes")
    lived.undo(3)
    lived.undo(2)
    lived.undo(1)
    one = blamed(lived, "#1", table="notes")
    assert {o.field: o.set.value for o in one.origins} == {"no": "A", "text": "called"}
    with lived.session() as session:
        changes = first_changes(session.store, 4, 10)
    assert {change["field"]: (change["before"], change["after"]) for change in changes} == {
        "no": ("A", None),
        "text": ("called", None),
    }


def test_the_first_changes_of_an_event_are_told_before_and_after(lived: Shop) -> None:
    with lived.session() as session:
        assert first_changes(session.store, 2, 10, truth=True) == [
            {"op": "update", "table": "customers", "record": 1, "key": "A", "field": name, "before": was, "after": will}
            for name, was, will in (("day", "2024-05-01", "2024-06-01"), ("vip", None, True))
        ]
        assert len(first_changes(session.store, 1, 3)) == 3


def test_the_state_is_told_with_who_put_it_there(lived: Shop) -> None:
    assert (blamed(lived, "A").state, blamed(lived, "A").put) == (State.ACTIVE, blamed(lived, "A").origins[0].set.event)
