"""Pairs drawn from all pairs of a table, to learn what strangers have in common.

A key draws records that share something, so that of a pilot alone nobody can tell how many people of one town also
have one family name: of those who share nothing more it sees none. The crowd is drawn evenly from all pairs, and more
thickly from those that agree in a field that many agree in; nearly all of them are strangers. How often each pair is
expected to be drawn is known, and it weighs the inverse (the balance heuristic, Veach & Guibas 1995).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custrec.matching.columns import Array, Floats, Rows
from custrec.matching.keys import drawn
from custrec.matching.prepared import Prepared
from custrec.matching.threads import made_of_each

EVENLY = 40_000
BY_FIELD = 15_000
_COMMON = 10.0
"""What each record shares with so many others, on average, is common: copies and relatives are few among these."""


@dataclass(frozen=True)
class Crowd:
    """Pairs of rows, and how many of all pairs each stands for."""

    left: Rows
    right: Rows
    weights: Floats


def is_common(chance: float, rows: int) -> bool:
    """Whether so many pairs agree, by their share of all, that nearly all of these are strangers."""
    return chance * rows / 2 >= _COMMON


def draw_crowd(fields: Sequence[Prepared], rows: int) -> Crowd:
    """Draw from all pairs, and from those agreeing in each common field."""
    every = rows * (rows - 1) / 2
    agreeing: list[tuple[int, Prepared, float]] = []
    for at, field in enumerate(fields):
        pairs = float((field.counts * (field.counts - 1.0)).sum() / 2)
        if is_common(pairs / every, rows):
            agreeing.append((at, field, pairs))
    sides = [_evenly(rows), *made_of_each(lambda one: _within(one[1], salt=one[0] + 1), agreeing)]
    left, right = (np.concatenate([pair[side] for pair in sides]) for side in (0, 1))
    apart = left != right
    left, right = left[apart].astype(np.int32), right[apart].astype(np.int32)
    expected = np.full(len(left), EVENLY / every)
    for _, field, pairs in agreeing:
        same = (field.codes[left] == field.codes[right]) & (field.codes[left] >= 0)
        expected += same * (BY_FIELD / pairs)
    return Crowd(left, right, 1 / expected)


def _evenly(rows: int) -> tuple[Array, Array]:
    one, two = _numbers(EVENLY, 0)
    return np.minimum((one * rows).astype(np.int64), rows - 1), np.minimum((two * rows).astype(np.int64), rows - 1)


def _within(field: Prepared, salt: int) -> tuple[Array, Array]:
    """Pairs that agree in a field: the first record drawn by how many others agree with it, then one of these."""
    order = np.argsort(field.codes, kind="stable")[int((field.codes < 0).sum()) :]
    starts = np.concatenate([[0], np.cumsum(field.counts)[:-1]])
    reached = np.cumsum(field.counts * (field.counts - 1.0))
    place, one = _numbers(BY_FIELD, salt)
    codes = np.minimum(np.searchsorted(reached, place * reached[-1], side="right"), len(reached) - 1)
    size = field.counts[codes]
    first = np.minimum((one * size).astype(np.int64), size - 1)
    other, _ = _numbers(BY_FIELD, salt + 1_000)
    second = np.minimum((other * (size - 1)).astype(np.int64), np.maximum(size - 2, 0))
    return order[starts[codes] + first], order[starts[codes] + second + (second >= first)]


def _numbers(count: int, salt: int) -> tuple[Floats, Floats]:
    """Two rows of so many numbers in [0, 1), always the same."""
    every = drawn((np.arange(1, 2 * count + 1, dtype=np.uint64) << np.uint64(12)) + np.uint64(salt))
    return every[:count], every[count:]
