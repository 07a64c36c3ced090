"""The nouns of change: a plan that has not happened, an event that has, and what both count.

A plan's rows lie in a file (store.plan_file), the journal's in the store; these are the handles and summaries that
travel between floors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import IntEnum
from typing import Any


class Op(IntEnum):
    """What a change does to a record. The numbers are part of the store's format."""

    INSERT = 1
    UPDATE = 2
    DELETE = 3


class State(IntEnum):
    """Where a record is in its life. The numbers are part of the store's format.

    A record that was merged into another one is stored with a state of its own: minus the other one's id. So the
    pointer is journalled, undone and verified as any state is, and one index finds all that was merged into a record.
    MERGED itself is never stored.
    """

    ACTIVE = 0
    ARCHIVED = 1
    TRASHED = 2
    RESTRICTED = 3
    MERGED = 4

    @classmethod
    def _missing_(cls, value: object) -> State | None:
        return cls.MERGED if isinstance(value, int) and value < 0 else None


ERASING = frozenset({"purge", "anonymise"})
"""Verbs of plans that destroy: what they take away stands in no journal, and nothing brings it back."""

CONFIRMING = ("confirm", "confirm-start", "confirm-extend", "confirm-close", "confirm-import")
"""Verbs of plans that say which values are right, and of campaigns about them."""

WHOLE = (
    frozenset({"schema", "merge", "split", "different", "same", "hold", "release", "notify", "reply"})
    | ERASING
    | frozenset(CONFIRMING)
)
"""Verbs of plans that are approved or refused as a whole."""


FACTS = frozenset({"backup", "push", "drill", "prune", "restore", "letters"})
"""Verbs of events that tell a fact about the world and change no record. There is nothing to undo about them."""


@dataclass(frozen=True)
class Source:
    """The file a plan was made from: its name as given, without folders, and the SHA-256 of its bytes (hex)."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Counts:
    """What a plan found and would do, in rows. `insert`, `update` and `delete` are what is written; `declined`
    is what a review left out; `recalled`, of `update`, are archived records that come back with others."""

    read: int = 0
    blank: int = 0
    collapsed: int = 0
    same: int = 0
    insert: int = 0
    update: int = 0
    delete: int = 0
    rejected: int = 0
    skipped: int = 0
    kept: int = 0
    blocked: int = 0
    declined: int = 0
    recalled: int = 0

    @property
    def changes(self) -> int:
        """How many records would be written."""
        return self.insert + self.update + self.delete

    def plus(self, **more: int) -> Counts:
        """These counts with some raised."""
        return replace(self, **{name: getattr(self, name) + n for name, n in more.items()})

    def as_dict(self) -> dict[str, int]:
        """Only what is not zero, plus what is written."""
        return {name: n for name, n in asdict(self).items() if n or name in ("insert", "update", "delete")}


@dataclass(frozen=True)
class Plan:
    """What would be done, once, in one transaction. Its rows lie in the plan's file.

    `base` is the last event of the store when the plan was computed: where it is still the last when the plan is
    applied, no record can have moved. `base_digest` is that event's digest: a store that has another there was put in
    the place of the one that the plan was made for. `exempt` plans (undo) are not held to `max_change`. `uid` is the
    system's user who made it, where there are such numbers; `refreshed_at` when it was last made again against later
    records.
    """

    id: str
    verb: str
    made_at: str
    actor: str
    schema_version: int
    base: int
    base_digest: str = ""
    counts: Counts = Counts()
    tables: tuple[str, ...] = ()
    note: str = ""
    source: Source | None = None
    undoes: int | None = None
    exempt: bool = False
    rules: Mapping[str, int] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    uid: int | None = None
    refreshed_at: str = ""

    def with_detail(self, **more: Any) -> Plan:
        """The plan with more details."""
        return replace(self, detail={**self.detail, **more})

    @property
    def fresh_at(self) -> str:
        """When it was made, or last made again."""
        return self.refreshed_at or self.made_at

    @property
    def empty(self) -> bool:
        """Whether applying it would write nothing."""
        return self.counts.changes == 0 and not self.reshapes

    @property
    def whole(self) -> bool:
        """Whether it is one thing, which a review neither takes apart nor makes again: a change of the schema, a merge,
        a split, a verdict, and what takes one of them back."""
        return self.reshapes or self.verb in WHOLE or (self.undoes is not None and self.detail.get("of") in WHOLE)

    @property
    def erases(self) -> bool:
        """Whether it destroys what no undo brings back."""
        return self.verb in ERASING

    @property
    def reshapes(self) -> bool:
        """Whether it changes the schema of the store: `detail["schema"]` says which versions, and their digests."""
        return "schema" in self.detail


@dataclass(frozen=True)
class Event:
    """A plan that was applied."""

    id: int
    at: str
    actor: str
    verb: str
    note: str
    source: str | None
    sha256: str | None
    plan: str
    counts: Mapping[str, int]
    digest: str
    undoes: int | None = None
    undone_by: int | None = None


def undone_by(undoes: Iterable[tuple[int, int | None]]) -> dict[int, int]:
    """Which event undid which, as it stands now: an undo that was itself undone does not count, the newest does."""
    by: dict[int, int] = {}
    for event, target in sorted(undoes, reverse=True):
        if target is not None and event not in by:
            by.setdefault(target, event)
    return by
