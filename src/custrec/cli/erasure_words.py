"""The words for what is destroyed, what was cleaned after it, and where it remains; and the question for its number."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.model.plan import Plan
from custrec.session.destruction import Count

if TYPE_CHECKING:
    from custrec.jobs.lifecycle.wiping import Wiped
    from custrec.jobs.progress import Progress
    from custrec.model.certificate import Remains
    from custrec.store.database import Store

MOST = 12
"""So many backups are named."""


def count_said(exactly: int | None, up_to: int | None, yes: bool, progress: Progress | None = None) -> Count:
    """What the options say of the number of records, and who is asked for it: nobody after --yes."""

    def ask(plan: Plan, number: int) -> int | None:
        return _typed(plan, number, progress)

    return Count(exactly, up_to, None if yes else ask)


def _typed(plan: Plan, number: int, progress: Progress | None) -> int | None:
    """The number that somebody types at the terminal; None where nobody is there. Raises Refused for anything else."""
    from custrec.errors import Refused

    if progress is not None:
        progress.stop()
    if not sys.stdin.isatty():
        return None
    print(f"{said_of(plan)}; type {number} to go on: ", end="", file=sys.stderr)
    sys.stderr.flush()
    typed = sys.stdin.readline().strip().replace(",", "")
    if not (typed.isascii() and typed.isdigit()):
        raise Refused()
    return int(typed)


def said_of(plan: Plan) -> str:
    """What a plan destroys, in one line."""
    records = ", ".join(f"{n:,} of {table}" for table, n in plan.detail["destroyed"].items())
    if plan.verb == "anonymise":
        fields = dict.fromkeys(name for names in plan.detail["fields"].values() for name in names)
        return f"{plan.verb}: {', '.join(fields)} of {records or 'no records'} go for good"
    return f"{plan.verb}: {records or 'no records'} go for good"


def say_destroying(face: Face, plan: Plan) -> None:
    """Say what a plan destroys, or has destroyed."""
    face.say(said_of(plan))
    detail = plan.detail
    along = {table: n for table, n in detail["destroyed"].items() if table not in detail["of"]}
    if along:
        face.say(f"  among them what belongs to those records: {', '.join(f'{n:,} of {t}' for t, n in along.items())}")
    if plan.counts.skipped:
        face.say(f"  {many(plan.counts.skipped, 'record')} stay: they are part of others (custrec dedupe split)")
    face.say(f"  reason: {detail['why']}{f' ({rule})' if (rule := detail.get('rule')) else ''}")


def say_returned(face: Face, plan: Plan) -> None:
    """Say how many rows bring back who or what was erased, and what is wrong with the ledger; also when quiet."""
    for line in plan.detail.get("ledger_trouble", ()):
        face.warn(line)
    if count := plan.detail.get("returned"):
        them = "belongs" if count == 1 else "belong"
        face.warn(f"{many(count, 'new record')} {them} to somebody who was erased: custrec purge, if that still holds")
    if count := plan.detail.get("refilled"):
        them = "gets" if count == 1 else "get"
        face.warn(f"{many(count, 'record')} {them} back what was erased: custrec anonymise, if that still holds")


def places_to_clean(store: Store) -> list[str]:
    """The places that will be cleaned, with what lies there now."""
    from custrec.store.place import ROW_LISTS, beside
    from custrec.store.plan_file import saved_plans
    from custrec.store.safety_copies import copies

    plans = len(list(saved_plans(beside(store.path, "plans"))))
    lists = sum(len(list(beside(store.path, what).glob("*.csv"))) for what in ROW_LISTS)
    return [
        "live rows, and every value that the history keeps of them",
        "notes and file names of events that may name them",
        f"saved plans that mention them ({plans:,} wait)",
        f"rows about them in rejects, review and declined lists ({many(lists, 'list')})",
        *(f"{path.name}, a copy made before a schema change" for path in copies(store.path)),
        "the search index, found pairs and their keys, to be made anew",
        "freed pages and the write-ahead log of the store",
    ]


def say_places(face: Face, places: Sequence[str], remains: Sequence[Remains]) -> None:
    """Say which places will be cleaned, and which will hold it on."""
    face.say("cleaned afterwards:")
    for place in places:
        face.say(f"  {place}")
    for line in remains_lines(remains):
        face.say(line)


def remains_lines(remains: Sequence[Remains]) -> Iterator[str]:
    """Where it remains, and until when."""
    if remains:
        yield "still held by:"
    for one in remains[:MOST]:
        yield f"  {one.name}: {one.until}"
    if len(remains) > MOST:
        yield f"  and {len(remains) - MOST:,} more"


def say_wiped(face: Face, wiped: Wiped, remains: Sequence[Remains] = ()) -> None:
    """Say what was cleaned, or that it could not be yet."""
    if not wiped.done:
        face.warn("purged, not yet wiped: what was destroyed may still be found in custrec's files")
        for why in wiped.hindrances:
            face.warn(f"  {why}")
        face.warn("  the next command that writes goes on; or run: custrec maintain")
        return
    for place in wiped.places:
        face.say(f"  cleaned: {place.name}{f' ({place.what})' if place.what else ''}")
    for line in remains_lines(remains):
        face.say(line)
    for path in wiped.certificates:
        face.say(f"certificate: {path}")


def wiped_said(wiped: Wiped | None, remains: Sequence[Remains] = ()) -> Mapping[str, Any]:
    """What was cleaned, as JSON says it."""
    if wiped is None:
        return {}
    return {
        "wiped": wiped.done,
        "places": [{"place": one.name, "at": one.at, "what": one.what} for one in wiped.places],
        "hindrances": list(wiped.hindrances),
        "certificates": [str(path) for path in wiped.certificates],
        "remains": [{"place": one.name, "until": one.until} for one in remains],
    }
