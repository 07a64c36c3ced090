"""Records are put aside and come back, as plans of updates of their state (model.lifecycle).

What is put aside is neither listed nor found, exported or validated; its key stays taken. What refers to a record goes
with it, and comes back with it (store.moving). Nothing is removed from the store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from custrec.errors import RecordInvalid
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.edits.naming import Named, records_named, refuse_aside
from custrec.jobs.edits.written_values import in_words
from custrec.jobs.reading import condition
from custrec.model.lifecycle import ARCHIVE, DELETE, RESTRICT, UNARCHIVE, UNDELETE, UNRESTRICT, Way
from custrec.model.plan import Counts, State
from custrec.model.problem import Fault
from custrec.model.schema import Table
from custrec.store import keyed
from custrec.store.database import Store, open_store, snapshot
from custrec.store.extract import all_records
from custrec.store.moving import move
from custrec.store.plan_file import PlanFile
from custrec.store.returning import beside_a_copy, bring_back
from custrec.store.rewriting import rewriting


@dataclass(frozen=True)
class MoveRequest:
    """Which records: those that were named, of any state; or (`table`) all that meet a condition, of the active ones
    where they are put aside, and of those that can come back where they do.

    Those that come back from an archive file come from its opened copy (`archive`), all of them or those called by
    `names`, in `table` or anywhere.
    """

    named: Sequence[Named] = field(default_factory=tuple)
    table: Table | None = None
    where: str | None = None
    archive: Path | None = None
    names: Sequence[str] = field(default_factory=tuple)


def plan_archive(store: Store, request: MoveRequest, by: Draft) -> PlanFile:
    """Plan to archive active records. Raises RecordInTrash, RecordRestricted, ExpressionInvalid, DiskFull."""
    return _plan(store, request, by, ARCHIVE)


def plan_unarchive(store: Store, request: MoveRequest, by: Draft) -> PlanFile:
    """Plan to bring records back from the archive, or from an archive file; raises what `plan_undelete` does."""
    return _plan_from_file(store, request, by) if request.archive else _plan(store, request, by, UNARCHIVE)


def plan_delete(store: Store, request: MoveRequest, by: Draft) -> PlanFile:
    """Plan to put active or archived records into the trash. Raises RecordRestricted, ExpressionInvalid, DiskFull."""
    return _plan(store, request, by, DELETE)


def plan_undelete(store: Store, request: MoveRequest, by: Draft) -> PlanFile:
    """Plan to take records out of the trash, with what went there with them.

    Those whose parent stays away stay, too, and are counted. Raises RecordInvalid where that is the one record that
    was named, RecordArchived or RecordRestricted where one is somewhere else, ExpressionInvalid, DiskFull.
    """
    return _plan(store, request, by, UNDELETE)


def plan_restrict(store: Store, request: MoveRequest, by: Draft) -> PlanFile:
    """Plan to restrict records of any state: kept, and used for nothing. Raises ExpressionInvalid, DiskFull."""
    return _plan(store, request, by, RESTRICT)


def plan_unrestrict(store: Store, request: MoveRequest, by: Draft) -> PlanFile:
    """Plan to bring restricted records back to where they were; raises what `plan_undelete` does."""
    return _plan(store, request, by, UNRESTRICT)


def _plan(store: Store, request: MoveRequest, by: Draft, way: Way) -> PlanFile:
    base = by.base(store)
    refuse_aside(request.named, but=(*way.origins, *(() if way.to is None else (way.to,))))
    with drafted(store, by) as file:
        with rewriting(file, store.path), snapshot(store.reader):
            chosen = _chosen(store, request, by, way)
            moved = move(file, chosen, way)
        if moved.lost and len(request.named) == 1 and not moved.records:
            raise _below(request.named[0], next(iter(moved.lost)))
        asked = sum(map(len, chosen.values()))
        counts = Counts(
            read=max(len(request.named), asked),
            same=max(0, len(request.named) - asked),
            update=moved.records,
            rejected=moved.lost.total(),
        )
        detail = {"moved": moved.tables, "of": sorted(chosen)}
        rules = dict(moved.lost)
        file.save_head(by.head(store, way.verb, base, counts, list(moved.tables), rules=rules, detail=detail))
    return file


def _plan_from_file(store: Store, request: MoveRequest, by: Draft) -> PlanFile:
    """Bring back what an archive file holds, as it was then: what is archived, and what is gone. A record that is
    active stays as it is by now; one in the trash, or restricted, stays where it is (*blocked*)."""
    assert request.archive is not None
    base, archived = by.base(store), open_store(request.archive)
    try:
        chosen = _in_archive(archived, request)
    finally:
        archived.close()
    counts = Counts(read=sum(map(len, chosen.values())))
    with drafted(store, by) as file:
        with snapshot(store.reader), beside_a_copy(file, store.path, request.archive):
            wanted: dict[str, list[int]] = {}
            for name, records in chosen.items():
                there = keyed.by_number(store, store.schema.by_name[name], records)
                states = {record: place.state for record, place in there.items() if place.via is None}
                wanted[name] = [record for record in records if states.get(record, State.ARCHIVED) is State.ARCHIVED]
                active = sum(state is State.ACTIVE for state in states.values())
                counts = counts.plus(same=active, blocked=len(records) - len(wanted[name]) - active)
            found = bring_back(file, wanted)
        counts = counts.plus(update=found.update, insert=found.insert, same=found.same, blocked=found.blocked)
        moved = {table.name: n for table in store.schema.tables if (n := file.changes_of(table))}
        detail = {"moved": moved, "of": list(moved)}
        file.save_head(by.head(store, UNARCHIVE.verb, base, counts, list(moved), detail=detail))
    return file


def _in_archive(archived: Store, request: MoveRequest) -> dict[str, list[int]]:
    """The records of an archive file that are meant, by table. Raises RecordUnknown, RecordAmbiguous."""
    if not request.names:
        return all_records(archived)
    table = archived.schema.by_name[request.table.name] if request.table else None
    chosen: dict[str, list[int]] = {}
    for one in records_named(archived, table, request.names):
        chosen.setdefault(one.table.name, []).append(one.record)
    return chosen


def _chosen(store: Store, request: MoveRequest, by: Draft, way: Way) -> dict[str, list[int]]:
    """The records that can go this way and were asked for, by table."""
    if request.table is not None:
        which = condition(store, request.table, request.where, by.day)
        return {request.table.name: keyed.ids(store, request.table, which, way.origins[0])}
    chosen: dict[str, list[int]] = {}
    for one in request.named:
        if one.state in way.origins:
            chosen.setdefault(one.table.name, []).append(one.record)
    return chosen


def _below(one: Named, rule: str) -> RecordInvalid:
    """The error of a record whose parent is away."""
    faults = [(key.field, Fault(rule, {"table": key.table, "field": key.target})) for key in one.table.foreign_keys]
    return RecordInvalid(
        count=1,
        what=one.words,
        table=one.table.name,
        details=tuple(in_words(*fault) for fault in faults[:1]),
        hint=f"bring back the record of {one.table.foreign_keys[0].table} that it belongs to",
    )
