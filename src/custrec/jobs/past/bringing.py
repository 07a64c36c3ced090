"""Where a merge got a value from: the merged record that said it, and the step of its history that set it there."""

from __future__ import annotations

from dataclasses import dataclass

from custrec.jobs.past.tracing import Traced
from custrec.store import journal, parting
from custrec.store.database import Store
from custrec.store.history_of import Step, history_of, origin

MERGE = "merge"


@dataclass(frozen=True)
class Source:
    """The merged record that a value came from, by number, and the step that set it there."""

    record: int
    step: Step

    @property
    def event(self) -> int:
        """The event of the step."""
        return self.step.event


class Brought:
    """What merges brought to a record; each merge and each history is read once."""

    def __init__(self, store: Store, one: Traced) -> None:
        self.store = store
        self.one = one
        events = journal.details(store, {step.event for step in one.steps})
        self._merges = {number for number, (event, _) in events.items() if event.verb == MERGE}
        self._steps: dict[int, list[Step]] = {one.record: one.steps}
        self._joined: dict[tuple[int, int], list[int]] = {}

    def source(self, place: int, field: str) -> Source | None:
        """Where the value that a step set came from, through merges of what was merged before; None where the step is
        no merge, or where no merged record said just that (tags of several, a value that a person chose)."""
        record, found = self.one.record, None
        while (further := self._further(record, place, field)) is not None:
            record, place = further
            found = Source(record, self._steps[record][place])
        return found

    def _further(self, record: int, place: int, field: str) -> tuple[int, int] | None:
        step = self._steps[record][place]
        if step.values is None or not self._is_merge(step.event):
            return None
        for member in self._members(record, step.event):
            steps = self._steps.setdefault(member, history_of(self.store, self.one.table, member))
            before = next((n for n, one in enumerate(steps) if one.event == step.event), 0) - 1
            values = steps[before].values if before >= 0 else None
            if values is not None and values[field] == step.values[field] is not None:
                first = origin(steps, before, field)
                if first is not None:
                    return member, first
        return None

    def _is_merge(self, event: int) -> bool:
        if event in self._merges:
            return True
        known = {step.event for step in self.one.steps}
        return event not in known and journal.event(self.store, event).verb == MERGE

    def _members(self, record: int, event: int) -> list[int]:
        key = (record, event)
        if key not in self._joined:
            self._joined[key] = parting.joined_at(self.store, self.one.table, record, event)
        return self._joined[key]
