"""custrec schema: checking and showing schema.yaml. Changing the store to it stands in cli.reshaping."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custrec.cli import reshaping, templates
from custrec.cli.counting import many
from custrec.cli.face import SCHEMA_NAME, Face
from custrec.cli.options import Json
from custrec.cli.running import command

SchemaFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="A schema file; the store's by default.", show_default=False)
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="The schema: what tables and fields there are.", no_args_is_help=True)
    command(group, "check", codes=(0, 2, 4), examples=["custrec schema check", "custrec schema check new.yaml"])(check)
    command(group, "show", pages=True, examples=["custrec schema show", "custrec schema show customers --json"])(show)
    command(group, "json", codes=(0, 2), examples=["custrec schema json > schema.json", "custrec schema json | less"])(
        json_schema
    )
    reshaping.register(group)
    templates.register(group)
    app.add_typer(group, name="schema")


def check(face: Face, file: SchemaFile = None, as_json: Json = False) -> None:
    """Check a schema file: every fault at once, with line and column."""
    from custrec.files.schema_file import load_schema
    from custrec.jobs.schemas import deep_check

    place = file or face.store_path.with_name(SCHEMA_NAME)
    schema = load_schema(place)
    deep_check(schema, place.name)
    fields = sum(len(table.fields) for table in schema.tables)
    if as_json:
        face.out_json("schema-check", {"file": place.name, "tables": len(schema.tables), "fields": fields})
        return
    face.say(f"{place}: {many(len(schema.tables), 'table')}, {many(fields, 'field')}, no faults")


def show(
    face: Face,
    table: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="Only this table.", show_default=False)] = None,
    as_json: Json = False,
) -> None:
    """Show the tables and fields of the store, with the headers they are known by."""
    from custrec.jobs.reading import table_named
    from custrec.jobs.schemas import described
    from custrec.model.schema_json import schema_to_dict

    schema = face.reader.store.schema
    if as_json:
        face.out_json("schema-tables", schema_to_dict(schema))
        return
    for one in [table_named(schema, table)] if table else schema.tables:
        face.out(f"{one.name}{f' ({one.title})' if one.title else ''}")
        face.table(("field", "kind", "must", "takes", "headers"), described(schema, one))
        face.out("")


def json_schema(face: Face) -> None:
    """Print the JSON Schema of schema.yaml, for editors."""
    from custrec.files.schema_shape import schema_json_text

    face.out(schema_json_text().rstrip())
