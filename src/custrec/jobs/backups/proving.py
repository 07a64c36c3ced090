"""Proving backups that were made: `verify` without any key, `drill` with the secret one; and opening one for whoever
wants what it holds.

    signature → hash of the seal → decrypt, unpack, write → hash of the file ‖ its structure → rows
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from custrec.errors import BackupDamaged, TargetUnusable
from custrec.files.age import Identity
from custrec.jobs.backups.places import FolderPlace, digest, fetched
from custrec.jobs.backups.sealing import content_in, flushed, of_disk, opened
from custrec.jobs.backups.targets import Backup, trusted
from custrec.jobs.progress import Progress
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
        _open(backup, room, plain, identities, Progress())
        holds = _checked(backup, manifest, plain, deep, gone=gone)
    return Drill(manifest, holds, time.monotonic() - began)


@contextmanager
def proved(
    backup: Backup,
    manifest: Manifest,
    room: Path,
    identities: Sequence[Identity],
    progress: Progress,
    deep: bool = False,
    *,
    stays: bool = False,
) -> Iterator[Path]:
    """A private file with what a backup holds, checked against its manifest; it goes when the block ends, if it is
    still there. `room` is the store beside which it lies; one that `stays` is safe on the disk.

    Raises BackupDamaged, KeyOpensNothing, DiskFull, IoFailure.
    """
    with scratch(folder(room, "plans"), ".drill") as (plain, _):
        _open(backup, room, plain, identities, progress)
        progress.phase("checking")
        _checked(backup, manifest, plain, deep, stays=stays)
        yield plain


def _open(backup: Backup, room: Path, plain: Path, identities: Sequence[Identity], progress: Progress) -> None:
    """Bring a sealed file into `plain`. It is held to the signed manifest before anything of it is taken apart: anybody
    can seal for a public key, and what they sealed shall not come before age, zstd or SQLite."""
    progress.phase("checking")
    with fetched(backup.place, backup.name, room) as sealed:
        if fault := fault_of(backup, sealed):
            raise BackupDamaged(file=backup.name, reason=fault)
        progress.phase("opening")
        opened(sealed, plain, identities)


def _checked(
    backup: Backup,
    manifest: Manifest,
    plain: Path,
    deep: bool,
    *,
    gone: Callable[[], None] | None = None,
    stays: bool = False,
) -> Holdings:
    """What a file holds that came out of a backup; everything about it is final, so that SQLite checks its structure
    while its bytes are held to the manifest, and while the disk takes one that `stays`. `gone` is as in `examine`.

    The bytes alone prove the rows, which were counted in the very same bytes when the backup was made: that they are
    compared, too, costs nothing, and says that the manifest told the truth. Raises BackupDamaged, DiskFull, IoFailure.
    """
    with ThreadPoolExecutor(2) as pool, plain.open("rb") as stream:
        flushing = pool.submit(flushed, plain) if stays else None
        examining = pool.submit(examine, plain, deep, gone)
        with of_disk(plain.parent):
            compare(content_in(stream) == manifest.plain, backup)
        try:
            holds = examining.result()
        except ValueError as error:
            raise BackupDamaged(file=backup.name, reason=str(error)) from error
        if flushing is not None:
            flushing.result()
    compare(agrees(holds, manifest), backup)
    return holds


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
