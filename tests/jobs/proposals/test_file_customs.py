"""jobs.proposals.file_customs: region, order of dates and currency of a file."""

from __future__ import annotations

import pytest

from custrec.files.schema_writing import schema_text
from proposals import of, proposed


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["25/12/2024", "01/02/2024"], "dmy"),
        (["12/25/2024", "01/02/2024"], "mdy"),
        (["24.12.2024", "1.2.2024"], "dmy"),
        (["2024-12-25", "2024/1/2"], "ymd"),
    ],
)
def test_the_order_of_dates_is_told_from_their_values(values: list[str], order: str) -> None:
    found = of(("since", values), ("n", ["a"] * len(values)))
    assert (found.defaults.date_order, found.fields[0].fit.misfits) == (order, 0)


def test_an_order_that_cannot_be_told_is_said_and_goes_by_region() -> None:
    dates = ["01/02/2024", "03/04/2024"]
    american = of(("since", dates), ("Country", ["USA", "United States"]))
    german = of(("since", dates), ("Country", ["Germany", "Germany"]))
    assert (american.defaults.date_order, german.defaults.date_order) == ("mdy", "dmy")
    assert american.default_notes["dateOrder"].startswith("unsure: ")
    assert "unsure: no date tells day from month" in schema_text(german)


def test_two_columns_may_have_dates_in_two_orders() -> None:
    found = of(("a", ["25/12/2024", "26/12/2024", "27/12/2024"]), ("b", ["12/25/2024", "12/26/2024", ""]))
    assert found.defaults.date_order == "dmy"
    assert found.fields[1].field.options == {"format": "any", "dateOrder": "mdy"}


@pytest.mark.parametrize(
    ("phones", "others", "region"),
    [
        (["13800138000", "139 0013 8001"], ("x", ["a", "b"]), "CN"),
        (["(212) 555-0100", "415-555-0101"], ("x", ["a", "b"]), "US"),
        (["030 1234567", "(089) 9876543"], ("mail", ["a@firma.de", "b@firma.de"]), "DE"),
        (["020 7946 0958", "0161 496 0000"], ("Country", ["UK", "United Kingdom"]), "GB"),
    ],
)
def test_the_region_of_phones(phones: list[str], others: tuple[str, list[str]], region: str) -> None:
    found = of(("Phone", phones), others)
    assert (found.defaults.region, found.fields[0].field.kind, found.fields[0].fit.misfits) == (region, "phone", 0)


def test_phones_of_many_countries_are_read_by_the_country_of_their_row() -> None:
    phones, countries = ["13800138000", "020 7946 0958", "(212) 555-0100"] * 4, ["China", "UK", "US"] * 4
    found = proposed("Phone", phones, ("Country", countries))
    assert (found.field.region_field, found.fit.misfits) == ("country", 0)


def test_amounts_are_read_in_the_currency_of_their_row() -> None:
    found = proposed("Total", ["12.50", "99.00", "1200"], ("Currency", ["EUR", "USD", "JPY"]))
    assert (found.field.kind, found.field.currency_field, found.fit.misfits) == ("money", "currency", 0)
