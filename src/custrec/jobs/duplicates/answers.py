"""The answers that people gave so far, with the records as they were when they were judged: what weights are tuned by.

different      verdicts (store.verdicts)
the same       merges of records that a person named or looked at: the plan's detail says `judged`. Such a pair is
               the merged record and the one that it became part of, both as they were before that merge; a merge
               that was undone is none, and one by probability alone is none either
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from custrec.jobs.duplicates.comparing import Comparison
from custrec.model.schema import Table
from custrec.store import parting, verdicts
from custrec.store.database import Store, snapshot
from custrec.store.history_of import history_of, place_at

MOST = 5_000
"""Of more answers of a sort the newest are taken."""

Record = Mapping[str, Any]


class Answer(NamedTuple):
    """Two records by number and their stored values by field, and whether they are the same."""

    one: int
    other: int
    left: Record
    right: Record
    same: bool


def answers(store: Store, comparison: Comparison) -> list[Answer]:
    """The answers about a table, one sort after the other. Whose values cannot be told any more are left out."""
    with snapshot(store.reader):
        found = [*_different(store, comparison.table), *_same(store, comparison.table)]
        # What refers to a parent is known as of now only; it tells nothing of what was judged.
        blank = dict.fromkeys(comparison.table.references)
        return [one._replace(left={**one.left, **blank}, right={**one.right, **blank}) for one in found]


def _different(store: Store, table: Table) -> Iterator[Answer]:
    said = sorted(verdicts.verdicts(store, table), key=lambda one: one.number)[-MOST:]
    names = [field.name for field in table.fields]
    rows = {
        record: dict(zip(names, values, strict=True))
        for record, _, _, values in parting.rows_of(store, table, {n for one in said for n in (one.one, one.other)})
    }
    for one in said:
        if one.one in rows and one.other in rows:
            yield Answer(one.one, one.other, rows[one.one], rows[one.other], False)


def _same(store: Store, table: Table) -> Iterator[Answer]:
    for merge in parting.judged_merges(store, table, MOST):
        sides = [_before(store, table, record, merge.event) for record in (merge.record, merge.into)]
        if sides[0] is not None and sides[1] is not None:
            yield Answer(merge.record, merge.into, sides[0], sides[1], True)


def _before(store: Store, table: Table, record: int, event: int) -> Record | None:
    """What a record held right before an event."""
    steps = history_of(store, table, record)
    place = place_at(steps, event - 1)
    return steps[place].values if place >= 0 else None


def rows_by_record(given: Sequence[Answer]) -> tuple[list[Record], list[tuple[int, int]]]:
    """The records of answers, each once as it was, and each answer's two places among them."""
    places: dict[tuple[int, str], int] = {}
    found: list[Record] = []
    pairs = []
    for one in given:
        ends = []
        for number, values in ((one.one, one.left), (one.other, one.right)):
            known = places.setdefault((number, repr(sorted(values.items()))), len(found))
            if known == len(found):
                found.append(values)
            ends.append(known)
        pairs.append((ends[0], ends[1]))
    return found, pairs
