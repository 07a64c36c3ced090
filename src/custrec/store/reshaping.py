"""A change of the schema, carried out inside the one transaction of store.apply.

    views and triggers down → journal what records lose and get → tables renamed, altered or made anew → new tables
    → indexes → guards and views → references whole? → the schema's next version

Tables and fields are the same where their ids are. A column that only gets another name, or is new, is an ALTER TABLE;
where one goes or is stored in another way the whole table is copied once, with the rows of the plan in place of the
live ones, because SQLite would otherwise write it once for each column. Everything that hangs on the tables is made
from the new schema; views, triggers and indexes that somebody else made are put back as they were, where they still
can be.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from dataclasses import replace

from custrec.errors import StalePlan
from custrec.model.plan import Op, Plan, State
from custrec.model.schema import Schema, Table
from custrec.model.schema_json import schema_to_json
from custrec.model.stopwatch import Stopwatch
from custrec.store import layout
from custrec.store.canonical import crossing, row_object, row_text
from custrec.store.existence import any_row
from custrec.store.quoting import quote

FEW = 1_000
"""So many records may have a value in a column that is dropped in place."""
OWN_INDEXES = ("_key_", "_unique_", "_reference_", "_lookup_", "_inactive_")


class Reshaping:
    """The steps of one change of the schema. The plan's rows are laid out by the schema that is to be (`after`)."""

    def __init__(
        self, db: sqlite3.Connection, plan: Plan, before: Schema, after: Schema, event: int, watch: Stopwatch
    ) -> None:
        self.db = db
        self.plan = plan
        self.before, self.after = before, after
        self.event = event
        self.watch = watch
        self.foreign: list[str] = []

    def run(self, at: str) -> None:
        """Carry it out. `at` is when, ISO 8601 in UTC. The guards of the journal are lifted by the caller."""
        self._take_down()
        with self.watch("journal"):
            self._journal()
        with self.watch("apply"):
            self._reshape()
        with self.watch("key and lookup indexes"):
            self._index()
        self._put_up()
        self._check_references()
        self._note(at)

    # --- what hangs on the tables -------------------------------------------------------------------------------------

    def _take_down(self) -> None:
        """Drop all views and triggers: SQLite refuses to alter a table that one of them would no longer understand."""
        found = self.db.execute("SELECT type, name, sql FROM main.sqlite_schema WHERE type IN ('view', 'trigger')")
        own = {
            guard for name in (*layout.GUARDED, *(t.name for t in self.before.tables)) for guard in layout.guards(name)
        }
        own |= {layout.view_name(table, self.before) for table in self.before.tables}
        for kind, name, sql in found.fetchall():
            self.db.execute(f"DROP {kind} IF EXISTS main.{quote(name)}")
            if name not in own:
                self.foreign.append(sql)
        indexes = self.db.execute("SELECT name, sql FROM main.sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
        self.foreign += [sql for name, sql in indexes.fetchall() if not name.startswith((*OWN_INDEXES, "_change_"))]

    def _put_up(self) -> None:
        for table in self.after.tables:
            for statement in layout.guards(table.name).values():
                self.db.execute(statement)
        for table in self.after.tables:
            self.db.execute(layout.view(table, self.after))
        for statement in self.foreign:
            with contextlib.suppress(sqlite3.OperationalError):  # it is there still, or its table is not any more
                self.db.execute(statement)

    # --- the journal --------------------------------------------------------------------------------------------------

    def _journal(self) -> None:
        for table in self.before.tables:
            live, change = quote(table.name), f"plan.change_{table.id}"
            then = self.after.by_id.get(table.id)
            if then:
                source = (
                    f"SELECT c.record, c.op, r._line AS line, {crossing(table, then, 'l', 'r')} AS diff, "
                    f"r._original AS original FROM {change} c JOIN plan.rows_{table.id} r ON r._seq = c.seq "
                    f"JOIN main.{live} l ON l._id = c.record WHERE c.op = {Op.UPDATE:d} ORDER BY c.seq"
                )
            else:
                source = (
                    f"SELECT c.record, c.op, NULL AS line, {row_object(table, 'l')} AS diff, NULL AS original "
                    f"FROM {change} c JOIN main.{live} l ON l._id = c.record WHERE c.op = {Op.DELETE:d} ORDER BY c.seq"
                )
            self.db.execute(
                "INSERT INTO _change (event, tbl, record, op, line, diff, original, seal) "
                f"SELECT ?, ?, record, op, line, diff, original, _seal(diff) FROM ({source})",
                (self.event, table.id),
            )
        for table in self.after.tables:
            if table.id not in self.before.by_id:
                self.db.execute(
                    "INSERT INTO _change (event, tbl, record, op, line, original, seal) "
                    f"SELECT ?, ?, c.record, c.op, r._line, r._original, _seal({row_text(table, 'r', 'r._original')}) "
                    f"FROM plan.change_{table.id} c JOIN plan.rows_{table.id} r ON r._seq = c.seq "
                    f"WHERE c.op = {Op.INSERT:d} ORDER BY c.seq",
                    (self.event, table.id),
                )

    # --- the tables ---------------------------------------------------------------------------------------------------

    def _reshape(self) -> None:
        for table in self.before.tables:
            if table.id not in self.after.by_id:
                self.db.execute(f"DROP TABLE main.{quote(table.name)}")
        moved = [(b, a) for b in self.before.tables if (a := self.after.by_id.get(b.id)) and a.name != b.name]
        for was, _ in moved:  # in two steps: names may be exchanged
            self.db.execute(f"ALTER TABLE main.{quote(was.name)} RENAME TO {quote(f'_table_{was.id}')}")
        for was, will in moved:
            self.db.execute(f"ALTER TABLE main.{quote(f'_table_{was.id}')} RENAME TO {quote(will.name)}")
        for table in self.after.tables:
            was_ = self.before.by_id.get(table.id)
            if was_ is None:
                self._make(table)
            elif self._must_copy(was_, table):
                self._copy(was_, table)
            else:
                self._alter(was_, table)

    def _make(self, table: Table) -> None:
        """A new table; or one that comes back, with its records."""
        self.db.execute(layout.create_table(table))
        names = "".join(f", {quote(f.name)}" for f in table.fields)
        values = "".join(f", r.{quote(f.name)}" for f in table.fields)
        self.db.execute(
            f"INSERT INTO main.{quote(table.name)} (_id, _event, _state{names}) SELECT c.record, ?, r._state{values} "
            f"FROM plan.change_{table.id} c JOIN plan.rows_{table.id} r ON r._seq = c.seq "
            f"WHERE c.op = {Op.INSERT:d} ORDER BY c.record",
            (self.event,),
        )

    def _must_copy(self, was: Table, will: Table) -> bool:
        """Whether a column is stored in another way, or several go, or one that many records have a value in. A single
        one that hardly any has is dropped in place, which leaves the indexes alone."""
        gone = [f for f in was.fields if f.id not in will.by_id]
        kept = [f for f in was.fields if f.id in will.by_id]
        if any(layout.column_type(was, f) != layout.column_type(will, will.by_id[f.id]) for f in kept):
            return True
        if not gone:
            return False
        (touched,) = self.db.execute(f"SELECT count(*) FROM plan.change_{will.id}").fetchone()
        return len(gone) > 1 or gone[0].name in was.references or touched > FEW

    def _copy(self, was: Table, will: Table) -> None:
        """Write a table anew: its rows, with those of the plan in their place."""
        new = replace(will, name=f"_new_{will.id}")
        self.db.execute(layout.create_table(new))
        columns = ["_id", "_event", "_state"]
        values = ["l._id", "CASE WHEN r._seq IS NULL THEN l._event ELSE ? END", "l._state"]
        for field in will.fields:
            old = was.by_id.get(field.id)
            live = f"l.{quote(old.name)}" if old else "NULL"
            columns.append(quote(field.name))
            values.append(f"CASE WHEN r._seq IS NULL THEN {live} ELSE r.{quote(field.name)} END")
        self.db.execute(
            f"INSERT INTO main.{quote(new.name)} ({', '.join(columns)}) SELECT {', '.join(values)} "
            f"FROM main.{quote(will.name)} l LEFT JOIN plan.rows_{will.id} r ON r._seq = l._id ORDER BY l._id",
            (self.event,),
        )
        self.db.execute(f"DROP TABLE main.{quote(will.name)}")
        self.db.execute(f"ALTER TABLE main.{quote(new.name)} RENAME TO {quote(will.name)}")

    def _alter(self, was: Table, will: Table) -> None:
        """Drop, rename and add columns, and write the rows of the plan."""
        live = f"main.{quote(will.name)}"
        for field in was.fields:
            if field.id not in will.by_id:
                self._drop_indexes(will, but=layout.indexes(will))
                self.db.execute(f"ALTER TABLE {live} DROP COLUMN {quote(field.name)}")
        moved = [(old, new) for old in was.fields if (new := will.by_id.get(old.id)) and new.name != old.name]
        for old, _ in moved:
            self.db.execute(f"ALTER TABLE {live} RENAME COLUMN {quote(old.name)} TO {quote(f'_field_{old.id}')}")
        for old, new in moved:
            self.db.execute(f"ALTER TABLE {live} RENAME COLUMN {quote(f'_field_{old.id}')} TO {quote(new.name)}")
        for field in will.fields:
            if field.id not in was.by_id:
                self.db.execute(f"ALTER TABLE {live} ADD COLUMN {layout.column(will, field)}")
        if not any_row(self.db, f"SELECT 1 FROM plan.change_{will.id}"):
            return
        self._drop_indexes(will)
        sets = ", ".join(f"{name} = r.{name}" for name in (quote(f.name) for f in will.fields))
        self.db.execute(
            f"UPDATE {live} AS l SET _event = ?, {sets} FROM plan.rows_{will.id} r WHERE r._seq = l._id", (self.event,)
        )

    # --- indexes ------------------------------------------------------------------------------------------------------

    def _indexes(self, table: Table) -> dict[str, str]:
        found = self.db.execute(
            "SELECT name, sql FROM main.sqlite_schema WHERE type = 'index' AND tbl_name = ?", (table.name,)
        ).fetchall()
        return {name: sql for name, sql in found if name.startswith(OWN_INDEXES)}

    def _drop_indexes(self, table: Table, but: Mapping[str, str] | None = None) -> None:
        for name, sql in self._indexes(table).items():
            if (but or {}).get(name) != sql:
                self.db.execute(f"DROP INDEX main.{quote(name)}")

    def _index(self) -> None:
        """Bring the indexes to what the schema makes; one that is so already stays."""
        for table in self.after.tables:
            there, wanted = self._indexes(table), layout.indexes(table)
            for name, sql in there.items():
                if wanted.get(name) != sql:
                    self.db.execute(f"DROP INDEX main.{quote(name)}")
            for name, sql in wanted.items():
                if there.get(name) != sql:
                    self.db.execute(sql)

    # --- whole, and noted ---------------------------------------------------------------------------------------------

    def _check_references(self) -> None:
        for child in self.after.tables:
            for key in child.foreign_keys:
                there = (
                    f"p._id = c.{quote(key.field)} AND (p._state <= {State.ACTIVE:d} OR c._state <> {State.ACTIVE:d})"
                )
                lost = self.db.execute(
                    f"SELECT c._id FROM main.{quote(child.name)} c WHERE c.{quote(key.field)} IS NOT NULL "
                    f"AND NOT EXISTS (SELECT 1 FROM main.{quote(key.table)} p WHERE {there}) LIMIT 1"
                ).fetchone()
                if lost:
                    raise StalePlan(plan=self.plan.id, moved=1, first=f"{lost[0]} of {child.name}")

    def _note(self, at: str) -> None:
        """Keep the schema under its number; ids of records and fields are never given again."""
        said = self.plan.detail["schema"]
        self.db.execute("INSERT INTO _schema VALUES (?, ?, ?)", (said["to"], at, schema_to_json(self.after)))
        self.db.execute("INSERT OR REPLACE INTO _meta VALUES ('schema_digest', ?)", (said["file"][1],))
        self.db.executemany("INSERT OR IGNORE INTO _sequence VALUES (?, 1)", [(t.id,) for t in self.after.tables])
