"""How well a grouping of rows agrees with the truth, and how far its probabilities can be believed.

Pairwise after clustering: of all pairs of rows that are put together, how many belong together (precision), and of all
that belong together, how many are put together (recall). A row that is in no cluster is a cluster of its own. Pairs are
counted by cells of the contingency table, never listed: a cluster of n rows has n(n-1)/2 of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

BANDS = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1.0)
"""The bounds of the reliability table; a probability of exactly 1 belongs to the last band."""


@dataclass(frozen=True)
class Agreement:
    """Pairs put together, pairs that belong together, and pairs that are both."""

    found: int
    true: int
    both: int

    @property
    def precision(self) -> float:
        """1 where nothing was put together: nothing was put together wrongly."""
        return self.both / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.both / (self.found + self.true) if self.found + self.true else 1.0


def agreement(entities: Mapping[str, str], clusters: Mapping[str, str]) -> Agreement:
    """Compare a grouping with the truth, both by row; a row without a cluster stands alone.

    ValueError where a cluster holds a row that the truth does not know.
    """
    if unknown := clusters.keys() - entities.keys():
        raise ValueError(f"{len(unknown)} rows in clusters are not in the truth")
    return Agreement(
        found=_pairs(Counter(clusters.values()).values()),
        true=_pairs(Counter(entities.values()).values()),
        both=_pairs(Counter((cluster, entities[row]) for row, cluster in clusters.items()).values()),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


@dataclass(frozen=True)
class Band:
    """Pairs whose probability lies in a band: from `low`, below `high`."""

    low: float
    high: float
    pairs: int
    true: int
    promised: float
    """The mean probability that was given."""

    @property
    def share(self) -> float:
        """The share that is true."""
        return self.true / self.pairs


def reliability(entities: Mapping[str, str], pairs: Iterable[tuple[str, str, float]]) -> list[Band]:
    """Of the pairs in each band of probability, how many are true. Bands without pairs are left out."""
    totals, hits = Counter[int](), Counter[int]()
    sums: dict[int, float] = {}
    for a, b, probability in pairs:
        band = _band(probability)
        if band is None:
            continue
        totals[band] += 1
        hits[band] += entities[a] == entities[b]
        sums[band] = sums.get(band, 0.0) + probability
    return [
        Band(BANDS[n], BANDS[n + 1], totals[n], hits[n], sums[n] / totals[n])
        for n in range(len(BANDS) - 1)
        if totals[n]
    ]


def _band(probability: float) -> int | None:
    if probability < BANDS[0]:
        return None
    return next((n for n, high in enumerate(BANDS[1:-1]) if probability < high), len(BANDS) - 2)
