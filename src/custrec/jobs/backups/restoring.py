"""The way back: a backup becomes a store again, in a place of its own or in that of the store that is there.

    signature → hash of the seal → decrypt → hash of the store ‖ structure → rows → erasures → ids → exchange

Everything happens in a file beside the place; nothing that is there changes before the last step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from custrec.errors import ArchiveIsNoBackup, ForeignBackup, StoreError, StoreExists
from custrec.files.age import Identity
from custrec.files.lock import held
from custrec.jobs.backups.companions import put_back
from custrec.jobs.backups.erased import (
    NOBODY,
    SEARCH,
    Buried,
    LedgerSearch,
    bury,
    chosen_ledger,
    key_among,
    put_ledger,
    raised_ids,
    recognised,
)
from custrec.jobs.backups.proving import proved
from custrec.jobs.backups.sealing import of_disk
from custrec.jobs.backups.targets import LOCK, Backup, Trust, trusted
from custrec.jobs.progress import Progress
from custrec.model.backups import Manifest
from custrec.store.database import open_store
from custrec.store.extract import is_extract
from custrec.store.migrations import upgrade
from custrec.store.place import beside
from custrec.store.restoring import ASIDE, exchange, second_names, settle_in
from custrec.store.sequences import next_ids


@dataclass(frozen=True)
class RestoreRequest:
    """Which backup becomes which file. `store` is the one whose keys, signers and backups are meant; where it is the
    destination too, it is replaced and kept under another name. `deep` holds every index against its table. `search`
    says which ledger of erasures to go by."""

    backup: Backup
    store: Path
    destination: Path
    at: str
    wait: float
    replaces: bool = False
    deep: bool = False
    actor: str = ""
    search: LedgerSearch = SEARCH

    @property
    def room(self) -> Path:
        """The store among whose plans the work is done: on the disk of the destination, where it is only renamed."""
        beside_it = self.store.exists() and self.store.resolve().parent == self.destination.resolve().parent
        return self.store if beside_it else self.destination


@dataclass(frozen=True)
class Restored:
    """A store that was restored, where the one lies that was there before, and the files that came with it."""

    manifest: Manifest
    destination: Path
    aside: Path | None
    companions: tuple[Path, ...]
    buried: Buried = NOBODY


def restore(
    request: RestoreRequest,
    identities: Sequence[Identity],
    known: Iterable[Backup] = (),
    progress: Progress | None = None,
) -> Restored:
    """Restore a backup. `known` are all backups there are: no id that any of them has given out is given out again.

    Raises StoreExists, LedgerTooOld, LedgerDamaged, ManifestForged, ForeignBackup, BackupDamaged, KeyOpensNothing,
    BackupRunning, StoreBusy, DiskFull, IoFailure.
    """
    progress = progress or Progress()
    manifest = trusted(request.backup, request.store)
    destination = request.destination
    new = not request.store.exists()
    if not request.replaces and (destination.exists() or destination.is_symlink()):
        raise StoreExists(path=destination)
    with held(beside(request.store, LOCK), "restore"), ExitStack() as stack:
        for name in second_names(request.store):
            name.unlink()
        backups = list(known)
        ledger = stack.enter_context(chosen_ledger(request.store, request.room, manifest, backups, request.search))
        ids = raised_ids(dict(_greatest(manifest, request, backups)), [ledger.head, ledger.wanted])
        with proved(request.backup, manifest, request.room, identities, progress, request.deep, stays=True) as plain:
            upgrade(plain, request.wait, request.actor)
            progress.phase("erasing again")
            buried = bury(plain, manifest, ledger, request.actor, request.at)
            companions = settle_in(plain, ids)
            known_still = recognised(plain, ledger, key_among(request.store, companions))
            buried = replace(buried, recognised=known_still)
            _refuse_extract(plain, request.backup)  # and one of a newer custrec, before anything moves
            aside = _aside(request)
            with of_disk(destination.parent):
                exchange(plain, destination, aside, request.wait)
        elsewhere = request.replaces or destination.resolve().parent != request.store.resolve().parent
        written = put_back(destination, companions) if elsewhere or new else []
        if (place := put_ledger(ledger, destination)) is not None:
            written.append(place)
    return Restored(manifest, destination, aside, tuple(written), buried)


def _refuse_extract(plain: Path, backup: Backup) -> None:
    """Raises ArchiveIsNoBackup where a file holds some records of a store, not a store."""
    store = open_store(plain)
    try:
        if is_extract(store):
            raise ArchiveIsNoBackup(file=backup.name)
    finally:
        store.close()


def _greatest(manifest: Manifest, request: RestoreRequest, known: Iterable[Backup]) -> Mapping[str, int]:
    """The least ids that the restored store may give out, by table id: what any signed manifest, or the store that is
    there, knows of. Raises ForeignBackup where that is another store."""
    greatest = dict(manifest.next_ids)
    signed = [one.manifest for one in known if one.manifest and one.trust is Trust.SIGNED]
    others = [one.next_ids for one in signed if one.store == manifest.store]
    try:
        live = open_store(request.store)
    except StoreError:  # it is gone or damaged: that is why somebody restores
        live = None
    if live is not None:
        try:
            identity = live.identity
            if identity == manifest.store:
                others.append(next_ids(live))
        finally:
            live.close()
        if request.replaces and identity != manifest.store:
            raise ForeignBackup(file=request.backup.name)
    for ids in others:
        for table, following in ids.items():
            greatest[table] = max(greatest.get(table, 1), int(following))
    return greatest


def _aside(request: RestoreRequest) -> Path | None:
    """Where the store goes that is there; None for none."""
    if not request.destination.exists():
        return None
    stamp = request.at.replace("-", "").replace(":", "")
    return request.destination.with_name(f"{request.destination.name}.{ASIDE}-{stamp}")
