"""The last backup that the history knows of, which is told without a look at any folder: for every command to warn of.

A backup is put into the history only once it has proved itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from custrec.store import journal
from custrec.store.database import Store


@dataclass(frozen=True)
class LastBackup:
    """When the last proved backup was made, its generation, where it lies, and which places and steps it failed at."""

    at: datetime
    generation: int
    places: tuple[str, ...]
    failed: tuple[str, ...]


def last_backup(store: Store) -> LastBackup | None:
    """The last backup of a store; None where none was ever made."""
    found = journal.newest(store, "backup")
    if found is None:
        return None
    event, said = found
    return LastBackup(
        datetime.fromisoformat(event.at),
        int(said.get("generation", 0)),
        tuple(map(str, said.get("places", ()))),
        tuple(map(str, said.get("failed", ()))),
    )


def alarm(last: LastBackup | None, now: datetime, max_age: timedelta | None) -> str:
    """What is wrong about the last backup: it is older than it may be, or did not get everywhere; '' for nothing.

    That none was ever made is no alarm unless somebody said how old one may be.
    """
    if last is None:
        return "no backup was ever made" if max_age is not None else ""
    age = now - last.at
    if max_age is not None and age > max_age:
        return f"the last backup is {_hours(age)} old"
    return f"the last backup did not get to {', '.join(last.failed)}" if last.failed else ""


def _hours(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
