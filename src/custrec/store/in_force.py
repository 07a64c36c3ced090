"""What is in force of the histories of some records: who set their fields, through undo and redo.

A change and its undo are as though neither had been; a redo says anew, at its own place, what it brings back. A merge
and a split choose among what was said, and a change of the schema and normalize write it otherwise: they say nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from custrec.model.plan import Op
from custrec.model.schema import Table
from custrec.store.canonical import STATE_ID, readable_diff
from custrec.store.history_of import stepped_back
from custrec.store.quoting import quote
from custrec.store.value_ages import CHOOSING

STATE = "_state"
REWRITING = ("schema", "normalize")
"""Verbs of events that write what was said in another form."""


class Setting(NamedTuple):
    """That an event gave a field a value; `said`: somebody did, neither a choice among values nor another form."""

    event: int
    value: Any
    said: bool


class _Change(NamedTuple):
    """What one event set in a record: by field what it held before and after."""

    event: int
    verb: str
    undoes: int | None
    sets: dict[str, tuple[Any, Any]]


@dataclass(slots=True)
class Past:
    """One record through time, of which `live` is what it holds now.

    `settings` has the fields that were set since it was made, `_state` among them, oldest first; the first is what it
    began with. `rewritten` is the last event that wrote a field in another form. `lost` is the event before which
    nobody can tell what it held, because that was destroyed, and the state that it left.
    """

    record: int
    live: dict[str, Any]
    settings: dict[str, list[Setting]]
    rewritten: dict[str, int]
    lost: tuple[int, int] | None

    def before(self, event: int) -> dict[str, Any]:
        """What it held right before an event."""
        return {**self.live, **{name: self._before(event, name) for name in self.settings}}

    def after(self, event: int, name: str) -> Any:
        """What it held in a field right after an event."""
        return self._before(event + 1, name) if name in self.settings else self.live[name]

    def said(self) -> dict[str, Setting]:
        """What somebody said last of each field that was set; of what it began with, the event is 0."""
        return {name: said_last(settings) for name, settings in self.settings.items()}

    def _before(self, event: int, name: str) -> Any:
        settings = self.settings[name]
        return next((one for one in reversed(settings) if one.event < event), settings[0]).value


def said_last(settings: Sequence[Setting], until: int | None = None) -> Setting:
    """What somebody said of a field last, at the latest by an event."""
    told = [one for one in settings if one.said and (until is None or one.event <= until)]
    return told[-1]


def pasts(db: sqlite3.Connection, table: Table, involved: str) -> Iterator[tuple[int, Iterator[Past]]]:
    """The pasts of the records in a table `involved` (`survivor`, `record`), by their survivor."""
    names = [STATE, *(f.name for f in table.fields)]
    keys = {str(STATE_ID): STATE} | {str(f.id): f.name for f in table.fields}
    undone = {
        event: (undoes, verb)
        for event, undoes, verb in db.execute(
            "SELECT u.id, u.undoes, e.verb FROM store._event u JOIN store._event e ON e.id = u.undoes"
        ).fetchall()
    }
    columns = ", ".join(f"l.{quote(name)}" for name in names)
    found = db.execute(
        f"SELECT i.survivor, i.record, c.event, e.verb, c.op, {readable_diff('c')}, {columns} FROM {involved} i "
        f"CROSS JOIN store._change c ON c.record = i.record AND c.tbl = {table.id} "
        f"JOIN store.{quote(table.name)} l ON l._id = i.record JOIN store._event e ON e.id = c.event "
        "ORDER BY i.survivor, i.record, c.n DESC"
    )
    for survivor, family in groupby(iter(found.fetchone, None), key=itemgetter(0)):
        yield (
            survivor,
            (_past(record, [*rows], names, keys, undone) for record, rows in groupby(family, key=itemgetter(1))),
        )


def _past(
    record: int,
    rows: Sequence[tuple[Any, ...]],
    names: Sequence[str],
    keys: dict[str, str],
    undone: dict[int, tuple[int, str]],
) -> Past:
    """One record's past from its changes, the newest first, each with the present values."""
    held = live = dict(zip(names, rows[0][6:], strict=True))
    changes: list[_Change] = []
    lost = None
    for _, _, event, verb, op, diff, *_ in rows:
        before = stepped_back(keys, op, diff, held)
        if before is None:
            lost = (event, held[STATE]) if op == Op.UPDATE else None
            break  # it was not there yet, or nobody can tell
        undoes, _ = undone.get(event, (None, ""))
        sets = {name: (value, held[name]) for name, value in before.items() if value != held[name]}
        changes.append(_Change(event, _nature(event, verb, undone), undoes, sets))
        held = before
    settings: dict[str, list[Setting]] = {}
    rewritten: dict[str, int] = {}
    for change in reversed(changes):
        for name, (value, after) in change.sets.items():
            _set(settings.setdefault(name, [Setting(0, value, said=True)]), change, after)
            if change.verb in REWRITING:
                rewritten[name] = change.event
    return Past(record, live, settings, rewritten, lost)


def _set(settings: list[Setting], change: _Change, value: Any) -> None:
    """Add that a change gave a field a value, or take away what it undid."""
    if change.undoes is not None:
        place = next((n for n, one in enumerate(settings) if n and one.event == change.undoes), 0)
        if place and settings[place - 1].value == value:
            del settings[place:]
            return
    settings.append(Setting(change.event, value, change.verb not in (*CHOOSING, *REWRITING)))


def _nature(event: int, verb: str, undone: dict[int, tuple[int, str]]) -> str:
    """The verb of an event, or of what it undid."""
    while event in undone:
        event, verb = undone[event]
    return verb
