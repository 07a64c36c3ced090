"""Why two records are, or are not, one: the evidence field by field in bits, and what would change the verdict.

Bits add up: the prior (how rare matches are among all pairs), the weight of each field (log2 of how much likelier its
level is among copies than among strangers), and what is taken off, or given, because evidence comes together: relatives
and colleagues share things as well. A probability of one half is 0 bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from custrec.matching.columns import Column, Floats, encode
from custrec.matching.judging import evidence_of, prepared_for
from custrec.matching.keys import Keyring
from custrec.matching.mixture import MATCH_SORTS, Evidence, joint_logs, log_odds
from custrec.matching.model import Model
from custrec.values.protocol import Stored, ValueType


@dataclass(frozen=True)
class FieldEvidence:
    """One field: the values as stored, the level in words ("" where one is blank), and its weight.

    `frequency` is how frequent the value agreed on is, or the stem that two values have in common (None: they have none
    in common), and `frequency_bits` what that adds to the weight of such an agreement on any value.
    """

    name: str
    left: Stored
    right: Stored
    level: str
    bits: float
    frequency: float | None
    frequency_bits: float
    tells: bool
    """False where the model found that the field tells nothing."""


@dataclass(frozen=True)
class Change:
    """What would change the verdict: a field on another level, and the probability then."""

    field: str
    level: str
    probability: float


@dataclass(frozen=True)
class Explanation:
    """Everything that speaks for and against two records being one."""

    fields: tuple[FieldEvidence, ...]
    prior_bits: float
    together_bits: float
    sum_bits: float
    probability: float
    vetoed_by: tuple[str, ...]
    keys: tuple[str, ...]
    """The keys under which they meet, the best first; none: no key would have brought them together."""
    changes: tuple[Change, ...]


def explain(
    model: Model,
    kinds: Mapping[str, ValueType],
    left: Mapping[str, Stored],
    right: Mapping[str, Stored],
    threshold: float = 0.75,
    veto: Sequence[str] = (),
) -> Explanation:
    """Explain two records of stored values by a model. Fields that a record lacks are blank."""
    names = [field.name for field in model.fields]
    columns = [encode(name, kinds[name], [left.get(name), right.get(name)]) for name in names]
    seen, met = _seen(model, columns)
    odds = float(_odds(model, seen)[0])
    weights = [_weigh(model, seen, at) for at in range(len(names))]
    counts = model.mixture.counts
    prior = float(np.log2(counts[:MATCH_SORTS].sum() / counts[MATCH_SORTS:].sum()))
    total = odds / np.log(2)
    fields = tuple(
        FieldEvidence(name, left.get(name), right.get(name), *weight)
        for name, weight in zip(names, weights, strict=True)
    )
    differing = tuple(name for at, name in enumerate(names) if name in veto and seen.levels[at, 0] == 0)
    return Explanation(
        fields,
        prior,
        float(total - prior - sum(field.bits for field in fields)),
        float(total),
        _probability(odds),
        differing,
        met,
        tuple(_changes(model, seen, odds, threshold)),
    )


def _seen(model: Model, columns: Sequence[Column]) -> tuple[Evidence, tuple[str, ...]]:
    fields = prepared_for(columns, model)
    frequencies = [field.frequencies(one) for one, field in zip(fields, model.fields, strict=True)]
    one, two = np.array([0], np.int32), np.array([1], np.int32)
    keyring = Keyring(fields)
    met = [
        key.name
        for key in model.keys
        if any(bool(a[0] == b[0] != 0) for a in keyring.slots(key, one) for b in keyring.slots(key, two))
    ]
    return evidence_of(fields, frequencies, one, two, np.ones(1)), tuple(met)


def _odds(model: Model, seen: Evidence) -> Floats:
    return log_odds(joint_logs(model.mixture, seen))


def _weigh(model: Model, seen: Evidence, at: int) -> tuple[str, float, float | None, float, bool]:
    """Level in words, bits, frequency, what the frequency adds, and whether the field tells anything."""
    level = int(seen.levels[at, 0])
    tells = at not in model.mixture.mute
    words = model.fields[at].levels[level] if level >= 0 else ""
    if level < 0 or not tells:
        return words, 0.0, None, 0.0, tells
    sorts = model.mixture.counts[:MATCH_SORTS]
    m = sum(float(n * tables[at][level]) for n, tables in zip(sorts, model.mixture.matches, strict=True)) / sorts.sum()
    u = float(model.mixture.strangers[at][level])
    full = level == len(model.fields[at].levels) - 1
    told = full or bool(seen.agreed[at, 0] < 1)
    chance = float(seen.agreed[at, 0]) if told else u
    bits = float(np.log2(max(m, 1e-12) / max(chance, 1e-12)))
    return words, bits, chance if told else None, float(np.log2(u / chance)) if told else 0.0, tells


def _changes(model: Model, seen: Evidence, odds: float, threshold: float) -> list[Change]:
    """For each field the level that would turn the verdict: agreement where it is no, a difference where it is yes."""
    limit = float(np.log(threshold / (1 - threshold)))
    found = []
    for at, field in enumerate(model.fields):
        top = len(field.levels) - 1
        wanted = top if odds < limit else 0
        if seen.levels[at, 0] == wanted or at in model.mixture.mute:
            continue
        levels, agreed = seen.levels.copy(), seen.agreed.copy()
        levels[at, 0] = wanted
        agreed[at, 0] = field.rare if wanted == top else 1.0
        then = float(_odds(model, Evidence(levels, agreed, seen.weights))[0])
        if (then >= limit) != (odds >= limit):
            found.append(Change(field.name, field.levels[wanted], _probability(then)))
    return sorted(found, key=lambda change: (abs(change.probability - 0.5), change.field), reverse=True)


def _probability(odds: float) -> float:
    return float(1 / (1 + np.exp(-np.clip(odds, -700, 700))))
