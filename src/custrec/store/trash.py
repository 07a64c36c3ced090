"""What is in the trash, with the event that put it there. Reading only."""

from __future__ import annotations

from typing import NamedTuple

from custrec.model.plan import Op, State
from custrec.model.schema import Table
from custrec.store.canonical import STATE_ID
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.records import Condition
from custrec.store.states import in_state


class Trashed(NamedTuple):
    """A record in the trash: its number; the event that put it there, when that was (UTC) and who did it."""

    record: int
    event: int
    at: str
    actor: str


def trashed(store: Store, table: Table, condition: Condition) -> list[Trashed]:
    """The records of a table in the trash that meet a condition, those that went first at the beginning."""
    where, params = condition
    put_there = (
        f"SELECT max(k.event) FROM _change k WHERE k.record = t._id AND k.tbl = {table.id} "
        f"AND (k.op = {Op.INSERT:d} OR json_type(k.diff, '$.\"{STATE_ID}\"') IS NOT NULL)"
    )
    found = store.reader.execute(
        f"SELECT t._id, e.id, e.at, e.actor FROM {quote(table.name)} t "
        f"JOIN _event e ON e.id = coalesce(({put_there}), t._event) "
        f"WHERE {in_state(State.TRASHED, 't')} AND ({where}) ORDER BY e.id, t._id",
        tuple(params),
    )
    return [Trashed(*row) for row in found.fetchall()]
