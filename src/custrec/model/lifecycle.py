"""The ways of a record's life: from which states it may go to which, and what brings it back."""

from __future__ import annotations

from dataclasses import dataclass

from custrec.model.plan import State


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

PARENT_RULES = {
    State.ARCHIVED: "parent-archived",
    State.TRASHED: "parent-in-trash",
    State.RESTRICTED: "parent-restricted",
}
"""Why a record cannot be active below another one, by the state of that one."""
