"""The guard of plans that destroy: somebody says how many records, or a rule of the schema does it unasked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from custrec.errors import CountWanted, CountWrong
from custrec.model.plan import Plan


@dataclass(frozen=True)
class Count:
    """How many records a person agreed to destroy: exactly so many, at most so many, or what `ask` gets typed back
    (None: nobody is there to ask). `by_rule`: a rule of the schema says `auto`, and the limit of changes holds alone.
    """

    exactly: int | None = None
    up_to: int | None = None
    ask: Callable[[Plan, int], int | None] | None = None
    by_rule: bool = False


NOTHING_SAID = Count()
"""Nobody said anything."""


def destroyed(plan: Plan) -> int:
    """How many records of people a plan destroys, or takes fields of."""
    return sum(plan.detail.get("destroyed", {}).values())


def check_count(plan: Plan, count: Count) -> None:
    """Raise CountWanted where nobody said how many records may go, CountWrong where it was another number."""
    number = destroyed(plan)
    if count.by_rule:
        return
    said = count.exactly
    if count.up_to is not None:
        if number > count.up_to:
            raise CountWrong(verb=plan.verb, count=number, said=f"up to {count.up_to:,}")
        return
    if said is None and count.ask is not None:
        said = count.ask(plan, number)
    if said is None:
        raise CountWanted(verb=plan.verb, count=number)
    if said != number:
        raise CountWrong(verb=plan.verb, count=number, said=f"{said:,}")
