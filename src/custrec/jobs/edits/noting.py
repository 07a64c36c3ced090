"""Note: a dated remark on a record, kept as a child record in the first table of the schema that can hold one.

Such a table refers to the record's, has a field of dates or times, and a field of plain text: of several the last,
where people write what has no place elsewhere; one that is searched for comes first. A choice that it requires becomes
`other`, if that is among its choices. Nothing else can be known of a note: a table that requires more does not do.
"""

from __future__ import annotations

from dataclasses import dataclass

from custrec.errors import NoPlaceForNotes
from custrec.jobs.drafting import Draft
from custrec.jobs.edits.adding import AddRequest, plan_add
from custrec.jobs.edits.naming import Named
from custrec.jobs.edits.written_values import Wording
from custrec.jobs.reading import value_type
from custrec.model.schema import Field, ForeignKey, Table
from custrec.store import records
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile

OTHER = "other"


@dataclass(frozen=True)
class NoteRequest:
    """A text about a record."""

    named: Named
    text: str


@dataclass(frozen=True)
class _Place:
    """Where notes go: the child table, its reference, its field of dates and its field of text."""

    table: Table
    reference: ForeignKey
    dated: Field
    text: Field


def plan_note(store: Store, request: NoteRequest, by: Draft) -> PlanFile:
    """Plan to keep a note. Raises NoPlaceForNotes, RecordInvalid for a text that the field does not take."""
    parent = request.named.table
    place = _place(store, parent)
    texts = {place.text.name: request.text, place.dated.name: _now(store, place, by)}
    for name in Wording(store, place.table, [f.name for f in place.table.fields], by.day).required:
        field = place.table.by_name[name]
        if name in texts or name == place.reference.field:
            continue
        if OTHER not in field.enum:
            why = f"{place.table.name} requires a value of {name}, which a note does not have"
            raise NoPlaceForNotes(table=parent.name, why=why)
        texts[name] = OTHER
    return plan_add(
        store, AddRequest(place.table, [texts | {place.reference.field: _key(store, request, place)}]), by, "note"
    )


def _place(store: Store, parent: Table) -> _Place:
    children = [(child, key) for child in store.schema.tables for key in child.foreign_keys if key.table == parent.name]
    for child, key in children:
        free = [f for f in child.fields if f.name not in child.references and f.name not in child.primary_key]
        dated = [f for f in free if f.kind in ("datetime", "date")]
        texts = [f for f in free if f.kind == "text" and not (f.enum or f.unique or f.pattern)]
        if dated and texts:
            return _Place(child, key, dated[0], next((f for f in texts if f.search), texts[-1]))
    lacking = "has a field of dates and one of text" if children else "refers to it"
    raise NoPlaceForNotes(table=parent.name, why=f"no table {lacking}")


def _now(store: Store, place: _Place, by: Draft) -> str:
    """The present day or time, written as the field reads it."""
    kind = value_type(store.schema, place.table, place.dated)
    return kind.show(by.at if place.dated.kind == "datetime" else by.day.isoformat())


def _key(store: Store, request: NoteRequest, place: _Place) -> str:
    """The record's key, written as the reference reads it."""
    row = records.by_id(store, request.named.table, request.named.record, [place.reference.target])
    assert row is not None  # named a moment ago
    return value_type(store.schema, place.table, place.table.by_name[place.reference.field]).show(row[1])
