"""The folders where backups lie, and what lies there: each sealed file with its manifest, and what is wrong with it.

Nothing here opens a seal: whatever is told comes from names, sizes, manifests and their signatures.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from io import BufferedReader
from pathlib import Path

from custrec.errors import BackupUnknown, ManifestForged, TargetUnusable
from custrec.files import ssh_signature
from custrec.jobs.backups.keys import SIGNERS
from custrec.model.backups import MANIFEST, SEALED, SIGNATURE, Manifest, manifest_from, read_name
from custrec.store.leftovers import PATIENCE
from custrec.store.place import beside

FOLDER = "backups"
LONGEST_MANIFEST = 1 << 20
CHUNK = 1 << 20


class Trust(StrEnum):
    """What the signature of a manifest says."""

    SIGNED = "signed"
    UNKNOWN_SIGNER = "unknown signer"
    UNSIGNED = "not signed"
    FORGED = "forged"
    NO_MANIFEST = "no manifest"
    UNREADABLE = "unreadable manifest"


@dataclass(frozen=True)
class Backup:
    """A sealed file somewhere. `at` and `generation` are those of its name, `manifest` is None where none can be
    believed to be one."""

    path: Path
    generation: int
    at: datetime
    size: int
    trust: Trust
    manifest: Manifest | None

    @property
    def fault(self) -> str:
        """What is wrong with it as far as names and sizes tell; '' for nothing."""
        if self.manifest is None or self.trust is not Trust.SIGNED:
            return str(self.trust)
        if self.manifest.sealed.size != self.size:
            return "not of the size that was written"
        return ""

    @property
    def name(self) -> str:
        """The name of the sealed file."""
        return self.path.name


def default_target(store: Path) -> Path:
    """Where backups go if nobody says another place."""
    return beside(store, FOLDER)


def stem_of(store: Path) -> str:
    """What the names of a store's backups begin with."""
    return store.name.removesuffix(".db") or store.name


def ready(target: Path, store: Path) -> Path:
    """A folder that can be written to; the default one is made. Raises TargetUnusable."""
    try:
        if target == default_target(store):
            target.mkdir(mode=0o700, exist_ok=True)
        if target.is_dir():
            return target
    except OSError as error:
        raise TargetUnusable(path=target, reason=(error.strerror or "I/O error").lower()) from error
    raise TargetUnusable(path=target, reason="it is a file" if target.exists() else "it is not there")


def backups_in(targets: Iterable[Path], store: Path, more_signers: Sequence[str] = ()) -> list[Backup]:
    """The backups of a store in some folders, the newest generation first, then by folder. Folders that are not there
    have none. Raises TargetUnusable for one that cannot be read."""
    signers = _signers(store, more_signers)
    found = [one for target in targets for one in _in(target, stem_of(store), signers)]
    return sorted(found, key=lambda one: (-one.generation, str(one.path)))


def parts_left_behind(target: Path) -> Iterator[Path]:
    """What backups that were killed a day ago or more left in a folder; the next backup takes away its own at once."""
    for path in target.glob(".*.part") if target.is_dir() else ():
        if path.is_file() and time.time() - path.stat().st_mtime > PATIENCE:
            yield path


def _in(target: Path, stem: str, signers: set[str]) -> Iterator[Backup]:
    try:
        paths = sorted(target.iterdir()) if target.is_dir() else []
        for path in paths:
            name = read_name(path.name)
            if name and name.stem == stem and not name.tail and not path.is_symlink() and path.is_file():
                trust, manifest = _manifest_of(path, signers)
                yield Backup(path, name.generation, name.at, path.stat().st_size, trust, manifest)
    except OSError as error:
        raise TargetUnusable(path=target, reason=(error.strerror or "I/O error").lower()) from error


def _manifest_of(path: Path, signers: set[str]) -> tuple[Trust, Manifest | None]:
    try:
        raw = _small(path.with_name(path.name + MANIFEST))
        manifest = manifest_from(json.loads(raw))
    except FileNotFoundError:
        return Trust.NO_MANIFEST, None
    except (ValueError, KeyError, TypeError, AttributeError):
        return Trust.UNREADABLE, None
    if manifest.file != path.name:
        return Trust.FORGED, None
    try:
        signer = ssh_signature.signer_of(raw, _small(path.with_name(path.name + SIGNATURE)).decode("ascii", "replace"))
    except FileNotFoundError:
        return Trust.UNSIGNED, manifest
    if signer is None:
        return Trust.FORGED, manifest
    return (Trust.SIGNED if signer in signers else Trust.UNKNOWN_SIGNER), manifest


def manifest_in(path: Path) -> Manifest | None:
    """The manifest that a file holds, whoever signed it; None for none."""
    try:
        return manifest_from(json.loads(_small(path)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _small(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LONGEST_MANIFEST)


def backup_at(path: Path, store: Path, more_signers: Sequence[str] = ()) -> Backup | None:
    """The backup that a path names, whatever its store is called there; None where it names none."""
    name = read_name(path.name)
    if name is None or name.tail or not path.is_file():
        return None
    trust, manifest = _manifest_of(path, _signers(store, more_signers))
    return Backup(path, name.generation, name.at, path.stat().st_size, trust, manifest)


def _signers(store: Path, more: Sequence[str]) -> set[str]:
    return {*ssh_signature.signers_in(beside(store, SIGNERS)), *more}


def chosen(backups: Sequence[Backup], name: str | None, places: Sequence[Path]) -> Backup:
    """The backup that a file's name or a generation's number means; the newest for None. Raises BackupUnknown."""
    wanted = Path(name).name if name else None
    for one in backups:
        if wanted is None or wanted in (one.name, one.name.removesuffix(SEALED), str(one.generation)):
            return one
    raise BackupUnknown(name=name or "of this store", places=", ".join(map(str, places)))


def trusted(backup: Backup, store: Path) -> Manifest:
    """The manifest of a backup, if a known signer signed it. Raises ManifestForged."""
    if backup.manifest is not None and backup.trust is Trust.SIGNED:
        return backup.manifest
    reasons = {
        Trust.UNKNOWN_SIGNER: "its manifest was signed by somebody unknown",
        Trust.UNSIGNED: "its manifest is not signed",
        Trust.NO_MANIFEST: "it has no manifest",
        Trust.UNREADABLE: "its manifest cannot be read",
    }
    reason = reasons.get(backup.trust, "its manifest was changed, or is that of another file")
    raise ManifestForged(file=backup.name, reason=reason, signers=beside(store, SIGNERS).name)


def digest(stream: BufferedReader) -> str:
    """The SHA-256 (hex) of the rest of a stream."""
    return hashlib.file_digest(stream, "sha256").hexdigest()


def last_generation(backups: Iterable[Backup]) -> int:
    """The highest generation there is; 0 for none."""
    return max((one.generation for one in backups), default=0)
