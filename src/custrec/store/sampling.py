"""A few rows of a plan beside the live records they would change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.model.plan import Op, State
from custrec.model.schema import Table
from custrec.store import records
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote


@dataclass(frozen=True)
class SampledChange:
    """One change: values by field in schema order (references as readable keys), None on the side that is not there."""

    op: Op
    record: int
    before: tuple[Any, ...] | None
    after: tuple[Any, ...] | None
    states: tuple[State, State] | None = None
    """Before and after, of an update that changes it."""


def first_changes(store: Store, file: PlanFile, table: Table, most: int) -> Iterator[SampledChange]:
    """The first changes of one table."""
    names = [f.name for f in table.fields]
    columns = ", ".join(f"r.{quote(name)}" for name in names)
    changes = file.connection.execute(
        f"SELECT c.op, c.record, r._seq, r._state, {columns} FROM change_{table.id} c LEFT JOIN rows_{table.id} r "
        "ON r._seq = c.seq ORDER BY c.seq LIMIT ?",
        (most,),
    ).fetchall()
    for run in file.runs(table) if len(changes) < most else ():
        changes += file.connection.execute(
            f"SELECT {Op.INSERT:d}, _seq + ?, _seq, _state, {columns} FROM {run.part} r "
            "WHERE _seq BETWEEN ? AND ? LIMIT ?",
            (run.record - run.lo, run.lo, run.hi, most - len(changes)),
        ).fetchall()
    for op, record, seq, state, *values in changes:
        yield beside_live(store, table, Op(op), record, (state, *values) if seq is not None else None)


def beside_live(store: Store, table: Table, op: Op, record: int, row: Sequence[Any] | None) -> SampledChange:
    """A change beside the record that it would change; `row` is its state and stored values, None of a removal."""
    names = [f.name for f in table.fields]
    live = records.by_id(store, table, record, ["_state", *names]) if op != Op.INSERT else None
    after = readable_values(store, table, row[1:]) if row is not None else None
    states = (State(live[1]), State(row[0])) if live and row is not None and live[1] != row[0] else None
    return SampledChange(op, record, tuple(live[2:]) if live else None, after, states)


def readable_values(store: Store, table: Table, values: Sequence[Any]) -> tuple[Any, ...]:
    """Stored values in schema order, references as the parent's key."""
    out = list(values)
    for place, field in enumerate(table.fields):
        reference = table.references.get(field.name)
        if reference and values[place] is not None:
            parent = records.by_id(store, store.schema.by_name[reference.table], values[place], [reference.target])
            out[place] = parent[1] if parent else None
    return tuple(out)
