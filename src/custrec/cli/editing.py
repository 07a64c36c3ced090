"""custrec edit, the face of jobs.edits.editing: values on the command line, or the record as a text in one's editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import CODES_OF_MANY_NAMED, carry_out
from custrec.cli.choosing import AllOfThem, Choice, IdsFrom, chosen_to_change
from custrec.cli.face import Face
from custrec.cli.options import WRITING, TableName, Where, Writing
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.edits.naming import Named
    from custrec.store.plan_file import PlanFile

Words = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID…] [FIELD=VALUE…]",
        help="Which records, by natural key or as #12, and what becomes of their fields; FIELD= blanks one.",
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "edit",
        writes="edit",
        codes=CODES_OF_MANY_NAMED,
        examples=[
            "custrec edit C0002 status=former owner=",
            "custrec edit --where 'owner = 李静' owner=王强 -n",
            "custrec edit C0002           # opens it in $VISUAL or $EDITOR",
        ],
    )(edit)


def edit(
    face: Face,
    words: Words = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    everything: AllOfThem = False,
    writing: Writing = WRITING,
) -> int:
    """Change fields of records: of one, of several, or of all that meet a condition."""
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.edits.editing import EditRequest, plan_edit
    from custrec.jobs.edits.naming import Named
    from custrec.jobs.edits.written_values import assignments
    from custrec.jobs.reading import table_named
    from custrec.model.plan import State

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    names, values = sorted_out(words or [])
    choice = Choice(names, table, where, ids_from)
    which = chosen_to_change(face, choice, everything, lambda: table_named(session.store.schema, table))
    if not values:
        if which.single is None:
            raise UsageError(what="nothing is said that is to change", hint="custrec edit … field=value")
        return _in_editor(face, Named(which.table, which.single, State.ACTIVE), writing)
    request = EditRequest(which, assignments(which.table, values))
    with shown_progress(face) as progress:
        file = plan_edit(session.store, request, session.draft(writing.note), progress)
        return carry_out(face, file, writing, progress)


def sorted_out(words: list[str]) -> tuple[list[str], list[str]]:
    """The words that name records, and those that say `field=value`."""
    values = [word for word in words if "=" in word or "＝" in word]
    return [word for word in words if word not in values], values


def _in_editor(face: Face, named: Named, writing: Writing) -> int:
    """Open one record in an editor until it can be taken; says the exit code."""
    from custrec.cli.editor import revised
    from custrec.jobs.edits.record_text import record_text

    record = record_text(face.session.store, named)
    made: list[PlanFile] = []

    def take(changed: Mapping[str, str]) -> None:
        made.append(_planned(face, named, changed, record.version, writing.note))

    if not revised(record, named.words, take):
        face.say("nothing was changed")
        return 0
    return carry_out(face, made[0], writing)


def _planned(face: Face, named: Named, changed: Mapping[str, str], version: int, note: str) -> PlanFile:
    from custrec.jobs.edits.editing import Chosen, EditRequest, plan_edit

    session = face.session
    request = EditRequest(Chosen(named.table, [named.record]), changed, version)
    return plan_edit(session.store, request, session.draft(note))
