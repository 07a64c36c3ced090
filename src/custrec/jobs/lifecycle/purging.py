"""Purge and anonymise: plans that destroy. What they take away stands in no journal, and nothing brings it back.

Purge destroys records, with what was merged into them and what refers to them (store.doomed). Anonymise takes fields of
records, and keeps the rows for whoever counts. What is cleaned afterwards stands in jobs.lifecycle.wiping.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from custrec.errors import KeyStays, NothingPersonal, ReasonUnknown, RecordsOnHold
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.edits.naming import Named
from custrec.jobs.reading import condition, field_named
from custrec.model.plan import Counts, State
from custrec.model.policy import personal_fields
from custrec.model.schema import Schema, Table
from custrec.store import keyed
from custrec.store.database import Store, snapshot
from custrec.store.doomed import Doomed, blank, doom
from custrec.store.erasing import FIELDS
from custrec.store.plan_file import PlanFile
from custrec.store.rewriting import rewriting
from custrec.values.registry import versions

REASONS = ("request", "retention", "mistake", "test-data", "capacity", "other")
"""Why people destroy: a closed list, so that nothing about anybody gets into the ledger."""
STATES = (State.ACTIVE, State.ARCHIVED, State.TRASHED, State.RESTRICTED)


@dataclass(frozen=True)
class PurgeRequest:
    """Which records, and why: those that were named; those of these ids by table (`records`: a policy's); or all of a
    `table` in some `states` that meet a condition. `reason` is one of REASONS, `rule` the policy's name for it.
    `leave_held`: what is on hold, or has something on hold below it, stays, and nothing is refused because of it."""

    named: Sequence[Named] = ()
    records: Mapping[str, Iterable[int]] = field(default_factory=dict)
    table: Table | None = None
    where: str | None = None
    states: Sequence[State] = STATES
    reason: str = "other"
    rule: str = ""
    leave_held: bool = False


@dataclass(frozen=True)
class AnonymiseRequest:
    """Which records lose which fields (names by table; of a table that is not among them, those that are classified as
    personal or sensitive)."""

    of: PurgeRequest
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)


def known_reason(reason: str) -> str:
    """A reason, if it is one of the list. Raises ReasonUnknown."""
    if reason not in REASONS:
        raise ReasonUnknown(reason=reason, reasons=", ".join(REASONS))
    return reason


def plan_purge(store: Store, request: PurgeRequest, by: Draft) -> PlanFile:
    """Plan to destroy records, with what belongs to them. Raises ExpressionInvalid, RecordsOnHold, DiskFull."""
    base = by.base(store)
    with drafted(store, by) as file:
        with rewriting(file, store.path), snapshot(store.reader):
            chosen = _chosen(store, request, by)
            found = doom(file, chosen, request.leave_held)
        _refuse_held(found)
        deleted = found.records + sum(found.decisions.values())
        tables = [*found.tables, *found.decisions]
        counts = Counts(read=_asked(chosen), delete=deleted, skipped=found.merged)
        file.save_head(by.head(store, "purge", base, counts, tables, detail=_detail(store, request, found, chosen)))
    return file


def plan_anonymise(store: Store, request: AnonymiseRequest, by: Draft) -> PlanFile:
    """Plan to take fields of records, for good.

    Raises ExpressionInvalid, FieldUnknown, KeyStays, NothingPersonal, RecordsOnHold, DiskFull.
    """
    base = by.base(store)
    with drafted(store, by) as file:
        with rewriting(file, store.path), snapshot(store.reader):
            chosen = _chosen(store, request.of, by)
            fields = {name: _going(store.schema, name, request.fields.get(name, ())) for name in chosen}
            found = blank(file, chosen, fields)
        _refuse_held(found)
        counts = Counts(read=_asked(chosen), update=found.records, skipped=found.merged)
        detail = _detail(store, request.of, found, chosen)
        by_name = store.schema.by_name
        detail[FIELDS] = {
            str(by_name[name].id): [by_name[name].by_name[one].id for one in going] for name, going in fields.items()
        }
        detail["fields"] = {name: dict.fromkeys(going, found.tables.get(name, 0)) for name, going in fields.items()}
        file.save_head(by.head(store, "anonymise", base, counts, list(found.tables), detail=detail))
    return file


MOST_NAMED = 10
"""So many records on hold are named."""


def _refuse_held(found: Doomed) -> None:
    """Raise RecordsOnHold where something would be destroyed that is to stay."""
    if found.held:
        named = tuple(f"{table} #{record}" for table, record in found.held[:MOST_NAMED])
        raise RecordsOnHold(count=len(found.held), details=named)


def _detail(store: Store, request: PurgeRequest, found: Doomed, chosen: Mapping[str, list[int]]) -> dict[str, object]:
    kinds = versions(f for table in store.schema.tables for f in table.fields)
    detail: dict[str, object] = {
        "why": request.reason,
        "destroyed": found.tables,
        "of": sorted(chosen),
        "kinds": kinds,
    }
    return detail | ({"rule": request.rule} if request.rule else {})


def _chosen(store: Store, request: PurgeRequest, by: Draft) -> dict[str, list[int]]:
    """The records that were asked for, by table."""
    chosen = {name: list(records) for name, records in request.records.items()}
    for one in request.named:
        chosen.setdefault(one.table.name, []).append(one.record)
    if request.table is not None:
        which = condition(store, request.table, request.where, by.day)
        found = chosen.setdefault(request.table.name, [])
        for state in request.states:
            found += keyed.ids(store, request.table, which, state)
    return chosen


def _asked(chosen: Mapping[str, list[int]]) -> int:
    return sum(len(set(records)) for records in chosen.values())


def _going(schema: Schema, name: str, asked: Sequence[str]) -> list[str]:
    """The fields of a table that go. Raises FieldUnknown, KeyStays, NothingPersonal."""
    table = schema.by_name[name]
    going = [field_named(table, one).name for one in asked]
    if not going:
        going = list(personal_fields(table))
        if not going:
            raise NothingPersonal(table=name)
    for one in going:
        if one in table.primary_key or one in table.references:
            raise KeyStays(field=one, table=name)
    return list(dict.fromkeys(going))
