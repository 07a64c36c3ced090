"""Dropping backups that no rule keeps: each place by itself, so that each has what the policy promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from custrec.errors import CustrecError, KeepsNothing
from custrec.files.lock import held
from custrec.jobs.backups.places import Place
from custrec.jobs.backups.targets import LOCK, Backup, Trust, backups_in
from custrec.model.backups import MANIFEST, SIGNATURE
from custrec.rules.keeping import Fate, Keep, Kept, fates
from custrec.store.place import beside


@dataclass(frozen=True)
class Judged:
    """A backup and its fate."""

    backup: Backup
    fate: Fate


def judged(
    store: Path,
    places: Sequence[Place],
    keep: Keep,
    now: datetime,
    unusable: Callable[[Place, CustrecError], None] | None = None,
) -> list[Judged]:
    """The fate of every backup of a store, place by place, newest first. `unusable` is as in `backups_in`. What has
    no manifest that can be believed is not judged: nobody can say what it is. Raises KeepsNothing, TargetUnusable."""
    if keep.nothing:
        raise KeepsNothing()
    return [one for place in dict.fromkeys(places) for one in _in(store, place, keep, now, unusable)]


def _in(
    store: Path,
    place: Place,
    keep: Keep,
    now: datetime,
    unusable: Callable[[Place, CustrecError], None] | None,
) -> Iterator[Judged]:
    found = {one.generation: one for one in backups_in([place], store, (), unusable) if one.trust is Trust.SIGNED}
    rows = [Kept(one.generation, one.at.astimezone(now.tzinfo), not one.fault) for one in found.values()]
    for fate in fates(rows, keep, now):
        yield Judged(found[fate.backup.generation], fate)


def prune(store: Path, dropped: Sequence[Judged]) -> Iterator[Judged]:
    """Remove backups, oldest first, each said once it is gone. Raises BackupRunning, IoFailure, TargetUnusable."""
    with held(beside(store, LOCK), "backup prune"):
        for one in sorted(dropped, key=lambda one: one.backup.generation):
            if one.fate.keep:
                continue
            for tail in ("", MANIFEST, SIGNATURE):  # the seal first: a manifest alone is nothing, and swept
                one.backup.place.remove(one.backup.name + tail)
            yield one
