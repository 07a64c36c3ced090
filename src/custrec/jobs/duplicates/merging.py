"""Merge: clusters of records become one each, as a plan of updates; fifty thousand as well as one.

    clusters → which may become one (clusters) → what is in the way (store.merging) → which values stay
    (rules.survivorship) → held to the checks → the plan: survivors, merged records, and all that referred to them

Where clusters come from is not asked here: a person, a file, or whoever finds duplicates hands them over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from custrec.errors import MergeRefused, RecordInvalid
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.duplicates.clusters import MERGEABLE, Cluster, LeftOut, gathered
from custrec.jobs.duplicates.settling import Settling
from custrec.jobs.edits.naming import Named, refuse_aside
from custrec.jobs.edits.written_values import Wording, in_words, taken
from custrec.jobs.progress import Progress
from custrec.model.plan import Counts
from custrec.model.schema import Table
from custrec.store import keyed
from custrec.store.database import Store, snapshot
from custrec.store.merging import InTheWay, Joining
from custrec.store.plan_file import PlanFile
from custrec.store.rewriting import rewriting
from custrec.store.value_ages import ValueAges
from custrec.values.protocol import Stored


@dataclass(frozen=True)
class MergeRequest:
    """Clusters of records of one table. `alone`: there is one, and a person named it: it becomes one or is an error.
    `judged`: a person looked at each; such merges are answers that weights are tuned by."""

    table: Table
    clusters: Sequence[Cluster]
    alone: bool = False
    judged: bool = False


@dataclass
class _Found:
    """What became of the clusters."""

    survivors: list[tuple[Any, ...]] = field(default_factory=list)
    fields: dict[str, int] = field(default_factory=dict)


def plan_merge(store: Store, request: MergeRequest, by: Draft, progress: Progress | None = None) -> PlanFile:
    """Plan to make one record of each cluster.

    What cannot become one is left out, and counted by rule; raises MergeRefused where it is the one that was named,
    RecordInTrash and RecordRestricted among it, and DiskFull.
    """
    progress = progress or Progress()
    base, table, out = by.base(store), request.table, LeftOut()
    if request.alone:
        places = keyed.by_number(store, table, {record for one in request.clusters for record in one.records})
        refuse_aside((Named(table, *place) for place in places.values()), but=MERGEABLE)
    with drafted(store, by) as file:
        with rewriting(file, store.path), snapshot(store.reader):
            clusters = gathered(store, table, request.clusters, out)
            joining = Joining(file, table)
            joining.gather((survivor, cluster.records) for survivor, cluster in clusters.by_survivor.items())
            joining.leave_out(_in_the_way(joining, table, out))
            progress.phase("comparing")
            settling = Settling(store, table, by, lambda: ValueAges(file.connection, table, "temp.joined"))
            found, unsettled = _Found(), []
            rows = groupby(joining.rows(), key=lambda row: row[0])
            for survivor, survivors in settling.settled(rows, clusters.by_survivor, out):
                if survivors is None:
                    unsettled.append(survivor)
                else:
                    found.survivors.append(survivors)
            joining.leave_out(unsettled)
            if request.alone and out.clusters:
                raise MergeRefused(what=f"these records of {table.name}", details=tuple(out.told), hint=_hint(out))
            merged = sum(len(clusters.by_survivor[row[0]].records) for row in found.survivors)
            tables = joining.write(found.survivors)
        counts = Counts(
            read=sum(len(cluster.records) for cluster in request.clusters),
            same=clusters.one,
            update=sum(tables.values()),
            rejected=out.clusters,
        )
        detail = {
            "of": [table.name],
            "clusters": len(found.survivors),
            "merged": merged,
            "written": tables,
            "into": [row[0] for row in found.survivors[:FEW]],
            "fields": {table.name: settling.changed} if settling.changed else {},
            "told": out.told,
            **({"judged": True} if request.judged or request.alone else {}),
        }
        file.save_head(by.head(store, "merge", base, counts, list(tables), rules=dict(out.rules), detail=detail))
    return file


FEW = 5
"""So many survivors are named."""
HINTS = {
    "said-different": "take that back first: custrec dedupe same ID ID",
    "ask": "say it with --take FIELD=ID or --set FIELD=VALUE",
    "money-apart": "give both with --set, or take both of one record with --take",
    "too-long": "say it with --take FIELD=ID or --set FIELD=VALUE",
    "check": "say it with --take FIELD=ID or --set FIELD=VALUE",
    "children-in-the-way": "delete one of them, or make one record of them first",
    "survivor-archived": "let an active one survive: --into ID",
}
"""What to do about each reason why records cannot become one."""


def _hint(out: LeftOut) -> str | None:
    return next((hint for rule, hint in HINTS.items() if rule in out.rules), None)


def chosen_values(
    store: Store, table: Table, texts: dict[str, str], records: Sequence[int], by: Draft
) -> dict[str, Stored]:
    """What a person typed for the record that is to come of some, as it is stored.

    Raises RecordInvalid for what the field does not take, and for a unique value that yet another record has.
    """
    wording = Wording(store, table, list(texts), by.day)
    meant = wording.read({name: [text] for name, text in texts.items()}, {name: [None] for name in wording.beside})
    wrong = [in_words(*one) for one in meant.faults.get(0, ())]
    for name in texts:
        place = taken(store, table, name, meant.values[name]).get(0) if table.by_name[name].unique else None
        if place and place.record not in records:
            wrong.append(f"{name}: not-unique (it is {table.name} #{place.record})")
    if wrong:
        raise RecordInvalid(count=len(wrong), what="what is to be set", table=table.name, details=tuple(wrong))
    return {name: meant.stored(name)[0] for name in texts}


def _in_the_way(joining: Joining, table: Table, out: LeftOut) -> Iterator[int]:
    """The clusters whose children cannot be below one parent."""
    blocked: dict[int, list[InTheWay]] = {}
    for one in joining.in_the_way():
        blocked.setdefault(one.survivor, []).append(one)
    for survivor, ways in blocked.items():
        said = ", ".join(f"#{record}" for record in ways[0].records[:5])
        same = f"{ways[0].child.name} {said} would be the same by {', '.join(ways[0].fields)}"
        out.add("children-in-the-way", f"below {table.name} #{survivor}, {same}")
        yield survivor
