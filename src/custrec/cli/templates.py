"""custrec schema template and custrec schema export: the schema as files for people and for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from custrec.cli.exports import Output
from custrec.cli.face import Face
from custrec.cli.running import command


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group `schema`."""
    command(
        group,
        "template",
        codes=(0, 2, 7, 10),
        examples=["custrec schema template -o customers.xlsx", "custrec schema template contacts > contacts.csv"],
    )(template)
    command(
        group,
        "export",
        codes=(0, 2, 7, 10),
        examples=[
            "custrec schema export --frictionless -o datapackage.json",
            "custrec schema export --frictionless | jq '.resources[].name'",
        ],
    )(export)


def template(
    face: Face,
    table: Annotated[
        str | None,
        typer.Argument(metavar="[TABLE]", help="The table; the schema's first by default.", show_default=False),
    ] = None,
    output: Output = "-",
    fmt: Annotated[
        str | None, typer.Option("--format", metavar="FORMAT", help="csv or xlsx; by the file's ending.")
    ] = None,
) -> None:
    """Write an empty file for people to fill, with hints and drop-down lists in a workbook."""
    from custrec.jobs.reading import table_named
    from custrec.jobs.templates import template_format, write_template

    form = template_format(output, fmt)
    store = face.session.store
    chosen = table_named(store.schema, table)
    count = write_template(store, chosen, output, form)
    if output != "-":
        option = "" if chosen == store.schema.tables[0] else f" --table {chosen.name}"
        face.say(f"{Path(output).name}: {count} columns for {chosen.name}")
        face.say(f"next: fill it, then: custrec import {output}{option}")


def export(
    face: Face,
    frictionless: Annotated[
        bool, typer.Option("--frictionless", help="As a Frictionless Data Package, its standard part alone.")
    ] = False,
    output: Output = "-",
) -> None:
    """Write the schema for other programs: a description of the files that export writes."""
    from custrec.errors import UsageError
    from custrec.files.frictionless import data_package
    from custrec.files.output import open_output
    from custrec.jobs.exports import check_target

    if not frictionless:
        raise UsageError(what="in which form?", hint="--frictionless is the one there is")
    store = face.session.store
    check_target(store, output)
    package = data_package(store.schema, store.path.stem)
    with open_output(output) as stream:
        stream.write(json.dumps(package, ensure_ascii=False, indent=2) + "\n")
    if output != "-":
        face.say(f"{Path(output).name}: a data package of {len(store.schema.tables)} tables")
