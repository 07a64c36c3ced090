"""On what level each field of each pair agrees. Each distinct pair of values is compared once.

A level is a whole number from 0, different, to the last, the same; -1 where either record is blank.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from custrec.matching.columns import BLANK, Array, Codes, Floats, Rows
from custrec.matching.prepared import Prepared
from custrec.matching.threads import made_of_each
from custrec.values.comparing import Bearing

UNKNOWN = -1
_CHUNK = 500_000

Levels = NDArray[np.int8]


def compare_pairs(fields: Sequence[Prepared], usual: Sequence[Floats], left: Rows, right: Rows) -> tuple[Levels, Codes]:
    """The levels of pairs of records, and the code of the text on which they agree fully (-1: they do not): a row a
    field, a column a pair.

    What the one record has in another field of the kind than the other agrees, too: a number in the field for mobile
    phones or in that for landlines, first and last name exchanged. `usual` says how frequent the texts of each field
    are in the whole table, by their codes: a text belongs where it is more frequent.
    """
    levels = np.empty((len(fields), len(left)), np.int8)
    agreed = np.full((len(fields), len(left)), BLANK, np.int32)
    by_field = made_of_each(lambda field: compare_field(field, left, right), fields)
    for at, field in enumerate(fields):
        levels[at] = by_field[at]
        same = levels[at] == len(field.comparer.levels) - 1
        agreed[at, same] = field.codes[left[same]]
    for one, two in combinations(range(len(fields)), 2):
        if type(fields[one].comparer) is type(fields[two].comparer):
            if fields[one].comparer.elsewhere:
                _agree_elsewhere(fields, usual, (one, two), (left, right), levels, agreed)
            elif fields[one].comparer.bearing is Bearing.NAME:
                _agree_exchanged(fields, usual, (one, two), (left, right), levels, agreed)
    return levels, agreed


def _agree_elsewhere(
    fields: Sequence[Prepared],
    usual: Sequence[Floats],
    places: tuple[int, int],
    pairs: tuple[Rows, Rows],
    levels: Levels,
    agreed: Codes,
) -> None:
    """Where a text of one field stands in the other field of the other record, they agree: in the field where it is
    more frequent, a landline in that for landlines. The other field then says nothing."""
    one, two = places
    top = len(fields[one].comparer.levels) - 1
    for mine, others in (pairs, pairs[::-1]):
        text, there = fields[one].of(mine), fields[two].of(others)
        found = np.flatnonzero((text == there) & (text != 0) & (levels[one] != top) & (levels[two] != top))
        here, elsewhere = fields[one].codes[mine[found]], fields[two].codes[others[found]]
        proper = usual[one][here] >= usual[two][elsewhere]
        levels[one, found] = np.where(proper, top, UNKNOWN)
        levels[two, found] = np.where(proper, UNKNOWN, top)
        agreed[one, found] = np.where(proper, here, BLANK)
        agreed[two, found] = np.where(proper, BLANK, elsewhere)


def _agree_exchanged(
    fields: Sequence[Prepared],
    usual: Sequence[Floats],
    places: tuple[int, int],
    pairs: tuple[Rows, Rows],
    levels: Levels,
    agreed: Codes,
) -> None:
    """Where both texts stand in each other's field, they agree in both, as frequent as they are in one of the records,
    told by its content; where one does, in the field where it is more frequent, and the others as well as they are
    alike. Who comes first makes no difference."""
    one, two = places
    left, right = pairs
    here, there = fields[one].of(left), fields[two].of(left)
    first, second = fields[one].of(right), fields[two].of(right)
    crossed, back = (here == second) & (here != 0), (there == first) & (there != 0)
    unlike = (here != first) & (there != second)
    top = len(fields[one].comparer.levels) - 1
    both = np.flatnonzero(crossed & back & unlike)
    for at in places:
        levels[at, both] = top
        agreed[at, both] = fields[at].codes[np.where(here[both] < first[both], left[both], right[both])]
    filled = (here != 0) & (there != 0) & (first != 0) & (second != 0)
    for which, mine, others in ((crossed & ~back, left, right), (back & ~crossed, right, left)):
        found = np.flatnonzero(which & unlike & filled)
        alike = _compared_across(fields[two], mine[found], fields[one], others[found])
        better = alike > np.maximum(levels[one, found], levels[two, found])
        found, alike = found[better], alike[better]
        a, b = fields[one].codes[mine[found]], fields[two].codes[others[found]]
        proper = usual[one][a] >= usual[two][b]
        levels[one, found], levels[two, found] = np.where(proper, top, alike), np.where(proper, alike, top)
        agreed[one, found], agreed[two, found] = np.where(proper, a, BLANK), np.where(proper, BLANK, b)


def _compared_across(one: Prepared, left: Rows, two: Prepared, right: Rows) -> Levels:
    """The levels of the texts that the left records have in the one field and the right ones in the other."""
    mine, others = one.codes[left], two.codes[right]
    texts = sorted({one.texts[at] for at in set(mine.tolist())} | {two.texts[at] for at in set(others.tolist())})
    place = {text: at for at, text in enumerate(texts)}
    comparer = type(one.comparer)(one.comparer.kind)
    comparer.learn(texts)
    a = np.array([place[one.texts[at]] for at in mine.tolist()], np.int64)
    b = np.array([place[two.texts[at]] for at in others.tolist()], np.int64)
    return comparer.compare(a, b) if len(a) else np.empty(0, np.int8)


def compare_field(field: Prepared, left: Rows, right: Rows) -> Levels:
    """The levels of one field."""
    one, two = field.codes[left], field.codes[right]
    known = (one >= 0) & (two >= 0)
    top = len(field.comparer.levels) - 1
    levels = np.where(known, np.int8(top), np.int8(UNKNOWN))
    if field.comparer.partial is not None:
        same = known & (one == two)
        levels[same] = field.comparer.partial[one[same]]
    differing = np.flatnonzero(known & (one != two))
    if len(differing) and top > 1:
        levels[differing] = compare_codes(field, one[differing], two[differing])
    elif len(differing):
        levels[differing] = 0
    return levels


def compare_codes(field: Prepared, one: Rows, two: Rows) -> Levels:
    """The levels of pairs of different texts, each distinct pair compared once."""
    small, large = np.minimum(one, two).astype(np.int64), np.maximum(one, two).astype(np.int64)
    pairs, place = _once(small * len(field.texts) + large)
    small, large = pairs // len(field.texts), pairs % len(field.texts)
    levels = np.empty(len(pairs), np.int8)
    for start in range(0, len(pairs), _CHUNK):
        some = slice(start, start + _CHUNK)
        levels[some] = field.comparer.compare(small[some], large[some])
    return levels[place]


def _once(pairs: Array) -> tuple[Array, Array]:
    """The pairs each once, and the place of each pair among them."""
    order = np.argsort(pairs)
    ordered = pairs[order]
    first = np.append(True, ordered[1:] != ordered[:-1])
    place = np.empty(len(pairs), np.int64)
    place[order] = np.cumsum(first) - 1
    return ordered[first], place
