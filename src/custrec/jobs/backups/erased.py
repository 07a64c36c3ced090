"""Keeping the dead buried: which ledger of erasures a restore goes by, and erasing again in what was restored.

A ledger is as new as the newest backup when it holds the position that this one's manifest names, with the same digest
there. It may lie beside the store, or beside the backups, where each backup puts a copy.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from custrec.errors import BackupDamaged, CustrecError, LedgerDamaged, LedgerTooOld, StoreError
from custrec.files import ledger_file
from custrec.files.ledger_file import Reading
from custrec.files.part import PartFile
from custrec.jobs.backups.ledger_copies import ledgers_at
from custrec.jobs.backups.targets import Backup, Trust
from custrec.jobs.ledgers import KEY, key_of, ledger_of
from custrec.jobs.returning import Recognising
from custrec.model.backups import Manifest
from custrec.model.ledger import Head, Macs, fingerprint, head_from
from custrec.store.database import open_store
from custrec.store.erasing_again import Again, ErasedAgain, erase_again, still_there
from custrec.store.wiping import ledger_head


@dataclass(frozen=True)
class LedgerChosen:
    """The ledger that a restore goes by (None: there is none); how far it goes, how far it has to go, and how many
    records it lacks up to there."""

    path: Path | None
    head: Head
    wanted: Head
    lost: int = 0

    def __gt__(self, other: LedgerChosen) -> bool:
        """Whether it is the better one: it lacks less, or goes further."""
        return (-self.lost, self.head.position) > (-other.lost, other.head.position)


@dataclass(frozen=True)
class Buried:
    """What was erased again, and how far the ledger went; records that a lost ledger does not name; and records of the
    restored store, by table, that the ledger knows by a key, phone, e-mail or identifier: they shared it, or came back.
    """

    again: ErasedAgain = field(default_factory=ErasedAgain)
    head: Head = field(default_factory=Head)
    lost: int = 0
    recognised: Mapping[str, Sequence[int]] = field(default_factory=dict)


NOBODY = Buried()
"""Nobody was erased again."""


@dataclass(frozen=True)
class LedgerSearch:
    """Which ledger a restore is to go by, where it is not one beside the store or the backups; `lost` goes on without
    one that is new enough."""

    given: Path | None = None
    lost: bool = False


SEARCH = LedgerSearch()
"""Beside the store and the backups."""


@contextlib.contextmanager
def chosen_ledger(
    store: Path, room: Path, manifest: Manifest, known: Iterable[Backup], search: LedgerSearch
) -> Iterator[LedgerChosen]:
    """The newest ledger of the store that there is, as far as the newest signed manifest knows, or the store itself; a
    file of this machine while the block lasts. `room` is the store among whose plans the work is done.

    Raises LedgerTooOld, unless the loss is accepted, and LedgerDamaged for one that was given.
    """
    backups = [one for one in known if one.manifest and one.trust is Trust.SIGNED]
    heads = [head_from(one.manifest.ledger) for one in backups if one.manifest and one.manifest.store == manifest.store]
    heads += [head_from(manifest.ledger), _live_head(store, manifest.store)]
    wanted = max(heads, key=lambda head: head.position)
    with ledgers_at((one.place for one in backups), store, room) as copies:
        best: LedgerChosen | None = None
        for path in [search.given] if search.given else [ledger_of(store), *copies]:
            found = _looked_at(path, manifest.store, wanted, path == search.given)
            if found is not None and (best is None or found > best):
                best = found
        chosen = best or LedgerChosen(None, wanted, wanted, wanted.position)
        if chosen.lost and not search.lost:
            raise LedgerTooOld(count=chosen.lost)
        yield chosen


def _looked_at(path: Path, store: str, wanted: Head, was_given: bool) -> LedgerChosen | None:
    """A ledger, if it is one of this store and whole. Raises LedgerDamaged for one that was given."""
    try:
        found = ledger_file.check(path)
    except FileNotFoundError:
        return None
    except LedgerDamaged:
        if was_given:
            raise
        return None
    if found.store != store:
        return None
    if ledger_file.seal_at(path, wanted.position) == wanted.digest:
        return LedgerChosen(path, found.head, wanted, found.begins + found.missing)
    return LedgerChosen(path, wanted, wanted, max(1, wanted.position - found.head.position))


def bury(plain: Path, manifest: Manifest, ledger: LedgerChosen, actor: str, at: str) -> Buried:
    """Erase in a restored store whom the ledger names, and see that nobody of them is left.

    Raises BackupDamaged where one is, LedgerDamaged, DiskFull.
    """
    if ledger.path is None:
        return Buried(head=ledger.head, lost=ledger.lost)
    since = head_from(manifest.ledger).position
    by = Again(actor, at, f"again-{os.urandom(4).hex()}", ledger.head)
    again = erase_again(plain, ledger_file.entries_after(ledger.path, 0, Reading()), since, by)
    left = still_there(plain, ledger_file.entries_after(ledger.path, 0, Reading()))
    if left:
        raise BackupDamaged(file=manifest.file, reason=f"{len(left):,} erased records could not be erased again")
    return Buried(again, ledger.head, ledger.lost)


def recognised(plain: Path, ledger: LedgerChosen, key: bytes | None) -> dict[str, list[int]]:
    """The records of a restored store, by table, that the ledger knows by what they are known by; nothing without its
    key. They are told, not touched: a switchboard is shared, and who was erased may have come back as a customer."""
    if key is None or ledger.path is None or not ledger.head.position:
        return {}
    known = ledger_file.known_by(ledger.path, fingerprint(key))
    store = open_store(plain)
    try:
        found = {table.name: Recognising(table, Macs(key), known).standing(store) for table in store.schema.tables}
        return {table: records for table, records in found.items() if records}
    finally:
        store.close()


def key_among(store: Path, companions: Mapping[str, bytes]) -> bytes | None:
    """The key of the ledger: the one beside the store, else the one that travelled with the backup."""
    with contextlib.suppress(CustrecError):
        if key := key_of(store):
            return key
    with contextlib.suppress(KeyError, ValueError):
        return bytes.fromhex(companions[KEY].decode("ascii").strip())
    return None


def put_ledger(ledger: LedgerChosen, destination: Path) -> Path | None:
    """Put the ledger beside a restored store, unless one lies there that goes as far; where it was put."""
    place = ledger_of(destination)
    if ledger.path is None or (place.exists() and place.samefile(ledger.path)):
        return None
    try:
        there = ledger_file.tail_of(place)
    except LedgerDamaged:
        there = None
    if there is not None and there.head.position >= ledger.head.position:
        return None
    part = PartFile(place)
    try:
        with ledger.path.open("rb") as source:
            shutil.copyfileobj(source, part.stream)
        part.commit()
    finally:
        part.discard()
    return place


def raised_ids(greatest: dict[str, int], heads: Sequence[Head]) -> dict[str, int]:
    """The least ids to be given out, raised above all that ledgers know."""
    for head in heads:
        for table, record in head.greatest.items():
            greatest[table] = max(greatest.get(table, 1), record + 1)
    return greatest


def _live_head(store: Path, identity: str) -> Head:
    """How far the ledger goes that the store knows of which is there; the beginning where it cannot be asked."""
    try:
        live = open_store(store)
    except StoreError:
        return Head()
    try:
        return ledger_head(live) if live.identity == identity else Head()
    except CustrecError:
        return Head()
    finally:
        live.close()
