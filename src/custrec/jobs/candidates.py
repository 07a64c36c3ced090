"""What the store knows that a word may become which somebody is typing: keys, tags, values, events."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from custrec.jobs.edits.naming import name_fields
from custrec.jobs.edits.tagging import APART, tag_fields
from custrec.model.plan import State
from custrec.model.schema import Field, Table
from custrec.store import beginnings, journal
from custrec.store.database import Store

MOST_VALUES = 500
"""Values of a field that are offered."""


def keys(store: Store, table: Table, beginning: str, state: State, most: int) -> Iterator[tuple[str, str]]:
    """The natural keys that begin so, of records of a state, each with the record's name.

    A key of several fields, of a parent or of another kind than text and whole number is not offered.
    """
    if len(table.primary_key) != 1 or table.primary_key[0] in table.references:
        return
    key = table.by_name[table.primary_key[0]]
    if key.column_type != "TEXT" and key.kind != "integer":
        return
    called = next((name for name in name_fields(table) if name != key.name and name not in table.references), None)
    for value, name in beginnings.keys(store, table, beginning, state, called, most):
        yield str(value), "" if name is None else str(name)


def tags(store: Store, table: Table, field: str | None = None) -> list[str]:
    """The tags in use in a table, or in one field of it."""
    names = [name for name in tag_fields(table) if field in (None, name)]
    found = (tag for name in names for value in beginnings.values(store, table, name) for tag in value.split(APART))
    return sorted(set(found))


def field_values(store: Store, table: Table, field: Field) -> list[str]:
    """What a field takes, where that can be listed: its enum, truth values, its tags in use."""
    if field.enum:
        return list(field.enum)
    if field.kind == "boolean":
        return ["true", "false"]
    return tags(store, table, field.name)[:MOST_VALUES] if field.kind == "tags" else []


def events(store: Store, verb: str | None, most: int) -> Iterator[tuple[int, str]]:
    """The newest events, each with what it was."""
    for event in islice(journal.events(store, limit=most, wanted=journal.Wanted(verb=verb)), most):
        what = event.source or (f"of event {event.undoes}" if event.undoes else event.note)
        yield event.id, " ".join(filter(None, (event.verb, what, event.at)))
