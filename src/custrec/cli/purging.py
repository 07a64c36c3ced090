"""custrec purge and anonymise: the face of jobs.lifecycle.purging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import carry_out
from custrec.cli.choosing import CHOICE, Choice
from custrec.cli.face import Face
from custrec.cli.options import (
    COUNTED,
    WRITING,
    Counted,
    Fields,
    Reason,
    Writing,
)
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.lifecycle.purging import PurgeRequest

CODES = (0, 2, 4, 6, 7, 8, 9, 10)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "purge",
        writes="purge",
        codes=CODES,
        examples=["custrec purge C0002 -n", "custrec purge --trash -t contacts --reason request --confirm-up-to 50"],
    )(purge)
    command(
        app,
        "anonymise",
        writes="anonymise",
        codes=CODES,
        examples=[
            "custrec anonymise C0002 --fields name,phone,email -n",
            "custrec anonymise --where 'status = former' --fields name,phone --confirm-up-to 50",
        ],
    )(anonymise)


def purge(
    face: Face,
    choice: Choice = CHOICE,
    trash: Annotated[bool, typer.Option("--trash", help="What is in the trash; with --where, of that.")] = False,
    reason: Reason = "request",
    counted: Counted = COUNTED,
    writing: Writing = WRITING,
) -> int:
    """Destroy records for good, with what belongs to them, everywhere in custrec's own files. Nothing brings them back.

    Their values leave the history, the search index, saved plans, lists of rows and freed pages; a certificate says so.
    """
    from custrec.cli.erasure_words import count_said
    from custrec.cli.progress import shown_progress
    from custrec.jobs.lifecycle.purging import plan_purge

    request = _request(face, choice, reason, writing, trash)
    with shown_progress(face) as progress:
        progress.phase("comparing")
        file = plan_purge(face.session.store, request, face.session.draft(writing.note))
        count = count_said(counted.confirm, counted.confirm_up_to, counted.yes, progress)
        return carry_out(face, file, writing, progress, count=count)


def anonymise(
    face: Face,
    choice: Choice = CHOICE,
    fields: Fields = None,
    reason: Reason = "request",
    counted: Counted = COUNTED,
    writing: Writing = WRITING,
) -> int:
    """Take fields of records for good, and keep the records to be counted. Nothing brings the values back.

    Without --fields those go that the schema classifies as personal or sensitive.
    """
    from custrec.cli.erasure_words import count_said
    from custrec.cli.options import listed
    from custrec.cli.progress import shown_progress
    from custrec.jobs.lifecycle.purging import AnonymiseRequest, plan_anonymise

    request = _request(face, choice, reason, writing)
    names = {request.table.name} if request.table else {one.table.name for one in request.named}
    chosen = dict.fromkeys(names, listed(fields))
    with shown_progress(face) as progress:
        progress.phase("comparing")
        file = plan_anonymise(face.session.store, AnonymiseRequest(request, chosen), face.session.draft(writing.note))
        count = count_said(counted.confirm, counted.confirm_up_to, counted.yes, progress)
        return carry_out(face, file, writing, progress, count=count)


def _request(face: Face, choice: Choice, reason: str, writing: Writing, trash: bool = False) -> PurgeRequest:
    from custrec.errors import UsageError
    from custrec.jobs.lifecycle.purging import STATES, PurgeRequest, known_reason
    from custrec.jobs.reading import table_named
    from custrec.model.plan import State

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    way = choice.way()
    if way == "ID" and not trash:
        return PurgeRequest(named=choice.named(face), reason=known_reason(reason))
    if way == "ID" or (way is None and not trash):
        what = "--trash goes with --where, or alone" if way else "no record is named"
        raise UsageError(what=what, hint="name records, or say --where EXPR, or --trash")
    chosen = table_named(session.store.schema, choice.table)
    states = (State.TRASHED,) if trash else STATES
    return PurgeRequest(table=chosen, where=choice.where, states=states, reason=known_reason(reason))
