"""What a table holds beyond its capacity: the longest inactive records, which are proposed and never touched unasked.

Inactive is told by the anchor of the capacity, of `stale`, or by the event that touched a record last. Records without
a day, held ones, and those that a rule lets go anyway are not among them.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator
from datetime import date

from custrec.jobs.lifecycle.judging import Judgement
from custrec.jobs.lifecycle.policy_texts import anchor_of
from custrec.model.plan import State
from custrec.model.policy import Action, Capacity, capacity_of
from custrec.model.schema import Schema, Table
from custrec.rules import days
from custrec.store import anchors, fullness, holds
from custrec.store.database import Store, snapshot


def beyond(
    store: Store, table: Table, today: date, judgement: Judgement, schema: Schema | None = None
) -> tuple[Action, array[int]] | None:
    """What is to be done with which active records, so that the table is within its capacity; None where it says
    nothing of one."""
    capacity = capacity_of(table)
    if capacity is None:
        return None
    leaving = {record for made, records in judgement.due.items() if made.action > Action.FLAG for record in records}
    with snapshot(store.reader):
        count = _over(store, table, capacity) - len(leaving)
        if count <= 0:
            return capacity.action, array("q")
        spared = leaving | holds.held(store, table)
        known = _inactive(store, table, today, capacity, schema or store.schema)
        longest = heapq.nsmallest(count, (one for one in known if one[1] not in spared))
    return capacity.action, array("q", sorted(record for _, record in longest))


def _over(store: Store, table: Table, capacity: Capacity) -> int:
    """How many active records are too many."""
    active = fullness.active(store, table)
    over = [0]
    if capacity.max_records is not None:
        over.append(active - capacity.max_records)
    if capacity.max_bytes is not None:
        size, every = fullness.used_bytes(store), sum(fullness.active(store, one) for one in store.schema.tables)
        over.append(-((capacity.max_bytes - size) * max(every, 1) // max(size, 1)))
    return min(active, max(over))


def _inactive(
    store: Store, table: Table, today: date, capacity: Capacity, schema: Schema
) -> Iterator[tuple[str | int, int]]:
    """By what the active records are ordered, the longest inactive lowest, and their numbers."""
    if capacity.anchor is None:
        yield from fullness.last_events(store, table)
        return
    asked = anchors.Asked(schema, table, today)
    program = days.compiled(anchor_of(schema, table, capacity.anchor), asked.place, schema.defaults.timezone)
    for numbers, states, told in anchors.gathered_all(store, asked):
        for record, state, day in zip(numbers, states, program(told), strict=True):
            if day and state == State.ACTIVE:
                yield day, record
