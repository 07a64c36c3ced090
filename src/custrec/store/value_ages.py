"""Which events set the values of many records, read from the journal in one pass, through undo and redo.

A value that an undo gave back has the age that it had before; one that a redo brought back, that of what was undone.
Who confirms a value says it anew: it is as young as its confirmation, as long as that holds (store.confirmations).
A merge, or a split, sets no value of its own: what it chose is as old as it was with whoever said it, so that records
that become one step by step become what they would at once.
For one record with all that is known of it, see store.history_of.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import groupby
from typing import Any, NamedTuple

from custrec.model.plan import Op
from custrec.model.schema import Field, Table
from custrec.store.canonical import readable_diff
from custrec.store.confirmations import standing
from custrec.store.quoting import quote
from custrec.store.states import merged_into

CHOOSING = ("merge", "split")
"""Verbs of events that choose among values that were said before."""


class Saying(NamedTuple):
    """That somebody said a value: the event that set it, and the last one that set or confirmed it."""

    set_by: int
    said_by: int


class _Setting(NamedTuple):
    """That an event gave a field another value."""

    event: int
    chose: bool
    before: Any
    after: Any


class ValueAges:
    """The ages of the values of the records in a table of a plan's connection, which sees the store.

    `chosen` names a table with a column `record`.
    """

    def __init__(self, db: sqlite3.Connection, table: Table, chosen: str) -> None:
        self._made: dict[int, int] = {}
        self._settings: dict[tuple[int, int], list[_Setting]] = {}
        live = f"store.{quote(table.name)}"
        within = f"FROM {chosen} j CROSS JOIN {live} w ON {merged_into('j.record', 'w')}"
        cursor = db.execute(
            f"WITH involved AS MATERIALIZED (SELECT record FROM {chosen} UNION SELECT w._id {within}) "
            f"SELECT c.record, c.event, c.op, {readable_diff('c')}, e.undoes, e.verb FROM involved j "
            "CROSS JOIN store._change c ON c.record = j.record AND c.tbl = ? "
            "JOIN store._event e ON e.id = c.event ORDER BY c.record, c.n",
            (table.id,),
        )
        for record, changes in groupby(iter(cursor.fetchone, None), key=lambda row: row[0]):
            self._read(record, list(changes))
        columns = ", ".join(f"w.{quote(field.name)}" for field in table.fields)
        self._parts: dict[int, list[tuple[int, dict[int, Any]]]] = {}
        for survivor, part, *values in db.execute(f"SELECT j.record, w._id, {columns} {within}").fetchall():
            held = {field.id: value for field, value in zip(table.fields, values, strict=True)}
            self._parts.setdefault(survivor, []).append((part, held))
        chosen_ = [record for (record,) in db.execute(f"SELECT record FROM {chosen}").fetchall()]
        self._confirmed = {
            (one.record, one.field): one.event
            for one in sorted(standing(db, table, chosen_, store="store", apart=True), key=lambda one: one.event)
        }
        self.sources = dict(db.execute("SELECT id, source FROM store._event").fetchall())

    def sayings(self, record: int, field: Field, value: Any) -> list[Saying]:
        """Who said the value that a record has in a field: the record, and those within it that say the same. Where
        none of them did, as of several texts joined, the event that made it."""
        found = self._own(record, field.id, self._settings.get((record, field.id), []))
        for part, held in self._parts.get(record, ()):
            settings = self._settings.get((part, field.id), [])
            if held[field.id] is None and settings and settings[-1].chose:  # a unique value, given up to be merged
                kept, settings = settings[-1].before, settings[:-1]
            else:
                kept = held[field.id]
            if kept == value:
                found += self._own(part, field.id, settings)
        settings = self._settings.get((record, field.id), [])
        return found or [self._saying(record, field.id, settings[-1].event if settings else 0)]

    def _own(self, record: int, field: int, settings: list[_Setting]) -> list[Saying]:
        if not settings:
            return [self._saying(record, field, self._made.get(record, 0))]
        last = settings[-1]
        if not last.chose:
            return [self._saying(record, field, last.event)]
        own = [one.event for one in settings if not one.chose and one.after == last.after]
        own += [self._made.get(record, 0)] if settings[0].before == last.after else []
        return [self._saying(record, field, event) for event in own]

    def _saying(self, record: int, field: int, event: int) -> Saying:
        return Saying(event, max(event, self._confirmed.get((record, field), 0)))

    def _read(self, record: int, changes: list[tuple[Any, ...]]) -> None:
        told: dict[str, list[_Setting]] = {}
        cut: dict[tuple[int, str], list[_Setting]] = {}
        for _, event, op, diff, undoes, verb in changes:
            if op != Op.UPDATE:
                self._made[record] = event if op == Op.INSERT and undoes is None else self._made.get(record, event)
                continue
            for key, (before, after) in json.loads(diff).items() if diff else ():
                settings, setting = told.setdefault(key, []), _Setting(event, verb in CHOOSING, before, after)
                undone = next((n for n, one in enumerate(settings) if one.event == undoes), None)
                if undoes is None:
                    settings.append(setting)
                elif undone is not None:
                    cut[event, key] = settings[undone:]
                    del settings[undone:]
                else:
                    settings += cut.pop((undoes, key), [setting])
        self._settings.update({(record, int(key)): settings for key, settings in told.items() if settings})
