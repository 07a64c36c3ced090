"""Several records become one, set-wise: the rows of a plan.

The one that survives gets the values that were chosen (jobs.duplicates). The others keep their rows, with the state
that points to it (model.plan.State); what had been merged into them points to it, too, so that a pointer never leads to
another one. Values of unique fields, but the key, they give up: the survivor may have them. What refers to them, in any
table and state, refers to it; only what was itself merged keeps its place. A plan's `seq` is here the id of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.model.plan import Op, State
from custrec.model.schema import ForeignKey, Table
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.states import merged_into


@dataclass(frozen=True)
class InTheWay:
    """Records of a child table that would be the same by `fields`, below one parent, the `survivor`."""

    survivor: int
    child: Table
    fields: tuple[str, ...]
    records: tuple[int, ...]


class Joining:
    """Clusters of records of one table in a plan that sees the store (store.rewriting.rewriting)."""

    def __init__(self, file: PlanFile, table: Table) -> None:
        self.db = file.connection
        self.table = table
        self.tables = file.schema.tables
        self.live = f"store.{quote(table.name)}"
        self.db.execute("CREATE TEMP TABLE joined (record INTEGER PRIMARY KEY, survivor INTEGER NOT NULL)")

    def gather(self, clusters: Iterable[tuple[int, Iterable[int]]]) -> None:
        """Note which records are to become which one: (survivor, all of the cluster, itself among them)."""
        rows = ((record, survivor) for survivor, members in clusters for record in members)
        self.db.executemany("INSERT INTO temp.joined VALUES (?, ?)", rows)

    def leave_out(self, survivors: Iterable[int]) -> None:
        """Forget some clusters."""
        self.db.execute("CREATE TEMP TABLE out (survivor INTEGER PRIMARY KEY)")
        self.db.executemany("INSERT OR IGNORE INTO temp.out VALUES (?)", ((one,) for one in survivors))
        self.db.execute("DELETE FROM temp.joined WHERE survivor IN (SELECT survivor FROM temp.out)")
        self.db.execute("DROP TABLE temp.out")

    def in_the_way(self) -> Iterator[InTheWay]:
        """The children that could not be below one parent, because their key or a unique field holds the parent."""
        for child, key in self._references():
            uniques = [child.primary_key] if key.field in child.primary_key else []
            uniques += [(key.field,)] if child.by_name[key.field].unique and (key.field,) not in uniques else []
            for names in uniques:
                own = [f"l.{quote(name)}" for name in names if name != key.field]
                found = self.db.execute(
                    f"SELECT j.survivor, group_concat(l._id) FROM temp.joined j "
                    f"JOIN store.{quote(child.name)} l ON l.{quote(key.field)} = j.record "
                    f"WHERE l._state >= {State.ACTIVE:d} GROUP BY {', '.join(['j.survivor', *own])} "
                    "HAVING count(*) > 1"
                ).fetchall()
                for survivor, records in found:
                    yield InTheWay(survivor, child, names, tuple(sorted(map(int, records.split(",")))))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """All records of the clusters as (survivor, id, state, *stored values), cluster by cluster, the survivor first
        and then by id."""
        columns = ", ".join(f"l.{quote(f.name)}" for f in self.table.fields)
        cursor = self.db.execute(
            f"SELECT j.survivor, l._id, l._state, {columns} FROM temp.joined j JOIN {self.live} l ON l._id = j.record "
            "ORDER BY j.survivor, l._id <> j.survivor, l._id"
        )
        yield from iter(cursor.fetchone, None)

    def write(self, survivors: Iterable[Sequence[Any]]) -> dict[str, int]:
        """Put it all into the plan, with what the survivors become: (id, state, *stored values); how many records
        change, by table."""
        names = [quote(f.name) for f in self.table.fields]
        into = f"INSERT INTO main.rows_{self.table.id} (_seq, _state, {', '.join(names)})"
        self.db.executemany(f"{into} VALUES ({', '.join('?' * (len(names) + 2))})", survivors)
        merged = "JOIN {live} l ON {on} WHERE j.record <> j.survivor"
        self.db.execute(
            f"{into} SELECT l._id, -j.survivor, {', '.join(self._given_up())} FROM temp.joined j "
            f"{merged.format(live=self.live, on='l._id = j.record')}"
        )
        below = merged_into("j.record", "l")
        self.db.execute(
            f"{into} SELECT l._id, -j.survivor, {', '.join(f'l.{name}' for name in names)} FROM temp.joined j "
            f"{merged.format(live=self.live, on=below)}"
        )
        written = {self.table.name: self._changes(self.table)}
        for child in self.tables:
            if keys := [key for key in child.foreign_keys if key.table == self.table.name]:
                self._move_children(child, keys)
                written[child.name] = self._changes(child)
        self.db.execute("DROP TABLE temp.joined")
        return {name: count for name, count in written.items() if count}

    def _given_up(self) -> list[str]:
        """A merged record's values: all but those of unique fields."""
        return [
            "NULL" if field.unique and (field.name,) != self.table.primary_key else f"l.{quote(field.name)}"
            for field in self.table.fields
        ]

    def _move_children(self, child: Table, keys: Sequence[ForeignKey]) -> None:
        references = {key.field for key in keys}
        values = [
            f"coalesce((SELECT j.survivor FROM temp.joined j WHERE j.record = l.{name}), l.{name})"
            if field.name in references
            else f"l.{name}"
            for field, name in ((field, quote(field.name)) for field in child.fields)
        ]
        live = f"store.{quote(child.name)}"
        of = " UNION ".join(
            f"SELECT k._id FROM temp.joined j JOIN {live} k ON k.{quote(name)} = j.record WHERE j.record <> j.survivor"
            for name in references
        )
        self.db.execute(
            f"INSERT INTO main.rows_{child.id} (_seq, _state, {', '.join(quote(f.name) for f in child.fields)}) "
            f"SELECT l._id, l._state, {', '.join(values)} FROM ({of}) m JOIN {live} l ON l._id = m._id "
            f"WHERE l._state >= {State.ACTIVE:d}"
        )

    def _changes(self, table: Table) -> int:
        """Make updates of the rows that are in the plan; how many."""
        return self.db.execute(
            f"INSERT INTO main.change_{table.id} SELECT r._seq, {Op.UPDATE:d}, l._id, l._event "
            f"FROM main.rows_{table.id} r JOIN store.{quote(table.name)} l ON l._id = r._seq"
        ).rowcount

    def _references(self) -> Iterator[tuple[Table, ForeignKey]]:
        for child in self.tables:
            for key in child.foreign_keys:
                if key.table == self.table.name:
                    yield child, key
