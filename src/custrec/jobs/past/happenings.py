"""Which events people ask for, and what an event changed, field by field, before and after, as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from custrec.errors import UsageError
from custrec.jobs.past.times import Time, time_of
from custrec.jobs.past.tracing import shown_moments, traced
from custrec.jobs.reading import table_named
from custrec.model.decisions import tables_of
from custrec.model.schema import Table
from custrec.store.database import Store, snapshot
from custrec.store.history_of import Step, history_of
from custrec.store.journal import Wanted, changed_first


def wanted_events(
    store: Store, *, record: str | None, table: str | None, since: str | None, until: str | None
) -> Wanted:
    """The events that changed a record, and those in a stretch of time, its last day or second included.

    Raises UsageError, TableUnknown, RecordUnknown, RecordAmbiguous.
    """
    chosen = table_named(store.schema, table) if table else None
    if chosen and record is None:
        raise UsageError(what="--table says of which table the --record is; there is no --record")
    one = traced(store, chosen, record, merged=True) if record is not None else None
    begin = time_of(since, store.schema, "--since") if since is not None else Time()
    end = time_of(until, store.schema, "--until") if until is not None else Time()
    return Wanted(
        record=(one.table.id, one.record) if one else None,
        begin=begin.begin if since is not None else "",
        end=end.end if until is not None and end.event is None else "",
        first=begin.event,
        last=end.event,
    )


def first_changes(store: Store, event: int, most: int, truth: bool = False) -> list[dict[str, Any]]:
    """Up to `most` changed fields in the order of the event's changes: op, table, record, key, field, before, after.

    `key` is the natural key that the record had, with `/` between several fields; None where its table has none. A new
    state is a change of `_state`. For `truth` see `reading.shown`.
    """
    found: list[dict[str, Any]] = []
    tables = {table.id: table for table in tables_of(store.schema)}
    with snapshot(store.reader):
        for number, record in changed_first(store, event, most):
            if number in tables and len(found) < most:
                found += _of_record(store, tables[number], record, event, truth)
    return found[:most]


def _of_record(store: Store, table: Table, record: int, event: int, truth: bool) -> Iterator[dict[str, Any]]:
    steps = history_of(store, table, record)
    place = next(n for n, step in enumerate(steps) if step.event == event)
    step = steps[place]
    sides = [_held(store, table, record, one, event, truth) for one in (steps[place - 1] if place else None, step)]
    before, after = sides
    key = "/".join(str((after or before).get(name)) for name in table.primary_key)
    said = {"op": step.op.name.lower(), "table": table.name, "record": record, "key": key or None}
    for name in before | after:
        was, will = before.get(name), after.get(name)
        if was != will and (name != "_state" or (before and after)):
            yield said | {"field": name, "before": was, "after": will}


def _held(store: Store, table: Table, record: int, step: Step | None, event: int, truth: bool) -> dict[str, Any]:
    """What a record held after a step, its state too; nothing where it was not there, or that cannot be told."""
    if step is None or step.values is None or step.state is None:
        return {}
    (values,) = shown_moments(store, table, record, [(step.values, event)], truth)
    return {"_state": step.state.name.lower(), **values}
