"""custrec dedupe find, list: which records may be one. What two of them share is told by cli.explaining."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.counting import many
from custrec.cli.explaining import Html, cluster_said, rounded, write_page
from custrec.cli.face import Face
from custrec.cli.options import Everything, Format, Json, TableName, a_number, chosen_format
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.duplicates.finding import Outcome
    from custrec.jobs.duplicates.found import ClusterFound, FoundDuplicates

PAGE = 20
"""How many clusters a table shows at first."""
NAMED = 6
"""So many members of a cluster are named in a line."""

Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="Only clusters with a record that changed after it: event:41, a day."),
]
MinProbability = Annotated[
    float | None,
    typer.Option(
        "--min-probability",
        metavar="P",
        min=0,
        max=1,
        help="Only clusters whose weakest pair is so likely.",
        callback=a_number,
    ),
]
Narrowed = Annotated[
    str | None, typer.Option("--where", metavar="EXPR", help="Only clusters with a record that meets this.")
]


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "find",
        codes=(0, 2, 3, 4, 6, 7, 10),
        summary=True,
        begins_anew=True,
        examples=[
            "custrec dedupe find",
            "custrec dedupe find --since event:41 --json",
            "custrec dedupe find --retrain",
        ],
    )(find)
    command(
        group,
        "list",
        codes=(0, 2, 4, 6, 7, 10),
        pages=True,
        begins_anew=True,
        examples=[
            "custrec dedupe list --where 'status = active'",
            "custrec dedupe list --min-probability 0.95 --format jsonl > clusters.jsonl",
        ],
    )(list_clusters)


def find(
    face: Face,
    table: TableName = None,
    where: Narrowed = None,
    since: Since = None,
    retrain: Annotated[
        bool, typer.Option("--retrain", help="Learn anew what agreement is worth, and say what differs.")
    ] = False,
    jobs: Annotated[int | None, typer.Option("--jobs", metavar="N", min=1, max=8, help="Threads that compare.")] = None,
    as_json: Json = False,
) -> int:
    """Find records that may be one, by what they hold alone: no rules are written. What was found is kept, so that the
    next time only new and changed records are held against all."""
    from custrec.cli.progress import shown_progress
    from custrec.jobs.duplicates.finding import FindRequest, find_duplicates
    from custrec.jobs.duplicates.found import found_duplicates
    from custrec.jobs.reading import table_named

    session = face.session
    session.check_schema(writing=True)
    chosen = table_named(session.store.schema, table)
    request = FindRequest(chosen, retrain, jobs=jobs or face.settings.jobs or min(os.cpu_count() or 1, 4))
    with shown_progress(face) as progress:
        outcome = find_duplicates(session.store, request, session.at, session.wait, progress)
        progress.phase("counting")
        with found_duplicates(session.store, chosen) as found:
            if where is None and since is None:
                clusters, records = found.kept.count()  # what was found this moment holds as it is kept
            else:
                asked_for = _narrowed(face, found, where, since, None)
                clusters, records = len(asked_for), sum(len(cluster.records) for cluster in asked_for)
    said = {
        "table": chosen.name,
        "clusters": clusters,
        "records": records,
        "how": outcome.how,
        "why": outcome.why,
        "records_compared": outcome.looked_at,
        "records_in_table": outcome.run.records,
        "event": outcome.run.mark.event,
        "differs": list(outcome.differs),
    }
    face.result("dedupe", said)
    if as_json:
        face.out_json("dedupe", said)
    else:
        _say(face, outcome, said, chosen.name, where is not None or since is not None)
    return 3 if clusters else 0


def _say(face: Face, outcome: Outcome, said: Mapping[str, Any], table: str, narrowed: bool) -> None:
    from custrec.jobs.duplicates.finding import why_none
    from custrec.jobs.reading import table_option

    learned = f"all {outcome.looked_at:,} records compared, the model learned anew: {outcome.why}"
    how = {
        "anew": learned if outcome.run.model else f"{many(outcome.looked_at, 'record')}, too little to compare",
        "again": f"all {outcome.looked_at:,} records compared, by the model as it was",
        "since": f"{outcome.looked_at:,} new or changed records compared with all {outcome.run.records:,}",
        "current": f"nothing changed since event {outcome.run.mark.event}",
    }[outcome.how]
    face.say(f"{table}: {how}")
    if outcome.damaged:
        face.warn(outcome.damaged)
    for line in outcome.differs:
        face.say(f"  {line}")
    if not said["clusters"]:
        if narrowed:
            face.say("no cluster with such a record")
            return
        face.say("no records that may be one")
        for line in why_none(face.session.store, face.session.store.schema.by_name[table]):
            face.say(f"  {line}")
        return
    face.say(f"{many(said['clusters'], 'cluster')} of {said['records']:,} records that may be one")
    option = table_option(face.session.store.schema, table)
    face.say(f"look at them: custrec dedupe list{option}; merge the sure ones: custrec dedupe merge --auto{option} -n")


def list_clusters(
    face: Face,
    table: TableName = None,
    where: Narrowed = None,
    since: Since = None,
    at_least: MinProbability = None,
    everything: Everything = False,
    html: Html = None,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """List the clusters that were found: records that may be one, and how likely their weakest and strongest pairs
    are. A cluster is named by its least record number."""
    from custrec.cli.progress import waiting
    from custrec.jobs.duplicates.found import found_duplicates
    from custrec.jobs.duplicates.merged import keys_of, names_of
    from custrec.jobs.reading import table_named
    from custrec.jobs.uncollected import uncollected

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    chosen = table_named(store.schema, table)
    with uncollected(), waiting(face, "reading"), found_duplicates(store, chosen) as found:
        narrowed = where is not None or since is not None or at_least is not None
        paged = not everything and (form == "table" or html is not None)
        if paged and not narrowed:
            shown, number = found.page(PAGE)
        else:
            clusters = _narrowed(face, found, where, since, at_least)
            shown, number = clusters[:PAGE] if paged else clusters, len(clusters)
        standing = found.standing().words
        if html is not None:
            write_page(face, found, shown, html)
            if len(shown) < number:
                face.say(f"the first {PAGE} of {number:,} clusters; all of them with --all")
            return
        members = [record for cluster in shown for record in cluster.records]
        keys = keys_of(store, chosen, members)
        names = names_of(store, chosen, members) if form == "table" else {}
    if form == "table":
        _print(face, shown, {one: [keys.get(one, f"#{one}"), *names.get(one, ())] for one in members})
        more = f"{PAGE} of {number:,} clusters; all of them with --all"
        face.say(more if len(shown) < number else f"{many(number, 'cluster')} that may be one")
    else:
        _write(form, chosen.name, shown, keys)
    if standing:
        face.say(standing)


def _narrowed(
    face: Face, found: FoundDuplicates, where: str | None, since: str | None, at_least: float | None
) -> list[ClusterFound]:
    """The clusters that are asked for."""
    from custrec.jobs.duplicates.found import concerned
    from custrec.jobs.past.times import event_at
    from custrec.jobs.reading import condition

    store, table = found.store, found.table
    meant = condition(store, table, where, face.session.today) if where else None
    event = event_at(store, since, "--since") if since else None
    records = concerned(store, table, meant, event)
    if records is None:
        clusters = found.clusters()
    else:
        clusters = found.touching(found.clusters(set(found.kept.clusters_of(records).values())), records)
    return [cluster for cluster in clusters if at_least is None or (cluster.weakest or 0) >= at_least]


def _print(face: Face, clusters: Sequence[ClusterFound], words: Mapping[int, Sequence[str]]) -> None:
    from custrec.jobs.duplicates.odds import percent

    if not clusters:
        return
    columns = ("cluster", "records", "weakest", "strongest", "unasked", "members")
    rows = [
        (
            cluster.number,
            len(cluster.records),
            percent(cluster.weakest),
            percent(cluster.strongest),
            "no" if cluster.doubts else "yes",
            _named(cluster.records, words),
        )
        for cluster in clusters
    ]
    face.table(columns, rows, right=("cluster", "records", "weakest", "strongest"))


def _named(records: Sequence[int], words: Mapping[int, Sequence[str]]) -> str:
    named = [" ".join(words[record]) for record in records[:NAMED]]
    return " · ".join(named) + (f" and {len(records) - NAMED:,} more" if len(records) > NAMED else "")


def _write(form: str, table: str, clusters: Sequence[ClusterFound], keys: Mapping[int, str]) -> None:
    from custrec.files.output import open_output, write_rows

    with open_output("-") as stream:
        if form in ("json", "jsonl"):
            said = (cluster_said(table, cluster, keys) for cluster in clusters)
            columns = ("table", "cluster", "members", "weakest", "strongest", "unasked", "doubts")
            write_rows(stream, form, columns, (tuple(one.values()) for one in said), "clusters")
        else:
            of_members = ("cluster", "_id", "key", "weakest", "strongest", "unasked")
            write_rows(stream, form, of_members, _rows(clusters, keys))


def _rows(clusters: Sequence[ClusterFound], keys: Mapping[int, str]) -> Iterator[tuple[Any, ...]]:
    """A row a member."""
    for cluster in clusters:
        tail = (rounded(cluster.weakest), rounded(cluster.strongest), "no" if cluster.doubts else "yes")
        for record in cluster.records:
            yield (cluster.number, record, keys.get(record), *tail)
