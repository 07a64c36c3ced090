"""Holds: records that stay as they are, whatever a rule says, until somebody releases them. As plans.

A hold names records by number, and the reason in the words of whoever holds them. A condition holds the records that
meet it now. Releasing re-queues what the hold blocked: who had been written to is written to again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from custrec.errors import UsageError
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.duplicates.merged import keys_of
from custrec.jobs.edits.naming import Named
from custrec.jobs.reading import condition
from custrec.model.decisions import HOLDS, NOTICES
from custrec.model.plan import Counts
from custrec.model.schema import Table
from custrec.store import holds, journal, keyed
from custrec.store.anchors import JUDGED
from custrec.store.database import Store, snapshot
from custrec.store.deciding import Known, decide
from custrec.store.notices import notices
from custrec.store.plan_file import PlanFile
from custrec.store.sequences import next_ids

FEW = 5
LONGEST_REASON = 200


@dataclass(frozen=True)
class HoldRequest:
    """Which records of a table, named or by a condition, and why. Of a release, None is any reason."""

    table: Table
    reason: str | None
    named: Sequence[Named] = field(default_factory=tuple)
    where: str | None = None
    everything: bool = False


class Held(NamedTuple):
    """A record that is held: its key, why, by which event, when, and by whom."""

    table: str
    record: int
    key: str | None
    reason: str
    event: int
    at: str
    by: str


def plan_hold(store: Store, request: HoldRequest, by: Draft) -> PlanFile:
    """Plan to hold records. Raises UsageError for a reason that is none, ExpressionInvalid, DiskFull."""
    reason = " ".join((request.reason or "").split())
    if not reason or len(reason) > LONGEST_REASON:
        raise UsageError(
            what=f"a hold wants a reason of at most {LONGEST_REASON} characters",
            hint="--reason 'audit 2026/12'; no names of people, it is kept in the history",
        )
    base, planned, table = by.base(store), next_ids(store), request.table
    with drafted(store, by) as file:
        with snapshot(store.reader):
            chosen = _chosen(store, request, by)
            there = {hold.now for hold in holds.holds(store, table, chosen) if hold.reason == reason}
        new = [record for record in chosen if record not in there]
        decide(file, HOLDS, planned[str(HOLDS.id)], [(table.id, record, reason) for record in new])
        counts = Counts(read=len(chosen), same=len(there), insert=len(new))
        detail = {"of": [table.name], "records": new[:FEW], "reason": reason, "next_ids": planned}
        file.save_head(by.head(store, "hold", base, counts, [HOLDS.name], detail=detail))
    return file


def plan_release(store: Store, request: HoldRequest, by: Draft) -> PlanFile:
    """Plan to release records that are held, for one reason or for any. Raises ExpressionInvalid, DiskFull."""
    base, table = by.base(store), request.table
    with drafted(store, by) as file:
        with snapshot(store.reader):
            chosen = None if request.everything else _chosen(store, request, by)
            given = [
                hold
                for hold in holds.holds(store, table, chosen)
                if request.reason is None or hold.reason == request.reason
            ]
            taken = {hold.number for hold in given}
            left = {hold.now for hold in holds.holds(store, table) if hold.number not in taken}
            free = {hold.now for hold in given} - left
            asked = [Known(one.number, one.event) for record, one in notices(store, table).items() if record in free]
        decide(file, HOLDS, 0, taken_back=[Known(hold.number, hold.event) for hold in given])
        decide(file, NOTICES, 0, taken_back=asked)
        same = 0 if chosen is None else len({*chosen} - {hold.now for hold in given})
        counts = Counts(read=len(free) + same, same=same, delete=len(given) + len(asked))
        records = sorted(free)
        detail = {"of": [table.name], "records": records[:FEW], "released": len(records), "asked_again": len(asked)}
        tables = [HOLDS.name, *([NOTICES.name] if asked else [])]
        file.save_head(by.head(store, "release", base, counts, tables, detail=detail))
    return file


def held_records(store: Store, tables: Sequence[Table]) -> Iterator[Held]:
    """What is held in some tables, the oldest first."""
    for table in tables:
        with snapshot(store.reader):
            found = list(holds.holds(store, table))
            events = journal.details(store, {hold.event for hold in found})
            keys = keys_of(store, table, {hold.now for hold in found})
        for hold in found:
            event = events[hold.event][0]
            yield Held(table.name, hold.now, keys.get(hold.now), hold.reason, event.id, event.at, event.actor)


def reasons_of(store: Store, table: Table, record: int) -> list[str]:
    """Why a record is held, oldest first; nothing where it is not."""
    return [hold.reason for hold in holds.holds(store, table, {record})]


def _chosen(store: Store, request: HoldRequest, by: Draft) -> list[int]:
    """The records that were asked for, in any state in which they are judged."""
    if request.named:
        return list(dict.fromkeys(one.record for one in request.named))
    which = condition(store, request.table, request.where, by.day)
    return [record for state in JUDGED for record in keyed.ids(store, request.table, which, state)]
