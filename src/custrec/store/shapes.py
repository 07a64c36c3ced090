"""The shapes that a store's tables had: which schema ruled after which event, and what became of fields since.

Reading only. Fields are the same where their ids are; what they were called stands in the schema of the time.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Mapping
from functools import cached_property

from custrec.model.decisions import table_numbered
from custrec.model.schema import Field, Schema, Table
from custrec.model.schema_json import schema_from_json
from custrec.store.database import Store
from custrec.store.layout import column_type

FOR_EVER = 2**62
"""Higher than the number of any event."""


class Shapes:
    """All schemas that a store had. `name` is what the store is attached as."""

    def __init__(self, reader: sqlite3.Connection, name: str = "main") -> None:
        self._reader = reader
        self._name = name
        self._read: dict[int, Schema] = {}
        found = reader.execute(f"SELECT schema, min(id) FROM {name}._event GROUP BY schema ORDER BY min(id)").fetchall()
        self._begins = [begin for _, begin in found]
        self._versions = [version for version, _ in found]
        self.newest: int = reader.execute(f"SELECT max(version) FROM {name}._schema").fetchone()[0]

    @cached_property
    def only_one(self) -> bool:
        """Whether the schema never changed."""
        return bool(self.newest == 1)

    def spans(self) -> list[tuple[int, int, Schema]]:
        """The stretches of events of one schema: first event, last event, schema; oldest first."""
        ends = [*(begin - 1 for begin in self._begins[1:]), FOR_EVER][: len(self._begins)]
        return [
            (begin, end, self.of(version))
            for begin, end, version in zip(self._begins, ends, self._versions, strict=True)
        ]

    def version_after(self, event: int) -> int:
        """The number of the schema that ruled right after an event (0: before the first)."""
        place = bisect_right(self._begins, event) - 1
        return self._versions[place] if place >= 0 else 1

    def after(self, event: int) -> Schema:
        """The schema that ruled right after an event."""
        return self.of(self.version_after(event))

    def of(self, version: int) -> Schema:
        """The schema of a number."""
        if version not in self._read:
            (text,) = self._reader.execute(
                f"SELECT text FROM {self._name}._schema WHERE version = ?", (version,)
            ).fetchone()
            self._read[version] = schema_from_json(text)
        return self._read[version]

    def renamed(self, table: Table, event: int, texts: Mapping[str, str]) -> dict[str, str]:
        """What an event noted by the names of its time, by those that the fields of `table` have; what became of
        fields that it has not is left out."""
        then = table_numbered(self.after(event), table.id)
        if self.only_one or not texts or then is None:
            return dict(texts)
        ids = {f.name: f.id for f in then.fields}
        return {
            table.by_id[ids[name]].name: text
            for name, text in texts.items()
            if name in ids and ids[name] in table.by_id
        }


def schema_after(store: Store, event: int) -> Schema:
    """The schema that ruled right after an event; the very object of today where nothing changed since."""
    shapes = Shapes(store.reader)
    version = shapes.version_after(event)
    return store.applied if version == shapes.newest else shapes.of(version)


def rules_of(field: Field) -> tuple[object, ...]:
    """What a stored value of a field is held to."""
    limits = (field.minimum, field.maximum, field.min_length, field.max_length, field.pattern)
    format_ = field.options.get("format") if field.kind == "identifier" else None
    return (field.kind, field.column_type, field.required, field.unique, frozenset(field.enum), format_, *limits)


def rules_changed(then: Schema, now: Schema, table: Table) -> tuple[dict[int, str], set[int]]:
    """What became of a table's fields since an older schema, for whoever would bring old values back: fields (by id)
    that are gone, are of another kind or held to other rules, with their names; and those that need a value now and
    did not then."""
    old = table_numbered(then, table.id)
    if old is None or then is now:
        return {}, set()
    changed: dict[int, str] = {}
    needed: set[int] = set()
    for field in old.fields:
        live = table.by_id.get(field.id)
        if live is None or column_type(old, field) != column_type(table, live):
            changed[field.id] = field.name
            continue
        key = (field.name in old.primary_key, live.name in table.primary_key)
        if rules_of(field)[:2] != rules_of(live)[:2] or rules_of(field)[3:] != rules_of(live)[3:] or key[0] != key[1]:
            changed[field.id] = live.name
        if live.required and not field.required:
            needed.add(field.id)
    return changed, needed
