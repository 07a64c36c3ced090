"""A split gives unique values back, or says whose they are by now: to whoever else has one, and to two who had it."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: seat, type: integer, constraints: {unique: true}}
"""


@pytest.fixture
def hall(tmp_path: Path) -> Desk:
    desk = Desk.of(tmp_path, SCHEMA)
    desk.write("people.csv", "no,seat\nA,5\nB,0\nC,7\n")
    for words in ("import people.csv -q", "dedupe merge A B --take seat=A -q"):
        assert desk.run(*words.split()).code == 0
    return desk


def test_a_zero_that_somebody_else_has_by_now_is_in_the_way_like_any_value(hall: Desk) -> None:
    assert hall.run("edit", "C", "seat=0", "-q").code == 0
    said = hall.run("dedupe", "split", "A")
    assert said.code == 4 and "seat of #2: not-unique (it is people #3)" in said.err, said
    assert hall.run("edit", "C", "seat=7", "-q").code == 0
    assert hall.run("dedupe", "split", "A", "-q").code == 0
    assert hall.rows("SELECT seat FROM people ORDER BY _id") == [5, 0, 7]


def test_two_who_had_the_same_one_after_the_other_do_not_both_get_it_back(hall: Desk) -> None:
    for words in ("edit C seat=0 -q", "dedupe merge A C --take seat=A -q"):
        assert hall.run(*words.split()).code == 0
    said = hall.run("dedupe", "split", "A")
    assert said.code == 4 and "seat of #3: not-unique (it is people #2)" in said.err, said
    assert hall.run("dedupe", "split", "A", "--member", "C", "-q").code == 0
    assert hall.rows("SELECT seat FROM people ORDER BY _id") == [5, None, 0]
