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
from custrec.jobs.duplicates.joining import Weigher, logit
from custrec.jobs.duplicates.vetoes import Vetoes
from custrec.matching.columns import Array
from custrec.matching.hashing import distinct
from custrec.matching.keys import LARGEST, packed, unpacked
from custrec.matching.model import Model
from custrec.model.schema import Table
from custrec.store import keyed, pairs
from custrec.store.coded_columns import compared, merged
from custrec.store.database import Store, snapshot
from custrec.store.newcomers import Newcomers
from custrec.store.pairs import KeptPairs

PAIRS_PER_ROW = 3.0
"""So many pairs a row are weighed at most, those of the best keys: a quarter of what a search takes, for an import is
not to take twice its time …"""
FLOOR = 200_000
"""… unless there are so few altogether that it does not matter."""
FEW = 2_000
"""Of records that were merged, or changed since the last search, more are not looked at where there are fewer rows."""
SURE = 1 - 1e-15
"""Records need not be joined here; from this probability on they hardly are."""
_STEP = 250_000
_BITS, _SINGLY = 22, 12


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


def _none() -> _Pairs:
    nothing = np.empty(0, np.int64)
    return _Pairs(nothing, nothing, nothing, np.empty(0))


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
        from custrec.matching.engine import ALL_PAIRS_UP_TO  # loads all that learns; by kept keys nobody waits for it

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
    from custrec.matching.engine import Options, find

    known, every = len(given.ids), together(given, fresh)
    columns = every.compared(comparison.fields)
    if len(every.ids) < 2 or not any((column.codes >= 0).sum() > 1 for column in columns):
        return _none()
    found = find(columns, Options(SURE, comparison.review, PAIRS_PER_ROW), model=model)
    met = found.right >= known
    met &= ~Vetoes(comparison, every).forbid(found.left, found.right)
    left, right = found.left[met].astype(np.int64), found.right[met].astype(np.int64)
    of = np.append(given.ids, 0)[np.minimum(left, known)]
    return _Pairs(right - known, of, np.where(left >= known, left - known, -1), found.odds[met])


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
    numbers = np.concatenate([ids, beside.ids])  # of what is no row
    likely = _likely(store, comparison, fresh, numbers, met, model) if len(met) else _none()
    return likely, unseen


def _likely(store: Store, comparison: Comparison, fresh: Read, numbers: Array, met: Array, model: Model) -> _Pairs:
    """Those of the pairs that met that are likely; of records and rows only what met is looked at."""
    first = len(numbers)
    left, right = unpacked(met)
    known = left < first
    given = read(store, comparison, np.unique(numbers[left[known]]).tolist())
    rows = np.union1d(left[~known], right) - first
    weigher = Weigher(comparison, together(given, fresh.some(rows)), model)
    one = np.searchsorted(rows, left - first) + len(given.ids)
    one[known] = np.searchsorted(given.ids, numbers[left[known]])
    two = np.searchsorted(rows, right - first) + len(given.ids)
    places = one.astype(np.int32), two.astype(np.int32)
    steps = range(0, len(one), _STEP)
    odds = np.concatenate([weigher.odds(*(side[at : at + _STEP] for side in places)) for at in steps])
    likely = np.flatnonzero(odds >= logit(comparison.review))
    one, known = one[likely], known[likely]
    of = np.append(given.ids, 0)[np.where(known, one, -1)]
    earlier = np.where(known, -1, left[likely].astype(np.int64) - first)
    return _Pairs(right[likely].astype(np.int64) - first, of, earlier, odds[likely])


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
        wanted = distinct(np.concatenate([column[beside:] for column in own.values()]))
        entries = [
            *(_entries(column, wanted, 0, ids) for _, column in numbers),
            *(_entries(column, wanted, len(ids), None) for column in own.values()),
        ]
        buckets = taken[key]
        found += [(key, bucket, met) for bucket, met in _meeting(distinct(np.concatenate(entries)), first, buckets)]
    return found


def _entries(column: Array, wanted: Array, offset: int, ids: Array | None) -> Array:
    """The numbers that rows have too, and perhaps some others, each with its place below it."""
    if len(wanted) <= _SINGLY:
        which = np.zeros(len(column), np.bool_)
        for number in wanted:
            which |= column == number
    else:
        marked = np.zeros(1 << _BITS, np.bool_)
        marked[wanted & ((1 << _BITS) - 1)] = True
        which = marked[column & ((1 << _BITS) - 1)]
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
