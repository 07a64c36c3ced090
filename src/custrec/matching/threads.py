"""Work on arrays, in as many threads as `comparing_in` allows.

numpy and rapidfuzz let other threads run while they work on long arrays, so that two of them keep two processors busy.
What a piece of work is never depends on how many threads there are, nor does the order in which results are put
together: the result is the same whatever the number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from custrec.values.comparing import threads_allowed

Item = TypeVar("Item")
Made = TypeVar("Made")


def made_of_each(work: Callable[[Item], Made], items: Iterable[Item]) -> list[Made]:
    """What `work` makes of each item, in the order of the items. Work that is done in a thread starts no others."""
    threads = threads_allowed()
    if threads < 2:
        return list(map(work, items))
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))
