"""Piles of copies: records by the dozen that are the same in all that is compared.

How frequent a value is says how little it tells; but the telephone of a record that stands in a list two hundred times
is not a switchboard's. Where so many are the same in everything that chance cannot have made them, one of them speaks
for all while a model is learned, and they are held against each other whatever keys the model has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from custrec.matching.columns import Array
from custrec.matching.hashing import distinct
from custrec.matching.keys import packed, unpacked
from custrec.matching.prepared import Prepared

PILE = 32
"""Of fewer copies frequencies and blocks suffer little."""
BY_CHANCE = 1e-3
"""A pile of which so many records were to be expected by chance, or more, is left as it is: people of one name."""
TOGETHER = 256
"""So many copies are held against each other; of more, so many at a time …"""
APIECE = 12
"""… and fewer at a time where that would be more pairs than this for each record of the table."""


@dataclass(frozen=True)
class Copies:
    """Piles in a table of so many `rows`: each is some rows that follow one another, the first of them an original."""

    piles: Sequence[range]
    rows: int

    def __bool__(self) -> bool:
        return bool(self.piles)

    @cached_property
    def spoken_for(self) -> Array:
        """The rows that are copies of the first of their pile; ascending."""
        return np.concatenate([np.empty(0, np.int64), *(np.array(pile[1:]) for pile in self.piles)])

    @cached_property
    def originals(self) -> Array:
        """The other rows; ascending."""
        return np.delete(np.arange(self.rows), self.spoken_for)

    def beside(self, candidates: Array) -> Array:
        """Packed pairs of originals by their places among these, and pairs of copies; as rows, packed, each once."""
        left, right = unpacked(candidates)
        found = [packed(self.originals[left], self.originals[right])]
        together = min(TOGETHER, 1 + 2 * APIECE * self.rows // len(self.spoken_for))
        for pile in self.piles:
            for start in range(pile.start, pile.stop, together):
                one, two = np.triu_indices(min(together, pile.stop - start), 1)
                found.append(packed(one + start, two + start))
        return distinct(np.concatenate(found))


def copies_in(fields: Sequence[Prepared]) -> Copies:
    """The piles in a table whose records stand in the order of what they hold."""
    rows = len(fields[0].codes) if fields else 0
    if rows <= PILE:
        return Copies((), rows)
    new = np.zeros(rows, np.bool_)
    new[0] = True
    for field in fields:
        new[1:] |= field.codes[1:] != field.codes[:-1]
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, rows))
    piles = (
        range(start, start + size) for start, size in zip(starts.tolist(), sizes.tolist(), strict=True) if size > PILE
    )
    return Copies([pile for pile in piles if _expected(fields, pile, rows) < BY_CHANCE], rows)


def _expected(fields: Sequence[Prepared], pile: range, rows: int) -> float:
    """How many records would be the same by chance, if values came together as often as they come in other records."""
    others = rows - len(pile) + 1
    held = [(field, int(field.codes[pile.start])) for field in fields]
    shares = [(int(field.counts[code]) - len(pile) + 1) / others for field, code in held if code >= 0]
    return float(others * np.prod(shares))
