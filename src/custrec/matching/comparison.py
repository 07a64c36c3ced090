"""On what level each field of each pair agrees. Each distinct pair of values is compared once.

A level is a whole number from 0, different, to the last, the same; -1 where either record is blank.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from custrec.matching.columns import Rows
from custrec.matching.prepared import Prepared

UNKNOWN = -1
_CHUNK = 500_000

Levels = NDArray[np.int8]


def compare_pairs(fields: Sequence[Prepared], left: Rows, right: Rows) -> Levels:
    """The levels of pairs of records: a row a field, a column a pair."""
    levels = np.empty((len(fields), len(left)), np.int8)
    for at, field in enumerate(fields):
        levels[at] = compare_field(field, left, right)
    return levels


def compare_field(field: Prepared, left: Rows, right: Rows) -> Levels:
    """The levels of one field."""
    one, two = field.codes[left], field.codes[right]
    known = (one >= 0) & (two >= 0)
    top = len(field.comparer.levels) - 1
    levels = np.where(known, np.int8(top), np.int8(UNKNOWN))
    if field.comparer.partial is not None:
        same = known & (one == two)
        levels[same] = field.comparer.partial[one[same]]
    differing = np.flatnonzero(known & (one != two))
    if len(differing) and top > 1:
        levels[differing] = compare_codes(field, one[differing], two[differing])
    elif len(differing):
        levels[differing] = 0
    return levels


def compare_codes(field: Prepared, one: Rows, two: Rows) -> Levels:
    """The levels of pairs of different texts, each distinct pair compared once."""
    small, large = np.minimum(one, two).astype(np.int64), np.maximum(one, two).astype(np.int64)
    pairs, place = np.unique(small * len(field.texts) + large, return_inverse=True)
    small, large = pairs // len(field.texts), pairs % len(field.texts)
    levels = np.empty(len(pairs), np.int8)
    for start in range(0, len(pairs), _CHUNK):
        some = slice(start, start + _CHUNK)
        levels[some] = field.comparer.compare(small[some], large[some])
    return levels[place]
