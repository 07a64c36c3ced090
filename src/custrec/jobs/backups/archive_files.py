"""Archive files: what is archived, written whole into a sealed file of its year as well; and opened again.

The records stay in the store, archived: the file is what there is of them elsewhere, for whoever holds the secret key.
It is in the form of a backup (docs/backup-format.md): sealed for the same public keys, proved before it counts, signed.
What it holds, says store.extract. It lies in `custrec.archive/<year>/` beside the store; nothing of custrec's changes
or removes it, so whoever is erased from the store is to be erased from there by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from custrec.errors import BackupOfOtherSchema, ForeignBackup, NoArchive
from custrec.files.age import Identity
from custrec.files.part import PartFile
from custrec.jobs.backups.creating import Naming, papers_of, seal_copy
from custrec.jobs.backups.keys import recipients, signing_key
from custrec.jobs.backups.places import FolderPlace
from custrec.jobs.backups.proving import proved
from custrec.jobs.backups.targets import backup_at, stem_of, trusted
from custrec.jobs.progress import Progress
from custrec.model.backups import MANIFEST, SIGNATURE
from custrec.store.database import Store, open_store
from custrec.store.extract import extract, is_extract, records_in
from custrec.store.place import folder
from custrec.store.plan_file import PlanFile

ARCHIVE = "archive"


@dataclass(frozen=True)
class Sealing:
    """When (ISO 8601, UTC) and for whom an archive file is made."""

    at: str
    login: str


@contextmanager
def sealed_beside(store: Store, file: PlanFile, how: Sealing, progress: Progress) -> Iterator[Path]:
    """Write the records that a plan archives into a sealed file, and name it in the plan; it goes again where the block
    raises, since nothing was archived then.

    Raises NoRecipients, SigningKeyUnusable, BackupNotProved, FolderInTheWay, DiskFull, IoFailure.
    """
    keys, signing = [one.key for one in recipients(store.path)], signing_key(store.path, how.login)
    home = FolderPlace(folder(store.path, ARCHIVE) / how.at[:4])
    home.make()
    chosen, plan = records_in(file), file.plan
    name = Naming(stem_of(store.path), plan.base + 1, how.at)
    part = PartFile(home.path / plan.id)
    try:
        manifest = seal_copy(store.path, _copying(store, chosen, progress), part, keys, name, progress)
        part.path = home.path / manifest.file
        home.put_down(part, papers_of(manifest, signing))
    finally:
        part.discard()
    file.save_head(plan.with_detail(sealed=f"{home.path.parent.name}/{home.path.name}/{manifest.file}"))
    try:
        yield part.path
    except BaseException:
        for tail in (SIGNATURE, MANIFEST, ""):
            part.path.with_name(part.path.name + tail).unlink(missing_ok=True)
        raise


def _copying(store: Store, chosen: Mapping[str, Sequence[int]], progress: Progress) -> Callable[[Path], None]:
    def copy(plain: Path) -> None:
        progress.phase("copying")
        extract(store, chosen, plain)

    return copy


@contextmanager
def opened_archive(store: Store, path: Path, identities: Sequence[Identity], progress: Progress) -> Iterator[Path]:
    """A private file with the records of an archive file, checked against its manifest; it goes when the block ends.

    Raises NoArchive, ManifestForged, ForeignBackup, BackupOfOtherSchema, BackupDamaged, KeyOpensNothing, DiskFull.
    """
    found = backup_at(path, store.path)
    if found is None:
        raise NoArchive(file=path.name)
    manifest = trusted(found, store.path)
    if manifest.store != store.identity:
        raise ForeignBackup(file=found.name)
    if manifest.schema_version != store.schema_version:
        raise BackupOfOtherSchema(file=found.name)
    with proved(found, manifest, store.path, identities, progress) as plain:
        archived = open_store(plain)
        try:
            if not is_extract(archived):
                raise NoArchive(file=path.name)
        finally:
            archived.close()
        yield plain
