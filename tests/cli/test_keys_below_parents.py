"""Natural keys of which a part is a parent's key: they are named by that key, and never by the parent's number."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
tables:
  - name: firms
    primaryKey: [no]
    fields: [{name: no, type: integer}]
  - name: orders
    primaryKey: [firm, n]
    foreignKeys: [{fields: [firm], reference: {resource: firms, fields: [no]}}]
    fields:
      - {name: firm, type: integer}
      - {name: n, type: integer}
      - {name: text, type: string}
  - name: seals
    primaryKey: [firm]
    foreignKeys: [{fields: [firm], reference: {resource: firms, fields: [no]}}]
    fields:
      - {name: firm, type: integer}
      - {name: text, type: string}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Desk:
    """Firm 2 is #1, and firm 1 is #2."""
    desk = Desk.of(tmp_path, SCHEMA)
    for table, rows in (
        ("firms", "no\n2\n1\n"),
        ("orders", "firm,n,text\n2,7,of two\n1,7,of one\n"),
        ("seals", "firm,text\n2,of two\n1,of one\n"),
    ):
        assert desk.take(rows, "--table", table, name=f"{table}.csv").code == 0
    return desk


@pytest.mark.parametrize(("table", "key"), [("orders", "{}/7"), ("seals", "{}")])
def test_a_key_means_the_record_below_the_parent_of_that_key(shop: Desk, table: str, key: str) -> None:
    for no, text in ((1, "of one"), (2, "of two")):
        assert json.loads(shop.run("show", key.format(no), "--table", table, "--json").out)["text"] == text
    assert shop.run("show", key.format(3), "--table", table).code == 2
    assert shop.run("edit", key.format(1), "text=new", "--table", table, "-q").code == 0
    assert shop.rows(f"SELECT text FROM {table} ORDER BY _id") == ["of two", "new"]
    assert "new" in shop.run("blame", key.format(1), "--table", table).out


def test_a_list_of_many_such_keys_means_the_same_records(shop: Desk) -> None:
    names = "\n".join(["1/7"] * 30).encode()
    assert shop.run("delete", "--ids-from", "-", "--table", "orders", "--yes", "-q", stdin=names).code == 0
    assert shop.rows("SELECT _state FROM orders ORDER BY _id") == [0, 2]
