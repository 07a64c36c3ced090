"""How alike two texts are, in plain Python: edit distance, shared words. All symmetric."""

from __future__ import annotations

from collections.abc import Collection


def edit_distance(a: str, b: str, limit: int) -> int:
    """How many characters to insert, delete, replace or swap with their neighbour to make `b` of `a`.

    Optimal string alignment (Damerau 1964, without editing a part twice). Anything above `limit` is `limit` + 1.
    """
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, last, row = row, before, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if last and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return min(row[-1], limit + 1)


def overlap(a: Collection[str], b: Collection[str]) -> float:
    """The share of words they have in common (Jaccard), 0 to 1; 0 where neither has any."""
    one, two = set(a), set(b)
    return len(one & two) / len(one | two) if one or two else 0.0
