"""Records of the past: which one is meant by a name, also one that is gone, and its old values as people read them.

A reference is shown as its parent's key, as it was at that time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from custrec.errors import RecordAmbiguous, RecordUnknown
from custrec.jobs.edits.naming import MOST_NAMED, key_named, record_named, written_by_custrec
from custrec.jobs.reading import shown
from custrec.model.plan import Op
from custrec.model.schema import Schema, Table
from custrec.store import records
from custrec.store.database import Store
from custrec.store.history_of import Step, Values, bears, former_bearers, history_of, place_at
from custrec.store.journal import last_change


@dataclass(frozen=True)
class Traced:
    """A record and all that became of it: `steps` up to the time that was asked for. `place` is the last of them that
    left it there: where it was deleted since, the one before."""

    table: Table
    record: int
    steps: list[Step] = field(repr=False)

    @property
    def place(self) -> int:
        """The last step after which its values are known; -1 where none is."""
        return next((n for n in range(len(self.steps) - 1, -1, -1) if self.steps[n].values is not None), -1)

    @property
    def removed(self) -> Step | None:
        """The step that deleted it, if it is not there."""
        return self.steps[-1] if self.steps and self.steps[-1].op is Op.DELETE else None


def traced(store: Store, table: Table | None, name: str, event: int | None = None, *, merged: bool = False) -> Traced:
    """The record that a person means by a key or a number, with its history (up to an event).

    A record that is there (or was there right after the event) is preferred; without an event one that is gone is
    found too. One that was merged means what it was merged into, or with `merged` itself.
    Raises RecordUnknown, RecordAmbiguous.
    """
    if event is not None:
        return _at(store, table, name, event)
    try:
        named = record_named(store, table, name)
    except RecordUnknown:
        gone = _gone(store, table, name)
        if not gone:
            raise
        return _only(name, gone)
    record = named.via if merged and named.via else named.record
    return Traced(named.table, record, history_of(store, named.table, record))


def traced_number(store: Store, table: Table, record: int, event: int | None = None) -> Traced:
    """The record with a number, whatever keys there are, with its history (up to an event)."""
    whole = Traced(table, record, history_of(store, table, record))
    return whole if event is None else _until(whole, event)


def _gone(store: Store, table: Table | None, name: str) -> list[Traced]:
    """Records that are not there any more, or not under this key."""
    tables = [table] if table else list(store.schema.tables)
    numbered = [one for one in [_numbered(store, tables, name)] if one and one.steps]
    own = numbered if written_by_custrec(store.schema, table, name) else []
    for one in tables:
        key = key_named(store, one, name)
        if key and (found := former_bearers(store, one, key)):
            return _each([*own, *(traced_number(store, one, record) for record in found)])
    return numbered


def _at(store: Store, table: Table | None, name: str, event: int) -> Traced:
    """The record that bore this name right after an event."""
    tables = [table] if table else list(store.schema.tables)
    since = last_change(store, event)
    found: list[Traced] = []
    for one in tables:
        if key := key_named(store, one, name):
            ids = dict.fromkeys([*records.ids_by_key(store, one, key), *former_bearers(store, one, key, since)])
            then = (traced_number(store, one, record, event) for record in ids)
            found += [record for record in then if record.steps and bears(record.steps[-1], one, key)]
        if found and one is tables[0] and not written_by_custrec(store.schema, table, name):
            return found[0]
    numbered = _numbered(store, tables, name)
    if numbered and (then_ := _until(numbered, event)).steps and then_.steps[-1].values is not None:
        found.append(then_)
    if not found:
        hint = f"it was not there right after event {event}; for when it was: custrec history list --record"
        raise RecordUnknown(table=tables[0].name, name=name, hint=hint)
    return _only(name, _each(found))


def _each(found: Iterable[Traced]) -> list[Traced]:
    return list({(one.table.name, one.record): one for one in found}.values())


def _until(one: Traced, event: int) -> Traced:
    return Traced(one.table, one.record, one.steps[: place_at(one.steps, event) + 1])


def _only(name: str, found: Sequence[Traced]) -> Traced:
    if len(found) == 1:
        return found[0]
    raise RecordAmbiguous(name=name, count=len(found), details=tuple(_candidates(found)))


def _candidates(found: Iterable[Traced]) -> Iterator[str]:
    for one in list(found)[:MOST_NAMED]:
        gone = f"  removed by event {one.removed.event}" if one.removed else ""
        yield f"{one.table.name} #{one.record}{gone}"


def _numbered(store: Store, tables: Sequence[Table], name: str) -> Traced | None:
    """The record of this number in the first table, or in the one before the #."""
    before, mark, number = name.rpartition("#")
    table = tables[0] if not before else next((one for one in tables if mark and one.name == before), None)
    if table is None or not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    return Traced(table, int(number), history_of(store, table, int(number)))


Moment = tuple[Values, int | None]
"""What a record held, and after which event (None: now)."""


def shown_moments(
    store: Store,
    table: Table,
    record: int,
    moments: Iterable[Moment],
    truth: bool = False,
    schema: Schema | None = None,
) -> list[dict[str, Any]]:
    """What a record held at some times, by field, as people read it. `schema` is the one that the table is of, where
    that is not today's. Raises CurrencyUnreadable."""
    names = [f.name for f in table.fields]
    schema = schema or store.schema
    parents = _Parents(store, table, schema)
    rows = ((record, *parents.readable(values, event)) for values, event in moments)
    return [dict(zip(names, row[1:], strict=True)) for row in shown(schema, table, names, rows, truth)]


class _Parents:
    """The keys of parents at any time; each parent's history is read once."""

    def __init__(self, store: Store, table: Table, schema: Schema) -> None:
        self.store = store
        self.schema = schema
        self.table = table
        self._histories: dict[tuple[str, int], list[Step]] = {}

    def readable(self, values: Values, event: int | None) -> list[Any]:
        """Stored values in the order of the schema, references as the parents' keys."""
        references = self.table.references
        return [
            self._key(f.name, values[f.name], event) if f.name in references else values[f.name]
            for f in self.table.fields
        ]

    def _key(self, name: str, parent: int | None, event: int | None) -> Any:
        if parent is None:
            return None
        reference = self.table.references[name]
        steps = self._histories.get((reference.table, parent))
        if steps is None:
            steps = history_of(self.store, self.schema.by_name[reference.table], parent)
            self._histories[reference.table, parent] = steps
        place = place_at(steps, event)
        held = next((step.values for step in reversed(steps[: place + 1]) if step.values is not None), None)
        return held[reference.target] if held else None
