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
    changes: float = 0.0
    """In so many copies the value is expected to be another one (values.comparing)."""
    goes_by_others: bool = False
    """Whether it is a name beside which there may be others (values.comparing)."""

    @property
    def unlike(self) -> int:
        """How many of the lowest levels say that two values are different."""
        return 2 if self.contradicts else 1


def chance_of(field: Prepared, drawn: int = VALUES) -> Chance:
    """Count one field, and measure it on so many of its values."""
    top = len(field.comparer.levels) - 1
    filled = max(field.filled, 1)
    prior = field.comparer.chance
    values = (np.maximum(field.counts - 1, 0.5) + _PSEUDO * prior) / (filled + _PSEUDO)
    parts, every = parts_of(field) or (None, [])
    if parts is not None:
        values = np.minimum(values, parts.chances(every) + np.maximum(field.counts - _COPIES, 0) / filled)
    exact = _meeting(field.counts, filled, prior)
    levels = np.append(_measured(field, top, drawn) * (1 - exact), exact)
    if (of_stems := field.comparer.of_stems) is not None:
        counts = np.fromiter(_stems(field).values(), np.int64)
        levels = _exactly(levels, of_stems, _meeting(counts, filled, 2 * prior) - exact)
    kind = field.comparer
    levels, values = np.asarray(levels, np.float64), np.asarray(values, np.float64)
    return Chance(levels, values, parts, kind.contradicts, kind.changes, kind.goes_by_others)


def frequent_stems(field: Prepared, few: int) -> dict[str, float] | None:
    """How frequent, among other records, the stems are that more than a few have; None where texts have no stems."""
    if field.comparer.of_stems is None:
        return None
    sure, filled = _PSEUDO * field.comparer.chance, field.filled + _PSEUDO
    return {stem: (count - 1 + sure) / filled for stem, count in sorted(_stems(field).items()) if count > few}


def _stems(field: Prepared) -> Counter[str]:
    """How many records have each stem of a field's values."""
    counts: Counter[str] = Counter()
    for stem, count in zip(field.comparer.stems(field.texts), field.counts.tolist(), strict=True):
        counts[stem] += count
    return counts


def _meeting(counts: Array, filled: int, prior: float) -> float:
    """The chance of two records to have the same, of what so many have each."""
    same = float((counts * (counts - 1) / 2).sum())
    return (same + _PSEUDO * prior) / (filled * (filled - 1) / 2 + _PSEUDO)


def _exactly(levels: Floats, at: int, chance: float) -> Floats:
    """The chances of levels with one below the last that is known exactly."""
    others = np.append(np.delete(levels[:-1], at), 0.0)
    others *= (1 - levels[-1] - chance) / others.sum()
    return np.concatenate([others[:at], [chance], others[at:-1], levels[-1:]])


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
