"""What agreement by chance is, measured on fewer pairs: for who cannot wait for a search's own care.

How often records agree fully is counted of all of them, which takes no time. How often they nearly agree is measured
by comparing all pairs of some hundred values (matching.chance), which does; here of fewer records, drawn in the order
that they have by their content.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from custrec.matching.chance import Chance, chance_of
from custrec.matching.prepared import Prepared
from custrec.values.comparing import Comparer
from custrec.values.protocol import Stored

if TYPE_CHECKING:
    from custrec.values.comparing import Levels, Positions


_VALUES = 1_200
"""So many values matching.chance compares with each other."""


def thinned_chance(field: Prepared, part: float) -> Chance:
    """`chance_of` a field of records in the order of their content, with so great a part of the pairs compared."""
    filled, drawn = np.flatnonzero(field.codes >= 0), round(_VALUES * part**0.5)
    if part >= 1 or len(filled) <= drawn:
        return chance_of(field)
    some = field.codes[filled[(2 * np.arange(drawn) + 1) * len(filled) // (2 * drawn)]]
    nearly = chance_of(replace(field, codes=some)).levels
    exact = chance_of(replace(field, comparer=_OnlyTheSame(field.comparer)))
    same = exact.levels[-1]
    below = nearly[:-1] / nearly[:-1].sum() * (1 - same)
    return replace(exact, levels=np.append(below, same))


class _OnlyTheSame(Comparer):
    """Knows of no levels below the same."""

    levels = ("different", "the same")

    def __init__(self, other: Comparer) -> None:
        super().__init__(other.kind)
        self._other = other
        self.chance = other.chance  # type: ignore[misc]

    def canonical(self, values: Sequence[Stored]) -> list[str]:
        return self._other.canonical(values)

    def parts(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        return self._other.parts(texts)

    def learn(self, texts: Sequence[str]) -> None:
        """They are learned."""

    def compare(self, left: Positions, right: Positions) -> Levels:  # noqa: ARG002
        return np.zeros(len(left), np.int8)
