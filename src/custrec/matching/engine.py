"""The whole way: columns → keys → a pilot → what agreement is worth → candidates → likely pairs → clusters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from custrec.matching.chance import VALUES, chance_of
from custrec.matching.clusters import SURE, cluster
from custrec.matching.columns import Array, Column, Floats, Rows
from custrec.matching.comparison import Levels
from custrec.matching.copies import copies_in
from custrec.matching.crowd import draw_crowd
from custrec.matching.hashing import distinct, mixed
from custrec.matching.judging import Judge, Judged, evidence_of, fields_of
from custrec.matching.keys import (
    ALL_PAIRS_UP_TO,
    BUCKETS,
    Key,
    Keyring,
    all_pairs,
    packed,
    pairs_within,
    sizes_of,
    unpacked,
)
from custrec.matching.kinship import bearings_of
from custrec.matching.learning import learn
from custrec.matching.mixture import joint_logs, log_odds
from custrec.matching.model import Model, field_model
from custrec.matching.pilot import PAIRS, draw
from custrec.matching.prepared import Prepared, prepare
from custrec.matching.selection import FLOOR, select
from custrec.matching.threads import made_of_each

FEW = 400
"""Where a model is to be learned from fewer pairs, only tables of so few have all of them compared."""


@dataclass(frozen=True)
class Options:
    """How a run is bounded, and from what probability on records are joined."""

    threshold: float = 0.75
    """Records are joined from this probability on."""
    keep: float = 0.05
    """Pairs of less probability are not reported."""
    pairs_per_record: float = 12.0
    """The budget: so many pairs a record are compared at most; less needs less memory and time, and finds less."""
    learn_from: float = 1.0
    """A model is learned from so great a part of the pairs that are drawn for a search that is to last."""
    veto: tuple[str, ...] = ()
    """Fields in which a contradiction keeps records apart, whatever else agrees."""


@dataclass(frozen=True)
class Verdicts:
    """What people said: pairs of rows that are not the same, and that are, for ever."""

    apart: Sequence[tuple[int, int]] = ()
    together: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True)
class Found:
    """What was found, in the caller's rows.

    `left` < `right` are the rows of likely pairs, `odds` their natural log odds, `levels` a row a field of
    `model.fields` and a column a pair, `vetoed` says which are kept apart whatever their odds; `keys` names by its
    place in `model.keys` the best key that brought each together (-1: none). `clusters` is the cluster of each row,
    named by its smallest row. `keyring` has the keys of all rows, for who keeps them, who needs none of those
    that are `spoken_for` by a copy; `judge` weighs any pairs, of rows by their `place`.
    """

    left: Rows
    right: Rows
    odds: Floats
    levels: Levels
    vetoed: Array
    keys: Array
    clusters: Array
    model: Model
    keyring: Keyring
    judge: Judge
    place: Array
    compared: int = field(default=0)
    spoken_for: Array = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def probability(self) -> Floats:
        """How likely each pair is one and the same."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.odds, -700, 700))), np.float64)

    def weigh(self, left: Rows, right: Rows) -> Judged:
        """Pairs of rows, whether a key brings them together or not."""
        judged = self.judge.weigh(self.place[left], self.place[right])
        return Judged(left, right, judged.odds, judged.levels)


def find(
    columns: Sequence[Column],
    options: Options = Options(),
    verdicts: Verdicts = Verdicts(),
    model: Model | None = None,
) -> Found:
    """Find the duplicates among all records; with a model, as it judges, else with one learned anew.

    The result depends on what the records hold alone: not on the order of rows, nor on that of the columns' values.
    """
    cuts = {} if model is None else {one.name: one.cut for one in model.fields}
    fields = made_of_each(lambda column: prepare(column, cuts.get(column.name, 0)), columns)
    order = _content_order(fields)
    fields = made_of_each(lambda one: one.reordered(order), fields)
    rows = len(order)
    fields = [one for one in fields if one.filled > 1] if model is None else fields_of(model.fields, fields)
    copies = copies_in(fields)
    fewer = [one.some(copies.originals) for one in fields] if copies else fields
    keyring, originals = Keyring(fewer), len(copies.originals)
    if model is None:
        model, candidates = _trained(fewer, keyring, originals, options)
    else:
        candidates = all_pairs(originals) if originals <= ALL_PAIRS_UP_TO else _candidates(keyring, model)
    if copies:
        keyring, candidates = Keyring(fields), copies.beside(candidates)
    judge = Judge(fields, model)
    left, right = unpacked(candidates)
    judged = judge.likely(left, right, _logit(options.keep))
    vetoed = contradicted(judged.levels, model, options.veto)
    place = np.argsort(order)
    said = _Said(
        _placed(verdicts.apart, place), _placed(verdicts.together, place), lambda one, two: judge.weigh(one, two).odds
    )
    clusters = cluster(rows, _decided(judged, vetoed, said), _logit(options.threshold), said.weigh, said.apart)
    keys = brought_by(keyring, model, judged.left, judged.right)
    found = _in_rows_of_caller(judged, vetoed, keys, clusters, order)
    return Found(*found, model, keyring.in_order(place), judge, place, len(candidates), order[copies.spoken_for])


def contradicted(levels: Levels, model: Model, veto: Sequence[str]) -> Array:
    """Which pairs differ in a field that forbids it."""
    found = np.zeros(levels.shape[1], np.bool_)
    for at, one in enumerate(model.fields):
        if one.name in veto:
            found |= levels[at] == 0
    return found


def _trained(fields: Sequence[Prepared], keyring: Keyring, rows: int, options: Options) -> tuple[Model, Array]:
    """A model learned of the fields, and the candidates that its keys make."""
    values = round(VALUES * options.learn_from**0.5)  # each is compared with each
    chances = made_of_each(lambda one: chance_of(one, values), fields)
    models = tuple(field_model(one, chance, rows) for one, chance in zip(fields, chances, strict=True))
    frequencies = [model.frequencies(one) for one, model in zip(fields, models, strict=True)]
    bearings = bearings_of([one.comparer for one in fields])
    if rows <= (ALL_PAIRS_UP_TO if options.learn_from >= 1 else FEW):
        every = all_pairs(rows)
        left, right = unpacked(every)
        seen = evidence_of(fields, frequencies, left, right, np.ones(len(every)))
        return Model(rows, models, learn(seen, seen, chances, bearings, rows)), every
    pilot = draw(keyring, keyring.pool(), round(PAIRS * options.learn_from))
    seen = evidence_of(fields, frequencies, pilot.left, pilot.right, pilot.weights)
    crowd = draw_crowd(fields, rows)
    among_all = evidence_of(fields, frequencies, crowd.left, crowd.right, crowd.weights)
    mixture = learn(seen, among_all, chances, bearings, rows)
    odds = np.clip(log_odds(joint_logs(mixture, seen)), -500, 500)
    cells = select(pilot, pilot.weights / (1 + np.exp(-odds)), _budget(options, rows))
    model = Model(rows, models, mixture, tuple((pilot.keys[cell.key], cell.bucket) for cell in cells))
    return model, _candidates(keyring, model)


def _budget(options: Options, rows: int) -> float:
    """How many pairs may be compared: small tables have more for each record, in proportion to what is asked."""
    return options.pairs_per_record * max(rows, FLOOR / Options.pairs_per_record)


def _candidates(keyring: Keyring, model: Model) -> Array:
    """The pairs of the blocks that a model takes; packed, each once, sorted."""

    def of_key(key: Key) -> Array:
        taken = np.zeros(BUCKETS + 2, np.bool_)  # -1 is the last place, and never taken
        taken[[bucket for one, bucket in model.cells if one == key]] = True
        slots = keyring.slots(key)
        sizes = sizes_of(slots)
        return pairs_within(slots, [np.flatnonzero(taken[sizes.bucket(numbers)]) for numbers in slots])

    return distinct(np.concatenate([np.empty(0, np.int64), *made_of_each(of_key, model.keys)]))


@dataclass(frozen=True)
class _Said:
    """What people said of pairs, in prepared rows; packed and sorted."""

    apart: Array
    together: Array
    weigh_pairs: Callable[[Rows, Rows], Floats]

    def weigh(self, left: Rows, right: Rows) -> Floats:
        """The odds of pairs, certain where people said so."""
        return np.where(np.isin(packed(left, right), self.together), SURE, self.weigh_pairs(left, right))


def _decided(judged: Judged, vetoed: Array, said: _Said) -> tuple[Rows, Rows, Floats]:
    """The pairs to cluster by: without those vetoed or said to be apart, and with those said to be one."""
    pairs = packed(judged.left, judged.right)
    open_ = ~vetoed & ~np.isin(pairs, said.apart) & ~np.isin(pairs, said.together)
    one, two = unpacked(said.together)
    return (
        np.append(judged.left[open_], one),
        np.append(judged.right[open_], two),
        np.append(judged.odds[open_], np.full(len(one), SURE)),
    )


def _in_rows_of_caller(
    judged: Judged, vetoed: Array, keys: Array, clusters: Array, order: Array
) -> tuple[Rows, Rows, Floats, Levels, Array, Array, Array]:
    """What was found in prepared rows, as it is in `Found`."""
    one, two = order[judged.left].astype(np.int32), order[judged.right].astype(np.int32)
    left, right = np.minimum(one, two), np.maximum(one, two)
    by_row = np.lexsort((right, left))
    smallest = np.full(len(order), len(order), np.int64)
    np.minimum.at(smallest, clusters, order)
    named = np.empty(len(order), np.int64)
    named[order] = smallest[clusters]
    return (
        left[by_row],
        right[by_row],
        judged.odds[by_row],
        judged.levels[:, by_row],
        vetoed[by_row],
        keys[by_row],
        named,
    )


def brought_by(keyring: Keyring, model: Model, left: Rows, right: Rows) -> Array:
    """The best key of a model under which the records of each pair meet, by its place; -1 where under none."""
    found = np.full(len(left), -1, np.int16)
    for at, key in reversed(list(enumerate(model.keys))):
        for one in keyring.slots(key, left):
            for two in keyring.slots(key, right):
                found[(one == two) & (one != 0)] = at
    return found


def _content_order(fields: Sequence[Prepared]) -> Array:
    """The records ordered by what they hold, so that the order of rows changes nothing."""
    made_of_each(lambda one: one.hashes, fields)
    mark = np.zeros(len(fields[0].codes), np.uint64)
    for one in fields:
        mark = mixed(mark * np.uint64(31) + np.append(one.hashes, np.uint64(0))[one.codes])
    return np.argsort(mark, kind="stable")


def _placed(pairs: Sequence[tuple[int, int]], place: Array) -> Array:
    rows = np.array(pairs, np.int64).reshape(-1, 2)
    return np.unique(packed(place[rows[:, 0]], place[rows[:, 1]]))


def _logit(probability: float) -> float:
    return float(np.log(probability / (1 - probability)))
