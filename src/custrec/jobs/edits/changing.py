"""Records that people change, one or a hundred thousand: what is written for some fields becomes updates of a plan.

    records (store.rewriting) → new texts of some fields → meant (written_values) → held to the rules → updates

Only fields whose value really becomes another one change. The record as it would be is held to the constraints of
these fields, to what is required, to unique values, and to the checks that name one of them. A record that would break
something stays as it is, and is counted by rule. Memory stays the same, however many records there are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from custrec.jobs.amounts import currency_of
from custrec.jobs.drafting import Draft
from custrec.jobs.edits.written_values import (
    Faults,
    Meant,
    SomeTexts,
    Texts,
    Wording,
    checks_naming,
    taken,
    unique_sets,
)
from custrec.jobs.judging import FieldFault
from custrec.jobs.judging_again import BATCH, text_of
from custrec.jobs.progress import Progress
from custrec.jobs.reading import value_type
from custrec.model.plan import Counts
from custrec.model.problem import Fault
from custrec.model.schema import Field, Table
from custrec.store.database import Store
from custrec.store.keyed import Place
from custrec.store.plan_file import PlanFile
from custrec.store.records import Condition
from custrec.store.rewriting import TableRewriting, stored_rows
from custrec.values.protocol import Stored

TOLD = 20
"""So many faults are told one by one."""

Writing: TypeAlias = Callable[["StoredBatch"], Texts]
"""What is to stand in the written fields of some records."""


class StoredBatch:
    """Some stored rows by column: ids, versions, states, readable values, and parents' ids by reference."""

    def __init__(self, store: Store, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        self.ids, self.versions, self.states, *columns = map(list, zip(*rows, strict=True))
        names = [f.name for f in table.fields]
        self.by_name: dict[str, list[Stored]] = dict(zip(names, columns[: len(names)], strict=True))
        self.parents: dict[str, list[Stored]] = dict(zip(table.references, columns[len(names) :], strict=True))
        self._store, self._table = store, table

    def texts(self, name: str) -> list[str]:
        """A column as people read it."""
        kind = value_type(self._store.schema, self._table, self._table.by_name[name])
        values = self.by_name[name]
        beside = self.by_name[kind.beside] if kind.beside else [None] * len(values)
        return [text_of(kind.show, value, near) for value, near in zip(values, beside, strict=True)]

    def stored(self, name: str) -> list[Stored]:
        """A column as the store has it."""
        return self.parents.get(name) or self.by_name[name]


@dataclass
class Changed:
    """What became of the records: how many were read, changed and refused; rules, warnings and changes by field; those
    that stay as they are because something was refused; the first faults, each with its record."""

    read: int = 0
    changed: int = 0
    refused: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    kept: set[int] = field(default_factory=set)
    fields: dict[str, int] = field(default_factory=dict)
    told: list[tuple[int, FieldFault]] = field(default_factory=list)

    @property
    def counts(self) -> Counts:
        """As a plan counts."""
        same = self.read - self.changed - self.refused
        return Counts(read=self.read, same=same, update=self.changed, rejected=self.refused)


class Changing:
    """The changes of one table's records; `rules` are obeyed and the plan's file is written by `run`."""

    def __init__(self, store: Store, table: Table, names: Sequence[str], by: Draft) -> None:
        self.store = store
        self.table = table
        self.wording = Wording(store, table, names, by.day)
        self.names = self.wording.names
        self.checks = checks_naming(store, table, self.names, by.day)
        self.unique = [key[0] for key in unique_sets(table) if len(key) == 1 and key[0] in self.names]
        self.apart = [f for f in table.fields if f.currency_field in self.names and f.name not in self.names]

    def run(self, file: PlanFile, which: Condition, writing: Writing, progress: Progress) -> Changed:
        """Put the changes of the active records that meet a condition into a plan, which sees the store."""
        rows, found = TableRewriting(file, self.table), Changed()
        for batch in stored_rows(self.store, self.table, which, BATCH):
            progress.rows += len(batch)
            found.read += len(batch)
            progress.phase("judging")
            self._change(StoredBatch(self.store, self.table, batch), writing, rows, found)
        progress.phase("comparing")
        if twice := rows.settle_unique(self.names):
            found.rules["not-unique"] += twice
        found.changed, found.refused, _ = rows.counts()
        found.kept = rows.refused() if found.refused else set()
        if found.changed:
            found.fields = rows.by_field(self.names)
        return found

    def _change(self, batch: StoredBatch, writing: Writing, rows: TableRewriting, found: Changed) -> None:
        meant, changes = self.judge(batch, writing(batch), found)
        faults = meant.faults
        for row, wrong in faults.items():
            found.rules.update({fault.rule for _, fault in wrong})
            found.told += [(batch.ids[row], one) for one in wrong[: TOLD - len(found.told)]]
        rows.refuse(batch.ids[row] for row in faults)
        made = {row: names for row, names in changes.items() if row not in faults}
        rows.add(
            ((batch.ids[row], batch.versions[row]) for row in made),
            zip(
                *([column[row] for row in made] for column in (batch.ids, batch.states)),
                (as_text(originals(meant, row, names)) for row, names in made.items()),
                *([column[row] for row in made] for column in self.after(batch, meant)),
                strict=True,
            ),
        )

    def read(self, batch: StoredBatch, texts: SomeTexts) -> Meant:
        """What texts mean for some records; where there is none, the record's own value stays."""
        beside = {name: [text or None for text in batch.texts(name)] for name in self.wording.beside}
        kept = {name: [row for row, text in enumerate(texts[name]) if text is None] for name in self.names}
        said = {name: [text or "" for text in texts[name]] if kept[name] else texts[name] for name in self.names}
        meant = self.wording.read(cast(Texts, said), beside)
        for name, rows in kept.items():
            for row in rows:
                meant.keep(name, row, batch.by_name[name][row], batch.parents.get(name))
        return meant

    def judge(self, batch: StoredBatch, texts: SomeTexts, found: Changed) -> tuple[Meant, dict[int, list[str]]]:
        """What texts mean for some records, with all that is wrong; and by row the fields whose value becomes another.
        Warnings and notes are counted in `found`."""
        meant = self.read(batch, texts)
        changes = self._differing(batch, meant)
        self._hold_to_others(batch, meant, changes, meant.faults)
        self._hold_to_checks(batch, meant, changes, meant.faults, found)
        return meant, changes

    def after(self, batch: StoredBatch, meant: Meant) -> list[Sequence[Stored]]:
        """All columns as the store will have them."""
        return [meant.stored(f.name) if f.name in self.names else batch.stored(f.name) for f in self.table.fields]

    def _differing(self, batch: StoredBatch, meant: Meant) -> dict[int, list[str]]:
        """By row, the fields whose value becomes another."""
        changes: dict[int, list[str]] = {}
        for name in self.names:
            before, after = batch.stored(name), meant.stored(name)
            for row, (was, will) in enumerate(zip(before, after, strict=True)):
                if was != will:
                    changes.setdefault(row, []).append(name)
        return changes

    def _hold_to_others(self, batch: StoredBatch, meant: Meant, changes: dict[int, list[str]], faults: Faults) -> None:
        """Unique values that another record has; amounts whose currency would change below them."""
        for name in self.unique:
            for row, place in taken(self.store, self.table, name, meant.values[name]).items():
                if place.record != batch.ids[row]:
                    faults.setdefault(row, []).append((name, held_by("not-unique", self.table, place)))
        for amount in self.apart:
            faulted = self._apart(amount, batch, meant, changes)
            said = {"amount": amount.name, "currency": amount.currency_field}
            for row in faulted:
                faults.setdefault(row, []).append((amount.name, Fault("money-apart", said)))

    def _apart(self, amount: Field, batch: StoredBatch, meant: Meant, changes: dict[int, list[str]]) -> list[int]:
        beside, schema = str(amount.currency_field), self.store.schema
        before, after, amounts = batch.by_name[beside], meant.values[beside], batch.by_name[amount.name]
        return [
            row
            for row, names in changes.items()
            if beside in names
            and amounts[row] is not None
            and currency_of(schema, amount, before[row]) != currency_of(schema, amount, after[row])
        ]

    def _hold_to_checks(
        self, batch: StoredBatch, meant: Meant, changes: dict[int, list[str]], faults: Faults, found: Changed
    ) -> None:
        rows = [row for row in changes if row not in faults] if len(batch.ids) > 1 else list(changes)
        for check in self.checks if rows else ():
            columns = {
                name: [(meant.values if name in self.names else batch.by_name)[name][row] for row in rows]
                for name in check.fields
            }
            for place in check.broken(columns, len(rows)):
                row = rows[place]
                if {*check.fields}.isdisjoint(changes[row]):
                    continue
                if check.refuses:
                    faults.setdefault(row, []).append((check.field, check.fault))
                else:
                    (found.notes if check.check.level == "info" else found.warnings)[check.check.words] += 1


def held_by(rule: str, table: Table, place: Place) -> Fault:
    """The fault of a value that another record has."""
    return Fault(rule, {"table": table.name, "of": f"{table.name} #{place.record}"})


def originals(meant: Meant, row: int, names: Sequence[str]) -> dict[str, str]:
    """The texts that the new values do not tell all of, by field."""
    return {name: meant.lossy[name][row] for name in names if row in meant.lossy.get(name, {})}


def as_text(lossy: Mapping[str, str]) -> str | None:
    """Such texts as the journal keeps them."""
    return json.dumps(lossy, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if lossy else None
