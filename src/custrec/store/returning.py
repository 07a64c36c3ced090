"""Records as an older copy of this store has them: the rows of a plan that brings them back.

A record that is still there gets the values and the state it had; one that is gone comes back under its old id. It
stays as it is (*blocked*) where it was erased since, where another record has its key by now, where its parent is gone,
where an active record would refer to one in the trash, or where it is merged into another record now or was then:
merging and splitting move what belongs to a record, which its own row does not tell. A plan's `seq` is here the id of
the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from custrec.model.digest import H20
from custrec.model.plan import Counts, Op, State
from custrec.model.schema import Table
from custrec.store.canonical import joined
from custrec.store.database import read_only
from custrec.store.in_use import leave_broken
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.rewriting import rewriting

UNMERGED = f"o._state >= {State.ACTIVE:d}"
MERGING = f" AND (o._state = l._state OR min(o._state, l._state) >= {State.ACTIVE:d})"
"""Conditions: the record was not merged into another one; it did not become so, nor was it taken out again."""
_VERBS = {Op.INSERT: "insert", Op.UPDATE: "update", Op.DELETE: "delete"}


@contextmanager
def beside_a_copy(file: PlanFile, store: Path, copy: Path) -> Iterator[None]:
    """Let a plan's file see the store's records and those of a copy that nobody writes to."""
    file.connection.execute("ATTACH ? AS old", (f"{read_only(copy)}&immutable=1",))
    with rewriting(file, store):
        yield
    file.connection.execute("DETACH old")


def bring_back(file: PlanFile, chosen: Mapping[str, Iterable[int]]) -> Counts:
    """Fill a plan with the records of these ids, by table, as the copy has them; what it would do."""
    counts = Counts()
    for table in file.schema.tables:
        ids = sorted(set(chosen.get(table.name, ())))
        if ids:
            made = _Return(file, table, ids)
            update, insert, same = made.updates(), made.inserts(), made.same()
            blocked = len(ids) - update - insert - same
            counts = counts.plus(read=len(ids), update=update, insert=insert, same=same, blocked=blocked)
    for op, number in leave_broken(file).items():
        counts = counts.plus(**{_VERBS[op]: -number, "blocked": number})
    return counts


class _Return:
    """The records of one table; `o` is how a record was, `l` how it is."""

    def __init__(self, file: PlanFile, table: Table, ids: list[int]) -> None:
        self.db = file.connection
        self.table = table
        self.tables = file.schema.tables
        self.names = ["_state", *(f.name for f in table.fields)]
        self.db.execute("CREATE TEMP TABLE IF NOT EXISTS wanted (tbl INTEGER, id INTEGER, PRIMARY KEY (tbl, id))")
        self.db.executemany("INSERT OR IGNORE INTO temp.wanted VALUES (?, ?)", ((table.id, id_) for id_ in ids))
        self.live = f"store.{quote(table.name)}"
        wanted = f"SELECT id FROM temp.wanted WHERE tbl = {table.id}"
        # What was erased since stays so: a redacted change of a record says that something of it was.
        erased = f"SELECT record FROM store._change WHERE tbl = {table.id} AND length(seal) <= {H20}"
        self.old = f"(SELECT * FROM old.{quote(table.name)} WHERE _id IN ({wanted}) AND _id NOT IN ({erased})) o"
        self.differs = joined([f"o.{quote(name)} IS NOT l.{quote(name)}" for name in self.names], "OR")

    def updates(self) -> int:
        """Those that are there, and otherwise."""
        source = f"FROM {self.old} JOIN {self.live} l ON l._id = o._id WHERE ({self.differs}){MERGING}{self._free()}"
        return self._put(Op.UPDATE, "l._event", source)

    def inserts(self) -> int:
        """Those that are gone."""
        gone = f"NOT EXISTS (SELECT 1 FROM {self.live} l WHERE l._id = o._id)"
        return self._put(Op.INSERT, "NULL", f"FROM {self.old} WHERE {gone} AND {UNMERGED}{self._free()}")

    def same(self) -> int:
        """How many are as they were."""
        query = f"SELECT count(*) FROM {self.old} JOIN {self.live} l ON l._id = o._id WHERE NOT ({self.differs})"
        (count,) = self.db.execute(query).fetchone()
        return int(count)

    def _put(self, op: Op, version: str, source: str) -> int:
        names, values = ", ".join(map(quote, self.names)), ", ".join(f"o.{quote(name)}" for name in self.names)
        self.db.execute(f"INSERT INTO main.rows_{self.table.id} (_seq, {names}) SELECT o._id, {values} {source}")
        change = f"INSERT INTO main.change_{self.table.id} SELECT o._id, {op:d}, o._id, {version} {source}"
        return self.db.execute(change).rowcount

    def _free(self) -> str:
        """A condition: no other record has its key or unique values, and its parents are there, or come back, too."""
        sets = [self.table.primary_key] if self.table.primary_key else []
        sets += [(f.name,) for f in self.table.fields if f.unique and (f.name,) != self.table.primary_key]
        condition = ""
        for names in sets:
            same = " AND ".join(f"k.{quote(name)} = o.{quote(name)}" for name in names)
            condition += f" AND NOT EXISTS (SELECT 1 FROM {self.live} k WHERE {same} AND k._id <> o._id)"
        for key in self.table.foreign_keys:
            parent = f"o.{quote(key.field)}"
            there = (
                f"SELECT _id FROM store.{quote(key.table)} UNION ALL SELECT record FROM {self._change_of(key.table)}"
            )
            condition += f" AND ({parent} IS NULL OR {parent} IN ({there}))"
        return condition

    def _change_of(self, name: str) -> str:
        (number,) = [table.id for table in self.tables if table.name == name]
        return f"main.change_{number}"
