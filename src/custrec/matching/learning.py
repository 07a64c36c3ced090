"""Learning what agreement is worth, by expectation–maximisation: see matching.mixture for what is learned.

It is kept from running away by what is known beforehand: u is exact from frequencies, what strangers share beside is
told by the crowd (matching.neighbours), and the number of strangers is all pairs there are, so a pair counts as
anything but chance only where chance cannot bring about as many; and in its anchors a related pair agrees by chance, or
by mistake, alone. Pairs were drawn with known probabilities, and weigh their inverse, up to a bound: of strangers, who
are what is seldom drawn, all is known beforehand, and a few heavy ones would make a class of their own (truncated
importance sampling, Ionides 2008).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from custrec.matching.chance import Chance
from custrec.matching.columns import Floats
from custrec.matching.crowd import is_common
from custrec.matching.kinship import PRIOR_PAIRS, Sort, estimate, expected, sorts_of
from custrec.matching.mixture import (
    MATCH_SORTS,
    TINY,
    Evidence,
    Mixture,
    Related,
    estimated,
    joint_logs,
    log_odds,
    patterns,
    standing_logs,
)
from custrec.matching.neighbours import Neighbours, neighbours
from custrec.values.comparing import Bearing

_ROUNDS = 50
_ENOUGH = 5e-4
_HEAVIEST, _ROWS_APIECE = 10.0, 1_000
"""A pair drawn stands for so many at most, or, of large tables, for one of so many records."""

_MOST_CLASHES, _MOST_CLASHES_OF_SEVERAL = 0.04, 0.4
"""Copies have other names at most so often: where there is one field of names, and where there are several, of which
one may be garbled."""
_BY_OTHERS = 2.0
"""So many times the square of how often certain copies have other names, where who has one may go by others: a few such
are neighbours in one house, and not one at all; half of all are not."""
_CLASHES_MORE = 1.5
"""Names clash so many times more often among all copies than among certain ones, at most."""
_SLIPS_MORE, _MORE_SLIPS = 2.0, 0.1
"""Slips are so many times more frequent, and so much more, among all copies than among certain ones, at most."""
_CERTAIN = 100.0
"""Seeds are so much rarer than there are pairs a record."""
_TELLING = 0.9
"""A field tells something if no more of its levels than this part is as usual among copies as among strangers."""
_SMALL = 100
"""With every so many records the tables tell themselves e times more, and what is expected beforehand counts less."""
_STEADIER, _EXPECTED_MORE = 0.9, 2.0
"""In small tables that name nobody copies may differ in so much less, and what is expected of them weighs so many times
more: what a town and its telephones have in common would else make copies of all who are there."""
_OWN = {Bearing.PERSONAL: 0.1, Bearing.OPEN: 0.5, Bearing.SHARED: 0.8}
"""A field is a person's own where so many of the pairs that agree in it are matches, by what its kind says."""
_MOVED = 0.45
"""So many of the moved are expected to have another value in what changes with the place."""
_MOST_DIFFERENT = 0.5
"""Copies differ altogether in a field at most so often; else what is no copy at all would pass for a poor one."""


def learn(
    evidence: Evidence, crowd: Evidence, chances: Sequence[Chance], bearings: Sequence[Bearing], rows: int
) -> Mixture:
    """Learn the classes from pairs drawn from a table of so many rows: by its keys, and evenly.

    First with what the kinds say is a person's own, then with what the data say: those fields whose agreement, as
    first learned, means a match.
    """
    evidence = patterns(_truncated(evidence, rows))
    strangers = [chance.levels for chance in chances]
    sown = seeds(evidence, chances, bearings, rows)
    clashes = _most_clashes(sown, bearings, chances, rows)  # forty colleagues may pass for certain copies
    certain = [
        _Bound(clashes, chance.unlike).of(m) if bearing is Bearing.NAME else m
        for m, bearing, chance in zip(sown, bearings, chances, strict=True)
    ]
    telling = [
        at for at, (u, m) in enumerate(zip(strangers, certain, strict=True)) if np.minimum(u, m).sum() < _TELLING
    ]
    if not telling:
        telling = list(range(len(strangers)))
    seen = Evidence(evidence.levels[telling], evidence.agreed[telling], evidence.weights, evidence.apiece)
    known, copies = [strangers[at] for at in telling], [certain[at] for at in telling]
    mine, kinds = [bearings[at] for at in telling], [chances[at] for at in telling]
    clash = _most_clashes([sown[at] for at in telling], mine, kinds, rows)
    others = Evidence(crowd.levels[telling], crowd.agreed[telling], crowd.weights)
    beside = neighbours(patterns(others), known, copies, rows)
    first = _converged(seen, known, copies, kinds, clash, beside, mine, rows)
    refined = _refined(first, seen, mine)
    learned = _converged(seen, known, copies, kinds, clash, beside, refined, rows)
    return _with_contradictions(_with_mute(learned, strangers, telling), chances)


def _most_clashes(sown: list[Floats], bearings: Sequence[Bearing], chances: Sequence[Chance], rows: int) -> float:
    """How often copies have another name at most; certain ones agree as `sown` says."""
    names = [at for at, bearing in enumerate(bearings) if bearing is Bearing.NAME]
    if len(names) > 1:
        return _MOST_CLASHES_OF_SEVERAL
    clashes = [float(sown[at][: chances[at].unlike].sum()) for at in names if chances[at].goes_by_others]
    by_others = min(_most_different(_smallness(rows)), _BY_OTHERS * sum(clashes) ** 2)
    return max(_MOST_CLASHES, by_others)


def _most_different(smallness: float) -> float:
    return _MOST_DIFFERENT * (1 - _STEADIER * smallness)


def _truncated(evidence: Evidence, rows: int) -> Evidence:
    heaviest = max(_HEAVIEST, rows / _ROWS_APIECE)
    return Evidence(evidence.levels, evidence.agreed, np.minimum(evidence.weights, heaviest))


def seeds(evidence: Evidence, chances: Sequence[Chance], bearings: Sequence[Bearing], rows: int) -> list[Floats]:
    """How copies agree in each field, as told by pairs that are almost certainly copies without it.

    Certain are pairs whose other fields agree on values so rare that no chance explains it, and no name contradicts;
    for a name, where kinds tell what is a person's own, also agree in that: else relatives would be taken for copies.
    """
    tops = np.array([len(chance.levels) - 1 for chance in chances])
    unlike = np.array([chance.unlike for chance in chances])
    rarity = np.where(evidence.levels == tops[:, None], -np.log(evidence.agreed), 0.0)
    needed = np.log(max(rows, 2) / 2) + np.log(_CERTAIN)
    names = np.array([bearing is Bearing.NAME for bearing in bearings], np.bool_)
    clashes = (evidence.levels >= 0) & (evidence.levels < unlike[:, None]) & names[:, None]
    personal = np.array([bearing is Bearing.PERSONAL for bearing in bearings], np.bool_)
    owned = (rarity[personal] > 0).sum(axis=0)
    found = []
    for at, chance in enumerate(chances):
        certain = (rarity.sum(axis=0) - rarity[at] >= needed) & (clashes.sum(axis=0) - clashes[at] == 0)
        if names[at] and personal.any():
            certain &= owned > 0
        found.append(estimated(evidence, at, evidence.weights * certain, _expected(chance, rows), PRIOR_PAIRS))
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
            one.kin,
        )
        for one in mixture.related
    ]
    mute = frozenset(range(len(strangers))) - place.keys()
    return Mixture(list(strangers), [widened(tables) for tables in mixture.matches], related, mixture.counts, mute)


def _with_contradictions(mixture: Mixture, chances: Sequence[Chance]) -> Mixture:
    """The mixture in which a contradiction, which is too rare to be learned, speaks for a match no more than what is
    merely different."""

    def bounded(table: Floats, chance: Chance) -> Floats:
        if not chance.contradicts:
            return table
        most = min(float(table[0]), float(table[1] * chance.levels[0] / max(chance.levels[1], TINY)))
        return np.append(most, table[1:] * (1 - most) / max(table[1:].sum(), TINY))

    matches = [[bounded(t, chance) for t, chance in zip(tables, chances, strict=True)] for tables in mixture.matches]
    return replace(mixture, matches=matches)


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


@dataclass(frozen=True)
class _Bound:
    """Copies differ altogether in a field, as its lowest levels say, so often at `most`."""

    most: float
    lowest: int

    def of(self, table: Floats, copy: Floats | None = None) -> Floats:
        """The table with no more than so much at the lowest levels, and not much more between these and the last than
        certain copies have: who have addresses that are always alike and never the same are no copies."""
        low, different = self.lowest, float(table[: self.lowest].sum())
        if different > self.most:
            rest = table[low:] * (1 - self.most) / max(table[low:].sum(), TINY)
            table, different = np.concatenate([table[:low] * self.most / different, rest]), self.most
        if copy is not None:
            slips, limit = float(table[low:-1].sum()), _SLIPS_MORE * float(copy[low:-1].sum()) + _MORE_SLIPS
            if slips > limit:
                table = np.concatenate([table[:low], table[low:-1] * limit / slips, [1 - different - limit]])
        return table


def _bound(bearing: Bearing, copy: Floats, most: float, lowest: int) -> _Bound:
    """The bound of a field in which certain copies agree as `copy` says: names differ at `most` so often, other fields
    so often at least."""
    different = float(copy[:lowest].sum())
    if bearing is Bearing.NAME:
        return _Bound(min(most, _CLASHES_MORE * different + 0.02), lowest)
    return _Bound(max(most, different + 0.05), lowest)


@dataclass(frozen=True)
class _Known:
    """What holds while the classes are learned: of each field how strangers and certain copies agree, what is expected
    of each sort of matches, and how often these differ altogether at most."""

    strangers: list[Floats]
    copies: list[Floats]
    beside: Neighbours
    bearings: Sequence[Bearing]
    matches: list[list[Floats]]
    weight: float
    """What is expected of matches counts for so many pairs drawn."""
    bounds: list[_Bound]
    sorts: list[Sort]


def _converged(
    evidence: Evidence,
    strangers: list[Floats],
    copies: list[Floats],
    chances: Sequence[Chance],
    clash: float,
    beside: Neighbours,
    bearings: Sequence[Bearing],
    rows: int,
) -> Mixture:
    nameless = 0.0 if Bearing.NAME in bearings else _smallness(rows)
    most = _most_different(nameless)
    bounds = [
        _bound(bearing, copy, clash if bearing is Bearing.NAME else most, chance.unlike)
        for bearing, copy, chance in zip(bearings, copies, chances, strict=True)
    ]
    copies = [bound.of(copy) for copy, bound in zip(copies, bounds, strict=True)]
    moved = [
        bound.of(_moved(copy, u)) if is_place(bearing, u, rows) else copy
        for copy, u, bearing, bound in zip(copies, strangers, bearings, bounds, strict=True)
    ]
    matches = [copies, [_poorer(copy) for copy in copies], moved]
    weight = PRIOR_PAIRS * (1 + _EXPECTED_MORE * nameless)
    known = _Known(strangers, copies, beside, bearings, matches, weight, bounds, sorts_of(bearings, strangers, rows))
    mixture = _beginning(known, rows)
    standing = standing_logs(mixture, evidence)
    for _ in range(_ROUNDS):
        joint = joint_logs(mixture, evidence, standing)
        shares = np.exp(joint - joint.max(axis=0))
        shares *= evidence.weights / shares.sum(axis=0)
        before, mixture = mixture, _maximised(mixture, evidence, shares, known)
        if np.abs(mixture.counts - before.counts).max() < _ENOUGH * rows:
            break
    return mixture


def _beginning(known: _Known, rows: int) -> Mixture:
    kin = [expected(sort, known.strangers, known.copies, known.bearings) for sort in known.sorts]
    few = 0.1 * rows
    counts = [*[few] * MATCH_SORTS, *known.beside.counts, *(min(few, one.most) for one in known.sorts)]
    counts.append(known.beside.strangers)
    return Mixture(known.strangers, known.matches, [*known.beside.sorts, *kin], np.array(counts))


def _smallness(rows: int) -> float:
    """How small a table is: 1 for one of no records, nearly 0 for those of some hundreds."""
    return float(np.exp(-rows / _SMALL))


def is_place(bearing: Bearing, u: Floats, rows: int) -> bool:
    """Whether a field is of where somebody lives or works, and changes when that does."""
    return (
        bearing is not Bearing.NAME
        and bearing is not Bearing.PERSONAL
        and (bearing is Bearing.SHARED or is_common(float(u[-1]), rows))
    )


def _maximised(old: Mixture, evidence: Evidence, shares: Floats, known: _Known) -> Mixture:
    counts = np.maximum(shares.sum(axis=1), 1e-3)
    apiece = evidence.weights if evidence.apiece is None else evidence.apiece
    each = np.maximum((shares * apiece).sum(axis=1) / np.maximum(shares.sum(axis=1), TINY), 1.0)
    matches = [
        [
            bound.of(estimated(evidence, at, mine, table, known.weight * pairs), copy)
            for at, (table, bound, copy) in enumerate(zip(prior, known.bounds, known.copies, strict=True))
        ]
        for mine, prior, pairs in zip(shares, known.matches, each, strict=False)
    ]
    first = MATCH_SORTS + len(known.beside.sorts)
    related = list(known.beside.sorts)
    for at, sort in enumerate(known.sorts, first):
        related.append(
            estimate(
                sort,
                old.related[at - MATCH_SORTS],
                evidence,
                shares[at],
                known.strangers,
                known.copies,
                known.bearings,
                PRIOR_PAIRS * float(each[at]),
            )
        )
        counts[at] = min(counts[at], sort.most)
    counts[MATCH_SORTS:first] = known.beside.counts
    counts[-1] = known.beside.strangers
    return Mixture(known.strangers, matches, related, counts)


def _expected(chance: Chance, rows: int) -> Floats:
    """What is expected of copies in a field, some of which have another value by then."""
    changed = chance.changes * _smallness(rows)
    return np.asarray((1 - changed) * _copy(len(chance.levels), 0) + changed * chance.levels, np.float64)


def _copy(levels: int, sort: int) -> Floats:
    """What is expected of copies: most fields the same; of much changed ones half."""
    same = (0.9, 0.45)[sort]
    below = 0.6 ** np.arange(levels - 1)[::-1]
    return np.append((1 - same) * below / below.sum(), same)


def _poorer(copy: Floats) -> Floats:
    """What is expected of much changed copies, beside what is of hardly changed ones."""
    return np.asarray((copy + _copy(len(copy), 1)) / 2, np.float64)


def _moved(copy: Floats, u: Floats) -> Floats:
    """What is expected of copies made after the person moved house or firm, in what is shared with others."""
    return np.asarray((1 - _MOVED) * copy + _MOVED * u, np.float64)
