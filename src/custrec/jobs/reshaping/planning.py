"""A changed schema.yaml becomes a plan: what goes, what is renamed, what is read anew, and what does not fit.

    schema.yaml → pairs and ids (model.schema_change) → values read anew (meaning) → rows (store.reshape_rows)

Nothing is ever dropped in silence. A value that does not fit its field any more is counted, can be listed, and stops
the plan, unless the person says that such values become blank; those are journalled like any other change. Where a
value is newly required, records that have none stop it too, unless the person says they may stay so. What must tell
records apart, and does not, stops it always: which record keeps the value only people can say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from custrec.errors import SchemaMisfits
from custrec.jobs.change_samples import ChangeSample, ChangeSamples
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.judging_again import BATCH, text_of
from custrec.jobs.progress import Progress
from custrec.jobs.reshaping.meaning import Reader, judged_anew, meaning_kept, reader
from custrec.model.digest import canonical_json
from custrec.model.plan import Counts
from custrec.model.problem import Fault
from custrec.model.schema import Field, Schema, Table
from custrec.model.schema_change import Difference, SchemaChange, TablePair, differences, numbered
from custrec.model.schema_json import schema_digest
from custrec.store.database import Store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.reshape_rows import (
    TableReshaping,
    begin_empty,
    drop_records,
    ids_given,
    judged_rows,
    misfit_counts,
    misfits,
    prepare,
)
from custrec.store.rewriting import rewriting
from custrec.values.registry import versions

VERB = "schema"
UNIQUE = ("not-unique",)
LOOKED_AT = 200
"""So many changes of a field are looked at in each batch of records."""
MOST_TOLD = 12
"""So many misfits an error names."""


@dataclass(frozen=True)
class SchemaRequest:
    """The schema that is to be, and the SHA-256 (hex) of its file. `leave_blank`: what does not fit becomes blank, and
    records that lack a required value stay so. `only_look`: the plan is made whatever does not fit."""

    schema: Schema
    digest: str = ""
    leave_blank: bool = False
    only_look: bool = False


@dataclass(frozen=True)
class Effect:
    """A difference and what it means for the records: how many are touched, how many values do not fit, how many are
    lost from the live table (they stay in the history)."""

    difference: Difference
    records: int = 0
    misfits: int = 0
    lost: int = 0

    def said(self) -> dict[str, Any]:
        """As JSON says it."""
        return {**asdict(self.difference), "records": self.records, "misfits": self.misfits, "lost": self.lost}


@dataclass
class _Found:
    """What was found: by (table id, field id) the records touched, values lost, and values that do not fit by rule."""

    touched: dict[tuple[int, int], int] = field(default_factory=dict)
    lost: dict[tuple[int, int], int] = field(default_factory=dict)
    updates: int = 0
    deletes: int = 0
    read: int = 0


def change_to(store: Store, schema: Schema) -> SchemaChange:
    """What would change from the applied schema to another, which gets the ids that the store gives."""
    return numbered(store.schema, schema, ids_given(store), meaning_kept(store.schema, _with_table_ids(store, schema)))


def _with_table_ids(store: Store, schema: Schema) -> Schema:
    """The new schema with the ids of its tables alone: which tables are the same decides what a reference means."""
    return numbered(store.schema, schema, ids_given(store), lambda *_: True).after


def plan_schema(
    store: Store,
    request: SchemaRequest,
    by: Draft,
    progress: Progress | None = None,
    samples: ChangeSamples | None = None,
) -> PlanFile:
    """Plan to give the store another schema. `samples` is told of some of the values that change.

    Raises SchemaMisfits where values do not fit (not for who only looks), StoreUnwell, DiskFull.
    """
    base, seen, told = by.base(store), samples or ChangeSamples(), progress or Progress()
    change = change_to(store, request.schema)
    with drafted(store, by, becomes=change.after) as file:
        prepare(file)
        with rewriting(file, store.path), snapshot(store.reader):
            found = _Planning(store, change, by, file, request.leave_blank, seen, told).run()
        counts = misfit_counts(file)
        left = {
            place: rules for place, rules in counts.items() if not request.leave_blank or _stays(file, place, rules)
        }
        if left and not request.only_look:
            raise _refused(file, left, request.leave_blank)
        effects = list(_effects(change, found, counts, request.leave_blank))
        file.put_aside({"sample": [asdict(one) for one in seen.chosen()]})
        tables = [t.name for t in file.schema.tables if file.touches(t)]
        tables += [t.name for t in change.before.tables if t.id not in change.after.by_id]
        head = by.head(
            store,
            VERB,
            base,
            Counts(read=found.read, update=found.updates, delete=found.deletes),
            tables,
            exempt=True,
            detail={
                "schema": versions_said(store, change.after, request.digest),
                "changes": [one.said() for one in effects],
                "lost": sum(one.lost for one in effects),
                "judged": [],  # of no table all values
                "kinds": versions(f for table in change.after.tables for f in table.fields),
            },
        )
        file.save_head(head)
    return file


def versions_said(store: Store, after: Schema, digest: str) -> dict[str, Any]:
    """What a plan says of the schemas: their numbers, the digest of the new one, those of the files they were in."""
    version = store.schema_version
    return {
        "from": version,
        "to": version + 1,
        "sha256": schema_digest(after),
        "file": [store.schema_digest, digest],
    }


def _stays(file: PlanFile, place: tuple[str, str], rules: Mapping[str, int]) -> bool:
    """Whether what does not fit in a field stops the plan even where it may become blank."""
    return place[1] in file.schema.by_name[place[0]].primary_key or bool(set(rules) & set(UNIQUE))


def _refused(file: PlanFile, left: Mapping[tuple[str, str], Mapping[str, int]], blank: bool) -> SchemaMisfits:
    total = sum(sum(rules.values()) for rules in left.values())
    lines = []
    for (table, name), rules in left.items():
        for rule, count in rules.items():
            one = next(m for m in misfits(file) if (m.table, m.field, m.fault.rule) == (table, name, rule))
            lines.append(f"{table}.{name}: {count:,} × {one.fault.message} (first: #{one.record})")
    apart = any(_stays(file, place, rules) for place, rules in left.items())
    hint = (
        "mend them first: take the change of schema.yaml back meanwhile; custrec schema diff --misfits lists them all"
    )
    if not blank and not apart:
        hint = f"{hint}; or leave them blank with --leave-blank (the values stay in the history)"
    return SchemaMisfits(count=total, details=tuple(lines[:MOST_TOLD]), hint=hint)


class _Planning:
    """The plan's rows, table by table, parents first."""

    def __init__(
        self,
        store: Store,
        change: SchemaChange,
        by: Draft,
        file: PlanFile,
        leave_blank: bool,
        samples: ChangeSamples,
        progress: Progress,
    ) -> None:
        self.store = store
        self.change = change
        self.by = by
        self.file = file
        self.leave_blank = leave_blank
        self.samples = samples
        self.progress = progress
        self.found = _Found()

    def run(self) -> _Found:
        """Fill the plan."""
        for pair in self.change.tables:
            if pair.after is None and pair.before is not None:
                count = drop_records(self.file, pair.before)
                self.found.deletes += count
                self.found.lost[pair.before.id, 0] = self.found.touched[pair.before.id, 0] = count
        for pair in _parents_first(self.change):
            if pair.before and pair.after:
                self._plan_table(pair, pair.before, pair.after)
            elif pair.after:
                begin_empty(self.file, pair.after)
        return self.found

    def _plan_table(self, pair: TablePair, was: Table, will: Table) -> None:
        read = reader(pair, (self.change.before, self.change.after), judged_anew(pair), self.by.day)
        rows = TableReshaping(self.file, was, will, read.pairs)
        if read.pairs:
            self._read(rows, was, will, read)
        self.progress.phase("comparing")
        self.found.updates += rows.fill()
        self._settle(pair, was, will, rows)
        for number, count in rows.changed().items():
            self.found.touched[will.id, number] = count
        for one in pair.fields:
            if one.after is None and one.before is not None:
                held = rows.held(one.before)
                self.found.touched[will.id, one.before.id] = self.found.lost[will.id, one.before.id] = held

    def _settle(self, pair: TablePair, was: Table, will: Table, rows: TableReshaping) -> None:
        """What all records together must be: required values, a key, unique values."""
        before = {one.after.id: one.before for one in pair.fields if one.after}
        key_ids = [(b.id if (b := before[will.by_name[name].id]) else 0) for name in will.primary_key]
        new_key = key_ids != [was.by_name[name].id for name in was.primary_key]
        anew = {new.name for _, new in rows.judged}
        if will.primary_key and (new_key or anew & set(will.primary_key)):
            rows.settle_key(will.primary_key)
            rows.settle_unique(will.primary_key)
        required = [
            f
            for f in will.fields
            if f.required and f.name not in will.primary_key and not ((b := before[f.id]) and b.required)
        ]
        rows.settle_required(required)
        for one in will.fields:
            had = before[one.id]
            if one.unique and (one.name,) != will.primary_key and (one.name in anew or not (had and had.unique)):
                rows.settle_unique([one.name])

    def _read(self, rows: TableReshaping, was: Table, will: Table, read: Reader) -> None:
        """Read the values of some fields anew."""
        asked = [old for old, _ in read.pairs]
        for batch in judged_rows(self.store, was, read.before, asked, BATCH):
            self.progress.rows += len(batch)
            self.found.read += len(batch)
            self.progress.phase("judging")
            ids, *columns = map(list, zip(*batch, strict=True))
            texts, again = read.read(columns)
            changed: set[int] = set()
            values: list[list[Any]] = []
            for place, (old, new) in enumerate(read.pairs):
                after = list(again.values[new.name])
                faults: Mapping[int, Fault] = again.faults.get(new.name, {})
                rows.refuse(new, {ids[row]: fault for row, fault in faults.items()})
                self._count_lost(will, new, faults)
                moved = list(_moved(old, new, columns[place], after))
                changed.update(moved)
                values.append(after)
                self.samples.add(
                    ChangeSample(
                        will.name, ids[row], new.name, texts[place][row] or None, _shown(read, new, again, row)
                    )
                    for row in moved[:LOOKED_AT]
                    if row in faults or texts[place][row] != _shown(read, new, again, row)
                )
            rows.add(
                (ids[row], _original(read, again, row), *(column[row] for column in values)) for row in sorted(changed)
            )

    def _count_lost(self, will: Table, new: Field, faults: Mapping[int, Fault]) -> None:
        if faults:
            place = (will.id, new.id)
            self.found.lost[place] = self.found.lost.get(place, 0) + len(faults)


def _parents_first(change: SchemaChange) -> Iterator[TablePair]:
    """The tables that are to be, those first that others refer to."""
    by_name = {pair.after.name: pair for pair in change.tables if pair.after}
    done: set[str] = set()

    def walk(name: str) -> Iterator[TablePair]:
        if name not in done:
            done.add(name)
            table = by_name[name].after
            for key in table.foreign_keys if table else ():
                yield from walk(key.table)
            yield by_name[name]

    for name in by_name:
        yield from walk(name)


def _moved(old: Field, new: Field, before: list[Any], after: list[Any]) -> Iterator[int]:
    """The rows whose value is stored otherwise now: another value, in another column, or as another type."""
    if old.id != new.id or old.column_type != new.column_type:
        yield from (row for row, value in enumerate(before) if value is not None)
    elif before != after:
        yield from (row for row, (one, other) in enumerate(zip(before, after, strict=True)) if one != other)


def _shown(read: Reader, new: Field, again: Any, row: int) -> str | None:
    value = again.values[new.name][row]
    if value is None:
        return None
    kind = read.reads.kinds[read.reads.places[new.name]]
    beside = again.values[kind.beside][row] if kind.beside in again.values else None
    return text_of(kind.show, value, beside) or None


def _original(read: Reader, again: Any, row: int) -> str | None:
    """The texts that the new values do not tell all of, as the journal keeps them."""
    lossy = {
        new.name: again.lossy[new.name][row]
        for _, new in read.pairs
        if row in again.lossy.get(new.name, {}) and row not in again.faults.get(new.name, {})
    }
    return canonical_json(lossy) if lossy else None


def _effects(
    change: SchemaChange, found: _Found, counts: Mapping[tuple[str, str], Mapping[str, int]], blank: bool
) -> Iterator[Effect]:
    """Each difference with what it means for the records; of several of one field the first that touches them."""
    told: set[tuple[int, int]] = set()
    said: set[tuple[str, str]] = set()
    before, after = change.before.by_name, change.after.by_name
    for one in differences(change):
        gone = one.what in ("dropped-table", "dropped-field")
        table = before.get(one.table) if one.what == "dropped-table" else after.get(one.table)
        if table is None:
            yield Effect(one)
            continue
        holder = change.before.by_id[table.id] if gone else table
        place = (table.id, holder.by_name[one.field].id if one.field else 0)
        touches = gone or one.what in TOUCHING
        misfits_ = 0
        names = table.primary_key if one.what == "key" else [one.field] if one.what in JUDGING else []
        for name in names:
            if (one.table, name) not in said:
                said.add((one.table, name))
                misfits_ += sum(counts.get((one.table, name), {}).values())
        if not touches or place in told:
            yield Effect(one, misfits=misfits_)
            continue
        told.add(place)
        lost = found.lost.get(place, 0) if gone or blank else 0
        yield Effect(one, found.touched.get(place, 0), misfits_, lost)


TOUCHING = ("kind", "narrower", "unique", "key")
"""Differences by which stored values may change."""
JUDGING = ("kind", "narrower", "required", "unique", "new-field")
"""Differences that values may not fit."""
