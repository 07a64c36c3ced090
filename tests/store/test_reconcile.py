"""What an import would do to the records that are there: what only the record and the row together can tell."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conftest import Shop

DEALS = """\
version: 1
defaults: {currency: CNY, timezone: UTC}
tables:
  - name: deals
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: amount, kind: money, currencyField: currency}
      - {name: fee, kind: money, currencyField: currency}
      - {name: currency, type: string}
      - {name: note, type: string}
"""
BY_COUNTRY = """\
version: 1
defaults: {currency: CNY, timezone: UTC}
tables:
  - name: currencies
    primaryKey: [code]
    fields: [{name: code, type: string}]
  - name: deals
    primaryKey: [no]
    foreignKeys: [{fields: [currency], reference: {resource: currencies, fields: [code]}}]
    fields:
      - {name: no, type: string}
      - {name: amount, kind: money, currencyField: currency}
      - {name: currency, type: string}
"""


@pytest.fixture
def deals(new_shop: Callable[..., Shop]) -> Shop:
    shop = new_shop(DEALS)
    shop.import_csv("no,amount,fee,currency\nyuan,5,,\ndollar,5,1,USD\nyen,500,,日元\nnone,,,EUR\n")
    return shop


def stored(shop: Shop, no: str) -> list[Any]:
    return list(shop.rows("SELECT amount, fee, currency FROM deals WHERE no = ?", no)[0])


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("no,currency\nyuan,USD\n", "amount;currency"),
        ("no,currency,amount\ndollar,JPY,\n", "amount;currency"),
        ("no,amount\ndollar,6\n", "amount;currency"),
        ("no,amount,currency\nyen,6,\n", "amount;currency"),
        ("no,amount\nnone,6\n", "amount;currency"),
        ("no,amount,currency\ndollar,6,EUR\n", "fee;currency"),
        ("no,currency\nyuan,Taler\n", "amount;currency"),
    ],
)
def test_an_amount_and_its_currency_change_together(deals: Shop, tmp_path: Path, text: str, field: str) -> None:
    before, rejects = deals.tables(), tmp_path / "bad.csv"
    plan = deals.import_csv(text, rejects=rejects).plan
    assert (plan.counts.changes, plan.rules) == (0, {"money-apart": 1})
    assert deals.tables() == before
    (row,) = csv.DictReader(rejects.read_text(encoding="utf-8").splitlines())
    assert row["_field"] == field
    assert "one value" in row["_message"]


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("no,amount\nyuan,6\n", [600, None, None]),
        ("no,amount,currency\nyuan,6,JPY\n", [6, None, "JPY"]),
        ("no,amount,fee,currency\ndollar,6,2,EUR\n", [600, 200, "EUR"]),
        ("no,currency\nyuan,人民币\n", [500, None, "人民币"]),
        ("no,currency\nyen,JPY\n", [500, None, "JPY"]),
        ("no,amount,currency\nyen,7,JPY\n", [7, None, "JPY"]),
        ("no,currency\nnone,USD\n", [None, None, "USD"]),
        ("no,note\ndollar,x\n", [500, 100, "USD"]),
    ],
)
def test_what_keeps_its_meaning_is_changed(deals: Shop, text: str, now: list[Any]) -> None:
    plan = deals.import_csv(text).plan
    assert (plan.counts.update, plan.counts.rejected) == (1, 0)
    assert stored(deals, text.splitlines()[1].partition(",")[0]) == now


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ("no,amount,currency\nyuan,9,USD\n", None),
        ("no,currency\nyuan,CNY\n", [500, None, "CNY"]),
        ("no,amount,fee,currency\nnone,9,1,USD\n", None),
        ("no,amount,fee,currency\nnone,9,1,EUR\n", [900, 100, "EUR"]),
        ("no,amount,fee,currency\nyuan,9,1,CNY\n", [500, 100, "CNY"]),
    ],
)
def test_filling_blanks_gives_no_amount_another_meaning(deals: Shop, text: str, now: list[Any] | None) -> None:
    no = text.splitlines()[1].partition(",")[0]
    before = stored(deals, no)
    plan = deals.import_csv(text, on_existing="fill").plan
    assert plan.counts.rejected == (now is None)
    assert stored(deals, no) == (before if now is None else now)


def test_rows_that_are_skipped_or_new_are_not_compared(deals: Shop) -> None:
    plan = deals.import_csv("no,amount,currency\nyuan,,USD\nnew,7,JPY\n", on_existing="skip").plan
    assert (plan.counts.insert, plan.counts.skipped, plan.counts.rejected) == (1, 1, 0)


def test_a_currency_that_is_a_reference_is_compared_by_its_code(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(BY_COUNTRY)
    shop.import_csv("code\nCNY\nUSD\n")
    shop.import_csv("no,amount,currency\nA,5,\nB,5,USD\n", "deals")
    plan = shop.import_csv("no,currency\nA,CNY\nB,CNY\n", "deals").plan
    assert (plan.counts.update, plan.rules) == (1, {"money-apart": 1})


def test_a_limit_is_meant_in_the_currency_of_the_row(new_shop: Callable[..., Shop]) -> None:
    shop = new_shop(
        DEALS.replace("currencyField: currency}", "currencyField: currency, constraints: {minimum: 50}}", 1)
    )
    plan = shop.import_csv("no,amount,currency\nA,60,JPY\nB,40,JPY\nC,60,\nD,40,\n").plan
    assert (plan.counts.insert, plan.rules) == (2, {"too-small": 2})
