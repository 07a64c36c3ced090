"""What happened: events, their changes, and the proof that neither was altered.

Reading only. The format of digests stands in model.digest; undoing in store.reverse.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from custrec.errors import EventUnknown
from custrec.model.folding import fold
from custrec.model.plan import Event, Op, undone_by
from custrec.model.schema import Table
from custrec.store.canonical import readable_diff
from custrec.store.database import Store

COLUMNS = "id, at, actor, verb, note, source, sha256, plan, counts, lower(hex(digest)), undoes"


@dataclass(frozen=True)
class RecordChange:
    """One change of one record: the event, what was done, the source line, and [before, after] by field name."""

    event: Event
    op: Op
    line: int | None
    fields: dict[str, list[Any]]


@dataclass(frozen=True)
class Wanted:
    """Which events are asked for: all that is said here holds of them; None or '' says nothing.

    `record` is (table id, record id); `first` and `last` are event numbers, `begin` and `end` times (UTC text without
    the Z, `end` the first that is too late). An actor is also found without the login behind the name, a `file` by any
    part of its name, however cased.
    """

    record: tuple[int, int] | None = None
    actor: str | None = None
    verb: str | None = None
    file: str | None = None
    begin: str = ""
    end: str = ""
    first: int | None = None
    last: int | None = None

    def condition(self) -> tuple[str, list[Any]]:
        """As SQL over _event, with parameters."""
        said: list[tuple[str, tuple[Any, ...]]] = []
        if self.record is not None:
            table, record = self.record
            said.append(("id IN (SELECT event FROM _change WHERE record = ? AND tbl = ?)", (record, table)))
        if self.actor is not None:
            with_login = f"{self.actor} (login "
            said.append(("(actor = ? OR substr(actor, 1, ?) = ?)", (self.actor, len(with_login), with_login)))
        if self.verb is not None:
            said.append(("verb = ?", (self.verb,)))
        if self.file is not None:
            said.append(("instr(custrec_fold(source), ?) > 0", (fold(self.file),)))
        said += [(text, (time,)) for text, time in (("at >= ?", self.begin), ("at < ?", self.end)) if time]
        said += [(text, (n,)) for text, n in (("id >= ?", self.first), ("id <= ?", self.last)) if n is not None]
        return " AND ".join(text for text, _ in said) or "TRUE", [value for _, values in said for value in values]


def events(
    store: Store, newest_first: bool = True, limit: int | None = None, wanted: Wanted | None = None
) -> Iterator[Event]:
    """The events, or those wanted, with what undid them."""
    by = _undone(store)
    order = "DESC" if newest_first else "ASC"
    condition, params = (wanted or Wanted()).condition()
    store.reader.create_function("custrec_fold", 1, _fold, deterministic=True)
    query = f"SELECT {COLUMNS} FROM _event WHERE {condition} ORDER BY id {order} LIMIT ?"
    for row in store.reader.execute(query, (*params, limit or -1)):
        yield _event(row, by)


def details(store: Store, numbers: Iterable[int]) -> dict[int, tuple[Event, dict[str, Any]]]:
    """Some events by number, each with the detail of its plan; those that are not there are left out."""
    by = _undone(store)
    query = f"SELECT {COLUMNS}, detail FROM _event WHERE id IN (SELECT value FROM json_each(?))"
    found = store.reader.execute(query, (json.dumps(list(numbers)),)).fetchall()
    return {row[0]: (_event(tuple(row), by), json.loads(detail)) for *row, detail in found}


def changed_first(store: Store, number: int, most: int) -> list[tuple[int, int]]:
    """The first records that an event changed, as (table id, record id), in the order of the changes."""
    query = "SELECT tbl, record FROM _change WHERE n > ? AND n <= ? ORDER BY n LIMIT ?"
    return store.reader.execute(query, (last_change(store, number - 1), last_change(store, number), most)).fetchall()


def last_change(store: Store, event: int) -> int:
    """The number of the last change up to an event: they are numbered without gaps, event after event."""
    (last,) = store.reader.execute("SELECT coalesce(sum(changes), 0) FROM _event WHERE id <= ?", (event,)).fetchone()
    return int(last)


def event_before(store: Store, moment: str) -> int:
    """The last event before a moment (UTC text without the Z); 0 where there is none."""
    (event,) = store.reader.execute("SELECT coalesce(max(id), 0) FROM _event WHERE at < ?", (moment,)).fetchone()
    return int(event)


def digest_of(store: Store, number: int) -> str:
    """The digest of an event (hex); '' for none."""
    row = store.reader.execute("SELECT lower(hex(digest)) FROM _event WHERE id = ?", (number,)).fetchone()
    return str(row[0]) if row else ""


def event(store: Store, number: int) -> Event:
    """One event. Raises EventUnknown."""
    row = store.reader.execute(f"SELECT {COLUMNS} FROM _event WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise EventUnknown(event=number)
    return _event(row, _undone(store))


def imports(store: Store, limit: int | None = None) -> Iterator[tuple[Event, dict[str, Any]]]:
    """The imports, the newest first, each with the detail of its plan."""
    by = _undone(store)
    query = f"SELECT {COLUMNS}, detail FROM _event WHERE verb = 'import' ORDER BY id DESC LIMIT ?"
    for *row, detail in store.reader.execute(query, (limit or -1,)):
        yield _event(tuple(row), by), json.loads(detail)


def imported(store: Store, number: int) -> tuple[Event, dict[str, Any]]:
    """One import with the detail of its plan. Raises EventUnknown, also for an event of another kind."""
    query = "SELECT detail FROM _event WHERE id = ? AND verb = 'import'"
    found = store.reader.execute(query, (number,)).fetchone()
    if found is None:
        raise EventUnknown(event=number)
    return event(store, number), json.loads(found[0])


def newest(store: Store, verb: str) -> tuple[Event, dict[str, Any]] | None:
    """The last event of a verb, with the detail of its plan."""
    query = f"SELECT {COLUMNS}, detail FROM _event WHERE verb = ? ORDER BY id DESC LIMIT 1"
    for *row, detail in store.reader.execute(query, (verb,)):
        return _event(tuple(row), {}), json.loads(detail)
    return None


def digests_imported(store: Store) -> frozenset[str]:
    """The SHA-256 of each file that was ever imported, whatever became of it."""
    found = store.reader.execute("SELECT DISTINCT sha256 FROM _event WHERE verb = 'import'").fetchall()
    return frozenset(digest for (digest,) in found)


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
        f"SELECT event, op, line, {readable_diff('_change')} FROM _change WHERE record = ? AND tbl = ? ORDER BY n",
        (record, table.id),
    ).fetchall()
    for number, op, line, diff in found:
        said = json.loads(diff) if diff else {}
        if op == Op.DELETE:
            said = {key: [value, None] for key, value in said.items()}
        fields = {names[key]: pair for key, pair in said.items() if key in names}
        yield RecordChange(event(store, number), Op(op), line, fields)


def _undone(store: Store) -> dict[int, int]:
    """Which event undid which."""
    return undone_by(store.reader.execute("SELECT id, undoes FROM _event WHERE undoes IS NOT NULL").fetchall())


def _fold(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _event(row: tuple[Any, ...], by: dict[int, int]) -> Event:
    number, at, actor, verb, note, source, sha256, plan, counts, digest, undoes = row
    return Event(
        number, at, actor, verb, note, source, sha256, plan, json.loads(counts), digest, undoes, by.get(number)
    )
