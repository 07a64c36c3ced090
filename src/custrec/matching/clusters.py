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
_NEVER = 1e9
SURE = 1e6
"""The log odds of pairs that people said are one."""
_CELLS = 4_000_000
LARGEST_WEIGHED = 60
"""Of larger components only the pairs that are known are reckoned with."""
LARGEST_SETTLED = 1_000
"""Larger components are cut along their weaker links first: a square of all their records would not fit anywhere."""

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


def cluster(rows: int, known: tuple[Rows, Rows, Floats], threshold: float, weigh: Weigh, apart: Array) -> Array:
    """The cluster of each record, named by its smallest record.

    `known` are pairs and their log odds, `threshold` the least that joins; `weigh` says the log odds of any other
    pairs; `apart` are packed pairs that must not come together.
    """
    left, right, odds = known
    good = odds >= threshold
    left, right, odds = left[good], right[good], odds[good]
    label = _cut(rows, left, right, odds)
    sizes = np.bincount(label, minlength=rows)
    pairs_of = np.bincount(label[left[label[left] == label[right]]], minlength=rows)
    whole = pairs_of == sizes * (sizes - 1) // 2
    if len(apart):
        one, two = unpacked(apart)
        whole[label[one[label[one] == label[two]]]] = False
    doubtful = np.flatnonzero((sizes > 1) & ~whole)
    if not len(doubtful):
        return label
    return _settle(label, doubtful, (left, right, odds), threshold, weigh, apart)


def _cut(rows: int, left: Rows, right: Rows, odds: Floats) -> Array:
    """The components, of those that are too large what holds together by the better half of its links, and so on."""
    kept = np.ones(len(left), np.bool_)
    while True:
        label = components(rows, left[kept], right[kept])
        within = label[left]
        large = np.flatnonzero(kept & (np.bincount(label, minlength=rows)[within] > LARGEST_SETTLED))
        if not len(large):
            return label
        large = large[np.argsort(within[large], kind="stable")]
        for links in np.split(large, np.flatnonzero(np.diff(within[large])) + 1):
            middle = np.median(odds[links])
            weak = links[odds[links] < middle]
            kept[weak if len(weak) else links[odds[links] <= middle]] = False


def _settle(
    label: Array, doubtful: Array, known: tuple[Rows, Rows, Floats], threshold: float, weigh: Weigh, apart: Array
) -> Array:
    """Cluster the records of doubtful components by all pairs within them."""
    is_doubtful = np.zeros(len(label), np.bool_)
    is_doubtful[doubtful] = True
    members = np.flatnonzero(is_doubtful[label])
    members = members[np.argsort(label[members], kind="stable")]  # within a component from the smallest record on
    starts = np.searchsorted(label[members], doubtful)
    left, right, odds = known
    inside = is_doubtful[label[left]]
    pairs = packed(left[inside], right[inside])
    order = np.argsort(pairs, kind="stable")
    pairs, weights = pairs[order], odds[inside][order]
    result = label.copy()
    lengths = np.diff(np.append(starts, len(members)))
    for length in np.unique(lengths):
        every = members[starts[lengths == length][:, None] + np.arange(length)]
        for at in range(0, len(every), max(1, _CELLS // int(length) ** 2)):
            groups = every[at : at + max(1, _CELLS // int(length) ** 2)]
            between = _between(groups, pairs, weights, weigh if length <= LARGEST_WEIGHED else None, apart)
            parts = _agglomerated(between, threshold)
            result[groups] = _named(groups, parts)
    return result


def _between(groups: Array, pairs: Array, weights: Floats, weigh: Weigh | None, apart: Array) -> Floats:
    """The log odds between all records of each group: a square for each."""
    count, length = groups.shape
    one, two = np.triu_indices(length, 1)
    left, right = groups[:, one].ravel(), groups[:, two].ravel()
    asked = packed(left, right)
    at = np.minimum(np.searchsorted(pairs, asked), len(pairs) - 1)
    known = pairs[at] == asked
    odds = np.where(known, weights[at], -_BOUND)
    if weigh is not None and not known.all():
        odds[~known] = weigh(left[~known].astype(np.int32), right[~known].astype(np.int32))
    sure = odds >= SURE
    odds = np.clip(odds, -_BOUND, _BOUND)
    odds[sure] = _NEVER / 1e3
    if len(apart):
        odds[np.isin(asked, apart)] = -_NEVER
    square = np.zeros((count, length, length))
    square[:, one, two] = square[:, two, one] = odds.reshape(count, -1)
    return square


def _agglomerated(between: Floats, threshold: float) -> Array:
    """Join from the best evidence on: two records where their odds reach the threshold, and clusters of more where the
    mean between them is even at least, because both were sure of their own; all groups at once.

    For each group the cluster of each place, named by its first place.
    """
    count, length, _ = between.shape
    sums = between.copy()
    sums[:, np.arange(length), np.arange(length)] = -np.inf
    sizes = np.ones((count, length))
    named = np.tile(np.arange(length), (count, 1))
    active = np.arange(count)
    while len(active):
        means = sums[active] / (sizes[active, :, None] * sizes[active, None, :])
        flat = means.reshape(len(active), -1)
        best = flat.argmax(axis=1)
        joined = (sizes[active, best // length] * sizes[active, best % length]) > 1
        going = flat[np.arange(len(active)), best] >= np.where(joined, min(threshold, 0.0), threshold)
        active, best = active[going], best[going]
        one, two = best // length, best % length  # the first of equal ones: one < two
        sums[active, one] += sums[active, two]
        sums[active, :, one] = sums[active, one]
        sums[active, one, one] = -np.inf
        sums[active, two] = sums[active, :, two] = -np.inf
        sizes[active, one] += sizes[active, two]
        named[active] = np.where(named[active] == two[:, None], one[:, None], named[active])
    return named


def _named(groups: Array, parts: Array) -> Array:
    """The smallest record of each place's cluster."""
    return np.take_along_axis(groups, parts, axis=1)
