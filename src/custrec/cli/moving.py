"""custrec archive, delete, restrict and their ways back: the face of jobs.lifecycle.moving."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from custrec.cli.carrying import CODES_OF_MANY_NAMED, Yes, carry_out
from custrec.cli.choosing import CHOICE, Choice
from custrec.cli.face import Face
from custrec.cli.key_options import KEY, Key
from custrec.cli.options import WRITING, Writing
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.drafting import Draft
    from custrec.jobs.lifecycle.moving import MoveRequest
    from custrec.store.database import Store
    from custrec.store.plan_file import PlanFile

    Producer: TypeAlias = Callable[[Store, MoveRequest, Draft], PlanFile]

CODES_WITH_KEYS = (*CODES_OF_MANY_NAMED[:-2], 8, *CODES_OF_MANY_NAMED[-2:])
EXAMPLES = {
    "archive": [
        "custrec archive --where 'age(last_contact_at) > 2y' -n",
        "custrec archive C0002 C0003 --seal   # in a sealed file, too",
    ],
    "unarchive": [
        "custrec unarchive C0002",
        "custrec unarchive --where 'owner = 李静'   # of those in the archive",
        "custrec unarchive --from custrec.archive/*/*.age C0002 -n",
    ],
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
        codes = CODES_WITH_KEYS if "archive" in verb else CODES_OF_MANY_NAMED
        command(app, verb, writes=verb, codes=codes, examples=EXAMPLES[verb])(function)


def archive(
    face: Face,
    choice: Choice = CHOICE,
    seal: Annotated[
        bool, typer.Option("--seal", help="Write them into a sealed file of this year, too: custrec.archive/YEAR/.")
    ] = False,
    writing: Writing = WRITING,
) -> int:
    """Put records into the archive, with what refers to them: out of everyday lists and searches, and kept whole."""
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.backups.archive_files import Sealing, sealed_beside
    from custrec.jobs.lifecycle.moving import plan_archive

    request = _request(face, choice, writing)
    if not seal:
        return _move(face, plan_archive, request, writing)
    if writing.save_plan:
        raise UsageError(what="--seal writes what is archived now, so it does not go with --save-plan")
    session = face.session
    with shown_progress(face) as progress:
        progress.phase("comparing")
        file = plan_archive(session.store, request, session.draft(writing.note))
        if writing.dry_run or file.plan.empty:
            return carry_out(face, file, writing, progress)
        with sealed_beside(session.store, file, Sealing(session.at, face.actor), progress):
            return carry_out(face, file, writing, progress)


def unarchive(
    face: Face,
    choice: Choice = CHOICE,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="From an archive file: all that it holds, or the named records."),
    ] = None,
    key: Key = KEY,
    writing: Writing = WRITING,
) -> int:
    """Bring records back from the archive, with what went there with them; or from an archive file, as they were."""
    from custrec.jobs.lifecycle.moving import plan_unarchive

    if source is not None:
        return _from_file(face, source, choice, key, writing)
    return _move(face, plan_unarchive, _request(face, choice, writing), writing)


def _from_file(face: Face, source: Path, choice: Choice, key: Key, writing: Writing) -> int:
    from custrec.cli.key_options import opened
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.backups.archive_files import opened_archive
    from custrec.jobs.lifecycle.moving import MoveRequest, plan_unarchive
    from custrec.jobs.reading import table_named

    if choice.where or choice.ids_from:
        raise UsageError(what="--from goes with the names of records, or with none for all that the file holds")
    session = face.session
    session.check_schema(writing=not writing.dry_run)
    chosen = table_named(session.store.schema, choice.table) if choice.table else None
    with (
        shown_progress(face) as progress,
        opened_archive(session.store, source, opened(key), progress) as plain,
    ):
        request = MoveRequest(table=chosen, archive=plain, names=choice.ids or [])
        file = plan_unarchive(session.store, request, session.draft(writing.note))
        return carry_out(face, file, writing, progress)


def delete(
    face: Face,
    choice: Choice = CHOICE,
    yes: Yes = False,
    writing: Writing = WRITING,
) -> int:
    """Put records into the trash, with what refers to them. They can be brought back, also by undo."""
    from custrec.jobs.lifecycle.moving import plan_delete

    return _move(face, plan_delete, _request(face, choice, writing), writing, True, yes)


def undelete(
    face: Face,
    choice: Choice = CHOICE,
    writing: Writing = WRITING,
) -> int:
    """Bring records back from the trash, with what went there with them."""
    from custrec.jobs.lifecycle.moving import plan_undelete

    return _move(face, plan_undelete, _request(face, choice, writing), writing)


def restrict(
    face: Face,
    choice: Choice = CHOICE,
    writing: Writing = WRITING,
) -> int:
    """Restrict records, with what refers to them: they are kept, and used for nothing, until they are free again."""
    from custrec.jobs.lifecycle.moving import plan_restrict

    return _move(face, plan_restrict, _request(face, choice, writing), writing)


def unrestrict(
    face: Face,
    choice: Choice = CHOICE,
    writing: Writing = WRITING,
) -> int:
    """Let restricted records be used again: they go back to where they were, with what was restricted with them."""
    from custrec.jobs.lifecycle.moving import plan_unrestrict

    return _move(face, plan_unrestrict, _request(face, choice, writing), writing)


def _move(
    face: Face, plan: Producer, request: MoveRequest, writing: Writing, asks: bool = False, yes: bool = False
) -> int:
    from custrec.cli.progress import shown_progress

    with shown_progress(face) as progress:
        progress.phase("comparing")
        file = plan(face.session.store, request, face.session.draft(writing.note))
        return carry_out(face, file, writing, progress, asks=asks, yes=yes)


def _request(face: Face, choice: Choice, writing: Writing) -> MoveRequest:
    from custrec.errors import UsageError
    from custrec.jobs.lifecycle.moving import MoveRequest
    from custrec.jobs.reading import table_named

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    way = choice.way()
    if way is None:
        raise UsageError(what="no record is named", hint="name records, or say --where EXPR")
    if way == "ID":
        return MoveRequest(choice.named(face))
    return MoveRequest(table=table_named(session.store.schema, choice.table), where=choice.where)
