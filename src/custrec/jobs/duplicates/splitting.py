"""Split: what was merged into a record comes out of it again, whatever became of the record since.

Who comes out is as he was when he was merged, with the children that he had then and that are still below the survivor.
What the survivor got by the merge it gives back; a field that was changed since stays as it is, and so do children that
came since. Of the values of those that stay within, the rules choose anew (rules.survivorship).

    within        the records that are merged into the survivor, whose histories tell by which events
    leaving       those of them that come out; what had been merged into one of them before comes along, inside it
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from custrec.errors import NotMerged, SplitRefused
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.duplicates.within import STATE, Within, fields_of
from custrec.jobs.edits.naming import Named, refuse_aside
from custrec.model.plan import Counts, State
from custrec.model.schema import ForeignKey, Table
from custrec.store import keyed, parting, records
from custrec.store.database import Store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.rewriting import TableRewriting, rewriting
from custrec.values.protocol import Stored

BACK = ("split", "undo", "redo")
"""Verbs of events that may give a child back to whom it belonged to."""


@dataclass(frozen=True)
class SplitRequest:
    """The record that is to be taken apart, and which of those within it are to come out; none said: the one by which
    it was named, where that is one of those within, else all."""

    named: Named
    members: Sequence[Named] = ()


def plan_split(store: Store, request: SplitRequest, by: Draft) -> PlanFile:
    """Plan to take records out of the one that they were merged into.

    Raises NotMerged, RecordArchived, RecordInTrash, RecordRestricted, SplitRefused where a unique value, a key or a
    parent is in the way or what a record was is destroyed, DiskFull.
    """
    refuse_aside([request.named])
    table, record, base = request.named.table, request.named.record, by.base(store)
    with drafted(store, by) as file:
        with rewriting(file, store.path), snapshot(store.reader):
            split = _Split(store, table, record, request)
            split.refuse_destroyed()
            rows = split.rows()
            split.refuse_conflicts(rows)
            written = {table.name: _write(store, file, table, rows)}
            for child, keys in _children(store, table):
                written[child.name] = _write(store, file, child, split.children(child, keys))
        tables = {name: count for name, count in written.items() if count}
        counts = Counts(read=len(split.leaving), update=sum(tables.values()))
        detail = {"of": [table.name], "from": record, "out": sorted(split.leaving)[:FEW], "written": tables}
        detail["members"] = len(split.leaving)
        file.save_head(by.head(store, "split", base, counts, list(tables), detail=detail))
    return file


FEW = 5
"""So many are named."""

Changed = dict[int, tuple[int | None, dict[str, Stored]]]
"""By record, its state as it will be (None: as it is), and the values that change."""


class _Split:
    """What comes out of one record."""

    def __init__(self, store: Store, table: Table, record: int, request: SplitRequest) -> None:
        self.store = store
        self.table = table
        self.record = record
        self.within = Within(store, table, record)
        self.leaving = self._leaving(request)

    def _leaving(self, request: SplitRequest) -> frozenset[int]:
        """Who comes out. Raises NotMerged."""
        if not self.within.parts:
            raise NotMerged(what=f"nothing was merged into {request.named.words}")
        members = request.members or ([request.named] if request.named.via else [])
        for one in members:
            if one.table.name != self.table.name or one.via not in self.within.parts:
                raise NotMerged(what=f"{one.table.name} #{one.via or one.record} is not within {request.named.words}")
        return frozenset(one.via for one in members if one.via) or frozenset(self.within.parts)

    def rows(self) -> Changed:
        """What the survivor, those that come out, and those inside them become."""
        now = len(self.within.steps[self.record]) - 1
        held = self.within.steps[self.record][now].values or {}
        changed: Changed = {self.record: (held[STATE], self.within.values(self.record, now, self.leaving))}
        for one in self.within.parts:
            chain, place = self.within.chain(one)
            if one in self.leaving:
                before = self.within.steps[one][place].values or {}
                changed[one] = (before[STATE], {**fields_of(before), **self.within.values(one, place, self.leaving)})
            elif inside := next((into for into in chain if into in self.leaving), None):
                changed[one] = (-inside, {})
        return changed

    def children(self, child: Table, keys: Sequence[ForeignKey]) -> Changed:
        """The children that go home with those that come out."""
        changed: Changed = {}
        for key in keys:
            for record, moves in parting.moved_children(self.store, child, key, self.record):
                if (home := self._home(moves)) is not None:
                    changed.setdefault(record, (None, {}))[1][key.field] = home
        return changed

    def _home(self, moves: Sequence[parting.Move]) -> int | None:
        """Where a child goes: to the innermost of those that come out which it belonged to."""
        present, home, n = self.record, None, 0
        while n < len(moves) and moves[n][2] == present:
            event, before, _ = moves[n]
            if before is not None and (event, before) in self.within.joined:
                present = before
                home = before if before in self.leaving else home
            elif self.within.verbs.get(event) in BACK:  # it came back by this; what had taken it away counts no more
                n = next((older for older in range(n + 1, len(moves)) if moves[older][1] == present), len(moves))
            else:
                break
            n += 1
        return home

    def refuse_destroyed(self) -> None:
        """Raises SplitRefused where nobody can tell what one that comes out was, because that was destroyed."""
        name, within = self.table.name, self.within
        destroyed = [one for one in sorted(self.leaving) if within.steps[one][within.chain(one)[1]].values is None]
        if destroyed:
            details = tuple(f"{name} #{one}: what it was is destroyed" for one in destroyed)
            raise SplitRefused(table=name, record=self.record, details=details)

    def refuse_conflicts(self, changed: Changed) -> None:
        """Raises SplitRefused where a unique value was given to another record since, be it one that comes out as well,
        or a parent is gone."""
        wrong: list[str] = []
        own = {*changed}
        for field in self.table.fields:
            if not field.unique or (field.name,) == self.table.primary_key:
                continue
            wanted = {one: said for one, (_, values) in changed.items() if (said := values.get(field.name)) is not None}
            held = parting.holders(self.store, self.table, field.name, list(wanted.values()), own)
            kept = (self.within.steps[self.record][-1].values or {})[field.name]
            if field.name not in changed[self.record][1] and kept is not None:
                held[kept] = self.record
            wrong += [
                f"{field.name} of #{one}: not-unique (it is {self.table.name} #{held[value]})"
                for one, value in wanted.items()
                if held.setdefault(value, one) != one
            ]
        for key in self.table.foreign_keys:
            wrong += self._lost_parents(changed, key)
        if not self.table.references.keys().isdisjoint(self.table.primary_key):
            wrong += self._taken_keys(changed)
        if wrong:
            raise SplitRefused(table=self.table.name, record=self.record, details=tuple(wrong))

    def _lost_parents(self, changed: Changed, key: ForeignKey) -> Iterator[str]:
        """Let those that come out refer to what their parents are now; say which parents are not to be referred to."""
        parent = self.store.schema.by_name[key.table]
        wanted = {one: values[key.field] for one, (_, values) in changed.items() if values.get(key.field)}
        places = keyed.by_number(self.store, parent, {int(str(value)) for value in wanted.values()})
        for one, value in wanted.items():
            place = places.get(int(str(value)))
            if place is None or place.state not in (State.ACTIVE, changed[one][0] or State.ACTIVE):
                yield f"{key.field} of #{one}: the record of {key.table} that it belonged to is gone or put aside"
            else:
                changed[one][1][key.field] = place.record

    def _taken_keys(self, changed: Changed) -> Iterator[str]:
        """Say which keys, of which a part is what a parent is now, another record has by now."""
        held: dict[tuple[Stored, ...], int] = {}
        for one in sorted(self.leaving):
            key = tuple(changed[one][1][name] for name in self.table.primary_key)
            there = records.ids_by_key(self.store, self.table, key)
            holder = held.setdefault(key, next((record for record in there if record != one), one))
            if holder != one:
                yield f"the key of #{one}: not-unique (it is {self.table.name} #{holder})"


def _write(store: Store, file: PlanFile, table: Table, changed: Changed) -> int:
    """Put updates into the plan; how many."""
    rows = TableRewriting(file, table)
    names = [f.name for f in table.fields]
    versions, after = [], []
    for record, version, state, values in parting.rows_of(store, table, list(changed)):
        will, others = changed[record]
        versions.append((record, version))
        merged = [others.get(name, value) for name, value in zip(names, values, strict=True)]
        after.append((record, state if will is None else will, None, *merged))
    rows.add(versions, after)
    return len(after)


def _children(store: Store, table: Table) -> Iterator[tuple[Table, list[ForeignKey]]]:
    for child in store.schema.tables:
        if keys := [key for key in child.foreign_keys if key.table == table.name]:
            yield child, keys
