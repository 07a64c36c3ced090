"""The last backup that the history knows of, which is told without a look at any place: for every command to warn of.

A backup is put into the history only once it has proved itself. A restored store knows which one it was made of, though
that was put into the history after its copy was taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

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
    found, restored = journal.newest(store, "backup"), journal.newest(store, "restore")
    if restored and "at" in restored[1] and (found is None or found[0].id < restored[0].id):
        said = restored[1]
        places = tuple(str(said[name]) for name in ("place",) if name in said)
        return LastBackup(datetime.fromisoformat(said["at"]), int(said["generation"]), places, ())
    if found is None:
        return None
    event, said = found
    return LastBackup(
        datetime.fromisoformat(event.at),
        int(said.get("generation", 0)),
        tuple(map(str, said.get("places", ()))),
        tuple(map(str, _sent(store).get("failed", ()))),
    )


def missed(store: Store) -> Mapping[str, list[int]]:
    """Which generations did not get to a place so far, by the place as people wrote it."""
    return {
        str(place): [int(one) for one in generations] for place, generations in _sent(store).get("missed", {}).items()
    }


def _sent(store: Store) -> Mapping[str, Any]:
    """What was noted when backups were sent last: with a backup, or by a push after it."""
    made, pushed = journal.newest(store, "backup"), journal.newest(store, "push")
    found = max((one for one in (made, pushed) if one), key=lambda one: one[0].id, default=None)
    return found[1] if found else {}


def alarm(last: LastBackup | None, now: datetime, max_age: timedelta | None) -> str:
    """What is wrong about the last backup: it is older than it may be, or did not get everywhere; '' for nothing.

    That none was ever made is no alarm unless somebody said how old one may be.
    """
    if last is None:
        return "no backup was ever made" if max_age is not None else ""
    age = now - last.at
    old = max_age is not None and age > max_age
    said = [f"the last backup is {_hours(age)} old"] if old else []
    said += [f"{'it' if old else 'the last backup'} did not get to {', '.join(last.failed)}"] if last.failed else []
    return ", and ".join(said)


def _hours(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
