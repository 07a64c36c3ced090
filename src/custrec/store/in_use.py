"""The law of what is in use: **no active record refers to one that is not active**: archived, in the trash, restricted,
or merged into another one.

store.moving, store.reconcile, store.reverse and store.apply keep it, whoever made the plan. So who puts a record aside
puts aside what refers to it, and nothing comes back below a record that stays away.
"""

from __future__ import annotations

import sqlite3

from custrec.model.plan import Op, State
from custrec.model.schema import ForeignKey, Table
from custrec.store.existence import any_row
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote


def out_of_use(state: str) -> str:
    """The SQL condition that a state is that of a record which no active one may refer to."""
    return f"{state} <> {State.ACTIVE:d}"


def leave_broken(file: PlanFile) -> dict[Op, int]:
    """Take out of a reversal what would leave an active record below one out of use; how many changes, by op.

    Among what is active below a record that goes out of use, the record stays; otherwise the one below does.
    """
    db = file.connection
    out: dict[Op, int] = {}
    more = True
    while more:
        more = False
        for child in file.schema.tables:
            for key in child.foreign_keys:
                parent = file.schema.by_name[key.table]
                for table, found in (
                    (child, orphaned(db, child, key, parent)),
                    (parent, abandoning(db, child, key, parent)),
                ):
                    for seq in found:
                        (op,) = db.execute(f"SELECT op FROM change_{table.id} WHERE seq = ?", (seq,)).fetchone()
                        db.execute(f"DELETE FROM change_{table.id} WHERE seq = ?", (seq,))
                        db.execute(f"DELETE FROM rows_{table.id} WHERE _seq = ?", (seq,))
                        out[Op(op)] = out.get(Op(op), 0) + 1
                        more = True
    return out


def orphaned(db: sqlite3.Connection, child: Table, key: ForeignKey, parent: Table) -> list[int]:
    """The changes that make a record active, or leave it so, below a record that is or goes out of use."""
    if not any_row(db, f"SELECT 1 FROM main.rows_{child.id}"):
        return []
    fate = f"SELECT c.record, r._state FROM main.change_{parent.id} c JOIN main.rows_{parent.id} r ON r._seq = c.seq"
    found = db.execute(
        f"WITH fate (record, state) AS MATERIALIZED ({fate}) "
        f"SELECT r._seq FROM main.rows_{child.id} r LEFT JOIN store.{quote(parent.name)} p "
        f"ON p._id = r.{quote(key.field)} LEFT JOIN fate f ON f.record = r.{quote(key.field)} "
        f"WHERE r._state = {State.ACTIVE:d} AND {out_of_use('coalesce(f.state, p._state)')}"
    ).fetchall()
    return [seq for (seq,) in found]


def abandoning(db: sqlite3.Connection, child: Table, key: ForeignKey, parent: Table) -> list[int]:
    """The changes that put a record out of use while one below it, which the plan leaves alone, is active."""
    going = f"main.rows_{parent.id} r JOIN main.change_{parent.id} c ON c.seq = r._seq"
    if not any_row(db, f"SELECT 1 FROM main.rows_{parent.id} WHERE {out_of_use('_state')}"):
        return []
    found = db.execute(
        f"SELECT DISTINCT r._seq FROM {going} JOIN store.{quote(child.name)} l ON l.{quote(key.field)} = c.record "
        f"WHERE {out_of_use('r._state')} AND l._state = {State.ACTIVE:d} "
        f"AND l._id NOT IN (SELECT record FROM main.change_{child.id})"
    ).fetchall()
    return [seq for (seq,) in found]
