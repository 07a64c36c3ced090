"""What a merge left behind, read so that it can be taken apart again: who is within a record, and whose children were
moved to it; and what was taken apart. Reading only; store.rewriting writes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from custrec.model.plan import Op, State, undone_by
from custrec.model.schema import ForeignKey, Table
from custrec.store.canonical import STATE_ID
from custrec.store.database import Store
from custrec.store.journal import last_change
from custrec.store.quoting import quote
from custrec.store.states import merged_into
from custrec.store.verdicts import standing_for

Move = tuple[int, int | None, int | None]
"""An event that gave a child another parent: the event, and the parents before and after."""


def within(store: Store, table: Table, record: int) -> list[int]:
    """The records that were merged into one, by number."""
    found = store.reader.execute(
        f"SELECT _id FROM {quote(table.name)} WHERE {merged_into('?')} ORDER BY _id", (record,)
    )
    return [one for (one,) in found.fetchall()]


def joined_at(store: Store, table: Table, record: int, event: int) -> list[int]:
    """The records that became part of one by an event, by number; without those that were within them already."""
    path = f'\'$."{STATE_ID}"'
    first, last = last_change(store, event - 1) + 1, last_change(store, event)
    found = store.reader.execute(
        f"SELECT record FROM _change WHERE n BETWEEN ? AND ? AND tbl = ? AND op = {Op.UPDATE:d} "
        f"AND diff >= ? AND diff < ? AND json_extract(diff, {path}[1]') = ? "
        f"AND json_extract(diff, {path}[0]') >= {State.ACTIVE:d} ORDER BY record",
        # A diff that tells of the state begins with it: most are told apart without being read as JSON.
        (first, last, table.id, f'{{"{STATE_ID}":', f'{{"{STATE_ID}";', -record),
    )
    return [one for (one,) in found.fetchall()]


class TakenApart(NamedTuple):
    """A record that was taken out of another one, by what both are part of now, and the event that did it."""

    record: int
    out_of: int
    event: int


def taken_apart(store: Store, table: Table) -> list[TakenApart]:
    """Who was taken out of whom by a split that stands, oldest first; without those that are one by now."""
    path = f'\'$."{STATE_ID}"'
    splits = store.reader.execute("SELECT id FROM _event WHERE verb = 'split' ORDER BY id").fetchall()
    undone = undone_by(store.reader.execute("SELECT id, undoes FROM _event WHERE undoes IS NOT NULL").fetchall())
    found = []
    for event in (event for (event,) in splits if event not in undone):
        out = store.reader.execute(
            f"SELECT {standing_for('x')}, {standing_for('y')}, c.event FROM _change c "
            f"JOIN {quote(table.name)} x ON x._id = c.record "
            f"JOIN {quote(table.name)} y ON y._id = -json_extract(c.diff, {path}[0]') "
            f"WHERE c.n BETWEEN ? AND ? AND c.tbl = ? AND c.op = {Op.UPDATE:d} AND c.diff >= ? AND c.diff < ? "
            f"AND json_extract(c.diff, {path}[1]') >= {State.ACTIVE:d} ORDER BY c.record",
            (
                last_change(store, event - 1) + 1,
                last_change(store, event),
                table.id,
                f'{{"{STATE_ID}":',
                f'{{"{STATE_ID}";',
            ),
        )
        found += [TakenApart(*row) for row in out.fetchall() if row[0] != row[1]]
    return found


def moved_children(store: Store, child: Table, key: ForeignKey, parent: int) -> Iterator[tuple[int, list[Move]]]:
    """The children of a record that had another parent before: their numbers, and their moves, the newest first."""
    field = child.by_name[key.field].id
    path = f"'$.\"{field}\"'"
    found = store.reader.execute(
        f"SELECT c.record, c.event, c.diff -> {path} FROM {quote(child.name)} k "
        f"JOIN _change c ON c.record = k._id AND c.tbl = {child.id} WHERE k.{quote(key.field)} = ? "
        f"AND k._state >= {State.ACTIVE:d} AND c.op = {Op.UPDATE:d} AND json_type(c.diff, {path}) IS NOT NULL "
        "ORDER BY c.record, c.n DESC",
        (parent,),
    )
    for record, moves in groupby(iter(found.fetchone, None), key=lambda row: row[0]):
        yield record, [(event, *json.loads(pair)) for _, event, pair in moves]


def rows_of(store: Store, table: Table, records: Collection[int]) -> Iterator[tuple[int, int, int, list[Any]]]:
    """Some records as (id, version, stored state, stored values in schema order), by id."""
    columns = ", ".join(quote(f.name) for f in table.fields)
    found = store.reader.execute(
        f"SELECT _id, _event, _state, {columns} FROM {quote(table.name)} "
        "WHERE _id IN (SELECT value FROM json_each(?)) ORDER BY _id",
        (json.dumps(list(records)),),
    )
    for record, version, state, *values in iter(found.fetchone, None):
        yield record, version, state, values


def holders(store: Store, table: Table, field: str, values: Sequence[Any], but: Collection[int]) -> dict[Any, int]:
    """By value of a unique field, the record of any state that holds it, but some."""
    found = store.reader.execute(
        f"SELECT {quote(field)}, _id FROM {quote(table.name)} WHERE {quote(field)} IN (SELECT value FROM json_each(?)) "
        "AND _id NOT IN (SELECT value FROM json_each(?))",
        (json.dumps(list(values)), json.dumps(list(but))),
    )
    return dict(found.fetchall())


class JudgedMerge(NamedTuple):
    """A record that is part of another one by a merge that a person looked at, and the event that made it so."""

    record: int
    into: int
    event: int


def judged_merges(store: Store, table: Table, most: int) -> list[JudgedMerge]:
    """The records that are within others by what a person decided, the newest `most`, oldest first. A redo of such a
    merge counts as it does; what was changed otherwise since it was merged is left out."""
    found = store.reader.execute(
        f"SELECT t._id, -t._state, t._event FROM {quote(table.name)} t JOIN _event e ON e.id = t._event "
        "JOIN _event o ON o.id = iif(e.verb = 'redo', json_extract(e.detail, '$.event'), e.id) "
        f"WHERE t._state < {State.ACTIVE:d} AND o.verb = 'merge' AND json_extract(o.detail, '$.judged') "
        "ORDER BY t._event DESC, t._id LIMIT ?",
        (most,),
    )
    return [JudgedMerge(*row) for row in found.fetchall()][::-1]
