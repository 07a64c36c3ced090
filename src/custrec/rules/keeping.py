"""Which backups to keep: restic's words and meaning (https://restic.readthedocs.io/en/stable/060_forget.html).

A backup is kept for every reason that holds; what has none is dropped. Generations give the order, clocks only the
hour, day, week, month or year that a backup stands for. Those dated in the future are left alone and count for
nothing; the newest three that are proved always stay, whatever the policy says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

ALWAYS = 3
"""So many of the newest proved backups stay under any policy."""
LEEWAY = timedelta(minutes=10)
"""How far ahead another machine's clock may be before its backups are dated in the future."""


@dataclass(frozen=True)
class Keep:
    """How many backups to keep, each the newest of its hour, day, week, month, year; or all of the last while."""

    last: int = 0
    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    yearly: int = 0
    within: timedelta = timedelta()

    @property
    def nothing(self) -> bool:
        """Whether it would keep nothing."""
        return not any(getattr(self, field.name) for field in fields(self))


@dataclass(frozen=True)
class Kept:
    """A backup as the rule sees it, and whether it is proved."""

    generation: int
    at: datetime
    proved: bool


@dataclass(frozen=True)
class Fate:
    """What becomes of a backup, and why: the reasons to keep it, none where it is dropped."""

    backup: Kept
    reasons: tuple[str, ...]

    @property
    def keep(self) -> bool:
        """Whether it stays."""
        return bool(self.reasons)


_BUCKETS: dict[str, tuple[str, Callable[[datetime], tuple[int, ...]]]] = {
    "hourly": ("hour", lambda at: (at.year, at.month, at.day, at.hour)),
    "daily": ("day", lambda at: (at.year, at.month, at.day)),
    "weekly": ("week", lambda at: tuple(at.isocalendar()[:2])),
    "monthly": ("month", lambda at: (at.year, at.month)),
    "yearly": ("year", lambda at: (at.year,)),
}


def fates(backups: Sequence[Kept], keep: Keep, now: datetime) -> list[Fate]:
    """The fate of each backup, newest generation first. `at` and `now` have the time zone whose days count."""
    ordered = sorted(backups, key=lambda one: one.generation, reverse=True)
    future = [one.at > now + LEEWAY for one in ordered]
    present = [one for one, ahead in zip(ordered, future, strict=True) if not ahead]
    reasons: dict[int, list[str]] = {one.generation: [] for one in ordered}
    for one, reason in _reasons(present, keep):
        reasons[one.generation].append(reason)
    for one, ahead in zip(ordered, future, strict=True):
        if ahead:
            reasons[one.generation].append("dated in the future")
    return [Fate(one, tuple(reasons[one.generation])) for one in ordered]


def _reasons(backups: Sequence[Kept], keep: Keep) -> Iterator[tuple[Kept, str]]:
    """Backups that are kept, newest first, each with a reason; one comes as often as it has reasons."""
    for one in backups[: keep.last]:
        yield one, "last"
    if keep.within and backups:
        newest = max(one.at for one in backups)
        for one in backups:
            if one.at > newest - keep.within:
                yield one, "within"
    for name, (unit, bucket) in _BUCKETS.items():
        seen: set[tuple[int, ...]] = set()
        for one in backups:
            if len(seen) < getattr(keep, name) and bucket(one.at) not in seen:
                seen.add(bucket(one.at))
                yield one, f"newest of its {unit}"
    for one in [one for one in backups if one.proved][:ALWAYS]:
        yield one, f"among the newest {ALWAYS} that are proved"
