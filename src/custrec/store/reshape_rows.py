"""The rows of a plan that changes the schema: what each touched record will hold in the new shape of its table.

What only Python can tell (values read as another kind) is put in with `add`; the rest is SQL: which records lose a
value, which child refers to whom by a new reference, what must be unique and is not. A plan's `seq` is here the id of
the record. Values that do not fit stand in the table `misfit` of the plan's file: table id, record, the field's new id,
rule and parameters (never the value).

    TableReshaping.add … → fill (parents first) → misfits
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from custrec.model.lifecycle import PARENT_RULES
from custrec.model.plan import Op, State
from custrec.model.problem import Fault
from custrec.model.schema import Field, Schema, Table
from custrec.store import layout
from custrec.store.canonical import joined
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.records import readable


class Misfit(NamedTuple):
    """A value that does not fit: table and field as they will be called, the record, what is wrong."""

    table: str
    field: str
    record: int
    fault: Fault


def ids_given(store: Store) -> dict[int, int]:
    """The highest field id that each table ever had, by the table's id: over all schemas that were applied."""
    given: dict[int, int] = {}
    for (version,) in store.reader.execute("SELECT version FROM _schema ORDER BY version").fetchall():
        for table in store.schema_at(version).tables:
            given[table.id] = max(given.get(table.id, 0), *(f.id for f in table.fields))
    return given


def judged_rows(
    store: Store, table: Table, fields: Sequence[Field], among: Sequence[Field], size: int
) -> Iterator[list[tuple[Any, ...]]]:
    """The records of any state with a value in one of the fields, by id: (_id, readable values of `fields`); `among`
    are those of them that are asked for a value."""
    columns = ", ".join(["t._id", *(readable(table, f.name) for f in fields)])
    some = joined([f"t.{quote(f.name)} IS NOT NULL" for f in among], "OR")
    cursor = store.reader.execute(f"SELECT {columns} FROM {quote(table.name)} t WHERE {some} ORDER BY t._id")
    yield from iter(lambda: cursor.fetchmany(size), [])


def prepare(file: PlanFile) -> None:
    """Make the table of misfits."""
    file.connection.execute(
        "CREATE TABLE IF NOT EXISTS main.misfit (tbl INTEGER NOT NULL, record INTEGER NOT NULL, "
        "field INTEGER NOT NULL, rule TEXT NOT NULL, params TEXT NOT NULL) STRICT"
    )


def misfits(file: PlanFile, most: int | None = None) -> Iterator[Misfit]:
    """The values that do not fit, by table, field and record."""
    found = file.connection.execute(
        "SELECT tbl, field, record, rule, params FROM main.misfit ORDER BY tbl, field, record LIMIT ?", (most or -1,)
    )
    for tbl, field, record, rule, params in iter(found.fetchone, None):
        table = file.schema.by_id[tbl]
        yield Misfit(table.name, table.by_id[field].name, record, Fault(rule, json.loads(params)))


def misfit_counts(file: PlanFile) -> dict[tuple[str, str], dict[str, int]]:
    """How many values of each (table, field) do not fit, by rule."""
    counts: dict[tuple[str, str], dict[str, int]] = {}
    query = "SELECT tbl, field, rule, count(*) FROM main.misfit GROUP BY tbl, field, rule ORDER BY tbl, field, rule"
    for tbl, field, rule, count in file.connection.execute(query).fetchall():
        table = file.schema.by_id[tbl]
        counts.setdefault((table.name, table.by_id[field].name), {})[rule] = count
    return counts


def begin_empty(file: PlanFile, table: Table) -> None:
    """Make `temp.final_<id>` of a table that is new: it has no records."""
    names = "".join(f", NULL AS {quote(f.name)}" for f in table.fields)
    file.connection.execute(
        f"CREATE TEMP VIEW final_{table.id} AS SELECT NULL AS _id, NULL AS _state{names} WHERE FALSE"
    )


class TableReshaping:
    """The records of one table that a change of the schema touches. `judged` are the fields that get values from
    Python, as (before, after)."""

    def __init__(self, file: PlanFile, was: Table, will: Table, judged: Sequence[tuple[Field, Field]]) -> None:
        self.db: sqlite3.Connection = file.connection
        self.schema: Schema = file.schema
        self.was, self.will = was, will
        self.judged = judged
        self.live = f"store.{quote(was.name)}"
        self.rows = f"main.rows_{will.id}"
        self.read = f"temp.read_{will.id}"
        columns = "".join(f", f{new.id} ANY" for _, new in judged)
        self.db.execute(f"CREATE TABLE {self.read} (record INTEGER PRIMARY KEY, original TEXT{columns}) STRICT")

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Add records with their values read anew: (record, original, a value for each judged field)."""
        marks = ", ".join("?" * (len(self.judged) + 2))
        self.db.executemany(f"INSERT INTO {self.read} VALUES ({marks})", rows)

    def refuse(self, field: Field, faults: Mapping[int, Fault]) -> None:
        """Note values that do not fit, by record."""
        said = (
            (self.will.id, record, field.id, fault.rule, json.dumps(dict(fault.params), ensure_ascii=False))
            for record, fault in faults.items()
        )
        self.db.executemany("INSERT INTO main.misfit VALUES (?, ?, ?, ?, ?)", said)

    # --- the rows -----------------------------------------------------------------------------------------------------

    def fill(self) -> int:
        """Put the touched records into the plan; how many. The parents' tables are filled before."""
        for _, new in self.judged:
            if new.name in self.will.references:
                self._refer(new)
        names, values = ["_seq", "_state", "_original"], ["l._id", "l._state", "s.original"]
        by_new = {new.id: old for old, new in self.judged}
        for field in self.will.fields:
            old = self.was.by_id.get(field.id)
            live = f"l.{quote(old.name)}" if old else "NULL"
            names.append(quote(field.name))
            values.append(
                f"CASE WHEN s.record IS NULL THEN {live} ELSE s.f{field.id} END" if field.id in by_new else live
            )
        gone = [f"l.{quote(f.name)} IS NOT NULL" for f in self.was.fields if f.id not in self.will.by_id]
        touched = joined(["s.record IS NOT NULL", *gone], "OR")
        made = self.db.execute(
            f"INSERT INTO {self.rows} ({', '.join(names)}) SELECT {', '.join(values)} FROM {self.live} l "
            f"LEFT JOIN {self.read} s ON s.record = l._id WHERE {touched}"
        ).rowcount
        self.db.execute(
            f"INSERT INTO main.change_{self.will.id} SELECT r._seq, {Op.UPDATE:d}, r._seq, l._event "
            f"FROM {self.rows} r JOIN {self.live} l ON l._id = r._seq"
        )
        self._final()
        return made

    def _refer(self, field: Field) -> None:
        """Turn the keys of parents into their ids. Who has no parent does not fit."""
        reference = self.will.references[field.name]
        parent = next(t for t in self.schema.tables if t.name == reference.table)
        keys, column = f"temp.keys_{self.will.id}_{field.id}", f"f{field.id}"
        self.db.execute(
            f"CREATE TABLE {keys} AS SELECT {quote(reference.target)} AS key, _id, _state FROM temp.final_{parent.id}"
        )
        self.db.execute(f"CREATE INDEX temp.by_key_{self.will.id}_{field.id} ON keys_{self.will.id}_{field.id} (key)")
        params = json.dumps({"table": reference.table, "field": reference.target}, ensure_ascii=False)
        aside = " ".join(f"WHEN k._state = {state:d} THEN '{rule}'" for state, rule in PARENT_RULES.items())
        self.db.execute(
            "INSERT INTO main.misfit SELECT ?1, s.record, ?2, "
            f"CASE WHEN k._id IS NULL THEN 'no-parent' {aside} END, ?3 "
            f"FROM {self.read} s JOIN {self.live} l ON l._id = s.record "
            f"LEFT JOIN {keys} k ON k.key = s.{column} WHERE s.{column} IS NOT NULL "
            f"AND (k._id IS NULL OR k._state > {State.ACTIVE:d} AND l._state = {State.ACTIVE:d})",
            (self.will.id, field.id, params),
        )
        self.db.execute(
            f"UPDATE {self.read} AS s SET {column} = (SELECT k._id FROM {keys} k WHERE k.key = s.{column} AND NOT "
            f"(k._state > {State.ACTIVE:d} AND (SELECT l._state FROM {self.live} l WHERE l._id = s.record) "
            f"= {State.ACTIVE:d})) WHERE {column} IS NOT NULL"
        )

    def _final(self) -> None:
        """Make `temp.final_<id>`: all records of the table as they will be."""
        names = [quote(f.name) for f in self.will.fields]
        live = [f"l.{quote(old.name)}" if (old := self.was.by_id.get(f.id)) else "NULL" for f in self.will.fields]
        self.db.execute(
            f"CREATE TEMP VIEW final_{self.will.id} AS SELECT _seq AS _id, _state, {', '.join(names)} FROM {self.rows} "
            f"UNION ALL SELECT l._id, l._state, {', '.join(live)} FROM {self.live} l "
            f"WHERE l._id NOT IN (SELECT _seq FROM {self.rows})"
        )

    # --- what all records together must be ----------------------------------------------------------------------------

    def settle_required(self, fields: Sequence[Field]) -> None:
        """Note the active records that lack a value in a field which they must have one in from now on."""
        for field in fields:
            self.db.execute(
                f"INSERT INTO main.misfit SELECT ?, _id, ?, 'required', '{{}}' FROM temp.final_{self.will.id} "
                f"WHERE {quote(field.name)} IS NULL AND _state = {State.ACTIVE:d}",
                (self.will.id, field.id),
            )

    def settle_key(self, names: Sequence[str]) -> None:
        """Note the records, of any state, that have no whole key."""
        for name in names:
            self.db.execute(
                f"INSERT INTO main.misfit SELECT ?, _id, ?, 'required', '{{}}' FROM temp.final_{self.will.id} "
                f"WHERE {quote(name)} IS NULL",
                (self.will.id, self.will.by_name[name].id),
            )

    def settle_unique(self, names: Sequence[str]) -> None:
        """Note the records whose values in these fields together stand in another record too."""
        keys = ", ".join(map(quote, names))
        present = joined([f"{quote(name)} IS NOT NULL" for name in names], "AND")
        same = joined([f"f.{quote(name)} = d.{quote(name)}" for name in names], "AND")
        self.db.execute(
            f"INSERT INTO main.misfit SELECT ?, f._id, ?, 'not-unique', '{{}}' FROM temp.final_{self.will.id} f JOIN "
            f"(SELECT {keys} FROM temp.final_{self.will.id} WHERE {present} GROUP BY {keys} HAVING count(*) > 1) d "
            f"ON {same}",
            (self.will.id, self.will.by_name[names[0]].id),
        )

    # --- counting -----------------------------------------------------------------------------------------------------

    def changed(self) -> dict[int, int]:
        """In how many records each judged field gets another value, or another form of it; by its new id."""
        sums = []
        for old, new in self.judged:
            live, read = f"l.{quote(old.name)}", f"s.f{new.id}"
            differs = (
                f"{live} IS NOT NULL"
                if old.id != new.id
                else (f"({live} IS NOT {read}{self._retyped(old, new, live)})")
            )
            sums.append(f"coalesce(sum({differs}), 0)")
        if not sums:
            return {}
        row = self.db.execute(
            f"SELECT {', '.join(sums)} FROM {self.read} s JOIN {self.live} l ON l._id = s.record"
        ).fetchone()
        return {new.id: count for (_, new), count in zip(self.judged, row, strict=True)}

    def _retyped(self, old: Field, new: Field, live: str) -> str:
        same = layout.column_type(self.was, old) == layout.column_type(self.will, new)
        return "" if same else f" OR {live} IS NOT NULL"

    def held(self, field: Field) -> int:
        """How many records have a value in a field of before."""
        query = f"SELECT count(*) FROM {self.live} l WHERE l.{quote(field.name)} IS NOT NULL"
        return int(self.db.execute(query).fetchone()[0])


def drop_records(file: PlanFile, table: Table) -> int:
    """Put all records of a table that goes into the plan; how many."""
    return file.connection.execute(
        f"INSERT INTO main.change_{table.id} SELECT _id, {Op.DELETE:d}, _id, _event FROM store.{quote(table.name)}"
    ).rowcount
