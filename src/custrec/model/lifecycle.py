"""The ways of a record's life: from which states it may go to which, and what brings it back."""

from __future__ import annotations

from dataclasses import dataclass

from custrec.model.plan import State
from custrec.model.schema import Table


@dataclass(frozen=True)
class Way:
    """A move of records between states, by the verb of its plans: those in one of `origins` go `to` another.

    `to` is None for a way back to whatever state a record had before it went, of those in `back`; any other counts as
    active. What refers to a record goes along, and comes back with it (store.moving).
    """

    verb: str
    origins: tuple[State, ...]
    to: State | None
    back: tuple[State, ...] = ()

    @property
    def returns(self) -> bool:
        """Whether it brings records back."""
        return self.to in (None, State.ACTIVE)


ARCHIVE = Way("archive", (State.ACTIVE,), State.ARCHIVED)
UNARCHIVE = Way("unarchive", (State.ARCHIVED,), State.ACTIVE)
DELETE = Way("delete", (State.ACTIVE, State.ARCHIVED), State.TRASHED)
UNDELETE = Way("undelete", (State.TRASHED,), None, (State.ACTIVE, State.ARCHIVED))
RESTRICT = Way("restrict", (State.ACTIVE, State.ARCHIVED, State.TRASHED), State.RESTRICTED)
UNRESTRICT = Way("unrestrict", (State.RESTRICTED,), None, (State.ACTIVE, State.ARCHIVED, State.TRASHED))
WAYS = {way.verb: way for way in (ARCHIVE, UNARCHIVE, DELETE, UNDELETE, RESTRICT, UNRESTRICT)}
"""All of them, by verb."""

TRASH_DAYS = 30
"""How long what was deleted stays in the trash, where its table does not say (`trash: {days: N}`)."""


def trash_days(table: Table) -> int:
    """How many days what was deleted of a table stays in the trash, at least, before it may be purged."""
    return int((table.policies.get("trash") or {}).get("days", TRASH_DAYS))


PARENT_RULES = {
    State.ARCHIVED: "parent-archived",
    State.TRASHED: "parent-in-trash",
    State.RESTRICTED: "parent-restricted",
}
"""Why a record cannot be active below another one, by the state of that one."""
