"""Lists of a plan's changes: what a review left out, to be mended and imported again; and all of them with a column for
verdicts, to be filled in elsewhere and read back.

The list that is read back names a change in `_row`; `_verdict` says approve or reject, or nothing; a cell of a field
that holds another text than was written edits the change, as `edit` does. All of it is taken, or nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from custrec.errors import RecordInvalid, RowUnknown, UsageError
from custrec.files.cell_limit import cells_up_to
from custrec.files.forms import FOR_SPREADSHEETS
from custrec.files.rejects import RejectsWriter
from custrec.jobs.previews import both_sides
from custrec.jobs.reviewing import Reviewing
from custrec.model.problem import Fault, Problem
from custrec.model.review import Verdict
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.planned_rows import PlannedRow
from custrec.store.reviewed import DEPENDENT, REJECTED, UNDECIDED, LeftOut, ReviewedPlan, left_out_row
from custrec.store.reviews import CONFLICT, Review
from custrec.store.sampling import beside_live
from custrec.values.guard import told_apart

OWN = ("_row", "_verdict", "_change", "_record", "_line", "_changes")
"""The columns before those of the fields."""
WORDS = {"approve": Verdict.APPROVE, "reject": Verdict.REJECT, "批准": Verdict.APPROVE, "拒绝": Verdict.REJECT}


def write_left_out(store: Store, file: PlanFile, reviewed: ReviewedPlan, path: Path) -> bool:
    """Write what a review left out of a plan as an import's rejects are written; whether there is any."""
    tables = {one.table.name: one.table for one in reviewed.left_out()}
    if not tables:
        return False
    names = list(dict.fromkeys(f.name for table in tables.values() for f in table.fields))
    several = ["_table"] if len(tables) > 1 else []
    review = reviewed.review
    with RejectsWriter(path, [*several, *names], FOR_SPREADSHEETS) as writer:
        for one in reviewed.left_out():
            line, cells = _left_out_cells(store, file, one)
            fault = _fault(one, review)
            row = [cells.get(name, "") for name in names]
            writer.write(line or 0, [one.table.name] * len(several) + row, [Problem(line or 0, None, fault)])
    return True


def write_rows(reviewing: Reviewing, stream: TextIO) -> int:
    """Write all changes of a plan as CSV, for their verdicts to be filled in; returns how many."""
    tables = [table for table in reviewing.file.schema.tables if table.name in reviewing.plan.tables]
    names = list(dict.fromkeys(f.name for table in tables for f in table.fields))
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*OWN, *names])
    count = 0
    for row in reviewing.rows.all():
        shown = reviewing.shown(row)
        word = shown.saying.word.value if shown.saying and shown.saying.word is not Verdict.EDIT else ""
        values = _cells(reviewing, row)
        changes = ";".join(name for name, *_ in shown.cells)
        own = [_name(row), word, shown.what, row.record, row.line or "", changes]
        writer.writerow([*own, *(values.get(name, "") for name in names)])
        count += 1
    return count


def take_rows(reviewing: Reviewing, stream: TextIO) -> int:
    """Take the verdicts and edits of such a list in; returns how many changes it decided.

    Raises UsageError for what is no such list, RowUnknown, OwnPlan, and RecordInvalid naming every line at fault.
    """
    with cells_up_to():
        reader = csv.DictReader(stream)
        rows = [(reader.line_num, said) for said in reader]
    if not reader.fieldnames or not {"_row", "_verdict"} <= {*reader.fieldnames}:
        raise UsageError(what="this is no list of changes", hint="one is written by: custrec plan review PLAN --export")
    decisions, wrong = [], []
    for line, said in rows:
        row = _row_named(reviewing, said["_row"] or "")
        word = (said["_verdict"] or "").strip().casefold()
        if word and word not in WORDS:
            wrong.append(f"line {line}: _verdict: approve, reject or nothing is wanted")
            continue
        try:
            texts = _edited(reviewing, row, said)
            edition = reviewing.edition(row, texts) if texts else None
        except RecordInvalid as error:
            wrong += [f"line {line}: {detail}" for detail in error.details]
            continue
        decisions += [edition] if edition else []
        if word and not (edition and WORDS[word] is Verdict.APPROVE):
            decisions.append(reviewing.decision(row, WORDS[word]))
    if wrong:
        raise RecordInvalid(count=len(wrong), what="the list", table="the plan", details=tuple(wrong))
    reviewing.decide(decisions)
    return len(decisions)


def _edited(reviewing: Reviewing, row: PlannedRow, said: dict[str, Any]) -> dict[str, str]:
    """The texts of fields that are not as they were written."""
    were = _cells(reviewing, row)
    return {name: said[name] for name, text in were.items() if isinstance(said.get(name), str) and said[name] != text}


def _cells(reviewing: Reviewing, row: PlannedRow) -> dict[str, str]:
    """What a change would make of a record, by field; of a removal, what it removes."""
    change = beside_live(reviewing.store, row.table, row.op, row.record, reviewing.values(row))
    return _texts(row.table, both_sides(reviewing.store, row.table, change))


def _left_out_cells(store: Store, file: PlanFile, one: LeftOut) -> tuple[int | None, dict[str, str]]:
    found = left_out_row(file, one)
    change = beside_live(store, one.table, one.op, one.record or 0, found[1:] if found else None)
    return found[0] if found else None, _texts(one.table, both_sides(store, one.table, change))


def _texts(table: Table, sides: Sequence[tuple[Any, ...] | None]) -> dict[str, str]:
    before, after = sides
    values = (after or before or ())[1:]
    return {
        f.name: "" if value is None else told_apart(value) if isinstance(value, str) else str(value)
        for f, value in zip(table.fields, values, strict=False)
    }


def _fault(one: LeftOut, review: Review) -> Fault:
    if one.why == REJECTED:
        saying = review.saying(one.table.id, one.seq, one.op) or review.saying(one.table.id, one.seq, CONFLICT)
        return Fault("declined", {"by": saying.by.actor if saying else "the reviewer"})
    return Fault({DEPENDENT: "declined-with-it", UNDECIDED: "moved-on"}[one.why])


def _name(row: PlannedRow) -> str:
    return f"{row.table.name}:{row.place.seq}"


def _row_named(reviewing: Reviewing, name: str) -> PlannedRow:
    table, _, seq = name.rpartition(":")
    found: Iterator[Any] = iter(())
    if table in reviewing.file.schema.by_name and seq.isdigit():
        found = iter(reviewing.rows.find(reviewing.file.schema.by_name[table], "c.seq = ?", (int(seq),)))
    place = next(found, None)
    if place is None:
        raise RowUnknown(plan=reviewing.plan.id, name=name or "nothing")
    return reviewing.rows.at(place)
