"""Which records are held: they stay as they are until somebody releases them. Reading only; written as any plan writes.

A hold names the record that a person meant, and holds what that record was merged into.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import NamedTuple

from custrec.model.decisions import HOLDS
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.verdicts import standing_for


class Hold(NamedTuple):
    """A hold: the record as it was named, what it is part of now, the reason, the hold's own number, and the event that
    it came with."""

    record: int
    now: int
    reason: str
    number: int
    event: int


def held(store: Store, table: Table) -> set[int]:
    """The numbers of all records of a table that are held."""
    return {hold.now for hold in holds(store, table)}


def holds(store: Store, table: Table, about: Collection[int] | None = None) -> Iterator[Hold]:
    """The holds on records of a table, or on those that are now among the records `about`, oldest first."""
    which = "TRUE" if about is None else "now IN (SELECT value FROM json_each(?))"
    found = store.reader.execute(
        f"SELECT record, now, reason, _id, _event FROM (SELECT h.record, {standing_for('x')} AS now, h.reason, h._id, "
        f"h._event FROM {quote(HOLDS.name)} h JOIN {quote(table.name)} x ON x._id = h.record WHERE h.tbl = {table.id}) "
        f"WHERE {which} ORDER BY _id",
        () if about is None else (json.dumps(list(about)),),
    )
    yield from map(Hold._make, iter(found.fetchone, None))
