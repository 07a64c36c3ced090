"""Stored rows that are to be stored otherwise: read to be judged again, and written into a plan as updates.

A plan's `seq` is here the id of the record. What only the other records can tell is settled set-wise: a value that
must be unique, or a key, may not become what another record has now, nor what another changed record would have.
Live records are read through the plan's own read-only attachment of the store, as they are when it begins; whatever
moved before a later reading has another version then, and the plan is stale when it is applied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from custrec.model.plan import Op, State
from custrec.model.schema import Table
from custrec.store.canonical import joined
from custrec.store.database import Store
from custrec.store.existence import any_row
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.records import Condition, readable


def stored_rows(store: Store, table: Table, condition: Condition, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Active records that meet a condition, by id, up to `size` at a time.

    Rows are (_id, _event, _state, readable values in schema order, the parents' ids of the table's references).
    """
    where, params = condition
    columns = ", ".join(
        ["t._id", "t._event", "t._state", *(readable(table, f.name) for f in table.fields)]
        + [f"t.{quote(name)}" for name in table.references]
    )
    cursor = store.reader.execute(
        f"SELECT {columns} FROM {quote(table.name)} t WHERE t._state = {State.ACTIVE:d} AND ({where}) ORDER BY t._id",
        tuple(params),
    )
    yield from iter(lambda: cursor.fetchmany(size), [])


@contextmanager
def rewriting(file: PlanFile, store: Path) -> Iterator[None]:
    """Let a plan's file see the store's records while updates are put into it, none later than from now on."""
    db = file.connection
    file.see(store)
    db.execute("BEGIN")
    # SQLite begins to see at the first reading. What is decided by other readings must not be older than the versions
    # that stand in the plan: nobody would notice that a record is in the trash by now.
    db.execute("SELECT 1 FROM store._event LIMIT 1").fetchone()
    yield  # what fails here takes the whole plan with it
    db.execute("COMMIT")
    db.execute("DETACH store")


def changed_in(file: PlanFile, table: Table, name: str) -> set[int]:
    """The records in which a field becomes another, of a plan that sees the store."""
    found = file.connection.execute(
        f"SELECT r._seq FROM main.rows_{table.id} r JOIN store.{quote(table.name)} l ON l._id = r._seq "
        f"WHERE r.{quote(name)} IS NOT l.{quote(name)}"
    )
    return {record for (record,) in found}


class TableRewriting:
    """The updates of one table."""

    def __init__(self, file: PlanFile, table: Table) -> None:
        self.db = file.connection
        self.table = table
        self.rows, self.change = f"main.rows_{table.id}", f"main.change_{table.id}"
        self.live = f"store.{quote(table.name)}"
        names = ["_seq", "_state", "_original", *(quote(f.name) for f in table.fields)]
        self._insert = f"INSERT INTO {self.rows} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        self.db.execute("DROP TABLE IF EXISTS temp.refused")
        self.db.execute("CREATE TEMP TABLE refused (record INTEGER PRIMARY KEY)")

    def add(self, versions: Iterable[tuple[int, int]], rows: Iterable[Sequence[Any]]) -> None:
        """Add updates: (record, the `_event` that it was seen with), and (record, state, original, *stored values)."""
        self.db.executemany(f"INSERT INTO {self.change} VALUES (?1, {Op.UPDATE:d}, ?1, ?2)", versions)
        self.db.executemany(self._insert, rows)

    def name_lines(self, lines: Iterable[tuple[int, int]]) -> None:
        """Say in which line of a file updates stand: (line, record)."""
        self.db.executemany(f"UPDATE {self.rows} SET _line = ? WHERE _seq = ?", lines)

    def refuse(self, records: Iterable[int]) -> None:
        """Note records of which something stays as it is though today's rules would have it otherwise."""
        self.db.executemany("INSERT OR IGNORE INTO temp.refused VALUES (?)", ((record,) for record in records))

    def refused(self) -> set[int]:
        """The records that were noted."""
        return {record for (record,) in self.db.execute("SELECT record FROM temp.refused")}

    def settle_unique(self, among: Collection[str] | None = None) -> int:
        """Take out the updates that would make a key or a unique value stand twice; how many. `among` are the fields
        that may have changed (None: any)."""
        sets = [self.table.primary_key] if self.table.primary_key else []
        sets += [(f.name,) for f in self.table.fields if f.unique and (f.name,) != self.table.primary_key]
        return sum(self._settle(names) for names in sets if among is None or not {*names}.isdisjoint(among))

    def _settle(self, names: tuple[str, ...]) -> int:
        keys = [quote(name) for name in names]
        moved = joined([f"r.{key} IS NOT l.{key}" for key in keys], "OR")
        present = joined([f"r.{key} IS NOT NULL" for key in keys], "AND")
        self.db.execute(
            f"CREATE TEMP TABLE moved AS SELECT r._seq AS seq, {', '.join(f'r.{key} AS {key}' for key in keys)} "
            f"FROM {self.rows} r JOIN {self.live} l ON l._id = r._seq WHERE ({moved}) AND {present}"
        )
        same = joined([f"o.{key} = m.{key}" for key in keys], "AND")
        own = ", ".join(f"m.{key}" for key in keys)
        self.db.execute(
            f"CREATE TEMP TABLE taken AS SELECT m.seq FROM temp.moved m WHERE EXISTS "
            f"(SELECT 1 FROM {self.live} o WHERE {same} AND o._id <> m.seq) OR ({own}) IN "
            f"(SELECT {', '.join(keys)} FROM temp.moved GROUP BY {', '.join(keys)} HAVING count(*) > 1)"
        )
        self.db.execute("INSERT OR IGNORE INTO temp.refused SELECT seq FROM temp.taken")
        self.db.execute(f"DELETE FROM {self.rows} WHERE _seq IN (SELECT seq FROM temp.taken)")
        count = self.db.execute(f"DELETE FROM {self.change} WHERE seq IN (SELECT seq FROM temp.taken)").rowcount
        self.db.execute("DROP TABLE temp.moved")
        self.db.execute("DROP TABLE temp.taken")
        return int(count)

    def changed(self, record: int) -> bool:
        """Whether the plan changes a record."""
        return any_row(self.db, f"SELECT 1 FROM {self.change} WHERE seq = ?", (record,))

    def counts(self) -> tuple[int, int, int]:
        """How many records change, of how many something was refused, and how many of these change nevertheless."""
        both = f"SELECT count(*) FROM temp.refused WHERE record IN (SELECT seq FROM {self.change})"
        row = self.db.execute(
            f"SELECT (SELECT count(*) FROM {self.change}), (SELECT count(*) FROM temp.refused), ({both})"
        ).fetchone()
        return row[0], row[1], row[2]

    def by_field(self, among: Sequence[str] | None = None) -> dict[str, int]:
        """In how many records each field changes, of those that do. `among` are the fields that may have changed."""
        names = [f.name for f in self.table.fields] if among is None else list(among)
        sums = ", ".join(f"coalesce(sum(r.{quote(name)} IS NOT l.{quote(name)}), 0)" for name in names)
        counts = self.db.execute(f"SELECT {sums} FROM {self.rows} r JOIN {self.live} l ON l._id = r._seq").fetchone()
        return {name: count for name, count in zip(names, counts, strict=True) if count}
