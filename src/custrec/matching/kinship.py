"""The sorts of related pairs: who share what is shared, and differ in what is a person's own (its *anchors*).

Relatives have another first name, or another family name: a sort for each field of names; colleagues have others in
all. Who share all names are either namesakes, as many as chance brings about, who have nothing else in common but what
their names make alike (an e-mail address); or, seldom, of one family, father and son. Whose names are only alike have
addresses that are alike, too, and nothing else in common. In a table that is not of people the anchor is the field
whose values are rarest: articles of one maker, papers by the same authors.

In its anchors a pair of a sort agrees by chance, or by mistake, alone. In any other field a part of the sort shares the
value, and then looks as copies do; the rest looks as strangers do. Freer tables would go and fit whatever strangers
happen to look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custrec.matching.columns import Array, Floats
from custrec.matching.crowd import is_common
from custrec.matching.mixture import TINY, Evidence, Related, estimated
from custrec.values.comparing import Bearing, Comparer

PRIOR_PAIRS = 10.0
"""What is expected beforehand counts for so many pairs drawn."""
_MISTAKEN = 0.02
_MOST_MISTAKEN = 0.2
_MOST_NAMESAKES = 2.0
"""There are at most so many times the namesakes that chance brings about: names go with places and times."""
_MOST_FAMILY_NAMESAKES = 0.02
"""There are at most so many fathers and sons of one name, for each record."""
_HELD, _HELD_OF_NAMES = 1, 2
"""So many of an anchor's upper levels are held to chance; addresses made of names may be a slip apart as these are."""
_SHARED = {Bearing.SHARED: 0.7, Bearing.NAME: 0.9}
_SHARED_ELSE = 0.4
"""So many related pairs are expected to share a field whose kind says that people do, and any other."""
_LEAST_SHARED = {Bearing.SHARED: 0.5, Bearing.NAME: 0.8}
_LEAST_SHARED_ELSE = 0.1
"""And of those who are related, so many share it at least: a sort that shares nothing has been taken over by strangers,
and then relatives are taken for much changed copies."""
_UNLIKE = 2
"""So many lower levels of a name are of names that are hardly alike."""
_INNER_ROUNDS = 10


@dataclass(frozen=True)
class Sort:
    """A sort of related pairs, by the places of fields: its anchors, the names that make it (agreeing as copies do, or
    `alike` by chance), those that agree by chance alone; how often anchors agree by mistake at most, and how many pairs
    there may be."""

    anchors: frozenset[int]
    made_by: frozenset[int]
    by_chance: frozenset[int]
    mistakes: float
    most: float
    alike: bool = False

    def made(self, u: Floats, m: Floats) -> Floats:
        """The table of a name that makes the sort."""
        return _alike(u) if self.alike else m


def bearings_of(fields: Sequence[Comparer]) -> list[Bearing]:
    """Whose the values of a table's fields are, as their kinds say."""
    bearings = [one.bearing for one in fields]
    if Bearing.NAME in bearings:
        return bearings
    return [one.among_firms or one.bearing for one in fields]


def sorts_of(bearings: Sequence[Bearing], strangers: Sequence[Floats], rows: int) -> list[Sort]:
    """The sorts that fields of these bearings can tell."""
    personal = frozenset(at for at, bearing in enumerate(bearings) if bearing is Bearing.PERSONAL)
    names = frozenset(at for at, bearing in enumerate(bearings) if bearing is Bearing.NAME)
    nothing: frozenset[int] = frozenset()
    sorts = [Sort(personal | {name}, nothing, nothing, _MOST_MISTAKEN, np.inf) for name in sorted(names)[:3]]
    if len(names) > 1:
        sorts.append(Sort(personal | names, nothing, nothing, _MOST_MISTAKEN, np.inf))
    if personal and not names:
        sorts.append(Sort(personal, nothing, nothing, _MOST_MISTAKEN, np.inf))
    if not personal and not names and len(strangers) > 1:
        rarest = min(range(len(strangers)), key=lambda at: float(strangers[at][-1]))
        sorts.append(Sort(frozenset([rarest]), nothing, nothing, _MOST_MISTAKEN, np.inf))
    if personal and names:
        by_chance = rows * (rows - 1) / 2 * float(np.prod([strangers[at][-1] for at in names]))
        common = frozenset(at for at, u in enumerate(strangers) if is_common(float(u[-1]), rows))
        rest = frozenset(range(len(strangers))) - names - common
        sorts.append(Sort(personal, names, rest, 0.0, _MOST_NAMESAKES * by_chance))
        alike = rows * (rows - 1) / 2 * float(np.prod([strangers[at][_UNLIKE:-1].sum() for at in names]))
        sorts.append(Sort(personal, names, rest, 0.0, alike, alike=True))
        if len(rest - personal):
            sorts.append(Sort(personal, names, nothing, _MISTAKEN, _MOST_FAMILY_NAMESAKES * rows))
    return sorts


def expected(sort: Sort, strangers: Sequence[Floats], copies: Sequence[Floats], bearings: Sequence[Bearing]) -> Related:
    """What is expected of a sort."""
    mistaken = np.full(len(strangers), np.nan)
    mistaken[list(sort.anchors | sort.by_chance)] = 0.0
    mistaken[list(sort.anchors)] = min(_MISTAKEN, sort.mistakes)
    tables = []
    for at, (u, m, bearing) in enumerate(zip(strangers, copies, bearings, strict=True)):
        if at in sort.made_by:
            tables.append(sort.made(u, m))
        elif at in sort.anchors or at in sort.by_chance:
            tables.append(_anchored(u, mistaken[at], u, m, bearing))
        else:
            share = _SHARED.get(bearing, _SHARED_ELSE)
            tables.append(np.asarray((1 - share) * u + share * m, np.float64))
    return Related(tables, mistaken, sort.made_by)


def estimate(
    sort: Sort,
    before: Related,
    evidence: Evidence,
    shares: Floats,
    strangers: Sequence[Floats],
    copies: Sequence[Floats],
    bearings: Sequence[Bearing],
    weight: float,
) -> Related:
    """A sort as the pairs that count for it tell, each so much; what is expected weighs as much as `weight` pairs."""
    mistaken, tables = before.mistaken.copy(), []
    for at, (u, m, bearing) in enumerate(zip(strangers, copies, bearings, strict=True)):
        if at in sort.made_by:
            tables.append(sort.made(u, m))
        elif at in sort.anchors:
            if sort.mistakes:
                level = evidence.levels[at]
                met = np.where(level == len(u) - 1, evidence.agreed[at], 1.0)
                mistaken[at] = min(_mistakes(level, met, shares, mistaken[at], m[-1]), sort.mistakes)
            tables.append(_anchored(estimated(evidence, at, shares, u, weight), mistaken[at], u, m, bearing))
        elif at in sort.by_chance:
            tables.append(u)
        else:
            seen = evidence.shared_out(at, shares, len(u))
            table = _partly(seen, u, m, bearing, weight, not sort.by_chance)
            tables.append(_stem_or_whole(table, seen, evidence, at, weight))
    return Related(tables, mistaken, before.usual)


def _mistakes(level: Array, met: Floats, shares: Floats, mistaken: float, same: float) -> float:
    """How often related pairs agree in an anchor beyond chance."""
    exact = shares * (met < 1)
    odd = float((exact * mistaken * same / (mistaken * same + (1 - mistaken) * met)).sum())
    known = float(shares[level >= 0].sum())
    return (odd + PRIOR_PAIRS * _MISTAKEN) / (known + PRIOR_PAIRS)


def _anchored(table: Floats, wrong: float, u: Floats, m: Floats, bearing: Bearing) -> Floats:
    """The table of an anchor: related pairs have the same, or a slip of it, by chance or by mistake alone. Lower levels
    may be what they are: namesakes have e-mail addresses that look alike."""
    free = max(1, len(u) - (_HELD_OF_NAMES if bearing is Bearing.NAME else _HELD))
    chance = (1 - wrong) * u + wrong * m
    rest = table[:free] / max(table[:free].sum(), TINY) * (1 - chance[free:].sum())
    return np.append(rest, chance[free:])


def _alike(u: Floats) -> Floats:
    """How the names of strangers agree that are alike, and not the same."""
    table = np.full(len(u), TINY)
    table[_UNLIKE:-1] = np.maximum(u[_UNLIKE:-1], TINY)
    return np.asarray(table / table.sum(), np.float64)


def _stem_or_whole(table: Floats, seen: Floats, evidence: Evidence, at: int, weight: float) -> Floats:
    """The table in which those who share a value, or its stem alone, share the one or the other as often as was seen:
    copies seldom have another extension, colleagues at one switchboard nearly always."""
    in_part = evidence.in_part(at, len(table))
    if not len(in_part):
        return table
    stem = int(evidence.levels[at, in_part[0]])
    both = float(table[stem] + table[-1])
    share = (float(seen[stem]) + weight * table[stem] / both) / (float(seen[stem] + seen[-1]) + weight)
    found = table.copy()
    found[stem], found[-1] = both * share, both * (1 - share)
    return found


def _partly(seen: Floats, u: Floats, m: Floats, bearing: Bearing, weight: float, kin: bool) -> Floats:
    """The table of a field that a part of a sort shares, of which so much was seen on each level."""
    share = beforehand = _SHARED.get(bearing, _SHARED_ELSE)
    least = _LEAST_SHARED.get(bearing, _LEAST_SHARED_ELSE) if kin else 0.0
    total = float(seen.sum())
    for _ in range(_INNER_ROUNDS):
        sharing = share * m / np.maximum(share * m + (1 - share) * u, TINY)
        share = max((float(seen @ sharing) + weight * beforehand) / (total + weight), least)
    return np.asarray((1 - share) * u + share * m, np.float64)
