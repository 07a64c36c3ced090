"""Blocks of records that share a number (matching/keys.py)."""

from __future__ import annotations

from collections import Counter
from math import ceil, log2

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from custrec.matching.keys import BUCKETS, LARGEST, sizes_of


@given(
    st.lists(st.sampled_from([0, 3, 5, 9, 100_000_007]) | st.integers(1, 2**10 - 1), max_size=60), st.integers(1, 200)
)
def test_the_bucket_of_a_number_tells_how_many_records_have_it(numbers, times):
    slot = np.repeat(np.array(numbers, np.uint64), times)
    sizes = sizes_of([slot])
    counts = Counter(int(number & sizes.mask) for number in slot.tolist() if number)

    def bucket(number: int) -> int:
        count = counts[int(number & sizes.mask)] if number else 0
        return -1 if count < 2 else BUCKETS if count > LARGEST else ceil(log2(count)) - 1

    assert sizes.bucket(slot).tolist() == [bucket(number) for number in slot.tolist()]
    for size in range(BUCKETS + 1):
        assert sizes.records[size] == sum(bucket(number) == size for number in slot.tolist())
