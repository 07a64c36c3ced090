"""The trash: what is in it, since when, by whom, and how long it stays (`trash: {days: N}` of its table)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from custrec.jobs.duplicates.merged import keys_of, names_of
from custrec.jobs.reading import condition
from custrec.model.calendar import day_of
from custrec.model.lifecycle import trash_days
from custrec.model.schema import Table
from custrec.store import trash
from custrec.store.database import Store, snapshot
from custrec.store.records import EVERYTHING


@dataclass(frozen=True)
class InTrash:
    """A record in the trash: what it is called; the event that put it there, when (UTC) and by whom; and from which day
    on it may be purged, with how many days that is from today (0: it may)."""

    table: Table
    record: int
    key: str | None
    name: str
    event: int
    at: str
    actor: str
    until: date
    days_left: int


def in_trash(store: Store, tables: Sequence[Table], where: str | None, today: date) -> list[InTrash]:
    """The records of some tables in the trash, those that have the least time left first. Raises ExpressionInvalid."""
    found: list[InTrash] = []
    with snapshot(store.reader):
        for table in tables:
            rows = trash.trashed(store, table, condition(store, table, where, today))
            numbers = [row.record for row in rows]
            keys, names = keys_of(store, table, numbers), names_of(store, table, numbers)
            for row in rows:
                until = stays_until(store, table, row.at)
                name = " ".join(names.get(row.record, ()))
                left = max(0, (until - today).days)
                key = keys.get(row.record)
                found.append(InTrash(table, row.record, key, name, row.event, row.at, row.actor, until, left))
    return sorted(found, key=lambda one: (one.until, one.event))


def over_since(
    store: Store, tables: Sequence[Table], today: date, older_than: int | None = None
) -> dict[str, list[int]]:
    """The records, by table, that have been in the trash for its days, or for more days than `older_than`."""
    zone = store.schema.defaults.timezone
    found: dict[str, list[int]] = {}
    with snapshot(store.reader):
        for table in tables:
            days = trash_days(table) if older_than is None else older_than
            for row in trash.trashed(store, table, EVERYTHING):
                if date.fromisoformat(day_of(row.at, zone)) + timedelta(days=days) <= today:
                    found.setdefault(table.name, []).append(row.record)
    return found


def stays_until(store: Store, table: Table, at: str) -> date:
    """The day from which on a record of a table may be purged that went to the trash at a time."""
    return date.fromisoformat(day_of(at, store.schema.defaults.timezone)) + timedelta(days=trash_days(table))
