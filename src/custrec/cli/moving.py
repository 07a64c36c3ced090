"""custrec archive, delete, restrict and their ways back: the face of jobs.lifecycle.moving."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import typer

from custrec.cli.carrying import CODES_OF_MANY, Ids, IdsFrom, Yes, carry_out, chosen_records, one_way
from custrec.cli.face import Face
from custrec.cli.options import WRITING, TableName, Where, Writing
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.drafting import Draft
    from custrec.jobs.lifecycle.moving import MoveRequest
    from custrec.store.database import Store
    from custrec.store.plan_file import PlanFile

    Producer: TypeAlias = Callable[[Store, MoveRequest, Draft], PlanFile]

CODES = (*CODES_OF_MANY[:4], 5, *CODES_OF_MANY[4:])
EXAMPLES = {
    "archive": ["custrec archive C0002 C0003", "custrec archive --where 'age(last_contact_at) > 2y' -n"],
    "unarchive": ["custrec unarchive C0002", "custrec unarchive --where 'owner = 李静'   # of those in the archive"],
    "delete": ["custrec delete C0002 C0003", "custrec delete --where 'status = former' -n"],
    "undelete": ["custrec undelete C0002", "custrec undelete --where 'status = former'   # of those in the trash"],
    "restrict": ["custrec restrict C0002 --note 'asked for by letter of 3 May'", "custrec restrict C0002 -n"],
    "unrestrict": ["custrec unrestrict C0002", "custrec unrestrict --where 'status = former'   # of the restricted"],
}


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for verb, function in (
        ("archive", archive),
        ("unarchive", unarchive),
        ("delete", delete),
        ("undelete", undelete),
        ("restrict", restrict),
        ("unrestrict", unrestrict),
    ):
        command(app, verb, writes=verb, codes=CODES, examples=EXAMPLES[verb])(function)


def archive(
    face: Face,
    ids: Ids = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    writing: Writing = WRITING,
) -> int:
    """Put records into the archive, with what refers to them: out of everyday lists and searches, and kept whole."""
    from custrec.jobs.lifecycle.moving import plan_archive

    return _move(face, plan_archive, _request(face, ids or [], table, where, ids_from, writing), writing)


def unarchive(
    face: Face,
    ids: Ids = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    writing: Writing = WRITING,
) -> int:
    """Bring records back from the archive, with what went there with them."""
    from custrec.jobs.lifecycle.moving import plan_unarchive

    return _move(face, plan_unarchive, _request(face, ids or [], table, where, ids_from, writing), writing)


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
    from custrec.jobs.lifecycle.moving import plan_delete

    return _move(face, plan_delete, _request(face, ids or [], table, where, ids_from, writing), writing, True, yes)


def undelete(
    face: Face,
    ids: Ids = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    writing: Writing = WRITING,
) -> int:
    """Bring records back from the trash, with what went there with them."""
    from custrec.jobs.lifecycle.moving import plan_undelete

    return _move(face, plan_undelete, _request(face, ids or [], table, where, ids_from, writing), writing)


def restrict(
    face: Face,
    ids: Ids = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    writing: Writing = WRITING,
) -> int:
    """Restrict records, with what refers to them: they are kept, and used for nothing, until they are free again."""
    from custrec.jobs.lifecycle.moving import plan_restrict

    return _move(face, plan_restrict, _request(face, ids or [], table, where, ids_from, writing), writing)


def unrestrict(
    face: Face,
    ids: Ids = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    writing: Writing = WRITING,
) -> int:
    """Let restricted records be used again: they go back to where they were, with what was restricted with them."""
    from custrec.jobs.lifecycle.moving import plan_unrestrict

    return _move(face, plan_unrestrict, _request(face, ids or [], table, where, ids_from, writing), writing)


def _move(
    face: Face, plan: Producer, request: MoveRequest, writing: Writing, asks: bool = False, yes: bool = False
) -> int:
    from custrec.cli.progress import import_progress

    with import_progress(face) as progress:
        progress.phase("comparing")
        file = plan(face.session.store, request, face.session.draft(writing.note))
        return carry_out(face, file, writing, progress, asks=asks, yes=yes)


def _request(
    face: Face, ids: list[str], table: str | None, where: str | None, ids_from: str | None, writing: Writing
) -> MoveRequest:
    from custrec.errors import UsageError
    from custrec.jobs.lifecycle.moving import MoveRequest
    from custrec.jobs.reading import table_named

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    way = one_way(**{"ID": ids or ids_from, "--where": where})
    if way is None:
        raise UsageError(what="no record is named", hint="name records, or say --where EXPR")
    if way == "ID":
        return MoveRequest(chosen_records(face, table, ids, ids_from))
    return MoveRequest(table=table_named(session.store.schema, table), where=where)
