"""What a file that is written knows of its columns, whatever its format: a header, and how a spreadsheet takes a cell.

Cells come in batches: for each column of the file the shown values of some records, text, whole numbers or None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Cell = str | int | float | bool | None
Batch = Sequence[Sequence[Cell]]
"""One sequence of cells for each column, all equally long."""
Batches = Iterable[Batch]


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """One column of a file that is written.

    `plain`: its cells are numbers, dates or phones, which no spreadsheet takes for a formula that does harm.
    `decimal`: the decimal sign where the cells are numbers, None where they are text.
    """

    header: str
    plain: bool = False
    decimal: str | None = None
