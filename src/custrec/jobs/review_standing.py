"""Whether a plan needs somebody's review, and how far that is. The review itself stands in jobs.reviewing.

Every plan that is carried out asks the first question, so what only saved plans need is loaded by the functions.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from custrec.errors import UsageError
from custrec.model.plan import Plan
from custrec.model.review import Tally, review_rule
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile

if TYPE_CHECKING:
    from custrec.store.reviewed import ReviewedPlan

EVERYTHING = sys.maxsize
"""So many records a change of the schema counts as."""


def needs_review(store: Store, file: PlanFile, plan: Plan) -> bool:
    """Whether the schema wants another person's approval of a plan. Of one that changes the schema: whether any table
    does as it is now, however few records change, so that nobody takes the rule away alone."""
    if plan.reshapes:
        kept = [rule for table in store.schema.tables if (rule := review_rule(table))]
        return any(rule.holds(plan.verb, EVERYTHING) for rule in kept)
    rules = [(table, rule) for table in file.schema.tables if (rule := review_rule(table))]
    return any(rule.holds(plan.verb, file.changes_of(table)) for table, rule in rules)


def refuse_whole(plan: Plan) -> None:
    """Raise UsageError for a plan that is one thing, neither taken apart nor made again."""
    if plan.whole:
        raise UsageError(
            what=f"plan {plan.id} is a {plan.verb}, approved or dropped as a whole",
            hint=f"look at it with custrec plan show {plan.id}; whoever applies it approves it",
        )


def open_changes(store: Store, file: PlanFile) -> Tally:
    """What is decided of a saved plan; all zero where it has no review and needs none. Raises PlanDamaged."""
    if file.plan.whole:
        return Tally()
    from custrec.store.planned_rows import PlannedRows
    from custrec.store.reviews import Review

    review = Review.of(file)
    try:
        required = needs_review(store, file, file.plan)
        return PlannedRows(file, review, required).tally() if review.begun or required else Tally()
    finally:
        review.close()


def review_standing(store: Store, file: PlanFile) -> tuple[Tally, list[tuple[str, str, int]]]:
    """What is decided of a saved plan, and by whom: the actor, when last, how many decisions. Raises PlanDamaged."""
    if file.plan.whole:
        return Tally(), []
    from custrec.store.planned_rows import PlannedRows
    from custrec.store.reviews import Review

    review = Review.of(file)
    try:
        return PlannedRows(file, review, needs_review(store, file, file.plan)).tally(), review.reviewers()
    finally:
        review.close()


def after_review(store: Store, file: PlanFile) -> ReviewedPlan | None:
    """A copy of a saved plan as its review left it; None where that is the plan as it is."""
    from custrec.store.reviewed import ReviewedPlan
    from custrec.store.reviews import Review

    review = Review.of(file)
    review.close()
    return ReviewedPlan(file, store.path) if review.begun or file.conflicts() else None
