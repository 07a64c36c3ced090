"""Moving records between states (model.lifecycle), set-wise, with what refers to them: the rows of a plan.

A record takes its children with it. Back come those that went in the same event as the record did; what somebody had
put aside before stays there. A plan's `seq` is here the id of the record.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from custrec.model.lifecycle import PARENT_RULES, UNARCHIVE, Way
from custrec.model.plan import Op, State
from custrec.model.schema import ForeignKey, Table
from custrec.store.canonical import STATE_ID
from custrec.store.existence import any_row
from custrec.store.in_use import out_of_use
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.states import in_state


@dataclass
class Moved:
    """How many records move, by table; and how many of those that were asked for do not, since their parent stays
    where it is, by rule."""

    tables: dict[str, int] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        """How many in all."""
        return sum(self.tables.values())


def move(file: PlanFile, chosen: Mapping[str, Iterable[int]], way: Way) -> Moved:
    """Fill a plan with the moves of the chosen records, by table, and of what goes with them.

    The plan's file must see the store (store.rewriting.rewriting); records that are in none of the way's origins stay
    as they are.
    """
    move_ = _Move(file, way)
    move_.choose(chosen)
    move_.take_children()
    lost = move_.leave_lost() if way.returns else Counter()
    tables = {table.name: moved for table in file.schema.tables if (moved := move_.write(table))}
    file.connection.execute("DROP TABLE temp.moved")
    return Moved(tables, lost)


RECALLED = 1 << 62
"""From here on the seqs of what comes back with others: beyond those of any row of a file."""


def recall(file: PlanFile) -> Moved:
    """Add to a plan the archived records that must come back with what it does, and what went with them; how many.

    Whoever says something new of an archived record, or puts a record below one, brings it back: with its parents, and
    with what was archived in the same event. `lost` are those that cannot come back, since a parent is neither active
    nor archived. The plan's file must see the store.
    """
    move_ = _Move(file, UNARCHIVE)
    move_.choose_called()
    move_.take_parents()
    lost = move_.leave_lost()
    move_.take_children()
    move_.leave_lost()
    tables = {table.name: moved for table in file.schema.tables if (moved := move_.write(table, RECALLED))}
    file.connection.execute("DROP TABLE temp.moved")
    return Moved(tables, lost)


class _Move:
    """The steps share the set of records that move: temp.moved, with the event that put each where it is, of those that
    come back, and the state that it is to have."""

    def __init__(self, file: PlanFile, way: Way) -> None:
        self.db: sqlite3.Connection = file.connection
        self.tables = file.schema.tables
        self.by_name = file.schema.by_name
        self.runs = file.runs
        self.way = way
        self.goal = f"{way.to or State.ACTIVE:d}"
        self.origins = ", ".join(f"{state:d}" for state in way.origins)
        self.db.execute(
            "CREATE TEMP TABLE moved (tbl INTEGER, record INTEGER, event INTEGER, state INTEGER, "
            "PRIMARY KEY (tbl, record)) WITHOUT ROWID"
        )

    def choose(self, chosen: Mapping[str, Iterable[int]]) -> None:
        for name, records in chosen.items():
            table = self.by_name[name]
            self.db.executemany(
                f"INSERT OR IGNORE INTO temp.moved SELECT {table.id}, l._id, {self._event(table)}, {self.goal} "
                f"FROM store.{quote(name)} l WHERE l._id = ? AND l._state IN ({self.origins})",
                ((record,) for record in records),
            )

    def choose_called(self) -> None:
        """Choose the archived records that the plan makes active, and those that its active records refer to."""
        for table in self.tables:
            if not self._any_archived(table):
                continue
            self.db.execute(
                f"INSERT OR IGNORE INTO temp.moved SELECT {table.id}, l._id, {self._event(table)}, {self.goal} "
                f"FROM main.change_{table.id} c JOIN main.rows_{table.id} r ON r._seq = c.seq "
                f"JOIN store.{quote(table.name)} l ON l._id = c.record "
                f"WHERE r._state = {State.ACTIVE:d} AND l._state = {State.ARCHIVED:d}"
            )
            for child, key in self._references():
                if key.table == table.name:
                    self._choose_parents(child, key, table)

    def _choose_parents(self, child: Table, key: ForeignKey, parent: Table) -> None:
        name = quote(key.field)
        runs = [f"SELECT {name} FROM {run.part} WHERE _seq BETWEEN {run.lo} AND {run.hi}" for run in self.runs(child)]
        for rows in (f"SELECT {name} FROM main.rows_{child.id} WHERE _state = {State.ACTIVE:d}", *runs):
            self.db.execute(
                f"INSERT OR IGNORE INTO temp.moved SELECT {parent.id}, l._id, {self._event(parent)}, {self.goal} "
                f"FROM (SELECT DISTINCT {name} AS id FROM ({rows})) r JOIN store.{quote(parent.name)} l "
                f"ON l._id = r.id WHERE l._state = {State.ARCHIVED:d}"
            )

    def take_parents(self) -> None:
        """Add the archived parents of what comes back, and theirs, until there are no more."""
        more = True
        while more:
            more = False
            for child, key in self._references():
                parent = self.by_name[key.table]
                found = self.db.execute(
                    f"INSERT OR IGNORE INTO temp.moved SELECT {parent.id}, l._id, {self._event(parent)}, {self.goal} "
                    f"FROM temp.moved m JOIN store.{quote(child.name)} k ON k._id = m.record "
                    f"JOIN store.{quote(parent.name)} l ON l._id = k.{quote(key.field)} "
                    f"WHERE m.tbl = {child.id} AND l._state = {State.ARCHIVED:d}"
                ).rowcount
                more = more or found > 0

    def _any_archived(self, table: Table) -> bool:
        return any_row(self.db, f"SELECT 1 FROM store.{quote(table.name)} WHERE {in_state(State.ARCHIVED)}")

    def take_children(self) -> None:
        """Add the children of what moves, and theirs, until there are no more; then say to what state each goes."""
        more = True
        while more:
            more = False
            for child, key in self._references():
                event = self._event(child)
                together = f" AND {event} = m.event" if self.way.returns else ""
                found = self.db.execute(
                    f"INSERT OR IGNORE INTO temp.moved SELECT {child.id}, l._id, {event}, {self.goal} "
                    f"FROM temp.moved m JOIN store.{quote(child.name)} l ON l.{quote(key.field)} = m.record "
                    f"WHERE m.tbl = {self.by_name[key.table].id} AND l._state IN ({self.origins}){together}"
                ).rowcount
                more = more or found > 0
        if self.way.to is None:
            back = ", ".join(f"{state:d}" for state in self.way.back)
            self.db.execute(
                f"UPDATE temp.moved AS m SET state = coalesce((SELECT b.state FROM (SELECT json_extract(k.diff, "
                f"'$.\"{STATE_ID}\"[0]') AS state FROM store._change k WHERE k.tbl = m.tbl AND k.record = m.record "
                f"AND k.event = m.event) b WHERE b.state IN ({back})), {State.ACTIVE:d})"
            )

    def leave_lost(self) -> Counter[str]:
        """Take out what would be active below a record that is not; how many, by rule."""
        lost: Counter[str] = Counter()
        more = True
        while more:
            more = False
            for child, key in self._references():
                parent = self.by_name[key.table]
                there = "coalesce(q.state, p._state)"
                found = self.db.execute(
                    f"SELECT m.record, {there} FROM temp.moved m JOIN store.{quote(child.name)} l ON l._id = m.record "
                    f"JOIN store.{quote(parent.name)} p ON p._id = l.{quote(key.field)} "
                    f"LEFT JOIN temp.moved q ON q.tbl = {parent.id} AND q.record = p._id "
                    f"WHERE m.tbl = {child.id} AND m.state = {State.ACTIVE:d} AND {out_of_use(there)}"
                ).fetchall()
                self.db.executemany(
                    f"DELETE FROM temp.moved WHERE tbl = {child.id} AND record = ?", ((record,) for record, _ in found)
                )
                lost.update(PARENT_RULES.get(State(state), "no-parent") for _, state in found)
                more = more or bool(found)
        return lost

    def write(self, table: Table, seqs_from: int = 0) -> int:
        """Write the moves of a table's records that the plan does not change anyway; how many."""
        names = ", ".join(quote(f.name) for f in table.fields)
        source = (
            f"FROM temp.moved m JOIN store.{quote(table.name)} l ON l._id = m.record WHERE m.tbl = {table.id} "
            f"AND m.record NOT IN (SELECT record FROM temp.planned) ORDER BY m.record"
        )
        self.db.execute(f"CREATE TEMP TABLE planned AS SELECT record FROM main.change_{table.id} WHERE record NOT NULL")
        self.db.execute(
            f"INSERT INTO main.rows_{table.id} (_seq, _state, {names}) SELECT l._id + {seqs_from}, m.state, "
            f"{', '.join(f'l.{quote(f.name)}' for f in table.fields)} {source}"
        )
        written = self.db.execute(
            f"INSERT INTO main.change_{table.id} SELECT l._id + {seqs_from}, {Op.UPDATE:d}, l._id, l._event {source}"
        ).rowcount
        self.db.execute("DROP TABLE temp.planned")
        return written

    def _event(self, table: Table) -> str:
        """The SQL of the event that put record `l` where it is, of one that is to come back."""
        if not self.way.returns:
            return "NULL"
        return (
            f"(SELECT max(k.event) FROM store._change k WHERE k.record = l._id AND k.tbl = {table.id} "
            f"AND k.op = {Op.UPDATE:d} AND json_type(k.diff, '$.\"{STATE_ID}\"') IS NOT NULL)"
        )

    def _references(self) -> Iterator[tuple[Table, ForeignKey]]:
        for child in self.tables:
            for key in child.foreign_keys:
                yield child, key
