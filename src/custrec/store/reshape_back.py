"""A change of the schema read backwards: the rows of a plan that takes it back, and what is in the way.

The way back is the swap of before and after, for the whole of it or not at all: half of a schema is none. It is open
while nothing in force has touched what the change is about: fields that would go, or that had other limits; tables that
would go; records that come back below parents that are there no more. `hindrances` says what is in the way.
"""

from __future__ import annotations

from collections.abc import Iterator

from custrec.model.digest import H20
from custrec.model.plan import Counts, Op
from custrec.model.schema import Field, Table
from custrec.store.canonical import STATE_ID, is_fraction
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.reverse import change_range, forget_later_edits, note_later_edits
from custrec.store.shapes import rules_of


class ReshapingBack:
    """The reversal of one change of the schema. `now` is the schema that the event made, the plan's the one before."""

    def __init__(self, file: PlanFile, store: Store, event: int) -> None:
        self.db = file.connection
        self.file = file
        self.store = store
        self.now, self.then = store.schema, file.schema
        self.event = event

    def run(self) -> tuple[Counts, list[str]]:
        """Fill the plan; what it would do, and what is in the way (the plan is of no use then)."""
        self.file.see(self.store.path)
        self.db.execute("BEGIN")
        self.lo, self.hi = change_range(self.db, self.event)
        note_later_edits(self.db, self.event, self.hi)
        hindrances, counts = list(self._hindrances()), Counts()
        if not hindrances:
            for table in self.now.tables:
                back = self.then.by_id.get(table.id)
                if back is None:
                    counts = counts.plus(delete=self._remove(table))
                else:
                    counts = counts.plus(update=self._restore_values(table, back))
            for table in self.then.tables:
                if table.id not in self.now.by_id:
                    counts = counts.plus(insert=self._restore_records(table))
            hindrances += self._orphans()
        forget_later_edits(self.db)
        self.db.execute("COMMIT")
        self.db.execute("DETACH store")
        return counts, hindrances

    # --- what is in the way -------------------------------------------------------------------------------------------

    def _hindrances(self) -> Iterator[str]:
        for table in self.now.tables:
            back = self.then.by_id.get(table.id)
            live = f"store.{quote(table.name)}"
            if back is None:
                made = f"SELECT record FROM store._change WHERE n BETWEEN {self.lo} AND {self.hi} AND tbl = {table.id}"
                edited = f"SELECT record FROM temp.edited WHERE tbl = {table.id}"
                if count := self._count(f"{live} l WHERE l._id NOT IN ({made}) OR l._id IN ({edited})"):
                    yield f"{table.name} would go, but {_many(count)} of it came or changed since"
                continue
            for field in table.fields:
                if self._is_about(table, back, field) and (count := self._set_since(table, field)):
                    yield f"{table.name}.{field.name} was set since, in {_many(count)}"

    def _is_about(self, now: Table, then: Table, field: Field) -> bool:
        """Whether the way back removes a field, or holds it to something else."""
        was = then.by_id.get(field.id)
        if was is None:
            return True
        keyed = [field.name in now.primary_key, was.name in then.primary_key]
        return rules_of(field) != rules_of(was) or keyed[0] != keyed[1]

    def _set_since(self, table: Table, field: Field) -> int:
        """In how many records something in force has set a field since."""
        said = f"json_type(k.diff, '$.\"{field.id}\"') IS NOT NULL"
        return self._count(
            f"store.{quote(table.name)} l JOIN temp.edited e ON e.record = l._id AND e.tbl = {table.id} "
            f"WHERE EXISTS (SELECT 1 FROM store._change k WHERE k.record = l._id AND k.tbl = {table.id} "
            f"AND k.n > {self.hi} AND k.event NOT IN (SELECT event FROM temp.void) "
            f"AND (k.op = {Op.UPDATE:d} AND {said} "
            f"OR k.op = {Op.INSERT:d} AND l.{quote(field.name)} IS NOT NULL))"
        )

    def _orphans(self) -> Iterator[str]:
        """Children that would come back below a parent that is not there."""
        for child in self.then.tables:
            for key in child.foreign_keys:
                parent = next(t for t in self.then.tables if t.name == key.table)
                now = self.now.by_id.get(parent.id)
                there = f"SELECT _id FROM store.{quote(now.name)}" if now else f"SELECT _seq FROM main.rows_{parent.id}"
                column = quote(key.field)
                if count := self._count(
                    f"main.rows_{child.id} r WHERE r.{column} IS NOT NULL AND r.{column} NOT IN ({there})"
                ):
                    yield f"{_many(count)} of {child.name} would refer to records of {parent.name} that are gone"

    # --- the rows -----------------------------------------------------------------------------------------------------

    def _remove(self, table: Table) -> int:
        return self.db.execute(
            f"INSERT INTO main.change_{table.id} SELECT _id, {Op.DELETE:d}, _id, _event FROM store.{quote(table.name)}"
        ).rowcount

    def _restore_values(self, now: Table, then: Table) -> int:
        """Give the records that the event changed what they had before."""
        names, values = ["_seq", "_state"], ["l._id", "l._state"]
        for field in then.fields:
            live = now.by_id.get(field.id)
            held = f"l.{quote(live.name)}" if live else "NULL"
            names.append(quote(field.name))
            values.append(
                f"CASE WHEN json_type(j.diff, '$.\"{field.id}\"') IS NULL THEN {held} "
                f"ELSE {self._said(then, field, '[0]')} END"
            )
        source = f"FROM {self._changes(now, Op.UPDATE)} JOIN store.{quote(now.name)} l ON l._id = j.record"
        self.db.execute(f"INSERT INTO main.rows_{now.id} ({', '.join(names)}) SELECT {', '.join(values)} {source}")
        return self.db.execute(
            f"INSERT INTO main.change_{now.id} SELECT l._id, {Op.UPDATE:d}, l._id, l._event {source}"
        ).rowcount

    def _restore_records(self, then: Table) -> int:
        """Bring back the records of a table that went."""
        names = ["_seq", "_state", *(quote(f.name) for f in then.fields)]
        values = ["j.record", f"json_extract(j.diff, '$.\"{STATE_ID}\"')"]
        values += [self._said(then, f, "") for f in then.fields]
        source = f"FROM {self._changes(then, Op.DELETE)}"
        self.db.execute(f"INSERT INTO main.rows_{then.id} ({', '.join(names)}) SELECT {', '.join(values)} {source}")
        return self.db.execute(
            f"INSERT INTO main.change_{then.id} SELECT j.record, {Op.INSERT:d}, j.record, NULL {source}"
        ).rowcount

    def _said(self, table: Table, field: Field, side: str) -> str:
        path = f"'$.\"{field.id}\"{side}'"
        return f"_number(j.diff -> {path})" if is_fraction(table, field) else f"json_extract(j.diff, {path})"

    def _changes(self, table: Table, op: Op) -> str:
        return (
            f"(SELECT * FROM store._change WHERE n BETWEEN {self.lo} AND {self.hi} AND tbl = {table.id} "
            f"AND op = {op:d} AND length(seal) > {H20}) j"  # what was redacted goes back nowhere
        )

    def _count(self, source: str) -> int:
        return int(self.db.execute(f"SELECT count(*) FROM {source}").fetchone()[0])


def _many(count: int) -> str:
    return f"{count:,} record{'' if count == 1 else 's'}"
