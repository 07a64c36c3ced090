"""Changed records against all: they meet others by the kept keys, and only what they touch is clustered again."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from custrec.jobs.duplicates.comparing import parts_of_others, read
from custrec.jobs.duplicates.finding_kept import (
    WIDTH,
    Work,
    kept_clusters,
    kept_pairs,
    more_key_slots,
    record_keys,
    weighed,
)
from custrec.jobs.duplicates.joining import Weigher, join
from custrec.jobs.duplicates.odds import log_odds
from custrec.matching.clusters import LARGEST_WEIGHED, components
from custrec.matching.columns import Array
from custrec.matching.incremental import meet
from custrec.matching.keys import packed, unpacked
from custrec.matching.model import Model
from custrec.store import verdicts
from custrec.store.pairs import KeptPairs, Pair, Run, keeping


def find_since(work: Work, before: KeptPairs, model: Model, changed: list[int], live: set[int]) -> Run:
    """Hold changed records against all, by a model that stays; `live` are those of them that are compared."""
    work.progress.phase("comparing")
    ids = np.frombuffer(before.ids(), np.int64).copy()
    ids[np.isin(np.abs(ids), np.array(changed, np.int64))] = 0
    fresh = read(work.store, work.comparison, live)
    keys = record_keys(fresh, model)
    parts = parts_of_others(work.store, work.comparison, changed)
    one, other = _met(before, ids, fresh.ids, keys)
    before_slots = before.slot_numbers()
    new = _likely(work, model, one, other)
    new += _likely(work, model, *_beside_the_likely(before, new, log_odds(work.comparison.review)))
    concerned, joined, more = _joined_since(work, before, model, changed, new)
    run = work.run(int(np.count_nonzero(ids > 0)) + len(fresh.ids), before.run.compared, model, before.run.tuned)
    before.close()
    work.progress.phase("keeping")
    with keeping(work.store, work.table, work.wait) as keeper:
        keeper.run(run)
        keeper.drop_pairs(changed)
        keeper.pairs([*new, *more])
        keeper.clusters(joined, instead_of=concerned)
        keeper.replace_ids(ids.tobytes())
        keeper.keys(more_key_slots(before_slots, fresh.ids, keys))
        keeper.keys(more_key_slots(before_slots, -parts.ids, record_keys(parts, model)))
    return run


def _likely(work: Work, model: Model, one: Array, other: Array) -> list[Pair]:
    """Those of some pairs, by number, that are likely enough to be kept."""
    if not len(one):
        return []
    given = read(work.store, work.comparison, np.union1d(one, other).tolist())
    left, right = (given.rows_of(side).astype(np.int32) for side in (one, other))
    found = Weigher(work.comparison, given, model).likely(left, right, log_odds(work.comparison.keep))
    return list(kept_pairs(given.ids, found))


MOST_BESIDE = 1_000_000
"""More pairs with large clusters are not weighed: the whole search tells them."""


def _beside_the_likely(before: KeptPairs, pairs: list[Pair], least: float) -> tuple[Array, Array]:
    """Who is likely somebody in a cluster so large that only known pairs are reckoned with, with all others in it.

    Of a pile of copies only the first has keys (matching.copies); a new copy would know none of the others.
    """
    likely = [(pair.one, pair.other) for pair in pairs if pair.odds >= least and not pair.vetoed]
    clusters = before.clusters_of({record for pair in likely for record in pair})
    large = {
        cluster: members
        for cluster, members in before.clusters({*clusters.values()}).items()
        if len(members) > LARGEST_WEIGHED
    }
    ends = [(record, clusters.get(known, 0)) for pair in likely for record, known in (pair, pair[::-1])]
    asked = {(record, cluster) for record, cluster in ends if cluster in large and clusters.get(record) != cluster}
    met = {frozenset(pair) for pair in likely}
    none = np.empty(0, np.int64)
    if sum(len(large[cluster]) for _, cluster in asked) > MOST_BESIDE:
        return none, none
    more = {tuple(sorted((record, member))) for record, cluster in asked for member in large[cluster]}
    found = np.array(sorted(pair for pair in more if frozenset(pair) not in met), np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


_BITS = 20


def _met(before: KeptPairs, ids: Array, fresh_ids: Array, keys: Mapping[int, Array]) -> tuple[Array, Array]:
    """The numbers of records that meet under a key: changed ones, and others or changed ones. The lower first."""
    every = np.append(ids, fresh_ids)
    found = [np.empty(0, np.int64)]
    blank = np.zeros(len(fresh_ids), np.uint32)
    for slot, numbers in before.slots():
        of_key = [mine for place, mine in keys.items() if place // WIDTH == slot // WIDTH]
        if not of_key:
            continue
        fresh = np.array(of_key)
        wanted = np.zeros(1 << _BITS, np.bool_)
        wanted[fresh & ((1 << _BITS) - 1)] = True
        column = np.append(np.frombuffer(numbers, np.uint32), keys.get(slot, blank))
        some = np.flatnonzero(wanted[column & ((1 << _BITS) - 1)] & (every > 0))
        old, new = meet(column[some][None, :], fresh)
        one, two = every[some[old]], fresh_ids[new]
        apart = one != two
        found.append(packed(one[apart], two[apart]))
    one, two = unpacked(np.unique(np.concatenate(found)))
    return one.astype(np.int64), two.astype(np.int64)


def _joined_since(
    work: Work, before: KeptPairs, model: Model, changed: list[int], new: list[Pair]
) -> tuple[list[int], list[tuple[int, int]], list[Pair]]:
    """The records whose cluster may be another one now, their clusters as (record, cluster), and further pairs."""
    least, gone = log_odds(work.comparison.review), set(changed)
    likely = [(pair.one, pair.other) for pair in before.pairs(least) if pair.one not in gone and pair.other not in gone]
    likely += [(pair.one, pair.other) for pair in new if pair.odds >= least]
    former = before.clusters(set(before.clusters_of(changed).values()))
    said = [number for one in verdicts.verdicts(work.store, work.table) for number in (one.now_one, one.now_other)]
    starts = {record for members in former.values() for record in members} | gone | set(said)
    ends = np.array(likely, np.int64).reshape(-1, 2)
    nodes = np.union1d(ends.ravel(), np.array(sorted(starts), np.int64))
    places = np.searchsorted(nodes, ends).astype(np.int32)
    label = components(len(nodes), places[:, 0], places[:, 1])
    begun = np.searchsorted(nodes, np.array(sorted(starts), np.int64))
    concerned = nodes[np.isin(label, np.unique(label[begun]))].tolist()
    linked = set(ends.ravel().tolist())
    given = read(work.store, work.comparison, [record for record in concerned if record in linked])
    numbers = given.ids.tolist()
    kept = [pair for pair in before.pairs(about=numbers) if pair.one not in gone and pair.other not in gone]
    inside = set(numbers)
    kept += [pair for pair in new if pair.one in inside and pair.other in inside]
    known = weighed(given, kept, len(model.fields))
    joined = join(work.comparison, given, known, work.apart(given.ids), model)
    more = list(kept_pairs(given.ids, joined.more)) if joined.more is not None else []
    return concerned, list(kept_clusters(given.ids, joined.clusters)), more
