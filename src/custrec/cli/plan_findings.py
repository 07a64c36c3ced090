"""What is to be known of a saved plan before its rows are looked at: the head of `plan show` and `plan review`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.plan_words import say_plan
from custrec.model.plan import Plan
from custrec.model.review import Tally
from custrec.session.session import Session
from custrec.store.plan_file import PlanFile

if TYPE_CHECKING:
    from custrec.jobs.reviewing import Reviewing


def findings(session: Session, file: PlanFile, under: Reviewing | None = None) -> dict[str, Any]:
    """For programs: when it expires, whether it needs a review, who has reviewed what, and what moved since.

    `under` is the review that is going on, if one is.
    """
    from custrec.jobs.refreshing import what_moved
    from custrec.jobs.review_standing import needs_review, review_standing
    from custrec.session.waiting_plans import WaitingPlans

    plan, store = file.plan, session.store
    end = WaitingPlans(session).expires(plan)
    current = plan.schema_version == store.schema_version
    count, lines = what_moved(store, file.path) if current and plan.base != store.last_event else (0, ())
    tally, reviewers = (under.tally(), under.review.reviewers()) if under else review_standing(store, file)
    return {
        "made_at": plan.made_at,
        "refreshed_at": plan.refreshed_at or None,
        "expires": end and end.isoformat(),
        "expired": bool(end and end <= session.today),
        "moved_since": {"count": count, "records": list(lines)},
        "review": {
            "required": needs_review(store, file, plan),
            **tally_said(tally),
            "by": [{"actor": actor, "at": at, "decisions": n} for actor, at, n in reviewers],
        },
    }


def say_head(face: Face, plan: Plan, aside: Mapping[str, Any] | None, said: Mapping[str, Any]) -> None:
    """For people: who made it and when, what it would do, and what is to be known of it."""
    fresh = f", made again {plan.refreshed_at}" if plan.refreshed_at else ""
    face.say(f"plan {plan.id}, made {plan.made_at} by {plan.actor}{fresh}")
    say_plan(face, plan, aside)
    for line in _lines(plan, said):
        face.say(f"  {line}")


def _lines(plan: Plan, said: Mapping[str, Any]) -> Iterator[str]:
    if plan.note:
        yield f"note: {plan.note}"
    if said["expires"]:
        day = said["expires"]
        refresh = f" · to have it again: custrec plan apply {plan.id} --refresh"
        yield f"expired {day}{refresh}" if said["expired"] else f"expires {day}"
    moved = said["moved_since"]
    if moved["count"]:
        yield f"{many(moved['count'], 'record')} moved since (--refresh makes it again):"
        yield from (f"  {line}" for line in moved["records"])
    review = said["review"]
    if review["conflicts"]:
        yield f"{many(review['conflicts'], 'change')} in conflict: left out, or decided on in the review"
    if review["required"]:
        yield f"needs the approval of another person than {plan.actor}: custrec plan review {plan.id}"
    if review["by"]:
        yield f"reviewed: {tally_words(review)}"
    for one in review["by"]:
        yield f"  by {one['actor']}, {many(one['decisions'], 'decision')}, last {one['at']}"


def tally_words(said: Mapping[str, Any]) -> str:
    """How far a review is."""
    named = ("approved", "rejected", "edited", "open")
    return " · ".join(f"{said[name]:,} {name}" for name in named if said[name]) or "nothing to decide"


def tally_said(tally: Tally) -> dict[str, int]:
    """How far a review is, for programs."""
    return {name: getattr(tally, name) for name in ("approved", "rejected", "edited", "open", "conflicts")}


def in_a_word(said: Mapping[str, Any]) -> str:
    """How a plan stands, for a list."""
    review = said["review"]
    if said["expired"]:
        return "expired"
    if review["by"]:
        return f"{review['open']:,} open" if review["open"] else "reviewed"
    return "needs review" if review["required"] else ""
