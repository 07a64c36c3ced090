"""Which records are to become one: clusters as they were given, joined where they overlap, without those that cannot.

A record that was merged before stands for what it was merged into. Clusters that share a record are one: who is the
same as the same is the same. A cluster in which two records are said to be different, be it by way of others, is left
out, and so is one with a record that is in the trash or is not there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from custrec.jobs.duplicates.disjoint import DisjointSets
from custrec.jobs.edits.naming import PLACES
from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store import keyed, verdicts
from custrec.store.database import Store
from custrec.values.protocol import Stored

MERGEABLE = (State.ACTIVE, State.ARCHIVED)
TOLD = 20
"""So many reasons are told one by one."""


@dataclass(frozen=True)
class Cluster:
    """Records of one table, by number, that are to become one.

    `into` is the one that survives (None: the oldest). `values` are stored values that a person chose, by field, and
    `taken` says of which record a field is to be taken, whatever the rules say.
    """

    records: Sequence[int]
    into: int | None = None
    values: Mapping[str, Stored] = field(default_factory=dict)
    taken: Mapping[str, int] = field(default_factory=dict)


@dataclass
class LeftOut:
    """What cannot become one: how many clusters, for which rules, and the first reasons in words (numbers only)."""

    clusters: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def add(self, rule: str, why: str) -> None:
        """Leave a cluster out."""
        self.clusters += 1
        self.rules[rule] += 1
        if len(self.told) < TOLD:
            self.told.append(why)


@dataclass
class Clusters:
    """Clusters of at least two records each, by the number of the survivor; `one` counts those that are one already."""

    by_survivor: dict[int, Cluster]
    one: int


def gathered(store: Store, table: Table, given: Sequence[Cluster], out: LeftOut) -> Clusters:
    """The clusters that may become one; what may not is noted in `out`."""
    places = keyed.by_number(store, table, {record for cluster in given for record in cluster.records})
    groups, one = _joined(given, places, table, out)
    different = _said_different(store, table, groups)
    found: dict[int, Cluster] = {}
    for number, group in enumerate(groups):
        if pair := different.get(number):
            said = f"{_named(table, group.records)}: #{pair[0]} and #{pair[1]} are said to be different"
            out.add("said-different", said)
            continue
        survivor = group.into or min(group.records, key=lambda record: (_state(places, record), record))
        if _state(places, survivor) != min(_state(places, record) for record in group.records):
            said = f"{_named(table, group.records)}: #{survivor} is archived and others are active"
            out.add("survivor-archived", said)
            continue
        found[survivor] = group
    return Clusters(found, one)


def _joined(
    given: Sequence[Cluster], places: Mapping[int, keyed.Place], table: Table, out: LeftOut
) -> tuple[list[Cluster], int]:
    """The clusters over the records that there are now, overlapping ones as one; and how many are one record."""
    usable, one = [], 0
    for cluster in given:
        if fault := _fault(cluster, places, table):
            out.add(*fault)
            continue
        records = dict.fromkeys(places[record].record for record in cluster.records)
        if len(records) < 2:
            one += 1
            continue
        taken = {name: places[record].record for name, record in cluster.taken.items() if record in places}
        into = places[cluster.into].record if cluster.into is not None else None
        usable.append(Cluster(tuple(records), into, cluster.values, taken))
    together = DisjointSets()
    for cluster in usable:
        together.join(cluster.records)
    groups: dict[int, list[Cluster]] = {}
    for cluster in usable:
        groups.setdefault(together.leader(cluster.records[0]), []).append(cluster)
    return [_union(group) for group in groups.values()], one


def _union(group: Sequence[Cluster]) -> Cluster:
    if len(group) == 1:
        return group[0]
    records = dict.fromkeys(record for cluster in group for record in cluster.records)
    into = next((cluster.into for cluster in group if cluster.into is not None), None)
    values = {name: value for cluster in group for name, value in cluster.values.items()}
    taken = {name: record for cluster in group for name, record in cluster.taken.items()}
    return Cluster(tuple(records), into, values, taken)


def _fault(cluster: Cluster, places: Mapping[int, keyed.Place], table: Table) -> tuple[str, str] | None:
    """Why a cluster cannot become one: the rule, and in words."""
    for record in cluster.records:
        place = places.get(record)
        if place is None:
            return "record-unknown", f"{table.name} #{record} is not there"
        if place.state not in MERGEABLE:
            rule = "restricted" if place.state is State.RESTRICTED else "in-trash"
            return rule, f"{_named(table, cluster.records)}: #{place.record} is {PLACES[place.state]}"
    return None


def _said_different(store: Store, table: Table, groups: Sequence[Cluster]) -> dict[int, tuple[int, int]]:
    """By the place of a cluster, a pair of its records that are said to be different."""
    number = {record: place for place, group in enumerate(groups) for record in group.records}
    found: dict[int, tuple[int, int]] = {}
    for verdict in verdicts.verdicts(store, table):
        place = number.get(verdict.now_one)
        if place is not None and place == number.get(verdict.now_other):
            found.setdefault(place, (verdict.one, verdict.other))
    return found


def _state(places: Mapping[int, keyed.Place], record: int) -> int:
    return int(places[record].state) if record in places else 0


def _named(table: Table, records: Iterable[int]) -> str:
    named = [f"#{record}" for record in records]
    return f"{table.name} {', '.join(named[:5])}{f' and {len(named) - 5} more' if len(named) > 5 else ''}"
