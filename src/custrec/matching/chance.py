"""How often two records of different people agree by chance: exactly, from how frequent each value is.

Two records drawn at random agree on the value v with probability p(v)²; on any value with the sum of these. The lower
levels are measured on pairs of values drawn in proportion to their frequency. (Fellegi & Sunter 1969, section 3.3.1;
Winkler 1988.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from custrec.matching.columns import Array, Floats
from custrec.matching.prepared import Prepared

VALUES = 760
"""So many values are compared with each other."""
_PSEUDO = 100.0
"""So many records the kind's own prior counts for, in tables too small to tell frequencies."""


_TOGETHER = 3.0
"""Parts of a value go together so many times more often than if they did not know of each other."""
_COPIES = 4
"""So many records of one value may all be copies, and tell nothing of how frequent it is."""


@dataclass(frozen=True)
class Parts:
    """How frequent the parts of values are: those that more than a few records have, and any other."""

    frequent: Mapping[str, float]
    rare: float

    def chances(self, parts: Sequence[tuple[str, ...]]) -> Floats:
        """How frequent values of such parts are; 1 where a value has less than two."""
        get, rare = self.frequent.get, self.rare
        return np.array([_TOGETHER * prod(get(one, rare) for one in some) if len(some) > 1 else 1.0 for some in parts])


def parts_of(field: Prepared) -> tuple[Parts, list[tuple[str, ...]]] | None:
    """How frequent the parts of a field's values are, and the parts of each; None where they have none."""
    every = field.comparer.parts(field.texts)
    if not any(len(some) > 1 for some in every):
        return None
    counts: Counter[str] = Counter()
    for some, count in zip(every, field.counts.tolist(), strict=True):
        for one in set(some):
            counts[one] += count
    filled = max(field.filled, 1)
    few = 1 + filled // 100_000
    frequent = {one: (count - 1) / filled for one, count in sorted(counts.items()) if count > few}
    return Parts(frequent, 0.5 * few / filled), every


@dataclass(frozen=True)
class Chance:
    """Of one field: the chance of each level for two records of different people, and of each value to be met."""

    levels: Floats
    values: Floats
    """How frequent each text is among *other* records than the pair's own; by its code."""
    parts: Parts | None = None
    contradicts: bool = False
    """Whether the first level is a contradiction."""


def chance_of(field: Prepared, drawn: int = VALUES) -> Chance:
    """Count one field, and measure it on so many of its values."""
    top = len(field.comparer.levels) - 1
    filled = max(field.filled, 1)
    prior = field.comparer.chance
    values = (np.maximum(field.counts - 1, 0.5) + _PSEUDO * prior) / (filled + _PSEUDO)
    parts, every = parts_of(field) or (None, [])
    if parts is not None:
        values = np.minimum(values, parts.chances(every) + np.maximum(field.counts - _COPIES, 0) / filled)
    pairs = filled * (filled - 1) / 2
    same = float((field.counts * (field.counts - 1) / 2).sum())
    exact = (same + _PSEUDO * prior) / (pairs + _PSEUDO)
    below = _measured(field, top, drawn)
    levels = np.append(below * (1 - exact), exact)
    return Chance(np.asarray(levels, np.float64), np.asarray(values, np.float64), parts, field.comparer.contradicts)


def _measured(field: Prepared, top: int, drawn: int) -> Floats:
    """The chance of each level below the same, for two different values."""
    prior = 0.25 ** np.arange(top) + 1e-12
    prior = prior / prior.sum()
    if top == 1 or len(field.texts) < 2:
        return np.asarray(prior, np.float64)
    codes, times = _drawn(field, drawn)
    one, two = np.triu_indices(len(codes), 1)
    levels = field.comparer.compare(codes[one], codes[two])
    found = np.bincount(levels, weights=(times[one] * times[two]).astype(np.float64), minlength=top)
    return np.asarray((found + prior) / (found.sum() + 1), np.float64)


def _drawn(field: Prepared, drawn: int) -> tuple[Array, Array]:
    """Texts drawn in proportion to their frequency, and how often each: systematic sampling in the order of hashes."""
    order = np.argsort(field.hashes, kind="stable")
    reached = np.cumsum(field.counts[order])
    places = (np.arange(drawn) + 0.5) * (reached[-1] / drawn)
    codes, times = np.unique(order[np.searchsorted(reached, places, side="right")], return_counts=True)
    if len(codes) < 2:
        return order[:drawn], field.counts[order[:drawn]]
    return codes.astype(np.int64), times
