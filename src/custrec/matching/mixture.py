"""What agreement is worth, learned from unlabelled pairs: a mixture of people who are the same, related, or strangers.

Fellegi & Sunter (1969) weigh each field by how much likelier its agreement is among matches (m) than among strangers
(u), as if fields agreed independently. Among strangers who share an address they do not: the family name and the
landline agree as well, and the same evidence counts three times. So there are *related* pairs besides, who share what
is shared, as often as the data say, and differ in what is a person's own: its *anchors*. Relatives have another first
name, colleagues another family name, namesakes another day of birth; each is a sort of its own. Matches are of two
sorts, hardly changed and much changed copies, because slips come together too.

Strangers, too, agree in more at once than frequencies tell: who lives in one town has its postcodes and its country.
They are *neighbours*, classes of strangers that are learned of all people beforehand (matching.neighbours).

How it is learned stands in matching.learning.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from custrec.matching.columns import Array, Floats
from custrec.matching.comparison import Levels
from custrec.matching.hashing import mixed

MATCH_SORTS = 3
TINY = 1e-12
_MAKES = 2.0
"""Neighbours are made by what they agree in so many times more often than strangers."""


@dataclass(frozen=True)
class Evidence:
    """What is seen of some pairs: levels (a row a field), how frequent the values agreed on are, or the stems that they
    have in common (1 for none), and what each pair stands for."""

    levels: Levels
    agreed: Floats
    weights: Floats
    apiece: Floats | None = None
    """For patterns: what a single pair drawn stands for, on average (None: `weights`)."""

    @cached_property
    def places(self) -> list[Array]:
        """For each field the levels as places of a table that has one more before them: for what is not known."""
        return [levels.astype(np.intp) + 1 for levels in self.levels]

    @cached_property
    def _exact(self) -> dict[int, Array]:
        return {}

    def exact(self, at: int, levels: int) -> Array:
        """The pairs that agree fully in a field of so many levels."""
        if at not in self._exact:
            self._exact[at] = np.flatnonzero(self.levels[at] == levels - 1)
        return self._exact[at]

    @cached_property
    def _in_part(self) -> dict[int, Array]:
        return {}

    def in_part(self, at: int, levels: int) -> Array:
        """The pairs that have no more than the stem of a value in common, in a field of so many levels."""
        if at not in self._in_part:
            self._in_part[at] = np.flatnonzero((self.levels[at] < levels - 1) & (self.agreed[at] < 1))
        return self._in_part[at]

    def shared_out(self, at: int, shares: Floats, levels: int) -> Floats:
        """How much of the shares of pairs falls to each of so many levels of a field."""
        return np.asarray(np.bincount(self.places[at], weights=shares, minlength=levels + 1)[1:], np.float64)


@dataclass(frozen=True)
class Related:
    """A sort of related pairs: a table of level chances for each field, and for each anchor how often related pairs
    have one another's value by mistake (nan for the other fields)."""

    tables: list[Floats]
    mistaken: Floats
    usual: frozenset[int] = frozenset()
    """The fields whose agreement makes the sort, by chance: on a value as often as it is frequent (namesakes)."""

    kin: bool = True
    """Whether they have more to do with each other than neighbours."""


@dataclass(frozen=True)
class Mixture:
    """The learned classes. `matches` holds for each sort a table of level chances for each field; `counts` how many
    pairs each class has: matches by sort, related pairs by sort, strangers."""

    strangers: list[Floats]
    matches: list[list[Floats]]
    related: list[Related]
    counts: Floats
    mute: frozenset[int] = frozenset()
    """Fields that tell nothing, by their place: copies agree in them no more than strangers do."""


def patterns(evidence: Evidence) -> Evidence:
    """The same, with pairs that look alike as one: equal levels, and values about as frequent (within a fifth)."""
    steps = np.rint(np.log(evidence.agreed) * 5).astype(np.int64)
    number = np.zeros(evidence.levels.shape[1], np.uint64)
    for level, step in zip(evidence.levels.astype(np.int64), steps, strict=True):
        number = mixed(number * np.uint64(31) + ((level + 1) * 1024 - step).astype(np.uint64))
    _, first, place = np.unique(number, return_index=True, return_inverse=True)
    weights = np.asarray(np.bincount(place, weights=evidence.weights), np.float64)
    squares = np.bincount(place, weights=evidence.weights**2)
    return Evidence(
        evidence.levels[:, first], np.exp(steps[:, first] / 5), weights, squares / np.maximum(weights, TINY)
    )


def standing_logs(mixture: Mixture, evidence: Evidence) -> dict[int, Floats]:
    """By class how likely neighbours, and strangers, are to look like each pair: it stays while these do."""
    found = {
        MATCH_SORTS + sort: neighbour_logs(related, mixture.strangers, evidence, mixture.mute)
        for sort, related in enumerate(mixture.related)
        if not related.kin
    }
    return found | {-1: stranger_logs(mixture.strangers, evidence, mixture.mute)}


def joint_logs(mixture: Mixture, evidence: Evidence, standing: Mapping[int, Floats] | None = None) -> Floats:
    """For each class (a row) and pair: the logarithm of how many pairs of the class would look like this."""
    rows = np.repeat(np.log(np.maximum(mixture.counts, TINY))[:, None], evidence.levels.shape[1], axis=1)
    for place, logs in (standing or standing_logs(mixture, evidence)).items():
        rows[place] += logs
    for at, u in enumerate(mixture.strangers):
        if at in mixture.mute:
            continue
        level, exact = evidence.places[at], evidence.exact(at, len(u))
        met = evidence.agreed[at][exact]
        for sort, tables in enumerate(mixture.matches):
            rows[sort] += _looked_up(tables[at], level)
        for sort, related in enumerate(mixture.related):
            if not related.kin:
                continue
            mine = _looked_up(related.tables[at], level)
            mistaken = related.mistaken[at]
            if not np.isnan(mistaken):
                mine[exact] = np.log(mistaken * mixture.matches[0][at][-1] + (1 - mistaken) * met)
                part = evidence.in_part(at, len(u))
                beyond = np.maximum(related.tables[at] - u, 0.0)[evidence.levels[at][part]]
                mine[part] = np.log(beyond + evidence.agreed[at][part])
            elif at in related.usual:
                mine[exact] += np.log(met / u[-1])
            rows[MATCH_SORTS + sort] += mine
    return rows


def stranger_logs(strangers: Sequence[Floats], evidence: Evidence, mute: Collection[int] = ()) -> Floats:
    """The logarithm of how likely strangers are to look like each pair: who agree on a value as often as it is met."""
    found = np.zeros(evidence.levels.shape[1])
    for at, u in enumerate(strangers):
        if at not in mute:
            exact = evidence.exact(at, len(u))
            chance = _looked_up(u, evidence.places[at])
            chance[exact] = np.log(evidence.agreed[at][exact])
            part = evidence.in_part(at, len(u))
            chance[part] = np.log(evidence.agreed[at][part])
            found += chance
    return found


def neighbour_logs(
    related: Related, strangers: Sequence[Floats], evidence: Evidence, mute: Collection[int] = ()
) -> Floats:
    """The same for a sort of neighbours. They agree on a value as often as it is met, and so many times more often as
    they agree at all; of what makes them neighbours (the town, its country), the rarest value counts alone."""
    found, rarest = np.zeros(evidence.levels.shape[1]), np.full(evidence.levels.shape[1], np.inf)
    for at, (u, table) in enumerate(zip(strangers, related.tables, strict=True)):
        if at in mute:
            continue
        exact = evidence.exact(at, len(u))
        found += _looked_up(table, evidence.places[at])
        part = evidence.in_part(at, len(u))
        found[part] += np.log(evidence.agreed[at][part] / u[evidence.levels[at][part]])
        ratio = np.log(evidence.agreed[at][exact] / u[-1])
        if table[-1] > _MAKES * u[-1]:
            rarest[exact] = np.minimum(rarest[exact], ratio)
        else:
            found[exact] += ratio
    return np.where(np.isinf(rarest), found, found + rarest)


def log_odds(joint: Floats) -> Floats:
    """The log odds (natural) that pairs are matches."""
    return np.asarray(np.logaddexp.reduce(joint[:MATCH_SORTS]) - np.logaddexp.reduce(joint[MATCH_SORTS:]), np.float64)


def _looked_up(table: Floats, places: Array) -> Floats:
    """The logarithm of each level's chance; 0 where the level is not known (the place 0)."""
    return np.asarray(np.concatenate([[0.0], np.log(np.maximum(table, TINY))])[places], np.float64)


def estimated(evidence: Evidence, at: int, shares: Floats, prior: Floats, weight: float) -> Floats:
    """The share of each level of a field among the pairs of a class, where it is known; the prior counts for so many
    pairs."""
    found = evidence.shared_out(at, shares, len(prior)) + weight * prior
    return np.asarray(found / found.sum(), np.float64)
