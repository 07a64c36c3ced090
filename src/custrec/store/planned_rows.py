"""The changes of a saved plan one after the other, as a person goes through them: never all of them at once.

First what is in conflict, then the other changes, then the runs of new records, table by table. A place is a segment's
number and a seq in it; a run of a million inserts is one segment, from which single rows are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from custrec.model.decisions import tables_of
from custrec.model.plan import Op
from custrec.model.review import Tally, Verdict
from custrec.model.schema import Table
from custrec.store.existence import any_row
from custrec.store.plan_file import PlanFile, Run
from custrec.store.quoting import quote
from custrec.store.reviewed import DECIDABLE, take_contested
from custrec.store.reviews import CONFLICT, Review, verdict


class Place(NamedTuple):
    """Where a change stands in a plan."""

    segment: int
    seq: int


BEGINNING = Place(0, -1)


@dataclass(frozen=True)
class Contested:
    """What keeps a change from being made: the fields that moved, by which event. A person may have it nevertheless."""

    fields: tuple[str, ...]
    event: int | None


@dataclass(frozen=True)
class PlannedRow:
    """One change: `asked_as` is the operation that decisions about the rest know it by; `row` is its state and stored
    values as the plan has them, None of a removal; `line` is that of the file it came from."""

    place: Place
    table: Table
    op: Op
    asked_as: int
    record: int
    line: int | None
    row: tuple[Any, ...] | None
    contested: Contested | None = None


@dataclass(frozen=True)
class _Segment:
    table: Table
    run: Run | None = None
    contested: bool = False

    @property
    def rows(self) -> str:
        return f"contested_{self.table.id}" if self.contested else f"rows_{self.table.id}"

    @property
    def asked_as(self) -> str:
        return str(CONFLICT) if self.contested else str(int(Op.INSERT)) if self.run else "c.op"

    @property
    def decidable(self) -> str:
        return f"conflict WHERE tbl = {self.table.id} AND why = '{DECIDABLE}'"

    @property
    def source(self) -> str:
        """The SQL of its changes `c`: seq, op, record."""
        if self.contested:
            return f"(SELECT seq, op, record FROM {self.decidable}) c"
        if self.run is None:
            return f"change_{self.table.id} c"
        return (
            f"(SELECT _seq AS seq, {Op.INSERT:d} AS op, _seq + {self.run.record - self.run.lo} AS record "
            f"FROM {self.rows} WHERE _seq BETWEEN {self.run.lo} AND {self.run.hi}) c"
        )


class PlannedRows:
    """The changes of one plan under review. `strict`: what somebody edited is open until another has approved it.

    The plan's file must see the store as `store`.
    """

    def __init__(self, file: PlanFile, review: Review, strict: bool) -> None:
        self.file, self.review, self.strict = file, review, strict
        self.db = file.connection

    @cached_property
    def _segments(self) -> list[_Segment]:
        found: list[_Segment] = []
        for contested in (True, False):
            for table in tables_of(self.file.schema):
                one = _Segment(table, contested=contested)
                if any_row(self.db, f"SELECT 1 FROM {one.source}"):
                    found.append(one)
        return found + [_Segment(table, run) for table in tables_of(self.file.schema) for run in self.file.runs(table)]

    def after(self, place: Place, only_open: bool) -> PlannedRow | None:
        """The next change; None at the end."""
        for number in range(place.segment, len(self._segments)):
            lowest = place.seq if number == place.segment else -1
            for seq in self._candidates(number, lowest, only_open):
                return self.at(Place(number, seq))
        return None

    def before(self, place: Place) -> PlannedRow | None:
        """The change before; None at the beginning."""
        for number in range(min(place.segment, len(self._segments) - 1), -1, -1):
            one = self._segments[number]
            below = f"WHERE c.seq < {place.seq}" if number == place.segment else ""
            found = self.db.execute(f"SELECT max(c.seq) FROM {one.source} {below}").fetchone()
            if found[0] is not None:
                return self.at(Place(number, found[0]))
        return None

    def at(self, place: Place) -> PlannedRow:
        """The change at a place."""
        one = self._segments[place.segment]
        table, names = one.table, ["_state", *(f.name for f in one.table.fields)]
        op, record, asked = self.db.execute(
            f"SELECT c.op, c.record, {one.asked_as} FROM {one.source} WHERE c.seq = ?", (place.seq,)
        ).fetchone()
        rows = one.rows
        contested = None
        if one.contested:
            touched, fields, event = self.db.execute(
                "SELECT touched, fields, event FROM conflict WHERE tbl = ? AND seq = ?", (table.id, place.seq)
            ).fetchone()
            contested = Contested(tuple(json.loads(fields)), event)
            if op == Op.UPDATE:
                rows = f"temp.again_{table.id}"
                self.db.execute(f"CREATE TEMP TABLE IF NOT EXISTS again_{table.id} AS SELECT * FROM {one.rows} LIMIT 0")
                self.db.execute(f"DELETE FROM {rows}")
                take_contested(self.file, table, place.seq, record, json.loads(touched), rows)
        found = self.db.execute(
            f"SELECT _line, {', '.join(map(quote, names))} FROM {rows} WHERE _seq = ?", (place.seq,)
        ).fetchone()
        line, row = (found[0], found[1:]) if found else (None, None)
        return PlannedRow(place, table, Op(op), asked, record or 0, line, row, contested)

    def all(self) -> Iterator[PlannedRow]:
        """Every change."""
        one = self.after(BEGINNING, only_open=False)
        while one is not None:
            yield one
            one = self.after(one.place, only_open=False)

    def tally(self) -> Tally:
        """How many changes were approved, rejected, edited, and are open."""
        counts: dict[str | None, int] = {}
        for number in range(len(self._segments)):
            for word, count in self._words(number):
                counts[word] = counts.get(word, 0) + count
        edited = counts.get(Verdict.EDIT, 0)
        return Tally(
            approved=counts.get(Verdict.APPROVE, 0),
            rejected=counts.get(Verdict.REJECT, 0),
            edited=0 if self.strict else edited,
            open=counts.get(None, 0) + (edited if self.strict else 0),
            conflicts=sum(self.conflicts().values()),
        )

    def conflicts(self) -> dict[str, int]:
        """How many changes are in conflict, by why (store.rebasing)."""
        return dict(self.db.execute("SELECT why, count(*) FROM conflict GROUP BY why ORDER BY why").fetchall())

    def edited(self) -> list[tuple[int, int]]:
        """The changes (table's id, seq) whose last word is that somebody edited them."""
        return self.db.execute("SELECT tbl, seq FROM temp.said WHERE word = ?", (Verdict.EDIT,)).fetchall()

    def find(self, table: Table, condition: str, params: tuple[Any, ...]) -> list[Place]:
        """The changes of a table whose row `r`, or record `c.record`, meets a condition."""
        found: list[Place] = []
        for number, one in enumerate(self._segments):
            if one.table is table:
                rows = self.db.execute(
                    f"SELECT c.seq FROM {one.source} LEFT JOIN {one.rows} r ON r._seq = c.seq "
                    f"LEFT JOIN store.{quote(table.name)} l ON l._id = c.record WHERE {condition} LIMIT 2",
                    params,
                ).fetchall()
                found += [Place(number, seq) for (seq,) in rows]
        return found

    def clashes(self, one: PlannedRow, names: tuple[str, ...], values: tuple[Any, ...]) -> bool:
        """Whether another record, or another change of the plan, has these values in fields that tell records apart."""
        meets = " AND ".join(f"{quote(name)} = ?" for name in names)
        own = one.record if one.op == Op.UPDATE else -1
        live, rows = f"store.{quote(one.table.name)}", f"rows_{one.table.id}"
        found = self.db.execute(
            f"SELECT EXISTS (SELECT 1 FROM {live} WHERE {meets} AND _id <> ?) "
            f"OR EXISTS (SELECT 1 FROM {rows} WHERE {meets} AND _seq <> ?)",
            (*values, own, *values, one.place.seq),
        ).fetchone()
        return bool(found[0])

    def _candidates(self, number: int, above: int, only_open: bool) -> Iterator[int]:
        """The seqs of a segment above one: the next, or the next that is open."""
        one = self._segments[number]
        condition = f"c.seq > {above}"
        if only_open:
            if one.run is not None and self._base(one) is not None:
                condition += f" AND c.seq IN (SELECT seq FROM temp.said WHERE tbl = {one.table.id})"
            word = verdict(one.table.id, "c.seq", one.asked_as)
            condition += f" AND ({word} IS NULL OR {word} = '{Verdict.EDIT if self.strict else ''}')"
        found = self.db.execute(f"SELECT c.seq FROM {one.source} WHERE {condition} ORDER BY c.seq LIMIT 1").fetchone()
        if found:
            yield found[0]

    def _words(self, number: int) -> list[tuple[str | None, int]]:
        """How many changes of a segment have each word."""
        one = self._segments[number]
        word = verdict(one.table.id, "c.seq", one.asked_as)
        if one.run is None:
            return self.db.execute(f"SELECT {word}, count(*) FROM {one.source} GROUP BY 1").fetchall()
        own = f"c.seq IN (SELECT seq FROM temp.said WHERE tbl = {one.table.id})"
        singly = self.db.execute(f"SELECT {word}, count(*) FROM {one.source} WHERE {own} GROUP BY 1").fetchall()
        rest = one.run.hi - one.run.lo + 1 - sum(count for _, count in singly)
        return [*singly, (self._base(one), rest)]

    def _base(self, one: _Segment) -> str | None:
        """The word for the rows of a run about which nobody has said anything by themselves."""
        found = self.db.execute(
            "SELECT word FROM temp.rest WHERE (tbl IS NULL OR tbl = ?) AND (op IS NULL OR op = ?) ORDER BY n LIMIT 1",
            (one.table.id, int(Op.INSERT)),
        ).fetchone()
        return str(found[0]) if found else None


def holds(names: tuple[str, ...]) -> str:
    """The condition for `find` that a row, or the record that it changes, holds values in some fields; they are given
    twice."""
    return " OR ".join(f"({' AND '.join(f'{alias}.{quote(name)} = ?' for name in names)})" for alias in "rl")
