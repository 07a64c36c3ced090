"""One record whole: its values, where they came from, and what refers to it in the order of time; now or then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from custrec.jobs.confirming.confirmed import confirmations_of
from custrec.jobs.duplicates.merged import Merged, merged_from
from custrec.jobs.edits.naming import Named, record_named
from custrec.jobs.past.blaming import Blame, blame_of
from custrec.jobs.past.tracing import shown_moments, traced, traced_number
from custrec.jobs.reading import read_for, shown
from custrec.model.confirmations import Confirmation
from custrec.model.plan import State
from custrec.model.schema import ForeignKey, Table
from custrec.store import records
from custrec.store.as_of import opened_as_of
from custrec.store.database import Store
from custrec.store.shapes import schema_after

TIMES = ("date", "datetime")


@dataclass(frozen=True)
class Children:
    """The records of a table that refer to one by a field: rows of `columns`, the newest last, and how many there are.

    What is newest is told by the first field of the table that is a time, else by the id.
    """

    table: Table
    field: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    total: int


@dataclass(frozen=True)
class WholeRecord:
    """One record: its table, id and state, its values by field as people read them, and what refers to it; those that
    were merged into it (now), the merged record that was named, where it led here, and the values that were confirmed
    (now), by field."""

    table: Table
    record: int
    state: State
    values: dict[str, Any]
    children: list[Children]
    blame: Blame | None
    merged: Sequence[Merged] = ()
    via: int | None = None
    confirmed: Mapping[str, Confirmation] = field(default_factory=dict)


def whole_record(
    store: Store,
    table: Table | None,
    name: str,
    *,
    event: int | None = None,
    most: int | None = None,
    blamed: bool = False,
    truth: bool = False,
    confirmed: bool = True,
) -> WholeRecord:
    """The record with this natural key or id (as it was right after an event), with up to `most` children of each
    table, the newest, with the origins of its values if `blamed`, and as it is now with what is `confirmed`. For
    `truth` see `reading.shown`.

    Raises RecordUnknown, RecordAmbiguous.
    """
    if event is not None and schema_after(store, event) is not store.schema:
        return _in_another_shape(store, table, name, event, most=most, blamed=blamed, truth=truth)
    held: Mapping[str, Confirmation] = {}
    if event is None:
        named = record_named(store, table, name)
        table, record, state, via = named.table, named.record, named.state, named.via
        merged = merged_from(store, table, record)
        fields = [f.name for f in table.fields]
        row = records.by_id(store, table, record, read_for(store.schema, table, fields))
        assert row is not None  # found a moment ago
        (cells,) = shown(store.schema, table, fields, iter([row]), truth)
        values = dict(zip(fields, cells[1:], strict=True))
        held = confirmations_of(store, table, record) if confirmed else {}
    else:
        one = traced(store, table, name, event)
        step = one.steps[-1]
        assert step.values is not None  # found as one that was there
        assert step.state is not None
        table, record, state, via, merged = one.table, one.record, step.state, None, []
        (values,) = shown_moments(store, table, record, [(step.values, event)], truth)
    origins = blame_of(store, traced_number(store, table, record, event), event) if blamed else None
    children = _children(store, Named(table, record, state), event, most, truth)
    return WholeRecord(table, record, state, values, children, origins, merged, via, held)


def _in_another_shape(
    store: Store, table: Table | None, name: str, event: int, *, most: int | None, blamed: bool, truth: bool
) -> WholeRecord:
    """A record as it was when the store had another schema: with the fields and kinds of that time."""
    then = schema_after(store, event)
    with opened_as_of(store, event, then.tables) as past:
        whole = whole_record(past, table, name, most=most, truth=truth, confirmed=False)
        if not blamed:
            return whole
        return replace(whole, blame=blame_of(past, traced_number(past, whole.table, whole.record, event), event))


def _children(store: Store, one: Named, event: int | None, most: int | None, truth: bool) -> list[Children]:
    """What refers to a record; of one that was put aside, what was put aside as well."""
    table = one.table
    keys = [(child, key) for child in store.schema.tables for key in child.foreign_keys if key.table == table.name]
    if not keys or most == 0:
        return []
    if event is None:
        return _found(store, keys, one, most, truth)
    # The record itself is not looked up by its children, unless one refers to its table twice.
    tables = [child for child, _ in keys]
    with opened_as_of(
        store, event, tables, but=table if len({t.name for t in tables}) == len(tables) else None
    ) as past:
        return _found(past, keys, one, most, truth)


def _found(
    store: Store, keys: Sequence[tuple[Table, ForeignKey]], one: Named, most: int | None, truth: bool
) -> list[Children]:
    found = (_referring(store, child, key, one, most, truth) for child, key in keys)
    return [children for children in found if children.total]


def _referring(store: Store, table: Table, key: ForeignKey, one: Named, most: int | None, truth: bool) -> Children:
    which = records.referring(key.field, one.record)
    names = [f.name for f in table.fields if f.name != key.field]
    time = next((f.name for f in table.fields if f.kind in TIMES), None)
    order = [(name, True) for name in (time, "_id") if name]
    rows = list(records.select(store, table, read_for(store.schema, table, names), which, order, most, one.state))
    total = len(rows) if most is None or len(rows) < most else records.count(store, table, which, one.state)
    return Children(
        table,
        key.field,
        ("_id", *names),
        list(shown(store.schema, table, names, iter(rows[::-1]), truth)),
        total,
    )
