"""Proving backups that were made: `verify` without any key, `drill` with the secret one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from custrec.errors import BackupDamaged, TargetUnusable
from custrec.files.age import Identity
from custrec.jobs.backups.places import FolderPlace, digest, fetched
from custrec.jobs.backups.sealing import opened
from custrec.jobs.backups.targets import Backup, trusted
from custrec.model.backups import Manifest
from custrec.store.copies import Holdings, examine
from custrec.store.leftovers import scratch
from custrec.store.place import folder


@dataclass(frozen=True)
class Drill:
    """A backup that was opened and compared: what it holds, and the seconds it took."""

    manifest: Manifest
    holds: Holdings
    seconds: float


def fault_of(backup: Backup, sealed: Path | None = None) -> str:
    """What is wrong with a backup by its signature, size and SHA-256; '' for nothing. It is read whole: from
    `sealed`, if it was fetched."""
    if backup.fault or backup.manifest is None:
        return backup.fault
    try:
        chunks = FolderPlace(sealed.parent).chunks(sealed.name) if sealed else backup.place.chunks(backup.name)
        return "" if digest(chunks) == backup.manifest.sealed.sha256 else "other bytes than those that were written"
    except OSError as error:
        return (error.strerror or "it cannot be read").lower()
    except TargetUnusable as error:
        return str(error.params["reason"])


def drill(backup: Backup, store: Path, room: Path, identities: Sequence[Identity], deep: bool = False) -> Drill:
    """Open a backup in a private file among the plans, check and compare it, and remove what came out.

    `room` is the store whose folder of plans is used. Raises ManifestForged, KeyOpensNothing, BackupDamaged, DiskFull.
    """
    began = time.monotonic()
    manifest = trusted(backup, store)
    with scratch(folder(room, "plans"), ".drill") as (plain, gone):
        with fetched(backup.place, backup.name, room) as sealed:
            compare(opened(sealed, plain, identities) == manifest.plain, backup)
        try:
            holds = examine(plain, deep, gone)
        except ValueError as error:
            raise BackupDamaged(file=backup.name, reason=str(error)) from error
        compare(agrees(holds, manifest), backup)
    return Drill(manifest, holds, time.monotonic() - began)


def compare(same: bool, backup: Backup) -> None:
    """Raise BackupDamaged where what came out is not what the manifest says."""
    if not same:
        raise BackupDamaged(file=backup.name, reason="what came out is not what its manifest says")


def agrees(holds: Holdings, manifest: Manifest) -> bool:
    """Whether a store holds what a manifest says."""
    names = ("store_format", "schema_version", "event", "digest")
    return (
        holds.identity == manifest.store
        and all(getattr(holds, name) == getattr(manifest, name) for name in names)
        and (dict(holds.rows), dict(holds.next_ids)) == (dict(manifest.rows), dict(manifest.next_ids))
    )
