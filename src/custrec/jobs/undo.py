"""Undo and redo: plans that read an event backwards. Redo is the undo of the undo."""

from __future__ import annotations

from dataclasses import dataclass

from custrec.errors import AlreadyUndone, ErasureIsFinal, NothingToUndo, NotUndone, UndoConflict
from custrec.jobs.drafting import Draft, drafted
from custrec.model.decisions import table_numbered, tables_of
from custrec.model.plan import ERASING, FACTS, Counts, Event
from custrec.store import journal
from custrec.store.database import Store
from custrec.store.hindrances import hindrances
from custrec.store.plan_file import PlanFile
from custrec.store.reverse import reverse
from custrec.store.shapes import Shapes, rules_changed


@dataclass(frozen=True)
class UndoRequest:
    """Which event (None: the last one in force, or for redo the one undone last); `partial`: do what is possible."""

    event: int | None = None
    partial: bool = False


def plan_undo(store: Store, request: UndoRequest, by: Draft) -> PlanFile:
    """Plan the reversal of an event.

    Raises EventUnknown, AlreadyUndone, NothingToUndo, and UndoConflict where something is kept or blocked and the
    request is not partial.
    """
    if request.event is None:
        done = (e for e in journal.events(store) if e.undone_by is None and e.undoes is None)
        event = next((e for e in done if e.verb not in FACTS), None)
        if event is None:
            raise NothingToUndo(verb="undo")
        if event.verb in ERASING:
            raise ErasureIsFinal(event=event.id, verb=event.verb, hint="name the event to be undone: custrec history")
    else:
        event = journal.event(store, request.event)
    if event.verb in FACTS:
        raise NothingToUndo(verb="undo", hint=f"event {event.id} tells of a {event.verb}, and changed no record")
    if event.verb in ERASING:
        raise ErasureIsFinal(event=event.id, verb=event.verb)
    if event.undone_by is not None:
        raise AlreadyUndone(event=event.id, by=event.undone_by)
    return _reversal(store, event, event, request.partial, by, "undo")


def plan_redo(store: Store, request: UndoRequest, by: Draft) -> PlanFile:
    """Plan the reversal of the undo of an event. Raises like `plan_undo`, and NotUndone."""
    if request.event is None:
        undone = [(e.undone_by, e) for e in journal.events(store) if e.undone_by is not None and e.undoes is None]
        event = max(undone, key=lambda pair: pair[0], default=(0, None))[1]  # the one that was undone last
        if event is None:
            raise NothingToUndo(verb="redo")
    else:
        event = journal.event(store, request.event)
    if event.undone_by is None:
        raise NotUndone(event=event.id)
    return _reversal(store, journal.event(store, event.undone_by), event, request.partial, by, "redo")


def _reversal(store: Store, event: Event, named: Event, partial: bool, by: Draft, verb: str) -> PlanFile:
    """Plan the reversal of `event`; `named` is the event that the person spoke of."""
    _, detail = journal.details(store, [event.id])[event.id]
    if "schema" in detail:
        from custrec.jobs.reshaping.undoing import plan_back

        return plan_back(store, event, named, detail, by, verb)
    with drafted(store, by) as file:
        counts = reverse(file, store.path, event.id)
        if (counts.kept or counts.blocked) and not partial:
            raise UndoConflict(
                event=event.id,
                reversed=counts.changes,
                kept=counts.kept,
                blocked=counts.blocked,
                details=_in_the_way(store, file, event.id, counts),
                hint=None if counts.changes else "undo the later events first: custrec history",
            )
        tables = [table.name for table in tables_of(file.schema) if file.touches(table)]
        detail = {"event": named.id, "of": named.verb}
        head = by.head(store, verb, by.base(store), counts, tables, undoes=event.id, exempt=True, detail=detail)
        file.save_head(head)
    return file


MOST = 10
"""So many records are named that stay as they are."""


def _in_the_way(store: Store, file: PlanFile, event: int, counts: Counts) -> tuple[str, ...]:
    """What of an event cannot go back, and why, line by line."""
    lines = hindrances(file, store.path, event, MOST)
    if (more := counts.kept + counts.blocked - len(lines)) > 0:
        lines.append(f"and {more:,} more")
    return (*lines, *(_reshaped_since(store, event) if counts.blocked else ()))


def _reshaped_since(store: Store, event: int) -> tuple[str, ...]:
    """What changes of the schema since an event may be in the way of its undo."""
    shapes = Shapes(store.reader)
    then = shapes.after(event)
    lines = []
    for table in then.tables:
        live = table_numbered(store.schema, table.id)
        if live is None:
            lines.append(f"the table {table.name} is gone since")
        elif names := list(rules_changed(then, store.schema, live)[0].values()):
            lines.append(f"{live.name}: {', '.join(names)} went, or was given another kind or other rules, since")
    return tuple(lines)
