"""Moving records to the trash and back, set-wise, with what refers to them: the rows of a plan.

The law that this module keeps, and that store.reconcile, store.reverse and store.apply hold everybody to: **no active
record refers to one in the trash**, nor to one that was merged into another (store.merging). A record therefore takes
its children with it. Back come those that went in the same event as the record did; what somebody had put into the
trash before stays there. A plan's `seq` is here the id of the record.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from custrec.model.plan import Op, State
from custrec.model.schema import ForeignKey, Table
from custrec.store.canonical import STATE_ID
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote


@dataclass
class Moved:
    """How many records move, by table; and how many of those that were asked for do not, since their parent stays."""

    tables: dict[str, int] = field(default_factory=dict)
    lost: int = 0

    @property
    def records(self) -> int:
        """How many in all."""
        return sum(self.tables.values())


def move(file: PlanFile, chosen: Mapping[str, Iterable[int]], to: State) -> Moved:
    """Fill a plan with the moves of the chosen records, by table, and of what goes with them.

    `to` is TRASHED or ACTIVE. The plan's file must see the store (store.rewriting.rewriting); records that are not in
    the other one of these states stay as they are.
    """
    move_ = _Move(file, to)
    move_.choose(chosen)
    move_.take_children()
    lost = move_.leave_lost() if to is State.ACTIVE else 0
    tables = {table.name: moved for table in file.schema.tables if (moved := move_.write(table))}
    file.connection.execute("DROP TABLE temp.moved")
    return Moved(tables, lost)


class _Move:
    """The steps share the set of records that move: temp.moved, with the event that put each into the trash."""

    def __init__(self, file: PlanFile, to: State) -> None:
        self.db: sqlite3.Connection = file.connection
        self.tables = file.schema.tables
        self.by_name = file.schema.by_name
        self.to = to
        self.origin = State.ACTIVE if to is State.TRASHED else State.TRASHED
        self.db.execute(
            "CREATE TEMP TABLE moved (tbl INTEGER, record INTEGER, event INTEGER, PRIMARY KEY (tbl, record)) "
            "WITHOUT ROWID"
        )

    def choose(self, chosen: Mapping[str, Iterable[int]]) -> None:
        for name, records in chosen.items():
            table = self.by_name[name]
            self.db.executemany(
                f"INSERT OR IGNORE INTO temp.moved SELECT {table.id}, l._id, {self._event(table)} "
                f"FROM store.{quote(name)} l WHERE l._id = ? AND l._state = {self.origin:d}",
                ((record,) for record in records),
            )

    def take_children(self) -> None:
        """Add the children of what moves, and theirs, until there are no more."""
        more = True
        while more:
            more = False
            for child, key in self._references():
                event = self._event(child)
                together = "" if self.to is State.TRASHED else f" AND {event} = m.event"
                found = self.db.execute(
                    f"INSERT OR IGNORE INTO temp.moved SELECT {child.id}, l._id, {event} "
                    f"FROM temp.moved m JOIN store.{quote(child.name)} l ON l.{quote(key.field)} = m.record "
                    f"WHERE m.tbl = {self.by_name[key.table].id} AND l._state = {self.origin:d}{together}"
                ).rowcount
                more = more or found > 0

    def leave_lost(self) -> int:
        """Take out what would be active below a record that stays in the trash; how many."""
        lost, more = 0, True
        while more:
            more = False
            for child, key in self._references():
                parent = self.by_name[key.table]
                found = self.db.execute(
                    f"DELETE FROM temp.moved WHERE tbl = {child.id} AND record IN (SELECT l._id FROM "
                    f"store.{quote(child.name)} l JOIN store.{quote(parent.name)} p ON p._id = l.{quote(key.field)} "
                    f"WHERE l._id IN (SELECT record FROM temp.moved WHERE tbl = {child.id}) "
                    f"AND p._state = {State.TRASHED:d} "
                    f"AND p._id NOT IN (SELECT record FROM temp.moved WHERE tbl = {parent.id}))"
                ).rowcount
                lost += found
                more = more or found > 0
        return lost

    def write(self, table: Table) -> int:
        names = ", ".join(quote(f.name) for f in table.fields)
        source = (
            f"FROM temp.moved m JOIN store.{quote(table.name)} l ON l._id = m.record WHERE m.tbl = {table.id} "
            "ORDER BY m.record"
        )
        self.db.execute(
            f"INSERT INTO main.rows_{table.id} (_seq, _state, {names}) SELECT l._id, {self.to:d}, "
            f"{', '.join(f'l.{quote(f.name)}' for f in table.fields)} {source}"
        )
        return self.db.execute(
            f"INSERT INTO main.change_{table.id} SELECT l._id, {Op.UPDATE:d}, l._id, l._event {source}"
        ).rowcount

    def _event(self, table: Table) -> str:
        """The SQL of the event that put record `l` into the trash, where it is there."""
        if self.to is State.TRASHED:
            return "NULL"
        return (
            f"(SELECT max(k.event) FROM store._change k WHERE k.record = l._id AND k.tbl = {table.id} "
            f"AND k.op = {Op.UPDATE:d} AND json_type(k.diff, '$.\"{STATE_ID}\"') IS NOT NULL)"
        )

    def _references(self) -> Iterator[tuple[Table, ForeignKey]]:
        for child in self.tables:
            for key in child.foreign_keys:
                yield child, key


def out_of_use(state: str) -> str:
    """The SQL condition that a state is that of a record which no active one may refer to: in the trash, or merged."""
    return f"({state} = {State.TRASHED:d} OR {state} < {State.ACTIVE:d})"


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
    if not _any(db, f"SELECT 1 FROM main.rows_{child.id}"):
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
    if not _any(db, f"SELECT 1 FROM main.rows_{parent.id} WHERE {out_of_use('_state')}"):
        return []
    found = db.execute(
        f"SELECT DISTINCT r._seq FROM {going} JOIN store.{quote(child.name)} l ON l.{quote(key.field)} = c.record "
        f"WHERE {out_of_use('r._state')} AND l._state = {State.ACTIVE:d} "
        f"AND l._id NOT IN (SELECT record FROM main.change_{child.id})"
    ).fetchall()
    return [seq for (seq,) in found]


def _any(db: sqlite3.Connection, query: str) -> bool:
    return bool(db.execute(f"SELECT EXISTS ({query})").fetchone()[0])
