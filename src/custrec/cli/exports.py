"""custrec export: the face of jobs.exports."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.options import Archived, Fields, Sort, TableName, Where, listed
from custrec.cli.running import command

Output = Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="The file to write; - is standard output.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "export",
        codes=(0, 2, 4, 7, 9, 10),
        examples=[
            "custrec export -o customers.xlsx --titles",
            "custrec export --where 'status = lead' --fields customer_no,name,phone > leads.csv",
            "custrec export --all -o plain",
            "custrec export --all --to age1yv6… -o shop.tar.zst.age",
        ],
    )(export_records)


def export_records(
    face: Face,
    output: Output = "-",
    table: TableName = None,
    where: Where = None,
    fields: Fields = None,
    sort: Sort = None,
    fmt: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help="csv, tsv, jsonl, json or xlsx; by the file's ending."),
    ] = None,
    excel: Annotated[
        bool, typer.Option("--excel", help="CSV as Excel wants it; formulas in texts are guarded.")
    ] = False,
    titles: Annotated[bool, typer.Option("--titles", help="Head columns with titles or aliases, not names.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="The whole store, history and all, as plain texts in a new folder (load).")
    ] = False,
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="RECIPIENT", help="With --all: one file, sealed for this public key (again)."),
    ] = None,
    archived: Archived = False,
) -> None:
    """Write records to a file that import reads back: the same values, nothing to change."""
    from custrec.jobs import exports, reading
    from custrec.model.plan import State

    if everything or to:
        narrowed = bool(table or where or fields or sort or fmt or excel or titles)
        _whole(face, output, to or [], everything and not narrowed)
        return

    form = exports.format_of(output, fmt)
    if form == "xlsx" and output == "-" and sys.stdout.isatty():
        from custrec.errors import UsageError

        raise UsageError(what="a workbook is not for a terminal", hint="name a file: -o customers.xlsx")
    store = face.session.store
    chosen = reading.table_named(store.schema, table)
    names = reading.fields_named(chosen, listed(fields))
    state = State.ARCHIVED if archived else State.ACTIVE
    request = exports.ExportRequest(output, form, chosen, where, names, listed(sort), excel, titles, state)
    with _progress(face, output) as told:
        count = exports.export(store, request, face.session.today, told)
    for field, currency in exports.needs_beside(chosen, names):
        face.warn(f"the amounts in {field.name} are in the currency of {currency}, which is not among the fields")
    place = "standard output" if output == "-" else Path(output).name
    face.say(f"{many(count, 'record')} of {chosen.name} → {place}")


def _whole(face: Face, output: str, keys: list[str], alone: bool) -> None:
    """Write the whole store: a folder, or a sealed file."""
    from custrec.cli.counting import many
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.plain.dumping import dump, dump_sealed

    if not alone:
        raise UsageError(what="--all writes the whole store, and only --to and -o go with it")
    if output == "-" and (not keys or sys.stdout.isatty()):
        raise UsageError(
            what="--all writes a folder, or with --to a sealed file",
            hint="name it: custrec export --all -o plain",
        )
    store = face.session.store
    with shown_progress(face) as progress:
        done = dump_sealed(store, output, keys, progress) if keys else dump(store, Path(output), progress)
    place = "standard output" if output == "-" else output
    face.say(f"{many(done.records, 'record')} in {many(done.tables, 'table')}, {many(done.events, 'event')} → {place}")


@contextmanager
def _progress(face: Face, output: str) -> Iterator[Callable[[int], None]]:
    """Progress on a terminal, where the records themselves do not go there."""
    if output == "-" or face.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from custrec.cli.progress import shown_progress

    with shown_progress(face) as progress:

        def told(done: int) -> None:
            progress.rows = done
            progress.phase("writing")

        yield told
