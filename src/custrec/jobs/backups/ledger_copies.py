"""Copies of the ledger of erasures beside the backups: a restore on another machine needs one as new as its backup.

A ledger holds nothing of anybody (docs/erasure.md), so the copy is plain. Its key travels inside the seal of a backup.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from custrec.errors import CustrecError
from custrec.files import ledger_file
from custrec.jobs.backups.places import Place, fetched
from custrec.jobs.backups.targets import stem_of
from custrec.jobs.ledgers import LEDGER, ledger_of
from custrec.model.backups import read_name


def name_of(store: Path) -> str:
    """What the copy of a store's ledger is called."""
    return f"{stem_of(store)}.{LEDGER}"


def lay_ledger(store: Path, place: Place) -> None:
    """Put a copy of the ledger into a place of backups, where anybody was erased, unless what lies there is as long.

    One that lacks records takes no other one's place. Raises LedgerDamaged, TargetUnusable, BackupNotProved, IoFailure.
    """
    ledger, name = ledger_of(store), name_of(store)
    ours = ledger_file.tail_of(ledger)
    if ours is None or not ours.head.position:
        return
    there = place.listing().get(name, 0)
    if there >= ledger.stat().st_size:
        return
    found = ledger_file.check(ledger)
    if not there or not (found.begins or found.missing):
        place.keep(name, ledger)


def spread_ledger(store: Path, places: Iterable[Place], unusable: Callable[[Place, CustrecError], None]) -> None:
    """Put the ledger beside the backups in all places that have any, right after an erasure: should the store be lost
    before the next backup, nobody comes back. Of a place that cannot be reached `unusable` is told."""
    for place in dict.fromkeys(places):
        try:
            if any((name := read_name(one)) and name.stem == stem_of(store) for one in place.listing()):
                lay_ledger(store, place)
        except CustrecError as error:
            unusable(place, error)


@contextlib.contextmanager
def ledgers_at(places: Iterable[Place], store: Path, room: Path) -> Iterator[list[Path]]:
    """The copies in some places, as files of this machine while the block lasts; `room` is the store among whose plans
    those lie that are fetched. Places that cannot be read have none."""
    with contextlib.ExitStack() as stack:
        found: list[Path] = []
        for place in dict.fromkeys(places):
            with contextlib.suppress(CustrecError, FileNotFoundError):
                if name_of(store) in place.listing():
                    found.append(stack.enter_context(fetched(place, name_of(store), room)))
        yield found
