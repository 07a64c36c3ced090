"""One record through time: what it held after each event that touched it, oldest to newest.

An insert keeps no values in the journal (store.layout): they follow by walking back from the live row, or from what its
last delete held, through the diffs. store.verification walks the same way to check the seals; here nothing is checked.
Where values come from is told through undo and redo: an undone change is not the origin of the value that stands now,
and a value that an undo gave back has the origin it had before. Reading only; jobs.past.tracing shows the values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.model.decisions import table_numbered
from custrec.model.plan import Op, State
from custrec.model.schema import Table
from custrec.store.canonical import STATE_ID, readable_diff
from custrec.store.database import Store
from custrec.store.quoting import quote
from custrec.store.shapes import Shapes

Values = Mapping[str, Any]
"""The stored values of a record by field name; a reference is the parent's id."""
MOST = 20
"""Former bearers of a key that are looked for."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one event did to a record, and what the record held right after it.

    `values` (`_state` among them) and `state` are None after a delete, and where a redacted change came later: what
    was there before such a one cannot be told. `sets` names the fields that got another value than they had, None
    where that was redacted. `undoes` is the event that this one undid. `original` holds the texts of which reading them
    lost something, by field.
    """

    event: int
    op: Op
    undoes: int | None
    line: int | None
    sets: frozenset[str] | None
    original: Mapping[str, str]
    state: State | None
    values: Values | None


def history_of(store: Store, table: Table, record: int) -> list[Step]:
    """What became of a record, oldest first; nothing where there never was such a record.

    `table` may be one of a former schema: the fields are the same where their ids are. Read it within
    `database.snapshot` where something else is read beside it.
    """
    keys = {str(STATE_ID): "_state"} | {str(f.id): f.name for f in table.fields}
    changes = store.reader.execute(
        f"SELECT c.event, c.op, e.undoes, c.line, {readable_diff('c')}, c.original FROM _change c "
        "JOIN _event e ON e.id = c.event WHERE c.record = ? AND c.tbl = ? ORDER BY c.n DESC",
        (record, table.id),
    ).fetchall()
    after = _live(store, table, record)
    shapes = Shapes(store.reader)
    steps: list[Step] = []
    for event, op, undoes, line, diff, original in changes:
        before = stepped_back(keys, op, diff, after)
        after = None if op == Op.DELETE else after
        state = State(after["_state"]) if after else None
        texts = shapes.renamed(table, event, json.loads(original)) if original else {}
        steps.append(Step(event, Op(op), undoes, line, _sets(keys, op, diff), texts, state, after))
        after = before
    return steps[::-1]


def _live(store: Store, table: Table, record: int) -> dict[str, Any] | None:
    """What a record holds now, by the fields of a table that may be one of a former schema."""
    live = table_numbered(store.applied, table.id)
    if live is None:
        return None
    now = [live.by_id.get(f.id) for f in table.fields]
    columns = ", ".join(["_state", *(quote(f.name) if f else "NULL" for f in now)])
    row = store.reader.execute(f"SELECT {columns} FROM main.{quote(live.name)} WHERE _id = ?", (record,)).fetchone()
    return dict(zip(("_state", *(f.name for f in table.fields)), row, strict=True)) if row else None


def stepped_back(keys: Mapping[str, str], op: int, diff: str | None, after: Values | None) -> dict[str, Any] | None:
    """What a record held before a change, given what it held after; None where it was not there, or cannot be told.

    `keys` are the names by the ids that stand in diffs.
    """
    if op == Op.INSERT or diff is None:
        return None
    said = json.loads(diff)
    if op == Op.DELETE:
        return {name: said.get(key) for key, name in keys.items()}
    if after is None:
        return None
    return {**after, **{keys[key]: before for key, (before, _) in said.items() if key in keys}}


def _sets(keys: Mapping[str, str], op: int, diff: str | None) -> frozenset[str] | None:
    if op == Op.UPDATE:
        return frozenset(keys[key] for key in json.loads(diff) if key in keys) if diff else None
    return frozenset(keys.values() if op == Op.INSERT else ())


def place_at(steps: Sequence[Step], event: int | None) -> int:
    """Which step a record stood at right after an event (None: now); -1 where it had not been made yet."""
    if event is None:
        return len(steps) - 1
    return sum(step.event <= event for step in steps) - 1


def set_by(steps: Sequence[Step], place: int, field: str) -> int | None:
    """Which step gave a field the value that it has at a place, be it by undo; None where that cannot be told."""
    for n in range(place, -1, -1):
        sets = steps[n].sets
        if sets is None or field in sets:
            return None if sets is None else n
    return None


def origin(steps: Sequence[Step], place: int, field: str) -> int | None:
    """Which step the value that a field has at a place came from, through undo and redo.

    An undo gives back what stood before the change that it undid, so there the search goes on; a redo is the undo of an
    undo. Only where what it gave is not what stood there, the undo itself is the origin.
    """
    while (found := set_by(steps, place, field)) is not None:
        step = steps[found]
        if step.undoes is None:
            return found
        undone = next((n for n in range(found) if steps[n].event == step.undoes), 0)
        before = steps[undone - 1].values if undone else None
        if before is None or step.values is None or before[field] != step.values[field]:
            return found
        place = undone - 1
    return None


def former_bearers(store: Store, table: Table, key: Sequence[Any], since: int = 0) -> list[int]:
    """Records that bore this natural key before a change behind the `since`-th, oldest first: they were deleted, or
    have another key now. `key` holds stored values in the order of the primary key."""
    told, moved, params = [], [], []
    for name, value in zip(table.primary_key, key, strict=True):
        path = f'$."{table.by_name[name].id}"'
        said = f"json_type(diff, '{path}')"
        gone, was = f"json_extract(diff, '{path}') IS ?", f"json_extract(diff, '{path}[0]') IS ?"
        told.append(f"CASE op WHEN {Op.DELETE:d} THEN {gone} ELSE {said} IS NULL OR {was} END")
        moved.append(f"{said} IS NOT NULL")
        params += [value, value]
    found = store.reader.execute(
        f"SELECT DISTINCT record FROM _change WHERE n > ? AND tbl = ? AND op <> {Op.INSERT:d} AND diff IS NOT NULL "
        f"AND {' AND '.join(f'({one})' for one in told)} AND ({' OR '.join(moved)}) ORDER BY record",
        (since, table.id, *params),
    )
    bearers: list[int] = []
    for (record,) in iter(found.fetchone, None):
        if any(bears(step, table, key) for step in history_of(store, table, record)):
            bearers.append(record)
            if len(bearers) == MOST:
                break
    return bearers


def bears(step: Step, table: Table, key: Sequence[Any]) -> bool:
    """Whether a record had this natural key after a step."""
    return step.values is not None and [step.values[name] for name in table.primary_key] == list(key)
