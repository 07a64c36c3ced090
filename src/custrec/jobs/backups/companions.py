"""What people wrote beside a store, and a restore on another machine would miss: it travels inside the sealed copy.

schema.yaml, custrec.yaml, the saved maps, the recipients, the known signers and the key of the ledger of erasures
become rows of a table of the copy (store.copies), so that the sealed file stays what `age -d | zstd -d` makes a store
of. The keys that open and sign backups never travel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from custrec.files.part import PartFile
from custrec.jobs.backups.keys import RECIPIENTS, SIGNERS
from custrec.jobs.ledgers import KEY
from custrec.store.place import beside

SCHEMA, SETTINGS, MAPS = "schema.yaml", "custrec.yaml", "maps"
LARGEST = 1 << 20
"""Bytes of one such file at most; a larger one is none of ours."""


def companions_of(store: Path) -> dict[str, bytes]:
    """The files that travel with a store, by name; those that cannot be read are left out (doctor tells of them)."""
    found: dict[str, bytes] = {}
    for name, path in _places(store, _maps_of(store)):
        try:
            if path.is_file() and path.stat().st_size <= LARGEST:
                found[name] = path.read_bytes()
        except OSError:
            continue
    return found


def put_back(store: Path, companions: Mapping[str, bytes]) -> list[Path]:
    """Write the files that are not there; those that were written. Raises IoFailure."""
    written: list[Path] = []
    maps = [name.removeprefix(f"{MAPS}/") for name in companions if name.startswith(f"{MAPS}/")]
    for name, path in _places(store, sorted(one for one in maps if one == Path(one).name)):
        if name in companions and not path.exists() and not path.is_symlink():
            path.parent.mkdir(mode=0o700, exist_ok=True)
            part = PartFile(path)
            try:
                part.stream.write(companions[name])
                part.commit()
            finally:
                part.discard()
            written.append(path)
    return written


def _places(store: Path, maps: list[str]) -> Iterator[tuple[str, Path]]:
    yield SCHEMA, store.with_name(SCHEMA)
    yield SETTINGS, store.with_name(SETTINGS)
    yield RECIPIENTS, beside(store, RECIPIENTS)
    yield SIGNERS, beside(store, SIGNERS)
    yield KEY, beside(store, KEY)
    yield from ((f"{MAPS}/{name}", beside(store, MAPS) / name) for name in maps)


def _maps_of(store: Path) -> list[str]:
    folder = beside(store, MAPS)
    return sorted(path.name for path in folder.glob("*.yaml")) if folder.is_dir() else []
