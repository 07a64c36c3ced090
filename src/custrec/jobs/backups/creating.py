"""Making a backup: a consistent copy, compressed and sealed, that has given back what went into it before it counts.

    copy (0600, unlinked as soon as it is open) → zstd → age → .part → drill → manifest, signed → renamed
      └─ checked and counted by SQLite meanwhile

The drill opens the very file that was written, through one more recipient whose key never leaves this process's
memory, unpacks it to its end, and holds what comes out to the copy by SHA-256: so what SQLite says of the copy, its
structure and its rows, it says of what comes out. Nothing readable is written for that. Nothing of a store is
written here.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from custrec import __version__
from custrec.errors import (
    BackupDamaged,
    BackupNotProved,
    BackupRoomMissing,
    CustrecError,
    KeyOpensNothing,
    TargetUnusable,
)
from custrec.files import ssh_signature
from custrec.files.age import Identity, new_identity
from custrec.files.lock import held
from custrec.files.part import PartFile
from custrec.jobs.backups.companions import companions_of
from custrec.jobs.backups.keys import recipients, signing_key
from custrec.jobs.backups.last import last_backup
from custrec.jobs.backups.ledger_copies import lay_ledger
from custrec.jobs.backups.places import FolderPlace, Papers, Place
from custrec.jobs.backups.pushing import Sent, send, usable
from custrec.jobs.backups.sealing import CHUNK, content_of, of_disk, sealed
from custrec.jobs.backups.targets import LOCK, default_target, last_generation, manifest_in, stem_of
from custrec.jobs.progress import Progress
from custrec.model.backups import MANIFEST, SIGNATURE, Content, Manifest, read_name
from custrec.store.copies import copy_store, examine
from custrec.store.database import Store
from custrec.store.leftovers import scratch
from custrec.store.place import beside, folder

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True)
class BackupRequest:
    """Where a backup goes, when (ISO 8601, UTC) and for whom it is made. With a `stream` it goes there and nowhere
    else."""

    places: Sequence[Place]
    at: str
    login: str
    stream: BinaryIO | None = None


@dataclass(frozen=True)
class Made:
    """A backup that was made: its file, all places where it lies, and what places could not be reached
    (pushing.Sent)."""

    manifest: Manifest
    file: Path | None
    sent: Sent


def create_backup(store: Store, request: BackupRequest, progress: Progress | None = None) -> Made:
    """Make a backup and prove it, in the first folder that can be written, or in the default one where there are only
    other places; then it goes to all others, with what they missed before.

    Raises NoRecipients, SigningKeyUnusable, TargetUnusable if no folder can be written, BackupRoomMissing,
    BackupNotProved, BackupRunning, DiskFull, IoFailure.
    """
    progress = progress or Progress()
    keys = [one.key for one in recipients(store.path)]
    signing = signing_key(store.path, request.login)
    default = FolderPlace(default_target(store.path))
    with held(beside(store.path, LOCK), "backup create"):
        wanted = [default] if request.stream is not None else list(dict.fromkeys(request.places))
        places, sent = usable(wanted, default)
        home = next(place for place in places if isinstance(place, FolderPlace))
        others = [place for place in places if place != home]
        for place in places:
            _sweep(place, store)
        _refuse_without_room(store)
        generation = 1 + max(_noted(store), last_generation(places, store.path))
        part = PartFile(home.path / f"{_mark(store)}.{generation}")
        try:
            manifest = _made(store, part, keys, generation, request.at, progress)
            if request.stream is not None:
                _poured(part.lies, request.stream)
                return Made(manifest, None, Sent())
            papers = papers_of(manifest, signing)
            part.path = home.path / manifest.file
            home.put_down(part, papers)
        finally:
            part.discard()
        sent.places.append(home.at(manifest.file))
        progress.phase("sending")
        send(store, home, others, generation, sent)
        for place in places:
            try:
                lay_ledger(store.path, place)
            except CustrecError as error:
                sent.failures.append((place.shown, error))
    return Made(manifest, part.path, sent)


def papers_of(manifest: Manifest, signing: Ed25519PrivateKey) -> Papers:
    """A manifest as it lies beside its sealed file, signed."""
    said = json.dumps(manifest.as_dict(), indent=1, ensure_ascii=False).encode("utf-8") + b"\n"
    return Papers(manifest, said, ssh_signature.sign(said, signing).encode("ascii"))


def _noted(store: Store) -> int:
    """The last generation that the history knows of: folders may be away, or have been emptied."""
    last = last_backup(store)
    return last.generation if last else 0


def _refuse_without_room(store: Store) -> None:
    """Refuse before anything is written what cannot end well: a copy lies beside the store, and a sealed file has never
    more than a store's bytes. Raises BackupRoomMissing."""
    needed = store.path.stat().st_size
    free = shutil.disk_usage(store.path.parent).free
    if free < needed:
        raise BackupRoomMissing(store=store.path.name, needed=needed / 1e6, free=free / 1e6)


def _made(store: Store, part: PartFile, keys: Sequence[str], generation: int, at: str, progress: Progress) -> Manifest:
    """Write the sealed copy of a whole store into `part`, and prove it; what its manifest says."""

    def copy(plain: Path) -> None:
        progress.phase("copying")
        copy_store(store, plain, companions_of(store.path), _told(progress))

    return seal_copy(store.path, copy, part, keys, Naming(stem_of(store.path), generation, at), progress)


@dataclass(frozen=True)
class Naming:
    """What a sealed file is called by (model.backups): the stem, the number that orders it, and when it was made."""

    stem: str
    generation: int
    at: str


def seal_copy(
    store: Path, copy: Callable[[Path], None], part: PartFile, keys: Sequence[str], name: Naming, progress: Progress
) -> Manifest:
    """Seal what `copy` writes into an empty file among the plans of a store, and prove that it comes out again; what
    the manifest says. Raises BackupNotProved, DiskFull, IoFailure."""
    proof = new_identity()
    room = folder(store, "plans")
    with scratch(room, ".snapshot") as (plain, gone), ThreadPoolExecutor(1) as pool:
        copy(plain)
        with plain.open("rb") as opened_copy:
            checking = pool.submit(examine, plain, False, gone)
            progress.phase("sealing")
            with of_disk(part.lies.parent):
                size = os.fstat(opened_copy.fileno()).st_size
                content, outside = sealed(opened_copy, size, part.stream, [*keys, proof.public])
            progress.phase("proving")
            seconds = _prove(part.lies, proof, content)
            try:
                holds = checking.result()
            except ValueError as error:
                raise BackupNotProved(reason=str(error)) from error
    return Manifest(
        store=holds.identity,
        stem=name.stem,
        generation=name.generation,
        at=name.at,
        sealed=outside,
        plain=content,
        store_format=holds.store_format,
        schema_version=holds.schema_version,
        event=holds.event,
        digest=holds.digest,
        rows=holds.rows,
        next_ids=holds.next_ids,
        ledger=holds.ledger or None,
        recipients=tuple(keys),
        made_by=f"custrec {__version__}",
        drill={"seconds": round(seconds, 2), "compared": ["sha256", "quick_check", "rows"]},
    )


def _prove(file: Path, proof: Identity, content: Content) -> float:
    """Open a sealed file to its end, and compare what comes out with what went in; seconds it took.

    Those bytes are the very ones that SQLite checks and counts meanwhile, so that its judgement holds for both.
    Raises BackupNotProved, IoFailure.
    """
    began = time.monotonic()
    try:
        if content_of(file, [proof]) != content:
            raise BackupNotProved(reason="other bytes came out")
    except (BackupDamaged, KeyOpensNothing) as error:
        raise BackupNotProved(reason="it does not open") from error
    return time.monotonic() - began


def _mark(store: Store) -> str:
    """How files in the making are called: by the store they are of, because several may share a folder."""
    return f"{store.identity}.backup"


def _sweep(place: Place, store: Store) -> None:
    """Remove what backups of this store that were killed left in a place: parts, and manifests of no file.

    A signature alone may for an instant be another store's, of the same name, in the making; it will be written anew.
    """
    stem = re.escape(stem_of(store.path))
    parts = re.compile(rf"\.({re.escape(_mark(store))}|{stem}-\d{{6,18}}-\w+\.db)\..*\.part")
    with contextlib.suppress(TargetUnusable):
        listing = place.listing()
        for text in sorted(listing):
            name = read_name(text)
            if parts.fullmatch(text) or (name and name.tail and _is_lonely(place, listing, text, name.tail, store)):
                place.remove(text)
                del listing[text]


def _is_lonely(place: Place, listing: Mapping[str, int], name: str, tail: str, store: Store) -> bool:
    """Whether a manifest of this store, or a signature, has lost its sealed file."""
    sealed_name = name.removesuffix(tail)
    if sealed_name in listing:
        return False
    manifest = manifest_in(place, sealed_name + MANIFEST)
    there = sealed_name + MANIFEST in listing
    return (tail == SIGNATURE and not there) or (manifest is not None and manifest.store == store.identity)


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
