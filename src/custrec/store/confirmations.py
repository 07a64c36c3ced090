"""Which values were said to be right, as it holds now; and saying so, as rows of a plan.

A confirmation is about a value, not a cell. The value meant is the one that stood at the event `seen`, or of a
correction the one that it was then changed to; both are read back from the journal. Where the record holds another
value by now, the confirmation says nothing of it any more; where an edit was undone, it does again. That of a record
which was merged holds for the survivor if that has the very value. What cannot be read back, because something of the
record was redacted since, says nothing.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from custrec.model.confirmations import CORRECTED
from custrec.model.decisions import ASKED, CONFIRMATIONS
from custrec.model.plan import Op
from custrec.model.schema import Field, Table
from custrec.store.canonical import readable_diff, same_key
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.verdicts import standing_for


class Standing(NamedTuple):
    """A confirmation that holds: of which record (a survivor for those within it) and field, when, said by whom and
    how, in which campaign (0: none); the event that it came with, and the value that is meant."""

    record: int
    field: int
    at: str
    by: str
    how: str
    campaign: int
    event: int
    value: str | int | float | None


def standing(
    db: sqlite3.Connection,
    table: Table,
    records: Collection[int] | None = None,
    *,
    store: str = "main",
    apart: bool = False,
    every: bool = False,
) -> Iterator[Standing]:
    """The confirmations that hold, of some records or of all of a table; of a value that was confirmed more than once
    all, the latest first. `store` is what the store is attached as. `apart`: each record stands for itself, also one
    that was merged. `every`: also those that hold no more."""
    live, owner = f"{store}.{quote(table.name)}", "x._id" if apart else standing_for("x")
    which, params = "TRUE", ()
    if records is not None:
        there = "(SELECT value FROM json_each(?1))"
        within = "" if apart else " OR x._state IN (SELECT -value FROM json_each(?1))"
        which = f"c.record IN (SELECT x._id FROM {live} x WHERE x._id IN {there}{within})"
        params = (json.dumps(list(records)),)  # type: ignore[assignment]
    path = """'$."' || c.field || '"'"""
    later = (
        f"SELECT min(k.n) FROM {store}._change k WHERE k.record = c.record AND k.tbl = c.tbl AND k.event > c.seen "
        f"AND k.op = {Op.UPDATE:d} AND json_type({readable_diff('k')}, {path}) IS NOT NULL"
    )
    redacted = (
        f"SELECT 1 FROM {store}._change k WHERE k.record = c.record AND k.tbl = c.tbl AND k.event > c.seen "
        f"AND k.op = {Op.UPDATE:d} AND {readable_diff('k')} IS NULL"
    )
    side = f"iif(c.how = '{CORRECTED}', '[1]', '[0]')"
    meant = f"json_extract((SELECT k.diff FROM {store}._change k WHERE k.n = c.later), {path} || {side})"
    value = f"iif(c.later IS NULL, {_value(table.fields, 'x')}, {meant})"
    holds = "TRUE" if every else f"{value} IS {_value(table.fields, 'y')}"
    query = (
        f"SELECT y._id, c.field, c.at, c.said_by, c.how, c.campaign, c.came, {value} FROM (SELECT c.record, c.tbl, "
        f'c.field, c.at, c."by" AS said_by, c.how, c.campaign, c.seen, c._event AS came, ({later}) AS later '
        f"FROM {store}.{quote(CONFIRMATIONS.name)} c WHERE c.tbl = {table.id} AND {which} "
        f"AND NOT EXISTS ({redacted})) c "
        f"JOIN {live} x ON x._id = c.record JOIN {live} y ON y._id = {owner} "
        f"WHERE {holds} ORDER BY y._id, c.field, c.at DESC, c.came DESC"
    )
    found = db.execute(query, params)
    yield from map(Standing._make, iter(found.fetchone, None))


def shown_at(
    db: sqlite3.Connection, table: Table, events: Mapping[int, int], names: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """The values that some fields of records had right after an event, by record; references as ids."""
    columns = ", ".join(["_id", *map(quote, names)])
    there = json.dumps(list(events))
    rows = db.execute(
        f"SELECT {columns} FROM {quote(table.name)} WHERE _id IN (SELECT value FROM json_each(?))", (there,)
    )
    found = {record: dict(zip(names, values, strict=True)) for record, *values in rows.fetchall()}
    fields = {str(table.by_name[name].id): name for name in names}
    told: set[tuple[int, str]] = set()
    changes = db.execute(
        f"SELECT k.record, k.event, {readable_diff('k')} AS said FROM _change k WHERE k.tbl = {table.id} "
        f"AND k.op = {Op.UPDATE:d} AND said IS NOT NULL AND k.record IN (SELECT value FROM json_each(?)) "
        "AND k.event > ? ORDER BY k.n",
        (there, min(events.values(), default=0)),
    )
    for record, event, diff in changes.fetchall():
        if event <= events[record]:
            continue
        for key, (before, _) in json.loads(diff).items():
            if key in fields and (record, key) not in told:
                told.add((record, key))
                found[record][fields[key]] = before
    return found


def _value(fields: Iterable[Field], alias: str) -> str:
    """The SQL of the value that a record holds in the field `c.field`; of one that is gone, a value that none is."""
    whens = " ".join(f"WHEN {f.id} THEN {alias}.{quote(f.name)}" for f in fields)
    return f"CASE c.field {whens} ELSE '{alias}' END"


class Saying:
    """What is said in one plan of the values of a table's records. The plan's file sees the store (store.rewriting).

    `seen` is the event that the plan was built upon, `first` the next id of a confirmation.
    """

    def __init__(self, file: PlanFile, table: Table, first: int, seen: int) -> None:
        self.db, self.table, self.first, self.seen = file.connection, table, first, seen
        self.db.execute("CREATE TEMP TABLE said (record INTEGER, field INTEGER, campaign INTEGER, how TEXT, "
                        "PRIMARY KEY (record, field, campaign)) WITHOUT ROWID")  # fmt: skip
        self.db.execute("CREATE TEMP TABLE answered (asked INTEGER PRIMARY KEY, answer TEXT)")

    def say(self, rows: Iterable[tuple[int, int, int, str]]) -> None:
        """Say of values how they are right: (record, field's id, campaign's number, how)."""
        self.db.executemany("INSERT OR REPLACE INTO temp.said VALUES (?, ?, ?, ?)", rows)

    def answer(self, rows: Iterable[tuple[int, str]]) -> None:
        """Note what letters were answered with: (id in the work list, answer)."""
        self.db.executemany("INSERT OR REPLACE INTO temp.answered VALUES (?, ?)", rows)

    def unsay(self, records: Iterable[int], asked: Iterable[int]) -> None:
        """Take back what was said of records, and answers."""
        self.db.executemany("DELETE FROM temp.said WHERE record = ?", ((record,) for record in records))
        self.db.executemany("DELETE FROM temp.answered WHERE asked = ?", ((one,) for one in asked))

    def counts(self) -> dict[tuple[int, str], int]:
        """How many values are said to be right, by field and how."""
        rows = self.db.execute("SELECT field, how, count(DISTINCT record) FROM temp.said GROUP BY 1, 2")
        return {(field, how): count for field, how, count in rows}

    def settle(self, at: str, by: str) -> tuple[int, int, int]:
        """Put it all into the plan; how many confirmations are new, how many are renewed, how many letters are
        answered."""
        live, (rows, change) = f"store.{quote(CONFIRMATIONS.name)}", _of(CONFIRMATIONS)
        self.db.execute(
            f'INSERT INTO {rows} (_seq, tbl, record, field, campaign, at, "by", how, seen) '
            f"SELECT row_number() OVER (), {self.table.id}, record, field, campaign, ?, ?, how, ? FROM temp.said",
            (at, by, self.seen),
        )
        self.db.execute(
            f"INSERT INTO {change} SELECT r._seq, iif(l._id IS NULL, {Op.INSERT:d}, {Op.UPDATE:d}), "
            "coalesce(l._id, ? - 1 + sum(l._id IS NULL) OVER (ORDER BY r._seq)), l._event "
            f"FROM {rows} r LEFT JOIN {live} l ON {same_key(CONFIRMATIONS, 'l', 'r')}",
            (self.first,),
        )
        answered = self._answer(at)
        counts = dict(self.db.execute(f"SELECT op, count(*) FROM {change} GROUP BY op").fetchall())
        self.db.execute("DROP TABLE temp.said")
        self.db.execute("DROP TABLE temp.answered")
        return counts.get(Op.INSERT, 0), counts.get(Op.UPDATE, 0), answered

    def _answer(self, at: str) -> int:
        live, (rows, change) = f"store.{quote(ASKED.name)}", _of(ASKED)
        self.db.execute(
            f"INSERT INTO {rows} (_seq, _state, tbl, record, campaign, answer, answered) "
            f"SELECT l._id, l._state, l.tbl, l.record, l.campaign, t.answer, ? "
            f"FROM temp.answered t JOIN {live} l ON l._id = t.asked",
            (at,),
        )
        return self.db.execute(
            f"INSERT INTO {change} SELECT l._id, {Op.UPDATE:d}, l._id, l._event "
            f"FROM temp.answered t JOIN {live} l ON l._id = t.asked"
        ).rowcount


def _of(table: Table) -> tuple[str, str]:
    return f"main.rows_{table.id}", f"main.change_{table.id}"
