"""What happened: events, their changes, and the proof that neither was altered.

Reading only. The format of digests stands in model.digest; undoing in store.reverse.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from custrec.errors import EventUnknown
from custrec.model.plan import Event, Op
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.reverse import undone_by

COLUMNS = "id, at, actor, verb, note, source, sha256, plan, counts, lower(hex(digest)), undoes"


@dataclass(frozen=True)
class RecordChange:
    """One change of one record: the event, what was done, the source line, and [before, after] by field name."""

    event: Event
    op: Op
    line: int | None
    fields: dict[str, list[Any]]


def events(store: Store, newest_first: bool = True, limit: int | None = None) -> Iterator[Event]:
    """The events, with what undid them."""
    by = undone_by(store.reader.execute("SELECT id, undoes FROM _event").fetchall())
    order = "DESC" if newest_first else "ASC"
    for row in store.reader.execute(f"SELECT {COLUMNS} FROM _event ORDER BY id {order} LIMIT ?", (limit or -1,)):
        yield _event(row, by)


def event(store: Store, number: int) -> Event:
    """One event. Raises EventUnknown."""
    row = store.reader.execute(f"SELECT {COLUMNS} FROM _event WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise EventUnknown(event=number)
    return _event(row, undone_by(store.reader.execute("SELECT id, undoes FROM _event").fetchall()))


def applied_as(store: Store, plan: str) -> int | None:
    """The event that a plan became; None if it was not applied."""
    found = store.reader.execute("SELECT id FROM _event WHERE plan = ?", (plan,)).fetchone()
    return int(found[0]) if found else None


def head(store: Store) -> Event | None:
    """The newest event, whose digest seals all before it; None in a new store."""
    return next(events(store, limit=1), None)


def changes_of(store: Store, table: Table, record: int) -> Iterator[RecordChange]:
    """What happened to a record, oldest first. An insert tells no values; they follow from what came later."""
    names = {str(f.id): f.name for f in table.fields} | {"0": "_state"}
    found = store.reader.execute(
        "SELECT event, op, line, diff FROM _change WHERE record = ? AND tbl = ? ORDER BY n", (record, table.id)
    ).fetchall()
    for number, op, line, diff in found:
        said = json.loads(diff) if diff else {}
        if op == Op.DELETE:
            said = {key: [value, None] for key, value in said.items()}
        fields = {names[key]: pair for key, pair in said.items() if key in names}
        yield RecordChange(event(store, number), Op(op), line, fields)


def _event(row: tuple[Any, ...], by: dict[int, int]) -> Event:
    number, at, actor, verb, note, source, sha256, plan, counts, digest, undoes = row
    return Event(
        number, at, actor, verb, note, source, sha256, plan, json.loads(counts), digest, undoes, by.get(number)
    )
