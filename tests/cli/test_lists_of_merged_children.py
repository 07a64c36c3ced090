"""Lists that were imported before records became one: of tables that have only a key, and of tables below others."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
tables:
  - name: firms
    primaryKey: [no]
    fields: [{name: no, type: string}]
  - name: orders
    primaryKey: [firm, n]
    foreignKeys: [{fields: [firm], reference: {resource: firms, fields: [no]}}]
    fields:
      - {name: firm, type: string}
      - {name: n, type: integer}
      - {name: text, type: string}
  - name: remarks
    foreignKeys: [{fields: [about], reference: {resource: firms, fields: [no]}}]
    fields:
      - {name: about, type: string}
      - {name: body, type: string}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Desk:
    desk = Desk.of(tmp_path, SCHEMA)
    put(desk, "firms", "no\nF1\nF2\nF3\n")
    return desk


def put(desk: Desk, table: str, content: str) -> str:
    path: Path = desk.write(f"{table}.csv", content)
    said = desk.run("import", path.name, "--table", table)
    assert said.code == 0, said
    return said.err


def merge(desk: Desk, *words: str) -> None:
    said = desk.run("dedupe", "merge", *words, "-q")
    assert said.code == 0, said


def test_rows_that_have_nothing_but_a_key_are_the_same_after_a_merge(shop: Desk) -> None:
    merge(shop, "F1", "F2")
    assert "2 the same · 1 skipped" in put(shop, "firms", "no\nF1\nF2\nF3\n")
    assert "2 the same" in put(shop, "firms", "no\nF2\nF3\n")


ORDERS = "firm,n,text\nF2,1,a\nF2,2,b\n"


def test_merged_records_are_known_by_their_old_keys_when_their_parent_is_merged_too(shop: Desk) -> None:
    put(shop, "orders", ORDERS)
    merge(shop, "orders#1", "orders#2", "--take", "text=orders#2")
    merge(shop, "F1", "F2")
    assert "nothing to change" in put(shop, "orders", ORDERS)
    assert "nothing to change" in put(shop, "orders", "firm,n,text\nF1,2,b\n")
    merge(shop, "F3", "F1", "--into", "F3")
    assert "nothing to change" in put(shop, "orders", ORDERS), "and so is the parent's survivor"
    assert "1 changed" in put(shop, "orders", "firm,n,text\nF2,2,news\n")
    assert shop.rows("SELECT text FROM orders WHERE _state = 0") == ["news"]
    assert "1 new" in put(shop, "orders", "firm,n,text\nF2,3,c\n")


def test_a_key_that_another_record_bears_by_now_is_that_ones(shop: Desk) -> None:
    put(shop, "orders", ORDERS + "F1,2,own\nF1,3,c\n")
    merge(shop, "orders#1", "orders#2")
    merge(shop, "F1", "F2")
    assert "1 changed" in put(shop, "orders", "firm,n,text\nF1,2,news\n")
    assert shop.rows("SELECT _id, text FROM orders WHERE _state = 0") == [(1, "b"), (3, "news"), (4, "c")]


def test_who_comes_out_to_a_key_that_is_taken_below_another_parent_is_refused(shop: Desk) -> None:
    put(shop, "orders", ORDERS)
    merge(shop, "orders#1", "orders#2")
    merge(shop, "F1", "F2")
    assert shop.run("add", "firm=F1", "n=2", "--table", "orders", "-q").code == 0
    said = shop.run("dedupe", "split", "orders#1")
    assert said.code == 4 and "the key of #2: not-unique (it is orders #3)" in said.err, said
    assert shop.run("undo", "-q").code == 0
    assert shop.run("dedupe", "split", "orders#1", "-q").code == 0
    assert shop.rows("SELECT n FROM orders WHERE _state = 0 AND firm = 1 ORDER BY n") == [1, 2]


def test_a_list_without_keys_brings_nobody_back_below_a_merged_parent(shop: Desk) -> None:
    remarks = "about,body\nF2,a\nF2,b\nF2,b\n"
    put(shop, "remarks", remarks)
    merge(shop, "remarks#1", "remarks#2", "--take", "body=remarks#2")
    merge(shop, "F1", "F2")
    assert "nothing to change" in put(shop, "remarks", remarks)
    merge(shop, "F3", "F1", "--into", "F3")
    assert "nothing to change" in put(shop, "remarks", remarks)
    assert "1 new" in put(shop, "remarks", remarks + "F2,a\n"), "as many as there were"


def test_whom_a_record_referred_to_before_a_merge_is_no_news_under_another_name(shop: Desk) -> None:
    shop.write("schema.yaml", SCHEMA.replace("primaryKey: [firm, n]", "primaryKey: [n]"))
    assert shop.run("schema", "apply", "--yes", "-q").code == 0
    orders = "n,firm,text\n1,F1,a\n2,F2,b\n"
    put(shop, "orders", orders)
    merge(shop, "orders#1", "orders#2", "--take", "firm=orders#1")
    merge(shop, "F3", "F2", "--into", "F3")
    assert "nothing to change" in put(shop, "orders", orders)
    assert "1 changed" in put(shop, "orders", "n,firm\n1,F3\n")
