"""What is proposed and ready becomes plans, one a rule and action: each action has one producer.

Only what is ready is taken: of a rule that notifies, those whose grace is over or who agreed. Nothing here applies a
plan.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from custrec.jobs.drafting import Draft
from custrec.jobs.edits.editing import Chosen
from custrec.jobs.edits.naming import Named
from custrec.jobs.edits.tagging import TagRequest, plan_tag, tag_field
from custrec.jobs.lifecycle.moving import (
    MoveRequest,
    plan_archive,
    plan_delete,
    plan_restrict,
    plan_unrestrict,
)
from custrec.jobs.lifecycle.proposing import READY, Proposal, Proposals, by_stage
from custrec.jobs.lifecycle.purging import AnonymiseRequest, PurgeRequest, plan_anonymise, plan_purge
from custrec.model.lifecycle import DELETE
from custrec.model.plan import State
from custrec.model.policy import TAG, Action
from custrec.store import keyed
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile


class Step(NamedTuple):
    """A proposal with those of its records that are ready. `freed`: they are restricted no more, so that the step after
    it can be taken."""

    proposal: Proposal
    records: array[int]
    freed: bool = False


def steps(store: Store, found: Proposals, today: date) -> Iterator[Step]:
    """What is ready of what is proposed, the mildest first."""
    for proposal in found.found:
        ready = by_stage(store, proposal, today).get(READY)
        if not ready:
            continue
        if proposal.action is Action.TRASH and (bound := _restricted(store, proposal, ready)):
            yield Step(proposal, bound, freed=True)
        yield Step(proposal, ready)


def plan_step(store: Store, step: Step, by: Draft) -> PlanFile:
    """The plan that carries a step out. Raises what the producer of its action does."""
    if step.freed:
        return plan_unrestrict(store, _moved(store, step), by)
    return PLANNERS[step.proposal.action](store, step, by)


def _restricted(store: Store, proposal: Proposal, records: array[int]) -> array[int]:
    places = keyed.by_number(store, proposal.table, records)
    return array("q", (record for record in records if places[record].state is State.RESTRICTED))


def _flag(store: Store, step: Step, by: Draft) -> PlanFile:
    table, rule = step.proposal.table, step.proposal.rule
    request = TagRequest(Chosen(table, step.records), tag_field(table, None), "add", rule.tag if rule else TAG)
    return plan_tag(store, request, by)


def _archive(store: Store, step: Step, by: Draft) -> PlanFile:
    return plan_archive(store, _moved(store, step), by)


def _restrict(store: Store, step: Step, by: Draft) -> PlanFile:
    return plan_restrict(store, _moved(store, step), by)


def _trash(store: Store, step: Step, by: Draft) -> PlanFile:
    return plan_delete(store, _moved(store, step, DELETE.origins), by)


def _moved(store: Store, step: Step, states: Collection[State] = tuple(State)) -> MoveRequest:
    """The records of a step, of those in some states, as those that were named are."""
    table = step.proposal.table
    places = keyed.by_number(store, table, step.records).values()
    return MoveRequest([Named(table, place.record, place.state) for place in places if place.state in states])


def _anonymise(store: Store, step: Step, by: Draft) -> PlanFile:
    """Fields of their own where the step is about these, else what is personal."""
    table, part = step.proposal.table, step.proposal.part
    fields = {table.name: part.fields} if part else {}
    return plan_anonymise(store, AnonymiseRequest(_destroyed(step), fields), by)


def _purge(store: Store, step: Step, by: Draft) -> PlanFile:
    return plan_purge(store, _destroyed(step), by)


def _destroyed(step: Step) -> PurgeRequest:
    proposal = step.proposal
    return PurgeRequest(records={proposal.table.name: step.records}, reason="retention", rule=proposal.name)


PLANNERS: Mapping[Action, Callable[[Store, Step, Draft], PlanFile]] = {
    Action.FLAG: _flag,
    Action.ARCHIVE: _archive,
    Action.RESTRICT: _restrict,
    Action.TRASH: _trash,
    Action.ANONYMISE: _anonymise,
    Action.PURGE: _purge,
}
"""Who plans each action."""
