"""What records held before a merge changed them, read back from the journal, for parts of store.reconcile.

A merge gives the survivor other values, and takes the unique ones from whoever becomes part of it; the lists that they
came from still have the old rows, and these are no news: of a table without a key as wholes (here), of one with a key
field by field (store.old_news).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from custrec.model.match import match_of, strict_order
from custrec.model.plan import Op
from custrec.model.schema import Table
from custrec.store.canonical import STATE_ID, readable_diff, row_text
from custrec.store.history_of import stepped_back
from custrec.store.layout import column_type
from custrec.store.parents_now import refer_to_parents_of_now
from custrec.store.quoting import quote
from custrec.store.states import any_merged, is_merged
from custrec.store.value_ages import CHOOSING


class Before(NamedTuple):
    """What a record held before an event made it, or another one, part of somebody; and the state it has now."""

    record: int
    state: int
    event: int
    values: dict[str, Any]

    @property
    def survivor(self) -> int:
        """The record that it is, or is part of, now."""
        return -self.state if self.state < 0 else self.record


class History(NamedTuple):
    """Of some records all that they held before merges, and what was said of them since.

    `set_otherwise` is the last event that set a field otherwise, by record; not by what was undone, nor where a consent
    is what a merge left, whatever was between. `untold` is of whom it cannot be told any more what was said: by record,
    who it is, or is part of, now, and by field the event before which nobody knows, because that was destroyed, or was
    of another kind.
    """

    befores: list[Before]
    set_otherwise: dict[int, dict[str, int]]
    untold: dict[int, tuple[int, dict[str, int]]]


def note_rows_before_merging(db: sqlite3.Connection, table: Table) -> None:
    """Fill temp.before_merging: `record`, the `state` it has now, and the digest `h` of each row that it was.

    Needs the function `_hash` (store.equal_rows), and the store attached as `store`.
    """
    db.execute(
        "CREATE TEMP TABLE before_merging (h BLOB, record INTEGER, state INTEGER, PRIMARY KEY (h, record)) "
        "WITHOUT ROWID"
    )
    live = f"store.{quote(table.name)}"
    if not any_merged(db, live):
        return
    columns = ", ".join(f"{quote(f.name)} {column_type(table, f)}" for f in table.fields)
    db.execute(f"CREATE TEMP TABLE rows_before (_id INTEGER, _state INTEGER, {columns}) STRICT")
    places = ", ".join("?" * (len(table.fields) + 2))
    befores = merged_rows(db, table).befores
    rows = ((one.record, one.state, *(one.values[f.name] for f in table.fields)) for one in befores)
    db.executemany(f"INSERT INTO temp.rows_before VALUES ({places})", rows)
    if table.foreign_keys:  # merged records keep their place below parents that were themselves merged
        names = ", ".join(["_id", "_state", *(quote(f.name) for f in table.fields)])
        db.execute(f"INSERT INTO temp.rows_before SELECT {names} FROM {live} WHERE {is_merged()}")
        refer_to_parents_of_now(db, table, "temp.rows_before")
    db.execute(
        f"INSERT OR IGNORE INTO temp.before_merging SELECT _hash({row_text(table, 'b')}), b._id, b._state "
        f"FROM temp.rows_before b WHERE NOT EXISTS "
        f"(SELECT 1 FROM {live} l WHERE l._id = b._id AND {row_text(table, 'l')} = {row_text(table, 'b')})"
    )
    db.execute("DROP TABLE temp.rows_before")


def merged_rows(db: sqlite3.Connection, table: Table, only: str = "TRUE") -> History:
    """What became of those who were merged and of their survivors; `only` some of these records, called `i.record`."""
    live, path = f"store.{quote(table.name)}", f"'$.\"{STATE_ID}\"[1]'"
    db.execute("CREATE TEMP TABLE involved (record INTEGER PRIMARY KEY, survivor INTEGER NOT NULL)")
    db.execute(f"INSERT INTO temp.involved SELECT _id, -_state FROM {live} WHERE {is_merged()}")
    db.execute("INSERT INTO temp.involved SELECT DISTINCT survivor, survivor FROM temp.involved")
    asked = f"SELECT survivor FROM temp.involved i WHERE {only}"
    db.execute(f"DELETE FROM temp.involved WHERE survivor NOT IN ({asked})")
    changes = f"temp.involved i CROSS JOIN store._change c ON c.record = i.record AND c.tbl = {table.id}"
    joined = f"c.diff IS NOT NULL AND json_extract(c.diff, {path}) < 0"
    joins = {*db.execute(f"SELECT -json_extract(c.diff, {path}), c.event FROM {changes} WHERE {joined}")}
    names = [f.name for f in table.fields]
    keys = {str(STATE_ID): "_state"} | {str(f.id): f.name for f in table.fields}
    columns = ", ".join(f"l.{quote(name)}" for name in names)
    found = db.execute(
        f"SELECT c.record, c.event, e.verb, e.undoes, c.op, {readable_diff('c')}, l._state, {columns} FROM {changes} "
        f"JOIN {live} l ON l._id = i.record JOIN store._event e ON e.id = c.event ORDER BY c.record, c.n DESC"
    )
    rules = match_of(table).survivors
    strict = frozenset(f.name for f in table.fields if strict_order(f, rules[f.name]))
    history = History([], {}, {})
    for record, group in groupby(iter(found.fetchone, None), key=itemgetter(0)):
        _walk_back(history, record, group, keys, joins, strict)
    db.execute("DROP TABLE temp.involved")
    return history


def _walk_back(
    history: History,
    record: int,
    changes: Iterator[tuple[Any, ...]],
    keys: dict[str, str],
    joins: set[tuple[int, int]],
    strict: frozenset[str],
) -> None:
    """Note what one record held, the newest change first."""
    held: dict[str, Any] | None = None
    others = history.set_otherwise.setdefault(record, {})
    unknown: dict[str, int] = {}
    given_back: dict[int, dict[str, tuple[int, Any]]] = {}
    for _, event, verb, undoes, op, diff, state, *now in changes:
        if held is None:
            held = live = {"_state": state, **dict(zip([*keys.values()][1:], now, strict=True))}
            history.untold[record] = (-state if state < 0 else record, unknown)
        if (record, event) in joins:
            for name in [name for name in strict if held[name] == live[name]]:
                others.pop(name, None)  # it is again what the merge left
        before = stepped_back(keys, op, diff, held)
        if before is None:
            part = held["_state"] < 0 or any(into == record and merge <= event for into, merge in joins)
            if op == Op.UPDATE and part:
                unknown.update({name: event for name in held if name not in unknown})
            return  # it was not there yet, or nobody can tell
        if (record, event) in joins or held["_state"] < 0 <= before["_state"]:
            history.befores.append(Before(record, state, event, before))
        elif verb not in CHOOSING:
            for name in [name for name, value in before.items() if value != held[name]]:
                if undoes is not None and name not in others:
                    given_back.setdefault(undoes, {})[name] = event, held[name]
                others.setdefault(name, event)
                if verb == "schema":
                    unknown.setdefault(name, event)
        for name, (undone_by, value) in given_back.pop(event, {}).items():
            if before[name] == value and others.get(name) == undone_by:
                del others[name]  # what was undone was never said
        held = before
