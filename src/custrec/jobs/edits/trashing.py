"""Delete and undelete: records go to the trash and come back, as plans of updates of their state.

A deleted record is neither listed nor found, exported or validated; its key stays taken, and whoever imports it is
told. What refers to it goes with it, and comes back with it (store.trash). Nothing is removed from the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from custrec.errors import RecordInvalid
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.edits.naming import Named
from custrec.jobs.edits.written_values import in_words
from custrec.jobs.reading import condition
from custrec.model.plan import Counts, State
from custrec.model.problem import Fault
from custrec.model.schema import Table
from custrec.store import keyed
from custrec.store.database import Store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.rewriting import rewriting
from custrec.store.trash import move


@dataclass(frozen=True)
class TrashRequest:
    """Which records: those that were named, or (`table`) all of a table that meet a condition."""

    named: Sequence[Named] = field(default_factory=tuple)
    table: Table | None = None
    where: str | None = None


def plan_delete(store: Store, request: TrashRequest, by: Draft) -> PlanFile:
    """Plan to put active records into the trash, with what refers to them. Raises ExpressionInvalid, DiskFull."""
    return _plan(store, request, by, State.TRASHED)


def plan_undelete(store: Store, request: TrashRequest, by: Draft) -> PlanFile:
    """Plan to take records out of the trash, with what went there with them.

    Those whose parent stays in the trash stay, too, and are counted. Raises RecordInvalid where that is the one record
    that was named, ExpressionInvalid, DiskFull.
    """
    return _plan(store, request, by, State.ACTIVE)


def _plan(store: Store, request: TrashRequest, by: Draft, to: State) -> PlanFile:
    verb, base = ("delete" if to is State.TRASHED else "undelete"), by.base(store)
    with drafted(store, by) as file:
        with rewriting(file, store.path), snapshot(store.reader):
            chosen = _chosen(store, request, by, State.ACTIVE if to is State.TRASHED else State.TRASHED)
            moved = move(file, chosen, to)
        if moved.lost and len(request.named) == 1 and not moved.records:
            raise _below(request.named[0])
        asked = sum(map(len, chosen.values()))
        counts = Counts(
            read=max(len(request.named), asked),
            same=max(0, len(request.named) - asked),
            update=moved.records,
            rejected=moved.lost,
        )
        rules = {"parent-in-trash": moved.lost} if moved.lost else {}
        detail = {"moved": moved.tables, "of": sorted(chosen)}
        file.save_head(by.head(store, verb, base, counts, list(moved.tables), rules=rules, detail=detail))
    return file


def _chosen(store: Store, request: TrashRequest, by: Draft, state: State) -> dict[str, list[int]]:
    """The records in a state that were asked for, by table."""
    if request.table is not None:
        which = condition(store, request.table, request.where, by.day)
        return {request.table.name: keyed.ids(store, request.table, which, state)}
    chosen: dict[str, list[int]] = {}
    for one in request.named:
        if one.state is state:
            chosen.setdefault(one.table.name, []).append(one.record)
    return chosen


def _below(one: Named) -> RecordInvalid:
    """The error of a record whose parent is in the trash."""
    faults = [
        (key.field, Fault("parent-in-trash", {"table": key.table, "field": key.target}))
        for key in one.table.foreign_keys
    ]
    return RecordInvalid(
        count=1,
        what=one.words,
        table=one.table.name,
        details=tuple(in_words(*fault) for fault in faults[:1]),
        hint=f"bring back the record of {one.table.foreign_keys[0].table} that it belongs to",
    )
