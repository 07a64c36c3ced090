"""What records of a table without a key held before a merge changed them, for a part of store.reconcile.

A row of such a table is known by all that it holds. A merge gives the survivor other values, and takes the unique ones
from whoever becomes part of it; the list that they came from still has the old rows, and they are no news.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from custrec.model.schema import Table
from custrec.store.canonical import STATE_ID, readable_diff, row_text
from custrec.store.existence import any_row
from custrec.store.history_of import stepped_back
from custrec.store.layout import column_type
from custrec.store.quoting import quote
from custrec.store.states import is_merged


def note_rows_before_merging(db: sqlite3.Connection, table: Table) -> None:
    """Fill temp.before_merging: `record`, the `state` it has now, and the digest `h` of each row that it was.

    Needs the function `_hash` (store.equal_rows), and the store attached as `store`.
    """
    db.execute(
        "CREATE TEMP TABLE before_merging (h BLOB, record INTEGER, state INTEGER, PRIMARY KEY (h, record)) "
        "WITHOUT ROWID"
    )
    live = f"store.{quote(table.name)}"
    if not any_row(db, f"SELECT 1 FROM {live} WHERE {is_merged()}"):
        return
    columns = ", ".join(f"{quote(f.name)} {column_type(table, f)}" for f in table.fields)
    db.execute(f"CREATE TEMP TABLE rows_before (_id INTEGER, _state INTEGER, {columns})")
    places = ", ".join("?" * (len(table.fields) + 2))
    db.executemany(f"INSERT INTO temp.rows_before VALUES ({places})", _rows_before(db, table))
    db.execute(
        f"INSERT OR IGNORE INTO temp.before_merging SELECT _hash({row_text(table, 'b')}), b._id, b._state "
        f"FROM temp.rows_before b WHERE NOT EXISTS "
        f"(SELECT 1 FROM {live} l WHERE l._id = b._id AND {row_text(table, 'l')} = {row_text(table, 'b')})"
    )
    db.execute("DROP TABLE temp.rows_before")


def _rows_before(db: sqlite3.Connection, table: Table) -> Iterator[tuple[Any, ...]]:
    """Who was merged with whom, as (number, state now, *values before), a row for each merge that changed it."""
    live, names = f"store.{quote(table.name)}", [f.name for f in table.fields]
    keys = {str(STATE_ID): "_state"} | {str(f.id): f.name for f in table.fields}
    merged = f"SELECT _id, -_state AS survivor FROM {live} WHERE {is_merged()}"
    first = "SELECT coalesce(sum(changes), 0) FROM store._event WHERE id < (SELECT min(event) FROM merges)"
    columns = ", ".join(f"l.{quote(name)}" for name in names)
    changes = db.execute(
        f"WITH merges AS (SELECT id AS event FROM store._event WHERE verb = 'merge'), merged AS ({merged}), "
        "involved AS (SELECT _id FROM merged UNION SELECT survivor FROM merged) "
        f"SELECT c.record, c.op, {readable_diff('c')}, c.event IN merges, l._state, {columns} "
        f"FROM involved i CROSS JOIN {live} l ON l._id = i._id "
        f"CROSS JOIN store._change c ON c.record = i._id AND c.tbl = {table.id} AND c.n > ({first}) "
        "ORDER BY c.record, c.n DESC"
    )
    for record, group in groupby(iter(changes.fetchone, None), key=itemgetter(0)):
        held: dict[str, Any] | None = None
        for _, op, diff, by_merge, state, *now in group:
            after = {"_state": state, **dict(zip(names, now, strict=True))} if held is None else held
            before = stepped_back(keys, op, diff, after)
            if before is None:
                break  # it was not there yet, or nobody can tell
            if by_merge:
                yield (record, state, *(before[name] for name in names))
            held = before
