"""Where a store's companions lie: beside it, under its stem.

custrec.db               the store
custrec.derived.db       what can be rebuilt (store.derived)
custrec.plans/           plans not yet applied, 0700
custrec.maps/            saved maps: which column of whose file is which field; people's own files
custrec.rejects/         rows that an import refused, 0700
custrec.review/          rows that an import took and that look wrong, 0700
custrec.declined/        changes that the review of a plan left out, 0700
custrec.archive/         sealed files of archived records, a folder a year (jobs.backups.archive_files), 0700
custrec.backups/         backups that go nowhere else (jobs.backups), 0700; keys and lock: jobs/backups/__init__.py
custrec.ledger           who was erased, for restores and imports; custrec.ledger-key, 0600 (jobs.ledgers)
custrec.certificates/    what proves that records were destroyed
custrec.confirm-key      what signs letters to customers (jobs.confirming.keys), 0600
custrec.writer           who holds the write lock, while one does
custrec.nightly-lock     held by a nightly run
custrec.yaml             settings, under this name whatever the store is called; people's own, as schema.yaml is
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from custrec.errors import FolderInTheWay

OWN_FILES = (
    *("derived.db", "ledger", "ledger-key", "confirm-key", "signing-key", "recipients", "signers"),
    *("writer", "nightly-lock", "yaml"),
)
"""Companions that are files: no paper of anybody's to be taken in, and not to be written over."""
ROW_LISTS = ("rejects", "review", "declined")
"""Companions that are folders of lists of rows, named after the plan or event that left them."""
OWN_FOLDERS = ("plans", *ROW_LISTS, "archive", "backups", "certificates")
"""Companions that are folders, hold records of people and are custrec's alone; maps are people's own."""
LOGS = ("-wal", "-shm", "-journal")
"""How the names of files end that SQLite keeps beside a database while it is in use."""


def beside(store: Path, what: str) -> Path:
    """The companion file or folder `what` of a store."""
    stem = store.name.removesuffix(".db") or store.name
    return store.with_name(f"{stem}.{what}")


def with_logs(database: Path) -> list[Path]:
    """A database, and what SQLite may keep beside it."""
    return [database.with_name(f"{database.name}{end}") for end in ("", *LOGS)]


def folder(store: Path, what: str) -> Path:
    """A companion folder, made with mode 0700 when it is not there, with the store's own folder for a store that is yet
    to be made. Raises FolderInTheWay where a file has its name."""
    place = beside(store, what)
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
    except FileExistsError as error:
        raise FolderInTheWay(path=place.name) from error
    return place


def private(path: Path) -> None:
    """Make an empty file that only its owner may read; what was there is replaced, a link is never followed."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
