"""Clusters of likely pairs: what is too large to be settled as a whole is cut before."""

from __future__ import annotations

import numpy as np

from custrec.matching.clusters import LARGEST_SETTLED, cluster
from custrec.matching.columns import Array, Floats, Rows

NOBODY = np.empty(0, np.int64)


def strangers(left: Rows, right: Rows) -> Floats:
    return np.full(len(left), -9.0)


def chain(count: int, odds: Array) -> tuple[Rows, Rows, Floats]:
    """Each record likely the same as the next."""
    rows = np.arange(count - 1, dtype=np.int32)
    return rows, rows + np.int32(1), odds


def test_a_chain_of_very_many_records_takes_neither_their_square_in_memory_nor_joins_them() -> None:
    count = 60_000  # a square of them would take 29 GB
    strong = np.where(np.arange(count - 1) % 2 == 0, 9.0, 3.0)
    found = cluster(count, chain(count, strong), 1.0, strangers, NOBODY)
    assert np.array_equal(found, np.arange(count) // 2 * 2)


def test_links_that_are_all_as_strong_hold_nothing_of_what_is_too_large_together() -> None:
    count = 2 * LARGEST_SETTLED
    found = cluster(count, chain(count, np.full(count - 1, 5.0)), 1.0, strangers, NOBODY)
    assert np.array_equal(found, np.arange(count))


def test_what_is_beside_a_large_component_stays_as_it_is() -> None:
    count = 2 * LARGEST_SETTLED
    left, right, odds = chain(count, np.full(count - 1, 5.0))
    more = np.array([count], np.int32)
    known = np.append(left, more), np.append(right, more + 1), np.append(odds, 5.0)
    assert cluster(count + 2, known, 1.0, strangers, NOBODY)[-1] == count
