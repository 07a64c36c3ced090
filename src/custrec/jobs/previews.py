"""The first changes of a plan, before and after, as a person reads them."""

from __future__ import annotations

from typing import Any

from custrec.jobs.reading import shown
from custrec.model.decisions import tables_of
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.sampling import SampledChange, first_changes


def preview(store: Store, file: PlanFile, most: int, truth: bool = False) -> list[dict[str, Any]]:
    """Up to `most` changed fields: op, table, record (None where it is new), field, before, after."""
    if file.reshapes:  # what only changes its place is no change to look at; the plan noted what does
        return [{"op": "update", **one} for one in file.aside.get("sample", ())][:most]
    found: list[dict[str, Any]] = []
    if file.plan.schema_version != store.schema_version:  # it cannot be applied any more
        return found
    for table in tables_of(file.schema):
        names = [f.name for f in table.fields]
        for change in first_changes(store, file, table, most):
            before, after = both_sides(store, table, change, truth)
            if change.states and len(found) < most:
                states = [state.name.lower() for state in change.states]
                found.append(_changed("update", table, change.record, "_state", *states))
            for place, name in enumerate(names, 1):
                was, will = before[place] if before else None, after[place] if after else None
                if was != will and len(found) < most:
                    record = None if change.op.name == "INSERT" and before is None else change.record
                    found.append(_changed(change.op.name.lower(), table, record, name, was, will))
    return found


def both_sides(store: Store, table: Table, change: SampledChange, truth: bool = False) -> list[tuple[Any, ...] | None]:
    """The record's number and values before and after a change, as a person reads them; None where there are none."""
    names = [f.name for f in table.fields]
    return [
        next(shown(store.schema, table, names, iter([(change.record, *row)]), truth)) if row else None
        for row in (change.before, change.after)
    ]


def _changed(op: str, table: Table, record: int | None, field: str, before: Any, after: Any) -> dict[str, Any]:
    return {"op": op, "table": table.name, "record": record, "field": field, "before": before, "after": after}
