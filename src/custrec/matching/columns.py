"""What the engine is given: a column a field, its values once each, and which record has which.

Values stand in any order: who needs one that does not depend on that of the rows sorts them. Records are known by
their position, and by ids of the caller's where two are told apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
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
    """One field of all records: `values` are the distinct stored values, `codes` say which of them a record has."""

    name: str
    kind: ValueType
    values: Sequence[Stored]
    codes: Codes

    def __len__(self) -> int:
        return len(self.codes)

    def ranks(self) -> Codes:
        """The codes of the records as they were if the values were sorted."""
        order = sorted(range(len(self.values)), key=self.values.__getitem__)  # type: ignore[arg-type]
        ranks = np.full(len(order) + 1, BLANK, np.int32)
        ranks[order] = np.arange(len(order), dtype=np.int32)
        return ranks[self.codes]


def encode(name: str, kind: ValueType, stored: Sequence[Stored]) -> Column:
    """A column of stored values, one a record; None is blank."""
    place: defaultdict[Stored, int] = defaultdict(count().__next__, {None: BLANK})
    codes = np.fromiter(map(place.__getitem__, stored), np.int32, len(stored))
    del place[None]
    return Column(name, kind, list(place), codes)
