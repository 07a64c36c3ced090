"""custrec trash: the group of the commands about what was deleted; the face of jobs.lifecycle.trash."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from custrec.cli.face import Face
from custrec.cli.options import Everything, Format, Json, TableName, Where, chosen_format
from custrec.cli.running import command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from custrec.jobs.lifecycle.trash import InTrash

PAGE = 50
"""How many records a table shows at first."""
COLUMNS = ("table", "_id", "key", "name", "deleted_at", "actor", "event", "until", "days_left")


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="What was deleted, and how long it stays.", no_args_is_help=True)
    command(
        group,
        "list",
        pages=True,
        examples=["custrec trash list", "custrec trash list -t customers --where 'status = former' --format csv"],
    )(list_trash)
    app.add_typer(group, name="trash")


def list_trash(
    face: Face,
    table: TableName = None,
    where: Where = None,
    everything: Everything = False,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """List what is in the trash: when it was deleted, by whom, and how many days are left until it may be purged. Of
    all tables, where none is named and there is no --where."""
    from custrec.cli.progress import waiting
    from custrec.jobs.lifecycle.trash import in_trash
    from custrec.jobs.reading import table_named

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    named = table is not None or where is not None
    tables = [table_named(store.schema, table)] if named else store.schema.tables
    with waiting(face, "reading"):
        found = in_trash(store, tables, where, face.session.today)
    if form != "table":
        _write(form, found)
        return
    shown = found if everything else found[:PAGE]
    if shown:
        columns = ("record", "key", "name", "deleted at", "by", "days left")
        rows = [(f"{o.table.name}#{o.record}", o.key, o.name, o.at, o.actor, o.days_left) for o in shown]
        kept = [n for n in range(len(columns)) if any(row[n] not in (None, "") for row in rows)]
        face.table([columns[n] for n in kept], [[row[n] for n in kept] for row in rows], right=("days left",))
    if len(found) > len(shown):
        face.say(f"{PAGE} of {len(found):,} records; all of them with --all")
    else:
        face.say(f"{len(found):,} record{'s' if len(found) != 1 else ''} in the trash")


def _write(form: str, found: Sequence[InTrash]) -> None:
    from custrec.files.output import open_output, write_rows

    rows = (
        (o.table.name, o.record, o.key, o.name or None, o.at, o.actor, o.event, o.until.isoformat(), o.days_left)
        for o in found
    )
    with open_output("-") as stream:
        if form == "ids":
            write_rows(stream, form, ("_id",), ((f"{o.table.name}#{o.record}",) for o in found))
        else:
            write_rows(stream, form, COLUMNS, rows, "trashed")
