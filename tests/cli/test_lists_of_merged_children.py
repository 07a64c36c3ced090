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
def shop(desk: Desk) -> Desk:
    for file in desk.folder.iterdir():
        file.unlink()
    desk.write("schema.yaml", SCHEMA)
    assert desk.run("init", "-q").code == 0
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
