"""Destroying records within the transaction of a plan: what the journal holds of them goes, and the chain stays whole.

    records of the plan → who held their values through a merge → what they were known by → live rows (store.apply)
    → journal redacted → notes and file names of events → lines for the ledger, and what is to be wiped afterwards

A redacted change keeps the 20 bytes of its digest, without salt, diff, typed texts and line (model.digest): the chain
verifies, and nobody can test a guess. Of a record that lives on, what a diff says of its state stays: it is what tells
by which event a record went to the trash, or became part of another one, and it is no value of anybody.

A merge gives a survivor values of the others. So whoever a destroyed record was ever part of lost its own history from
that event on, unless it is destroyed, too (`tainted`): its values of before then, and what it holds today, stay.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from custrec.model.decisions import ABOUT_RECORDS, FIRST_ID, named_by
from custrec.model.digest import H20
from custrec.model.ledger import Head, Macs, Sealing, fingerprint, head_from, of_field, raised, seal_line
from custrec.model.plan import Op, Plan
from custrec.model.schema import Schema, Table
from custrec.model.traces import trace
from custrec.store import pending_wipe
from custrec.store.canonical import STATE_ID, joined
from custrec.store.erased_events import TextsOfEvents
from custrec.store.existence import any_row
from custrec.store.identifying import BETWEEN, Values
from custrec.store.quoting import quote
from custrec.store.shapes import Shapes

BARE = f"substr(seal, -{H20})"
"""The SQL of a seal without its salt."""
REMAINDER = (
    f"CASE WHEN op = {Op.UPDATE:d} AND json_type(diff, '$.\"{STATE_ID}\"') IS NOT NULL "
    f"THEN '{{\"{STATE_ID}\":' || (diff -> '$.\"{STATE_ID}\"') || '}}' END"
)
"""The SQL of what stays of a diff of a record that lives on."""
FIELDS = "erased_fields"
"""What of a plan's detail names the fields (ids by table's id) that go, where the records stay."""


class Erasure:
    """The steps around the writing of a plan that destroys. The plan is attached as `plan`, the guards are lifted."""

    def __init__(self, db: sqlite3.Connection, schema: Schema, plan: Plan, event: int, at: str, key: bytes) -> None:
        self.db = db
        self.plan = plan
        self.event, self.at = event, at
        self.tables = [table for table in schema.tables if table.name in plan.tables]
        self.all_tables = schema.tables
        self.fields = {int(table): tuple(ids) for table, ids in plan.detail.get(FIELDS, {}).items()}
        self.macs, self.fingerprint = Macs(key), fingerprint(key)
        self.versions: Mapping[str, int] = plan.detail.get("kinds", {})
        db.create_function("_mac", 2, self.macs.of, deterministic=True)

    def before(self) -> None:
        """What is to be known before the live rows go."""
        self.shapes = Shapes(self.db)
        self._choose()
        self._follow_the_gone()
        self._follow_merges()
        self.texts = TextsOfEvents(self.db, self.event)
        trace_key = pending_wipe.begin(self.db, self.event, self.at)

        def traced(value: object) -> bytes | None:
            found = trace(str(value))
            self.texts.meet(found)
            return pending_wipe.digest_of_trace(trace_key, found) if found else None

        self.db.create_function("_trace", 1, traced)
        for table in self._erased_tables():
            self._note_values(Values(self.db, self.shapes, table))

    def after(self) -> dict[str, Any]:
        """What follows when the rows are gone; what the event says of it."""
        self._redact()
        redacted = self.texts.redact()
        self._forget_statistics()
        head = self._enter()
        others = self._others()
        for name in ("erased", "tainted", "known_by"):
            self.db.execute(f"DROP TABLE temp.{name}")
        return {"ledger": head.as_dict(), "redacted": redacted, "others": others}

    def _others(self) -> dict[str, list[int]]:
        """Records without a change in the plan that lost values of their history, by table id."""
        found: dict[str, list[int]] = {}
        gone = (
            "SELECT e.tbl, e.record FROM temp.erased e WHERE NOT EXISTS "
            f"(SELECT 1 FROM main._change c WHERE c.record = e.record AND c.tbl = e.tbl AND c.event = {self.event})"
        )
        cursor = self.db.execute(f"SELECT tbl, record FROM temp.tainted UNION {gone} ORDER BY 1, 2")
        for number, record in cursor.fetchall():
            found.setdefault(str(number), []).append(record)
        return found

    # --- who, and what they are known by ------------------------------------------------------------------------------

    def _make_tables(self) -> None:
        for name, more in (("erased", ""), ("tainted", "event INTEGER, ")):
            self.db.execute(
                f"CREATE TEMP TABLE {name} (tbl INTEGER, record INTEGER, {more}PRIMARY KEY (tbl, record)) WITHOUT ROWID"
            )
        self.db.execute(
            "CREATE TEMP TABLE known_by (tbl INTEGER, record INTEGER, id TEXT, PRIMARY KEY (tbl, record, id)) "
            "WITHOUT ROWID"
        )

    def _choose(self) -> None:
        """Fill temp.erased with the records of the plan."""
        self._make_tables()
        op = Op.UPDATE if self.fields else Op.DELETE
        for table in self.tables:
            self.db.execute(
                f"INSERT INTO temp.erased SELECT {table.id}, record FROM plan.change_{table.id} WHERE op = {op:d}"
            )

    def _erased_tables(self) -> list[Table]:
        """The tables of which something is destroyed, as they are now, or were last."""
        found = self.db.execute(f"SELECT DISTINCT tbl FROM temp.erased WHERE tbl < {FIRST_ID} ORDER BY 1").fetchall()
        newest = {t.id: t for v in range(1, self.shapes.newest + 1) for t in self.shapes.of(v).tables}
        newest |= {table.id: table for table in self.all_tables}
        return [newest[number] for (number,) in found]

    def _follow_the_gone(self) -> None:
        """Add to temp.erased what belonged to destroyed records and is no live record any more, because it was deleted
        by an undo or its table is gone: the journal holds it still."""
        former = [table for version in range(1, self.shapes.newest + 1) for table in self.shapes.of(version).tables]
        keys = {(t.id, t.by_name[k.field].id, k.table) for t in former for k in t.foreign_keys}
        parents = {table.name: table.id for table in former}
        more = any_row(self.db, f"SELECT 1 FROM main._change WHERE op = {Op.DELETE:d}")
        while more:
            more = False
            for number, field, parent in keys if not self.fields else ():
                parent_of = f"json_extract(c.diff, '$.\"{field}\"')"
                found = self.db.execute(
                    "INSERT OR IGNORE INTO temp.erased SELECT c.tbl, c.record FROM main._change c "
                    f"WHERE c.op = {Op.DELETE:d} AND c.tbl = {number} AND length(c.seal) > {H20} AND {parent_of} IN "
                    f"(SELECT record FROM temp.erased WHERE tbl = {parents[parent]}){self._not_live(number)}"
                ).rowcount
                more = more or found > 0
        self._follow_decisions()

    def _follow_decisions(self) -> None:
        """Add decisions about destroyed records that are no more, or go with this plan: their reasons are words."""
        for table in ABOUT_RECORDS if not self.fields else ():
            of = f"json_extract(c.diff, '$.\"{table.by_name['tbl'].id}\"')"
            for name in named_by(table):
                record = f"json_extract(c.diff, '$.\"{table.by_name[name].id}\"')"
                self.db.execute(
                    "INSERT OR IGNORE INTO temp.erased SELECT c.tbl, c.record FROM main._change c "
                    f"WHERE c.op = {Op.DELETE:d} AND c.tbl = {table.id} AND length(c.seal) > {H20} "
                    f"AND ({of}, {record}) IN (SELECT tbl, record FROM temp.erased)"
                )
            self.db.execute(f"INSERT OR IGNORE INTO temp.erased {self._planned_decisions(table)}")

    def _planned_decisions(self, table: Table) -> str:
        return f"SELECT {table.id}, record FROM plan.change_{table.id} WHERE op = {Op.DELETE:d}"

    def _not_live(self, number: int) -> str:
        """A condition on a record `c.record` of a table."""
        name = next((table.name for table in self.all_tables if table.id == number), None)
        return f" AND c.record NOT IN (SELECT _id FROM main.{quote(name)})" if name else ""

    def _follow_merges(self) -> None:
        """Fill temp.tainted: the records that were survivors of destroyed ones, from which event on; and theirs."""
        into = f"json_extract(c.diff, '$.\"{STATE_ID}\"[1]')"
        merged = (
            f"c.op = {Op.UPDATE:d} AND c.diff >= '{{\"{STATE_ID}\":' AND c.diff < '{{\"{STATE_ID}\";' AND {into} < 0 "
            f"AND (c.tbl, -{into}) NOT IN (SELECT tbl, record FROM temp.erased)"
        )

        def taint(source: str, since: str) -> str:
            return (
                f"INSERT INTO temp.tainted SELECT c.tbl, -{into}, min(c.event) FROM temp.{source} x "
                f"CROSS JOIN main._change c ON c.record = x.record AND c.tbl = x.tbl{since} WHERE {merged} "
                "GROUP BY 1, 2 ON CONFLICT DO UPDATE SET event = excluded.event WHERE excluded.event < tainted.event"
            )

        self.db.execute(taint("erased", ""))
        while self.db.execute(taint("tainted", " AND c.event >= x.event")).rowcount > 0:
            pass

    def _note_values(self, values: Values) -> None:
        """Note what the records of a table are known by: for the ledger, and for finding traces of them."""
        table = values.table
        going = self.fields.get(table.id)
        for one in values.identifiers():
            if going is None or set(one.fields) & set(going):
                for source in values.sources(one.fields):
                    self.db.execute(
                        f"INSERT OR IGNORE INTO temp.known_by SELECT {table.id}, record, ? || ':' || _mac(?, value) "
                        f"FROM ({source}) WHERE value IS NOT NULL",
                        (one.tag(self.versions), one.sort),
                    )
        for number in going or ():
            sort = of_field(table.id, number)
            for source in values.sources((number,)):
                self.db.execute(
                    f"INSERT OR IGNORE INTO temp.known_by SELECT {table.id}, record, ? || ':' || "
                    f"_mac(?, record || {BETWEEN} || value) FROM ({source}) WHERE value IS NOT NULL",
                    (sort, sort),
                )
        telling = [number for number in values.telling() if going is None or number in going]
        for source in (*(s for number in telling for s in values.sources((number,))), values.typed(telling)):
            self.db.execute(
                f"INSERT OR IGNORE INTO main._wiping_trace SELECT t FROM (SELECT _trace(value) AS t FROM ({source}) "
                "WHERE value IS NOT NULL) WHERE t IS NOT NULL"
            )

    # --- what goes ----------------------------------------------------------------------------------------------------

    def _redact(self) -> None:
        """Take out of the journal what it holds of them."""
        for table in self._erased_tables():
            mine = f"(SELECT record FROM temp.erased WHERE tbl = {table.id})"
            going = self.fields.get(table.id)
            if going is None:
                self.db.execute(
                    f"UPDATE main._change SET line = NULL, diff = NULL, original = NULL, seal = {BARE} "
                    f"WHERE tbl = {table.id} AND record IN {mine}"
                )
            else:
                self._redact_living(f"tbl = {table.id} AND record IN {mine}", going)
        self.db.execute(
            f"UPDATE main._change SET line = NULL, diff = NULL, original = NULL, seal = {BARE} WHERE tbl >= {FIRST_ID} "
            "AND (tbl, record) IN (SELECT tbl, record FROM temp.erased)"
        )
        for number, record, event in self.db.execute("SELECT tbl, record, event FROM temp.tainted").fetchall():
            fields = self.fields.get(number)
            self._redact_living(f"tbl = {number} AND record = {record} AND event >= {event}", fields)

    def _redact_living(self, which: str, fields: tuple[int, ...] | None) -> None:
        """Redact changes of records that live on: all, or those that tell of some fields."""
        said = joined([f"json_type(diff, '$.\"{number}\"') IS NOT NULL" for number in fields or ()] or ["TRUE"], "OR")
        told = f" AND (op <> {Op.UPDATE:d} OR diff IS NULL OR {said})" if fields is not None else ""
        self.db.execute(
            f"UPDATE main._change SET diff = {REMAINDER}, original = NULL, seal = {BARE} WHERE {which}{told}"
        )

    def _forget_statistics(self) -> None:
        """Values may be among the samples that ANALYZE took."""
        if self.db.execute("SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_stat4'").fetchone():
            self.db.execute("DELETE FROM main.sqlite_stat4")

    # --- the ledger ---------------------------------------------------------------------------------------------------

    def _enter(self) -> Head:
        """Put down the lines for the ledger; how far it goes with them."""
        for table in self._erased_tables():
            self._enter_table(table)
        before = known_head(self.db)
        sealing, count = Sealing(before), 0
        cursor = self.db.execute("SELECT line FROM main._wiping_line WHERE event = ? ORDER BY n", (self.event,))
        for (line,) in iter(cursor.fetchone, None):
            sealing.add(line.encode() + b"\n")
            count += 1
        greatest = self.db.execute(
            f"SELECT tbl, max(record) FROM temp.erased WHERE tbl < {FIRST_ID} GROUP BY tbl"
        ).fetchall()
        head = Head(before.position + count, sealing.digest(), raised(before.greatest, greatest))
        self.db.execute(
            "INSERT INTO main._wiping_line (event, line) VALUES (?, ?)",
            (self.event, seal_line(head, self.event, self.fingerprint).rstrip("\n")),
        )
        return head

    def _enter_table(self, table: Table) -> None:
        going = self.fields.get(table.id)
        fields = "" if going is None else f", 'fields', json('{list(going)}')"
        self.db.execute(
            "INSERT INTO main._wiping_line (event, line) SELECT ?1, json_object('at', ?2, 'event', ?1, 'why', ?3, "
            f"'what', ?4, 'table', ?5, 'tbl', e.tbl, 'record', e.record{fields}, 'ids', "
            "json(coalesce((SELECT json_group_array(k.id) FROM temp.known_by k WHERE k.tbl = e.tbl "
            "AND k.record = e.record), '[]'))) FROM temp.erased e WHERE e.tbl = ?6 ORDER BY e.record",
            (self.event, self.at, str(self.plan.detail.get("why", "other")), self.plan.verb, table.name, table.id),
        )


def known_head(db: sqlite3.Connection, before: int = 1 << 62) -> Head:
    """How far the ledger goes that the journal knows of, `before` an event."""
    found = db.execute(
        "SELECT detail -> '$.ledger' FROM main._event WHERE verb IN ('purge', 'anonymise', 'restore') "
        "AND json_type(detail, '$.ledger') = 'object' AND id < ? ORDER BY id DESC LIMIT 1",
        (before,),
    ).fetchone()
    if found is None:
        return Head()
    return head_from(json.loads(found[0]))
