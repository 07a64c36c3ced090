"""Which records are stale: so long after their anchor that they have to be looked at again. Computed, never stored."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from custrec.errors import NoPolicy
from custrec.jobs.lifecycle.policy_texts import anchor_of, condition_of
from custrec.model.anchor import Own
from custrec.model.calendar import add, first_reaching, shifted
from custrec.model.plan import State
from custrec.model.policy import Stale, stale_of
from custrec.model.schema import Schema, Table
from custrec.rules import days
from custrec.store import anchors
from custrec.store.database import Store, snapshot

SAMPLE = 10
"""So many stale records are named where only how many there are is asked for."""


class StaleRecord(NamedTuple):
    """A record with the day from which its age counts (None: there is none), and the last day on which it was fresh."""

    record: int
    anchor: str | None
    fresh_until: str | None


@dataclass
class Staleness:
    """The records of a table on a day: those that are stale, those that soon will be, and those without a day; how many
    there are in all, and the days from which the age of the first two counts."""

    table: Table
    rule: Stale
    today: date
    total: int = 0
    stale: array[int] = field(default_factory=lambda: array("q"))
    soon: array[int] = field(default_factory=lambda: array("q"))
    undated: array[int] = field(default_factory=lambda: array("q"))
    since: dict[int, str] = field(default_factory=dict)

    def told(self, records: Collection[int]) -> list[StaleRecord]:
        """Some of these records with their days, the longest stale first."""
        known = [(self.since.get(record), record) for record in records]
        known.sort(key=lambda one: (one[0] or "", one[1]))
        return [StaleRecord(record, day, day and shifted(day, self.rule.after)) for day, record in known]


class Count(NamedTuple):
    """How many records are stale and soon will be, of how many; some of the stale by number."""

    stale: int
    soon: int
    total: int
    sample: list[int]


def stale_tables(schema: Schema) -> list[Table]:
    """The tables that say when their records are stale."""
    return [table for table in schema.tables if stale_of(table)]


def stale_records(store: Store, table: Table, today: date) -> Count:
    """How many records of a table are stale, and some of them, the longest stale first."""
    found = staleness(store, table, today)
    return Count(
        len(found.stale), len(found.soon), found.total, [one.record for one in found.told(found.stale)[:SAMPLE]]
    )


def staleness(
    store: Store, table: Table, today: date, where: str | None = None, tasked: str | None = None
) -> Staleness:
    """Judge the active records of a table; those that meet `where`, and of which `tasked` is not true.

    Raises NoPolicy where the table does not say when its records are stale, ExpressionInvalid.
    """
    return judged(store, table, today, where, tasked, None)[0]


def judged(
    store: Store, table: Table, today: date, where: str | None, tasked: str | None, by: str | None
) -> tuple[Staleness, dict[Any, list[int]]]:
    """`staleness`, and by the value of a field how many records there are, and how many of them are stale."""
    rule = stale_of(table)
    if rule is None:
        raise NoPolicy(section="stale", of=f" in {table.name}")
    asked = anchors.Asked(store.schema, table, today)
    program = days.compiled(anchor_of(store.schema, table, rule.anchor), asked.place, store.schema.defaults.timezone)
    wanted = _places(asked, [rule.where, where])
    spared = _places(asked, [*rule.protect, tasked])
    valued = asked.place(Own(table.by_name[by])) if by else None
    stale_before = first_reaching(today, rule.after)
    soon_before = first_reaching(add(today, rule.warn), rule.after) if rule.warn else stale_before
    edges = [edge.isoformat() if edge else days.NEVER for edge in (stale_before, soon_before)]
    found, values = Staleness(table, rule, today), dict[Any, list[int]]()
    with snapshot(store.reader):
        for records, states, told in anchors.gathered_all(store, asked):
            known = program(told)
            for place, (record, state, day) in enumerate(zip(records, states, known, strict=True)):
                if state != State.ACTIVE or not all(told[one][place] for one in wanted):
                    continue
                found.total += 1
                counts = values.setdefault(told[valued][place], [0, 0]) if valued is not None else [0, 0]
                counts[0] += 1
                if any(told[one][place] for one in spared):
                    continue
                if not day:
                    found.undated.append(record)
                elif day < edges[0]:
                    found.stale.append(record)
                    found.since[record] = day
                    counts[1] += 1
                elif day < edges[1]:
                    found.soon.append(record)
                    found.since[record] = day
    return found, values


def _places(asked: anchors.Asked, texts: Sequence[str | None]) -> list[int]:
    return [asked.place(condition_of(asked.schema, asked.table, text)) for text in texts if text]
