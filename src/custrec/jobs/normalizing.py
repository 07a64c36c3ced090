"""Normalize: stored values judged again by today's rules, and a plan of what would be stored otherwise.

    records (store.rewriting) → judged again (jobs.judging_again) → updates → keys settled (store.rewriting) → plan

After an upgrade of the rules this is a plan like any other: it can be looked at, saved, applied and undone. A value
that today's rules refuse stays as it is; so does a whole record whose change would take away a required value, break a
check that it meets now, or make a key or a unique value stand twice. Both are counted by rule. References are not
touched: a key is normalised in its own table. Memory stays the same, however many records there are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from custrec.errors import UsageError
from custrec.jobs.change_samples import LOOKED_AT, ChangeSample, ChangeSamples
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.judging_again import BATCH, Again, StoredJudge, by_row, text_of
from custrec.jobs.progress import Progress
from custrec.jobs.reading import condition, fields_named
from custrec.model.plan import Counts, Plan
from custrec.model.schema import Table
from custrec.store import originals
from custrec.store.database import Store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.records import Condition
from custrec.store.rewriting import TableRewriting, rewriting, stored_rows
from custrec.values.protocol import Stored
from custrec.values.registry import versions

Record = dict[str, Stored]
"""The values of a record by field name."""


@dataclass(frozen=True)
class NormalizeRequest:
    """Which tables; of a single one, which fields (none: all) and which records."""

    tables: Sequence[Table]
    fields: Sequence[str] = ()
    where: str | None = None


@dataclass
class _Found:
    """What was found so far: records read, changed and refused (`both`: in part), rules, changes by field."""

    read: int = 0
    changed: int = 0
    refused: int = 0
    both: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    fields: dict[str, dict[str, int]] = field(default_factory=dict)


def plan_normalize(
    store: Store,
    request: NormalizeRequest,
    by: Draft,
    progress: Progress | None = None,
    samples: ChangeSamples | None = None,
) -> PlanFile:
    """Plan to store values as today's rules would; `samples` is told of some changes that the plan makes.

    Raises FieldUnknown, ExpressionInvalid, UsageError for a field that is a reference, StoreUnwell, DiskFull.
    """
    chosen = {table.name: _fields(table, request.fields) for table in request.tables}
    which = {table.name: condition(store, table, request.where, by.day) for table in request.tables}
    base, found, seen = by.base(store), _Found(), samples or ChangeSamples()
    with drafted(store, by) as file:
        with rewriting(file, store.path), snapshot(store.reader):
            for table in request.tables:
                step = _TableNormalizing(store, table, chosen[table.name], by, TableRewriting(file, table), found, seen)
                step.run(which[table.name], progress or Progress())
        file.save_head(_head(store, request, by, base, found))
    return file


def _fields(table: Table, names: Sequence[str]) -> list[str]:
    """The fields to judge again, by default all that are no references."""
    for name in names and fields_named(table, names):
        if name in table.references:
            parent = table.references[name].table
            raise UsageError(
                what=f"{name} refers to {parent}; its values are the keys there",
                hint=f"custrec normalize --table {parent}",
            )
    return [name for name in fields_named(table, names) if name not in table.references]


def _head(store: Store, request: NormalizeRequest, by: Draft, base: int, found: _Found) -> Plan:
    return by.head(
        store,
        "normalize",
        base,
        Counts(
            read=found.read,
            same=found.read - found.changed - found.refused + found.both,
            update=found.changed,
            rejected=found.refused,
        ),
        [table.name for table in request.tables if table.name in found.fields],
        rules=dict(found.rules),
        detail={
            "judged": [table.name for table in request.tables],
            "fields": found.fields,
            "kinds": versions(f for table in request.tables for f in table.fields),
        },
    )


class _TableNormalizing:
    """One table: its records are judged again a batch at a time, and the changes go into the plan."""

    def __init__(
        self,
        store: Store,
        table: Table,
        fields: list[str],
        by: Draft,
        rows: TableRewriting,
        found: _Found,
        samples: ChangeSamples,
    ) -> None:
        self.store = store
        self.table = table
        self.fields = fields
        self.rows = rows
        self.found = found
        self.samples = samples
        self.judge = StoredJudge(store.schema, table, by.day)
        self.typed = originals.teller(store, table, self.judge.beside)
        self.checks = [check for check in self.judge.rows.checks if check.refuses]

    def run(self, which: Condition, progress: Progress) -> None:
        """Judge the records that meet a condition."""
        for batch in stored_rows(self.store, self.table, which, BATCH):
            progress.rows += len(batch)
            self.found.read += len(batch)
            progress.phase("judging")
            self._normalize(_Batch(batch, self.judge.names, list(self.table.references)))
        progress.phase("comparing")
        if taken := self.rows.settle_unique():
            self.found.rules["not-unique"] += taken
        changed, refused, both = self.rows.counts()
        self.found.changed += changed
        self.found.refused += refused
        self.found.both += both
        if changed:
            self.found.fields[self.table.name] = self.rows.by_field()
        self.samples.keep(self.table.name, self.rows.changed)

    def _normalize(self, batch: _Batch) -> None:
        """Put the changes of some records into the plan."""
        texts = self.judge.texts(batch.columns)
        again = self.judge.read(texts, by_row(batch.ids, self.typed(batch.ids)))
        refused = self._refused(again)
        by_field = {name: _differing(batch.by_name[name], again, name) for name in self.fields}
        changes: dict[int, list[str]] = {}
        for name, rows in by_field.items():
            for row in rows:
                changes.setdefault(row, []).append(name)
        after = {row: _after(batch, again, row, names) for row, names in changes.items()}
        for row, rule in self._broken(batch, after):
            self.found.rules[rule] += 1
            refused.add(row)
            del after[row]
        self.rows.refuse(batch.ids[row] for row in refused)
        self.rows.add(
            ((batch.ids[row], batch.versions[row]) for row in after),
            (
                (batch.ids[row], batch.states[row], _original(again, row, changes[row]), *self._stored(batch, row, one))
                for row, one in after.items()
            ),
        )
        for name, rows in by_field.items():
            made = [row for row in islice(rows, LOOKED_AT) if row in after]
            self.samples.add(self._sample(batch, name, row, texts, after[row]) for row in made)

    def _refused(self, again: Again) -> set[int]:
        """The rows with a value that today's rules refuse, counted by rule."""
        refused: set[int] = set()
        for name in self.fields:
            for row, fault in again.faults.get(name, {}).items():
                self.found.rules[fault.rule] += 1
                refused.add(row)
        return refused

    def _broken(self, batch: _Batch, after: dict[int, Record]) -> list[tuple[int, str]]:
        """Rows whose change would take away a required value or break a check that holds now, with the rule."""
        broken: dict[int, str] = {}
        for name in self.judge.rows.required:
            column = batch.by_name[name]
            broken |= {row: "required" for row, one in after.items() if one[name] is None and column[row] is not None}
        rows = list(after)
        for check in self.checks:
            before = {name: [batch.by_name[name][row] for row in rows] for name in check.fields}
            then = {name: [after[row][name] for row in rows] for name in check.fields}
            already = set(check.broken(before, len(rows)))
            broken |= {rows[n]: check.fault.rule for n in check.broken(then, len(rows)) if n not in already}
        return list(broken.items())

    def _stored(self, batch: _Batch, row: int, after: Record) -> Iterator[Stored]:
        """A record's values in schema order as the store has them: its references as the parents' ids."""
        for name in self.judge.names:
            yield batch.parents[name][row] if name in batch.parents else after[name]

    def _sample(
        self, batch: _Batch, name: str, row: int, texts: Sequence[Sequence[str]], after: Record
    ) -> ChangeSample:
        place = self.judge.places[name]
        kind = self.judge.kinds[place]
        will = text_of(kind.show, after[name], after[kind.beside] if kind.beside else None)
        return ChangeSample(self.table.name, batch.ids[row], name, texts[place][row] or None, will or None)


class _Batch:
    """Some stored rows by column: ids, versions, states, readable values, and parents' ids by reference."""

    def __init__(self, rows: Sequence[tuple[Any, ...]], names: Sequence[str], references: Sequence[str]) -> None:
        self.ids, self.versions, self.states, *columns = map(list, zip(*rows, strict=True))
        self.columns = columns[: len(names)]
        self.by_name = dict(zip(names, self.columns, strict=True))
        self.parents = dict(zip(references, columns[len(names) :], strict=True))


def _differing(before: Sequence[Stored], again: Again, name: str) -> list[int]:
    """The rows whose value would be another now; one that is refused stays."""
    after, faulty = again.values[name], again.faults.get(name, {})
    if before == after:
        return []
    return [row for row, (was, will) in enumerate(zip(before, after, strict=True)) if was != will and row not in faulty]


def _after(batch: _Batch, again: Again, row: int, names: Sequence[str]) -> Record:
    """A record as it would be, its references as the parents' keys."""
    kept = {name: column[row] for name, column in batch.by_name.items()}
    return kept | {name: again.values[name][row] for name in names}


def _original(again: Again, row: int, names: Sequence[str]) -> str | None:
    """The texts that the new values do not tell all of, as the journal keeps them."""
    lossy = {name: again.lossy[name][row] for name in names if row in again.lossy.get(name, {})}
    return json.dumps(lossy, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if lossy else None
