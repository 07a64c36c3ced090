"""Who set a value, when, from which file and line, and what was there before: the journal told field by field.

    blame    for each value of a record, the event that it came from
    story    all values that a field ever had, the newest first

The origin of a value is told through undo and redo (store.history_of). The text that was typed is known only where the
journal kept it, because reading it lost something; the version of a kind only where the event's plan noted it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from custrec.jobs.confirming.confirmed import confirmations_of
from custrec.jobs.past.bringing import Brought, Source
from custrec.jobs.past.tracing import Traced, shown_moments, traced
from custrec.jobs.reading import field_named, judged_as
from custrec.model.confirmations import Confirmation
from custrec.model.plan import Event, Op, State, undone_by
from custrec.model.schema import Table
from custrec.store import journal
from custrec.store.database import Store, snapshot
from custrec.store.history_of import Step, origin, set_by
from custrec.values.registry import kind_of


@dataclass(frozen=True)
class Set:
    """A value and the change that set it. `kind` and `version` say what stored it, None where nobody noted it; `typed`
    is the text that it was read from, None where it was not kept; `provenance` says who vouched for it, where the event
    noted that (model.confirmations)."""

    value: Any
    event: Event
    op: Op
    line: int | None
    typed: str | None
    kind: str | None
    version: int | None
    provenance: str | None = None


@dataclass(frozen=True)
class Origin:
    """Where the present value of a field came from. `restored` is the undo or redo that gave it back since; `merged`
    the merge that brought it, and `record` the number of the merged record that it came from."""

    field: str
    set: Set
    restored: Event | None
    merged: Event | None = None
    record: int | None = None


@dataclass(frozen=True)
class Blame:
    """A record, each of its values with its origin, but those whose origin was redacted. `removed` is the event that
    deleted it, if one did: the values are those that it had before. `put` is the event that put it into its state.
    `confirmed` are the values that were said to be right (now), by field."""

    table: Table
    record: int
    state: State | None
    put: Event | None
    removed: Event | None
    origins: tuple[Origin, ...]
    confirmed: Mapping[str, Confirmation] = field(default_factory=dict)

    @property
    def events(self) -> list[Event]:
        """All events that are named, each once, by number."""
        named = [event for one in self.origins for event in (one.set.event, one.restored) if event]
        named += [one.merged for one in self.origins if one.merged]
        named += [event for event in (self.put if self.state else None, self.removed) if event]
        return sorted({event.id: event for event in named}.values(), key=lambda event: event.id)


@dataclass(frozen=True)
class Telling:
    """One value that a field had. `stands` says that it is the present one; `undone_by` is the event that undid the
    change, as things stand; `gives_back` the event whose value an undo or redo brought back; `gone` that the record was
    deleted; `merged` is where a merge got the value from, where one record said it."""

    set: Set
    stands: bool
    undone_by: int | None
    gives_back: Event | None
    gone: bool
    merged: Origin | None = None


@dataclass(frozen=True)
class Story:
    """What became of one field of a record, the newest first; `total` counts also what was not asked for. `confirmed`
    says that the present value is right."""

    table: Table
    record: int
    field: str
    tellings: tuple[Telling, ...]
    total: int
    confirmed: Confirmation | None = None


def blame(store: Store, table: Table | None, name: str, event: int | None = None, truth: bool = False) -> Blame:
    """Where each value of a record came from (as it was right after an event). For `truth` see `reading.shown`.

    Raises RecordUnknown, RecordAmbiguous.
    """
    with snapshot(store.reader):
        return blame_of(store, traced(store, table, name, event), event, truth)


def blame_of(store: Store, one: Traced, event: int | None = None, truth: bool = False) -> Blame:
    """`blame` of a record that was traced, up to the same event."""
    with snapshot(store.reader):
        place = one.place
        if place < 0:  # redacted: nothing is known
            return Blame(one.table, one.record, None, None, None, ())
        names = ["_state", *(f.name for f in one.table.fields)]
        from_ = {name: (origin(one.steps, place, name), set_by(one.steps, place, name)) for name in names}
        brought = Brought(store, one)
        sources = {name: brought.source(first, name) for name, (first, _) in from_.items() if first is not None}
        needed = {one.steps[n].event for pair in from_.values() for n in pair if n is not None}
        needed |= {source.event for source in sources.values() if source}
        removed = one.removed
        events = journal.details(store, needed | ({removed.event} if removed else set()))
        held, then = one.steps[place].values or {}, removed.event if removed else event
        (values,) = shown_moments(store, one.table, one.record, [(held, then)], truth)
        right = confirmations_of(store, one.table, one.record) if event is None and not removed else {}
    told = _Told(store, one, events)
    put = told.event(from_.pop("_state")[0])
    origins = [
        told.origin(name, values[name], first, last, sources.get(name))
        for name, (first, last) in from_.items()
        if first is not None and last is not None
    ]
    gone = events[removed.event][0] if removed else None
    return Blame(one.table, one.record, one.steps[place].state, put, gone, tuple(origins), right)


def story(
    store: Store,
    table: Table | None,
    name: str,
    field: str,
    *,
    event: int | None = None,
    most: int | None = None,
    truth: bool = False,
) -> Story:
    """All values that a field had (up to an event), or the newest.

    Raises RecordUnknown, RecordAmbiguous, FieldUnknown.
    """
    with snapshot(store.reader):
        one = traced(store, table, name, event)
        chosen = field_named(one.table, field).name
        places = [
            n
            for n, step in enumerate(one.steps)
            if step.op is Op.DELETE or (step.values and chosen in (step.sets or ()))
        ]
        total = len(places)
        places = places if most is None else places[-most:]
        firsts = {n: origin(one.steps, n, chosen) for n in places}
        brought = Brought(store, one)
        sources = {n: brought.source(n, chosen) for n in places if one.steps[n].values is not None}
        needed = {one.steps[n].event for pair in firsts.items() for n in pair if n is not None}
        needed |= {source.event for source in sources.values() if source}
        events = journal.details(store, needed)
        held = {n: step.values for n in places if (step := one.steps[n]).values is not None}
        moments = ((values, one.steps[n].event) for n, values in held.items())
        values = dict(zip(held, shown_moments(store, one.table, one.record, moments, truth), strict=True))
        now = event is None and not one.removed
        right = confirmations_of(store, one.table, one.record).get(chosen) if now else None
    told = _Told(store, one, events)
    undone = undone_by((step.event, step.undoes) for step in one.steps)
    stands = None if one.removed else set_by(one.steps, one.place, chosen)
    tellings = []
    for n in reversed(places):
        first = firsts[n] if n in values else n
        tellings.append(
            Telling(
                told.set(n, chosen, values[n][chosen] if n in values else None, first),
                stands=n == stands,
                undone_by=undone.get(one.steps[n].event),
                gives_back=told.event(first) if first not in (n, None) else None,
                gone=one.steps[n].op is Op.DELETE,
                merged=told.origin(chosen, values[n][chosen], n, n, sources[n]) if sources.get(n) else None,
            )
        )
    return Story(one.table, one.record, chosen, tuple(tellings), total, right)


class _Told:
    """What the journal says of the steps of a record."""

    def __init__(self, store: Store, one: Traced, events: Mapping[int, tuple[Event, Mapping[str, Any]]]) -> None:
        self.store = store
        self.one = one
        self.events = events

    def event(self, place: int | None) -> Event | None:
        """The event of a step."""
        return None if place is None else self.events[self.one.steps[place].event][0]

    def origin(self, name: str, value: Any, first: int, last: int, source: Source | None) -> Origin:
        """Where a value came from, also through a merge; `last` is the step that gave it back."""
        restored = self.event(last) if last != first else None
        if source is None:
            return Origin(name, self.set(first, name, value), restored)
        return Origin(
            name, self._set(name, value, source.step, source.step), restored, self.event(first), source.record
        )

    def set(self, place: int, name: str, value: Any, first: int | None = None) -> Set:
        """A value that a step set; the text and the kind's version are those of the step that it came from."""
        return self._set(name, value, self.one.steps[place], self.one.steps[place if first is None else first])

    def _set(self, name: str, value: Any, step: Step, source: Step) -> Set:
        kinds = self.events[source.event][1].get("kinds") or {}
        kind = kind_of(judged_as(self.store.schema, self.one.table, self.one.table.by_name[name]))
        known = value is not None and kind in kinds
        return Set(
            value,
            self.events[step.event][0],
            step.op,
            step.line,
            source.original.get(name),
            kind if known else None,
            kinds[kind] if known else None,
            self.events[source.event][1].get("provenance"),
        )
