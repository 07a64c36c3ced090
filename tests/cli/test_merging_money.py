"""An amount and its currency are one value, whoever chooses it: the rules, a person, or a split that chooses anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from terminal import Desk

SCHEMA = """\
version: 1
defaults: {currency: CNY}
tables:
  - name: people
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: paid, kind: money, currencyField: currency}
      - {name: owed, kind: money, currencyField: currency}
      - {name: currency, type: string}
"""
HEADER = "no,paid,owed,currency\n"


@pytest.fixture
def shop(tmp_path: Path) -> Desk:
    desk = Desk.of(tmp_path, SCHEMA)
    for name, row in {"a": "A,10,1,JPY", "b": "B,20,,EUR", "c": "C,30,3,CNY", "d": "D,40,,"}.items():
        desk.write(f"{name}.csv", HEADER + row + "\n")
        assert desk.run("import", f"{name}.csv", "-q").code == 0
    return desk


def told(desk: Desk, name: str) -> tuple[object, ...]:
    record = json.loads(desk.run("show", name, "--json").out)
    return record["paid"], record["owed"], record["currency"]


@pytest.mark.parametrize(
    ("words", "came"),
    [
        ("A B --take paid=A", ("10", "1", "JPY")),
        ("A B --take paid=B", ("20.00", None, "EUR")),
        ("A B --take currency=B", ("20.00", None, "EUR")),
        ("A B --take owed=B", ("20.00", None, "EUR")),
        ("A B --set paid=5 --set currency=JPY", ("5", "1", "JPY")),
        ("A B --set currency=JPY", ("10", "1", "JPY")),
        ("A B --set paid=5 --set owed=6 --set currency=USD", ("5.00", "6.00", "USD")),
        ("A B --set paid= --take currency=A", (None, "1", "JPY")),
        ("C D --set paid=5", ("5.00", "3.00", "CNY")),
        ("C D --set paid=5 --take owed=D", ("5.00", None, None)),
    ],
)
def test_what_a_person_chooses_of_money_comes_with_its_currency(
    shop: Desk, words: str, came: tuple[object, ...]
) -> None:
    said = shop.run("dedupe", "merge", *words.split(), "-q")
    assert said.code == 0, said
    assert told(shop, words[0]) == came


@pytest.mark.parametrize(
    "words",
    [
        "A B --set paid=5",
        "A B --set currency=USD",
        "A B --set paid=5 --set currency=USD",
        "A B --set paid=5 --take currency=B",
        "A B --take paid=A --set currency=EUR",
        "A B --take paid=A --take currency=B",
        "A B --take paid=B --take owed=A",
    ],
)
def test_an_amount_is_not_taken_for_one_of_another_currency(shop: Desk, words: str) -> None:
    said = shop.run("dedupe", "merge", *words.split())
    assert said.code == 4 and "are one value" in said.err, said
    assert told(shop, "A") == ("10", "1", "JPY")


@pytest.mark.parametrize("out", ["B", "C", "D", "E"])
@pytest.mark.parametrize("stays", ["B", "C", "D", "E"])
def test_who_stays_keeps_an_amount_in_the_currency_that_it_came_in(shop: Desk, stays: str, out: str) -> None:
    if stays == out:
        return
    shop.write("e.csv", "no,currency\nE,USD\n")
    assert shop.run("import", "e.csv", "-q").code == 0
    assert shop.run("dedupe", "merge", "A", stays, "-q").code == 0
    without = told(shop, "A")
    assert shop.run("dedupe", "merge", "A", out, "-q").code == 0
    assert shop.run("dedupe", "split", "A", "--member", out, "-q").code == 0
    assert told(shop, "A") == without


def test_a_currency_that_is_in_the_key_is_that_of_the_survivor(tmp_path: Path) -> None:
    desk = Desk.of(tmp_path, SCHEMA.replace("primaryKey: [no]", "primaryKey: [no, currency]"))
    desk.write("keyed.csv", HEADER + "A,1,,JPY\nA,2,,EUR\nB,3,,JPY\nC,,4,EUR\n")
    assert desk.run("import", "keyed.csv", "-q").code == 0
    assert desk.run("dedupe", "merge", "A/JPY", "A/EUR", "C/EUR", "-q").code == 0
    assert told(desk, "A/JPY") == ("1", None, "JPY")
    assert desk.run("dedupe", "merge", "A/JPY", "B/JPY", "-q").code == 0
    assert told(desk, "A/JPY") == ("3", None, "JPY")
    assert desk.run("dedupe", "split", "A/JPY", "--member", "B/JPY", "-q").code == 0
    assert told(desk, "A/JPY") == ("1", None, "JPY")
