"""What stands in the way of the undo of an event, change by change: which records stay as they are, and by what.

Reading only, of the plan that store.reverse made: every change of the event that is not in it. Numbers and names of
fields are told, and no value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from custrec.model.decisions import tables_of
from custrec.model.digest import H20
from custrec.model.plan import Op
from custrec.model.schema import Table
from custrec.store.canonical import is_fraction
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.reverse import change_range, forget_later_edits, note_later_edits


def hindrances(file: PlanFile, store: Path, event: int, most: int) -> list[str]:
    """A line for each of the first changes of an event that its reversal leaves out."""
    db = file.connection
    lines: list[str] = []
    file.see(store)
    db.execute("BEGIN")
    lo, hi = change_range(db, event)
    note_later_edits(db, event, hi)
    for table in tables_of(file.schema):
        left = db.execute(
            f"SELECT n, record, op FROM store._change j WHERE n BETWEEN ? AND ? AND tbl = ? "
            f"AND NOT EXISTS (SELECT 1 FROM main.change_{table.id} c WHERE c.seq = j.n) ORDER BY n LIMIT ?",
            (lo, hi, table.id, most - len(lines)),
        ).fetchall()
        lines += [_line(db, table, n, record, Op(op)) for n, record, op in left]
    forget_later_edits(db)
    db.execute("COMMIT")
    db.execute("DETACH store")
    return lines


def _line(db: sqlite3.Connection, table: Table, change: int, record: int, op: Op) -> str:
    whole = f"{table.name} #{record}"
    live = db.execute(f"SELECT _event FROM store.{quote(table.name)} WHERE _id = ?", (record,)).fetchone()
    (seal,) = db.execute("SELECT length(seal) FROM store._change WHERE n = ?", (change,)).fetchone()
    if live is None and op is not Op.DELETE:
        return f"{whole} is not there any more"
    if op is not Op.INSERT and seal <= H20:
        return f"{whole}: what it was is destroyed"
    if taken := list(_taken(db, table, change, record, "[0]" if op is Op.UPDATE else "")):
        return f"{whole}: {', '.join(taken)}"
    if op is Op.UPDATE and (names := _changed_again(db, table, change)):
        return f"{whole}: {', '.join(names)} changed since (last: event {live[0]})"
    edited = "SELECT 1 FROM temp.edited WHERE tbl = ? AND record = ?"
    together = op is Op.INSERT or any(field.currency_field for field in table.fields)
    if together and db.execute(edited, (table.id, record)).fetchone():
        return f"{whole}: edited since (last: event {live[0]})"
    if op is Op.INSERT:
        return f"{whole}: what refers to it, or became part of it, stays"
    return f"{whole}: what it refers to, or what refers to it, is in the way"


def _changed_again(db: sqlite3.Connection, table: Table, change: int) -> list[str]:
    """The fields that an update set and that hold something else by now."""
    found = []
    for field in table.fields:
        (other,) = db.execute(
            f"SELECT json_type(j.diff, '$.\"{field.id}\"') IS NOT NULL "
            f"AND l.{quote(field.name)} IS NOT {_said(table, field.name, '[1]')} "
            f"FROM store._change j JOIN store.{quote(table.name)} l ON l._id = j.record WHERE j.n = ?",
            (change,),
        ).fetchone()
        if other:
            found.append(field.name)
    return found


def _taken(db: sqlite3.Connection, table: Table, change: int, record: int, side: str) -> Iterator[str]:
    """The unique values that would come back and that another record has by now."""
    sets = [table.primary_key] if table.primary_key else []
    sets += [(f.name,) for f in table.fields if f.unique and (f.name,) != table.primary_key]
    for names in sets:
        same = " AND ".join(f"o.{quote(name)} = {_said(table, name, side)}" for name in names)
        holder = db.execute(
            f"SELECT o._id FROM store._change j JOIN store.{quote(table.name)} o ON {same} "
            f"WHERE j.n = ? AND o._id <> ? LIMIT 1",
            (change, record),
        ).fetchone()
        if holder:
            yield f"{'/'.join(names)} not-unique (it is {table.name} #{holder[0]})"


def _said(table: Table, name: str, side: str) -> str:
    field = table.by_name[name]
    path = f"'$.\"{field.id}\"{side}'"
    return f"_number(j.diff -> {path})" if is_fraction(table, field) else f"json_extract(j.diff, {path})"
