"""custrec dedupe show, explain: why records may be one, in tables on a terminal, or on a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.options import ROWS, Format, FormatOfRows, Json, TableName, chosen_format
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.duplicates.explaining import Explained
    from custrec.jobs.duplicates.found import ClusterFound, FoundDuplicates
    from custrec.jobs.duplicates.picturing import Member

Html = Annotated[
    str | None,
    typer.Option("--html", metavar="FILE", help="Write a page with the evidence drawn instead; - prints it."),
]
BESIDE = 30
"""So many columns of a terminal each member has at least."""
NAMES = 24
"""Room for the names of the fields."""
MOST_PAIRS = 10
"""So many pairs of a cluster are told."""


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "show",
        codes=(0, 2, 4, 6, 7, 10),
        pages=True,
        begins_anew=True,
        examples=["custrec dedupe show 2", "custrec dedupe show C0002 --html cluster.html"],
    )(show)
    command(
        group,
        "explain",
        codes=(0, 2, 4, 5, 6, 7),
        pages=True,
        begins_anew=True,
        examples=["custrec dedupe explain C0002 C0005", "custrec dedupe explain '#2' '#5' --json"],
    )(explain)


def show(
    face: Face,
    cluster: Annotated[
        str,
        typer.Argument(metavar="CLUSTER", help="Its number, or the ID of a record in it.", show_default=False),
    ],
    table: TableName = None,
    html: Html = None,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """Show the records of a cluster side by side; ≠ marks the fields in which they differ."""
    from custrec.cli.progress import waiting
    from custrec.jobs.duplicates.found import found_duplicates
    from custrec.jobs.duplicates.picturing import members_of
    from custrec.jobs.reading import table_named

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    with waiting(face, "reading"), found_duplicates(store, table_named(store.schema, table)) as found:
        chosen = found.cluster_named(cluster)
        standing = found.standing().words
        if html is not None:
            write_page(face, found, [chosen], html)
            return
        members = members_of(found, chosen.records)
    if form == "json":
        said = cluster_said(found.table.name, chosen, {one.record: one.key for one in members if one.key})
        values = {one.record: dict(one.values) for one in members}
        said["members"] = [one | {"values": values[one["id"]]} for one in said["members"]]
        said["pairs"] = [_pair_said(pair) for pair in chosen.pairs]
        face.out_json("cluster", said | {"stale": standing or None})
        return
    if form == "table":
        _say_cluster(face, found.table.name, chosen, members)
    else:
        rows = ((one.record, *one.values.values()) for one in members)
        _write(form, ("_id", *members[0].values), rows, "records")
    if standing:
        face.say(standing)


def cluster_said(table: str, cluster: ClusterFound, keys: Mapping[int, str]) -> dict[str, Any]:
    """A cluster for programs."""
    return {
        "table": table,
        "cluster": cluster.number,
        "members": [{"id": record, "key": keys.get(record)} for record in cluster.records],
        "weakest": rounded(cluster.weakest),
        "strongest": rounded(cluster.strongest),
        "unasked": not cluster.doubts,
        "doubts": [doubt.words for doubt in cluster.doubts],
    }


def rounded(probability: float | None) -> float | None:
    """A probability for programs."""
    return None if probability is None else round(probability, 6)


def _pair_said(pair: Any) -> dict[str, Any]:
    from custrec.jobs.duplicates.odds import probability

    return {
        "one": pair.one,
        "other": pair.other,
        "probability": round(probability(pair.odds), 6),
        "vetoed": bool(pair.vetoed),
    }


def _say_cluster(face: Face, table: str, cluster: ClusterFound, members: Sequence[Member]) -> None:
    from custrec.cli.tables import room
    from custrec.jobs.duplicates.odds import percent, probability
    from custrec.jobs.duplicates.picturing import side_by_side
    from custrec.jobs.reading import table_option

    beside = max(1, (room() - NAMES - 4) // BESIDE)
    rows = side_by_side(members)
    for start in range(0, len(members), beside):
        some = members[start : start + beside]
        if start:
            face.out("")
        face.table(
            ("field", "", *(member.words for member in some)),
            [(name, mark, *values[start : start + beside]) for name, mark, values in rows],
        )
    face.out("")
    pairs = sorted(cluster.pairs, key=lambda pair: (pair.odds, pair.one, pair.other))
    for pair in pairs[:MOST_PAIRS]:
        vetoed = ", forbidden by a veto" if pair.vetoed else ""
        face.out(f"#{pair.one} and #{pair.other}: {percent(probability(pair.odds))}{vetoed}")
    if len(pairs) > MOST_PAIRS:
        face.out(f"… {len(pairs) - MOST_PAIRS:,} more pairs, all likelier")
    for doubt in cluster.doubts:
        face.say(f"not merged unasked: {doubt.words}")
    if pairs:
        option = table_option(face.reader.store.schema, table)
        face.say(f"why: custrec dedupe explain{option} '#{pairs[0].one}' '#{pairs[0].other}'")


def explain(
    face: Face,
    one: Annotated[
        str, typer.Argument(metavar="ID", help="A natural key, or a record number as #12.", show_default=False)
    ],
    other: Annotated[str, typer.Argument(metavar="ID", help="The other record.", show_default=False)],
    table: TableName = None,
    fmt: FormatOfRows = "table",
    as_json: Json = False,
) -> None:
    """Explain why two records are, or are not, taken for one: what was compared and what it weighs, in bits that add
    up, and what would change the verdict. One bit more is twice as likely; 0 bits are even odds."""
    from custrec.cli.choosing import named_records
    from custrec.errors import UsageError
    from custrec.jobs.duplicates.clusters import MERGEABLE
    from custrec.jobs.duplicates.explaining import Explaining
    from custrec.jobs.duplicates.found import found_duplicates
    from custrec.jobs.edits.naming import of_one_table, refuse_aside

    form = chosen_format(fmt, as_json, ROWS)
    _ = face.reader
    named = named_records(face, table, [one, other])
    if len(named) < 2:
        raise UsageError(what=f"{one} and {other} are one record, {named[0].words}")
    refuse_aside(named, but=MERGEABLE)
    with found_duplicates(face.session.store, of_one_table(named)) as found:
        said = Explaining(found).pair(named[0].record, named[1].record)
        standing = found.standing().words
    if form in ("json", "jsonl"):
        face.out_json("explanation", _explained(found.table.name, said))
    elif form == "table":
        _say_explained(face, found.table.name, said)
    else:
        _write(form, ("evidence", "bits", "level", "one", "other"), _steps(said), "steps")
    if standing:
        face.say(standing)


def _explained(table: str, said: Explained) -> dict[str, Any]:
    return {
        "table": table,
        "one": said.one,
        "other": said.other,
        "fields": [
            {
                "field": field.name,
                "one": field.left,
                "other": field.right,
                "level": field.level or None,
                "bits": round(field.bits, 3),
                "frequency": field.frequency,
                "frequency_bits": round(field.frequency_bits, 3),
                "tells": field.tells,
            }
            for field in said.fields
        ],
        "prior_bits": round(said.prior, 3),
        "together_bits": round(said.together, 3),
        "sum_bits": round(said.total, 3),
        "probability": round(said.probability, 6),
        "review": said.least,
        "verdict": said.verdict,
        "vetoes": list(said.vetoes),
        "keys": list(said.keys),
        "changes": [
            {"field": change.field, "level": change.level, "probability": round(change.probability, 6)}
            for change in said.changes
        ],
    }


def _say_explained(face: Face, table: str, said: Explained) -> None:
    from custrec.jobs.duplicates.odds import percent
    from custrec.report.waterfalls import signed

    rows: list[tuple[Any, ...]] = [("prior", signed(said.prior), "how rare duplicates are among all pairs", "", "")]
    rows += [(field.name, _bits(field), _how(field), field.left, field.right) for field in said.fields]
    rows.append(("together", signed(said.together), "what comes together is not counted twice", "", ""))
    rows.append(("sum", signed(said.total), "", "", ""))
    face.table(("evidence", "bits", "how", f"{table} #{said.one}", f"{table} #{said.other}"), rows, right=("bits",))
    face.out(f"{percent(said.probability)}: {said.verdict}")
    for veto in said.vetoes:
        face.out(f"forbidden by the veto: {veto}")
    if said.apart:
        face.out("people said that they are not the same: custrec dedupe verdicts")
    if said.every:
        face.out("brought together as every two of so few records are")
    else:
        face.out(f"brought together by: {', '.join(said.keys[:4])}" if said.keys else "no key brings them together")
    for change in said.changes:
        face.out(f"if {change.field} were {change.level}: {percent(change.probability)}")
    if not said.changes:
        face.out(f"no single field would change the verdict; it turns at {percent(said.least)} (match.review)")


def _steps(said: Explained) -> Iterator[tuple[Any, ...]]:
    """A row a piece of evidence; the bits of the rows before the last add up to it."""
    yield "prior", round(said.prior, 3), None, None, None
    for field in said.fields:
        yield field.name, round(field.bits, 3), field.level or None, field.left, field.right
    yield "together", round(said.together, 3), None, None, None
    yield "sum", round(said.total, 3), None, None, None


def _write(form: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]], kind: str) -> None:
    from custrec.files.output import open_output, write_rows

    with open_output("-") as stream:
        write_rows(stream, form, columns, rows, kind)


def _bits(field: Any) -> str:
    from custrec.report.waterfalls import signed

    return signed(field.bits) if field.level and field.tells else ""


def _how(field: Any) -> str:
    from custrec.report.waterfalls import signed

    if not field.level:
        return "blank"
    if not field.tells:
        return f"{field.level}; tells nothing here"
    if field.frequency is not None and abs(field.frequency_bits) >= 0.05:
        often = "rare" if field.frequency_bits > 0 else "frequent"
        return f"{field.level}; {often} value {signed(field.frequency_bits)}"
    return str(field.level)


def write_page(face: Face, found: FoundDuplicates, clusters: Sequence[ClusterFound], path: str) -> None:
    """Write a page of clusters to a file, whole or not at all, or to standard output."""
    from custrec.files.output import open_output
    from custrec.jobs.duplicates.picturing import pictures
    from custrec.report.waterfalls import page

    title = f"{found.table.name}: {many(len(clusters), 'cluster')} of records that may be one"
    words = f"as of event {found.kept.run.mark.event}; one bit more is twice as likely, 0 bits are even odds"
    with open_output(path) as stream:
        for piece in page(title, words, pictures(found, clusters)):
            stream.write(piece)
    if path != "-":
        face.say(f"written: {path}")
