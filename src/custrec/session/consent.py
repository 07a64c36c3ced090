"""What a person has said to a plan, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from custrec.model.plan import Event, Plan
from custrec.session.destruction import NOTHING_SAID, Count

if TYPE_CHECKING:
    from custrec.jobs.lifecycle.wiping import Wiped


@dataclass(frozen=True)
class Consent:
    """What a person has said beforehand, and how to ask for the rest (None: nobody is there to ask).

    `on_record`: a plan that changes nothing becomes an event too, so that its file is known. `copy`: the store is
    copied before a change of its schema. `count` is what is said to a plan that destroys.
    """

    max_change: int | None = None
    on_record: bool = False
    copy: bool = True
    yes: bool = False
    ask: Callable[[Plan], bool] | None = None
    count: Count = NOTHING_SAID


@dataclass(frozen=True)
class Report:
    """What became of a plan: the event it is now, or None where it changed nothing; seconds by stage; and what was
    wiped after it, where something was to be."""

    plan: Plan
    event: Event | None
    seconds: Mapping[str, float]
    wiped: Wiped | None = None
