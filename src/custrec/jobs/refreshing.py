"""A saved plan made again against today's records (store.rebasing), and in words what moved from under it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from custrec.errors import SchemaMoved, StoreReplaced
from custrec.jobs.review_standing import refuse_whole
from custrec.model.plan import Plan
from custrec.model.review import Person, Verdict
from custrec.store import journal
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.rebasing import Moved, Rebasing
from custrec.store.reviews import Decision, Review, held

WHY = {
    "": "can be made again",
    "same": "is so already",
    "update": "is there by now: the new record becomes a change of it",
    "changed": "the same field was changed: conflict",
    "gone": "is gone: conflict",
    "trashed": "was put aside: conflict",
    "taken": "has the key or unique value by now: conflict",
    "parent": "its parent is gone: conflict",
    "dependent": "cannot be without another conflict",
}
"""What became of a change, by the reason that store.rebasing gives."""


@dataclass(frozen=True)
class Refreshed:
    """A plan that was made again: its head now, how many records had moved, in words the first of them, and how many
    changes are in conflict, by reason."""

    plan: Plan
    moved: int
    lines: tuple[str, ...]
    conflicts: dict[str, int]


def refresh(store: Store, path: Path, person: Person, at: str) -> Refreshed:
    """Make a saved plan again. What was said of changes that did not move stays.

    Raises PlanUnknown, PlanDamaged, PlanBusy, SchemaMoved, StoreReplaced, DiskFull; the plan is then as it was.
    """
    file = PlanFile.open(path, store.schema_at)
    try:
        refuse_whole(file.plan)
        with held(path, person.actor):
            if file.plan.schema_version != store.schema_version:
                raise SchemaMoved(plan=file.plan.id)
            if not _builds_upon(store, file.plan):
                raise StoreReplaced(store=store.path.name, hint="the plan was made for the store before: make it anew")
            rebasing = Rebasing(file, store.path, at)
            try:
                review = Review.of(file)
                try:
                    if review.begun:
                        renewed = [Decision(Verdict.MOVED, tbl, seq) for tbl, seq in rebasing.renewed]
                        review.decide(renewed, person, at)
                finally:
                    review.close()
                conflicts = rebasing.file.conflicts()
                file.close()
                rebasing.take_place(path)
            except BaseException:
                rebasing.drop()
                raise
            return Refreshed(rebasing.plan, rebasing.moved, _lines(rebasing.moves, rebasing.moved), conflicts)
    finally:
        file.close()


def what_moved(store: Store, path: Path) -> tuple[int, tuple[str, ...]]:
    """How many records moved from under a saved plan, and in words the first of them: which, what, by whom."""
    file = PlanFile.open(path, store.schema_at)
    try:
        if file.plan.whole or not _builds_upon(store, file.plan):
            return 0, ()
        rebasing = Rebasing(file, store.path, file.plan.refreshed_at)
        rebasing.drop()
        return rebasing.moved, _lines(rebasing.moves, rebasing.moved)
    finally:
        file.close()


def _builds_upon(store: Store, plan: Plan) -> bool:
    """Whether the event that a plan was made after is in the history; not where a restore put another store there."""
    return plan.base_digest in ("", journal.digest_of(store, plan.base))


def _lines(moves: Iterable[Moved], count: int) -> tuple[str, ...]:
    lines = [_line(one) for one in moves]
    return tuple(lines + ([f"and {count - len(lines):,} more"] if count > len(lines) else []))


def _line(one: Moved) -> str:
    what = f": {', '.join(one.fields)}" if one.fields else ""
    by = f" · event {one.event} by {Person(one.actor).name}" if one.event is not None else ""
    return f"{one.table} #{one.record}{what}{by} · {WHY[one.why]}"
