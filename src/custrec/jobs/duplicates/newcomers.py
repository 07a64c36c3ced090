"""Rows that are no records yet, held against all records and against each other: which are likely somebody known?

The judgement is that of `dedupe find`: the same fields, vetoes and threshold, and the model that was learned the last
time. Where none is kept that still holds, one is learned from the records and these rows together.

    a kept model and kept keys ── these rows meet records by the keys; only those that meet are read and weighed
    a small table ────────────── all pairs
    neither ──────────────────── records and rows together, as a search anew does it

An earlier row of the file is held for the known one. Nothing is kept, nothing is joined: what is taken is found again
by the next search, with the clusters that this makes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from custrec.jobs.duplicates.comparing import Comparison, Read, as_read, comparison_of, read, together
from custrec.jobs.duplicates.finding_kept import WIDTH, keyring_of
from custrec.jobs.duplicates.joining import Weigher, logit
from custrec.jobs.duplicates.vetoes import Vetoes
from custrec.jobs.uncollected import uncollected
from custrec.matching.columns import Array
from custrec.matching.hashing import distinct
from custrec.matching.keys import LARGEST, Key, Keyring, packed, unpacked
from custrec.matching.model import Model
from custrec.matching.threads import made_of_each
from custrec.model.schema import Table
from custrec.store import keyed, pairs
from custrec.store.coded_columns import compared, merged
from custrec.store.database import Store, snapshot
from custrec.store.newcomers import Newcomers
from custrec.store.pairs import KeptPairs
from custrec.values.comparing import comparing_in

PAIRS = ((2_000, 3.6), (13_000, 2.5))
"""So many pairs are weighed at most, those of the best keys, and so many more for each row, whichever comes to fewer:
a fifth of what a search takes, for an import is not to take twice its time. Of the rows that are likely somebody by all
keys 99 in 100 are so by these, of 10,000 rows of benchmarks/duplicates, onto 90,000 records and onto a million."""
LEARNED_PAIRS = 3.0
"""Where no model is kept, so many pairs a record are weighed at most (of few records more: matching.engine) …"""
LEARN_FROM = 0.25
"""… and the model, which is not kept, is learned from a quarter of the pairs that a search learns from."""
FEW = 2_000
"""Of records that were merged, or changed since the last search, more are not looked at where there are fewer rows."""
WORTH_THREADS = 20_000
"""Fewer rows are sooner held against kept keys by one thread than several take turns."""
SURE = 1 - 1e-15
"""Records need not be joined here; from this probability on they hardly are."""
_SINGLY = 12
_LEAST_BITS, _MOST_BITS, _SPARE = 12, 22, 6
"""A table of the numbers that rows have is so large that one place in 64 is taken, and never larger than is looked up
soon."""
_AHEAD = 4
"""The kept keys of so many keys are met at once."""


@dataclass(frozen=True)
class Suspicions:
    """Rows that are likely a known record or an earlier row, ascending: `place` among the rows; the number of the
    `record`, or of what it is part of now (0: it is a row); the place of the `row` (-1: it is a record); `chance` is
    the probability, `more` how many others it may as well be."""

    place: Array
    record: Array
    row: Array
    chance: Array
    more: Array

    def __len__(self) -> int:
        return len(self.place)


@dataclass(frozen=True)
class Judgement:
    """What was found, by the order of rows; their seqs; whether a model was `learned` for it, and how many changed
    records were `unseen`."""

    suspicions: Suspicions
    seqs: Array
    learned: bool = False
    unseen: int = 0


@dataclass(frozen=True)
class _Pairs:
    """Likely pairs: of each a row, and a record by number (`known`, else 0) or an earlier row (`earlier`, else -1)."""

    row: Array
    known: Array
    earlier: Array
    odds: Array


def _none() -> _Pairs:
    nothing = np.empty(0, np.int64)
    return _Pairs(nothing, nothing, nothing, np.empty(0))


def judged(store: Store, table: Table, newcomers: Newcomers, kept_only: bool = False, jobs: int = 1) -> Judgement:
    """Judge rows that would be new records of a table. With `kept_only`, by what was kept alone, and none where that is
    nothing that holds. `jobs`: in how many threads. Raises NothingToCompare."""
    comparison = comparison_of(store.schema, table)
    with snapshot(store.reader), uncollected():
        fresh = as_read(comparison, newcomers.coded(store, comparison.read))
        nobody = Judgement(_named(store, table, _none()), fresh.ids)
        if not len(fresh.ids):
            return nobody
        kept = pairs.kept(store, table)
        try:
            model = _usable(kept, comparison)
            if model is not None and model.cells and kept is not None:
                with comparing_in(jobs if len(fresh.ids) >= WORTH_THREADS else 1):
                    found, unseen = _by_kept_keys(store, comparison, fresh, kept, model)
                return Judgement(_named(store, table, found), fresh.ids, unseen=unseen)
        finally:
            if kept is not None:
                kept.close()
        if model is None and kept_only:
            return nobody
        from custrec.matching.engine import ALL_PAIRS_UP_TO  # loads all that learns; by kept keys nobody waits for it

        given = _everybody(store, comparison)
        if len(given.ids) + len(fresh.ids) > ALL_PAIRS_UP_TO:
            model = None
            if kept_only:
                return nobody
        with comparing_in(jobs):
            found = _learned(comparison, given, fresh) if model is None else _of_few(comparison, given, fresh, model)
        return Judgement(_named(store, table, found), fresh.ids, learned=model is None and len(given.ids) > 0)


def _usable(kept: KeptPairs | None, comparison: Comparison) -> Model | None:
    """The kept model, if schema, version and store are still those that it was learned for."""
    if kept is None or kept.run.model is None or kept.run.basis != comparison.basis or not kept.continues():
        return None
    try:
        return Model.of(kept.run.model)
    except (ValueError, KeyError):
        return None


# --- records and rows together -----------------------------------------------------------------------------------


def _everybody(store: Store, comparison: Comparison) -> Read:
    """All records that are compared, and those that are part of another one; of these no more than `FEW`."""
    given, parts = read(store, comparison), merged(store, comparison.table)
    if not parts or len(parts) > FEW:
        return given
    more = read(store, comparison, parts)
    return replace(together(given, more), ids=np.append(given.ids, more.ids))


def _of_few(comparison: Comparison, given: Read, fresh: Read, model: Model) -> _Pairs:
    """Each row with all records and with all rows before it, by the model of so few that it has no keys."""
    known, rows = len(given.ids), len(fresh.ids)
    before = np.arange(known, known + rows)
    right = np.repeat(before, before).astype(np.int32)
    left = np.concatenate([np.arange(count, dtype=np.int32) for count in before.tolist()])
    found = Weigher(comparison, together(given, fresh), model).allowed(left, right, logit(comparison.review))
    return _of_rows(given, found.left, found.right, found.odds)


def _learned(comparison: Comparison, given: Read, fresh: Read) -> _Pairs:
    """All records and rows, by a model that is learned of them here."""
    from custrec.matching.engine import Options, find

    known, every = len(given.ids), together(given, fresh)
    columns = every.compared(comparison.fields)
    if len(every.ids) < 2 or not any((column.codes >= 0).sum() > 1 for column in columns):
        return _none()
    found = find(columns, Options(SURE, comparison.review, LEARNED_PAIRS, LEARN_FROM))
    met = found.right >= known
    met &= ~Vetoes(comparison, every).forbid(found.left, found.right)
    return _of_rows(given, found.left[met], found.right[met], found.odds[met])


def _of_rows(given: Read, left: Array, right: Array, odds: Array) -> _Pairs:
    """Pairs of which the later is a row, the rows behind the records."""
    known = len(given.ids)
    of = np.append(given.ids, 0)[np.minimum(left, known)]
    return _Pairs(right.astype(np.int64) - known, of, np.where(left >= known, left.astype(np.int64) - known, -1), odds)


# --- by the kept keys --------------------------------------------------------------------------------------------


def _by_kept_keys(
    store: Store, comparison: Comparison, fresh: Read, kept: KeptPairs, model: Model
) -> tuple[_Pairs, int]:
    """The likely pairs of rows with records and with each other; how many changed records were not looked at."""
    ids = np.frombuffer(kept.ids(), np.int64)
    changed = kept.changed()
    if changed:
        ids = np.where(np.isin(ids, np.array(changed, np.int64)), 0, ids)
    beside, unseen = _beside(store, comparison, changed, max(FEW, len(fresh.ids)))
    mine = together(beside, fresh) if len(beside.ids) else fresh
    met = _met(_Meeting(kept, model, keyring_of(mine, model), ids, len(beside.ids)), model, len(fresh.ids))
    numbers = np.concatenate([ids, beside.ids])  # of what is no row
    likely = _likely(store, comparison, fresh, numbers, met, model) if len(met) else _none()
    return likely, unseen


def _likely(store: Store, comparison: Comparison, fresh: Read, numbers: Array, met: Array, model: Model) -> _Pairs:
    """Those of the pairs that met that are likely; of records and rows only what met is looked at."""
    first = len(numbers)
    left, right = unpacked(met)
    known = left < first
    given = read(store, comparison, distinct(numbers[left[known]]).tolist())
    rows = distinct(np.append(left[~known], right).astype(np.int64) - first)
    some = fresh if len(rows) == len(fresh.ids) else fresh.some(rows)
    weigher = Weigher(comparison, together(given, some), model)
    one = np.searchsorted(rows, left - first) + len(given.ids)
    one[known] = np.searchsorted(given.ids, numbers[left[known]])
    two = np.searchsorted(rows, right - first) + len(given.ids)
    found = weigher.allowed(one.astype(np.int32), two.astype(np.int32), logit(comparison.review))
    told = _of_rows(given, found.left, found.right, found.odds)
    return replace(told, row=rows[told.row], earlier=np.where(told.earlier < 0, -1, rows[told.earlier]))


def _beside(store: Store, comparison: Comparison, changed: list[int], most: int) -> tuple[Read, int]:
    """Records of which no keys are kept that hold: changed since, and those that are part of another one; of each no
    more than `most` are read. Says how many changed ones are not."""
    live = sorted(compared(store, comparison.table, changed)) if changed else []
    parts = merged(store, comparison.table)
    chosen = [*(live if len(live) <= most else ()), *(parts if len(parts) <= most else ())]
    return read(store, comparison, chosen), 0 if len(live) <= most else len(live)


def _met(meeting: _Meeting, model: Model, rows: int) -> Array:
    """The pairs that are weighed: those of the model's best blocks first, within the budget; packed, each once."""
    most = min(base + apiece * rows for base, apiece in PAIRS)
    chosen = np.empty(0, np.int64)
    for some in meeting.blocks(model):
        if len(some) > most:  # too common a thing among these rows, whatever else is left out
            continue
        more = distinct(np.concatenate([chosen, some]))
        if len(more) > most:
            break
        chosen = more
    return chosen


@dataclass(frozen=True)
class _Meeting:
    """Rows and records that meet: records by the kept keys (their `ids`; 0 are not valid), then those `beside` them,
    then rows, both by their `keyring`. Places are in this order."""

    kept: KeptPairs
    model: Model
    keyring: Keyring
    ids: Array
    beside: int

    def blocks(self, model: Model) -> Iterator[Array]:
        """The pairs, packed, in which the later one is a row, of each size of a key's blocks that the model takes, the
        best first. Kept keys are read as they are needed."""
        by_key: dict[Key, dict[int, Array]] = {}
        waiting = list(enumerate(model.keys))
        there = self.kept.slot_numbers()
        for key, bucket in model.cells:
            while key not in by_key:
                some, waiting = waiting[:_AHEAD], waiting[_AHEAD:]
                slots = [[self.kept.numbers(slot) for slot in there if slot // WIDTH == at] for at, _ in some]
                met = made_of_each(self._of_key, list(zip((one for _, one in some), slots, strict=True)))
                by_key.update(zip((one for _, one in some), met, strict=True))
            yield by_key[key].pop(bucket, np.empty(0, np.int64))

    def _of_key(self, given: tuple[Key, Sequence[bytes]]) -> dict[int, Array]:
        """The pairs that meet under a key, by the size of block."""
        key, slots = given
        own = [numbers.astype(np.uint32) for numbers in self.keyring.slots(key)[:WIDTH]]
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


# --- what is told ------------------------------------------------------------------------------------------------


def _named(store: Store, table: Table, found: _Pairs) -> Suspicions:
    """Of each row the likeliest record or earlier row, a record before a row, the lower number first."""
    of = _standing(store, table, found.known)
    order = np.lexsort((found.earlier, of, of == 0, -found.odds, found.row))
    rows, begins = np.unique(found.row[order], return_index=True)
    best = order[begins]
    others = np.where(of > 0, of, -1 - found.earlier)
    apiece = np.lexsort((others, found.row))
    row, other = found.row[apiece], others[apiece]
    new = np.append(True, (row[1:] != row[:-1]) | (other[1:] != other[:-1]))[: len(row)]
    more = np.bincount(np.searchsorted(rows, row[new]), minlength=len(rows)) - 1
    chance = 1 / (1 + np.exp(-np.clip(found.odds[best], -700, 700)))
    earlier = np.where(of[best] > 0, -1, found.earlier[best])
    return Suspicions(rows, of[best], earlier, chance, more)


def _standing(store: Store, table: Table, known: Array) -> Array:
    """The numbers of what records are part of now: nearly all of themselves; 0 stays 0."""
    every = merged(store, table) if len(known) else []
    if not every:
        return known
    parts = np.array(every, np.int64)
    parts = parts[np.isin(parts, known)]
    if not len(parts):
        return known
    places = keyed.by_number(store, table, parts.tolist())
    stands = np.array([places[number].record for number in parts.tolist()], np.int64)
    at = np.minimum(np.searchsorted(parts, known), len(parts) - 1)
    return np.where(parts[at] == known, stands[at], known)
