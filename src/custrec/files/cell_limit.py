"""How long a cell may be that Python's csv reads: 131,072 characters, unless it is told otherwise."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager

ANY = 2**31 - 1
"""As many as csv can be told of anywhere: a list that people fill in holds whole texts of theirs."""


@contextmanager
def cells_up_to(most: int = ANY) -> Iterator[None]:
    """Let csv read cells of so many characters."""
    before = csv.field_size_limit(most)
    try:
        yield
    finally:
        csv.field_size_limit(before)
