"""Records that rows of a file can neither change nor be put below: a part of store.reconcile.

These are what is restricted, and what is archived below something that does not come back. A row that says nothing new
of them is passed over as any other is; the rest is refused. (What is in the trash refuses every row.)
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from custrec.model.lifecycle import PARENT_RULES
from custrec.model.plan import State
from custrec.model.schema import ForeignKey, Schema, Table
from custrec.store.dropped_rows import Refused
from custrec.store.existence import any_row
from custrec.store.quoting import quote
from custrec.store.states import in_state


class Closed:
    """temp.closed: the records, by table, with the rule that refuses what is said of them. temp.below: the rows that
    refer to one, with their fault. Needs the store attached as `store`."""

    def __init__(self, db: sqlite3.Connection, schema: Schema, table: Table) -> None:
        self.db, self.schema, self.table = db, schema, table
        self.db.execute(
            "CREATE TEMP TABLE closed (tbl INTEGER, record INTEGER, rule TEXT, params TEXT, PRIMARY KEY (tbl, record)) "
            "WITHOUT ROWID"
        )
        self.db.execute("CREATE TEMP TABLE below (seq INTEGER PRIMARY KEY, line INTEGER, fault TEXT)")
        self._find()

    def drop(self) -> None:
        """Forget them."""
        self.db.execute("DROP TABLE temp.closed")
        self.db.execute("DROP TABLE temp.below")

    def note_below(self, reference: ForeignKey, parts: Sequence[str]) -> None:
        """Note the rows whose parent, found by now, is closed."""
        name, parent = quote(reference.field), self.schema.by_name[reference.table]
        if not self._any(parent):
            return
        said = json.dumps({"table": reference.table, "field": reference.target}, ensure_ascii=False)
        for part in parts:
            self.db.execute(
                "INSERT OR IGNORE INTO temp.below SELECT r._seq, r._line, json_array(?, CASE c.rule WHEN 'restricted' "
                f"THEN '{PARENT_RULES[State.RESTRICTED]}' ELSE c.rule END, json(?)) FROM {part}.rows r "
                f"JOIN temp.closed c ON c.tbl = {parent.id} AND c.record = r.{name} WHERE typeof(r.{name}) = 'integer'",
                (reference.field, said),
            )

    def rows_below(self) -> list[Refused]:
        """The rows that refer to closed records."""
        found = self.db.execute("SELECT seq, line, fault FROM temp.below ORDER BY seq").fetchall()
        return [(seq, line, json.loads(fault)) for seq, line, fault in found]

    def changes(self, change: str, rows: str, lo: int, hi: int) -> list[Refused]:
        """The changes of a segment that are about closed records, or below one."""
        key = ";".join(self.table.primary_key)
        found = self.db.execute(
            f"SELECT r._seq, r._line, coalesce(b.fault, json_array(?, k.rule, json(k.params))) FROM {change} c "
            f"JOIN {rows} r ON r._seq = c.seq LEFT JOIN temp.below b ON b.seq = c.seq "
            f"LEFT JOIN temp.closed k ON k.tbl = {self.table.id} AND k.record = c.record "
            "WHERE c.seq BETWEEN ? AND ? AND (b.seq IS NOT NULL OR k.record IS NOT NULL)",
            (key, lo, hi),
        ).fetchall()
        return [(seq, line, json.loads(fault)) for seq, line, fault in found]

    def _find(self) -> None:
        """Of the table and all that it refers to, by any number of steps."""
        tables = [self.table]
        for one in tables:
            tables += [
                self.schema.by_name[k.table] for k in one.foreign_keys if self.schema.by_name[k.table] not in tables
            ]
        for one in tables:
            self.db.execute(
                f"INSERT INTO temp.closed SELECT {one.id}, _id, 'restricted', '{{}}' FROM store.{quote(one.name)} "
                f"WHERE {in_state(State.RESTRICTED)}"
            )
        while sum(self._find_below(one, key) for one in tables for key in one.foreign_keys):
            pass

    def _find_below(self, table: Table, key: ForeignKey) -> int:
        """The archived records of a table below what does not come back; how many more."""
        parent = self.schema.by_name[key.table]
        said = json.dumps({"table": key.table, "field": key.target}, ensure_ascii=False)
        return self.db.execute(
            f"INSERT OR IGNORE INTO temp.closed SELECT {table.id}, l._id, iif(p._state = {State.RESTRICTED:d}, "
            f"'{PARENT_RULES[State.RESTRICTED]}', '{PARENT_RULES[State.TRASHED]}'), ? FROM store.{quote(table.name)} l "
            f"JOIN store.{quote(parent.name)} p ON p._id = l.{quote(key.field)} "
            f"LEFT JOIN temp.closed c ON c.tbl = {parent.id} AND c.record = p._id "
            f"WHERE {in_state(State.ARCHIVED, 'l')} "
            f"AND (p._state NOT IN ({State.ACTIVE:d}, {State.ARCHIVED:d}) OR c.record IS NOT NULL)",
            (said,),
        ).rowcount

    def _any(self, table: Table) -> bool:
        return any_row(self.db, "SELECT 1 FROM temp.closed WHERE tbl = ?", (table.id,))
