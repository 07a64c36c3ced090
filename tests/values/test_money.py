"""values/money.py, values/numerals.py, values/currencies.py"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custrec.model.schema import Defaults, Field
from custrec.values import currencies
from custrec.values.money import Money
from custrec.values.protocol import Agreement

MONEY = Money(Field("amount", kind="money", currency_field="currency"), Defaults(currency="CNY"))


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(currencies.CODES)))
def test_an_amount_survives_being_shown_in_every_currency(minor, code):
    text = MONEY.show(minor, code)
    assert Decimal(text) == Decimal(minor).scaleb(-currencies.decimals(code))
    assert MONEY.judge(text, code).value == minor


@given(st.integers(0, 10**15))
def test_thousands_separators_change_nothing(minor):
    assert MONEY.judge(f"{minor // 100:,}.{minor % 100:02d}").value == minor


@given(st.integers(0, 10**9), st.integers(0, 4))
def test_ten_thousands_are_exact(units, places):
    text = f"{Decimal(units).scaleb(-places):f}万"
    assert MONEY.judge(text).value == units * 10**6 // 10**places


def test_the_currency_of_the_row_decides_the_minor_units():
    currency = ["CNY", "JPY", "KWD", None]
    column = MONEY.judge_column(["1234"] * 4, currency)
    assert column.values == [123400, 1234, 1234000, 123400]
    assert list(map(MONEY.show, column.values, currency)) == ["1234.00", "1234", "1234.000", "1234.00"]


def test_an_amount_without_its_currency_is_not_shown():
    with pytest.raises(ValueError, match="currency"):
        MONEY.show(100, "Taler")


def test_a_fault_names_the_currency_but_never_the_amount():
    fault = MONEY.judge("$98765", "CNY").fault
    assert fault.message == "the amount is not in CNY"


def test_every_way_to_write_a_currency_names_known_currencies():
    for name, codes in currencies.NAMES.items():
        assert name == name.upper() and codes <= currencies.CODES, name


def test_amounts_are_told_apart():
    assert MONEY.compare(100000, 100500) is Agreement.CLOSE
    assert MONEY.compare(100000, 105000) is Agreement.DIFFERENT
