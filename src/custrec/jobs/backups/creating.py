"""Making a backup: a consistent copy, compressed and sealed, that has given back what went into it before it counts.

    copy (0600, unlinked as soon as it is open) → zstd → age → .part → drill → manifest, signed → renamed

The drill opens the very file that was written, through one more recipient whose key never leaves this process's
memory, and compares bytes, structure and rows with the copy. Nothing of a store is written here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custrec import __version__
from custrec.errors import BackupNotProved, CustrecError, DiskFull, IoFailure
from custrec.files import ssh_signature
from custrec.files.age import Identity, compressing, decompressing, new_identity, seal, unseal
from custrec.files.lock import held
from custrec.files.part import PartFile
from custrec.jobs.backups.keys import recipients, signing_key
from custrec.jobs.backups.targets import backups_in, digest, last_generation, ready
from custrec.jobs.progress import Progress
from custrec.model.backups import MANIFEST, SIGNATURE, Content, Manifest, read_name
from custrec.store.copies import Holdings, copy_store, examine, holdings
from custrec.store.database import Store
from custrec.store.leftovers import scratch
from custrec.store.place import beside, folder

LOCK = "backup-lock"
THREADS = 2
"""Threads that compress while this one encrypts."""


@dataclass(frozen=True)
class BackupRequest:
    """Where a backup goes (the first place that can be written gets it first), when (ISO 8601, UTC) and for whom it is
    made; `generation` is the least that it may have."""

    targets: Sequence[Path]
    at: str
    login: str
    generation: int = 1


@dataclass(frozen=True)
class Made:
    """A backup that was made: where it lies, and where it could not be put."""

    manifest: Manifest
    places: tuple[Path, ...]
    failures: tuple[tuple[Path, CustrecError], ...]


def create_backup(store: Store, request: BackupRequest, progress: Progress | None = None) -> Made:
    """Make a backup and prove it.

    Raises NoRecipients, TargetUnusable if no place can be written, BackupNotProved, BackupRunning, DiskFull, IoFailure.
    """
    progress = progress or Progress()
    keys = [one.key for one in recipients(store.path)]
    signing = ssh_signature.key_in(signing_key(store.path, request.login))
    with held(beside(store.path, LOCK), "backup create"):
        targets, failures = _usable(request.targets, store.path)
        for target in targets:
            _sweep(target, store.path)
        known = backups_in(targets, store.path)
        generation = max(request.generation, last_generation(known) + 1)
        part = PartFile(targets[0] / f".{store.path.name}.{generation}")
        try:
            manifest = _sealed(store, part, keys, generation, request.at, progress)
            said = json.dumps(manifest.as_dict(), indent=1, ensure_ascii=False).encode("utf-8") + b"\n"
            signature = ssh_signature.sign(said, signing).encode("ascii")
            part.path = targets[0] / manifest.file
            _publish(part, targets[0] / manifest.file, said, signature)
        finally:
            part.discard()
        places = [targets[0] / manifest.file]
        for target in targets[1:]:
            try:
                places.append(_pushed(places[0], target, manifest, said, signature))
            except CustrecError as error:
                failures.append((target, error))
    return Made(manifest, tuple(places), tuple(failures))


def _usable(targets: Sequence[Path], store: Path) -> tuple[list[Path], list[tuple[Path, CustrecError]]]:
    """The folders that can be used, and what is wrong with the others. Raises that where none is left."""
    usable: list[Path] = []
    failures: list[tuple[Path, CustrecError]] = []
    for target in dict.fromkeys(targets):
        try:
            usable.append(ready(target, store))
        except CustrecError as error:
            failures.append((target, error))
    if not usable:
        raise failures[0][1]
    return usable, failures


def _sealed(
    store: Store, part: PartFile, keys: Sequence[str], generation: int, at: str, progress: Progress
) -> Manifest:
    """Write the sealed copy into `part`, and prove it; what its manifest says."""
    proof = new_identity()
    with scratch(folder(store.path, "plans"), ".snapshot") as (plain, gone):
        progress.phase("copying")
        copy_store(store, plain, _told(progress))
        held_now = holdings(plain)
        with plain.open("rb") as copy:
            gone()
            size = os.fstat(copy.fileno()).st_size
            progress.phase("sealing")
            source, target = _Hashing(copy), _Hashing(part.stream)
            with _disk_of(part.lies):
                seal(compressing(source, size, THREADS), target, [*keys, proof.public])
                part.stream.flush()
    content = Content(size, source.hexdigest())
    sealed = Content(target.count, target.hexdigest())
    progress.phase("proving")
    seconds = prove(part.lies, folder(store.path, "plans"), [proof], content, held_now)
    return Manifest(
        store=held_now.identity,
        stem=store.path.name.removesuffix(".db") or store.path.name,
        generation=generation,
        at=at,
        sealed=sealed,
        plain=content,
        store_format=held_now.store_format,
        schema_version=held_now.schema_version,
        event=held_now.event,
        digest=held_now.digest,
        rows=held_now.rows,
        next_ids=held_now.next_ids,
        recipients=tuple(keys),
        made_by=f"custrec {__version__}",
        drill={"seconds": round(seconds, 2), "compared": ["sha256", "quick_check", "rows"]},
    )


def prove(file: Path, room: Path, identities: Sequence[Identity], content: Content, holds: Holdings) -> float:
    """Open a sealed file, and compare what it gives back with what went in; seconds it took.

    Raises BackupNotProved, KeyOpensNothing, DiskFull, IoFailure.
    """
    import time

    began = time.monotonic()
    with scratch(room, ".drill") as (plain, gone):
        try:
            found = opened(file, plain, identities)
            if found != content:
                raise BackupNotProved(reason="other bytes came out")
            if examine(plain, gone=gone) != holds:
                raise BackupNotProved(reason="other rows came out")
        except ValueError as error:
            raise BackupNotProved(reason=str(error)) from error
    return time.monotonic() - began


def opened(file: Path, plain: Path, identities: Sequence[Identity]) -> Content:
    """Decrypt and unpack a sealed file into `plain`, which is there and empty; what came out.

    Raises KeyOpensNothing, BackupDamaged, DiskFull, IoFailure. What it wrote until then must not be used.
    """
    from zstandard import ZstdError

    from custrec.errors import BackupDamaged

    with file.open("rb") as source, plain.open("wb", buffering=0) as target, _disk_of(plain):
        hashing = _Hashing(target)
        unpacking = decompressing(hashing)
        try:
            unseal(source, unpacking, identities, file.name)
        except ZstdError as error:
            raise BackupDamaged(file=file.name, reason="it cannot be unpacked") from error
        unpacking.flush()
    return Content(hashing.count, hashing.hexdigest())


def _publish(part: PartFile, place: Path, manifest: bytes, signature: bytes) -> None:
    """Put a sealed file in its place, its manifest before it: a backup that is seen has one."""
    beside_it = [(SIGNATURE, signature), (MANIFEST, manifest)]
    written: list[Path] = []
    try:
        for tail, content in beside_it:
            small = PartFile(place.with_name(place.name + tail))
            try:
                small.stream.write(content)
                small.commit()
                written.append(small.path)
            finally:
                small.discard()
        part.commit()
    except BaseException:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def _pushed(sealed: Path, target: Path, manifest: Manifest, said: bytes, signature: bytes) -> Path:
    """Copy a backup to another folder, and read it back. Raises IoFailure, BackupNotProved."""
    place = target / manifest.file
    part = PartFile(place)
    try:
        with sealed.open("rb") as source, _disk_of(part.lies):
            shutil.copyfileobj(source, part.stream, 1 << 20)
            part.stream.flush()
            os.fsync(part.stream.fileno())
        with part.lies.open("rb") as back:
            if digest(back) != manifest.sealed.sha256:
                raise BackupNotProved(reason=f"other bytes lie in {target}")
        _publish(part, place, said, signature)
    finally:
        part.discard()
    return place


def _sweep(target: Path, store: Path) -> None:
    """Remove what backups of this store that were killed left in a folder: parts, and manifests of no file."""
    stem = store.name.removesuffix(".db") or store.name
    for path in target.iterdir():
        hidden = path.name.startswith(f".{stem}") and path.name.endswith(".part") and ".db." in path.name
        name = read_name(path.name)
        lonely = (
            name is not None
            and name.stem == stem
            and bool(name.tail)
            and not path.with_name(path.name.removesuffix(name.tail)).exists()
        )
        if hidden or lonely:
            with contextlib.suppress(OSError):
                path.unlink()


def to_standard_output(made: Path) -> None:
    """Write a sealed file to standard output."""
    with made.open("rb") as source:
        shutil.copyfileobj(source, sys.stdout.buffer, 1 << 20)
        sys.stdout.flush()


class _Hashing:
    """A stream that is counted and hashed as it goes by."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._stream.read(size)
        self._hash.update(data)
        self.count += len(data)
        return data

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self._hash.update(data)
        self.count += len(data)
        return len(data)

    def flush(self) -> None:
        self._stream.flush()

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


@contextlib.contextmanager
def _disk_of(path: Path) -> Iterator[None]:
    """Say what the system says of a disk in our own words."""
    import errno

    try:
        yield
    except OSError as error:
        name = path.parent
        if error.errno == errno.ENOSPC:
            raise DiskFull(path=name) from error
        raise IoFailure(path=name, reason=(error.strerror or str(error)).lower()) from error


def _told(progress: Progress) -> Callable[[int, int], None]:
    def tell(done: int, pages: int) -> None:
        progress.done, progress.total = done, pages
        progress.phase("copying")

    return tell
