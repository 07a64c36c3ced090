"""Erasing again in a store that was restored from an older copy: what the ledger says was erased since.

By number of record alone; no key is needed. The file is nobody's yet. Whoever was erased is destroyed as a purge does
it (store.erasing), and what hung on him then but does not any more is cut loose, not destroyed:

    a record that refers to one that was erased        refers to nobody
    a record that is merged into one that was erased   stands for itself
    a record that one that was erased is merged into   gets back what it held before that merge, where that still stands
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from custrec.model.decisions import ABOUT_RECORDS, named_by, tables_of
from custrec.model.digest import H20, canonical_json, sealer
from custrec.model.ledger import Entry, Head
from custrec.model.plan import Op, Plan, State
from custrec.model.schema import Schema, Table
from custrec.model.schema_json import schema_from_json
from custrec.store import layout
from custrec.store.canonical import STATE_ID, difference
from custrec.store.erasing import FIELDS, Erasure
from custrec.store.event_writing import next_change, put_event
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated
from custrec.store.writable import connect


@dataclass(frozen=True)
class ErasedAgain:
    """How many records were destroyed again, how many lost fields again, and how many were cut loose."""

    destroyed: int = 0
    blanked: int = 0
    loosened: int = 0

    @property
    def any(self) -> bool:
        """Whether anything was done."""
        return bool(self.destroyed or self.blanked or self.loosened)


@dataclass(frozen=True)
class Again:
    """Who erases again and when, the plan's id that the events get (a number is added), and how far the ledger goes."""

    actor: str
    at: str
    plan: str
    head: Head


def erase_again(path: Path, entries: Iterable[Entry], since: int, by: Again) -> ErasedAgain:
    """Erase in a store what a ledger's entries (numbered from 1) say; fields only of those behind the position `since`.

    Raises StoreUnwell, DiskFull.
    """
    with translated(path), contextlib.closing(connect(path, 0)) as db:
        db.execute("PRAGMA journal_mode = MEMORY")  # nobody else sees this file, and a killed restore leaves it behind
        db.execute("PRAGMA secure_delete = ON")
        db.create_function("_seal", 1, sealer())
        (text,) = db.execute("SELECT text FROM _schema ORDER BY version DESC LIMIT 1").fetchone()
        schema = schema_from_json(text)
        db.execute("CREATE TEMP TABLE wanted (tbl INTEGER, record INTEGER, PRIMARY KEY (tbl, record)) WITHOUT ROWID")
        blanks: dict[tuple[int, tuple[int, ...]], list[int]] = {}
        for number, one in enumerate(entries, 1):
            if not one.fields:
                db.execute("INSERT OR IGNORE INTO temp.wanted VALUES (?, ?)", (one.table, one.record))
            elif number > since:
                blanks.setdefault((one.table, one.fields), []).append(one.record)
        db.execute("BEGIN")
        found = ErasedAgain()
        (some,) = db.execute("SELECT EXISTS (SELECT 1 FROM temp.wanted)").fetchone()
        if some or blanks:  # else a store of millions need not be looked through
            found = _erase(db, schema, by, blanks)
        for name in ("_wiping", "_wiping_line", "_wiping_trace"):
            db.execute(f"DROP TABLE IF EXISTS {name}")
        db.execute("COMMIT")
        if found.any:
            db.execute("VACUUM")
        return found


def _erase(
    db: sqlite3.Connection, schema: Schema, by: Again, blanks: Mapping[tuple[int, tuple[int, ...]], list[int]]
) -> ErasedAgain:
    """Do it with the guards out of the way: records of temp.wanted are destroyed, and fields of others made blank."""
    names = (*(t.name for t in tables_of(schema)), *layout.GUARDED)
    for name in names:
        for guard in layout.guards(name):
            db.execute(f"DROP TRIGGER IF EXISTS {quote(guard)}")
    destroyed, loosened = _Purge(db, schema, by).run()
    blanked = sum(_blank(db, schema, by, key, records) for key, records in blanks.items())
    for name in names:
        for statement in layout.guards(name).values():
            db.execute(statement)
    return ErasedAgain(destroyed, blanked, loosened)


def still_there(path: Path, entries: Iterable[Entry]) -> list[tuple[int, int]]:
    """The records (table id, number) that were purged and are there all the same, live or in the history."""
    with translated(path), contextlib.closing(connect(path, 0)) as db:
        (text,) = db.execute("SELECT text FROM _schema ORDER BY version DESC LIMIT 1").fetchone()
        live = {table.id: table.name for table in schema_from_json(text).tables}
        db.execute("CREATE TEMP TABLE wanted (tbl INTEGER, record INTEGER, PRIMARY KEY (tbl, record)) WITHOUT ROWID")
        db.executemany(
            "INSERT OR IGNORE INTO temp.wanted VALUES (?, ?)",
            ((one.table, one.record) for one in entries if not one.fields),
        )
        found = db.execute(
            "SELECT DISTINCT c.tbl, c.record FROM temp.wanted w CROSS JOIN _change c ON c.record = w.record "
            f"AND c.tbl = w.tbl WHERE length(c.seal) > {H20}"
        ).fetchall()
        for number, name in live.items():
            found += db.execute(
                f"SELECT w.tbl, w.record FROM temp.wanted w JOIN {quote(name)} l ON l._id = w.record WHERE w.tbl = ?",
                (number,),
            ).fetchall()
        return sorted(set(found))


class _Purge:
    """The destruction of the records in temp.wanted that are there; the steps share an event."""

    def __init__(self, db: sqlite3.Connection, schema: Schema, by: Again) -> None:
        self.db, self.schema, self.by = db, schema, by

    def run(self) -> tuple[int, int]:
        """How many records were destroyed, and how many were cut loose."""
        known = (
            "SELECT 1 FROM temp.wanted w CROSS JOIN _change c ON c.record = w.record AND c.tbl = w.tbl "
            f"WHERE length(c.seal) > {H20}"
        )
        if not self.db.execute(f"SELECT EXISTS ({known})").fetchone()[0]:
            return 0, 0
        (last,) = self.db.execute("SELECT coalesce(max(id), 0) FROM _event").fetchone()
        self.event, self.first = last + 1, next_change(self.db)
        plan = _plan(self.by, "purge", self.event, [t.name for t in tables_of(self.schema)], {})
        erasure = _FromLedger(self.db, self.schema, plan, self.event, self.by.at, b"\0" * 32)
        erasure.head = self.by.head
        erasure.before()
        loosened = sum(map(self._let_go, self.schema.tables))
        counts = {table.name: self._delete(table) for table in self.schema.tables}
        deleted = sum(counts.values()) + sum(map(self._delete_decisions, ABOUT_RECORDS))
        detail = {"why": "ledger", "destroyed": {n: c for n, c in counts.items() if c}, **erasure.after()}
        put_event(self.db, _said(plan, detail, {"delete": deleted, "update": loosened}), self.first)
        return sum(counts.values()), loosened

    def _erased(self, table: Table) -> str:
        return f"(SELECT record FROM temp.erased WHERE tbl = {table.id})"

    def _delete(self, table: Table) -> int:
        mine = f"_id IN {self._erased(table)}"
        self.db.execute(
            "INSERT INTO _change (event, tbl, record, op, seal) SELECT ?, ?, _id, "
            f"{Op.DELETE:d}, substr(_seal(''), -{H20}) FROM main.{quote(table.name)} WHERE {mine} ORDER BY _id",
            (self.event, table.id),
        )
        return self.db.execute(f"DELETE FROM main.{quote(table.name)} WHERE {mine}").rowcount

    def _delete_decisions(self, table: Table) -> int:
        about = " OR ".join(f"(tbl, {name}) IN (SELECT tbl, record FROM temp.erased)" for name in named_by(table))
        self.db.execute(
            f"INSERT OR IGNORE INTO temp.erased SELECT {table.id}, _id FROM main.{quote(table.name)} WHERE {about}"
        )
        return self._delete(table)

    def _let_go(self, table: Table) -> int:
        """Cut records of a table loose from what was erased; how many."""
        self.db.execute(f"CREATE TEMP TABLE loose AS SELECT * FROM main.{quote(table.name)} WHERE FALSE")
        gone = {other.name: self._erased(other) for other in self.schema.tables}
        held = [f"{quote(key.field)} IN {gone[key.table]}" for key in table.foreign_keys]
        held.append(f"_state < {State.ACTIVE:d} AND -_state IN {self._erased(table)}")
        held.append(
            f"_id IN (SELECT -_state FROM main.{quote(table.name)} WHERE _state < 0 AND _id IN {gone[table.name]})"
        )
        self.db.execute(
            f"INSERT INTO temp.loose SELECT * FROM main.{quote(table.name)} "
            f"WHERE _id NOT IN {self._erased(table)} AND ({' OR '.join(held)})"
        )
        for key in table.foreign_keys:
            name = quote(key.field)
            self.db.execute(f"UPDATE temp.loose SET {name} = NULL WHERE {name} IN {gone[key.table]}")
        self.db.execute(f"UPDATE temp.loose SET _state = {State.ACTIVE:d} WHERE -_state IN {self._erased(table)}")
        survivors = {
            record
            for (record,) in self.db.execute(
                f"SELECT DISTINCT -_state FROM main.{quote(table.name)} WHERE _state < 0 AND _id IN {gone[table.name]}"
            ).fetchall()
        }
        for record in survivors:
            self._give_back(table, record)
        count = self._write(table, survivors)
        self.db.execute("DROP TABLE temp.loose")
        return count

    def _give_back(self, table: Table, survivor: int) -> None:
        """Give a survivor what it held before the merges that brought an erased record into it; what it took of it is
        blank where the journal does not tell that."""
        merged = f"json_extract(c.diff, '$.\"{STATE_ID}\"[1]') = ?"
        events = self.db.execute(
            "SELECT DISTINCT c.event FROM temp.erased e CROSS JOIN _change c ON c.record = e.record AND c.tbl = e.tbl "
            f"WHERE e.tbl = ? AND c.op = {Op.UPDATE:d} AND {merged} ORDER BY 1 DESC",
            (table.id, -survivor),
        ).fetchall()
        for (event,) in events:
            found = self.db.execute(
                f"SELECT CASE WHEN length(seal) > {H20} THEN diff END FROM _change WHERE record = ? AND tbl = ? "
                "AND event = ?",
                (survivor, table.id, event),
            ).fetchone()
            for key, pair in json.loads(found[0] if found and found[0] else "{}").items():
                field = table.by_id.get(int(key))
                if field is not None and isinstance(pair, list):
                    name = quote(field.name)
                    self.db.execute(
                        f"UPDATE temp.loose SET {name} = ? WHERE _id = ? AND {name} IS ?", (pair[0], survivor, pair[1])
                    )
        self._blank_what_is_theirs(table, survivor)

    def _blank_what_is_theirs(self, table: Table, survivor: int) -> None:
        """Blank what a survivor still holds of the values by which erased records within it are known."""
        for field in table.fields:
            if field.kind in layout.LOOKED_UP or (field.unique and (field.name,) != table.primary_key):
                name = quote(field.name)
                self.db.execute(
                    f"UPDATE temp.loose SET {name} = NULL WHERE _id = ? AND {name} IN (SELECT {name} FROM "
                    f"main.{quote(table.name)} WHERE _state = ? AND _id IN {self._erased(table)})",
                    (survivor, -survivor),
                )

    def _write(self, table: Table, survivors: set[int]) -> int:
        """Journal and write the records that were cut loose; what a survivor held of an erased one stands nowhere."""
        live = f"main.{quote(table.name)}"
        bare = ", ".join(map(str, sorted(survivors))) or "NULL"
        self.db.execute(
            "INSERT INTO _change (event, tbl, record, op, diff, seal) SELECT ?, ?, record, "
            f"{Op.UPDATE:d}, CASE WHEN record IN ({bare}) THEN NULL ELSE diff END, "
            f"CASE WHEN record IN ({bare}) THEN substr(_seal(''), -{H20}) ELSE _seal(diff) END FROM "
            f"(SELECT l._id AS record, {difference(table, 'l', 'r')} AS diff FROM {live} l "
            "JOIN temp.loose r ON r._id = l._id ORDER BY l._id)",
            (self.event, table.id),
        )
        sets = ", ".join(f"{name} = r.{name}" for name in ("_state", *(quote(f.name) for f in table.fields)))
        return self.db.execute(
            f"UPDATE {live} AS l SET _event = {self.event}, {sets} FROM temp.loose r WHERE l._id = r._id"
        ).rowcount


class _FromLedger(Erasure):
    """An erasure of what a ledger names, which needs no entry of its own."""

    head: Head

    def _choose(self) -> None:
        self._make_tables()
        if self.fields:
            self.db.execute("INSERT INTO temp.erased SELECT tbl, record FROM temp.blanked")
            return
        self.db.execute(
            "INSERT INTO temp.erased SELECT DISTINCT w.tbl, w.record FROM temp.wanted w CROSS JOIN main._change c "
            f"ON c.record = w.record AND c.tbl = w.tbl WHERE length(c.seal) > {H20}"
        )

    def _planned_decisions(self, table: Table) -> str:
        return f"SELECT {table.id}, _id FROM main.{quote(table.name)} WHERE FALSE"

    def _enter(self) -> Head:
        return self.head


def _blank(
    db: sqlite3.Connection, schema: Schema, by: Again, key: tuple[int, tuple[int, ...]], records: list[int]
) -> int:
    """Take fields of records of a table once more; how many."""
    table = schema.by_id.get(key[0])
    going = [table.by_id[number] for number in key[1] if number in table.by_id] if table else []
    if table is None or not going:
        return 0
    db.execute("CREATE TEMP TABLE blanked (tbl INTEGER, record INTEGER, PRIMARY KEY (tbl, record)) WITHOUT ROWID")
    db.executemany("INSERT OR IGNORE INTO temp.blanked VALUES (?, ?)", ((table.id, record) for record in records))
    db.execute(f"DELETE FROM temp.blanked WHERE record NOT IN (SELECT _id FROM main.{quote(table.name)})")
    (count,) = db.execute("SELECT count(*) FROM temp.blanked").fetchone()
    if count:
        (last,) = db.execute("SELECT coalesce(max(id), 0) FROM _event").fetchone()
        event, first = last + 1, next_change(db)
        plan = _plan(by, "anonymise", event, [table.name], {FIELDS: {str(table.id): [f.id for f in going]}})
        erasure = _FromLedger(db, schema, plan, event, by.at, b"\0" * 32)
        erasure.head = by.head
        erasure.before()
        db.execute(
            "INSERT INTO _change (event, tbl, record, op, seal) SELECT ?, tbl, record, "
            f"{Op.UPDATE:d}, substr(_seal(''), -{H20}) FROM temp.blanked ORDER BY record",
            (event,),
        )
        sets = ", ".join(f"{quote(field.name)} = NULL" for field in going)
        mine = "_id IN (SELECT record FROM temp.blanked)"
        db.execute(f"UPDATE main.{quote(table.name)} SET _event = {event}, {sets} WHERE {mine}")
        fields = {table.name: {field.name: count for field in going}}
        detail = {**plan.detail, "why": "ledger", "destroyed": {table.name: count}, "fields": fields, **erasure.after()}
        put_event(db, _said(plan, detail, {"update": count}), first)
    db.execute("DROP TABLE temp.blanked")
    return int(count)


def _plan(by: Again, verb: str, event: int, tables: list[str], detail: Mapping[str, object]) -> Plan:
    return Plan(f"{by.plan}.{event}", verb, by.at, by.actor, 0, event - 1, tables=tuple(tables), detail=dict(detail))


def _said(plan: Plan, detail: Mapping[str, object], counts: Mapping[str, int]) -> dict[str, object]:
    return {
        "id": plan.base + 1,
        "at": plan.made_at,
        "actor": plan.actor,
        "verb": plan.verb,
        "note": "",
        "source": None,
        "sha256": None,
        "plan": plan.id,
        "schema": None,
        "undoes": None,
        "detail": canonical_json(dict(detail)),
        "counts": canonical_json({"insert": 0, "update": 0, "delete": 0, **counts}),
    }
