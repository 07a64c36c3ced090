"""Whether the history still tells the truth: every seal and digest, made again from what lies in the store.

For each record the newest values are the live row's (or what its last delete held); stepping back through its changes
gives every earlier row, down to the insert, whose seal was made of that row. A live value altered outside custrec, a
change edited, removed or added, an event touched: each is found, and named by table and record id or event.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from custrec.model.digest import H20, EventDigest, matches
from custrec.model.plan import Op, State
from custrec.model.schema import Table
from custrec.store.canonical import STATE_ID, row_text
from custrec.store.database import Store, snapshot
from custrec.store.quoting import quote

BATCH = 20_000
ALTERED = "a value was altered outside custrec"
REWRITTEN = "a change in its history was altered"
Change = tuple[int, int, int, str | None, str | None, bytes]


def faults(store: Store) -> Iterator[str]:
    """Yield a sentence for everything that does not verify; nothing where all is well."""
    with snapshot(store.reader):
        yield from _event_faults(store)
        for table in store.schema.tables:
            yield from _unjournalled(store, table)
            yield from _single_inserts(store, table)
            yield from _longer_histories(store, table)


def _event_faults(store: Store) -> Iterator[str]:
    names = "id, at, actor, verb, note, source, sha256, plan, schema, undoes, detail, counts, changes"
    previous = b""
    expected = 1
    for *said, digest in store.reader.execute(f"SELECT {names}, digest FROM _event ORDER BY id").fetchall():
        event = dict(zip(names.split(", "), said, strict=True))
        if event["id"] != expected:
            yield f"event {expected} is missing"
        expected = event["id"] + 1
        made = EventDigest(previous, event)
        cursor = store.reader.execute(
            f"SELECT tbl, record, op, substr(seal, -{H20}) FROM _change WHERE event = ? ORDER BY n", (event["id"],)
        )
        while changes := cursor.fetchmany(BATCH):
            made.add(changes)
        if made.digest() != digest:
            yield f"event {event['id']}: the event, or which changes it holds, was altered"
        previous = digest


def _unjournalled(store: Store, table: Table) -> Iterator[str]:
    rows = store.reader.execute(
        f"SELECT _id FROM {quote(table.name)} l WHERE NOT EXISTS "
        "(SELECT 1 FROM _change c WHERE c.record = l._id AND c.tbl = ?)",
        (table.id,),
    )
    for (record,) in rows:
        yield f"{table.name} record {record}: it was added outside custrec"


def _single_inserts(store: Store, table: Table) -> Iterator[str]:
    """Records with one change, their insert: most of a store, checked against the live row as it stands."""
    rows = store.reader.execute(
        f"SELECT c.record, c.seal, CASE WHEN l._id IS NULL THEN NULL ELSE {row_text(table, 'l', 'c.original')} END, "
        f"l._state = {State.ACTIVE:d} AND l._event = c.event "
        f"FROM _change c LEFT JOIN {quote(table.name)} l ON l._id = c.record WHERE c.tbl = ? AND c.op = {Op.INSERT:d} "
        "AND NOT EXISTS (SELECT 1 FROM _change k WHERE k.record = c.record AND k.tbl = c.tbl AND k.n <> c.n)",
        (table.id,),
    )
    for record, seal, text, as_made in rows:
        if len(seal) == H20:
            continue
        if text is None:
            yield f"{table.name} record {record}: it was removed outside custrec"
        elif not (as_made and matches(seal, text)):
            yield f"{table.name} record {record}: {ALTERED}"


def _longer_histories(store: Store, table: Table) -> Iterator[str]:
    rows = store.reader.execute(
        "SELECT record, event, op, diff, original, seal FROM _change WHERE tbl = ? AND record IN "
        "(SELECT record FROM _change WHERE tbl = ? GROUP BY record HAVING count(*) > 1) ORDER BY record, n DESC",
        (table.id, table.id),
    )
    for record, changes in groupby(rows, key=lambda row: row[0]):
        try:
            fault = _step_back(store, table, record, [change[1:] for change in changes])
        except (ValueError, TypeError, KeyError):  # a diff that is none, under a seal that was made for it
            fault = REWRITTEN
        if fault:
            yield f"{table.name} record {record}: {fault}"


def _step_back(store: Store, table: Table, record: int, changes: list[tuple[Any, ...]]) -> str | None:
    """Walk a record's changes from the newest to its insert; say what does not fit."""
    keys = {str(STATE_ID): "_state"} | {str(f.id): f.name for f in table.fields}
    columns = ", ".join(quote(name) for name in ("_event", *keys.values()))
    row = store.reader.execute(f"SELECT {columns} FROM {quote(table.name)} WHERE _id = ?", (record,)).fetchone()
    values: dict[str, Any] | None = dict(zip(keys, row[1:], strict=True)) if row else None
    if row and row[0] != changes[0][0]:
        return ALTERED
    state: Any = None  # in which the record came back, until the change before tells in which it went
    for _event, op, diff, original, seal in changes:
        if len(seal) == H20:
            return None  # redacted: what came before cannot be rebuilt, and must not be
        if op != Op.INSERT and not matches(seal, diff or ""):
            return REWRITTEN
        said = json.loads(diff) if op != Op.INSERT and diff else {}
        if op == Op.DELETE:
            if values is not None:
                return "it was brought back outside custrec"
            values = {key: said.get(key) for key in keys}
            if state not in (None, values[str(STATE_ID)]):
                return ALTERED
        elif values is None:
            return "it was removed outside custrec"
        elif op == Op.UPDATE:
            if any(values.get(key) != after for key, (_, after) in said.items()):
                return ALTERED
            values |= {key: before for key, (before, _) in said.items()}
        else:
            if not matches(seal, _text(store, table, values, original)):
                return ALTERED
            state, values = values[str(STATE_ID)], None
    if values is None and state != State.ACTIVE:
        return ALTERED  # who begins, begins active
    return None if values is None else "its beginning is missing"


def _text(store: Store, table: Table, values: dict[str, Any], original: str | None) -> str:
    """The canonical text of a rebuilt row, by the same SQL that made the first one."""
    columns = ", ".join(f"? AS {quote(f.name)}" for f in table.fields)
    (text,) = store.reader.execute(
        f"SELECT {row_text(table, 'r', '?')} FROM (SELECT {columns}) r",
        (original, *(values[str(f.id)] for f in table.fields)),
    ).fetchone()
    return str(text)
