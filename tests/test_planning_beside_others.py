"""A plan is made of one state of the store, whatever others change while it is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from custrec.errors import StalePlan
from custrec.jobs.duplicates import merging
from shops import Shop

ROWS = "no,name,city\nA1,Ann Smith,York\nA2,Anna Smith,Leeds\n"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    found = Shop(tmp_path / "shop")
    found.import_csv(ROWS, table="customers")
    return found


@pytest.mark.parametrize(
    "change", [lambda shop: shop.merge("A1", "A2"), lambda shop: shop.move("delete", "A2")], ids=["merge", "delete"]
)
def test_a_merge_of_records_that_somebody_changed_meanwhile_is_stale(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, change: Callable[[Shop], Any]
) -> None:
    gathered = merging.gathered

    def beside_another(*given: Any) -> Any:
        found = gathered(*given)
        monkeypatch.setattr(merging, "gathered", gathered)
        change(shop)
        return found

    monkeypatch.setattr(merging, "gathered", beside_another)
    with pytest.raises(StalePlan):
        shop.merge("A1", "A2")
