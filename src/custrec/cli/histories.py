"""custrec history, undo, redo: what happened, whether the record of it is true, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer
from typer.core import TyperGroup

from custrec.cli.face import Face
from custrec.cli.options import DryRun, Everything, Json, Note, Options, TableName
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.drafting import Draft
    from custrec.jobs.undo import UndoRequest
    from custrec.store.database import Store
    from custrec.store.plan_file import PlanFile

    Producer: TypeAlias = Callable[[Store, UndoRequest, Draft], PlanFile]

PAGE = 20
SAMPLE = 20
"""How many changed fields of an event are shown."""
MOST = 2**63 - 1
"""The largest number that an event can have."""

EventNumber = Annotated[
    int | None,
    typer.Argument(metavar="[EVENT]", min=1, max=MOST, help="The event; the last one by default.", show_default=False),
]


@dataclass(frozen=True)
class Reversing(Options):
    """What undo and redo take."""

    event: EventNumber = None
    partial: Annotated[bool, typer.Option("--partial", help="Do what can be done, leave the rest as it is.")] = False
    dry_run: DryRun = False
    note: Note = ""
    as_json: Json = False


REVERSING = Reversing()


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    codes = (0, 2, 6, 7, 10)
    command(app, "undo", writes="undo", codes=codes, examples=["custrec undo 41 -n", "custrec undo 41"])(undo)
    command(app, "redo", writes="redo", codes=codes, examples=["custrec redo 41", "custrec redo -n"])(redo)
    group = typer.Typer(cls=_ListByDefault, help="What happened to the records, and the proof of it.")
    command(
        group,
        "list",
        pages=True,
        examples=[
            "custrec history list --record C0001",
            "custrec history list --verb import --file july --since 2026-07-01",
        ],
    )(history)
    command(group, "show", pages=True, examples=["custrec history show 41", "custrec history show 41 --json"])(
        show_event
    )
    command(group, "verify", examples=["custrec history verify", 'custrec history verify --head "$(cat head.txt)"'])(
        verify
    )
    command(group, "head", examples=["custrec history head", "custrec history head > head.txt"])(head)
    app.add_typer(group, name="history")


class _ListByDefault(TyperGroup):
    """`custrec history --all` is `custrec history list --all`."""

    stands_for = "list"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the word in where the first one is an option, or there is none."""
        named = args and (not args[0].startswith("-") or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])


def history(
    face: Face,
    record: Annotated[str | None, typer.Option("--record", metavar="ID", help="Only what changed this record.")] = None,
    table: TableName = None,
    actor: Annotated[str | None, typer.Option("--actor", metavar="NAME", help="Only what this person did.")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="TIME", help="Only from this day or time on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Only up to this day or time.")] = None,
    verb: Annotated[str | None, typer.Option("--verb", metavar="VERB", help="Only events such as import.")] = None,
    file: Annotated[str | None, typer.Option("--file", metavar="NAME", help="Only of files so named.")] = None,
    everything: Everything = False,
    as_json: Json = False,
) -> None:
    """List what happened, the newest first: all of it, or what meets every condition."""
    from custrec.jobs.past.happenings import wanted_events
    from custrec.store import journal

    limit = None if everything or as_json else PAGE + 1
    store = face.session.store
    wanted = wanted_events(store, record=record, table=table, since=since, until=until)
    wanted = replace(wanted, actor=actor, verb=verb, file=file)
    found = list(journal.events(store, limit=limit, wanted=wanted))
    if as_json:
        face.out_json("events", {"events": [vars(event) for event in found]})
        return
    rows = []
    for event in found if everything else found[:PAGE]:
        counts = event.counts
        changed = " ".join(
            f"{sign}{counts[verb]:,}"
            for sign, verb in (("+", "insert"), ("~", "update"), ("-", "delete"))
            if counts.get(verb)
        )
        state = f"undone by {event.undone_by}" if event.undone_by else ""
        what = event.source or (f"of event {event.undoes}" if event.undoes else "")
        rows.append((event.id, event.at, event.actor, event.verb, what, changed, state, event.note))
    if rows:
        face.table(("event", "at", "actor", "verb", "what", "records", "", "note"), rows, right=("event",))
    elif wanted == journal.Wanted():
        face.say("nothing has happened yet")
    else:
        face.say("no event meets all of these conditions")
    if len(found) > len(rows):
        face.say(f"the last {PAGE} events; all of them with --all")


def show_event(
    face: Face,
    number: Annotated[
        int, typer.Argument(metavar="EVENT", min=1, max=MOST, help="The event's number.", show_default=False)
    ],
    as_json: Json = False,
) -> None:
    """Show an event, with the first changes that it made."""
    from custrec.cli.counting import many
    from custrec.cli.plan_words import import_pairs
    from custrec.jobs.past.happenings import first_changes
    from custrec.store import journal

    store = face.session.store
    event = journal.event(store, number)
    detail = journal.details(store, [number])[number][1]
    changes = first_changes(store, number, SAMPLE, truth=as_json)
    if as_json:
        face.out_json("event", vars(event) | {"detail": detail, "sample": changes})
        return
    what = f"{event.verb} of event {event.undoes}" if event.undoes else event.verb
    pairs = import_pairs(event, detail)
    face.pairs({"event": pairs.pop("event"), "what": what} | pairs)
    if changes:
        records = {(change["table"], change["record"]) for change in changes}
        rows = [(c["op"], _named(c), c["field"], c["before"], c["after"]) for c in changes]
        face.out("")
        face.table(("change", "record", "field", "before", "after"), rows)
        written = sum(event.counts.get(verb, 0) for verb in ("insert", "update", "delete"))
        if len(changes) == SAMPLE or written > len(records):
            face.say(f"the first of the fields that it changed, in {many(written, 'record')}")


def _named(change: dict[str, Any]) -> str:
    """The record of a change, as a person may name it."""
    return change["key"] or f"{change['table']} #{change['record']}"


def verify(
    face: Face,
    kept: Annotated[str | None, typer.Option("--head", metavar="EVENT:DIGEST", help="A head noted earlier.")] = None,
    as_json: Json = False,
) -> None:
    """Check that neither history nor records were altered outside custrec."""
    from itertools import islice

    from custrec.cli.counting import many
    from custrec.cli.progress import waiting
    from custrec.errors import ChainBroken
    from custrec.store import journal
    from custrec.store.verification import faults

    store = face.session.store
    with waiting(face, "verifying"):
        found: list[str] = list(islice(faults(store), 1000))
    if kept is not None:
        found += _against(store, kept)
    if found:
        raise ChainBroken(count=len(found), details=tuple(found[:20]))
    newest = journal.head(store)
    if as_json:
        face.out_json("verification", {"verified": True, "head": newest.id if newest else None})
    elif newest is None:
        face.say("nothing has happened yet; nothing to verify")
    else:
        face.say(f"verified: {many(newest.id, 'event')}, and every record that they left")


def _against(store: Store, kept: str) -> list[str]:
    from custrec.errors import EventUnknown, UsageError
    from custrec.store import journal

    number, _, digest = kept.strip().partition(":")
    if not (number.isascii() and number.isdigit() and int(number) <= MOST and digest):
        raise UsageError(what="--head wants EVENT:DIGEST", hint="as `custrec history head` printed it")
    try:
        same = journal.event(store, int(number)).digest == digest.strip().lower()
    except EventUnknown:
        return [f"event {number} of the kept head is not in the history"]
    return [] if same else [f"event {number} is not the one of the kept head"]


def head(face: Face, as_json: Json = False) -> None:
    """Print the newest event and its digest, to be kept elsewhere."""
    from custrec.store import journal

    newest = journal.head(face.session.store)
    if as_json:
        face.out_json("head", {"event": newest.id if newest else None, "digest": newest.digest if newest else None})
    elif newest is None:
        face.say("nothing has happened yet")
    else:
        face.out(f"{newest.id}:{newest.digest}")


def undo(face: Face, how: Reversing = REVERSING) -> None:
    """Undo an event; later unrelated events stay."""
    from custrec.jobs.undo import plan_undo

    _reverse(face, plan_undo, how)


def redo(face: Face, how: Reversing = REVERSING) -> None:
    """Bring an undone event back."""
    from custrec.jobs.undo import plan_redo

    _reverse(face, plan_redo, how)


def _reverse(face: Face, produce: Producer, how: Reversing) -> None:
    from custrec.cli.plan_words import carried_out, planned
    from custrec.cli.progress import shown_progress
    from custrec.errors import CustrecError
    from custrec.jobs.undo import UndoRequest
    from custrec.session.session import Consent

    session = face.session
    with shown_progress(face) as progress:
        progress.phase("comparing")
        file = produce(session.store, UndoRequest(how.event, how.partial), session.draft(how.note))
        if not file.reshapes:  # a change of the schema goes back whatever schema.yaml says by now
            try:
                session.check_schema(writing=not how.dry_run)
            except CustrecError:
                file.drop()
                raise
        if how.dry_run:
            said = file.plan
            file.drop()
            planned(face, said, how.as_json)
            return
        reshapes = file.reshapes
        progress.phase("applying")
        carried_out(face, session.run(file, Consent()), how.as_json)
    if reshapes:
        _ = face.reader  # which says so where schema.yaml does not agree
