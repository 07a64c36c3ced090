"""Verdicts of people: these records are not the same. Kept in the store for ever, or until somebody takes it back.

A verdict is a decision like any other change: planned, journalled, undone. It is said of two records, and holds for
whatever they are merged into (store.verdicts).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from custrec.errors import UsageError
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.duplicates.clusters import MERGEABLE
from custrec.jobs.duplicates.merged import keys_of
from custrec.jobs.edits.naming import Named, of_one_table, refuse_aside
from custrec.model.decisions import DIFFERENT, VERDICTS
from custrec.model.plan import Counts
from custrec.model.schema import Table
from custrec.store import inserting, journal, keyed, verdicts
from custrec.store.database import Store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.sequences import next_ids

FEW = 5
"""So many pairs are named."""
MOST = 200
"""Records of which every two can be said to be different at once."""


@dataclass(frozen=True)
class PairsRequest:
    """Pairs of records of one table, by number as they are now, the lower first."""

    table: Table
    pairs: Sequence[tuple[int, int]]


def every_two(named: Sequence[Named]) -> PairsRequest:
    """Every two of some records. Raises UsageError."""
    records = sorted({one.record for one in named})
    if len(records) < 2:
        hint = "two names may mean one record that was merged: custrec dedupe split takes it apart"
        raise UsageError(what="at least two different records are wanted", hint=hint)
    if len(records) > MOST:
        raise UsageError(what=f"of more than {MOST} records at once nothing is said", hint="name fewer of them")
    return PairsRequest(of_one_table(named), list(combinations(records, 2)))


def plan_different(store: Store, request: PairsRequest, by: Draft) -> PlanFile:
    """Plan to say of pairs of records that they are not the same. Raises RecordInTrash,
    RecordRestricted, DiskFull."""
    pairs, table = request.pairs, request.table
    places = keyed.by_number(store, table, {record for pair in pairs for record in pair})
    refuse_aside((Named(table, *place) for place in places.values()), but=MERGEABLE)
    now = [_ordered(places[one].record, places[other].record) for one, other in pairs]
    base, planned = by.base(store), next_ids(store)
    with drafted(store, by) as file:
        with snapshot(store.reader):
            given = verdicts.verdicts(store, table, about={record for pair in now for record in pair})
            said = {_ordered(one.now_one, one.now_other) for one in given}
        new = [pair for pair, today in zip(pairs, now, strict=True) if today not in said]
        rows = [(None, table.id, *pair, DIFFERENT) for pair in new]
        inserting.insert(file, VERDICTS, planned[str(VERDICTS.id)], rows)
        counts = Counts(read=len(pairs), same=len(pairs) - len(new), insert=len(new))
        detail = {"of": [table.name], "pairs": [list(pair) for pair in new[:FEW]], "next_ids": planned}
        file.save_head(by.head(store, "different", base, counts, [VERDICTS.name], detail=detail))
    return file


def plan_same(store: Store, request: PairsRequest, by: Draft) -> PlanFile:
    """Plan to take back what was said of pairs of records, or of what is part of them. Raises DiskFull."""
    wanted, table, base = set(request.pairs), request.table, by.base(store)
    with drafted(store, by) as file:
        with snapshot(store.reader):
            about = {record for pair in wanted for record in pair}
            given = [
                one
                for one in verdicts.verdicts(store, table, about=about)
                if _ordered(one.now_one, one.now_other) in wanted
            ]
        taken = verdicts.take_back(file, given)
        counts = Counts(read=len(wanted), same=max(0, len(wanted) - taken), delete=taken)
        detail = {"of": [table.name], "pairs": [[one.one, one.other] for one in given[:FEW]]}
        file.save_head(by.head(store, "same", base, counts, [VERDICTS.name], detail=detail))
    return file


class SaidDifferent(NamedTuple):
    """Two records that are said to be different, with their keys; the event that said so, when, by whom, and why."""

    table: str
    one: int
    key: str | None
    other: int
    other_key: str | None
    event: int
    at: str
    by: str
    note: str


def said_different(store: Store, tables: Sequence[Table]) -> Iterator[SaidDifferent]:
    """Which records of some tables are said to be different, in the order in which it was said."""
    for table in tables:
        with snapshot(store.reader):
            found = list(verdicts.verdicts(store, table))
            events = journal.details(store, {one.event for one in found})
            keys = keys_of(store, table, {record for one in found for record in (one.one, one.other)})
        for one in found:
            event = events[one.event][0]
            pair = (one.one, keys.get(one.one), one.other, keys.get(one.other))
            yield SaidDifferent(table.name, *pair, event.id, event.at, event.actor, event.note)


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
