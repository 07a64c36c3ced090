"""Split: what was merged into a record comes out of it again, whatever became of the record since.

Who comes out is as he was when he was merged, with the children that he had then and that are still below the survivor.
What the survivor got by the merge it gives back; a field that was changed since stays as it is, and so do children that
came since. Of the values of those that stay within, the rules choose anew (rules.survivorship).

    within        the records that are merged into the survivor, whose histories tell by which events
    leaving       those of them that come out; what had been merged into one of them before comes along, inside it
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.errors import NotMerged, SplitRefused
from custrec.jobs.amounts import amounts_by_currency, currency_of
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.edits.naming import Named, refuse_aside
from custrec.model.match import SurvivorRule, match_of
from custrec.model.plan import Counts, State
from custrec.model.schema import ForeignKey, Table
from custrec.rules.survivorship import Amount, Claim, Undecided, of_one_currency, survivor
from custrec.store import journal, keyed, parting, records
from custrec.store.confirmations import Standing, standing
from custrec.store.database import Store, snapshot
from custrec.store.history_of import Step, history_of, origin
from custrec.store.plan_file import PlanFile
from custrec.store.rewriting import TableRewriting, rewriting
from custrec.store.value_ages import CHOOSING
from custrec.values.protocol import Stored

STATE = "_state"
BACK = ("split", "undo", "redo")
"""Verbs of events that may give a child back to whom it belonged to."""


@dataclass(frozen=True)
class SplitRequest:
    """The record that is to be taken apart, and which of those within it are to come out; none said: the one by which
    it was named, where that is one of those within, else all."""

    named: Named
    members: Sequence[Named] = ()


@dataclass(frozen=True, slots=True)
class _Joined:
    """That a record became part of another one: of which, and the state that it had before."""

    into: int
    before: int


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
        self.match = match_of(table)
        self.together = _together(table)
        self.within = parting.within(store, table, record)
        self.leaving = self._leaving(request)
        histories = {one: history_of(store, table, one) for one in (record, *self.within)}
        self.steps = {one: _in_force(steps) for one, steps in histories.items()}
        self.joined: dict[tuple[int, int], _Joined] = {
            (step.event, one): _Joined(-step.values[STATE], before)
            for one in self.within
            for before, step in _state_changes(self.steps[one])
            if step.values is not None and step.values[STATE] < 0
        }
        events = journal.details(store, {step.event for steps in histories.values() for step in steps})
        self.sources = {number: event.source for number, (event, _) in events.items()}
        self.verbs = {number: event.verb for number, (event, _) in events.items()}
        self.undoes = {step.event: step.undoes for steps in histories.values() for step in steps}
        self.members = self._joined_last()
        self.confirmed: dict[tuple[int, int], list[Standing]] = {}
        for said in standing(store.reader, table, [*self.steps], apart=True, every=True):
            self.confirmed.setdefault((said.record, said.field), []).append(said)

    def _joined_last(self) -> dict[tuple[int, int], list[tuple[int, int]]]:
        """Who became part of a record by an event, by both, with the last step of each before; of who did it twice only
        the last time."""
        found: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for one in self.within:
            for place, step in reversed([*enumerate(self.steps[one])]):
                joined = self.joined.get((step.event, one))
                if joined is not None and joined.before >= State.ACTIVE:
                    found.setdefault((step.event, joined.into), []).append((one, place - 1))
                    break
        return found

    def _leaving(self, request: SplitRequest) -> frozenset[int]:
        """Who comes out. Raises NotMerged."""
        if not self.within:
            raise NotMerged(what=f"nothing was merged into {request.named.words}")
        members = request.members or ([request.named] if request.named.via else [])
        for one in members:
            if one.table.name != self.table.name or one.via not in self.within:
                raise NotMerged(what=f"{one.table.name} #{one.via or one.record} is not within {request.named.words}")
        return frozenset(one.via for one in members if one.via) or frozenset(self.within)

    def refuse_destroyed(self) -> None:
        """Raises SplitRefused where nobody can tell what one that comes out was, because that was destroyed."""
        name = self.table.name
        destroyed = [one for one in sorted(self.leaving) if self.steps[one][self._chain(one)[1]].values is None]
        if destroyed:
            details = tuple(f"{name} #{one}: what it was is destroyed" for one in destroyed)
            raise SplitRefused(table=name, record=self.record, details=details)

    def rows(self) -> Changed:
        """What the survivor, those that come out, and those inside them become."""
        now = len(self.steps[self.record]) - 1
        held = self.steps[self.record][now].values or {}
        changed: Changed = {self.record: (held[STATE], self._values(self.record, now))}
        for one in self.within:
            chain, place = self._chain(one)
            if one in self.leaving:
                before = self.steps[one][place].values or {}
                changed[one] = (before[STATE], {**_fields(before), **self._values(one, place)})
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
            if before is not None and (event, before) in self.joined:
                present = before
                home = before if before in self.leaving else home
            elif self.verbs.get(event) in BACK:  # it came back by this; what had taken it away counts no more
                n = next((older for older in range(n + 1, len(moves)) if moves[older][1] == present), len(moves))
            else:
                break
            n += 1
        return home

    def _chain(self, one: int) -> tuple[list[int], int]:
        """What a record was within, one after the other until now; and its last step before."""
        steps = self.steps[one]
        place = len(steps) - 1
        chain: list[int] = []
        while (values := steps[place].values) is not None and values[STATE] < 0:
            if not chain or chain[0] != -values[STATE]:
                chain.insert(0, -values[STATE])
            place -= 1
        return chain, place

    def _values(self, one: int, place: int) -> dict[str, Stored]:
        """The values of a record at a place in its history that are others without those that leave."""
        held = _fields(self.steps[one][place].values or {})
        found: dict[str, Stored] = {}
        for names in dict.fromkeys(self.together.values()):
            found |= self._value(one, names, place)
        return {name: value for name, value in found.items() if value != held[name]}

    def _value(self, one: int, names: tuple[str, ...], place: int) -> dict[str, Stored]:
        """A value, in one field or more, without what those that leave brought; one that they had no part in stays as
        it is."""
        value = {name: self._held(one, name, place) for name in names}
        now, then = (self._chosen(one, names, place, leaving) for leaving in (self.leaving, frozenset[int]()))
        if now != then:
            return now
        for setter in (origin(self.steps[one], place, name) for name in names) if value != then else ():
            if setter is None:
                continue
            # Either a person chose it for the merge, or it came from somebody who is not within any more.
            members = parting.joined_at(self.store, self.table, one, self.steps[one][setter].event)
            gone = any(member not in self.steps for member in members)
            if gone or (members and self.leaving.issuperset(members)):
                return now
        return value

    def _chosen(self, one: int, names: tuple[str, ...], place: int, leaving: frozenset[int]) -> dict[str, Stored]:
        """A value as the rules choose it among all that were merged into a record up to a place in its history, without
        some of them."""
        first, *amounts = names
        claims = {name: [*self._claims(one, name, place, leaving)] for name in names}
        own = one if first in self.table.primary_key else None
        kept, leading = self._amounts(amounts, claims, claims[first], own)
        if leading is None:
            return {**kept, first: self._by_rule(first, claims[first])}
        return {**kept, first: next(claim.value for claim in claims[first] if claim.record == leading)}

    def _by_rule(self, name: str, claims: Sequence[Claim]) -> Stored:
        try:
            return survivor(self.table.by_name[name], self.match.survivors[name], claims)
        except Undecided:
            return next(claim.value for claim in claims if claim.value is not None)

    def _amounts(
        self, names: Sequence[str], claims: Mapping[str, Sequence[Claim]], beside: Sequence[Claim], leading: int | None
    ) -> tuple[dict[str, Stored], int | None]:
        """Amounts in one currency, which records say `beside` them, that of the `leading` one if there is one; and the
        record whose currency it is."""
        fields = [self.table.by_name[name] for name in names]
        codes = {
            one.name: {claim.record: currency_of(self.store.schema, one, claim.value) for claim in beside}
            for one in fields
        }

        def chosen(rules: Mapping[str, SurvivorRule]) -> tuple[dict[str, Claim | None], int | None]:
            amounts = (Amount(one, rules[one.name], claims[one.name], codes[one.name]) for one in fields)
            return of_one_currency(amounts, leading)

        try:
            kept, whose = chosen(self.match.survivors)
        except Undecided:
            kept, whose = chosen(dict.fromkeys(names, SurvivorRule("first")))
        return {name: claim.value if claim else None for name, claim in kept.items()}, whose

    def _claims(self, one: int, field: str, place: int, leaving: frozenset[int]) -> Iterator[Claim]:
        """What a record said of a field before anybody became part of it, and what those said who did since."""
        steps, base = self.steps[one], self._base(one, field, place)
        merges = [n for n in range(base + 1, place + 1) if self._nature(steps[n].event) == "merge"]
        yield self._claim(one, field, base, merges[0] - 1 if merges else place)
        for n in range(base + 1, place + 1):  # a redo, or the undo of a split, makes somebody part of it as well
            for member, before in self.members.get((steps[n].event, one), ()):
                if member not in leaving:
                    yield from self._claims(member, field, before, leaving)

    def _base(self, one: int, field: str, place: int) -> int:
        """The last step up to a place that set a field, or what is one value with it, otherwise than by a merge, a
        split, or undoing one."""
        steps, names = self.steps[one], self.together[field]
        for n in range(place, 0, -1):
            sets = steps[n].sets
            if sets is None or (not sets.isdisjoint(names) and self._nature(steps[n].event) not in CHOOSING):
                return n
        return 0

    def _nature(self, event: int) -> str:
        """The verb of an event, or of what it undid."""
        while (undone := self.undoes.get(event)) is not None:
            event = undone
        return self.verbs.get(event, "")

    def _held(self, one: int, field: str, place: int) -> Stored:
        held: Stored = (self.steps[one][place].values or {})[field]
        return held

    def _claim(self, one: int, field: str, base: int, place: int) -> Claim:
        """What a record said of a field at a place in its history, where the value stood from the step `base` on."""
        steps = self.steps[one]
        value, values = self._held(one, field, base), steps[place].values or {}
        first = origin(steps, base, field)
        event = said = steps[first].event if first is not None else 0
        for right in self.confirmed.get((one, self.table.by_name[field].id), ()):
            if right.value == value and (place + 1 == len(steps) or right.event < steps[place + 1].event):
                said = max(said, right.event)
        confirmed = values[self.match.confirmed] if self.match.confirmed else None
        filled = sum(held is not None for held in _fields(values).values())
        return Claim(value, one, said, self.sources.get(event), confirmed, filled)

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
            kept = (self.steps[self.record][-1].values or {})[field.name]
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


def _together(table: Table) -> dict[str, tuple[str, ...]]:
    """By field the fields that are one value: a currency with its amounts, all others alone; those of the key, which a
    merge leaves, are none unless they say a currency."""
    groups = [(beside, *amounts) for beside, amounts in amounts_by_currency(table).items()]
    found = {name: (name,) for name in (f.name for f in table.fields) if name not in table.primary_key}
    return found | {name: names for names in groups for name in names}


def _in_force(steps: Sequence[Step]) -> list[Step]:
    """The steps of a history without those that ended where they began: what was undone, up to its undo."""
    kept: list[Step] = []
    for step in steps:
        undone = next((n for n, one in enumerate(kept) if n and one.event == step.undoes), None)
        if undone is not None and kept[undone - 1].values == step.values:
            del kept[undone:]
        else:
            kept.append(step)
    return kept


def _state_changes(steps: Sequence[Step]) -> Iterator[tuple[int, Step]]:
    """The steps that gave a record another state, each with the state before."""
    for n, step in enumerate(steps[1:], 1):
        if STATE in (step.sets or ()) and step.values is not None and (before := steps[n - 1].values) is not None:
            yield before[STATE], step


def _fields(values: Mapping[str, Any]) -> dict[str, Stored]:
    return {name: value for name, value in values.items() if name != STATE}
