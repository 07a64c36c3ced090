"""Clusters as people look at them: members side by side, and pages with the evidence drawn (report.waterfalls)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.jobs.duplicates.explaining import Explained, Explaining, shown_values
from custrec.jobs.duplicates.found import ClusterFound, FoundDuplicates
from custrec.jobs.duplicates.merged import keys_of
from custrec.jobs.duplicates.odds import percent
from custrec.model.plan import State
from custrec.report.waterfalls import Picture, Step, Waterfall
from custrec.store import keyed

DIFFERS = "≠"
"""Marks a field in which members have different values."""
MOST = 12
"""So many members of a cluster stand side by side on a page."""


@dataclass(frozen=True)
class Member:
    """One record of a cluster: its number, key and state, and its values by field as people read them."""

    record: int
    key: str | None
    state: State
    values: Mapping[str, Any]

    @property
    def words(self) -> str:
        """As a person may name it."""
        archived = " (archived)" if self.state is State.ARCHIVED else ""
        return f"#{self.record}{f' {self.key}' if self.key else ''}{archived}"


def members_of(found: FoundDuplicates, records: Sequence[int]) -> list[Member]:
    """The records of a cluster, by number."""
    keys = keys_of(found.store, found.table, records)
    places = keyed.by_number(found.store, found.table, records)
    values = shown_values(found, records)
    return [Member(one, keys.get(one), places[one].state, values[one]) for one in records]


def side_by_side(members: Sequence[Member]) -> list[tuple[str, str, list[str]]]:
    """A row a field that any member has: its name, `DIFFERS` where the members that have one have different values,
    and the values."""
    rows = []
    for name in members[0].values if members else ():
        values = [member.values[name] for member in members]
        given = {str(value) for value in values if value is not None}
        if given:
            mark = DIFFERS if len(given) > 1 else ""
            rows.append((name, mark, ["" if value is None else str(value) for value in values]))
    return rows


def pictures(found: FoundDuplicates, clusters: Sequence[ClusterFound]) -> Iterator[Picture]:
    """What a page shows of each cluster: the waterfall of its weakest pair, which decides, and of its strongest."""
    explaining = Explaining(found) if clusters else None
    for cluster in clusters:
        assert explaining is not None
        members = members_of(found, cluster.records[:MOST])
        more = len(cluster.records) - len(members)
        words = [f"weakest pair {percent(cluster.weakest)}, strongest {percent(cluster.strongest)}"]
        words += [f"{more:,} more members are not shown"] if more > 0 else []
        words += ["not merged unasked: " + "; ".join(doubt.words for doubt in cluster.doubts)] if cluster.doubts else []
        ordered = sorted(cluster.pairs, key=lambda pair: (pair.odds, pair.one, pair.other))
        chosen = dict.fromkeys((pair.one, pair.other) for pair in ordered[:1] + ordered[1:][-1:])
        yield Picture(
            f"{found.table.name}, cluster {cluster.number}: {len(cluster.records)} records",
            words,
            [member.words for member in members],
            [(name, mark, *values) for name, mark, values in side_by_side(members)],
            [_waterfall(explaining.pair(*pair)) for pair in chosen],
        )


def _waterfall(said: Explained) -> Waterfall:
    steps = [Step("prior", "how rare duplicates are among all pairs", said.prior)]
    steps += [
        Step(one.name, f"{_text(one.left)} | {_text(one.right)}: {one.level}", one.bits)
        for one in said.fields
        if one.level
    ]
    steps.append(Step("together", "evidence that comes together is not counted twice", said.together))
    vetoes = f", forbidden by {'; '.join(said.vetoes)}" if said.vetoes else ""
    return Waterfall(f"#{said.one} and #{said.other}", steps, f"{percent(said.probability)}, {said.verdict}{vetoes}")


def _text(value: Any) -> str:
    return "" if value is None else str(value)
