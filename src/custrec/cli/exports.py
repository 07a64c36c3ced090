"""custrec export: the face of jobs.exports."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.options import Fields, Sort, TableName, Where, listed
from custrec.cli.running import command

Output = Annotated[str, typer.Option("-o", "--output", metavar="FILE", help="The file to write; - is standard output.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "export",
        codes=(0, 2, 4, 7, 10),
        examples=[
            "custrec export -o customers.xlsx --titles",
            "custrec export --where 'status = lead' --fields customer_no,name,phone > leads.csv",
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
) -> None:
    """Write records to a file that import reads back: the same values, nothing to change."""
    from custrec.jobs import exports, reading

    form = exports.format_of(output, fmt)
    if form == "xlsx" and output == "-" and sys.stdout.isatty():
        from custrec.errors import UsageError

        raise UsageError(what="a workbook is not for a terminal", hint="name a file: -o customers.xlsx")
    store = face.session.store
    chosen = reading.table_named(store.schema, table)
    names = reading.fields_named(chosen, listed(fields))
    request = exports.ExportRequest(output, form, chosen, where, names, listed(sort), excel, titles)
    with _progress(face, output) as told:
        count = exports.export(store, request, face.session.today, told)
    for field, currency in exports.needs_beside(chosen, names):
        face.warn(f"the amounts in {field.name} are in the currency of {currency}, which is not among the fields")
    place = "standard output" if output == "-" else Path(output).name
    face.say(f"{count:,} record{'' if count == 1 else 's'} of {chosen.name} → {place}")


@contextmanager
def _progress(face: Face, output: str) -> Iterator[Callable[[int], None]]:
    """Progress on a terminal, where the records themselves do not go there."""
    if output == "-" or face.quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    from custrec.cli.progress import import_progress

    with import_progress(face) as progress:

        def told(done: int) -> None:
            progress.rows = done
            progress.phase("writing")

        yield told
