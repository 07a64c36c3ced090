"""custrec blame: who set a value, when, from which file and line, and what it was before."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.face import Face
from custrec.cli.options import AsOf, Everything, Json, TableName
from custrec.cli.running import command
from custrec.model.confirmations import SUBJECT
from custrec.model.plan import Event, Op

if TYPE_CHECKING:
    from custrec.jobs.past.blaming import Blame, Origin, Set, Story, Telling
    from custrec.model.confirmations import Confirmation

PAGE = 50
"""How many values of a field are told at first."""
NOT_KEPT = (
    "a text as it was typed is kept only where reading it lost something;\nof the others the value is all that is known"
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "blame",
        pages=True,
        examples=["custrec blame C0001", "custrec blame C0001 phone", "custrec blame '#2' -t contacts --json"],
    )(blame_record)


def blame_record(
    face: Face,
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A natural key, or a record id as #12.", show_default=False)
    ],
    field: Annotated[
        str | None, typer.Argument(metavar="[FIELD]", help="Tell all values that this field had.", show_default=False)
    ] = None,
    table: TableName = None,
    as_of: AsOf = None,
    everything: Everything = False,
    as_json: Json = False,
) -> None:
    """Say where each value of a record came from, also of one that is gone."""
    from custrec.cli.progress import waiting
    from custrec.jobs.past import blaming
    from custrec.jobs.past.times import event_at
    from custrec.jobs.reading import table_named

    store = face.reader.store
    chosen = table_named(store.schema, table) if table else None
    event = event_at(store, as_of) if as_of is not None else None
    if field is None:
        with waiting(face, "reading"):
            blame = blaming.blame(store, chosen, name, event, truth=as_json)
        _say_blame(face, blame, as_json)
    else:
        most = None if everything or as_json else PAGE
        with waiting(face, "reading"):
            story = blaming.story(store, chosen, name, field, event=event, most=most, truth=as_json)
        _say_story(face, story, as_json)


def _say_blame(face: Face, blame: Blame, as_json: bool) -> None:
    if as_json:
        face.out_json("blame", blame_said(blame))
        return
    removed = f", removed by {mark(blame.removed)}: its last values" if blame.removed else _state(blame)
    restored = {one.restored.id: one.restored for one in blame.origins if one.restored}
    whole = len(restored) == 1 and all(one.restored for one in blame.origins)
    back = "".join(f", given back by {mark(event)}" for event in restored.values()) if whole else ""
    face.out(f"{blame.table.name} #{blame.record}{removed}{back}")
    shown = [one for one in blame.origins if one.set.value is not None or one.set.op is not Op.INSERT]
    if not shown:
        face.say("nothing is known of its values any more")
        return
    rows = [(one.field, one.set.value, mark(one.set.event), one.set.line, _kind(one.set)) for one in shown]
    below = [
        _joined(
            _brought(one, blame.table.name),
            _typed(one.set),
            f"given back by {mark(one.restored)}" if one.restored and not whole else "",
            confirmation_words(blame.confirmed[one.field]) if one.field in blame.confirmed else _vouched(one.set),
        )
        for one in shown
    ]
    face.table(("field", "value", "set by", "line", "read as"), rows, right=("line",), below=below)
    face.out("")
    _say_events(face, blame.events)
    if any(one.set.line is not None for one in shown):
        face.say(NOT_KEPT)


def _say_story(face: Face, story: Story, as_json: bool) -> None:
    if as_json:
        tellings = [_telling_said(one) for one in story.tellings]
        said = {"table": story.table.name, "record": story.record, "field": story.field, "story": tellings}
        said |= {"confirmed": confirmation_said(story.confirmed)} if story.confirmed else {}
        face.out_json("blame", said)
        return
    face.out(f"{story.table.name} #{story.record}: {story.field}")
    rows = [
        ("(removed)" if one.gone else one.set.value, mark(one.set.event), one.set.event.at, one.set.event.actor)
        for one in story.tellings
    ]
    below = [_telling_words(one, story.confirmed) for one in story.tellings]
    face.table(("value", "set by", "at", "by"), rows, below=below)
    if story.total > len(story.tellings):
        face.say(f"the newest {len(story.tellings)} of {story.total:,} values; all of them with --all")
    if any(one.set.line is not None for one in story.tellings):
        face.say(NOT_KEPT)


def mark(event: Event) -> str:
    """The short name of an event: what it was, and its number."""
    return f"{event.verb} {event.id}"


def blame_said(blame: Blame) -> dict[str, Any]:
    """Where each value of a record came from, for programs."""
    return {
        "table": blame.table.name,
        "record": blame.record,
        "state": blame.state.name.lower() if blame.state is not None else None,
        "state_set_by": _event_said(blame.put),
        "removed_by": _event_said(blame.removed),
        "fields": [
            {"field": one.field, **_set_said(one.set), "given_back_by": _event_said(one.restored), **_brought_said(one)}
            | ({"confirmed": confirmation_said(blame.confirmed[one.field])} if one.field in blame.confirmed else {})
            for one in blame.origins
        ],
    }


def confirmation_said(one: Confirmation) -> dict[str, Any]:
    """That a value is confirmed, for programs."""
    return asdict(one)


def confirmation_words(one: Confirmation, brief: bool = False) -> str:
    """That a value is confirmed: when, by whom, and in which campaign (not where it is to be `brief`)."""
    who = "the subject" if one.by == SUBJECT else one.actor
    when = one.at[:10] if brief else one.at
    return f"{one.how} {when} by {who}{f' in {one.campaign}' if one.campaign and not brief else ''}"


def _vouched(one: Set) -> str:
    return "said by the subject" if one.provenance == SUBJECT else ""


def _brought_said(one: Origin) -> dict[str, Any]:
    """The merge that brought a value, and the record it came from, if one did."""
    return {"merged_by": _event_said(one.merged), "merged_from": one.record} if one.merged else {}


def _brought(one: Origin, table: str) -> str:
    return f"of {table} #{one.record}, brought by {mark(one.merged)}" if one.merged else ""


def _telling_said(one: Telling) -> dict[str, Any]:
    source = {"merged_from": {"record": one.merged.record, **_set_said(one.merged.set)}} if one.merged else {}
    return {
        **source,
        **_set_said(one.set),
        "op": one.set.op.name.lower(),
        "stands": one.stands,
        "undone_by": one.undone_by,
        "gives_back": _event_said(one.gives_back),
    }


def _set_said(one: Set) -> dict[str, Any]:
    source = {"source": one.event.source, "sha256": one.event.sha256, "line": one.line}
    read = {"typed": one.typed, "kind": one.kind, "version": one.version}
    read |= {"provenance": one.provenance} if one.provenance else {}
    return {"value": one.value, **(_event_said(one.event) or {}), **source, **read}


def _event_said(event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    return {"event": event.id, "verb": event.verb, "at": event.at, "actor": event.actor, "note": event.note}


def _telling_words(one: Telling, confirmed: Confirmation | None) -> str:
    """The line below a value: which one stands, which were undone, where it was read, and whether it is confirmed."""
    event = one.set.event
    return _joined(
        "stands" if one.stands else "",
        confirmation_words(confirmed) if one.stands and confirmed else _vouched(one.set),
        f"undone by event {one.undone_by}" if one.undone_by else "",
        f"gives back what {mark(one.gives_back)} set" if one.gives_back else "",
        f"of #{one.merged.record}, where {mark(one.merged.set.event)} set it" if one.merged else "",
        f"{event.source}{f' line {one.set.line}' if one.set.line else ''}" if event.source else "",
        _kind(one.set),
        _typed(one.set),
        f"note: {event.note}" if event.note else "",
    )


def _say_events(face: Face, events: list[Event]) -> None:
    rows = [(mark(event), event.at, event.actor, _joined(_source(event), event.note)) for event in events]
    face.table(("event", "at", "by", "what"), rows)


def _source(event: Event) -> str:
    return event.source or (f"of event {event.undoes}" if event.undoes else "")


def _state(blame: Blame) -> str:
    return f", {blame.state.name.lower()} by {mark(blame.put)}" if blame.state and blame.put else ""


def _kind(one: Set) -> str:
    return f"{one.kind} {one.version}" if one.kind else ""


def _typed(one: Set) -> str:
    return f"typed as: {one.typed}" if one.typed is not None else ""


def _joined(*words: str) -> str:
    return " · ".join(word for word in words if word)
