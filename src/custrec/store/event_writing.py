"""Putting an event into the journal, behind its changes, with the digest over both (model.digest)."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from custrec.model.digest import H20, EventDigest

BATCH = 50_000


def next_change(db: sqlite3.Connection) -> int:
    """The number that the next change gets."""
    (first,) = db.execute("SELECT coalesce(max(n), 0) + 1 FROM main._change").fetchone()
    return int(first)


def put_event(db: sqlite3.Connection, said: Mapping[str, Any], first: int) -> None:
    """Put an event into the journal, whose changes begin with the `first`. `said` holds the columns of `_event` but
    `changes` and `digest`; a `schema` of None is the newest one."""
    previous = db.execute("SELECT digest FROM main._event ORDER BY id DESC LIMIT 1").fetchone()
    event = {**said, "changes": next_change(db) - first}
    if event["schema"] is None:
        (event["schema"],) = db.execute("SELECT max(version) FROM main._schema").fetchone()
    digest = EventDigest(previous[0] if previous else b"", event)
    cursor = db.execute(
        f"SELECT tbl, record, op, substr(seal, -{H20}) FROM main._change WHERE n >= ? ORDER BY n", (first,)
    )
    while changes := cursor.fetchmany(BATCH):
        digest.add(changes)
    names, marks = ", ".join(event), ", ".join("?" * len(event))
    db.execute(f"INSERT INTO main._event ({names}, digest) VALUES ({marks}, ?)", (*event.values(), digest.digest()))
