"""What a person is asked: which of the records that were found together are one, the least certain first.

A question is a cluster as it stands by now (jobs.duplicates.found), or a likely pair of records that no cluster joins.
What was decided is in the store, so the next review asks only what is open still; what was put off, in the derived
file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from custrec.jobs.duplicates.found import FoundDuplicates, found_duplicates
from custrec.jobs.duplicates.odds import log_odds, probability
from custrec.jobs.reading import read_for, shown
from custrec.model.schema import Table
from custrec.store import keyed, records
from custrec.store.coded_columns import compared
from custrec.store.database import Store
from custrec.store.pairs import keeping
from custrec.values.guard import guarded

if TYPE_CHECKING:
    from custrec.jobs.duplicates.found import ClusterFound
    from custrec.store.pairs import Pair


SAID_DOUBTS = ("other-name", "other-branch", "weak-name", "taken-apart", "tie")
"""The doubts that are not seen by the probability and the values alone."""


@dataclass(frozen=True)
class Question:
    """Records that may be one, by number, ascending; `odds` are the natural log odds of the pairs of them that were
    weighed, `cluster` is the number of theirs, None for a pair that no cluster joins; `doubts` are said to whoever is
    asked: of names, ties, and what was taken apart before. All is as of the event `as_of`."""

    cluster: int | None
    records: tuple[int, ...]
    odds: Mapping[tuple[int, int], float]
    as_of: int
    doubts: tuple[str, ...] = ()

    @property
    def weakest(self) -> float:
        """The least probability of a pair."""
        return probability(min(self.odds.values(), default=0.0))

    @property
    def likeliest(self) -> tuple[int, int]:
        """The pair that speaks most for it."""
        return max(self.odds, key=lambda pair: self.odds[pair], default=(self.records[0], self.records[1]))

    @property
    def order(self) -> tuple[float, tuple[int, ...]]:
        """What is less certain is asked sooner."""
        return abs(self.weakest - 0.5), self.records


def questions(store: Store, table: Table, least: float | None = None) -> tuple[list[Question], list[Question]]:
    """What is open: clusters, and pairs that no cluster joins from the probability `least` on (None: no such pairs);
    and of these what a person put off.

    Raises NothingFoundYet.
    """
    with found_duplicates(store, table) as found:
        clusters, off = found.clusters(), found.kept.skipped()
        open_ = [of_cluster(cluster, store.last_event) for cluster in clusters]
        if least is not None:
            open_ += _between(found, clusters, least)
    open_.sort(key=lambda question: question.order)
    return [one for one in open_ if one.records not in off], [one for one in open_ if one.records in off]


def put_off(store: Store, table: Table, question: Question, wait: float, off: bool = True) -> None:
    """Remember that a person put a question `off`, so that it is not asked again unless asked for; or that not any
    more. Raises StoreBusy, DiskFull."""
    with keeping(store, table, wait) as keeper:
        keeper.skip(question.records, off)


def of_cluster(cluster: ClusterFound, as_of: int) -> Question:
    """The question about a cluster."""
    doubts = tuple(doubt.words for doubt in cluster.doubts if doubt.rule in SAID_DOUBTS)
    odds = {(pair.one, pair.other): pair.odds for pair in cluster.pairs}
    return Question(cluster.number, cluster.records, odds, as_of, doubts)


def _between(found: FoundDuplicates, clusters: Iterable[ClusterFound], least: float) -> Iterator[Question]:
    """Likely pairs of records of different clusters, or of none."""
    of = {record: cluster.number for cluster in clusters for record in cluster.records}
    likely = [
        pair
        for pair in found.kept.pairs(log_odds(least))
        if not pair.vetoed and not found.said_between(pair.one, pair.other)
    ]
    there = compared(found.store, found.table, {record for pair in likely for record in (pair.one, pair.other)})
    for pair in likely:
        if pair.one in there and pair.other in there and not _joined(of, pair):
            yield Question(None, (pair.one, pair.other), {(pair.one, pair.other): pair.odds}, found.store.last_event)


def _joined(of: Mapping[int, int], pair: Pair) -> bool:
    return pair.one in of and of[pair.one] == of.get(pair.other)


def texts_of(store: Store, table: Table, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
    """Records as people read them, by number and field."""
    names = [field.name for field in table.fields]
    rows = records.select_any(store, table, read_for(store.schema, table, names), keyed.numbered(numbers))
    return {
        row[0]: {name: "" if cell is None else str(cell) for name, cell in zip(names, row[1:], strict=True)}
        for row in shown(store.schema, table, names, rows)
    }


OWN = ("verdict", "probability", "one", "other")
BATCH = 500


def write_pairs(store: Store, table: Table, asked: Sequence[Question], stream: TextIO) -> int:
    """Write what is open as a list of pairs for verdicts to be filled in; returns how many pairs."""
    names = [field.name for field in table.fields]
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([*OWN, *(f"{side}.{name}" for name in names for side in ("one", "other"))])
    count = 0
    for start in range(0, len(asked), BATCH):
        some = asked[start : start + BATCH]
        texts = texts_of(store, table, sorted({record for question in some for record in question.records}))
        for one, other, odds in _pairs_of(some):
            cells = [guarded(texts[record][name]) for name in names for record in (one, other)]
            writer.writerow(["", f"{probability(odds):.4f}", f"{table.name}#{one}", f"{table.name}#{other}", *cells])
            count += 1
    return count


def _pairs_of(asked: Iterable[Question]) -> Iterator[tuple[int, int, float]]:
    for question in asked:
        for (one, other), odds in sorted(question.odds.items(), key=lambda item: (-item[1], item[0])):
            yield one, other, odds
