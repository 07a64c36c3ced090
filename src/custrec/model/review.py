"""Review: who says what of a plan's changes before it is applied, and which plans must be.

Who is one person is a convention as long as there are no rights: it goes by names that people give themselves.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from custrec.model.schema import Table

_NAMED = re.compile(r"(?P<name>.*) \(login (?P<login>.*)\)", re.DOTALL)


class Verdict(StrEnum):
    """What becomes of a change. The words are part of the format of a review.

    MOVED is no verdict: it takes back what was said, because the change is no longer the one it was said of.
    """

    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"
    MOVED = "moved"


@dataclass(frozen=True)
class Person:
    """Who acts: the actor as the history names it, `lin` or `lin (login office)`, and the system's user, where it has
    numbers for them."""

    actor: str
    uid: int | None = None

    @property
    def name(self) -> str:
        """The name without the login."""
        found = _NAMED.fullmatch(self.actor)
        return found["name"] if found else self.actor

    @property
    def login(self) -> str:
        """The login."""
        found = _NAMED.fullmatch(self.actor)
        return found["login"] if found else self.actor

    def is_same(self, other: Person) -> bool:
        """Whether two are one person: one name, whoever is logged in; or one account, of which one of the two is the
        owner, who goes by the login. An account that all share under names of their own tells nobody apart."""
        if self.name.casefold() == other.name.casefold():
            return True
        numbered = self.uid is not None and other.uid is not None
        account = self.uid == other.uid if numbered else self.login == other.login
        return account and (self.name == self.login or other.name == other.login)


@dataclass(frozen=True)
class ReviewRule:
    """Which plans another person must approve: those of some verbs (None: all) that change more than `above` records
    of the table."""

    verbs: frozenset[str] | None = None
    above: int = 0

    def holds(self, verb: str, changes: int) -> bool:
        """Whether a plan that changes so many records of the table must be reviewed."""
        return changes > self.above and (self.verbs is None or verb in self.verbs)


def review_rule(table: Table) -> ReviewRule | None:
    """What a table's `review` says; None where plans need none."""
    said: Any = table.policies.get("review")
    if said is None:
        return None
    if not isinstance(said, Mapping):
        return ReviewRule()
    verbs = said.get("required")
    return ReviewRule(None if verbs is None else frozenset(verbs), int(said.get("above", 0)))


@dataclass(frozen=True)
class Tally:
    """How many changes of a plan were approved, rejected, edited and are still open; and the conflicts among them."""

    approved: int = 0
    rejected: int = 0
    edited: int = 0
    open: int = 0
    conflicts: int = 0

    @property
    def changes(self) -> int:
        """All changes."""
        return self.approved + self.rejected + self.edited + self.open
