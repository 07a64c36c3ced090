"""How often two records of different people agree by chance: exactly, from how frequent each value is.

Two records drawn at random agree on the value v with probability p(v)²; on any value with the sum of these. The lower
levels are measured on pairs of values drawn in proportion to their frequency. (Fellegi & Sunter 1969, section 3.3.1;
Winkler 1988.)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custrec.matching.columns import Array, Floats
from custrec.matching.comparison import Levels
from custrec.matching.prepared import Prepared

_DRAWN = 1_200
_PSEUDO = 100.0
"""So many records the kind's own prior counts for, in tables too small to tell frequencies."""


@dataclass(frozen=True)
class Chance:
    """Of one field: the chance of each level for two records of different people, and of each value to be met."""

    levels: Floats
    values: Floats
    """How frequent each text is among *other* records than the pair's own; by its code."""


def chance_of(field: Prepared) -> Chance:
    """Count and measure one field."""
    top = len(field.comparer.levels) - 1
    filled = max(field.filled, 1)
    prior = field.comparer.chance
    values = (np.maximum(field.counts - 1, 0.5) + _PSEUDO * prior) / (filled + _PSEUDO)
    pairs = filled * (filled - 1) / 2
    same = float((field.counts * (field.counts - 1) / 2).sum())
    exact = (same + _PSEUDO * prior) / (pairs + _PSEUDO)
    below = _measured(field, top)
    levels = np.append(below * (1 - exact), exact)
    return Chance(np.asarray(levels, np.float64), np.asarray(values, np.float64))


def _measured(field: Prepared, top: int) -> Floats:
    """The chance of each level below the same, for two different values."""
    prior = 0.25 ** np.arange(top) + 1e-12
    prior = prior / prior.sum()
    if top == 1 or len(field.texts) < 2:
        return prior
    codes = _drawn(field)
    one, two = np.triu_indices(len(codes), 1)
    found = np.bincount(field.comparer.compare(codes[one], codes[two]), minlength=top)
    return (found + prior * 2) / (found.sum() + 2)


def _drawn(field: Prepared) -> Array:
    """Texts drawn without replacement in proportion to their frequency (Efraimidis & Spirakis 2006), by content."""
    luck = (field.hashes >> np.uint64(11)).astype(np.float64) / 2.0**53
    rank = np.log(np.maximum(luck, 1e-300)) / np.maximum(field.counts, 1)
    return np.argsort(-rank, kind="stable")[:_DRAWN].astype(np.int64)


def agreed_values(field: Prepared, chance: Chance, left: Array, levels: Levels) -> Floats:
    """How frequent the value is on which a pair agrees fully; 1 where it does not."""
    top = len(field.comparer.levels) - 1
    frequencies = np.append(chance.values, 1.0)
    return np.where(levels == top, frequencies[field.codes[left]], 1.0)
