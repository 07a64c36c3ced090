"""custrec dedupe merge, split, different, same, verdicts: the face of jobs.duplicates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import CODES, CODES_OF_MANY_NAMED, CODES_OF_NAMED, carry_out
from custrec.cli.choosing import Ids, named_records
from custrec.cli.face import Face
from custrec.cli.options import ROWS, WRITING, FormatOfRows, Json, TableName, Writing, a_number, chosen_format, one_way
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.duplicates.clusters import Cluster
    from custrec.jobs.duplicates.merging import MergeRequest
    from custrec.jobs.edits.naming import Named
    from custrec.model.schema import Table

RecordsOrClusters = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID…]", help="Natural keys, or record numbers as #12; or clusters as cluster:12.", show_default=False
    ),
]


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "merge",
        writes="merge",
        codes=CODES_OF_MANY_NAMED,
        begins_anew=True,
        examples=[
            "custrec dedupe merge C0002 C0005 -n",
            "custrec dedupe merge C0002 C0005 --into C0005 --take phone=C0002 --set status=active",
            "custrec dedupe merge --auto -n",
            "custrec dedupe merge cluster:2 --note 'seen by Kim'",
            "custrec dedupe merge --from clusters.jsonl --max-change 100000",
        ],
    )(merge)
    command(
        group,
        "split",
        writes="split",
        codes=CODES_OF_NAMED,
        examples=["custrec dedupe split C0002 -n", "custrec dedupe split C0002 --member C0005"],
    )(split)
    command(
        group,
        "different",
        writes="different",
        codes=CODES_OF_NAMED,
        examples=["custrec dedupe different C0002 C0005", "custrec dedupe different '#2' '#5' --note 'father and son'"],
    )(different)
    command(
        group,
        "same",
        writes="same",
        codes=CODES,
        examples=["custrec dedupe same C0002 C0005", "custrec dedupe same '#2' '#5' -n"],
    )(same)
    command(group, "verdicts", examples=["custrec dedupe verdicts", "custrec dedupe verdicts --table contacts --json"])(
        verdicts
    )


def merge(
    face: Face,
    ids: RecordsOrClusters = None,
    table: TableName = None,
    auto: Annotated[
        bool,
        typer.Option("--auto", help="All clusters found that are sure: match.auto, and nothing against it."),
    ] = False,
    at_least: Annotated[
        float | None,
        typer.Option(
            "--min-probability",
            metavar="P",
            min=0,
            max=1,
            help="All clusters found whose weakest pair is so likely.",
            callback=a_number,
        ),
    ] = None,
    into: Annotated[str | None, typer.Option("--into", metavar="ID", help="Who survives; else the oldest.")] = None,
    given: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="This value, whatever the rules say.")
    ] = None,
    take: Annotated[
        list[str] | None, typer.Option("--take", metavar="FIELD=ID", help="The value of this record, blank or not.")
    ] = None,
    clusters_from: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE", help="Clusters in a file of JSON lines, one a line; - reads them."),
    ] = None,
    writing: Writing = WRITING,
) -> int:
    """Make one record of several: of records that are named, or of clusters that `find` found. Keys and numbers of the
    others lead to it from then on, and what referred to them refers to it. Which values stay, the table's match section
    says; undo and split take it apart again."""
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.duplicates.clusters import Cluster
    from custrec.jobs.duplicates.found import WORD
    from custrec.jobs.duplicates.merging import MergeRequest, plan_merge

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    way = one_way(
        {"ID": ids, "--from": clusters_from is not None, "--auto": auto, "--min-probability": at_least is not None}
    )
    if way is None:
        raise UsageError(what="no record is named", hint="name records or clusters, or say --auto, or --from FILE")
    clusters = [name for name in ids or () if name.startswith(WORD)]
    if (into or given or take) and (way != "ID" or len(clusters) > 1):
        raise UsageError(what="--into, --set and --take are for one cluster that is named")
    with shown_progress(face) as progress:
        if clusters_from is not None:
            request = _from_file(face, table, clusters_from)
        elif way != "ID":
            progress.phase("reading")
            request = _found(face, table, at_least)
        else:
            members = _of_clusters(face, table, ids or [], clusters)
            if len(clusters) > 1:
                request = MergeRequest(_table(face, table), [Cluster([one.record for one in some]) for some in members])
            else:
                chosen, cluster = _named_cluster(face, ids or [], members[0], into, given or [], take or [], writing)
                request = MergeRequest(chosen, [cluster], alone=True)
        file = plan_merge(session.store, request, session.draft(writing.note), progress)
        return carry_out(face, file, writing, progress)


def split(
    face: Face,
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A natural key, or a record number as #12.", show_default=False)
    ],
    member: Annotated[
        list[str] | None,
        typer.Option("--member", metavar="ID", help="Only this one comes out; may be repeated."),
    ] = None,
    table: TableName = None,
    writing: Writing = WRITING,
) -> int:
    """Take apart what was merged: records come out as they were, with their children; all of them, or only the one
    that is named by its old key or number. What was changed or added since stays with the one that survived."""
    from custrec.jobs.duplicates.splitting import SplitRequest, plan_split
    from custrec.jobs.reading import table_option

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    (named,) = named_records(face, table, [name])
    members = chosen_members(face, named, member or [])
    if named.via and not members:
        survivor = f"{named.table.name}#{named.record}"
        face.say(f"{name} was merged into {survivor}: only it comes out; all: custrec dedupe split {survivor}")
    file = plan_split(session.store, SplitRequest(named, members), session.draft(writing.note))
    code = carry_out(face, file, writing)
    if not writing.dry_run and not writing.save_plan:
        option = table_option(session.store.schema, named.table.name)
        how = f"custrec dedupe different{option} ID ID"
        face.say(f"merge --auto leaves them apart; if they are not the same, say so: {how}")
    return code


def different(face: Face, ids: Ids = None, table: TableName = None, writing: Writing = WRITING) -> int:
    """Say that records are not the same. It holds for ever, and for all that they may be merged into: a merge that
    would make one of them is refused."""
    from custrec.jobs.duplicates.judging_pairs import every_two, plan_different

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    request = every_two(named_records(face, table, ids or []))
    return carry_out(face, plan_different(session.store, request, session.draft(writing.note)), writing)


def same(face: Face, ids: Ids = None, table: TableName = None, writing: Writing = WRITING) -> int:
    """Take back that records are not the same. Nothing is merged by it."""
    from custrec.jobs.duplicates.judging_pairs import every_two, plan_same

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    request = every_two(named_records(face, table, ids or []))
    return carry_out(face, plan_same(session.store, request, session.draft(writing.note)), writing)


def verdicts(
    face: Face,
    table: TableName = None,
    fmt: FormatOfRows = "table",
    as_json: Json = False,
) -> None:
    """List which records are said to be different, by whom and when."""
    from custrec.files.output import open_output, write_rows
    from custrec.jobs.duplicates.judging_pairs import said_different

    form = chosen_format(fmt, as_json, ROWS)
    found = said_different(face.reader.store, _tables(face, table))
    columns = ("table", "one", "key", "other", "other_key", "event", "at", "by", "note")
    rows = [tuple(one) for one in found]
    if form == "json":
        face.out_json("verdicts", {"verdicts": [dict(zip(columns, row, strict=True)) for row in rows]})
    elif form != "table":
        with open_output("-") as stream:
            write_rows(stream, form, columns, iter(rows))
    elif rows:
        shown = [(f"{row[0]} #{row[1]}", row[2], f"#{row[3]}", row[4], *row[5:]) for row in rows]
        face.table(("record", "key", "is not", "key", "event", "at", "by", "note"), shown, right=("event",))
    else:
        face.say("no records are said to be different")


def chosen_members(face: Face, named: Named, names: Sequence[str]) -> list[Named]:
    """The records within one that words name."""
    from custrec.jobs.edits.naming import record_named

    return [record_named(face.session.store, named.table, name) for name in names]


def _named_cluster(
    face: Face,
    ids: Sequence[str],
    found: Sequence[Named],
    into: str | None,
    given: Sequence[str],
    take: Sequence[str],
    writing: Writing,
) -> tuple[Table, Cluster]:
    """The cluster of the records that a person names, and what is said of its fields."""
    from custrec.errors import UsageError
    from custrec.jobs.duplicates.clusters import Cluster
    from custrec.jobs.duplicates.merging import chosen_values
    from custrec.jobs.edits.naming import of_one_table, record_named
    from custrec.jobs.edits.written_values import assignments, field_called
    from custrec.jobs.edits.written_values import split as sides

    store = face.session.store
    chosen = of_one_table(found)
    survivor = record_named(store, chosen, into).record if into else None
    records = list(dict.fromkeys([*(one.record for one in found), *([survivor] if survivor else ())]))
    if len(records) < 2:
        names = list(dict.fromkeys([*ids, *([into] if into else [])]))
        hint = "name another one; what was merged into a record is said by custrec show"
        if len(names) == 1 and names[0].isdecimal():
            hint = f"name another one; a cluster of that number is cluster:{names[0]}"
        are = f"{', '.join(names[:-1])} and {names[-1]} are" if len(names) > 1 else f"{names[0]} is"
        raise UsageError(what=f"{are} one record, {found[0].words}", hint=hint)
    texts = assignments(chosen, given)
    taken: dict[str, int] = {}
    for name, record in map(sides, take):
        taken[field_called(chosen, name)] = record_named(store, chosen, record).record
    if wrong := [name for name in (*texts, *taken) if name in chosen.primary_key or (name in texts and name in taken)]:
        raise UsageError(what=f"{wrong[0]} is the key, or given twice", hint="who survives is said with --into")
    if lost := [name for name, record in taken.items() if record not in records]:
        raise UsageError(what=f"--take {lost[0]} names a record that is not among these")
    values = chosen_values(store, chosen, texts, records, face.session.draft(writing.note)) if texts else {}
    return chosen, Cluster(records, survivor, values, taken)


def _of_clusters(face: Face, table: str | None, names: Sequence[str], clusters: Sequence[str]) -> list[Sequence[Named]]:
    """The records of each cluster that is named; where none is, those that are named themselves."""
    from custrec.errors import UsageError
    from custrec.jobs.duplicates.found import found_duplicates
    from custrec.jobs.edits.naming import numbered

    if not clusters:
        return [named_records(face, table, names)]
    if len(clusters) < len(names):
        raise UsageError(what="records and clusters are not named together", hint="name the records of the cluster too")
    store, chosen = face.session.store, _table(face, table)
    with found_duplicates(store, chosen) as found:
        return [numbered(store, chosen, found.cluster_named(name).records) for name in clusters]


def _found(face: Face, name: str | None, at_least: float | None) -> MergeRequest:
    """The clusters that were found and are sure enough: with nothing against them, or as likely as a person says."""
    from custrec.jobs.duplicates.clusters import Cluster
    from custrec.jobs.duplicates.found import found_duplicates
    from custrec.jobs.duplicates.merging import MergeRequest

    table = _table(face, name)
    with found_duplicates(face.session.store, table) as found:
        standing = found.standing()
        clusters = found.unasked(at_least)
    if standing.words:
        face.say(standing.words)
    return MergeRequest(table, [Cluster(one.records) for one in clusters])


def _from_file(face: Face, name: str | None, path: str) -> MergeRequest:
    from custrec.jobs.duplicates.cluster_files import clusters_in
    from custrec.jobs.duplicates.merging import MergeRequest

    return MergeRequest(*clusters_in(face.session.store, _table(face, name) if name else None, path))


def _table(face: Face, name: str | None) -> Table:
    from custrec.jobs.reading import table_named

    return table_named(face.session.store.schema, name)


def _tables(face: Face, name: str | None) -> list[Table]:
    return [_table(face, name)] if name else list(face.reader.store.schema.tables)
