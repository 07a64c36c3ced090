"""The way back from a change of the schema: the schema that was, with every value that it had."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from custrec.errors import SchemaUndoBlocked
from custrec.jobs.drafting import Draft, drafted
from custrec.model.plan import Counts, Event
from custrec.model.schema import Schema
from custrec.model.schema_change import FieldPair, SchemaChange, TablePair, differences
from custrec.model.schema_json import schema_digest
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.reshape_back import ReshapingBack


def plan_back(store: Store, event: Event, named: Event, detail: dict[str, Any], by: Draft, verb: str) -> PlanFile:
    """Plan to take back `event`, which changed the schema; `named` is the event that the person spoke of.

    Raises SchemaUndoBlocked where something that came later is in the way.
    """
    said = detail["schema"]
    if schema_digest(store.schema) != said["sha256"]:
        raise SchemaUndoBlocked(
            event=named.id,
            details=("the schema was changed again since",),
            hint="undo the later changes of the schema first: custrec history list --verb schema",
        )
    then = store.schema_at(said["from"])
    with drafted(store, by, becomes=then) as file:
        counts, hindrances = ReshapingBack(file, store, event.id).run()
        if hindrances:
            raise SchemaUndoBlocked(event=named.id, details=tuple(hindrances))
        file.save_head(_head(store, event, named, then, said, counts, by, verb, file))
    return file


def _head(
    store: Store,
    event: Event,
    named: Event,
    then: Schema,
    said: dict[str, Any],
    counts: Counts,
    by: Draft,
    verb: str,
    file: PlanFile,
) -> Any:
    version = store.schema_version
    tables = [t.name for t in then.tables if file.touches(t)]
    tables += [t.name for t in store.schema.tables if t.id not in then.by_id]
    detail = {
        "event": named.id,
        "of": named.verb,
        "schema": {
            "from": version,
            "to": version + 1,
            "sha256": schema_digest(then),
            "file": said["file"][::-1],
        },
        "changes": [asdict(one) for one in differences(by_ids(store.schema, then))],
    }
    return by.head(store, verb, by.base(store), counts, tables, undoes=event.id, exempt=True, detail=detail)


def by_ids(before: Schema, after: Schema) -> SchemaChange:
    """The change between two schemas that a store had: what has the same id is the same, and so has a field of the
    same name in the same table, of which one took the place of the other."""
    tables = []
    for table in after.tables:
        was = before.by_id.get(table.id)
        if was is None:
            tables.append(TablePair(None, table, tuple(FieldPair(None, f) for f in table.fields)))
            continue
        pairs = [FieldPair(was.by_id.get(f.id), f) for f in table.fields]
        free = {f.name: f for f in was.fields if f.id not in table.by_id}
        pairs = [p if p.before or not p.after else FieldPair(free.pop(p.after.name, None), p.after) for p in pairs]
        tables.append(TablePair(was, table, (*pairs, *(FieldPair(f, None) for f in free.values()))))
    tables += [
        TablePair(t, None, tuple(FieldPair(f, None) for f in t.fields))
        for t in before.tables
        if t.id not in after.by_id
    ]
    return SchemaChange(before, after, tuple(tables))
