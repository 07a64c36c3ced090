"""Whether the history still tells the truth: every seal and digest, made again from what lies in the store.

For each record the newest values are the live row's (or what its last delete held); stepping back through its changes
gives every earlier row, down to the insert, whose seal was made of that row. A live value altered outside custrec, a
change edited, removed or added, an event touched: each is found, and named by table and record id or event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from custrec.model.decisions import table_numbered, tables_of
from custrec.model.digest import H20, matches
from custrec.model.plan import ERASING, Op, State
from custrec.model.schema import Table
from custrec.store.canonical import STATE_ID, former_row_text, row_text
from custrec.store.database import Store, snapshot
from custrec.store.erased_events import COLUMNS, made_of, redacted_since
from custrec.store.quoting import quote
from custrec.store.shapes import Shapes

ALTERED = "a value was altered outside custrec"
REWRITTEN = "a change in its history was altered"
TAKEN_OUT = "values were taken out of its history outside custrec"
Change = tuple[int, int, int, str | None, str | None, bytes]


class Fault(str):
    """A sentence about what does not verify, and where: a record of a table, or an event; else neither is said."""

    table: str
    record: int
    event: int

    def __new__(cls, words: str, table: str = "", record: int = 0, event: int = 0) -> Fault:
        """The sentence, after its place."""
        place = f"{table} record {record}: " if table else f"event {event}: " if event else ""
        made = super().__new__(cls, place + words)
        made.table, made.record, made.event = table, record, event
        return made


def faults(store: Store) -> Iterator[Fault]:
    """Yield a sentence for everything that does not verify; nothing where all is well."""
    with snapshot(store.reader):
        shapes, erasures = Shapes(store.reader), _Erasures(store)
        yield from _event_faults(store, erasures)
        yield from _schema_faults(store)
        for table in tables_of(store.schema):
            yield from _unjournalled(store, table)
            yield from _single_inserts(store, table, shapes, erasures)
            yield from _longer_histories(store, table, shapes, erasures)
        yield from _of_tables_gone(store, shapes, erasures)


class _Erasures:
    """What the events that destroyed records say that they redacted: only there may a seal be without its salt."""

    def __init__(self, store: Store) -> None:
        marks = ", ".join("?" * len(ERASING))
        found = store.reader.execute(
            f"SELECT id, detail FROM _event WHERE verb IN ({marks}) ORDER BY id", sorted(ERASING)
        ).fetchall()
        self.events = {number for number, _ in found}
        self.redacted = redacted_since(found)
        """The digests that redacted events have as they read now."""
        self._others: dict[tuple[int, int], int] = {}
        for number, detail in found:
            for table, records in json.loads(detail).get("others", {}).items():
                self._others.update({(int(table), record): number for record in records})

    def explain(self, table: int, record: int, event: int, history: Iterable[int]) -> bool:
        """Whether a change of a record is without its values because of one of them; `history` are its events."""
        return any(one >= event for one in self.events.intersection(history)) or (
            self._others.get((table, record), 0) > event
        )


def _event_faults(store: Store, erasures: _Erasures) -> Iterator[Fault]:
    previous = b""
    expected = 1
    for *said, digest in store.reader.execute(f"SELECT {COLUMNS}, digest FROM _event ORDER BY id").fetchall():
        event = dict(zip(COLUMNS.split(", "), said, strict=True))
        if event["id"] != expected:
            yield Fault(f"event {expected} is missing")
        expected = event["id"] + 1
        now = erasures.redacted.get(event["id"])
        if made_of(store.reader, previous, event) != (digest if now is None else bytes.fromhex(now)):
            yield Fault("the event, or which changes it holds, was altered", event=event["id"])
        previous = digest
    last = store.reader.execute("SELECT event FROM _change ORDER BY n DESC LIMIT 1").fetchone()
    if last and last[0] >= expected:
        yield Fault(f"event {last[0]} is missing")


def _unjournalled(store: Store, table: Table) -> Iterator[Fault]:
    rows = store.reader.execute(
        f"SELECT _id FROM {quote(table.name)} l WHERE NOT EXISTS "
        "(SELECT 1 FROM _change c WHERE c.record = l._id AND c.tbl = ?)",
        (table.id,),
    )
    for (record,) in rows:
        yield Fault("it was added outside custrec", table.name, record)


def _single_inserts(store: Store, table: Table, shapes: Shapes, erasures: _Erasures) -> Iterator[Fault]:
    """Records with one change, their insert: most of a store, checked against the live row as it stands. No change of
    the schema touched them, so that what they held in another shape of the table follows from it."""
    for begin, end, schema in shapes.spans():
        then = table_numbered(schema, table.id)
        if then is None:
            continue
        span = "" if shapes.only_one else f" AND c.event BETWEEN {begin} AND {end}"
        text = former_row_text(then, table, "l", "c.original")
        rows = store.reader.execute(
            f"SELECT c.record, c.event, c.seal, CASE WHEN l._id IS NULL THEN NULL ELSE {text} END, "
            f"l._state = {State.ACTIVE:d} AND l._event = c.event "
            f"FROM _change c LEFT JOIN {quote(table.name)} l ON l._id = c.record "
            f"WHERE c.tbl = ? AND c.op = {Op.INSERT:d}{span} "
            "AND NOT EXISTS (SELECT 1 FROM _change k WHERE k.record = c.record AND k.tbl = c.tbl AND k.n <> c.n)",
            (table.id,),
        )
        for record, event, seal, told, as_made in rows:
            if len(seal) == H20 and erasures.explain(table.id, record, event, ()):
                continue
            if len(seal) == H20:
                yield Fault(TAKEN_OUT, table.name, record)
            elif told is None:
                yield Fault("it was removed outside custrec", table.name, record)
            elif not (as_made and matches(seal, told)):
                yield Fault(ALTERED, table.name, record)


def _schema_faults(store: Store) -> Iterator[Fault]:
    """Schemas that are not what the events say which applied them. The first, which no event made, is not covered."""
    said = store.reader.execute(
        "SELECT e.id, detail ->> '$.schema.sha256', s.text FROM _event e "
        "LEFT JOIN _schema s ON s.version = e.schema WHERE detail -> '$.schema' IS NOT NULL ORDER BY e.id"
    ).fetchall()
    for event, digest, text in said:
        if text is None or hashlib.sha256(text.encode()).hexdigest() != digest:
            yield Fault("the schema that it applied was altered", event=event)
    (newest,) = store.reader.execute("SELECT max(version) FROM _schema").fetchone()
    if newest != 1 + len(said):
        yield Fault("a schema was added or removed outside custrec")


def _of_tables_gone(store: Store, shapes: Shapes, erasures: _Erasures) -> Iterator[Fault]:
    """Records of tables that the schema has no more: each was deleted when its table went."""
    gone = {t.id: t for v in range(1, shapes.newest + 1) for t in shapes.of(v).tables if t.id not in store.schema.by_id}
    for table in gone.values():
        yield from _longer_histories(store, table, shapes, erasures, live=False)


def _longer_histories(
    store: Store, table: Table, shapes: Shapes, erasures: _Erasures, live: bool = True
) -> Iterator[Fault]:
    several = " HAVING count(*) > 1" if live else ""
    rows = store.reader.execute(
        "SELECT record, event, op, diff, original, seal FROM _change WHERE tbl = ? AND record IN "
        f"(SELECT record FROM _change WHERE tbl = ? GROUP BY record{several}) ORDER BY record, n DESC",
        (table.id, table.id),
    )
    walk = _Walk(store, table, shapes, erasures, live)
    for record, changes in groupby(rows, key=lambda row: row[0]):
        try:
            fault = walk.fault(record, [change[1:] for change in changes])
        except (ValueError, TypeError, KeyError):  # a diff that is none, under a seal that was made for it
            fault = REWRITTEN
        if fault:
            yield Fault(fault, table.name, record)


class _Walk:
    """The way back through the changes of a table's records, over all fields that the table ever had."""

    def __init__(self, store: Store, table: Table, shapes: Shapes, erasures: _Erasures, live: bool) -> None:
        self.store = store
        self.erasures = erasures
        self.shapes = shapes
        self.table = table
        former = [table_numbered(shapes.of(version), table.id) for version in range(1, shapes.newest + 1)]
        self.keys = {str(STATE_ID): None} | {str(f.id): None for then in former if then for f in then.fields}
        self.columns = {str(STATE_ID): "_state"} | {str(f.id): f.name for f in table.fields}
        self.query = (
            f"SELECT {', '.join(quote(name) for name in ('_event', *self.columns.values()))} FROM {quote(table.name)} "
            "WHERE _id = ?"
            if live
            else ""
        )

    def fault(self, record: int, changes: list[tuple[Any, ...]]) -> str | None:
        """Walk a record's changes from the newest to its insert; say what does not fit."""
        row = self.store.reader.execute(self.query, (record,)).fetchone() if self.query else None
        values: dict[str, Any] | None = {**self.keys, **dict(zip(self.columns, row[1:], strict=True))} if row else None
        if row and row[0] != changes[0][0]:
            return ALTERED
        state: Any = None  # in which the record came back, until the change before tells in which it went
        for event, op, diff, original, seal in changes:
            if op == Op.DELETE and values is not None:
                return "it was brought back outside custrec"
            if len(seal) == H20:  # redacted: what came before cannot be rebuilt, and must not be
                known = self.erasures.explain(self.table.id, record, event, (change[0] for change in changes))
                return None if known else TAKEN_OUT
            if op != Op.INSERT and not matches(seal, diff or ""):
                return REWRITTEN
            said = json.loads(diff) if op != Op.INSERT and diff else {}
            if op == Op.DELETE:
                values = {key: said.get(key) for key in self.keys}
                if state not in (None, values[str(STATE_ID)]):
                    return ALTERED
            elif values is None:
                return "it was removed outside custrec"
            elif op == Op.UPDATE:
                if any(values.get(key) != after for key, (_, after) in said.items()):
                    return ALTERED
                values |= {key: before for key, (before, _) in said.items()}
            else:
                if not matches(seal, self._text(event, values, original)):
                    return ALTERED
                state, values = values[str(STATE_ID)], None
        if values is None and state != State.ACTIVE:
            return ALTERED  # who begins, begins active
        return None if values is None else "its beginning is missing"

    def _text(self, event: int, values: dict[str, Any], original: str | None) -> str:
        """The canonical text of a rebuilt row in the shape of its time, by the same SQL that made the first one."""
        then = table_numbered(self.shapes.after(event), self.table.id) or self.table
        columns = ", ".join(f"? AS {quote(f.name)}" for f in then.fields)
        (text,) = self.store.reader.execute(
            f"SELECT {row_text(then, 'r', '?')} FROM (SELECT {columns}) r",
            (original, *(values[str(f.id)] for f in then.fields)),
        ).fetchone()
        return str(text)
