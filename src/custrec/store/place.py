"""Where a store's companions lie: beside it, under its stem.

custrec.db               the store
custrec.derived.db       what can be rebuilt (store.derived)
custrec.plans/           plans not yet applied, 0700
custrec.rejects/         rows that an import refused, 0700
custrec.writer           who holds the write lock, while one does
"""

from __future__ import annotations

from pathlib import Path


def beside(store: Path, what: str) -> Path:
    """The companion file or folder `what` of a store."""
    stem = store.name.removesuffix(".db") or store.name
    return store.with_name(f"{stem}.{what}")


def folder(store: Path, what: str) -> Path:
    """A companion folder, made with mode 0700 when it is not there."""
    place = beside(store, what)
    place.mkdir(mode=0o700, exist_ok=True)
    return place
