"""Add: new records as people write them, a plan of inserts.

A record is judged as a row of an imported file is that has all columns. There is no rejects file and no half: whatever
is wrong with any of the records is told at once, and nothing is added. A key that is there already is an error that
names the record; to change it is what edit is for.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from custrec.errors import ObjectsUnreadable, RecordInvalid, UsageError
from custrec.files.json_objects import as_texts, keys_of, read_objects
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.edits.changing import held_by
from custrec.jobs.edits.written_values import (
    Faults,
    Meant,
    Wording,
    checks_naming,
    field_called,
    in_words,
    recalled_with,
    taken,
    unique_sets,
)
from custrec.jobs.returning import recognising, said_of
from custrec.model.plan import Counts, State
from custrec.model.problem import Fault
from custrec.model.schema import Table
from custrec.store import inserting, records
from custrec.store.database import Store, snapshot
from custrec.store.keyed import Place, by_number
from custrec.store.newcomers import planned
from custrec.store.plan_file import PlanFile
from custrec.store.rewriting import rewriting
from custrec.store.sequences import next_ids
from custrec.store.sqlite_errors import translated
from custrec.values.protocol import Description
from custrec.values.registry import versions

Row = Mapping[str, str]
"""Texts by field; what is not there is blank."""
ASIDE = {State.ARCHIVED: "archived", State.TRASHED: "in-trash", State.RESTRICTED: "restricted"}
"""Why a key is taken by a record that was put aside."""
MOST_TOLD = 50
"""So many faults are told one by one."""


@dataclass(frozen=True)
class AddRequest:
    """New records of one table."""

    table: Table
    rows: Sequence[Row]


@dataclass
class _Judged:
    """What is wrong, by row; and how many rows break a check that refuses nothing, by what it says."""

    faults: Faults
    warnings: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


def plan_add(store: Store, request: AddRequest, by: Draft, verb: str = "add") -> PlanFile:
    """Plan to add records. Raises RecordInvalid with every fault, DiskFull."""
    base, planned_ids = by.base(store), next_ids(store)
    table = request.table
    wording = Wording(store, table, [f.name for f in table.fields], by.day)
    with translated(store.path), snapshot(store.reader):
        meant = wording.read({name: [row.get(name, "") for row in request.rows] for name in wording.names}, {})
        judged = _judge(store, table, meant, len(request.rows), by)
    if judged.faults:
        raise _invalid(table, judged.faults, len(request.rows))
    with drafted(store, by) as file:
        columns = [meant.stored(f.name) for f in table.fields]
        rows = zip(_originals(meant, len(request.rows)), *columns, strict=True)
        inserting.insert(file, table, planned_ids[str(table.id)], rows)
        returned = _returned(store, table, file)
        with rewriting(file, store.path):
            recalled = recalled_with(file, table)
        detail = {
            "recalled": recalled,
            "next_ids": planned_ids,
            "kinds": versions(f for f in table.fields),
            "warnings": dict(judged.warnings),
            "notes": dict(judged.notes),
            **returned,
        }
        back = sum(recalled.values())
        counts = Counts(read=len(request.rows), insert=len(request.rows), update=back, recalled=back)
        tables = list(dict.fromkeys([table.name, *recalled]))
        file.save_head(by.head(store, verb, base, counts, tables, detail=detail))
    return file


def _returned(store: Store, table: Table, file: PlanFile) -> dict[str, object]:
    """What is to be said of new records that belong to somebody who was erased. Raises RecordInvalid by policy."""
    asked = recognising(store, table)
    if asked is None:
        return {}
    found = asked(planned(file, table))
    if found and asked.refuses:
        details = tuple(in_words(None, fault) for _, fault in found[:MOST_TOLD])
        raise RecordInvalid(count=len(found), what=_what(table, len(found)), table=table.name, details=details)
    return said_of(asked)


def rows_of_json(store: Store, table: Table, data: bytes, by: Draft) -> list[Row]:
    """The rows of a JSON text. Raises ObjectsUnreadable, FieldUnknown, RecordInvalid for cells that are no texts."""
    objects = read_objects(data)
    keys = keys_of(objects)
    if not keys:
        raise ObjectsUnreadable(why="no value is among them")
    names = [field_called(table, key) for key in keys]
    if len({*names}) < len(names):
        raise UsageError(what=f"{next(n for n in names if names.count(n) > 1)} is given twice")
    kinds = Wording(store, table, names, by.day).judge.types
    parsed = as_texts(objects, keys, {place: kinds[name].written for place, name in enumerate(names)})
    if parsed.bad:
        details = tuple(f"record {row.line}: {in_words(None, row.fault)}" for row in parsed.bad[:MOST_TOLD])
        raise RecordInvalid(count=len(parsed.bad), what=_what(table, len(objects)), table=table.name, details=details)
    if parsed.blank:
        raise ObjectsUnreadable(why="there is an object without any value")
    return [dict(zip(names, row, strict=True)) for row in parsed.rows]


@dataclass(frozen=True)
class Question:
    """A field to be asked for: its name and title, whether it is required, what it takes and an example."""

    name: str
    title: str
    required: bool
    takes: Description


class Asking:
    """Asks for a record field by field, the required ones first, and judges each answer at once."""

    def __init__(self, store: Store, table: Table, by: Draft) -> None:
        self.store, self.table, self.by = store, table, by
        self.given: dict[str, str] = {}

    def questions(self) -> Iterator[Question]:
        """What to ask, in order."""
        wording = Wording(self.store, self.table, [f.name for f in self.table.fields], self.by.day)
        for name in sorted(wording.names, key=lambda name: name not in wording.required):
            field_ = self.table.by_name[name]
            takes = wording.judge.types[name].describe()
            yield Question(name, field_.title or name, name in wording.required, takes)

    def answer(self, name: str, text: str) -> str | None:
        """Take an answer; or say what is wrong with it, and it was not taken."""
        wording = Wording(self.store, self.table, [name], self.by.day)
        meant = wording.read({name: [text]}, {near: [self.given.get(near) or None] for near in wording.beside})
        faults = meant.faults
        _hold_to_keys(self.store, self.table, meant, [name], 1, faults)
        if wrong := faults.get(0):
            return wrong[0][1].message
        self.given[name] = text
        return None


def _judge(store: Store, table: Table, meant: Meant, count: int, by: Draft) -> _Judged:
    faults = meant.faults
    _hold_to_keys(store, table, meant, [f.name for f in table.fields], count, faults)
    judged = _Judged(faults)
    for check in checks_naming(store, table, [f.name for f in table.fields], by.day):
        for row in check.broken(meant.values, count):
            if any(name in check.fields for name, _ in faults.get(row, ())):
                continue  # a field at fault has no value to be compared
            if check.refuses:
                faults.setdefault(row, []).append((check.field, check.fault))
            else:
                (judged.notes if check.check.level == "info" else judged.warnings)[check.check.words] += 1
    return judged


def _hold_to_keys(store: Store, table: Table, meant: Meant, among: Sequence[str], count: int, faults: Faults) -> None:
    """Keys and unique values that a record there has, or another one of these."""
    for names in unique_sets(table):
        if not {*names} <= {*among}:
            continue
        whole = names == table.primary_key
        columns = [meant.stored(name) for name in names]
        seen: dict[tuple[object, ...], int] = {}
        there = _there(store, table, names, meant, count)
        for row in range(count):
            values = tuple(column[row] for column in columns)
            if None in values:
                continue
            if row in there:
                rule = ASIDE.get(there[row].state, "record-exists") if whole else "not-unique"
                faults.setdefault(row, []).append((";".join(names), held_by(rule, table, there[row])))
            elif values in seen:
                fault = Fault("same-record", {"other": seen[values]})
                faults.setdefault(row, []).append((";".join(names), fault))
            seen.setdefault(values, row + 1)


def _there(store: Store, table: Table, names: tuple[str, ...], meant: Meant, count: int) -> dict[int, Place]:
    """By row, the record that has these values."""
    if len(names) == 1:
        return taken(store, table, names[0], meant.stored(names[0]))
    found: dict[int, Place] = {}
    for row in range(count):
        key = [meant.stored(name)[row] for name in names]
        if None not in key and (ids := records.ids_by_key(store, table, key)):
            found[row] = by_number(store, table, ids)[ids[0]]
    return found


def _invalid(table: Table, faults: Faults, count: int) -> RecordInvalid:
    lines = [
        f"{f'record {row + 1}: ' if count > 1 else ''}{in_words(*one)}" for row in sorted(faults) for one in faults[row]
    ]
    there = next((f.params["of"] for wrong in faults.values() for _, f in wrong if f.rule == "record-exists"), None)
    more = (f"and {len(lines) - MOST_TOLD:,} more",) if len(lines) > MOST_TOLD else ()
    return RecordInvalid(
        count=len(lines),
        what=_what(table, count),
        table=table.name,
        details=(*lines[:MOST_TOLD], *more),
        hint=f"to change what is there: custrec edit '{str(there).replace(' ', '')}' field=value" if there else None,
    )


def _what(table: Table, count: int) -> str:
    return f"a new record of {table.name}" if count == 1 else f"{count:,} new records of {table.name}"


def _originals(meant: Meant, count: int) -> list[str | None]:
    """By row, the texts that the values do not tell all of, as the journal keeps them."""
    found: list[str | None] = [None] * count
    for row in {row for rows in meant.lossy.values() for row in rows}:
        texts = {name: rows[row] for name, rows in meant.lossy.items() if row in rows}
        found[row] = json.dumps(texts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return found
