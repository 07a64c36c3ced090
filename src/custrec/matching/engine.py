"""The whole way: columns → keys → a pilot → what agreement is worth → candidates → pairs → clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custrec.matching.chance import Chance, agreed_values, chance_of
from custrec.matching.clusters import cluster
from custrec.matching.columns import Array, Column, Floats, Rows
from custrec.matching.comparison import Levels, compare_pairs
from custrec.matching.keys import Key, Keyring, all_pairs, pairs_within, sizes_of, unpacked
from custrec.matching.mixture import Evidence, Mixture, joint_logs, learn, log_odds
from custrec.matching.pilot import Cell, Pilot, draw
from custrec.matching.prepared import Prepared, prepare
from custrec.matching.selection import FLOOR, select

ALL_PAIRS_UP_TO = 1_000
"""Tables of so few records have all their pairs compared."""


@dataclass(frozen=True)
class Options:
    """How a run is bounded, and from what probability on records are joined."""

    threshold: float = 0.75
    keep: float = 0.05
    pairs_per_record: float = 12.0


@dataclass(frozen=True)
class Model:
    names: list[str]
    chances: list[Chance]
    mixture: Mixture


@dataclass(frozen=True)
class Found:
    left: Rows
    right: Rows
    odds: Floats
    levels: Levels
    clusters: Array
    model: Model
    cells: list[tuple[Key, int]]
    compared: int


def find(columns: Sequence[Column], options: Options = Options()) -> Found:
    fields = [prepare(column) for column in columns]
    order = _content_order(fields)
    place = np.argsort(order)
    fields = [Prepared(f.name, f.comparer, f.texts, f.codes[order]) for f in fields]
    fields = [field for field in fields if field.filled > 1]
    rows = len(order)
    chances = [chance_of(field) for field in fields]
    bearings = [field.comparer.bearing for field in fields]
    keyring = Keyring(fields)
    if rows <= ALL_PAIRS_UP_TO:
        left, right = unpacked(all_pairs(rows))
        evidence = _evidence(fields, chances, left, right, np.ones(len(left)))
        mixture = learn(evidence, chances, bearings, rows)
        model = Model([f.name for f in fields], chances, mixture)
        chosen: list[tuple[Key, int]] = []
    else:
        pilot = draw(keyring, keyring.pool())
        evidence = _evidence(fields, chances, pilot.left, pilot.right, pilot.weights)
        mixture = learn(evidence, chances, bearings, rows)
        model = Model([f.name for f in fields], chances, mixture)
        odds = log_odds(joint_logs(mixture, evidence))
        cells = select(pilot, pilot.weights / (1 + np.exp(-odds)), max(options.pairs_per_record * rows, FLOOR))
        chosen = [(pilot.keys[cell.key], cell.bucket) for cell in cells]
        left, right = unpacked(_candidates(keyring, pilot, cells))
    compared = len(left)
    left, right, odds, levels = _score(fields, model, left, right, options)

    def weigh(one: Rows, two: Rows) -> Floats:
        return _odds_of(fields, model, one, two)[0]

    logit = float(np.log(options.threshold / (1 - options.threshold)))
    clusters = cluster(rows, left, right, odds, logit, weigh, np.empty(0, np.int64))
    return Found(
        order[left].astype(np.int32),
        order[right].astype(np.int32),
        odds,
        levels,
        order[clusters[place]],
        model,
        chosen,
        compared,
    )


def _content_order(fields: Sequence[Prepared]) -> Array:
    """The records ordered by what they hold, so that the order of rows changes nothing."""
    from custrec.matching.hashing import mixed

    mark = np.zeros(len(fields[0].codes), np.uint64)
    for field in fields:
        mark = mixed(mark * np.uint64(31) + np.append(field.hashes, np.uint64(0))[field.codes])
    return np.argsort(mark, kind="stable")


def _evidence(
    fields: Sequence[Prepared], chances: Sequence[Chance], left: Rows, right: Rows, weights: Floats
) -> Evidence:
    levels = compare_pairs(fields, left, right)
    agreed = np.array([agreed_values(f, c, left, levels[at]) for at, (f, c) in enumerate(zip(fields, chances, strict=True))])
    return Evidence(levels, agreed, weights)


def _odds_of(fields: Sequence[Prepared], model: Model, left: Rows, right: Rows) -> tuple[Floats, Levels]:
    evidence = _evidence(fields, model.chances, left, right, np.ones(len(left)))
    return log_odds(joint_logs(model.mixture, evidence)), evidence.levels


def _candidates(keyring: Keyring, pilot: Pilot, cells: Sequence[Cell]) -> Array:
    found = []
    by_key: dict[int, list[int]] = {}
    for cell in cells:
        by_key.setdefault(cell.key, []).append(cell.bucket)
    for key, buckets in by_key.items():
        slots = keyring.slots(pilot.keys[key])
        size = sizes_of(slots)
        chosen = [np.isin(size.bucket(numbers), buckets) for numbers in slots]
        found.append(pairs_within(slots, chosen))
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)


def _score(
    fields: Sequence[Prepared], model: Model, left: Rows, right: Rows, options: Options, step: int = 500_000
) -> tuple[Rows, Rows, Floats, Levels]:
    least = float(np.log(options.keep / (1 - options.keep)))
    kept: list[tuple[Array, Floats, Levels]] = []
    for start in range(0, len(left), step):
        odds, levels = _odds_of(fields, model, left[start : start + step], right[start : start + step])
        good = np.flatnonzero(odds >= least)
        kept.append((good + start, odds[good], levels[:, good]))
    at = np.concatenate([k[0] for k in kept]) if kept else np.empty(0, np.int64)
    odds = np.concatenate([k[1] for k in kept]) if kept else np.empty(0)
    levels = np.concatenate([k[2] for k in kept], axis=1) if kept else np.empty((len(fields), 0), np.int8)
    return left[at], right[at], odds, levels
