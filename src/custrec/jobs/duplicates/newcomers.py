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

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

import numpy as np

from custrec.jobs.duplicates.comparing import Comparison, Read, as_read, comparison_of, read, together
from custrec.jobs.duplicates.finding_kept import WIDTH, record_keys
from custrec.jobs.duplicates.found import probability
from custrec.jobs.duplicates.joining import Vetoes, Weigher, logit
from custrec.matching.columns import Array
from custrec.matching.engine import ALL_PAIRS_UP_TO, Options, find
from custrec.matching.hashing import distinct
from custrec.matching.keys import LARGEST, packed, unpacked
from custrec.matching.model import Model
from custrec.model.schema import Table
from custrec.store import keyed, pairs
from custrec.store.coded_columns import compared, merged
from custrec.store.database import Store, snapshot
from custrec.store.newcomers import Newcomers
from custrec.store.pairs import KeptPairs

PAIRS_PER_ROW = 4.0
"""So many pairs a row are weighed at most, those of the best keys: a third of what a search takes, for an import is not
to take twice its time …"""
FLOOR = 200_000
"""… unless there are so few altogether that it does not matter."""
FEW = 2_000
"""Of records that were merged, or changed since the last search, more are not looked at where there are fewer rows."""
SURE = 1 - 1e-15
"""Records need not be joined here; from this probability on they hardly are."""
_STEP = 250_000
_BITS = 22


@dataclass(frozen=True)
class Suspicion:
    """A row, by its place among the rows, that is likely a known record (`record`, by the number of what it is part of
    now) or an earlier row (`row`); `chance` is the probability, `more` how many others it may as well be."""

    place: int
    record: int | None
    row: int | None
    chance: float
    more: int = 0


@dataclass(frozen=True)
class Judgement:
    """What was found, by the order of rows; their seqs; whether a model was `learned` for it, and how many changed
    records were `unseen`."""

    suspicions: list[Suspicion]
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


def judged(store: Store, table: Table, newcomers: Newcomers, kept_only: bool = False) -> Judgement:
    """Judge rows that would be new records of a table. With `kept_only`, by what was kept alone, and none where that is
    nothing that holds. Raises NothingToCompare."""
    comparison = comparison_of(store.schema, table)
    with snapshot(store.reader):
        fresh = as_read(comparison, newcomers.coded(store, comparison.read))
        if not len(fresh.ids):
            return Judgement([], fresh.ids)
        kept = pairs.kept(store, table)
        try:
            model = _usable(kept, comparison)
            if model is not None and model.cells and kept is not None:
                found, unseen = _by_kept_keys(store, comparison, fresh, kept, model)
                return Judgement(_named(store, table, found), fresh.ids, unseen=unseen)
        finally:
            if kept is not None:
                kept.close()
        if model is None and kept_only:
            return Judgement([], fresh.ids)
        given = _everybody(store, comparison)
        if len(given.ids) + len(fresh.ids) > ALL_PAIRS_UP_TO:
            model = None
            if kept_only:
                return Judgement([], fresh.ids)
        found = _all_together(comparison, given, fresh, model)
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


def _all_together(comparison: Comparison, given: Read, fresh: Read, model: Model | None) -> _Pairs:
    """All records and rows, by a model of so few that all pairs are compared, or by one that is learned here."""
    known, every = len(given.ids), together(given, fresh)
    columns = every.compared(comparison.fields)
    if len(every.ids) < 2 or not any((column.codes >= 0).sum() > 1 for column in columns):
        nothing = np.empty(0, np.int64)
        return _Pairs(nothing, nothing, nothing, nothing)
    found = find(columns, Options(SURE, comparison.review, PAIRS_PER_ROW), model=model)
    met = found.right >= known
    left, right, odds = found.left[met], found.right[met], found.odds[met]
    return _told(left, right, odds, given.ids, ~Vetoes(comparison, every).forbid(left, right))


def _told(left: Array, right: Array, odds: Array, ids: Array, open_: Array) -> _Pairs:
    """Pairs of places, records by `ids` before rows, as they are told."""
    left, right, odds = left[open_].astype(np.int64), right[open_].astype(np.int64), odds[open_]
    count = len(ids)
    known = np.append(ids, 0)[np.minimum(left, count)]
    return _Pairs(right - count, known, np.where(left >= count, left - count, -1), odds)


# --- by the kept keys --------------------------------------------------------------------------------------------


def _by_kept_keys(
    store: Store, comparison: Comparison, fresh: Read, kept: KeptPairs, model: Model
) -> tuple[_Pairs, int]:
    """The likely pairs of rows with records and with each other; how many changed records were not looked at."""
    ids = np.frombuffer(kept.ids(), np.int64).copy()
    changed = kept.changed()
    ids[np.isin(ids, np.array(changed, np.int64))] = 0
    beside, unseen = _beside(store, comparison, changed, max(FEW, len(fresh.ids)))
    mine = together(beside, fresh)
    met = _chosen(_met(kept, model, ids, len(beside.ids), record_keys(mine, model)), model, len(fresh.ids))
    left, right = unpacked(met)
    numbers = np.concatenate([ids, beside.ids])  # of what is no row
    others = np.unique(numbers[left[left < len(numbers)]])
    given = read(store, comparison, others.tolist()) if len(others) else beside.some(np.empty(0, np.int64))
    every = together(given, fresh)
    place = np.searchsorted(given.ids, np.append(numbers, 0)[np.minimum(left, len(numbers))])
    one = np.where(left < len(numbers), place, left - len(numbers) + len(given.ids)).astype(np.int32)
    two = (right - len(numbers) + len(given.ids)).astype(np.int32)
    weigher = Weigher(comparison, every, model)
    steps = range(0, len(one), _STEP)
    odds = [weigher.odds(one[start : start + _STEP], two[start : start + _STEP]) for start in steps]
    weighed = np.concatenate(odds) if odds else np.empty(0)
    return _told(one, two, weighed, given.ids, weighed >= logit(comparison.review)), unseen


def _beside(store: Store, comparison: Comparison, changed: list[int], most: int) -> tuple[Read, int]:
    """Records of which no keys are kept that hold: changed since, and those that are part of another one; of each no
    more than `most` are read. Says how many changed ones are not."""
    live = sorted(compared(store, comparison.table, changed)) if changed else []
    parts = merged(store, comparison.table)
    chosen = [*(live if len(live) <= most else ()), *(parts if len(parts) <= most else ())]
    return read(store, comparison, chosen), 0 if len(live) <= most else len(live)


Met = list[tuple[int, int, Array]]
"""Pairs of places that meet, by key and size of block: the key's place, the bucket, the packed pairs."""


def _met(kept: KeptPairs, model: Model, ids: Array, beside: int, mine: dict[int, Array]) -> Met:
    """The pairs in which the later one is a row, of the blocks that the model takes. Places are those of kept records,
    then of those beside them, then of rows."""
    found: Met = []
    first = len(ids) + beside
    taken = [{bucket for one, bucket in model.cells if one == key} for key in model.keys]
    for key, slots in groupby(kept.slots(), key=lambda slot: slot[0] // WIDTH):
        numbers = [(slot, np.frombuffer(column, np.uint32)) for slot, column in slots]
        own = {slot: column for slot, column in mine.items() if slot // WIDTH == key}
        if not own or key >= len(taken):
            continue
        wanted = np.zeros(1 << _BITS, np.bool_)
        for column in own.values():
            wanted[column[beside:] & ((1 << _BITS) - 1)] = True
        entries = [
            *(_entries(column, wanted, 0, ids) for _, column in numbers),
            *(_entries(column, wanted, len(ids), None) for column in own.values()),
        ]
        buckets = taken[key]
        found += [(key, bucket, met) for bucket, met in _meeting(distinct(np.concatenate(entries)), first, buckets)]
    return found


def _entries(column: Array, wanted: Array, offset: int, ids: Array | None) -> Array:
    """The numbers that rows may have too, each with its place below it."""
    which = wanted[column & (len(wanted) - 1)] & (column != 0)
    places = np.flatnonzero(which if ids is None else which & (ids != 0))
    return (column[places].astype(np.uint64) << np.uint64(32)) | (places + offset).astype(np.uint64)


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


def _chosen(met: Met, model: Model, rows: int) -> Array:
    """The pairs that are weighed: those of the model's best keys first, within the budget; packed, each once."""
    place = {key: at for at, key in enumerate(model.keys)}
    rank = {(place[key], bucket): at for at, (key, bucket) in enumerate(model.cells)}
    budget = max(FLOOR, PAIRS_PER_ROW * rows)
    chosen = [np.empty(0, np.int64)]
    for _, some in sorted(((rank[key, bucket], pairs_) for key, bucket, pairs_ in met), key=itemgetter(0)):
        if budget < len(some):
            break
        budget -= len(some)
        chosen.append(some)
    return distinct(np.concatenate(chosen))


# --- what is told ------------------------------------------------------------------------------------------------


def _named(store: Store, table: Table, found: _Pairs) -> list[Suspicion]:
    """Of each row the likeliest record or earlier row, a record before a row, the lower number first."""
    if not len(found.row):
        return []
    known, own = np.unique(found.known), found.known > 0
    places = keyed.by_number(store, table, known[known > 0].tolist())
    stands = np.array([places[number].record if number else 0 for number in known.tolist()], np.int64)
    standing = stands[np.searchsorted(known, found.known)] if len(known) else found.known
    order = np.lexsort((found.earlier, standing, ~own, -found.odds, found.row))
    rows, begins = np.unique(found.row[order], return_index=True)
    told = []
    for row, begin, end in zip(rows.tolist(), begins.tolist(), [*begins[1:].tolist(), len(order)], strict=True):
        best, several = order[begin], order[begin:end]
        others = len({(int(standing[at]), int(found.earlier[at])) for at in several}) - 1
        record = int(standing[best]) or None
        earlier = int(found.earlier[best])
        told.append(Suspicion(row, record, None if record else earlier, probability(float(found.odds[best])), others))
    return told
