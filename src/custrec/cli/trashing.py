"""custrec delete and undelete: the face of jobs.edits.trashing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from custrec.cli.carrying import CODES_OF_MANY, Ids, IdsFrom, Yes, carry_out, chosen_records, one_way
from custrec.cli.face import Face
from custrec.cli.options import WRITING, TableName, Where, Writing
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.edits.trashing import TrashRequest


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "delete",
        writes="delete",
        codes=CODES_OF_MANY,
        examples=["custrec delete C0002 C0003", "custrec delete --where 'status = former' -n"],
    )(delete)
    command(
        app,
        "undelete",
        writes="undelete",
        codes=CODES_OF_MANY,
        examples=["custrec undelete C0002", "custrec undelete --where 'status = former'   # of those in the trash"],
    )(undelete)


def delete(
    face: Face,
    ids: Ids = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    yes: Yes = False,
    writing: Writing = WRITING,
) -> int:
    """Put records into the trash, with what refers to them. They can be brought back, also by undo."""
    from custrec.cli.progress import import_progress
    from custrec.jobs.edits.trashing import plan_delete

    request = _request(face, ids or [], table, where, ids_from, writing)
    with import_progress(face) as progress:
        progress.phase("comparing")
        file = plan_delete(face.session.store, request, face.session.draft(writing.note))
        return carry_out(face, file, writing, progress, asks=True, yes=yes)


def undelete(
    face: Face,
    ids: Ids = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    writing: Writing = WRITING,
) -> int:
    """Bring records back from the trash, with what went there with them."""
    from custrec.cli.progress import import_progress
    from custrec.jobs.edits.trashing import plan_undelete

    request = _request(face, ids or [], table, where, ids_from, writing)
    with import_progress(face) as progress:
        progress.phase("comparing")
        file = plan_undelete(face.session.store, request, face.session.draft(writing.note))
        return carry_out(face, file, writing, progress)


def _request(
    face: Face, ids: list[str], table: str | None, where: str | None, ids_from: str | None, writing: Writing
) -> TrashRequest:
    from custrec.errors import UsageError
    from custrec.jobs.edits.trashing import TrashRequest
    from custrec.jobs.reading import table_named

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    way = one_way(**{"ID": ids or ids_from, "--where": where})
    if way is None:
        raise UsageError(what="no record is named", hint="name records, or say --where EXPR")
    if way == "ID":
        return TrashRequest(chosen_records(face, table, ids, ids_from))
    return TrashRequest(table=table_named(session.store.schema, table), where=where)
