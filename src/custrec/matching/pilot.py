"""A sample of candidates of every key, to learn from before the work begins.

From each key, and each size of its blocks, so many blocks are drawn by their content that an equal number of pairs come
of them. How likely each pair was to be drawn by any key is known exactly, so that pairs weigh the inverse of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from custrec.matching.columns import Array, Booleans, Floats, Hashes, Rows
from custrec.matching.hashing import distinct
from custrec.matching.keys import BLOCK, BUCKETS, Key, Keyring, Sizes, drawn, pairs_within, sizes_of, unpacked
from custrec.matching.threads import made_of_each

PAIRS = 60_000
"""More tell hardly more, and take longer."""


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


def draw(keyring: Keyring, keys: Sequence[Key], drawn_pairs: int = PAIRS) -> Pilot:
    """Draw about so many pairs, as many by every key and size."""
    quota = max(20, drawn_pairs // (4 * max(len(keys), 1)))
    by_key = [one for one in made_of_each(lambda key: _of_key(keyring, key, quota), keys) if one.cells]
    pairs = distinct(np.concatenate([one.pairs for one in by_key])) if by_key else np.empty(0, np.int64)
    left, right = unpacked(pairs)
    met = np.full((len(by_key), len(pairs)), -1, np.int8)
    missed = np.ones(len(pairs))
    meets = made_of_each(lambda one: meeting(keyring, one.key, one.buckets, left, right), by_key)
    for at, (one, buckets) in enumerate(zip(by_key, meets, strict=True)):
        met[at] = buckets
        missed *= 1 - one.shares[buckets]
    reached = missed < 1
    part = min(1.0, PAIRS / max(len(pairs), 1))
    reached &= drawn(pairs.astype(np.uint64)) < part
    missed = 1 - (1 - missed) * part
    cells = {(at, cell.bucket): replace(cell, key=at) for at, one in enumerate(by_key) for cell in one.cells}
    kept = [one.key for one in by_key]
    return Pilot(kept, cells, left[reached], right[reached], 1 / (1 - missed[reached]), met[:, reached])


@dataclass(frozen=True)
class _OfKey:
    """What one key has drawn; `buckets` are those of all records, by slot."""

    key: Key
    buckets: list[Array]
    cells: list[Cell]
    pairs: Array

    @property
    def shares(self) -> Floats:
        """What part of the blocks was drawn, by bucket; nothing for -1."""
        return _shares(self.cells)


def _shares(cells: Sequence[Cell]) -> Floats:
    shares = np.zeros(BUCKETS + 2)
    for cell in cells:
        shares[cell.bucket] = cell.drawn
    return shares


def _of_key(keyring: Keyring, key: Key, quota: int) -> _OfKey:
    slots = keyring.slots(key)
    sizes = sizes_of(slots)
    cells = _cells(sizes, quota)
    if not cells:
        return _OfKey(key, [], cells, np.empty(0, np.int64))
    buckets = [sizes.bucket(numbers) for numbers in slots]
    shares = _shares(cells)
    chosen = [_chosen(numbers, bucket, shares) for numbers, bucket in zip(slots, buckets, strict=True)]
    return _OfKey(key, buckets, cells, pairs_within(slots, chosen))


def _chosen(numbers: Hashes, buckets: Array, shares: Floats) -> Array:
    """The rows whose blocks are drawn."""
    found = []
    for start in range(0, len(numbers), BLOCK):
        bucket = buckets[start : start + BLOCK]
        some = np.flatnonzero(bucket >= 0)
        found.append(start + some[drawn(numbers[start : start + BLOCK][some]) < shares[bucket[some]]])
    return np.concatenate(found)


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


def _cells(sizes: Sizes, quota: int) -> list[Cell]:
    """The cells of a key whose blocks are small enough, and how many pairs each makes."""
    cells = []
    for size in range(BUCKETS):
        typical = (2**size + 1 + 2 ** (size + 1)) / 2  # records of a block
        pairs = sizes.records[size] * (typical - 1) / 2
        if pairs:
            cells.append(Cell(0, size, float(pairs), float(min(1.0, quota / pairs))))
    return cells


__all__ = ["Hashes", "Pilot", "draw"]
