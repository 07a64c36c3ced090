"""Who is within a record: their histories, who became part of whom, and the values that there would be without some.

What a record has in a field is chosen by the rules among what it said itself, before anybody became part of it, and
what those said who did (rules.survivorship), be it by several merges, one after the other.

    steps         what befell each of them, without what was undone
    place         a step of one of them: what it held then
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.jobs.amounts import amounts_by_currency, currency_of
from custrec.model.match import SurvivorRule, match_of
from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.rules.survivorship import Amount, Claim, Undecided, of_one_currency, survivor
from custrec.store import journal, parting
from custrec.store.confirmations import Standing, standing
from custrec.store.database import Store
from custrec.store.history_of import Step, history_of, origin
from custrec.store.value_ages import CHOOSING
from custrec.values.protocol import Stored

STATE = "_state"


@dataclass(frozen=True, slots=True)
class _Joined:
    """That a record became part of another one: of which, and the state that it had before."""

    into: int
    before: int


class Within:
    """One record and its `parts`, those that are merged into it, by number."""

    def __init__(self, store: Store, table: Table, record: int) -> None:
        self.store = store
        self.table = table
        self.match = match_of(table)
        self.together = _together(table)
        self.parts = parting.within(store, table, record)
        histories = {one: history_of(store, table, one) for one in (record, *self.parts)}
        self.steps = {one: _in_force(steps) for one, steps in histories.items()}
        self.joined: dict[tuple[int, int], _Joined] = {
            (step.event, one): _Joined(-step.values[STATE], before)
            for one in self.parts
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
        for one in self.parts:
            for place, step in reversed([*enumerate(self.steps[one])]):
                joined = self.joined.get((step.event, one))
                if joined is not None and joined.before >= State.ACTIVE:
                    found.setdefault((step.event, joined.into), []).append((one, place - 1))
                    break
        return found

    def chain(self, one: int) -> tuple[list[int], int]:
        """What a record was within, one after the other until now; and its last step before."""
        steps = self.steps[one]
        place = len(steps) - 1
        chain: list[int] = []
        while (values := steps[place].values) is not None and values[STATE] < 0:
            if not chain or chain[0] != -values[STATE]:
                chain.insert(0, -values[STATE])
            place -= 1
        return chain, place

    def values(self, one: int, place: int, leaving: frozenset[int]) -> dict[str, Stored]:
        """The values of a record at a place in its history that are others without those that leave."""
        held = fields_of(self.steps[one][place].values or {})
        found: dict[str, Stored] = {}
        for names in dict.fromkeys(self.together.values()):
            found |= self._value(one, names, place, leaving)
        return {name: value for name, value in found.items() if value != held[name]}

    def _value(self, one: int, names: tuple[str, ...], place: int, leaving: frozenset[int]) -> dict[str, Stored]:
        """A value, in one field or more, without what those that leave brought; one that they had no part in stays as
        it is."""
        value = {name: self._held(one, name, place) for name in names}
        now, then = (self._chosen(one, names, place, without) for without in (leaving, frozenset[int]()))
        if now != then:
            return now
        for setter in (origin(self.steps[one], place, name) for name in names) if value != then else ():
            if setter is None:
                continue
            # Either a person chose it for the merge, or it came from somebody who is not within it any more.
            event = self.steps[one][setter].event
            members = parting.joined_at(self.store, self.table, one, event)
            gone = any(member not in self.steps or one not in self.chain(member)[0] for member in members)
            chosen = self._nature(event) == "split"  # by the rules, among those who stayed then
            if gone or chosen or (members and leaving.issuperset(members)):
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
        filled = sum(held is not None for held in fields_of(values).values())
        return Claim(value, one, said, self.sources.get(event), confirmed, filled)


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


def fields_of(values: Mapping[str, Any]) -> dict[str, Stored]:
    """The values of a record without its state."""
    return {name: value for name, value in values.items() if name != STATE}
