"""Which text a stored value came from, as far as the journal tells."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conftest import Shop
from custrec.store.originals import teller

SCHEMA = """\
version: 1
defaults: {timezone: Asia/Shanghai}
tables:
  - name: calls
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: day, type: date, format: any}
      - {name: phone, kind: phone, regionField: country}
      - {name: country, kind: country}
      - {name: text, type: string}
"""


@pytest.fixture
def calls(new_shop: Callable[..., Shop]) -> Shop:
    return new_shop(SCHEMA)


def told(shop: Shop, *records: int) -> dict[int, dict[str, str]]:
    with shop.session() as session:
        tell = teller(session.store, shop.schema.tables[0], {"phone": "country"})
        return tell(records or (1, 2, 3))


def test_no_text_is_told_where_none_was_kept(calls: Shop) -> None:
    calls.import_csv("no,day\nA,2024-05-01\n")
    assert told(calls) == {}


def test_the_text_of_an_insert_is_told_while_its_value_stands(calls: Shop) -> None:
    calls.import_csv("no,day,text\nA,2024-05-01 12:30,x\nB,2024-05-01,y\nC,2024-05-02 08:00,z\n")
    assert told(calls) == {1: {"day": "2024-05-01 12:30"}, 3: {"day": "2024-05-02 08:00"}}
    calls.import_csv("no,text\nA,other\n")
    assert told(calls, 1, 2) == {1: {"day": "2024-05-01 12:30"}}
    calls.import_csv("no,day\nA,2024-05-09\n")
    assert told(calls) == {3: {"day": "2024-05-02 08:00"}}


def test_the_text_of_an_update_is_told_where_it_set_the_field(calls: Shop) -> None:
    calls.import_csv("no,day\nA,2024-05-01\n")
    calls.import_csv("no,day,text\nA,2024-05-01 12:30,the day is the same\n")
    assert told(calls) == {}
    calls.import_csv("no,day\nA,2024-05-03 09:00\n")
    assert told(calls) == {1: {"day": "2024-05-03 09:00"}}


def test_an_undo_gives_back_the_text_too_and_a_redo_takes_it_again(calls: Shop) -> None:
    calls.import_csv("no,day\nA,2024-05-01 12:30\n")
    calls.import_csv("no,day\nA,2024-05-03 09:00\n")
    calls.undo(2)
    assert told(calls) == {1: {"day": "2024-05-01 12:30"}}
    calls.redo(2)
    assert told(calls) == {1: {"day": "2024-05-03 09:00"}}
    calls.undo(2)
    calls.undo(1)
    calls.redo(1)
    assert told(calls) == {1: {"day": "2024-05-01 12:30"}}


def test_a_text_is_not_told_where_the_field_beside_it_was_set_later(calls: Shop) -> None:
    one, other = "138 0013 8000 (微信)", "139 0013 8000 (微信)"
    calls.import_csv(f"no,phone,country\nA,{one},CN\nB,{other},CN\n")
    assert told(calls) == {1: {"phone": one}, 2: {"phone": other}}
    calls.import_csv("no,country\nA,DE\n")
    assert told(calls) == {2: {"phone": other}}
    calls.undo()
    assert told(calls, 1) == {1: {"phone": one}}
