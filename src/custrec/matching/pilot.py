"""A sample of candidates of every key, to learn from before the work begins.

From each key, and each size of its blocks, so many blocks are drawn by their content that an equal number of pairs come
of them. How likely each pair was to be drawn by any key is known exactly, so that pairs weigh the inverse of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custrec.matching.columns import Array, Booleans, Floats, Hashes, Rows
from custrec.matching.hashing import distinct
from custrec.matching.keys import BUCKETS, Key, Keyring, drawn, pairs_within, sizes_of, unpacked

DRAWN = 150_000


@dataclass(frozen=True)
class Cell:
    """A size of a key's blocks: how many pairs they make, and what part of the blocks was drawn."""

    key: int
    bucket: int
    pairs: float
    drawn: float


@dataclass(frozen=True)
class Pilot:
    """The pairs drawn. `cells` of all keys; `met` says for each pair and key in what bucket they meet (-1: nowhere)."""

    keys: list[Key]
    cells: dict[tuple[int, int], Cell]
    left: Rows
    right: Rows
    weights: Floats
    met: Array


def draw(keyring: Keyring, keys: Sequence[Key], drawn_pairs: int = DRAWN) -> Pilot:
    """Draw about so many pairs, as many by every key and size."""
    quota = max(20, drawn_pairs // (4 * max(len(keys), 1)))
    kept: list[Key] = []
    sizes: list[list[Array]] = []
    cells: dict[tuple[int, int], Cell] = {}
    found: list[Array] = []
    for key in keys:
        slots = keyring.slots(key)
        size = sizes_of(slots)
        buckets = [size.bucket(numbers).astype(np.int8) for numbers in slots]
        mine = _cells(len(kept), buckets, quota)
        if not mine:
            continue
        shares = np.zeros(BUCKETS + 2)
        for cell in mine:
            shares[cell.bucket] = cell.drawn
            cells[cell.key, cell.bucket] = cell
        chosen = [drawn(numbers) < shares[bucket] for numbers, bucket in zip(slots, buckets, strict=True)]
        found.append(pairs_within(slots, chosen))
        kept.append(key)
        sizes.append(buckets)
    pairs = distinct(np.concatenate(found)) if found else np.empty(0, np.int64)
    left, right = unpacked(pairs)
    met = np.full((len(kept), len(pairs)), -1, np.int8)
    missed = np.ones(len(pairs))
    for at, (key, buckets) in enumerate(zip(kept, sizes, strict=True)):
        met[at] = meeting(keyring, key, buckets, left, right)
        shares = np.zeros(BUCKETS + 2)
        for bucket in range(BUCKETS):
            if (at, bucket) in cells:
                shares[bucket] = cells[at, bucket].drawn
        missed *= 1 - shares[met[at]]
    reached = missed < 1
    part = min(1.0, DRAWN / max(len(pairs), 1))
    reached &= drawn(pairs.astype(np.uint64)) < part
    missed = 1 - (1 - missed) * part
    return Pilot(kept, cells, left[reached], right[reached], 1 / (1 - missed[reached]), met[:, reached])


def meeting(keyring: Keyring, key: Key, buckets: Sequence[Array], left: Rows, right: Rows) -> Array:
    """In what bucket of a key each pair meets; -1 where it does not."""
    ones, twos = keyring.slots(key, left), keyring.slots(key, right)
    found = np.full(len(left), -1, np.int8)
    for one, of_rows in zip(ones, buckets, strict=True):
        bucket = of_rows[left]
        for two in twos:
            same: Booleans = (one == two) & (one != 0)
            better = same & ((found < 0) | (bucket < found))
            found = np.where(better, bucket, found).astype(np.int8)
    return found


def _cells(key: int, buckets: Sequence[Array], quota: int) -> list[Cell]:
    """The cells of a key whose blocks are small enough, and how many pairs each makes."""
    counted = np.zeros(BUCKETS + 2)
    for bucket in buckets:
        counted += np.bincount(bucket[bucket >= 0], minlength=BUCKETS + 2)[: BUCKETS + 2]
    cells = []
    for size in range(BUCKETS):
        typical = (2**size + 1 + 2 ** (size + 1)) / 2  # records of a block
        pairs = counted[size] * (typical - 1) / 2
        if pairs:
            cells.append(Cell(key, size, float(pairs), float(min(1.0, quota / pairs))))
    return cells


__all__ = ["Hashes", "Pilot", "draw"]
