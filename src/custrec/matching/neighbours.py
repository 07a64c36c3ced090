"""What strangers have in common, learned from the crowd: who lives in one town shares its postcodes and its country.

Classes of strangers, by EM over pairs of the crowd, where nearly all are strangers: those from elsewhere, and those who
share one, some, or all of what many share. What copies may have added to a class, of whom there are some, is taken off.
The classes and their sizes then stand as they are while matches and relatives are learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custrec.matching.columns import Array, Floats
from custrec.matching.crowd import is_common
from custrec.matching.mixture import Evidence, Related, estimated, neighbour_logs, stranger_logs

SORTS = 3
_ROUNDS = 40
_ENOUGH = 1e-3
_SELDOM = 0.2
"""Strangers from elsewhere are expected to agree so many times less in what many share."""
_COPIES = 1.0
"""There may be so many copies for each record among the pairs of a class."""
_PRIOR_PAIRS = 5.0
_LEAST_STRANGERS = 0.1
"""So many of all pairs have nothing in common but by chance, at least."""


@dataclass(frozen=True)
class Neighbours:
    """The classes, how many pairs each has, and how many are strangers that belong to none."""

    sorts: list[Related]
    counts: Floats
    strangers: float


def neighbours(crowd: Evidence, strangers: list[Floats], copies: Sequence[Floats], rows: int) -> Neighbours:
    """Learn the classes. `strangers` are the chances of levels by frequencies alone, `copies` those of copies."""
    every = rows * (rows - 1) / 2
    common = sorted((u[-1], at) for at, u in enumerate(strangers) if is_common(float(u[-1]), rows))
    if len(common) < 2:
        return Neighbours([], np.empty(0), every)
    by_chance = np.full(len(strangers), np.nan)
    count = min(SORTS, len(common))
    tables = [[_seldom(u) if is_common(float(u[-1]), rows) else u for u in strangers]]
    sizes = [0.5]
    for sort in range(count):  # the most common alone, …, all of them
        shared = common[len(common) - 1 - sort * (len(common) - 1) // max(count - 1, 1) :]
        mine = {at for _, at in shared}
        tables.append([m if at in mine else u for at, (u, m) in enumerate(zip(strangers, copies, strict=True))])
        sizes.append(shared[0][0] / 2)
    counts = np.array([*sizes, 0.25]) * every
    counts *= every / counts.sum()
    prior = tables
    each = np.full(count + 1, float(np.median(crowd.weights)) * _PRIOR_PAIRS)
    sorts = [Related(some, by_chance, kin=False) for some in tables]
    for _ in range(_ROUNDS):
        joint = np.log(np.maximum(counts, 1e-9))[:, None] + np.array(
            [*(neighbour_logs(one, strangers, crowd) for one in sorts), stranger_logs(strangers, crowd)]
        )
        shares = np.exp(joint - joint.max(axis=0))
        shares *= crowd.weights / shares.sum(axis=0)
        before, counts = counts, np.maximum(shares.sum(axis=1), 1.0)
        counts *= every / counts.sum()
        sorts = [
            Related(
                [estimated(crowd, at, mine, table, weight) for at, table in enumerate(some)],
                by_chance,
                kin=False,
            )
            for mine, some, weight in zip(shares, prior, each, strict=False)
        ]
        if np.abs(counts - before).max() < _ENOUGH * every:
            break
    sorts = [
        Related(
            [_without(t, u, m, rows / size) for t, u, m in zip(one.tables, strangers, copies, strict=True)],
            by_chance,
            kin=False,
        )
        for one, size in zip(sorts, counts, strict=False)
    ]
    return Neighbours(sorts, counts[:-1], max(float(counts[-1]), _LEAST_STRANGERS * every))


def _seldom(u: Floats) -> Floats:
    table = u * np.append(np.ones(len(u) - 1), _SELDOM)
    return np.asarray(table / table.sum(), np.float64)


def _without(table: Floats, u: Floats, m: Floats, copies: float) -> Floats:
    """The table of a class without what copies may have brought into it, of whom there are so many a pair."""
    upper = np.maximum(table[1:] - _COPIES * copies * m[1:], np.minimum(table[1:], u[1:]))
    return np.append(1 - upper.sum(), upper)


__all__ = ["Array", "Neighbours", "neighbours"]
