"""Making a backup: a consistent copy, compressed and sealed, that has given back what went into it before it counts.

    copy (0600, unlinked as soon as it is open) → zstd → age → .part → drill → manifest, signed → renamed

The drill opens the very file that was written, through one more recipient whose key never leaves this process's
memory, and compares bytes, structure and rows with the copy. Nothing of a store is written here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from custrec import __version__
from custrec.errors import BackupNotProved, BackupRoomMissing, CustrecError
from custrec.files import ssh_signature
from custrec.files.age import Identity, new_identity
from custrec.files.lock import held
from custrec.files.part import PartFile
from custrec.jobs.backups.companions import companions_of
from custrec.jobs.backups.keys import recipients, signing_key
from custrec.jobs.backups.last import last_backup
from custrec.jobs.backups.sealing import CHUNK, of_disk, opened, sealed
from custrec.jobs.backups.targets import (
    backups_in,
    default_target,
    digest,
    last_generation,
    manifest_in,
    ready,
    stem_of,
)
from custrec.jobs.progress import Progress
from custrec.model.backups import MANIFEST, SIGNATURE, Content, Manifest, read_name
from custrec.store.copies import Holdings, copy_store, examine, holdings
from custrec.store.database import Store
from custrec.store.leftovers import scratch
from custrec.store.place import beside, folder

LOCK = "backup-lock"


@dataclass(frozen=True)
class BackupRequest:
    """Where a backup goes (the first place that can be written gets it first), when (ISO 8601, UTC) and for whom it is
    made. With a `stream` it goes there and nowhere else."""

    targets: Sequence[Path]
    at: str
    login: str
    stream: BinaryIO | None = None


@dataclass(frozen=True)
class Made:
    """A backup that was made: where it lies, and where it could not be put."""

    manifest: Manifest
    places: tuple[Path, ...]
    failures: tuple[tuple[Path, CustrecError], ...]


def create_backup(store: Store, request: BackupRequest, progress: Progress | None = None) -> Made:
    """Make a backup and prove it.

    Raises NoRecipients, SigningKeyUnusable, TargetUnusable if no place can be written, BackupRoomMissing,
    BackupNotProved, BackupRunning, DiskFull, IoFailure.
    """
    progress = progress or Progress()
    keys = [one.key for one in recipients(store.path)]
    signing = signing_key(store.path, request.login)
    with held(beside(store.path, LOCK), "backup create"):
        wanted = request.targets if request.stream is None else [default_target(store.path)]
        targets, failures = _usable(wanted, store.path)
        for target in targets:
            _sweep(target, store)
        _refuse_without_room(store)
        generation = 1 + max(_noted(store), last_generation(backups_in(targets, store.path)))
        part = PartFile(targets[0] / f"{_mark(store)}.{generation}")
        try:
            manifest = _made(store, part, keys, generation, request.at, progress)
            if request.stream is not None:
                _poured(part.lies, request.stream)
                return Made(manifest, (), ())
            said = json.dumps(manifest.as_dict(), indent=1, ensure_ascii=False).encode("utf-8") + b"\n"
            signature = ssh_signature.sign(said, signing).encode("ascii")
            part.path = targets[0] / manifest.file
            _publish(part, said, signature)
        finally:
            part.discard()
        places = [part.path]
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


def _noted(store: Store) -> int:
    """The last generation that the history knows of: folders may be away, or have been emptied."""
    last = last_backup(store)
    return last.generation if last else 0


def _refuse_without_room(store: Store) -> None:
    """Refuse before anything is written what cannot end well: a copy and what is opened again lie beside the store, one
    after the other, and a sealed file has never more than a store's bytes. Raises BackupRoomMissing."""
    needed = store.path.stat().st_size
    free = shutil.disk_usage(store.path.parent).free
    if free < needed:
        raise BackupRoomMissing(store=store.path.name, needed=needed / 1e6, free=free / 1e6)


def _made(store: Store, part: PartFile, keys: Sequence[str], generation: int, at: str, progress: Progress) -> Manifest:
    """Write the sealed copy into `part`, and prove it; what its manifest says."""
    proof = new_identity()
    room = folder(store.path, "plans")
    with scratch(room, ".snapshot") as (plain, gone), ThreadPoolExecutor(1) as pool:
        progress.phase("copying")
        copy_store(store, plain, companions_of(store.path), _told(progress))
        with plain.open("rb") as copy:
            counting = pool.submit(holdings, plain, gone)
            progress.phase("sealing")
            with of_disk(part.lies.parent):
                content, outside = sealed(copy, os.fstat(copy.fileno()).st_size, part.stream, [*keys, proof.public])
            holds = counting.result()
    progress.phase("proving")
    seconds = _prove(part.lies, room, proof, content, holds)
    return Manifest(
        store=holds.identity,
        stem=stem_of(store.path),
        generation=generation,
        at=at,
        sealed=outside,
        plain=content,
        store_format=holds.store_format,
        schema_version=holds.schema_version,
        event=holds.event,
        digest=holds.digest,
        rows=holds.rows,
        next_ids=holds.next_ids,
        recipients=tuple(keys),
        made_by=f"custrec {__version__}",
        drill={"seconds": round(seconds, 2), "compared": ["sha256", "quick_check", "rows"]},
    )


def _prove(file: Path, room: Path, proof: Identity, content: Content, holds: Holdings) -> float:
    """Open a sealed file, and compare what it gives back with what went in; seconds it took.

    Raises BackupNotProved, KeyOpensNothing, DiskFull, IoFailure.
    """
    began = time.monotonic()
    with scratch(room, ".drill") as (plain, gone):
        try:
            if opened(file, plain, [proof]) != content:
                raise BackupNotProved(reason="other bytes came out")
            if examine(plain, gone=gone) != holds:
                raise BackupNotProved(reason="other rows came out")
        except ValueError as error:
            raise BackupNotProved(reason=str(error)) from error
    return time.monotonic() - began


def _publish(part: PartFile, manifest: bytes, signature: bytes) -> None:
    """Put a sealed file in its place, its manifest before it: a backup that is seen has one."""
    written: list[Path] = []
    try:
        for tail, content in ((SIGNATURE, signature), (MANIFEST, manifest)):
            small = PartFile(part.path.with_name(part.path.name + tail))
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


def _pushed(made: Path, target: Path, manifest: Manifest, said: bytes, signature: bytes) -> Path:
    """Copy a backup to another folder, and read it back. Raises IoFailure, BackupNotProved."""
    part = PartFile(target / manifest.file)
    try:
        with made.open("rb") as source, of_disk(target):
            shutil.copyfileobj(source, part.stream, CHUNK)
            part.stream.flush()
            os.fsync(part.stream.fileno())
            with part.lies.open("rb") as back:
                if digest(back) != manifest.sealed.sha256:
                    raise BackupNotProved(reason=f"other bytes lie in {target}")
        _publish(part, said, signature)
    finally:
        part.discard()
    return part.path


def _mark(store: Store) -> str:
    """How files in the making are called: by the store they are of, because several may share a folder."""
    return f"{store.identity}.backup"


def _sweep(target: Path, store: Store) -> None:
    """Remove what backups of this store that were killed left in a folder: parts, and manifests of no file.

    A signature alone may for an instant be another store's, of the same name, in the making; it will be written anew.
    """
    parts = re.compile(rf"\.({re.escape(_mark(store))}|{re.escape(stem_of(store.path))}-\d{{6,18}}-\w+\.db)\..*\.part")
    with contextlib.suppress(OSError):
        for path in target.iterdir():
            name = read_name(path.name)
            if parts.fullmatch(path.name) or (name and name.tail and _is_lonely(path, name.tail, store)):
                path.unlink(missing_ok=True)


def _is_lonely(path: Path, tail: str, store: Store) -> bool:
    """Whether a manifest of this store, or a signature, has lost its sealed file."""
    if path.with_name(path.name.removesuffix(tail)).exists():
        return False
    place = path.with_name(path.name.removesuffix(tail) + MANIFEST)
    manifest = manifest_in(place)
    return (tail == SIGNATURE and not place.exists()) or (manifest is not None and manifest.store == store.identity)


def _poured(made: Path, stream: BinaryIO) -> None:
    """Write a sealed file to a stream."""
    with made.open("rb") as source:
        shutil.copyfileobj(source, stream, CHUNK)
        stream.flush()


def _told(progress: Progress) -> Callable[[int, int], None]:
    def tell(done: int, pages: int) -> None:
        progress.done, progress.total = done, pages
        progress.phase("copying")

    return tell
