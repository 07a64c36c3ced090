"""What was found, held against the records and verdicts of now: clusters with their members, and how sure they are.

A record that was deleted or merged since is no member any more; a cluster with two records that people said are not the
same since is clustered again. That other records changed since is told (`Standing`), and found by the next search.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from custrec.errors import ClusterUnknown, FoundOutdated, NothingFoundYet, NothingLearned
from custrec.jobs.duplicates.comparing import Comparison, comparison_of, read
from custrec.jobs.duplicates.name_doubts import NameDoubts
from custrec.jobs.duplicates.odds import log_odds, percent, probability
from custrec.jobs.edits.naming import record_named
from custrec.jobs.reading import table_option
from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store import keyed, pairs, parting, verdicts
from custrec.store.coded_columns import COMPARED, compared
from custrec.store.database import Store, snapshot
from custrec.store.derived import removed_if_damaged
from custrec.store.pairs import KeptPairs, Pair, Run, marked
from custrec.store.records import Condition

if TYPE_CHECKING:
    from custrec.matching.model import Model

WORD = "cluster:"
"""How a cluster is named where records are named too: cluster:12."""


NEVER_UNASKED = {"too-large", "veto", "tie", "taken-apart", "changed"}
"""Doubts that stand whatever probability somebody takes for enough."""


class Doubt(NamedTuple):
    """Why a cluster is not merged unasked: the rule, and in words."""

    rule: str
    words: str


@dataclass(frozen=True)
class ClusterFound:
    """Records that are likely one. `pairs` are those between them that are known; `doubts` says why a merge that nobody
    looks at leaves them alone, in words: nothing where it would not."""

    number: int
    records: tuple[int, ...]
    pairs: tuple[Pair, ...]
    doubts: tuple[Doubt, ...]

    @property
    def weakest(self) -> float | None:
        """The probability of the least likely pair."""
        return probability(min(pair.odds for pair in self.pairs)) if self.pairs else None

    @property
    def strongest(self) -> float | None:
        """The probability of the likeliest pair."""
        return probability(max(pair.odds for pair in self.pairs)) if self.pairs else None


@dataclass(frozen=True)
class Standing:
    """How current what was found is: `changed` records since, `judged`: people said since what is (not) the same;
    `outdated`: it rests on another schema, version or copy of the store; `find` is the command that seeks anew."""

    run: Run
    changed: int
    judged: bool
    outdated: bool
    find: str

    @property
    def words(self) -> str:
        """What a person is told; '' where all is current."""
        if self.outdated:
            return f"the schema, the version or the store is another one since: {self.find} seeks anew"
        if self.changed or self.judged:
            many = "s" if self.changed != 1 else ""
            said = f"{self.changed:,} record{many} changed" if self.changed else "it was said what is not the same"
            return f"{said} since event {self.run.mark.event}: {self.find} looks at them"
        return ""


class FoundDuplicates:
    """What is known of a table's duplicates, for reading."""

    def __init__(self, store: Store, comparison: Comparison, kept: KeptPairs) -> None:
        self.store, self.comparison, self.kept = store, comparison, kept
        self.table = comparison.table
        self._auto, self._review = log_odds(comparison.match.auto), log_odds(comparison.review)
        self._find = f"custrec dedupe find{table_option(store.schema, self.table.name)}"
        self._names = NameDoubts(store, comparison, kept.run)
        self._apart: dict[int, set[int]] = {}
        for said in verdicts.verdicts(store, self.table):
            self._apart.setdefault(said.now_one, set()).add(said.now_other)
            self._apart.setdefault(said.now_other, set()).add(said.now_one)

    @cached_property
    def _changed(self) -> set[int]:
        """The records that changed since."""
        now = marked(self.store)
        return set(self.kept.changed()) if now.change != self.kept.run.mark.change else set()

    @cached_property
    def _split(self) -> dict[int, list[parting.TakenApart]]:
        """Who was taken out of another record, by its number."""
        found: dict[int, list[parting.TakenApart]] = {}
        for one in parting.taken_apart(self.store, self.table):
            found.setdefault(one.record, []).append(one)
        return found

    @property
    def model(self) -> Model:
        """What was learned. Raises NothingLearned; FoundOutdated where another version wrote it."""
        from custrec.matching.model import Model

        if self.kept.run.model is None:
            raise NothingLearned(table=self.table.name)
        try:
            return Model.of(self.kept.run.model)
        except (ValueError, KeyError):
            raise FoundOutdated(table=self.table.name) from None

    def unasked(self, at_least: float | None = None) -> list[ClusterFound]:
        """The clusters that may be merged without anybody looking at them: those with no doubt, or those whose weakest
        pair is at least so likely and that nothing in NEVER_UNASKED speaks against. Raises FoundOutdated."""
        if self.standing().outdated:
            raise FoundOutdated(table=self.table.name)
        if at_least is None:
            return [cluster for cluster in self.clusters() if not cluster.doubts]
        return [
            cluster
            for cluster in self.clusters()
            if (cluster.weakest or 0) >= at_least and not {doubt.rule for doubt in cluster.doubts} & NEVER_UNASKED
        ]

    def standing(self) -> Standing:
        """How current it is."""
        outdated = self._outdated
        judged = not outdated and self.kept.judged_since()
        return Standing(self.kept.run, 0 if outdated else len(self._changed), judged, outdated, self._find)

    @cached_property
    def _outdated(self) -> bool:
        return self.kept.run.basis != self.comparison.basis or not self.kept.continues()

    def page(self, most: int) -> tuple[list[ClusterFound], int]:
        """The first clusters by number, and how many there are; the others are not looked at where nothing changed."""
        standing = self.standing()
        if standing.changed or standing.judged or standing.outdated:
            found = self.clusters()
            return found[:most], len(found)
        return self.clusters(self.kept.first_clusters(most)), self.kept.count()[0]

    def clusters(self, only: Collection[int] | None = None) -> list[ClusterFound]:
        """The clusters by number, or `only` some."""
        given = self.kept.clusters(only)
        there = compared(self.store, self.table, [record for members in given.values() for record in members])
        members = {number: [one for one in some if one in there] for number, some in given.items()}
        cluster_of = {record: number for number, some in members.items() for record in some}
        inside: dict[int, list[Pair]] = {}
        outside: dict[int, list[Pair]] = {}
        of_these = self.kept.pairs_of(cluster_of) if only is not None else self.kept.pairs()
        for pair in of_these:
            one, other = cluster_of.get(pair.one), cluster_of.get(pair.other)
            if one is not None and one == other:
                inside.setdefault(one, []).append(pair)
            elif (one is not None or other is not None) and self._rivals(pair):
                for number in (one, other):
                    if number is not None:
                        outside.setdefault(number, []).append(pair)
        gone = self._gone({record for some in outside.values() for pair in some for record in (pair.one, pair.other)})
        self._names.read(pair for some in inside.values() for pair in some)
        found: list[ClusterFound] = []
        for number, some in members.items():
            rivals = [pair for pair in outside.get(number, ()) if not {pair.one, pair.other} & gone]
            own = inside.get(number, [])
            if len(some) == len(given[number]) and not rivals and self._plain(some, own):
                found.append(ClusterFound(some[0], tuple(some), tuple(own), ()))
            else:
                found += [self._cluster(part, own, rivals) for part in self._parts(some, own)]
        return sorted(found, key=lambda cluster: cluster.number)

    def touching(self, clusters: Sequence[ClusterFound], records: Collection[int]) -> list[ClusterFound]:
        """Those in which one of some records is."""
        wanted = set(records)
        return [cluster for cluster in clusters if not wanted.isdisjoint(cluster.records)]

    def cluster_named(self, name: str) -> ClusterFound:
        """A cluster by its number, 12 or cluster:12, or by the key of a record in it. Raises ClusterUnknown."""
        text = name.removeprefix(WORD).removeprefix("#")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        if number is not None:
            for cluster in self.clusters([number]):
                if cluster.number == number:
                    return cluster
        if not name.startswith(WORD):
            record = record_named(self.store, self.table, name).record
            for at in self.kept.clusters_of([record]).values():
                for cluster in self.clusters([at]):
                    if record in cluster.records:
                        return cluster
        raise ClusterUnknown(name=name.removeprefix(WORD), table=self.table.name)

    def said_between(self, one: int, other: int) -> bool:
        """Whether people said of two records that they are not the same."""
        return other in self._apart.get(one, ())

    def _rivals(self, pair: Pair) -> bool:
        """Whether a pair that was not joined speaks for another cluster as well."""
        if pair.vetoed or self.said_between(pair.one, pair.other):
            return False
        return pair.odds >= self._review

    def _gone(self, records: Collection[int]) -> set[int]:
        return set(records) - compared(self.store, self.table, records) if records else set()

    def _parts(self, records: list[int], inside: Sequence[Pair]) -> list[list[int]]:
        """The records of a cluster, or what becomes of it by what people said since: nothing, until it is sought anew,
        where the model is of another schema, or no longer understood."""
        if len(records) < 2:
            return []
        among = set(records)
        if not self._apart or not any(self._apart.get(one, set()) & among for one in records):
            return [records]
        if self._outdated:
            return []
        from custrec.jobs.duplicates.finding_kept import weighed
        from custrec.jobs.duplicates.joining import join

        try:
            model = self.model
        except FoundOutdated:
            return []
        given = read(self.store, self.comparison, records)
        here = [pair for pair in inside if pair.one in among and pair.other in among]
        rows = {record: row for row, record in enumerate(given.ids.tolist())}
        apart = [(rows[a], rows[b]) for a in rows for b in self._apart.get(a, ()) if b in rows and a < b]
        clusters = join(self.comparison, given, weighed(given, here, len(model.fields)), apart, model).clusters
        parts: dict[int, list[int]] = {}
        for record, label in zip(given.ids.tolist(), clusters.tolist(), strict=True):
            parts.setdefault(label, []).append(record)
        return [part for part in parts.values() if len(part) > 1]

    def _plain(self, records: Sequence[int], inside: Sequence[Pair]) -> bool:
        """Whether a cluster of which nothing is gone has no doubts, nor anything that parts it: as most have none."""
        sure = max(self._auto, self._review)
        return (
            len(inside) == len(records) * (len(records) - 1) // 2 > 0
            and all(pair.odds >= sure and not pair.vetoed and not self._names.of(pair) for pair in inside)
            and self._changed.isdisjoint(records)
            and self._apart.keys().isdisjoint(records)
            and self._split.keys().isdisjoint(records)
        )

    def _cluster(self, records: list[int], inside: Sequence[Pair], rivals: Sequence[Pair]) -> ClusterFound:
        among = set(records)
        own = tuple(pair for pair in inside if pair.one in among and pair.other in among)
        between = [pair for pair in rivals if (pair.one in among) != (pair.other in among)]
        doubts = tuple(self._doubts(records, own, between))
        return ClusterFound(records[0], tuple(records), own, doubts)

    def _doubts(self, records: Sequence[int], inside: Sequence[Pair], rivals: Sequence[Pair]) -> Iterator[Doubt]:
        """Why nobody should merge these unasked. Records are by number, `rivals` likely pairs with records outside."""
        weakest = min(inside, key=lambda pair: pair.odds, default=None)
        if weakest and weakest.odds < max(self._auto, self._review):
            two, sure = f"#{weakest.one} and #{weakest.other} alone", percent(probability(weakest.odds))
            if weakest.odds < self._review:
                yield Doubt("contradiction", f"{two} would not be one ({sure})")
            else:
                yield Doubt("below-auto", f"{two} are below {self.comparison.match.auto:g}, match.auto ({sure})")
        if len(inside) < len(records) * (len(records) - 1) // 2:
            yield Doubt("too-large", "so many records are not weighed each with each")
        said = ((pair, self._names.of(pair)) for pair in inside)
        if named := next(((pair, names) for pair, names in said if names), None):
            pair, (slug, words) = named
            yield Doubt(slug, f"#{pair.one} and #{pair.other} {words}")
        if vetoed := [pair for pair in inside if pair.vetoed]:
            yield Doubt("veto", f"a veto keeps #{vetoed[0].one} and #{vetoed[0].other} apart")
        out = (one for record in records for one in self._split.get(record, ()) if one.out_of in records)
        for one in [*out][:1]:
            yield Doubt("taken-apart", f"#{one.record} was taken out of #{one.out_of} (event {one.event})")
        for pair in rivals[:1]:
            mine, other = (pair.one, pair.other) if pair.one in records else (pair.other, pair.one)
            yield Doubt("tie", f"#{mine} may as well be one with #{other} ({percent(probability(pair.odds))})")
        if not self._changed.isdisjoint(records):
            moved = next(record for record in records if record in self._changed)
            yield Doubt("changed", f"#{moved} changed since: {self._find} looks at it")


@contextmanager
def found_duplicates(store: Store, table: Table) -> Iterator[FoundDuplicates]:
    """Open what was found in a table. Raises NothingFoundYet, DerivedDamaged."""
    with removed_if_damaged(store.path), snapshot(store.reader):
        kept = pairs.kept(store, table)
        if kept is None:
            raise NothingFoundYet(table=table.name)
        try:
            yield FoundDuplicates(store, comparison_of(store.schema, table), kept)
        finally:
            kept.close()


def concerned(store: Store, table: Table, condition: Condition | None, since: int | None) -> set[int] | None:
    """The records that meet a condition and were changed after an event; None where neither is asked for."""
    found: set[int] | None = None
    if condition is not None:
        found = {record for state in COMPARED for record in keyed.ids(store, table, condition, State(state))}
    if since is not None:
        changed = set(pairs.changed_after(store, table, since))
        found = changed if found is None else found & changed
    return found
