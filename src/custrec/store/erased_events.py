"""Notes and file names of events that may name who was destroyed: taken out, so that the chain still verifies.

An event whose text went cannot be checked against its own digest any more. The event that took it away says therefore,
in its detail (`redacted`), what the other one's digest is as it reads now; the digest that stands there stays, because
the next event's was made of it. Which texts go:

    an event that changed at most FEW records, one of them destroyed: its note and its file's name
    a larger one: where its note or its file's name holds something that a destroyed record is known by
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping
from typing import Any

from custrec.model.digest import H20, EventDigest, canonical_json
from custrec.model.traces import traces_within

FEW = 20
"""An event of so many changes is about these records; a larger one is about a file."""
COLUMNS = "id, at, actor, verb, note, source, sha256, plan, schema, undoes, detail, counts, changes"
_OF_THE_FILE: dict[str, Any] = {"form": "", "read": [], "map": None, "rejects": None, "review": None, "declined": None}
"""What of an event's detail may tell the name of its file."""
_BATCH = 50_000


class TextsOfEvents:
    """The events that touched records in temp.erased or temp.tainted and have a text; which of them name somebody."""

    def __init__(self, db: sqlite3.Connection, event: int) -> None:
        self.db = db
        found = db.execute(
            "SELECT e.id, e.note, coalesce(e.source, ''), e.changes FROM main._event e WHERE e.id < ? "
            "AND (e.note <> '' OR e.source IS NOT NULL) AND e.id IN (SELECT c.event FROM temp.erased x "
            "CROSS JOIN main._change c ON c.record = x.record AND c.tbl = x.tbl UNION SELECT c.event FROM temp.tainted "
            "t CROSS JOIN main._change c ON c.record = t.record AND c.tbl = t.tbl AND c.event >= t.event)",
            (event,),
        ).fetchall()
        self._to_redact = {number for number, _, _, changes in found if changes <= FEW}
        self._within: dict[str, set[int]] = {}
        for number, note, source, changes in found:
            for text in {note, source} if changes > FEW else ():
                for trace in traces_within(text):
                    self._within.setdefault(trace, set()).add(number)

    def meet(self, trace: str) -> None:
        """A destroyed record leaves this trace."""
        if found := self._within.get(trace):
            self._to_redact |= found

    def redact(self) -> dict[str, str]:
        """Take the texts out; by event, its digest as it reads now (hex)."""
        return {str(number): self._redact(number) for number in sorted(self._to_redact)}

    def _redact(self, number: int) -> str:
        (detail,) = self.db.execute("SELECT detail FROM main._event WHERE id = ?", (number,)).fetchone()
        said = json.loads(detail)
        said |= {name: blank for name, blank in _OF_THE_FILE.items() if name in said}
        self.db.execute(
            "UPDATE main._event SET note = '', source = NULL, detail = ? WHERE id = ?", (canonical_json(said), number)
        )
        return digest_now(self.db, number).hex()


def digest_now(db: sqlite3.Connection, number: int) -> bytes:
    """The digest that an event has as it reads now."""
    row = db.execute(f"SELECT {COLUMNS} FROM main._event WHERE id = ?", (number,)).fetchone()
    before = db.execute("SELECT digest FROM main._event WHERE id < ? ORDER BY id DESC LIMIT 1", (number,)).fetchone()
    event = dict(zip(COLUMNS.split(", "), row, strict=True))
    return made_of(db, before[0] if before else b"", event)


def made_of(db: sqlite3.Connection, previous: bytes, event: Mapping[str, Any]) -> bytes:
    """The digest of an event with the changes that the journal has of it."""
    made = EventDigest(previous, dict(event))
    cursor = db.execute(
        f"SELECT tbl, record, op, substr(seal, -{H20}) FROM main._change WHERE event = ? ORDER BY n", (event["id"],)
    )
    while changes := cursor.fetchmany(_BATCH):
        made.add(changes)
    return made.digest()


def redacted_since(details: Collection[tuple[int, str]]) -> dict[int, str]:
    """What the digests of redacted events are now, by event, as later events say: (event, detail) of those."""
    said: dict[int, str] = {}
    for number, detail in details:
        for event, digest in json.loads(detail).get("redacted", {}).items():
            if int(event) < number:
                said[int(event)] = digest
    return said
