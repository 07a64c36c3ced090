"""What references that stayed where they were refer to by now, for parts of store.reconcile.

A merged record keeps its place below its parent (store.merging), and the journal says what a reference was then. A row
of a file refers to what its parent is part of now; whoever holds the two against each other looks where both lead.
"""

from __future__ import annotations

import sqlite3

from custrec.model.schema import ForeignKey, Table
from custrec.store.quoting import quote
from custrec.store.verdicts import standing_for


def parent_by_now(key: ForeignKey, number: str) -> str:
    """The SQL of the number of what a parent is part of now, itself or another one; `number` is its own, as SQL."""
    parent = f"SELECT {standing_for('p')} FROM store.{quote(key.table)} p WHERE p._id = {number}"
    return f"coalesce(({parent}), {number})"


def refer_to_parents_of_now(db: sqlite3.Connection, table: Table, rows: str) -> None:
    """Let the references in a table of rows, which has the fields of `table`, refer to what parents are now."""
    for key in table.foreign_keys:
        name = quote(key.field)
        db.execute(f"UPDATE {rows} AS b SET {name} = {parent_by_now(key, f'b.{name}')}")
