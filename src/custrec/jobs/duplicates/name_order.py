"""First and last names that stand in each other's fields in some of the records that become one.

Chosen field by field, Thomas Müller and Müller Thomas may become Müller Müller. So the names of all records in the one
order or in the other are left out before the rules choose: those in the order that was said last, where the newest
value stays; else in the rarer one; of two as frequent, in that which the survivor does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

from custrec.model.match import ASK, NEWEST, UNION, SurvivorRule
from custrec.model.schema import Table
from custrec.values.letters import folded

KIND = "person_name"

Row = tuple[Any, ...]


def exchangeable(table: Table, rules: dict[str, SurvivorRule]) -> list[tuple[int, int]]:
    """The places of fields of a table in which names may stand the one for the other."""
    named = [
        place
        for place, one in enumerate(table.fields)
        if one.kind == KIND and one.name not in table.primary_key and rules[one.name].how not in (ASK, UNION)
    ]
    return list(combinations(named, 2))


def in_one_order(
    rows: Sequence[Row], one: int, two: int, rule: SurvivorRule, age: Callable[[Row, int], Any]
) -> Sequence[Row]:
    """The records, that of the survivor first, without those whose names in two columns are in the order that does not
    stay; all, where none are exchanged. `age` says how new the value of a column is."""
    straight, crossed = _orders(rows, one, two)
    if not crossed or any(all(row[column] is None for row in crossed) for column in (one, two)):
        return rows

    def newest(some: Sequence[Row]) -> Any:
        return max(age(row, column) for row in some for column in (one, two)) if rule.how == NEWEST else 0

    stays = (newest(straight), len(straight)) >= (newest(crossed), len(crossed))
    gone = {row[1] for row in (crossed if stays else straight)}
    return [row for row in rows if row[1] not in gone]


def _orders(rows: Sequence[Row], one: int, two: int) -> tuple[list[Row], list[Row]]:
    """The records whose names are in the order of the first that has both, and those in the other order."""
    leader = next((row for row in rows if row[one] is not None and row[two] is not None), None)
    if leader is None:
        return [], []
    texts = dict.fromkeys(str(row[column]) for row in rows for column in (one, two) if row[column] is not None)
    fold: dict[Any, str] = dict(zip(texts, folded(list(texts)), strict=True))
    first, last = {fold[str(leader[one])]}, {fold[str(leader[two])]}
    if first == last:
        return [], []
    straight: list[Row] = [leader]
    crossed: list[Row] = []
    open_ = [row for row in rows if row is not leader]
    while open_:
        left = []
        for row in open_:
            here, there = fold.get(str(row[one])), fold.get(str(row[two]))
            same, other = here in first or there in last, here in last or there in first
            if same == other:
                left.append(row)
                continue
            (straight if same else crossed).append(row)
            first.add((here if same else there) or "")
            last.add((there if same else here) or "")
            first.discard("")
            last.discard("")
        if len(left) == len(open_):
            break
        open_ = left
    return straight, crossed
