"""The one function that changes records: a plan, applied once, in one transaction.

    lock → not applied before? → the same schema? → have its records moved? → lift guards → journal and write, table by
    table → references still whole? → event and digest → guards back → commit

Only the session calls it, after the gate and the person's consent. Everything is set-wise: a plan of a million rows
costs a dozen statements, and two for each run of inserts.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from custrec.errors import PlanApplied, RecordsDifferent, SchemaMoved, StalePlan, StoreReplaced
from custrec.model.decisions import VERDICTS, tables_of
from custrec.model.digest import H20, EventDigest, canonical_json, sealer
from custrec.model.plan import Op, Plan, State
from custrec.model.schema import ForeignKey, Table
from custrec.model.schema_json import schema_from_json
from custrec.model.stopwatch import Stopwatch
from custrec.store import layout
from custrec.store.canonical import difference, row_object, row_text
from custrec.store.in_use import out_of_use
from custrec.store.plan_file import PlanFile, Run
from custrec.store.quoting import quote
from custrec.store.reshaping import Reshaping
from custrec.store.verdicts import contradicted
from custrec.store.writable import connect, transaction

REBUILD_SHARE = 1
"""Indexes are dropped and built anew when a plan inserts at least this many times the rows the table has."""
BATCH = 50_000


@dataclass(frozen=True)
class Stamp:
    """Who applies, and when (ISO 8601, UTC)."""

    actor: str
    at: str


def apply(store: Path, file: PlanFile, plan: Plan, stamp: Stamp, wait: float, watch: Stopwatch) -> int:
    """Apply a plan and return its event's id.

    Raises PlanApplied, SchemaMoved, StalePlan, StoreReplaced, StoreBusy, DiskFull; the store is then as it was.
    """
    connection = connect(store, wait)
    try:
        connection.create_function("_seal", 1, sealer())
        connection.execute("ATTACH ? AS plan", (str(file.path),))
        for number, part in enumerate(file.parts):
            connection.execute(f"ATTACH ? AS p{number}", (str(part),))
        began = perf_counter()
        with transaction(connection, store, wait, stamp.actor, plan.verb):
            event = _Application(connection, store, file, plan, stamp, watch).run()
            inside = perf_counter() - began
        watch.add("commit", perf_counter() - began - inside)
        with watch("commit"), contextlib.suppress(sqlite3.Error):
            # What was written lies in the write-ahead log, safe. Unless somebody reads just now or the disk is full,
            # bring it home, so that the store is one file again, which people copy.
            connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return event
    finally:
        connection.close()


class _Application:
    """The steps inside the transaction."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        store: Path,
        file: PlanFile,
        plan: Plan,
        stamp: Stamp,
        watch: Stopwatch,
    ) -> None:
        self.db = connection
        self.store = store
        self.watch = watch
        self.file = file
        self.plan = plan
        self.stamp = stamp
        self.tables = [t for t in tables_of(file.schema) if t.name in plan.tables]
        self.runs = {t.id: file.runs(t) for t in self.tables}

    def run(self) -> int:
        last = self._check_plan()
        event = last + 1
        if self.file.reshapes:
            return self._reshape(last, event)
        if last != self.plan.base:
            for table in self.tables:
                self._check_versions(table)
        self._lift_guards()
        first = self._next_change()
        try:
            for table in self.tables:
                self._write(table, event)
        except sqlite3.IntegrityError as error:
            raise StalePlan(plan=self.plan.id, moved=1, first="unknown") from error
        self._check_references()
        self._check_verdicts()
        with self.watch("journal"):
            self._write_event(event, first)
        self._restore_guards()
        return event

    def _reshape(self, last: int, event: int) -> int:
        """Change the schema. Whoever wrote since may have put something where the plan saw nothing to lose."""
        if last != self.plan.base:
            (moved,) = self.db.execute("SELECT count(*) FROM _change WHERE event > ?", (self.plan.base,)).fetchone()
            raise StalePlan(plan=self.plan.id, moved=moved, first="unknown")
        (text,) = self.db.execute("SELECT text FROM _schema WHERE version = ?", (self.plan.schema_version,)).fetchone()
        first = self._next_change()
        step = Reshaping(self.db, self.plan, schema_from_json(text), self.file.schema, event, self.watch)
        try:
            step.run(self.stamp.at)
        except sqlite3.IntegrityError as error:
            raise StalePlan(plan=self.plan.id, moved=1, first="unknown") from error
        with self.watch("journal"):
            self._write_event(event, first)
        for statement in (s for name in layout.GUARDED for s in layout.guards(name).values()):
            self.db.execute(statement)
        return event

    # --- may it be applied? -------------------------------------------------------------------------------------------

    def _check_plan(self) -> int:
        applied = self.db.execute("SELECT id FROM _event WHERE plan = ?", (self.plan.id,)).fetchone()
        if applied:
            raise PlanApplied(plan=self.plan.id, event=applied[0])
        (version,) = self.db.execute("SELECT max(version) FROM _schema").fetchone()
        if version != self.plan.schema_version:
            raise SchemaMoved(plan=self.plan.id)
        found = self.db.execute("SELECT lower(hex(digest)) FROM _event WHERE id = ?", (self.plan.base,)).fetchone()
        if self.plan.base and (found is None or self.plan.base_digest not in ("", found[0])):
            raise StoreReplaced(store=self.store.name)
        (last,) = self.db.execute("SELECT coalesce(max(id), 0) FROM _event").fetchone()
        return int(last)

    def _check_versions(self, table: Table) -> None:
        live, change = quote(table.name), f"plan.change_{table.id}"
        moved, first = self.db.execute(
            f"SELECT count(*), min(c.record) FROM {change} c LEFT JOIN main.{live} l ON l._id = c.record "
            f"WHERE c.op <> {Op.INSERT:d} AND l._event IS NOT c.version"
        ).fetchone()
        if table.primary_key:
            taken = f"main.{live} l ON " + " AND ".join(f"l.{quote(k)} = r.{quote(k)}" for k in table.primary_key)
        else:  # rows are matched as a whole: the same row may not come from two plans
            since = f"SELECT _id, {row_text(table, 'm')} AS text FROM main.{live} m WHERE _event > {self.plan.base}"
            taken = f"({since}) l ON l.text = {row_text(table, 'r')}"
        for source in self._new_rows(table):
            if not moved:
                moved, first = self.db.execute(f"SELECT count(*), min(l._id) FROM {source} JOIN {taken}").fetchone()
        if moved:
            raise StalePlan(plan=self.plan.id, moved=moved, first=first)

    def _new_rows(self, table: Table) -> Iterator[str]:
        """Where the rows `r` to be inserted lie. Those of a table without a key that come back (redo) are not new."""
        if table.primary_key or self._numbered(table):
            yield f"plan.change_{table.id} c JOIN plan.rows_{table.id} r ON r._seq = c.seq AND c.op = {Op.INSERT:d}"
            for run in self.runs[table.id]:
                yield f"(SELECT * FROM {_part(run)} WHERE _seq BETWEEN {run.lo} AND {run.hi}) r"

    def _check_references(self) -> None:
        """What an active child refers to is there, and in use: parents of written children, and no child of a parent
        that went."""
        written = {t.name: t for t in self.tables}
        for child in self.file.schema.tables:
            for key in child.foreign_keys:
                column, orphan = quote(key.field), None
                if child.name in written:
                    orphan = self._orphan(child, key)
                if not orphan and key.table in written and self._any(f"SELECT 1 FROM main.{quote(child.name)}"):
                    orphan = self.db.execute(
                        f"SELECT c._id FROM plan.change_{written[key.table].id} p JOIN {quote(child.name)} c "
                        f"ON c.{column} = p.record WHERE p.op = {Op.DELETE:d} LIMIT 1"
                    ).fetchone() or self._left_active(child, key, written[key.table])
                if orphan:
                    raise StalePlan(plan=self.plan.id, moved=1, first=f"{orphan[0]} of {child.name}")

    def _check_verdicts(self) -> None:
        """No two records that are said to be different have become one."""
        for table in self.file.schema.tables:
            merging = table in self.tables and self._any(f"SELECT 1 FROM plan.rows_{table.id} WHERE _state < 0")
            if (merging or VERDICTS in self.tables) and (pair := contradicted(self.db, table)):
                raise RecordsDifferent(table=table.name, one=pair[0], other=pair[1])

    def _orphan(self, child: Table, key: ForeignKey) -> tuple[int] | None:
        """A written record whose parent is not there."""
        shift, column = self._shift(child), f"c.{quote(key.field)}"
        there = f"p._id = {column} AND (NOT {out_of_use('p._state')} OR c._state <> {State.ACTIVE:d})"
        lost = f"{column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {quote(key.table)} p WHERE {there}) LIMIT 1"
        for change in (
            f"plan.change_{child.id} p JOIN {quote(child.name)} c ON c._id = p.record + CASE p.op WHEN {Op.INSERT:d} "
            f"THEN {shift} ELSE 0 END AND p.op <> {Op.DELETE:d}",
            f"plan.run p JOIN {quote(child.name)} c ON p.tbl = {child.id} "
            f"AND c._id BETWEEN p.record + {shift} AND p.record + {shift} + p.hi - p.lo",
        ):
            found = self.db.execute(f"SELECT c._id FROM {change} WHERE {lost}").fetchone()
            if found:
                return (int(found[0]),)
        return None

    def _left_active(self, child: Table, key: ForeignKey, parent: Table) -> tuple[int] | None:
        """An active record below one that the plan puts out of use."""
        if not self._any(f"SELECT 1 FROM plan.rows_{parent.id} WHERE {out_of_use('_state')}"):
            return None
        found = self.db.execute(
            f"SELECT c._id FROM plan.change_{parent.id} p "
            f"JOIN {quote(child.name)} c ON c.{quote(key.field)} = p.record "
            f"JOIN plan.rows_{parent.id} r ON r._seq = p.seq AND {out_of_use('r._state')} "
            f"WHERE p.op = {Op.UPDATE:d} AND c._state = {State.ACTIVE:d} LIMIT 1"
        ).fetchone()
        return (int(found[0]),) if found else None

    def _any(self, query: str) -> bool:
        return bool(self.db.execute(f"SELECT EXISTS ({query})").fetchone()[0])

    # --- writing ------------------------------------------------------------------------------------------------------

    def _write(self, table: Table, event: int) -> None:
        change = f"plan.change_{table.id}"
        ops = dict(self.db.execute(f"SELECT op, count(*) FROM {change} GROUP BY op").fetchall())
        runs = self.runs[table.id]
        rebuilt = self._drop_indexes(table, ops.get(Op.INSERT, 0) + sum(run.hi - run.lo + 1 for run in runs))
        if ops.get(Op.UPDATE):
            self._update(table, event, change)
        if ops.get(Op.DELETE):
            self._delete(table, event, change)
        shift = self._shift(table)
        if ops.get(Op.INSERT):
            rows = f"plan.rows_{table.id} r JOIN {change} c ON c.seq = r._seq WHERE c.op = {Op.INSERT:d} ORDER BY c.seq"
            self._insert(table, event, rows, f"c.record + {shift}")
        for run in runs:
            rows = f"{_part(run)} r WHERE r._seq BETWEEN ?2 AND ?3 ORDER BY r._seq"
            self._insert(table, event, rows, "r._seq + ?4", (run.lo, run.hi, run.record + shift - run.lo))
        with self.watch("key and lookup indexes"):
            for statement in rebuilt:
                self.db.execute(statement)

    def _update(self, table: Table, event: int, change: str) -> None:
        live, rows = quote(table.name), f"plan.rows_{table.id}"
        self.db.execute(
            f"INSERT INTO _change (event, tbl, record, op, line, diff, original, seal) "
            f"SELECT ?, ?, record, op, line, diff, original, _seal(diff) FROM ("
            f"SELECT c.record, c.op, r._line AS line, {difference(table, 'l', 'r')} AS diff, r._original AS original "
            f"FROM {change} c JOIN {rows} r ON r._seq = c.seq JOIN main.{live} l ON l._id = c.record "
            f"WHERE c.op = {Op.UPDATE:d} ORDER BY c.seq)",
            (event, table.id),
        )
        sets = ", ".join(f"{name} = r.{name}" for name in ("_state", *(quote(f.name) for f in table.fields)))
        update = (
            f"UPDATE main.{live} AS l SET _event = {event}, {sets} FROM {change} c JOIN {rows} r ON r._seq = c.seq "
            f"WHERE l._id = c.record AND c.op = {Op.UPDATE:d}"
        )
        try:
            self.db.execute(update)
        except sqlite3.IntegrityError:  # SQLite checks row by row: a record may get what another one gives up
            self._make_room(table, change)
            self.db.execute(update)

    def _make_room(self, table: Table, change: str) -> None:
        """Blank the unique values that updated records give up, so that others of the plan can get them."""
        live, rows = quote(table.name), f"plan.rows_{table.id}"
        for name in (quote(f.name) for f in table.fields if f.unique and (f.name,) != table.primary_key):
            self.db.execute(
                f"UPDATE main.{live} SET {name} = NULL WHERE _id IN (SELECT c.record FROM {change} c "
                f"JOIN {rows} r ON r._seq = c.seq JOIN main.{live} l ON l._id = c.record "
                f"WHERE c.op = {Op.UPDATE:d} AND l.{name} IS NOT r.{name})"
            )

    def _delete(self, table: Table, event: int, change: str) -> None:
        live = quote(table.name)
        self.db.execute(
            f"INSERT INTO _change (event, tbl, record, op, diff, seal) "
            f"SELECT ?, ?, record, {Op.DELETE:d}, diff, _seal(diff) FROM ("
            f"SELECT c.record, {row_object(table, 'l')} AS diff FROM {change} c JOIN main.{live} l ON l._id = c.record "
            f"WHERE c.op = {Op.DELETE:d} ORDER BY c.seq)",
            (event, table.id),
        )
        (remaining,) = self.db.execute(
            f"SELECT (SELECT count(*) FROM main.{live}) - (SELECT count(*) FROM {change} WHERE op = {Op.DELETE:d})"
        ).fetchone()
        # Without a condition SQLite frees whole pages instead of deleting row by row.
        which = f" WHERE _id IN (SELECT record FROM {change} WHERE op = {Op.DELETE:d})" if remaining else ""
        self.db.execute(f"DELETE FROM main.{live}{which}")

    def _insert(self, table: Table, event: int, rows: str, record: str, params: tuple[int, ...] = ()) -> None:
        """Insert rows `r` under the ids that `record` gives. Those that come back (redo) keep the ids they had."""
        names = ", ".join(quote(f.name) for f in table.fields)
        values = ", ".join(f"r.{quote(f.name)}" for f in table.fields)
        with self.watch("apply"):
            self.db.execute(
                f"INSERT INTO main.{quote(table.name)} (_id, _event, _state, {names}) "
                f"SELECT {record}, ?1, r._state, {values} FROM {rows}",
                (event, *params),
            )
        with self.watch("journal"):
            self.db.execute(
                f"INSERT INTO _change (event, tbl, record, op, line, original, seal) "
                f"SELECT ?1, {table.id}, {record}, {Op.INSERT:d}, r._line, r._original, "
                f"coalesce(r._seal, _seal({row_text(table, 'r', 'r._original')})) FROM {rows}",
                (event, *params),
            )

    def _shift(self, table: Table) -> int:
        """How far new ids have moved since the plan was made: ids given out meanwhile are never given again."""
        planned = self._numbered(table)
        if planned is None:
            return 0
        (following,) = self.db.execute("SELECT next FROM _sequence WHERE tbl = ?", (table.id,)).fetchone()
        return int(following) - int(planned)

    def _numbered(self, table: Table) -> int | None:
        """The first id that the plan gives to new records; None where it makes none."""
        planned: int | None = self.plan.detail.get("next_ids", {}).get(str(table.id))
        return planned

    def _drop_indexes(self, table: Table, inserts: int) -> list[str]:
        """Drop a table's indexes when building them anew is cheaper; returns how to."""
        if inserts < 1000:
            return []
        (present,) = self.db.execute(f"SELECT count(*) FROM main.{quote(table.name)}").fetchone()
        if inserts < present * REBUILD_SHARE:
            return []
        statements = layout.indexes(table)
        for name in statements:
            self.db.execute(f"DROP INDEX IF EXISTS {quote(name)}")
        return list(statements.values())

    # --- guards and journal -------------------------------------------------------------------------------------------

    def _lift_guards(self) -> None:
        for name in (*(t.name for t in self.tables), *layout.GUARDED):
            for guard in layout.guards(name):
                self.db.execute(f"DROP TRIGGER IF EXISTS {quote(guard)}")

    def _restore_guards(self) -> None:
        for name in (*(t.name for t in self.tables), *layout.GUARDED):
            for statement in layout.guards(name).values():
                self.db.execute(statement)

    def _next_change(self) -> int:
        (first,) = self.db.execute("SELECT coalesce(max(n), 0) + 1 FROM _change").fetchone()
        return int(first)

    def _write_event(self, event: int, first: int) -> None:
        previous = self.db.execute("SELECT digest FROM _event ORDER BY id DESC LIMIT 1").fetchone()
        source = self.plan.source
        written = self._next_change() - first
        said = {
            "id": event,
            "at": self.stamp.at,
            "actor": self.stamp.actor,
            "verb": self.plan.verb,
            "note": self.plan.note,
            "source": source.name if source else None,
            "sha256": source.sha256 if source else None,
            "plan": self.plan.id,
            "schema": self.plan.detail["schema"]["to"] if self.plan.reshapes else self.plan.schema_version,
            "undoes": self.plan.undoes,
            "detail": canonical_json(dict(self.plan.detail)),
            "counts": canonical_json(self.plan.counts.as_dict()),
            "changes": written,
        }
        digest = EventDigest(previous[0] if previous else b"", said)
        cursor = self.db.execute(
            f"SELECT tbl, record, op, substr(seal, -{H20}) FROM _change WHERE n >= ? ORDER BY n", (first,)
        )
        while changes := cursor.fetchmany(BATCH):
            digest.add(changes)
        names = ", ".join(said)
        marks = ", ".join("?" * len(said))
        self.db.execute(f"INSERT INTO _event ({names}, digest) VALUES ({marks}, ?)", (*said.values(), digest.digest()))
        for table in self.file.schema.tables if self.file.reshapes else self.tables:
            self.db.execute(
                f"UPDATE _sequence SET next = max(next, 1 + (SELECT coalesce(max(_id), 0) FROM {quote(table.name)})) "
                "WHERE tbl = ?",
                (table.id,),
            )


def _part(run: Run) -> str:
    """The table of a run's rows, as attached here: the plan's own file is `plan`, not `main`."""
    return run.part.replace("main.", "plan.", 1) if run.part.startswith("main.") else run.part
