"""Pairs become clusters, guardedly: no chain through a weak link, nothing joined against a contradiction.

Records joined by likely pairs are a component. Within one, all pairs are weighed, also those that no key brought
together, and records are joined from the best evidence on: two clusters become one while the mean of the log odds
between them speaks for it, each bounded so that one odd pair does not outvote the others (average linkage; a greedy
form of correlation clustering, Bansal, Blum & Chawla 2004). A pair that must stay apart keeps their clusters apart.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from custrec.matching.columns import Array, Floats, Rows
from custrec.matching.keys import packed, unpacked

_BOUND = 12.0
LARGEST_WEIGHED = 60
"""Components beyond are first cut along their weaker links."""

Weigh = Callable[[Rows, Rows], Floats]


def components(rows: int, left: Rows, right: Rows) -> Array:
    """The component of each record, named by its smallest record (label propagation with pointer jumping)."""
    label = np.arange(rows)
    while len(left):
        low = np.minimum(label[left], label[right])
        before = label.copy()
        np.minimum.at(label, label[left], low)
        np.minimum.at(label, label[right], low)
        while True:
            jumped = label[label]
            if np.array_equal(jumped, label):
                break
            label = jumped
        if np.array_equal(before, label):
            break
        left, right = left[label[left] != label[right]], right[label[left] != label[right]]
    return label


def cluster(rows: int, left: Rows, right: Rows, odds: Floats, threshold: float, weigh: Weigh, apart: Array) -> Array:
    """The cluster of each record, named by its smallest record.

    `odds` are log odds of the pairs, `threshold` the least that joins; `weigh` says the log odds of any other pairs;
    `apart` are packed pairs that must not come together.
    """
    good = odds >= threshold
    left, right, odds = left[good], right[good], odds[good]
    label = components(rows, left, right)
    sizes = np.bincount(label, minlength=rows)
    pairs_of = np.bincount(label[left], minlength=rows)
    whole = pairs_of == sizes * (sizes - 1) // 2
    if len(apart):
        one, two = unpacked(apart)
        whole[label[one[label[one] == label[two]]]] = False
    doubtful = np.flatnonzero((sizes > 1) & ~whole)
    if not len(doubtful):
        return label
    return _settle(label, doubtful, (left, right, odds), threshold, weigh, apart)


def _settle(
    label: Array, doubtful: Array, known: tuple[Rows, Rows, Floats], threshold: float, weigh: Weigh, apart: Array
) -> Array:
    """Cluster the records of doubtful components by all pairs within them."""
    is_doubtful = np.zeros(len(label), np.bool_)
    is_doubtful[doubtful] = True
    members = np.flatnonzero(is_doubtful[label])
    members = members[np.argsort(label[members], kind="stable")]
    starts = np.searchsorted(label[members], doubtful)
    groups = np.split(members, starts[1:])
    left, right, odds = known
    inside = is_doubtful[label[left]]
    best = dict(zip(packed(left[inside], right[inside]).tolist(), odds[inside].tolist(), strict=True))
    missing = []
    for group in groups:
        if len(group) <= LARGEST_WEIGHED:
            one, two = np.triu_indices(len(group), 1)
            every = packed(group[one], group[two])
            missing.append(np.array([pair for pair in every.tolist() if pair not in best], np.int64))
    asked = np.concatenate(missing) if missing else np.empty(0, np.int64)
    if len(asked):
        best |= dict(zip(asked.tolist(), weigh(*unpacked(asked)).tolist(), strict=True))
    for pair in apart.tolist():
        best[pair] = -np.inf
    result = label.copy()
    for group in groups:
        for part in _agglomerate(group.tolist(), best, threshold):
            result[part] = min(part)
    return result


def _agglomerate(group: list[int], odds: dict[int, float], threshold: float) -> list[list[int]]:
    """Join from the best evidence on while the mean between two clusters is at least the threshold."""
    parts = {row: [row] for row in group}
    between: dict[tuple[int, int], float] = {}
    for at, one in enumerate(group):
        for two in group[at + 1 :]:
            weight = odds.get((one << 32) | two if one < two else (two << 32) | one)
            between[one, two] = (
                -_BOUND
                if weight is None
                else min(weight, _BOUND)
                if weight < -_BOUND and weight == -np.inf
                else max(-_BOUND, min(weight, _BOUND))
            )
    while between:
        (one, two), total = max(
            between.items(), key=lambda item: (item[1] / (len(parts[item[0][0]]) * len(parts[item[0][1]])), item[0])
        )
        if total / (len(parts[one]) * len(parts[two])) < threshold:
            break
        parts[one] += parts.pop(two)
        del between[one, two]
        for other in list(parts):
            if other == one:
                continue
            key = (two, other) if (two, other) in between else (other, two)
            mine = (one, other) if (one, other) in between else (other, one)
            between[mine] = between[mine] + between.pop(key)
    return list(parts.values())
