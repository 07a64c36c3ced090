"""A saved plan as it is after its review: a copy of it without what was rejected, and with what was edited.

The plan itself stays as it was signed until what the copy says has happened.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custrec.model.decisions import tables_of
from custrec.model.plan import Op
from custrec.model.review import Verdict
from custrec.model.schema import Table
from custrec.store.existence import any_row
from custrec.store.left_out import LeavingOut, recounted
from custrec.store.place import private
from custrec.store.plan_file import PlanFile, connect_scratch
from custrec.store.quoting import quote
from custrec.store.reviews import CONFLICT, Review, verdict
from custrec.store.sqlite_errors import translated

REJECTED, DEPENDENT, UNDECIDED = "rejected", "dependent", "conflict"
"""Why a change is left out: a person said so; it cannot be without one that is left out; what it would change was
changed, and nobody has said that it is to happen nevertheless."""
DECIDABLE = "changed"
"""The conflict that a person can decide: the same field was changed. Others can only be left out."""


@dataclass(frozen=True)
class LeftOut:
    """A change that is not made: of which table, its seq, operation and record, and why."""

    table: Table
    seq: int
    op: Op
    record: int | None
    why: str


class ReviewedPlan:
    """A copy of a plan that does what the review says; `drop` removes the copy alone."""

    def __init__(self, file: PlanFile, store: Path) -> None:
        self.path = file.path.with_suffix(".reviewed")
        with translated(self.path):
            private(self.path)
            shutil.copyfile(file.path, self.path)
            self.file = PlanFile(self.path, file.schema, connect_scratch(self.path))
            self.db = self.file.connection
            self.file.see(store)
            self.review = Review.of(self.file)
            self.db.execute("BEGIN")
            self.left = LeavingOut(self.file)
            self._settle()
            self.db.execute("COMMIT")

    def _settle(self) -> None:
        for table in tables_of(self.file.schema):
            self._take_conflicts(table)
            self._reject(table)
        self.left.add_dependents(DEPENDENT)
        self.left.finish(self._edit())
        counts = self.left.counts()
        plan = recounted(
            self.file,
            self.file.plan,
            declined=counts.get(REJECTED, 0) + counts.get(DEPENDENT, 0),
            kept=counts.get(UNDECIDED, 0),
        )
        if self.review.begun:
            said = [{"actor": actor, "at": at, "decisions": count} for actor, at, count in self.review.reviewers()]
            plan = plan.with_detail(reviewed=said)
        self.file.save_head(plan)

    def _take_conflicts(self, table: Table) -> None:
        """Conflicts that a person decided to have nevertheless become changes of the record as it is now."""
        word = verdict(table.id, "c.seq", str(CONFLICT))
        found = self.db.execute(
            f"SELECT c.seq, c.op, c.record, c.seen, c.why, c.touched, {word} FROM conflict c WHERE c.tbl = ?",
            (table.id,),
        ).fetchall()
        for seq, op, record, seen, why, touched, said in found:
            if why != DECIDABLE or said not in (Verdict.APPROVE, Verdict.EDIT):
                self.left.add(table, [(seq, op, record)], REJECTED if said == Verdict.REJECT else UNDECIDED)
                continue
            self.db.execute(f"INSERT INTO change_{table.id} VALUES (?, ?, ?, ?)", (seq, op, record, seen))
            if op == Op.UPDATE:
                take_contested(self.file, table, seq, record, json.loads(touched), f"rows_{table.id}")

    def _reject(self, table: Table) -> None:
        rejected = f"= '{Verdict.REJECT}'"
        if not any(any_row(self.db, f"SELECT 1 FROM temp.{said} WHERE word {rejected}") for said in ("said", "rest")):
            return
        self.left.add(
            table,
            self.db.execute(
                f"SELECT c.seq, c.op, c.record FROM change_{table.id} c "
                f"WHERE {verdict(table.id, 'c.seq', 'c.op')} {rejected}"
            ).fetchall(),
            REJECTED,
        )
        for run in self.file.runs(table):
            self.left.add(
                table,
                self.db.execute(
                    f"SELECT r._seq, {Op.INSERT:d}, r._seq + ? FROM {run.part} r WHERE r._seq BETWEEN ? AND ? "
                    f"AND {verdict(table.id, 'r._seq', str(int(Op.INSERT)))} {rejected}",
                    (run.record - run.lo, run.lo, run.hi),
                ).fetchall(),
                REJECTED,
            )

    def _edit(self) -> list[tuple[int, int]]:
        """Put what was edited into the rows; returns which (table's id, seq)."""
        edited = self.db.execute(
            "SELECT tbl, seq, said FROM temp.said WHERE said IS NOT NULL AND word <> ?", (Verdict.REJECT,)
        ).fetchall()
        tables = {table.id: table for table in tables_of(self.file.schema)}
        for tbl, seq, said in edited:
            put_edited(self.file, tables[tbl], seq, said)
        return [(tbl, seq) for tbl, seq, _ in edited]

    def left_out(self) -> Iterator[LeftOut]:
        """What is not made, by table and seq."""
        tables = {table.id: table for table in tables_of(self.file.schema)}
        for tbl, seq, op, record, why in self.left.rows():
            yield LeftOut(tables[tbl], seq, op, record, why)

    def drop(self) -> None:
        """Close and remove the copy; the plan stays."""
        self.review.close()
        self.file.close()
        self.path.unlink(missing_ok=True)


def left_out_row(file: PlanFile, one: LeftOut) -> tuple[Any, ...] | None:
    """The after-image of a change that was left out: (line, state, *stored values); None where it removes a record."""
    columns = ", ".join(["_line", "_state", *(quote(f.name) for f in one.table.fields)])
    for rows in (f"rows_{one.table.id}", f"contested_{one.table.id}"):
        found: tuple[Any, ...] | None = file.connection.execute(
            f"SELECT {columns} FROM {rows} WHERE _seq = ?", (one.seq,)
        ).fetchone()
        if found:
            return found
    return None


def put_edited(file: PlanFile, table: Table, seq: int, said: str) -> None:
    """Put the values of an edit into the row of a change."""
    values = json.loads(said)["values"]
    if values:
        sets = ", ".join(f"{quote(name)} = ?" for name in values)
        file.connection.execute(
            f"UPDATE rows_{table.id} SET {sets}, _seal = NULL WHERE _seq = ?", (*values.values(), seq)
        )
    (original,) = file.connection.execute(f"SELECT _original FROM rows_{table.id} WHERE _seq = ?", (seq,)).fetchone()
    kept = {name: text for name, text in json.loads(original or "{}").items() if name not in values}
    kept |= json.loads(said)["originals"]
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if kept else None
    file.connection.execute(f"UPDATE rows_{table.id} SET _original = ? WHERE _seq = ?", (text, seq))


def take_contested(file: PlanFile, table: Table, seq: int, record: int, touched: list[str], into: str) -> None:
    """Make the after-image of a change in conflict anew: the record as it is now, with what the change sets."""
    names = ["_state", *(f.name for f in table.fields)]
    values = ", ".join(f"{'r' if name in touched else 'l'}.{quote(name)}" for name in names)
    file.connection.execute(
        f"INSERT OR REPLACE INTO {into} (_seq, _line, _original, {', '.join(map(quote, names))}) "
        f"SELECT r._seq, r._line, r._original, {values} FROM contested_{table.id} r "
        f"JOIN store.{quote(table.name)} l ON l._id = ? WHERE r._seq = ?",
        (record, seq),
    )
