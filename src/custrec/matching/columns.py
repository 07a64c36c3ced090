"""What the engine is given: a column a field, its values once each, and which record has which.

Values are sorted by content, so that the order of rows changes no code; records are known by their position, and by
ids of the caller's where two are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from custrec.values.protocol import Stored, ValueType

Codes = NDArray[np.int32]
Rows = NDArray[np.int32]
Hashes = NDArray[np.uint64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]
Array = NDArray[Any]

BLANK = -1


@dataclass(frozen=True)
class Column:
    """One field of all records: `values` are the distinct stored values, sorted; `codes` say which a record has."""

    name: str
    kind: ValueType
    values: Sequence[Stored]
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)


def encode(name: str, kind: ValueType, stored: Sequence[Stored]) -> Column:
    """A column of stored values, one a record; None is blank."""
    distinct = sorted({value for value in stored if value is not None}, key=lambda value: (str(type(value)), value))
    place: dict[Stored, int] = {value: code for code, value in enumerate(distinct)}
    place[None] = BLANK
    codes = np.fromiter(map(place.__getitem__, stored), np.int32, len(stored))
    return Column(name, kind, distinct, codes)
