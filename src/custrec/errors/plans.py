"""Errors of plans and events: making, guarding, applying and undoing them."""

from __future__ import annotations

from custrec.errors.branches import Declined, InputError, NotAllowed, UsageError, WorldMoved


class StalePlan(WorldMoved):
    """Somebody changed the same records after the plan was made."""

    slug = "stale-plan"
    sentence = "plan {plan} no longer fits: {moved:,} of its records changed since it was made (first: record {first})"
    remedy = "make the plan again; nothing was changed"


class PlanExpired(WorldMoved):
    """The saved plan is older than plans are kept for."""

    slug = "plan-expired"
    sentence = "plan {plan} has expired: it waited longer than {kept} days"
    remedy = "make it anew, or again against today's records: custrec plan apply {plan} --refresh"


class PlanBusy(WorldMoved):
    """Somebody else reviews, refreshes or applies the saved plan just now."""

    slug = "plan-busy"
    sentence = "plan {plan} is in the hands of {actor} (process {process})"
    remedy = "wait until that is done; nothing was changed"


class NeedsReview(Declined):
    """The schema wants another person's approval, or a review was begun and is not finished."""

    slug = "needs-review"
    sentence = "plan {plan} waits for review: {open:,} of its {changes:,} changes are not decided"
    remedy = "the reviewer decides with: custrec plan review {plan}"


class OwnPlan(NotAllowed):
    """Who wrote a change may not be the one who approves it, where the schema wants a review."""

    slug = "own-plan"
    sentence = "{actor} may not approve this: what {maker} wrote in plan {plan} is for somebody else to approve"
    remedy = "let another person do it: custrec plan review {plan}"


class RowUnknown(UsageError):
    """A change of a plan is named that it does not have."""

    slug = "row-unknown"
    sentence = "plan {plan} has no change of {name}"
    remedy = "name a key, a record as #12, or a line of the file as line:7; see: custrec plan review {plan} --export -"


class SchemaMoved(WorldMoved):
    """The store's schema is not the one the plan was made with."""

    slug = "schema-moved"
    sentence = "plan {plan} was made with another schema than the store has now"
    remedy = "make the plan again; nothing was changed"


class PlanApplied(WorldMoved):
    """The same plan may not be applied twice."""

    slug = "plan-applied"
    sentence = "plan {plan} was applied already, as event {event}"
    remedy = "custrec history"


class PlanUnknown(UsageError):
    """No saved plan has this id."""

    slug = "plan-unknown"
    sentence = "there is no saved plan {plan}"
    remedy = "custrec plan list"


class PlanDamaged(InputError):
    """The saved plan is not the file that was saved."""

    slug = "plan-damaged"
    sentence = "the file of plan {plan} was altered or cut short since it was saved"
    remedy = "drop it (custrec plan drop {plan}) and make it again; nothing was changed"


class EventUnknown(UsageError):
    """The journal has no such event."""

    slug = "event-unknown"
    sentence = "there is no event {event}"
    remedy = "custrec history"


class AlreadyUndone(WorldMoved):
    """The event is not in force."""

    slug = "already-undone"
    sentence = "event {event} was undone already, by event {by}"
    remedy = "to bring it back: custrec redo {event}"


class NotUndone(WorldMoved):
    """Only what was undone can be redone."""

    slug = "not-undone"
    sentence = "event {event} is in force; there is nothing to redo"
    remedy = "custrec history"


class NothingToUndo(WorldMoved):
    """The journal holds no event that could be undone, or redone."""

    slug = "nothing-to-undo"
    sentence = "there is nothing to {verb}"
    remedy = "custrec history"


class UndoConflict(WorldMoved):
    """Some records have moved on since the event."""

    slug = "undo-conflict"
    sentence = (
        "event {event} cannot be undone whole: {reversed:,} reversible, {kept:,} edited since, {blocked:,} blocked"
    )
    remedy = "add --partial to undo what can be; nothing was changed"


class NeedsConsent(Declined):
    """No terminal to ask at, and no consent given."""

    slug = "needs-consent"
    sentence = "{verb} would change {count:,} record{s} and wants consent"
    remedy = "try it with -n first, then add --yes"


class Refused(Declined):
    """The person said no."""

    slug = "declined"
    sentence = "declined; nothing was changed"


class TooManyChanges(Declined):
    """More existing records would change than a run may without being told."""

    slug = "too-many-changes"
    sentence = "{verb} would change {count:,} of {total:,} existing records in {table}; the limit is {limit:,}"
    remedy = "look at it with -n; if it is right, add --max-change {count}"
