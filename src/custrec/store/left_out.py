"""Leaving changes out of a plan that waits, with those that cannot be without them; and counting what is left.

What is left out is noted in temp.left_out with the reason. With a new record go the records below it that the plan
makes; a record is not removed while one below it stays; and no active record may be left below one in the trash
(store.in_use). `finish` mends the runs, whose numbers have gaps then: numbers of records may be passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from custrec.model.decisions import tables_of
from custrec.model.plan import Op, Plan
from custrec.model.schema import ForeignKey, Table
from custrec.store.canonical import joined
from custrec.store.existence import any_row
from custrec.store.in_use import abandoning, orphaned
from custrec.store.plan_file import PlanFile, Run
from custrec.store.quoting import quote

MOST_GAPS = 200
"""With more gaps in a run than this, its inserts become changes of their own."""


class LeavingOut:
    """What is left out of one plan, whose file sees the store as `store`."""

    def __init__(self, file: PlanFile, contested: bool = False) -> None:
        """`contested`: what is left out is put aside as in conflict."""
        self.file = file
        self.contested = contested
        self.db = file.connection
        self.db.execute(
            "CREATE TEMP TABLE left_out (tbl INTEGER, seq INTEGER, op INTEGER NOT NULL, record INTEGER, "
            "why TEXT NOT NULL, PRIMARY KEY (tbl, seq)) WITHOUT ROWID"
        )

    def add(self, table: Table, found: Iterable[tuple[int, int, int | None]], why: str) -> int:
        """Leave out changes, given as (seq, op, record); returns how many."""
        rows = [(table.id, *one, why) for one in found]
        if self.contested:
            self._put_aside(table, rows)
        self.db.executemany("INSERT OR IGNORE INTO temp.left_out VALUES (?, ?, ?, ?, ?)", rows)
        for name, column in ((f"change_{table.id}", "seq"), (f"rows_{table.id}", "_seq")):
            self.db.executemany(f"DELETE FROM main.{name} WHERE {column} = ?", ((row[1],) for row in rows))
        return len(rows)

    def add_dependents(self, why: str) -> int:
        """Leave out what cannot be without what was left out; returns how many."""
        count, more = 0, True
        while more:
            more = False
            for child in tables_of(self.file.schema):
                for key in child.foreign_keys:
                    parent = self.file.schema.by_name[key.table]
                    for table, found in (
                        (child, self._below_none(child, key, parent)),
                        (parent, self._above_others(child, key, parent)),
                        (child, self._named(child, orphaned(self.db, child, key, parent))),
                        (parent, self._named(parent, abandoning(self.db, child, key, parent))),
                    ):
                        added = self.add(table, found, why)
                        count, more = count + added, more or added > 0
        return count

    def _put_aside(self, table: Table, rows: list[tuple[int, int, int, int | None, str]]) -> None:
        version = f"(SELECT version FROM change_{table.id} WHERE seq = ?2)"
        self.db.executemany(
            f"INSERT OR IGNORE INTO conflict VALUES (?1, ?2, ?3, ?4, {version}, NULL, ?5, '[]', '[]', NULL)", rows
        )
        self.db.executemany(
            f"INSERT OR IGNORE INTO contested_{table.id} SELECT * FROM rows_{table.id} WHERE _seq = ?",
            ((row[1],) for row in rows),
        )

    def rows(self) -> Iterator[tuple[int, int, Op, int | None, str]]:
        """What was left out, as (table's id, seq, op, record, why)."""
        cursor = self.db.execute("SELECT tbl, seq, op, record, why FROM temp.left_out ORDER BY tbl, seq")
        for tbl, seq, op, record, why in iter(cursor.fetchone, None):
            yield tbl, seq, Op(op), record, why

    def counts(self) -> dict[str, int]:
        """How many changes were left out for each reason."""
        return dict(self.db.execute("SELECT why, count(*) FROM temp.left_out GROUP BY why").fetchall())

    def finish(self, single: Iterable[tuple[int, int]] = ()) -> None:
        """Take what was left out out of the runs; `single` are inserts (table's id, seq) that become changes of their
        own, since they are no longer as they were."""
        self.db.execute("CREATE TEMP TABLE single (tbl INTEGER, seq INTEGER, PRIMARY KEY (tbl, seq)) WITHOUT ROWID")
        self.db.executemany("INSERT OR IGNORE INTO temp.single VALUES (?, ?)", single)
        for table in tables_of(self.file.schema):
            runs = self.file.runs(table)
            self.db.execute("DELETE FROM run WHERE tbl = ?", (table.id,))
            self.file.add_runs(table, (piece for run in runs for piece in self._pieces(table, run)))
        self.db.execute("DROP TABLE temp.single")

    def _pieces(self, table: Table, run: Run) -> Iterator[Run]:
        gaps = [
            seq
            for (seq,) in self.db.execute(
                "SELECT seq FROM temp.left_out WHERE tbl = ?1 AND seq BETWEEN ?2 AND ?3 UNION "
                "SELECT seq FROM temp.single WHERE tbl = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY 1",
                (table.id, run.lo, run.hi),
            ).fetchall()
        ]
        alone = "" if len(gaps) > MOST_GAPS else f" AND _seq IN (SELECT seq FROM temp.single WHERE tbl = {table.id})"
        if gaps:
            self.db.execute(
                f"INSERT OR IGNORE INTO change_{table.id} SELECT _seq, {Op.INSERT:d}, _seq + ?, NULL "
                f"FROM {run.part} WHERE _seq BETWEEN ? AND ?{alone}",
                (run.record - run.lo, run.lo, run.hi),
            )
        first = run.lo
        for gap in [*gaps, run.hi + 1] if len(gaps) <= MOST_GAPS else ():
            if gap > first:
                yield Run(run.part, first, gap - 1, run.record + first - run.lo)
            first = gap + 1

    def _below_none(self, child: Table, key: ForeignKey, parent: Table) -> list[tuple[int, int, int | None]]:
        """Changes that would leave a record below one that is not made after all."""
        gone = f"(SELECT record FROM temp.left_out WHERE tbl = {parent.id} AND op = {Op.INSERT:d})"
        if not any_row(self.db, f"SELECT 1 FROM {gone}"):
            return []
        column = quote(key.field)
        lost = f"r.{column} IN {gone} AND r.{column} NOT IN (SELECT _id FROM store.{quote(parent.name)})"
        return [(seq, *self._place(child, seq)) for (seq,) in self._seqs(child, lost)]

    def _above_others(self, child: Table, key: ForeignKey, parent: Table) -> list[tuple[int, int, int | None]]:
        """Removals of records below which one stays."""
        if not any_row(self.db, f"SELECT 1 FROM change_{parent.id} WHERE op = {Op.DELETE:d}"):
            return []
        column = quote(key.field)
        moved = f"c.op = {Op.DELETE:d} OR r.{column} IS NOT p.record"
        leaves = (
            f"SELECT 1 FROM change_{child.id} c LEFT JOIN rows_{child.id} r ON r._seq = c.seq "
            f"WHERE c.record = l._id AND c.op <> {Op.INSERT:d} AND ({moved})"
        )
        return self.db.execute(
            f"SELECT p.seq, p.op, p.record FROM change_{parent.id} p WHERE p.op = {Op.DELETE:d} AND EXISTS (SELECT 1 "
            f"FROM store.{quote(child.name)} l WHERE l.{column} = p.record AND NOT EXISTS ({leaves}))"
        ).fetchall()

    def _seqs(self, table: Table, condition: str) -> list[tuple[int]]:
        return self.db.execute(f"SELECT r._seq FROM main.rows_{table.id} r WHERE {condition}").fetchall()

    def _named(self, table: Table, seqs: Iterable[int]) -> list[tuple[int, int, int | None]]:
        return [(seq, *self._place(table, seq)) for seq in seqs]

    def _place(self, table: Table, seq: int) -> tuple[int, int | None]:
        """The operation and the record of a change."""
        own = self.db.execute(f"SELECT op, record FROM change_{table.id} WHERE seq = ?", (seq,)).fetchone()
        if own is None:
            own = self.db.execute(
                f"SELECT {Op.INSERT:d}, record + ?1 - lo FROM run WHERE tbl = ?2 AND ?1 BETWEEN lo AND hi",
                (seq, table.id),
            ).fetchone()
        return own[0], own[1]


def recounted(file: PlanFile, plan: Plan, **more: int) -> Plan:
    """The head of a plan that has other changes than it had: what it writes, and in which tables. `more` is added to
    the other counts. The file sees the store as `store`."""
    db, by_op = file.connection, dict.fromkeys(Op, 0)
    detail: dict[str, Any] = dict(plan.detail)
    for table in tables_of(file.schema):
        for op, count in db.execute(f"SELECT op, count(*) FROM change_{table.id} GROUP BY op").fetchall():
            by_op[Op(op)] += count
        by_op[Op.INSERT] += sum(run.hi - run.lo + 1 for run in file.runs(table))
    if detail.get("moved"):
        counted = {t.name: _count(file, t) for t in tables_of(file.schema)}
        detail["moved"] = {name: count for name, count in counted.items() if count}
    if "fields" in detail:
        fields = {t.name: changed for t in tables_of(file.schema) if (changed := _changed_fields(file, t))}
        detail["fields"] = fields
    counts = replace(plan.counts, insert=by_op[Op.INSERT], update=by_op[Op.UPDATE], delete=by_op[Op.DELETE]).plus(
        **more
    )
    tables = tuple(table.name for table in tables_of(file.schema) if file.touches(table))
    return replace(plan, counts=counts, tables=tables or plan.tables, detail=detail)


def _count(file: PlanFile, table: Table) -> int:
    (count,) = file.connection.execute(f"SELECT count(*) FROM change_{table.id}").fetchone()
    return int(count)


def _changed_fields(file: PlanFile, table: Table) -> dict[str, int]:
    """In how many records each field changes."""
    names = [f.name for f in table.fields]
    sums = ", ".join(f"coalesce(sum(r.{quote(name)} IS NOT l.{quote(name)}), 0)" for name in names)
    counts = file.connection.execute(
        f"SELECT {sums} FROM change_{table.id} c JOIN rows_{table.id} r ON r._seq = c.seq "
        f"JOIN store.{quote(table.name)} l ON l._id = c.record WHERE c.op = {Op.UPDATE:d}"
    ).fetchone()
    return {name: count for name, count in zip(names, counts, strict=True) if count}


def same_values(names: Iterable[str], one: str, other: str) -> str:
    """The SQL that two rows hold the same in some fields, none of them blank."""
    return joined([f"{one}.{quote(name)} = {other}.{quote(name)}" for name in names], "AND")
