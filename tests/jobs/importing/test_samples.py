"""jobs.importing.samples: some cells before and after, for the person who looks at a plan; never for the history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from conftest import PLENTY, Shop
from custrec.jobs.importing.imports import plan_import
from custrec.jobs.importing.intake import ImportRequest
from custrec.jobs.importing.samples import EACH, ROWS

SCHEMA = """\
version: 1
defaults: {region: CN, currency: CNY, timezone: Asia/Shanghai}
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, kind: person_name}
      - {name: phone, kind: phone}
      - {name: amount, kind: money, currencyField: currency}
      - {name: currency, type: string}
      - {name: since, type: date, format: "%d.%m.%Y"}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop", SCHEMA)


def samples_of(shop: Shop, path: Path, **request: Any) -> list[list[Any]]:
    with shop.session() as session:
        file = plan_import(session.store, ImportRequest(str(path), shop.schema.tables[0], **request), session.draft())
        found: list[list[Any]] = file.aside["samples"]
        file.drop()
    return found


def test_each_field_shows_some_cells_that_were_normalised(shop: Shop) -> None:
    path = shop.csv(
        "no,name,phone,amount,currency,since\n"
        'C1,  Ann Lee ,138 0013 8000,"¥1,234.5",JPY,01.05.2024\n'
        "C2,Bo Diaz,+8613900139000,100,,31.12.1999\n"
        "C3,Ｃｙ Ａｄａｍｓ,139-0013-9000,¥7,,01.01.2000\n"
        "C4,Di  Ek,(0571) 8888 8888,8.5,CNY,02.01.2000\n"
        "bad,Ed Fox,nonsense,9,CNY,02.01.2000\n"
    )
    assert samples_of(shop, path) == [
        [4, "name", "Ｃｙ Ａｄａｍｓ", "Cy Adams"],
        [5, "name", "Di  Ek", "Di Ek"],
        [4, "phone", "139-0013-9000", "+8613900139000"],
        [5, "phone", "(0571) 8888 8888", "+8657188888888"],
        [3, "amount", "100", "100.00"],
        [4, "amount", "¥7", "7.00"],
    ]  # the row in yen has no half ones, and is rejected


def test_what_is_taken_as_it_is_has_no_sample(shop: Shop) -> None:
    assert samples_of(shop, shop.csv("no,since\nC1,01.05.2024\nC2,\n")) == []
    assert samples_of(shop, shop.csv("no\n")) == []


def test_they_are_few_and_sought_among_the_first_rows(shop: Shop) -> None:
    rows = "".join(f"C{n},Di Ek,138 0013 {n:04d}\n" for n in range(50))
    assert len(samples_of(shop, shop.csv("no,name,phone\n" + rows))) == EACH
    rows = "".join(f"C{n},Di Ek\n" for n in range(ROWS)) + "late,Di   Ek\n"
    assert samples_of(shop, shop.csv("no,name\n" + rows)) == []


def test_cells_of_a_workbook_are_shown_as_their_field_has_them_written(shop: Shop, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "in.xlsx")) as book:
        sheet = book.add_worksheet("s")
        sheet.write_row(0, 0, ["no", "phone", "since"])
        sheet.write_row(1, 0, ["C1", 13800138000, 45413])
    assert samples_of(shop, tmp_path / "in.xlsx") == [[2, "phone", "13800138000", "+8613800138000"]]


def test_no_sample_stands_in_the_history(shop: Shop) -> None:
    path = shop.csv("no,name\nC1,  Zaphod   Beeblebrox\n")
    with shop.session() as session:
        session.run(plan_import(session.store, ImportRequest(str(path)), session.draft()), PLENTY)
    assert "Zaphod" not in str(shop.rows("SELECT * FROM _event"))
