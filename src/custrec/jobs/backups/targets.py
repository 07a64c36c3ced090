"""What lies in the places of backups: each sealed file with its manifest, and what is wrong with it.

Nothing here opens a seal: whatever is told comes from names, sizes, manifests and their signatures.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from custrec.errors import BackupUnknown, CustrecError, ManifestForged
from custrec.files import ssh_signature
from custrec.jobs.backups.keys import SIGNERS
from custrec.jobs.backups.places import FolderPlace, Place
from custrec.model.backups import MANIFEST, SEALED, SIGNATURE, Manifest, manifest_from, read_name
from custrec.store.leftovers import PATIENCE
from custrec.store.place import beside

FOLDER = "backups"
LOCK = "backup-lock"
"""What is held, beside the store, by whoever is at its backups."""


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

    place: Place
    name: str
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
    def where(self) -> str:
        """Where the sealed file lies, for people."""
        return self.place.at(self.name)


def default_target(store: Path) -> Path:
    """Where backups go if nobody says another place."""
    return beside(store, FOLDER)


def stem_of(store: Path) -> str:
    """What the names of a store's backups begin with."""
    return store.name.removesuffix(".db") or store.name


def backups_in(
    places: Iterable[Place],
    store: Path,
    more_signers: Sequence[str] = (),
    unusable: Callable[[Place, CustrecError], None] | None = None,
) -> list[Backup]:
    """The backups of a store in some places, the newest generation first, then by place. Folders that are not there
    have none. Of a place that cannot be read `unusable` is told; without that, TargetUnusable is raised."""
    signers = _signers(store, more_signers)
    found: list[Backup] = []
    for place in dict.fromkeys(places):
        try:
            found += _in(place, stem_of(store), signers)
        except CustrecError as error:
            if unusable is None:
                raise
            unusable(place, error)
    return sorted(found, key=lambda one: (-one.generation, one.where))


def parts_left_behind(target: Path) -> Iterator[Path]:
    """What backups that were killed a day ago or more left in a folder; the next backup takes away its own at once."""
    for path in target.glob(".*.part") if target.is_dir() else ():
        if path.is_file() and time.time() - path.stat().st_mtime > PATIENCE:
            yield path


def _in(place: Place, stem: str, signers: set[str]) -> Iterator[Backup]:
    listing = place.listing()
    for text, size in listing.items():
        name = read_name(text)
        if name and name.stem == stem and not name.tail:
            trust, manifest = _manifest_of(place, text, signers)
            yield Backup(place, text, name.generation, name.at, size, trust, manifest)


def _manifest_of(place: Place, name: str, signers: set[str]) -> tuple[Trust, Manifest | None]:
    try:
        raw = place.small(name + MANIFEST)
        manifest = manifest_from(json.loads(raw))
    except FileNotFoundError:
        return Trust.NO_MANIFEST, None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Trust.UNREADABLE, None
    if manifest.file != name:
        return Trust.FORGED, None
    try:
        signer = ssh_signature.signer_of(raw, place.small(name + SIGNATURE).decode("ascii", "replace"))
    except FileNotFoundError:
        return Trust.UNSIGNED, manifest
    if signer is None:
        return Trust.FORGED, manifest
    return (Trust.SIGNED if signer in signers else Trust.UNKNOWN_SIGNER), manifest


def manifest_in(place: Place, name: str) -> Manifest | None:
    """The manifest that a file holds, whoever signed it; None for none."""
    try:
        return manifest_from(json.loads(place.small(name)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def backup_at(path: Path, store: Path, more_signers: Sequence[str] = ()) -> Backup | None:
    """The backup that a path names, whatever its store is called there; None where it names none."""
    name = read_name(path.name)
    if name is None or name.tail or not path.is_file():
        return None
    place = FolderPlace(path.parent)
    trust, manifest = _manifest_of(place, path.name, _signers(store, more_signers))
    return Backup(place, path.name, name.generation, name.at, path.stat().st_size, trust, manifest)


def _signers(store: Path, more: Sequence[str]) -> set[str]:
    return {*ssh_signature.signers_in(beside(store, SIGNERS)), *more}


def chosen(
    backups: Sequence[Backup], name: str | None, places: Sequence[Place], which: str = "of this store"
) -> Backup:
    """The backup that a file's name or a generation's number means; the newest for None. Raises BackupUnknown, which
    without a name says `which` were looked through."""
    wanted = Path(name).name if name else None
    for one in backups:
        if wanted is None or wanted in (one.name, one.name.removesuffix(SEALED), str(one.generation)):
            return one
    raise BackupUnknown(name=name or which, places=", ".join(place.shown for place in places))


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


def last_generation(places: Iterable[Place], store: Path) -> int:
    """The highest generation that names in some places tell of; 0 for none. Raises TargetUnusable."""
    names = [read_name(text) for place in places for text in place.listing()]
    return max((name.generation for name in names if name and name.stem == stem_of(store)), default=0)
