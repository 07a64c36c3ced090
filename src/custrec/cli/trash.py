"""custrec trash: the group of the commands about what was deleted; the face of jobs.lifecycle.trash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import carry_out
from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.options import (
    COUNTED,
    WRITING,
    Counted,
    Everything,
    Format,
    Json,
    Reason,
    TableName,
    Where,
    Writing,
    chosen_format,
)
from custrec.cli.running import command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from custrec.jobs.lifecycle.trash import InTrash

CODES = (0, 2, 6, 7, 8, 9, 10)
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
    command(
        group,
        "empty",
        writes="purge",
        codes=CODES,
        examples=["custrec trash empty -n", "custrec trash empty -t contacts --older-than 90 --confirm-up-to 500"],
    )(empty_trash)
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
        face.say(f"{many(len(found), 'record')} in the trash")


def empty_trash(
    face: Face,
    table: TableName = None,
    older_than: Annotated[
        int | None, typer.Option("--older-than", metavar="N", min=0, help="In there for N days; else schema.yaml says.")
    ] = None,
    reason: Reason = "retention",
    counted: Counted = COUNTED,
    writing: Writing = WRITING,
) -> int:
    """Destroy for good what has been in the trash for its days (trash: {days: N}, 30), with what belongs to it.

    Of all tables, where none is named. It is a purge, and asks as that does; what is on hold stays.
    """
    from custrec.cli.erasure_words import count_said
    from custrec.cli.progress import shown_progress
    from custrec.jobs.lifecycle.purging import PurgeRequest, known_reason, plan_purge
    from custrec.jobs.lifecycle.trash import over_since
    from custrec.jobs.reading import table_named

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    store = session.store
    tables = [table_named(store.schema, table)] if table else store.schema.tables
    with shown_progress(face) as progress:
        progress.phase("comparing")
        over = over_since(store, tables, session.today, older_than)
        request = PurgeRequest(records=over, reason=known_reason(reason), leave_held=True)
        file = plan_purge(store, request, session.draft(writing.note))
        count = count_said(counted.confirm, counted.confirm_up_to, counted.yes, progress)
        return carry_out(face, file, writing, progress, count=count)


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
