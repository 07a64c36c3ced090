"""The one function that changes records: a plan, applied once, in one transaction.

    lock → not applied before? → the same schema? → have its records moved? → lift guards → journal and write, table by
    table → references still whole? → event and digest → guards back → commit

A plan that destroys (store.erasing) journals what it takes away without a value.

Only the session calls it, after the gate and the person's consent. Everything is set-wise: a plan of a million rows
costs a dozen statements, and two for each run of inserts.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from custrec.errors import PlanApplied, RecordsDifferent, SchemaMoved, StalePlan, StoreReplaced
from custrec.model.decisions import VERDICTS, tables_of
from custrec.model.digest import H20, canonical_json, sealer
from custrec.model.plan import Op, Plan
from custrec.model.schema import Table
from custrec.model.schema_json import schema_from_json
from custrec.model.stopwatch import Stopwatch
from custrec.store import layout
from custrec.store.canonical import difference, row_object, row_text, same_key
from custrec.store.erasing import Erasure
from custrec.store.event_writing import next_change, put_event
from custrec.store.existence import any_row
from custrec.store.plan_file import PlanFile, Run
from custrec.store.quoting import quote
from custrec.store.references import lost_child
from custrec.store.reshaping import Reshaping
from custrec.store.verdicts import contradicted
from custrec.store.writable import connect, transaction

REBUILD_SHARE = 1
"""Indexes are dropped and built anew when a plan inserts at least this many times the rows the table has."""


@dataclass(frozen=True)
class Stamp:
    """Who applies, and what tells the time (ISO 8601, UTC)."""

    actor: str
    clock: Callable[[], str]


def apply(
    store: Path, file: PlanFile, plan: Plan, stamp: Stamp, wait: float, watch: Stopwatch, ledger_key: bytes = b""
) -> int:
    """Apply a plan and return its event's id. One that destroys wants the key of the ledger of erasures.

    Raises PlanApplied, SchemaMoved, StalePlan, StoreReplaced, StoreBusy, DiskFull; the store is then as it was.
    """
    connection = connect(store, wait)
    try:
        connection.create_function("_seal", 1, sealer())
        if plan.erases:
            connection.execute("PRAGMA secure_delete = ON")
        connection.execute("ATTACH ? AS plan", (str(file.path),))
        for number, part in enumerate(file.parts):
            connection.execute(f"ATTACH ? AS p{number}", (str(part),))
        began = perf_counter()
        with transaction(connection, store, wait, stamp.actor, plan.verb):
            event = _Application(connection, store, file, plan, stamp, watch, ledger_key).run()
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
        ledger_key: bytes,
    ) -> None:
        self.ledger_key = ledger_key
        self.db = connection
        self.store = store
        self.watch = watch
        self.file = file
        self.plan = plan
        self.stamp = stamp
        self.at = stamp.clock()
        """The event's time: told once the store is held, so that who waited for another one is not before it."""
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
        first = next_change(self.db)
        erasure = self._erasure(event)
        try:
            for table in self.tables:
                self._write(table, event)
        except sqlite3.IntegrityError as error:
            raise StalePlan(plan=self.plan.id, moved=1, first="unknown") from error
        self._check_references()
        self._check_verdicts()
        if erasure:
            with self.watch("journal"):
                self.plan = self.plan.with_detail(**erasure.after())
        with self.watch("journal"):
            self._write_event(event, first)
        self._restore_guards()
        return event

    def _erasure(self, event: int) -> Erasure | None:
        """What is to be done around the writing of a plan that destroys."""
        if not self.plan.erases:
            return None
        made = Erasure(self.db, self.file.schema, self.plan, event, self.at, self.ledger_key)
        with self.watch("traces"):
            made.before()
        return made

    def _reshape(self, last: int, event: int) -> int:
        """Change the schema. Whoever wrote since may have put something where the plan saw nothing to lose."""
        if last != self.plan.base:
            (moved,) = self.db.execute("SELECT count(*) FROM _change WHERE event > ?", (self.plan.base,)).fetchone()
            raise StalePlan(plan=self.plan.id, moved=moved, first="unknown")
        (text,) = self.db.execute("SELECT text FROM _schema WHERE version = ?", (self.plan.schema_version,)).fetchone()
        first = next_change(self.db)
        step = Reshaping(self.db, self.plan, schema_from_json(text), self.file.schema, event, self.watch)
        try:
            step.run(self.at)
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
            taken = f"main.{live} l ON {same_key(table, 'l', 'r')}"
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
        """Raise StalePlan where a record would refer to one that is gone, or is out of use."""
        if lost := lost_child(self.db, self.file.schema, self.tables, self._shift):
            raise StalePlan(plan=self.plan.id, moved=1, first=lost)

    def _check_verdicts(self) -> None:
        """No two records that are said to be different have become one."""
        for table in self.file.schema.tables:
            merging = table in self.tables and any_row(self.db, f"SELECT 1 FROM plan.rows_{table.id} WHERE _state < 0")
            if (merging or VERDICTS in self.tables) and (pair := contradicted(self.db, table)):
                raise RecordsDifferent(table=table.name, one=pair[0], other=pair[1])

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
        said = "NULL" if self.plan.erases else difference(table, "l", "r")
        self.db.execute(
            f"INSERT INTO _change (event, tbl, record, op, line, diff, original, seal) "
            f"SELECT ?, ?, record, op, line, diff, original, {self._sealed} FROM ("
            f"SELECT c.record, c.op, r._line AS line, {said} AS diff, r._original AS original "
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

    @property
    def _sealed(self) -> str:
        """The SQL of the seal of a change; without a salt where what it takes away stands nowhere."""
        return f"substr(_seal(''), -{H20})" if self.plan.erases else "_seal(diff)"

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
        said = "NULL" if self.plan.erases else row_object(table, "l")
        self.db.execute(
            f"INSERT INTO _change (event, tbl, record, op, diff, seal) "
            f"SELECT ?, ?, record, {Op.DELETE:d}, diff, {self._sealed} FROM ("
            f"SELECT c.record, {said} AS diff FROM {change} c JOIN main.{live} l ON l._id = c.record "
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

    def _write_event(self, event: int, first: int) -> None:
        source = self.plan.source
        said = {
            "id": event,
            "at": self.at,
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
        }
        put_event(self.db, said, first)
        for table in self.file.schema.tables if self.file.reshapes else self.tables:
            self.db.execute(
                f"UPDATE _sequence SET next = max(next, 1 + (SELECT coalesce(max(_id), 0) FROM {quote(table.name)})) "
                "WHERE tbl = ?",
                (table.id,),
            )


def _part(run: Run) -> str:
    """The table of a run's rows, as attached here: the plan's own file is `plan`, not `main`."""
    return run.part.replace("main.", "plan.", 1) if run.part.startswith("main.") else run.part
