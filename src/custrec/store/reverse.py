"""An event read backwards: the rows of a plan that undoes it.

Every change falls into one bucket. *reversed*: what the event set still stands, so it can go back, whatever happened to
other fields since. *kept*: the same field was changed again since (or the record it made was edited), so the later
value stays. *blocked*: it cannot go back, because the record is gone, its key is taken again, its parent is gone, or
children refer to it; or an active record would refer to one that is not (store.in_use); or what it was is destroyed
(store.erasing), or what it was merged into.
Only the reversed go into the plan.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from pathlib import Path

from custrec.model.decisions import tables_of
from custrec.model.digest import H20
from custrec.model.plan import Counts, Op, undone_by
from custrec.model.schema import Field, Table
from custrec.store.canonical import STATE_ID, is_fraction, joined
from custrec.store.existence import any_row
from custrec.store.in_use import leave_broken
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.shapes import Shapes, rules_changed
from custrec.store.states import merged_into


def reverse(file: PlanFile, store: Path, event: int) -> Counts:
    """Fill a plan with the reversal of an event; returns what it would do, and what is kept and blocked."""
    db = file.connection
    file.see(store)
    db.execute("BEGIN")
    lo, hi = change_range(db, event)
    note_later_edits(db, event, hi)
    counts, shapes = _of_tables_gone(db, file, lo, hi), Shapes(db, "store")
    then = shapes.after(event)
    tables = _parents_first(tables_of(file.schema))
    for op, order in ((Op.DELETE, tables), (Op.UPDATE, tables), (Op.INSERT, tables[::-1])):
        for table in order:
            (number,) = db.execute(
                "SELECT count(*) FROM store._change WHERE n BETWEEN ? AND ? AND tbl = ? AND op = ?",
                (lo, hi, table.id, op),
            ).fetchone()
            if number:
                step = _Reversal(db, file, table, lo, hi, *rules_changed(then, file.schema, table))
                made, kept = {Op.INSERT: step.inserts, Op.UPDATE: step.updates, Op.DELETE: step.deletes}[op]()
                verb = {Op.INSERT: "delete", Op.UPDATE: "update", Op.DELETE: "insert"}[op]
                counts = counts.plus(**{verb: made, "kept": kept, "blocked": number - made - kept})
    for made, number in leave_broken(file).items():
        verb = {Op.INSERT: "insert", Op.UPDATE: "update", Op.DELETE: "delete"}[made]
        counts = counts.plus(**{verb: -number, "blocked": number})
    forget_later_edits(db)
    db.execute("COMMIT")
    db.execute("DETACH store")
    return counts


def _parents_first(tables: Sequence[Table]) -> list[Table]:
    """Tables in an order in which what an event made at once comes back: what others refer to first. There are no
    circles (files.schema_references)."""
    ordered: list[Table] = []
    left = list(tables)
    while left:
        names = {table.name for table in left}
        ready = [table for table in left if names.isdisjoint({key.table for key in table.foreign_keys} - {table.name})]
        ordered += ready
        left = [table for table in left if table not in ordered]
    return ordered


def _of_tables_gone(db: sqlite3.Connection, file: PlanFile, lo: int, hi: int) -> Counts:
    """The changes in tables that the schema has no more: none can go back."""
    there = ", ".join(str(table.id) for table in tables_of(file.schema))
    (blocked,) = db.execute(
        f"SELECT count(*) FROM store._change WHERE n BETWEEN ? AND ? AND tbl NOT IN ({there})", (lo, hi)
    ).fetchone()
    return Counts(blocked=blocked)


def change_range(db: sqlite3.Connection, event: int) -> tuple[int, int]:
    """The first and last `n` of an event's changes: they are numbered without gaps, event after event."""
    (before,) = db.execute("SELECT coalesce(sum(changes), 0) FROM store._event WHERE id < ?", (event,)).fetchone()
    (own,) = db.execute("SELECT changes FROM store._event WHERE id = ?", (event,)).fetchone()
    return before + 1, before + own


def note_later_edits(db: sqlite3.Connection, since: int, after: int) -> None:
    """Make temp.edited: records that something in force has changed since an event, whose last change is `after`; and
    temp.void: the later events that were wholly undone, and their undos.

    A later event and its undo cancel each other: wholly, or where the undo was partial, for the records it reached.
    """
    events = {row[0]: row[1:] for row in db.execute("SELECT id, undoes, changes FROM store._event").fetchall()}
    by = undone_by((event, undoes) for event, (undoes, _) in events.items())
    pairs = [pair for pair in by.items() if pair[0] > since]
    whole = [pair for pair in pairs if events[pair[0]][1] == events[pair[1]][1]]
    db.execute("CREATE TEMP TABLE void (event INTEGER PRIMARY KEY)")
    db.executemany("INSERT INTO temp.void VALUES (?)", [(event,) for pair in whole for event in pair])
    db.execute("CREATE TEMP TABLE partly (event INTEGER PRIMARY KEY, other INTEGER NOT NULL)")
    partly = [pair for pair in pairs if pair not in whole]
    db.executemany("INSERT INTO temp.partly VALUES (?, ?)", partly + [(by, event) for event, by in partly])
    db.execute("CREATE TEMP TABLE edited (tbl INTEGER, record INTEGER, PRIMARY KEY (tbl, record)) WITHOUT ROWID")
    db.execute(
        "INSERT OR IGNORE INTO temp.edited SELECT k.tbl, k.record FROM store._change k WHERE k.n > ? "
        "AND k.event NOT IN (SELECT event FROM temp.void) AND NOT EXISTS (SELECT 1 FROM temp.partly v "
        "JOIN store._change u ON u.record = k.record AND u.tbl = k.tbl AND u.event = v.other WHERE v.event = k.event)",
        (after,),
    )
    db.execute("DROP TABLE temp.partly")


def forget_later_edits(db: sqlite3.Connection) -> None:
    """Let go of what `note_later_edits` made."""
    db.execute("DROP TABLE temp.edited")
    db.execute("DROP TABLE temp.void")


class _Reversal:
    """The reversal of one event's changes of one table; each step returns how many are reversed, and how many kept.

    Since the event the schema may have changed: no old value goes into one of the `changed` fields, and no blank into
    one that was not `needed` then (store.shapes.rules_changed).
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        file: PlanFile,
        table: Table,
        lo: int,
        hi: int,
        changed: Collection[int],
        needed: Collection[int],
    ) -> None:
        self.db = db
        self.changed, self.needed = changed, needed
        self.file = file
        self.table = table
        self.lo, self.hi = lo, hi
        self.live = f"store.{quote(table.name)}"
        self.change = f"main.change_{table.id}"
        self.names = ["_state", *(f.name for f in table.fields)]
        self.keys = [str(STATE_ID), *(str(f.id) for f in table.fields)]

    def inserts(self) -> tuple[int, int]:
        """Records it made go, unless edited since, or referred to by what stays, or others were merged into them."""
        merged = f"{self.live} k WHERE {merged_into('l._id', 'k')}"
        unreferred = f" AND NOT EXISTS (SELECT 1 FROM {merged})"
        for child in self.file.schema.tables:
            for key in child.foreign_keys:
                if key.table == self.table.name and any_row(self.db, f"SELECT 1 FROM store.{quote(child.name)}"):
                    going = f"SELECT record FROM main.change_{child.id} WHERE op = {Op.DELETE:d}"
                    children = (
                        f"store.{quote(child.name)} k WHERE k.{quote(key.field)} = l._id AND k._id NOT IN ({going})"
                    )
                    unreferred += f" AND NOT EXISTS (SELECT 1 FROM {children})"
        made = self.db.execute(
            f"INSERT INTO {self.change} SELECT j.n, {Op.DELETE:d}, l._id, l._event "
            f"FROM {self._changes(Op.INSERT)} JOIN {self.live} l ON l._id = j.record "
            f"WHERE {self._untouched()}{unreferred}"
        ).rowcount
        kept = self._count(
            f"FROM {self._changes(Op.INSERT)} JOIN {self.live} l ON l._id = j.record WHERE NOT {self._untouched()}"
        )
        return made, kept

    def updates(self) -> tuple[int, int]:
        """Fields it set go back, where they still hold what it set."""
        pairs = list(zip(self.keys, self.names, strict=True))
        stands = joined(
            [
                f"(json_type(j.diff, '$.\"{key}\"') IS NULL OR l.{quote(name)} IS {self._said(name, '[1]')})"
                for key, name in pairs
            ]
            + self._money_together(),
            "AND",
        )
        before = ", ".join(
            f"CASE WHEN json_type(j.diff, '$.\"{key}\"') IS NULL THEN l.{quote(name)} "
            f"ELSE {self._said(name, '[0]')} END"
            for key, name in pairs
        )
        source = f"FROM {self._changes(Op.UPDATE)} JOIN {self.live} l ON l._id = j.record"
        free = self._may_return("[0]") + self._of_no_merge_that_others_followed()
        self.db.execute(
            f"INSERT INTO main.rows_{self.table.id} (_seq, {', '.join(map(quote, self.names))}) "
            f"SELECT j.n, {before} {source} WHERE {stands}{free}"
        )
        made = self.db.execute(
            f"INSERT INTO {self.change} SELECT j.n, {Op.UPDATE:d}, l._id, l._event {source} WHERE {stands}{free}"
        ).rowcount
        made -= sum(self._leave_taken(field) for field in self.table.fields if self._changes_hands(field))
        return made, self._count(f"{source} WHERE NOT ({stands})")

    def _of_no_merge_that_others_followed(self) -> str:
        """A condition: of what became of records by a merge nothing goes back before the later merges into the same
        one do. What those records said counts in the values that it has now."""
        path = f"'$.\"{STATE_ID}\"[1]'"
        joined_to = f"-json_extract(diff, {path})"
        self.db.execute("CREATE TEMP TABLE IF NOT EXISTS followed (record INTEGER PRIMARY KEY)")
        self.db.execute("DELETE FROM temp.followed")
        self.db.execute(
            f"INSERT INTO temp.followed SELECT DISTINCT s.record FROM (SELECT {joined_to} AS record FROM store._change "
            f"WHERE n BETWEEN {self.lo} AND {self.hi} AND tbl = {self.table.id} AND op = {Op.UPDATE:d} "
            f"AND diff IS NOT NULL AND {joined_to} > 0) s WHERE EXISTS (SELECT 1 FROM {self.live} k "
            f"JOIN store._change m ON m.record = k._id AND m.tbl = {self.table.id} AND m.n > {self.hi} "
            f"WHERE {merged_into('s.record', 'k')} AND m.event NOT IN (SELECT event FROM temp.void) "
            f"AND json_extract(m.diff, {path}) = -s.record)"
        )
        if not any_row(self.db, "SELECT 1 FROM temp.followed"):
            return ""
        followed = "(SELECT record FROM temp.followed)"
        return f" AND l._id NOT IN {followed} AND coalesce(-json_extract(j.diff, {path}), 0) NOT IN {followed}"

    def _changes_hands(self, field: Field) -> bool:
        """Whether a unique value may go from one record of the plan to another."""
        return field.unique and (field.name,) != self.table.primary_key

    def _leave_taken(self, field: Field) -> int:
        """Take out what would get a unique value that its present holder, after all, does not give up; how many."""
        name, taken_out = quote(field.name), 0
        while True:
            found = self.db.execute(
                f"WITH fate (seq, record, value) AS MATERIALIZED (SELECT c.seq, c.record, r.{name} "
                f"FROM {self.change} c JOIN main.rows_{self.table.id} r ON r._seq = c.seq WHERE c.op = {Op.UPDATE:d}) "
                f"SELECT f.seq FROM fate f JOIN {self.live} l ON l._id = f.record JOIN {self.live} o "
                f"ON o.{name} = f.value AND o._id <> f.record LEFT JOIN fate g ON g.record = o._id "
                f"WHERE f.value IS NOT l.{name} AND (g.seq IS NULL OR g.value IS f.value)"
            ).fetchall()
            if not found:
                return taken_out
            for (seq,) in found:
                self.db.execute(f"DELETE FROM {self.change} WHERE seq = ?", (seq,))
                self.db.execute(f"DELETE FROM main.rows_{self.table.id} WHERE _seq = ?", (seq,))
            taken_out += len(found)

    def _money_together(self) -> list[str]:
        """Conditions: an amount and its currency, which are one value, go back only where neither was changed again."""
        conditions = []
        for field in self.table.fields:
            if field.currency_field:
                keys = (field.id, self.table.by_name[field.currency_field].id)
                now, then = (
                    " OR ".join(f"json_type({alias}.diff, '$.\"{key}\"') IS NOT NULL" for key in keys) for alias in "jk"
                )
                later = (
                    f"SELECT 1 FROM store._change k WHERE k.record = l._id AND k.tbl = {self.table.id} "
                    f"AND k.n > {self.hi} AND k.op = {Op.UPDATE:d} AND ({then} OR length(k.seal) <= {H20})"
                )
                conditions.append(f"(NOT ({now}) OR {self._untouched()} OR NOT EXISTS ({later}))")
        return conditions

    def deletes(self) -> tuple[int, int]:
        """Records it deleted come back under their old id, unless their key is taken again or their parent is gone."""
        values = ", ".join(self._said(name) for name in self.names)
        source = (
            f"FROM {self._changes(Op.DELETE)} WHERE NOT EXISTS (SELECT 1 FROM {self.live} l WHERE l._id = j.record)"
            f"{self._may_return()}"
        )
        self.db.execute(
            f"INSERT INTO main.rows_{self.table.id} (_seq, {', '.join(map(quote, self.names))}) "
            f"SELECT j.n, {values} {source}"
        )
        made = self.db.execute(f"INSERT INTO {self.change} SELECT j.n, {Op.INSERT:d}, j.record, NULL {source}").rowcount
        return made, 0

    def _may_return(self, side: str = "") -> str:
        """A condition: no live record holds the unique values that would come back, but one that got them by this very
        event (a merge) and is to give them back; and the parents are there."""
        uniques = [self.table.primary_key] if self.table.primary_key else []
        uniques += [(f.name,) for f in self.table.fields if f.unique and (f.name,) != self.table.primary_key]
        condition = ""
        for names in uniques:
            same = " AND ".join(f"o.{quote(name)} = {self._said(name, side)}" for name in names)
            given_back = ""
            if side and len(names) == 1 and self._changes_hands(field := self.table.by_name[names[0]]):
                given_back = (
                    f" AND NOT EXISTS (SELECT 1 FROM store._change h WHERE h.record = o._id "
                    f"AND h.tbl = {self.table.id} AND h.n BETWEEN {self.lo} AND {self.hi} AND h.op = {Op.UPDATE:d} "
                    f"AND json_extract(h.diff, '$.\"{field.id}\"[1]') IS o.{quote(field.name)})"
                )
            held = f"SELECT 1 FROM {self.live} o WHERE {same} AND o._id <> j.record{given_back}"
            condition += f" AND NOT EXISTS ({held})"
        for key in self.table.foreign_keys:
            parent = self._said(key.field, side)
            coming = f"SELECT record FROM main.change_{self.file.schema.by_name[key.table].id} WHERE op = {Op.INSERT:d}"
            there = f"SELECT _id FROM store.{quote(key.table)} UNION ALL {coming}"
            condition += f" AND ({parent} IS NULL OR {parent} IN ({there}))"
        into = self._said("_state", side)
        # Not into one that is itself part of another by now, unless that one comes out by this very reversal.
        comes_out = (
            f"SELECT 1 FROM store._change h WHERE h.record = s._id AND h.tbl = {self.table.id} "
            f"AND h.n BETWEEN {self.lo} AND {self.hi} AND json_extract(h.diff, '$.\"{STATE_ID}\"[0]') >= 0"
        )
        whole_ones = f"SELECT s._id FROM {self.live} s WHERE s._state >= 0 OR EXISTS ({comes_out})"
        condition += f" AND (coalesce({into}, 0) >= 0 OR -{into} IN ({whole_ones}))"
        for number in self.changed:
            whole = "" if number in self.table.by_id else " AND json_type(j.diff, {path}) IS NULL"
            condition += (f" AND json_extract(j.diff, {{held}}) IS NULL{whole if side else ''}").format(
                path=f"'$.\"{number}\"'", held=f"'$.\"{number}\"{side}'"
            )
        for number in self.needed:
            said = f" AND json_type(j.diff, '$.\"{number}\"') IS NOT NULL" if side else ""
            condition += f" AND NOT (json_extract(j.diff, '$.\"{number}\"{side}') IS NULL{said})"
        return condition

    def _said(self, name: str, side: str = "") -> str:
        """What the diff says of a field, on a side of an update: [0] before, [1] after."""
        field = self.table.by_name.get(name)
        path = f"'$.\"{field.id if field else STATE_ID}\"{side}'"
        if field and is_fraction(self.table, field):
            return f"_number(j.diff -> {path})"
        return f"json_extract(j.diff, {path})"

    def _untouched(self) -> str:
        """A condition: nothing in force has changed the record since."""
        return f"l._id NOT IN (SELECT record FROM temp.edited WHERE tbl = {self.table.id})"

    def _changes(self, op: Op) -> str:
        """The changes of a sort that can be read: what was redacted goes back nowhere."""
        readable = "" if op is Op.INSERT else f" AND length(seal) > {H20}"
        return (
            f"(SELECT * FROM store._change WHERE n BETWEEN {self.lo} AND {self.hi} AND tbl = {self.table.id} "
            f"AND op = {op:d}{readable}) j"
        )

    def _count(self, source: str) -> int:
        (n,) = self.db.execute(f"SELECT count(*) {source}").fetchone()
        return int(n)
