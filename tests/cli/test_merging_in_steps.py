"""Who is merged step by step becomes what he would be by one merge; and who stays when others go has what they said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
defaults: {region: CN}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string, constraints: {required: true}}
      - {name: name, type: string}
      - {name: mail, type: boolean}
      - {name: phone, type: string}
      - {name: first_seen, type: string}
      - {name: marks, kind: tags}
      - {name: city, type: string}
      - {name: code, type: string, constraints: {unique: true}}
    match: {survivor: {first_seen: oldest, city: [crm*.csv, web.csv]}}
"""
FILES = {
    "web.csv": "1,Ann,yes,p1,s1,a,York,k1\n",
    "crm1.csv": "2,Ann,no,p2,s2,b,Leeds,k2\n",
    "shop.csv": "3,Ann,no,p3,s3,c,Hull,k3\n",
}
Shop = Callable[[], Desk]


@pytest.fixture
def shop(tmp_path: Path) -> Desk:
    """Ann, three times, each out of a file of her own."""
    desk = Desk.of(tmp_path, SCHEMA)
    for name, row in FILES.items():
        desk.write(name, "no,name,mail,phone,first_seen,marks,city,code\n" + row)
        assert desk.run("import", name, "-q").code == 0
    return desk


def dedupe(desk: Desk, *words: str, code: int = 0) -> str:
    said = desk.run("dedupe", *words)
    assert said.code == code, said
    return said.err


def told(desk: Desk, name: str) -> tuple[object, ...]:
    record = json.loads(desk.run("show", name, "--json").out)
    return tuple(record[field] for field in ("mail", "phone", "first_seen", "marks", "city"))


ALL = (False, "p3", "s1", "a;b;c", "Leeds")


@pytest.mark.parametrize(
    "steps",
    [
        ["1 2 3"],
        ["1 2", "1 3"],
        ["1 3", "1 2"],
        ["2 3", "1 2"],
        ["2 1 --into 2", "2 3 --into 3"],
        ["3 1 --into 3", "2 3 --into 2"],
    ],
)
def test_the_steps_of_a_merge_change_nothing_of_what_comes_of_it(shop: Desk, steps: list[str]) -> None:
    for step in steps:
        dedupe(shop, "merge", *step.split(), "-q")
    assert told(shop, "1") == ALL


@pytest.mark.parametrize("steps", [["1 2 3"], ["1 2", "1 3"], ["1 3", "1 2"]])
@pytest.mark.parametrize("out", ["2", "3"])
def test_who_stays_when_another_goes_is_what_a_merge_without_that_one_would_make(
    shop: Desk, steps: list[str], out: str
) -> None:
    before = told(shop, out)
    for step in steps:
        dedupe(shop, "merge", *step.split(), "-q")
    dedupe(shop, "split", "1", "--member", out, "-q")
    assert told(shop, out) == before
    assert told(shop, "1") == {"3": (False, "p2", "s1", "a;b", "Leeds"), "2": (False, "p3", "s1", "a;c", "York")}[out]
    assert "verified" in shop.run("history", "verify").err


def test_who_had_another_within_goes_with_that_one_inside(shop: Desk) -> None:
    before = told(shop, "1")
    dedupe(shop, "merge", "2", "3", "-q")
    two = told(shop, "2")
    dedupe(shop, "merge", "1", "2", "-q")
    dedupe(shop, "split", "1", "--member", "2", "-q")
    assert (told(shop, "1"), told(shop, "2"), told(shop, "3")) == (before, two, two)
    dedupe(shop, "merge", "1", "2", "-q")
    dedupe(shop, "split", "1", "--member", "3", "-q")
    assert told(shop, "1") == (False, "p2", "s1", "a;b", "Leeds")


def test_a_value_that_was_blanked_is_chosen_among_those_who_stay(shop: Desk) -> None:
    assert shop.run("edit", "1", "phone=", "-q").code == 0
    dedupe(shop, "merge", "1", "3", "-q")
    dedupe(shop, "merge", "1", "2", "-q")
    dedupe(shop, "split", "1", "--member", "3", "-q")
    assert told(shop, "1")[:2] == (False, "p2")


def test_merging_again_what_was_split_ends_as_before(shop: Desk) -> None:
    dedupe(shop, "merge", "1", "2", "-q")
    dedupe(shop, "split", "1", "-q")
    dedupe(shop, "merge", "1", "2", "3", "-q")
    assert told(shop, "1") == ALL
    assert shop.run("undo", "-q").code == 0 and shop.run("redo", "-q").code == 0
    dedupe(shop, "split", "1", "--member", "3", "-q")
    assert told(shop, "1") == (False, "p2", "s1", "a;b", "Leeds")


def test_a_merge_into_which_others_were_merged_since_is_not_undone_before_theirs(shop: Desk) -> None:
    for no in ("1", "2", "3"):
        assert shop.run("edit", no, "marks=", "city=", "first_seen=", "code=", "-q").code == 0
    before = told(shop, "1")
    dedupe(shop, "merge", "1", "3", "-q")
    dedupe(shop, "merge", "1", "2", "-q")
    merged = told(shop, "1")
    said = shop.run("undo", "7")
    assert said.code != 0 and "0 reversible" in said.err
    assert told(shop, "1") == merged == (False, "p3", None, None, None)
    assert shop.run("undo", "-q").code == 0
    assert shop.run("undo", "7", "-q").code == 0
    assert told(shop, "1") == before


def test_who_was_merged_one_by_one_is_taken_apart_one_by_one(shop: Desk) -> None:
    assert shop.run("edit", "1", "phone=", "first_seen=", "marks=", "-q").code == 0
    before = [told(shop, no) for no in "123"]
    for steps in (["1 2", "1 3"], ["1 3", "1 2"]):
        for step in steps:
            dedupe(shop, "merge", *step.split(), "-q")
        dedupe(shop, "split", "1", "--member", "2", "-q")
        dedupe(shop, "split", "1", "-q")
        assert [told(shop, no) for no in "123"] == before


def test_who_was_anonymised_within_another_does_not_come_out_and_who_came_later_does(shop: Desk) -> None:
    three = told(shop, "3")
    dedupe(shop, "merge", "1", "2", "-q")
    assert shop.run("anonymise", "1", "--fields", "phone", "--confirm", "2", "-q").code == 0
    dedupe(shop, "merge", "1", "3", "-q")
    for words in (["1"], ["2"], ["1", "--member", "2"]):
        assert "#2: what it was is destroyed" in dedupe(shop, "split", *words, code=4)
    dedupe(shop, "split", "3", "-q")
    assert told(shop, "3") == three
    assert "verified" in shop.run("history", "verify").err


def test_a_split_that_was_undone_leaves_everybody_where_he_was_within(shop: Desk) -> None:
    dedupe(shop, "merge", "2", "3", "-q")
    two = told(shop, "2")
    dedupe(shop, "merge", "1", "2", "-q")
    dedupe(shop, "split", "1", "--member", "3", "-q")
    assert shop.run("undo", "-q").code == 0 and told(shop, "1") == ALL
    dedupe(shop, "split", "1", "--member", "2", "-q")
    assert told(shop, "2") == told(shop, "3") == two


def test_what_a_split_chose_goes_with_who_said_it(shop: Desk) -> None:
    shop.write("late.csv", "no,name,mail,phone,first_seen,marks,city,code\n4,Ann,,,,,,\n")
    assert shop.run("import", "late.csv", "-q").code == 0
    assert shop.run("edit", "3", "first_seen=", "marks=", "-q").code == 0
    before = told(shop, "3")
    dedupe(shop, "merge", "1", "2", "3", "--into", "3", "-q")
    dedupe(shop, "split", "3", "--member", "1", "-q")
    assert told(shop, "3")[2:4] == ("s2", "b")
    dedupe(shop, "merge", "3", "4", "--into", "4", "-q")
    dedupe(shop, "split", "4", "--member", "2", "-q")
    dedupe(shop, "split", "4", "-q")
    assert told(shop, "3") == before


def test_who_leaves_keeps_nothing_of_one_who_left_him_and_came_back_to_another(shop: Desk) -> None:
    assert shop.run("edit", "1", "first_seen=", "marks=", "-q").code == 0
    before = told(shop, "1")
    dedupe(shop, "merge", "1", "2", "--into", "1", "-q")
    dedupe(shop, "merge", "1", "3", "--into", "3", "-q")
    dedupe(shop, "split", "3", "--member", "2", "-q")
    dedupe(shop, "merge", "2", "3", "--into", "3", "-q")
    dedupe(shop, "split", "3", "--member", "1", "-q")
    assert told(shop, "1") == before
