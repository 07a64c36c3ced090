"""Which events people ask for, and what an event changed, field by field, before and after, as people read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from custrec.errors import UsageError
from custrec.jobs.past.times import Time, time_of
from custrec.jobs.past.tracing import shown_moments, traced
from custrec.jobs.reading import table_named
from custrec.model.decisions import table_numbered
from custrec.model.schema import Schema, Table
from custrec.store.database import Store, snapshot
from custrec.store.history_of import history_of
from custrec.store.journal import Wanted, changed_first
from custrec.store.shapes import schema_after


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
    with snapshot(store.reader):
        shapes = schema_after(store, event - 1), schema_after(store, event)
        for number, record in changed_first(store, event, most):
            if len(found) < most:
                found += _of_record(store, shapes, number, record, event, truth)
    return found[:most]


def _of_record(
    store: Store, shapes: tuple[Schema, Schema], number: int, record: int, event: int, truth: bool
) -> Iterator[dict[str, Any]]:
    """What an event changed of a record: before and after in the schemas of before and after."""
    tables = [table_numbered(schema, number) for schema in shapes]
    table = tables[1] or tables[0]
    assert table is not None  # it had a change
    before, after = (
        _held(store, schema, one, record, event, step, truth) if one else {}
        for schema, one, step in zip(shapes, tables, (-1, 0), strict=True)
    )
    if tables[0] and tables[1]:
        now = {f.name: tables[1].by_id[f.id].name for f in tables[0].fields if f.id in tables[1].by_id}
        before = {now.get(name, name): value for name, value in before.items()}
    step = next(step for step in history_of(store, table, record) if step.event == event)
    key = "/".join(str((after or before).get(name)) for name in table.primary_key)
    said = {"op": step.op.name.lower(), "table": table.name, "record": record, "key": key or None}
    for name in before | after:
        was, will = before.get(name), after.get(name)
        if was != will and (name != "_state" or (before and after)):
            yield said | {"field": name, "before": was, "after": will}


def _held(
    store: Store, schema: Schema, table: Table, record: int, event: int, offset: int, truth: bool
) -> dict[str, Any]:
    """What a record held right after an event, or (offset -1) before it, its state too; nothing where it was not there,
    or that cannot be told."""
    steps = history_of(store, table, record)
    place = next(n for n, step in enumerate(steps) if step.event == event) + offset
    step = steps[place] if place >= 0 else None
    if step is None or step.values is None or step.state is None:
        return {}
    (values,) = shown_moments(store, table, record, [(step.values, event)], truth, schema)
    return {"_state": step.state.name.lower(), **values}
