"""Rows that are no records yet, held against records by the keys that the last search kept: which of them meet, and
which of these pairs are likely.

    the numbers of the rows under the keys ── in pieces (pieces), some by processes that help
    the pairs that meet, the best blocks first ── here, from the kept numbers
    those of them that are likely ── in pieces again: only what met is read
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from custrec.jobs.duplicates.comparing import Comparison, Read, parts_of_others, read
from custrec.jobs.duplicates.finding_kept import WIDTH
from custrec.jobs.duplicates.pieces import (
    Assignment,
    Likely,
    Numbers,
    Pairs,
    PieceWork,
    all_of,
    behind_one_another,
    bounds,
    numbers_of,
    pieces_of,
)
from custrec.jobs.workers import NOBODY, Helpers
from custrec.matching.columns import Array
from custrec.matching.hashing import distinct
from custrec.matching.keys import LARGEST, Key, packed, unpacked
from custrec.matching.model import Model
from custrec.matching.threads import made_of_each
from custrec.store.coded_columns import compared, merged
from custrec.store.database import Store
from custrec.store.pairs import KeptPairs

PAIRS = ((2_000, 2.6), (13_000, 2.2))
"""So many pairs are weighed at most, those of the best keys, and so many more for each row, whichever comes to fewer:
a fifth of what a search takes, for an import is not to take twice its time. Of the rows that are likely somebody by all
keys 99 in 100 are so by these, of 10,000 rows of benchmarks/duplicates, onto 90,000 records and onto a million; 96
where nearly every row is a garbled copy."""
FEW = 2_000
"""Of records that changed since the last search, more are not looked at where there are fewer rows."""
_SINGLY = 12
_LEAST_BITS, _MOST_BITS, _SPARE = 12, 22, 6
"""A table of the numbers that rows have is so large that one place in 64 is taken, and never larger than is looked up
soon."""
_AHEAD = 4
"""The kept keys of so many keys are met at once."""


def likely_by_kept_keys(
    store: Store, comparison: Comparison, fresh: Read, kept: KeptPairs, model: Model, helpers: Helpers
) -> tuple[Likely, int]:
    """The likely pairs of rows with records and with each other; how many changed records were not looked at."""
    work = PieceWork(store, comparison, fresh, model)
    rows = len(fresh.ids)
    pieces = [range(one, other) for one, other in pairwise(bounds(rows))]
    if len(pieces) > 1:
        helpers.assign(Assignment.of(store, comparison, fresh, model))
    else:
        helpers = NOBODY
    ids = np.frombuffer(kept.ids(), np.int64)
    ids, chosen, unseen = _by_now(store, comparison, ids, kept.changed(), max(FEW, rows))
    beside = read(store, comparison, chosen)
    numbers = helpers.made_of_each(work.numbers, pieces)
    if len(beside.ids):
        numbers.insert(0, numbers_of(beside, model))
    met = _Meeting(kept, model, behind_one_another(numbers), ids, len(beside.ids)).pairs(rows)
    known = np.concatenate([np.abs(ids), beside.ids])  # of what is no row
    left, right = unpacked(met)
    row, earlier = right.astype(np.int64) - len(known), left.astype(np.int64) - len(known)
    record = np.append(known, 0)[np.minimum(left, len(known))]
    pairs = Pairs(row, record, np.maximum(earlier, -1))
    return all_of(helpers.made_of_each(work.likely, pieces_of(pairs, rows))), unseen


def _by_now(
    store: Store, comparison: Comparison, ids: Array, changed: list[int], most: int
) -> tuple[Array, list[int], int]:
    """The numbers of whom keys are kept, 0 where these do not hold; who is to be looked at beside them, because they
    changed since; and how many of these are not, where they are more than `most`.

    Where many changed, as when duplicates were merged by the thousand, they are met by the keys that they had: pairs
    are weighed by what they hold now.
    """
    if not changed:
        return ids, [], 0
    live, parts = compared(store, comparison.table, changed), {*merged(store, comparison.table)}.intersection(changed)
    if len(live) + len(parts) <= 2 * most:
        void: Iterable[int] = changed
        beside = [*live, *parts_of_others(store, comparison, parts).ids.tolist()]
    else:
        void = {*changed} - live - parts
        beside = [*live.difference(np.abs(ids).tolist())]
    ids = np.where(np.isin(np.abs(ids), np.array([*void], np.int64)), 0, ids)
    return (ids, beside, 0) if len(beside) <= 2 * most else (ids, [], len(beside))


@dataclass(frozen=True)
class _Meeting:
    """Rows and records that meet: records by the kept keys (their `ids`; 0 are not valid), then those `beside` them,
    then rows, both by their `numbers`. Places are in this order."""

    kept: KeptPairs
    model: Model
    numbers: Numbers
    ids: Array
    beside: int

    def pairs(self, rows: int) -> Array:
        """The pairs that are weighed: those of the model's best blocks first, within the budget; packed, each once."""
        most = min(base + apiece * rows for base, apiece in PAIRS)
        chosen = np.empty(0, np.int64)
        for some in self._blocks():
            if len(some) > most:  # too common a thing among these rows, whatever else is left out
                continue
            more = distinct(np.concatenate([chosen, some]))
            if len(more) > most:
                break
            chosen = more
        return chosen

    def _blocks(self) -> Iterator[Array]:
        """The pairs, packed, in which the later one is a row, of each size of a key's blocks that the model takes, the
        best first. Kept keys are read as they are needed."""
        by_key: dict[Key, dict[int, Array]] = {}
        waiting = list(enumerate(self.model.keys))
        there = self.kept.slot_numbers()
        for key, bucket in self.model.cells:
            while key not in by_key:
                some, waiting = waiting[:_AHEAD], waiting[_AHEAD:]
                slots = [[self.kept.numbers(slot) for slot in there if slot // WIDTH == at] for at, _ in some]
                met = made_of_each(self._of_key, list(zip(some, slots, strict=True)))
                by_key.update(zip((one for _, one in some), met, strict=True))
            yield by_key[key].pop(bucket, np.empty(0, np.int64))

    def _of_key(self, given: tuple[tuple[int, Key], Sequence[bytes]]) -> dict[int, Array]:
        """The pairs that meet under a key, by the size of block."""
        (at, key), slots = given
        own = self.numbers[at]
        wanted = distinct(np.concatenate([column[self.beside :] for column in own]))
        entries = [_entries(np.frombuffer(slot, np.uint32), wanted, 0, self.ids) for slot in slots]
        entries += [_entries(column, wanted, len(self.ids), None) for column in own]
        taken = {bucket for one, bucket in self.model.cells if one == key}
        return dict(_meeting(distinct(np.concatenate(entries)), len(self.ids) + self.beside, taken))


def _entries(column: Array, wanted: Array, offset: int, ids: Array | None) -> Array:
    """The numbers that rows have too, and perhaps some others, each with its place below it."""
    if len(wanted) <= _SINGLY:
        which = np.zeros(len(column), np.bool_)
        for number in wanted:
            which |= column == number
    else:
        bits = min(max(len(wanted).bit_length() + _SPARE, _LEAST_BITS), _MOST_BITS)
        mask = np.uint32((1 << bits) - 1)
        marked = np.zeros(1 << bits, np.bool_)
        marked[wanted & mask] = True
        which = marked[column & mask]
    places = np.flatnonzero(which)
    places = places[(column[places] != 0) & (True if ids is None else ids[places] != 0)]
    found: Array = (column[places].astype(np.uint64) << np.uint64(32)) | (places + offset).astype(np.uint64)
    return found


def _meeting(entries: Array, first: int, buckets: set[int]) -> Iterator[tuple[int, Array]]:
    """The pairs of blocks of some sizes in which the later place is a row; `first` is the first of these."""
    numbers, places = entries >> np.uint64(32), (entries & np.uint64(0xFFFFFFFF)).astype(np.int64)
    starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1])) if len(entries) else np.empty(0, np.int64)
    sizes = np.diff(np.append(starts, len(entries)))
    begins, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    later = np.flatnonzero((places >= first) & (size > 1) & (size <= LARGEST))
    bucket = np.ceil(np.log2(size[later])).astype(np.int64) - 1
    for wanted in sorted(buckets):
        rows = later[bucket == wanted]
        before = rows - begins[rows]
        ends = np.cumsum(before)
        others = np.repeat(begins[rows] - (ends - before), before) + np.arange(ends[-1] if len(ends) else 0)
        yield wanted, packed(places[others], np.repeat(places[rows], before))
