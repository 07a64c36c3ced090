"""Whether the records that an attached plan has written, and those that refer to them, still have their parents.

What an active child refers to is there, and in use: parents of written children, and no child of a parent that went.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from custrec.model.plan import Op, State
from custrec.model.schema import ForeignKey, Schema, Table
from custrec.store.existence import any_row
from custrec.store.in_use import out_of_use
from custrec.store.quoting import quote


def lost_child(
    db: sqlite3.Connection, schema: Schema, written: Sequence[Table], shift: Callable[[Table], int]
) -> str | None:
    """A record without its parent, in words; None where there is none. `shift` says how far new ids have moved."""
    by_name = {table.name: table for table in written}
    for child in schema.tables:
        for key in child.foreign_keys:
            orphan = None
            if child.name in by_name:
                orphan = _orphan(db, child, key, shift(child))
            if not orphan and key.table in by_name and any_row(db, f"SELECT 1 FROM main.{quote(child.name)}"):
                orphan = _left_behind(db, child, key, by_name[key.table]) or _left_active(
                    db, child, key, by_name[key.table]
                )
            if orphan:
                return f"{orphan[0]} of {child.name}"
    return None


def _orphan(db: sqlite3.Connection, child: Table, key: ForeignKey, shift: int) -> tuple[int] | None:
    """A written record whose parent is not there."""
    column = f"c.{quote(key.field)}"
    there = f"p._id = {column} AND (NOT {out_of_use('p._state')} OR c._state <> {State.ACTIVE:d})"
    lost = f"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {quote(key.table)} p WHERE {there}) LIMIT 1"
    for change in (
        f"plan.change_{child.id} p JOIN {quote(child.name)} c ON c._id = p.record + CASE p.op WHEN {Op.INSERT:d} "
        f"THEN {shift} ELSE 0 END AND p.op <> {Op.DELETE:d}",
        f"plan.run p JOIN {quote(child.name)} c ON p.tbl = {child.id} "
        f"AND c._id BETWEEN p.record + {shift} AND p.record + {shift} + p.hi - p.lo",
    ):
        found = db.execute(f"SELECT c._id FROM {change} WHERE {lost}").fetchone()
        if found:
            return (int(found[0]),)
    return None


def _left_behind(db: sqlite3.Connection, child: Table, key: ForeignKey, parent: Table) -> tuple[int] | None:
    """A record below one that the plan has deleted."""
    found = db.execute(
        f"SELECT c._id FROM plan.change_{parent.id} p JOIN {quote(child.name)} c "
        f"ON c.{quote(key.field)} = p.record WHERE p.op = {Op.DELETE:d} LIMIT 1"
    ).fetchone()
    return (int(found[0]),) if found else None


def _left_active(db: sqlite3.Connection, child: Table, key: ForeignKey, parent: Table) -> tuple[int] | None:
    """An active record below one that the plan puts out of use."""
    if not any_row(db, f"SELECT 1 FROM plan.rows_{parent.id} WHERE {out_of_use('_state')}"):
        return None
    found = db.execute(
        f"SELECT c._id FROM plan.change_{parent.id} p "
        f"JOIN {quote(child.name)} c ON c.{quote(key.field)} = p.record "
        f"JOIN plan.rows_{parent.id} r ON r._seq = p.seq AND {out_of_use('r._state')} "
        f"WHERE p.op = {Op.UPDATE:d} AND c._state = {State.ACTIVE:d} LIMIT 1"
    ).fetchone()
    return (int(found[0]),) if found else None
