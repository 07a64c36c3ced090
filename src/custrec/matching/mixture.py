"""What agreement is worth, learned from unlabelled pairs: a mixture of people who are the same, related, or strangers.

Fellegi & Sunter (1969) weigh each field by how much likelier its agreement is among matches (m) than among strangers
(u), as if fields agreed independently. Among strangers who share an address they do not: the family name and the
landline agree as well, and the same evidence counts three times. So there are *related* pairs besides, who share what
is shared, as often as the data say, and differ in what is a person's own: its *anchors*. Relatives have another first
name, colleagues another family name, namesakes another day of birth; each is a sort of its own. Matches are of two
sorts, hardly changed and much changed copies, because slips come together too.

Strangers, too, agree in more at once than frequencies tell: who lives in one town has its postcodes and its country.
They are *neighbours*, a class that may share what is usual, and nothing else.

The expectation–maximisation (Dempster, Laird & Rubin 1977; Winkler 1988) is kept from running away by what is known
beforehand: u is exact from frequencies and the number of strangers is all pairs there are, so a pair counts as anything
but chance only where chance cannot bring about as many; and in its anchors a related pair agrees by chance, or by
mistake, alone. Pairs were drawn with known probabilities, and weigh their inverse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custrec.matching.chance import Chance
from custrec.matching.columns import Array, Floats
from custrec.matching.comparison import Levels
from custrec.matching.hashing import mixed
from custrec.values.comparing import Bearing

MATCH_SORTS = 2
_ROUNDS = 50
_ENOUGH = 5e-4
_TINY = 1e-12
_USUAL = 1e-3
"""Neighbours may share what so many pairs of strangers do."""
_SELDOM = 0.2
"""Strangers from elsewhere are expected to agree so many times less in it."""
_MISTAKEN = 0.02
_MOST_MISTAKEN = 0.2
_MOST_CLASHES = (0.0, 0.1, 0.4)
"""The same for names: where there is one field of names, and where there are several, of which one may be garbled."""
_MOST_NAMESAKES = 2.0
"""There are at most so many times the namesakes that chance brings about: names go with places and times."""
_CLASHES_MORE = 3.0
"""Names clash so many times more often among all copies than among certain ones, at most."""
_NAMESAKES = 0.02
"""What is expected of namesakes counts for so many pairs a record."""
_HELD = 2
"""So many of an anchor's upper levels are held to chance."""
_PRIOR_PAIRS = 10.0
_CERTAIN = 100.0
"""Seeds are so much rarer than there are pairs a record."""
_TELLING = 0.9
"""A field tells something if no more of its levels than this part is as usual among copies as among strangers."""
_OWN = {Bearing.PERSONAL: 0.1, Bearing.OPEN: 0.5, Bearing.SHARED: 0.8}
"""A field is a person's own where so many of the pairs that agree in it are matches, by what its kind says."""
_MOST_DIFFERENT = 0.5
"""Copies differ altogether in a field at most so often; else what is no copy at all would pass for a poor one."""


@dataclass(frozen=True)
class Evidence:
    """What is seen of some pairs: levels (a row a field), how frequent the values agreed on are, and what each pair
    stands for."""

    levels: Levels
    agreed: Floats
    weights: Floats
    apiece: Floats | None = None
    """For patterns: what a single pair drawn stands for, on average (None: `weights`)."""


@dataclass(frozen=True)
class Related:
    """A sort of related pairs: a table of level chances for each field, and for each anchor how often related pairs
    have one another's value by mistake (nan for the other fields; 0 for neighbours, whose anchors agree by chance)."""

    tables: list[Floats]
    mistaken: Floats
    usual: frozenset[int] = frozenset()
    """The fields whose agreement makes the sort, by chance: on a value as often as it is frequent (namesakes)."""

    @property
    def kin(self) -> bool:
        """Whether they have more to do with each other than neighbours."""
        return not (self.mistaken == 0).any()


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


def anchors(bearings: Sequence[Bearing]) -> list[frozenset[int]]:
    """The sorts of related pairs that fields of these bearings can tell: for each the fields that are a person's own.

    One sort for each field of names; and where other fields tell people apart, those that share all names.
    """
    personal = frozenset(at for at, bearing in enumerate(bearings) if bearing is Bearing.PERSONAL)
    names = [at for at, bearing in enumerate(bearings) if bearing is Bearing.NAME]
    sorts = [personal | {name} for name in names[:3]]
    if personal and (len(personal) > 1 or not names):
        sorts.append(personal)
    return sorts


def learn(evidence: Evidence, chances: Sequence[Chance], bearings: Sequence[Bearing], rows: int) -> Mixture:
    """Learn the classes from pairs drawn from a table of so many rows.

    First with what the kinds say is a person's own, then with what the data say: those fields whose agreement, as
    first learned, means a match.
    """
    evidence = patterns(evidence)
    strangers = [chance.levels for chance in chances]
    certain = seeds(evidence, strangers, bearings, rows)
    telling = [
        at for at, (u, m) in enumerate(zip(strangers, certain, strict=True)) if np.minimum(u, m).sum() < _TELLING
    ]
    if not telling:
        telling = list(range(len(strangers)))
    seen = Evidence(evidence.levels[telling], evidence.agreed[telling], evidence.weights, evidence.apiece)
    known, copies = [strangers[at] for at in telling], [certain[at] for at in telling]
    first = _converged(seen, known, copies, [bearings[at] for at in telling], rows)
    refined = _refined(first, seen, [bearings[at] for at in telling])
    learned = _converged(seen, known, copies, refined, rows)
    return _with_mute(learned, strangers, telling)


def seeds(evidence: Evidence, strangers: Sequence[Floats], bearings: Sequence[Bearing], rows: int) -> list[Floats]:
    """How copies agree in each field, as told by pairs that are almost certainly copies without it.

    Certain are pairs whose other fields agree on values so rare that no chance explains it, and no name contradicts;
    for a name, where kinds tell what is a person's own, also agree in that: else relatives would be taken for copies.
    """
    rarity = -np.log(evidence.agreed)
    needed = np.log(max(rows, 2) / 2) + np.log(_CERTAIN)
    names = np.array([bearing is Bearing.NAME for bearing in bearings], np.bool_)
    clashes = (evidence.levels == 0) & names[:, None]
    personal = np.array([bearing is Bearing.PERSONAL for bearing in bearings], np.bool_)
    owned = (rarity[personal] > 0).sum(axis=0)
    found = []
    for at, u in enumerate(strangers):
        certain = (rarity.sum(axis=0) - rarity[at] >= needed) & (clashes.sum(axis=0) - clashes[at] == 0)
        if names[at] and personal.any():
            certain &= owned > 0
        found.append(_estimated(evidence.levels[at], evidence.weights * certain, _copy(len(u), 0)))
    return found


def _with_mute(mixture: Mixture, strangers: Sequence[Floats], telling: Sequence[int]) -> Mixture:
    """The mixture with the fields that tell nothing: in them all classes agree as strangers do."""
    place = {field: at for at, field in enumerate(telling)}

    def widened(tables: Sequence[Floats]) -> list[Floats]:
        return [tables[place[at]] if at in place else u for at, u in enumerate(strangers)]

    related = [
        Related(
            widened(one.tables),
            np.array([one.mistaken[place[at]] if at in place else np.nan for at in range(len(strangers))]),
            frozenset(telling[at] for at in one.usual),
        )
        for one in mixture.related
    ]
    mute = frozenset(range(len(strangers))) - place.keys()
    return Mixture(list(strangers), [widened(tables) for tables in mixture.matches], related, mixture.counts, mute)


def _refined(mixture: Mixture, evidence: Evidence, bearings: Sequence[Bearing]) -> list[Bearing]:
    """The bearings as the data have them: whose agreement means a match is personal, whatever its kind says."""
    matching = evidence.weights / (1 + np.exp(-np.clip(log_odds(joint_logs(mixture, evidence)), -500, 500)))
    refined = []
    for at, bearing in enumerate(bearings):
        same = evidence.levels[at] == len(mixture.strangers[at]) - 1
        purity = float(matching[same].sum() / max(evidence.weights[same].sum(), 1e-9))
        if bearing is not Bearing.NAME and purity >= _OWN[bearing]:
            refined.append(Bearing.PERSONAL)
        else:
            refined.append(Bearing.OPEN if bearing is Bearing.PERSONAL else bearing)
    return refined


def _converged(
    evidence: Evidence, strangers: list[Floats], copies: list[Floats], bearings: Sequence[Bearing], rows: int
) -> Mixture:
    every = rows * (rows - 1) / 2
    clash = _MOST_CLASHES[min(bearings.count(Bearing.NAME), 2)]
    most = [
        min(clash, _CLASHES_MORE * copy[0] + 0.05) if bearing is Bearing.NAME else max(_MOST_DIFFERENT, copy[0] + 0.05)
        for bearing, copy in zip(bearings, copies, strict=True)
    ]
    copies = [_bounded(copy, limit) for copy, limit in zip(copies, most, strict=True)]
    mixture = _beginning(strangers, copies, bearings, rows)
    for _ in range(_ROUNDS):
        joint = joint_logs(mixture, evidence)
        shares = np.exp(joint - joint.max(axis=0))
        shares *= evidence.weights / shares.sum(axis=0)
        before, mixture = mixture, _maximised(mixture, evidence, shares, bearings, copies, most, every)
        if np.abs(mixture.counts - before.counts).max() < _ENOUGH * rows:
            break
    return mixture


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
        evidence.levels[:, first], np.exp(steps[:, first] / 5), weights, squares / np.maximum(weights, _TINY)
    )


def joint_logs(mixture: Mixture, evidence: Evidence) -> Floats:
    """For each class (a row) and pair: the logarithm of how many pairs of the class would look like this."""
    levels = evidence.levels
    rows = np.repeat(np.log(np.maximum(mixture.counts, _TINY))[:, None], levels.shape[1], axis=1)
    for at, u in enumerate(mixture.strangers):
        if at in mixture.mute:
            continue
        level = levels[at].astype(np.intp)
        exact = np.flatnonzero(level == len(u) - 1)
        met = evidence.agreed[at][exact]
        chance = _looked_up(u, level)
        chance[exact] = np.log(met)
        rows[-1] += chance
        for sort, tables in enumerate(mixture.matches):
            rows[sort] += _looked_up(tables[at], level)
        for sort, related in enumerate(mixture.related):
            mine = _looked_up(related.tables[at], level)
            mistaken = related.mistaken[at]
            if not np.isnan(mistaken):
                mine[exact] = np.log(mistaken * mixture.matches[0][at][-1] + (1 - mistaken) * met)
            elif at in related.usual:
                mine[exact] += np.log(met / u[-1])
            rows[MATCH_SORTS + sort] += mine
    return rows


def log_odds(joint: Floats) -> Floats:
    """The log odds (natural) that pairs are matches."""
    return np.asarray(np.logaddexp.reduce(joint[:MATCH_SORTS]) - np.logaddexp.reduce(joint[MATCH_SORTS:]), np.float64)


def _looked_up(table: Floats, level: Array) -> Floats:
    """The logarithm of each level's chance; 0 where the level is not known (-1)."""
    return np.asarray(np.append(np.log(np.maximum(table, _TINY)), 0.0)[level], np.float64)


def _beginning(strangers: list[Floats], copies: Sequence[Floats], bearings: Sequence[Bearing], rows: int) -> Mixture:
    matches = [list(copies), [_poorer(copy) for copy in copies]]
    related = _neighbours(strangers, copies, bearings)
    for own in anchors(bearings):
        mistaken = np.array([_MISTAKEN if at in own else np.nan for at in range(len(strangers))])
        tables = [_kin(u, bearing, m) for u, bearing, m in zip(strangers, bearings, matches[0], strict=True)]
        names = frozenset(at for at, bearing in enumerate(bearings) if bearing is Bearing.NAME)
        usual = frozenset() if names & own else names
        related.append(Related(_anchored(tables, mistaken, strangers, matches[0]), mistaken, usual))
    counts = np.array([0.1 * rows] * (MATCH_SORTS + len(related)) + [rows * (rows - 1) / 2])
    return Mixture(strangers, matches, related, counts)


def _neighbours(strangers: list[Floats], copies: Sequence[Floats], bearings: Sequence[Bearing]) -> list[Related]:
    """Two sorts of strangers who share, or differ in, what goes together among all people: the town, its postcodes and
    its country. In all that is rarer, and in names, they agree by chance alone."""
    own = [u[-1] < _USUAL or bearing is Bearing.NAME for u, bearing in zip(strangers, bearings, strict=True)]
    if len(own) - sum(own) < 2:
        return []
    by_chance = np.where(own, 0.0, np.nan)
    differing = [u * np.append(np.ones(len(u) - 1), _SELDOM) for u in strangers]
    return [
        Related(_anchored([table / table.sum() for table in tables], by_chance, strangers, list(copies)), by_chance)
        for tables in (copies, differing)
    ]


def _maximised(
    old: Mixture,
    evidence: Evidence,
    shares: Floats,
    bearings: Sequence[Bearing],
    copies: Sequence[Floats],
    most: Sequence[float],
    every: float,
) -> Mixture:
    counts = np.maximum(shares.sum(axis=1), 1e-3)
    counts[-1] = every
    levels, strangers = evidence.levels, old.strangers
    apiece = evidence.weights if evidence.apiece is None else evidence.apiece
    each = np.maximum((shares * apiece).sum(axis=1) / np.maximum(shares.sum(axis=1), _TINY), 1.0) * _PRIOR_PAIRS
    priors = (list(copies), [_poorer(copy) for copy in copies])
    matches = [
        [
            _bounded(_estimated(levels[at], shares[sort], priors[sort][at], each[sort]), most[at])
            for at in range(len(strangers))
        ]
        for sort in range(MATCH_SORTS)
    ]
    related = []
    for sort, before in enumerate(old.related):
        mine = shares[MATCH_SORTS + sort]
        mistaken = before.mistaken.copy()
        tables = []
        if before.usual:
            met_by_chance = every * float(np.prod([strangers[at][-1] for at in before.usual]))
            counts[MATCH_SORTS + sort] = min(counts[MATCH_SORTS + sort], _MOST_NAMESAKES * met_by_chance)
        for at, (u, bearing) in enumerate(zip(strangers, bearings, strict=True)):
            if np.isnan(mistaken[at]):
                if not before.usual:
                    tables.append(
                        _estimated(levels[at], mine, _kin(u, bearing, matches[0][at]), each[MATCH_SORTS + sort])
                    )
                elif bearing is Bearing.NAME:
                    tables.append(matches[0][at])
                else:  # most namesakes have nothing else in common; father and son are to be seen before believed
                    weight = max(each[MATCH_SORTS + sort], every**0.5 * _NAMESAKES)
                    tables.append(_estimated(levels[at], mine, u, weight))
                continue
            if before.kin:
                mistaken[at] = _mistakes(levels[at], evidence.agreed[at], mine, mistaken[at], old.matches[0][at][-1])
            tables.append(_estimated(levels[at], mine, u, each[MATCH_SORTS + sort]))
        related.append(Related(_anchored(tables, mistaken, strangers, matches[0]), mistaken, before.usual))
    return Mixture(strangers, matches, related, counts)


def _estimated(level: Array, shares: Floats, prior: Floats, weight: float = _PRIOR_PAIRS) -> Floats:
    """The share of each level among the pairs of a class, where it is known; the prior counts for so many pairs."""
    known = level >= 0
    found = np.bincount(level[known], weights=shares[known], minlength=len(prior)) + weight * prior
    return np.asarray(found / found.sum(), np.float64)


def _bounded(table: Floats, most: float) -> Floats:
    """The table with no more than so much at the lowest level."""
    if table[0] <= most:
        return table
    rest = table[1:] * (1 - most) / max(table[1:].sum(), _TINY)
    return np.append(most, rest)


def _mistakes(level: Array, met: Floats, shares: Floats, mistaken: float, same: float) -> float:
    """How often related pairs agree in an anchor beyond chance."""
    exact = shares * (met < 1)
    odd = float((exact * mistaken * same / (mistaken * same + (1 - mistaken) * met)).sum())
    known = float(shares[level >= 0].sum())
    return min((odd + _PRIOR_PAIRS * _MISTAKEN) / (known + _PRIOR_PAIRS), _MOST_MISTAKEN)


def _anchored(tables: list[Floats], mistaken: Floats, strangers: list[Floats], copies: list[Floats]) -> list[Floats]:
    """The tables with those of anchors held: related pairs have the same, or a slip of it, by chance or by mistake
    alone. Lower levels may be what they are: namesakes have e-mail addresses that look alike."""
    held = []
    for table, wrong, u, m in zip(tables, mistaken, strangers, copies, strict=True):
        if np.isnan(wrong):
            held.append(table)
            continue
        free = 1 if len(u) <= _HELD else len(u) - _HELD
        chance = (1 - wrong) * u + wrong * m
        rest = table[:free] / max(table[:free].sum(), _TINY) * (1 - chance[free:].sum())
        held.append(np.append(rest, chance[free:]))
    return held


def _copy(levels: int, sort: int) -> Floats:
    """What is expected of copies: most fields the same; of much changed ones half."""
    same = (0.9, 0.45)[sort]
    below = 0.6 ** np.arange(levels - 1)[::-1]
    return np.append((1 - same) * below / below.sum(), same)


def _poorer(copy: Floats) -> Floats:
    """What is expected of much changed copies, beside what is of hardly changed ones."""
    return np.asarray((copy + _copy(len(copy), 1)) / 2, np.float64)


def _kin(u: Floats, bearing: Bearing, m: Floats) -> Floats:
    """What is expected of related pairs: what is shared agrees often, other things sometimes."""
    share = 0.7 if bearing is Bearing.SHARED else 0.4
    return np.asarray((1 - share) * u + share * m, np.float64)
