"""Lists of pairs as somebody fills them in whom every pair is the same to."""

from __future__ import annotations

import csv
from collections.abc import Callable

from terminal import Desk

Row = dict[str, str]


def filled(desk: Desk, name: str, change: Callable[[Row], Row] = dict) -> list[Row]:
    """The rows of a list, each changed and said to be the same, which stand in filled.csv then."""
    with (desk.folder / name).open(encoding="utf-8-sig", newline="") as stream:
        rows = [change(row | {"verdict": "same"}) for row in csv.DictReader(stream)]
    with (desk.folder / "filled.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    return rows
