"""What an event destroyed, as the journal tells it: which records, never what was in them. Reading only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.model.decisions import FIRST_ID
from custrec.store.database import Store
from custrec.store.shapes import Shapes


@dataclass(frozen=True)
class Destroyed:
    """An event that destroyed: by table, how many records and which; `fields` where only those went; how many other
    records lost a part of their history; the ledger's head after it."""

    event: int
    at: str
    verb: str
    digest: str
    reason: str
    rule: str
    counts: Mapping[str, int]
    ids: Mapping[str, Sequence[int]]
    fields: Mapping[str, Sequence[str]]
    others: int
    ledger: Mapping[str, Any]


def destroyed_by(store: Store, event: int) -> Destroyed:
    """What an event destroyed."""
    at, verb, digest, text = store.reader.execute(
        "SELECT at, verb, lower(hex(digest)), detail FROM _event WHERE id = ?", (event,)
    ).fetchone()
    detail = json.loads(text)
    shapes = Shapes(store.reader)
    names = {t.id: t.name for version in range(1, shapes.newest + 1) for t in shapes.of(version).tables}
    names |= {table.id: table.name for table in store.schema.tables}
    ids: dict[str, list[int]] = {}
    found = store.reader.execute(
        "SELECT tbl, record FROM _change WHERE event = ? AND tbl < ? ORDER BY tbl, record", (event, FIRST_ID)
    )
    for table, record in iter(found.fetchone, None):
        ids.setdefault(names[table], []).append(record)
    return Destroyed(
        event,
        at,
        verb,
        digest,
        str(detail.get("why", "other")),
        str(detail.get("rule", "")),
        {table: len(records) for table, records in ids.items()},
        ids,
        {table: list(fields) for table, fields in detail.get("fields", {}).items()},
        sum(map(len, detail.get("others", {}).values())),
        detail.get("ledger", {}),
    )


def sources_of_destroyed(store: Store) -> int:
    """How many files were ever imported from which nobody can tell any more that they hold nobody destroyed."""
    (count,) = store.reader.execute("SELECT count(DISTINCT sha256) FROM _event WHERE verb = 'import'").fetchone()
    return int(count)
