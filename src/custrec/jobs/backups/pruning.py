"""Dropping backups that no rule keeps: each folder by itself, so that each has what the policy promises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from custrec.errors import IoFailure, KeepsNothing
from custrec.files.lock import held
from custrec.jobs.backups.creating import LOCK
from custrec.jobs.backups.targets import Backup, Trust, backups_in
from custrec.model.backups import MANIFEST, SIGNATURE
from custrec.rules.keeping import Fate, Keep, Kept, fates
from custrec.store.place import beside


@dataclass(frozen=True)
class Judged:
    """A backup and its fate."""

    backup: Backup
    fate: Fate


def judged(store: Path, targets: Sequence[Path], keep: Keep, now: datetime) -> list[Judged]:
    """The fate of every backup of a store, folder by folder, newest first. What has no manifest that can be believed is
    not judged: nobody can say what it is. Raises KeepsNothing, TargetUnusable."""
    if keep.nothing:
        raise KeepsNothing()
    return [one for target in dict.fromkeys(targets) for one in _in(store, target, keep, now)]


def _in(store: Path, target: Path, keep: Keep, now: datetime) -> Iterator[Judged]:
    found = {one.generation: one for one in backups_in([target], store) if one.trust is Trust.SIGNED}
    rows = [Kept(one.generation, one.at.astimezone(now.tzinfo), not one.fault) for one in found.values()]
    for fate in fates(rows, keep, now):
        yield Judged(found[fate.backup.generation], fate)


def prune(store: Path, dropped: Sequence[Judged]) -> Iterator[Judged]:
    """Remove backups, oldest first, each said once it is gone. Raises BackupRunning, IoFailure."""
    with held(beside(store, LOCK), "backup prune"):
        for one in sorted(dropped, key=lambda one: one.backup.generation):
            if one.fate.keep:
                continue
            try:
                for tail in ("", MANIFEST, SIGNATURE):  # the seal first: a manifest alone is nothing, and swept
                    one.backup.path.with_name(one.backup.name + tail).unlink(missing_ok=True)
            except OSError as error:
                raise IoFailure(path=one.backup.name, reason=(error.strerror or "I/O error").lower()) from error
            yield one
