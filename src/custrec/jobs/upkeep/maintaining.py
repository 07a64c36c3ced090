"""Looking after a store, each night for instance: the search index, statistics, the write-ahead log, free pages.

No record is touched, so none of it is an event. What pays is decided here, and done in store.upkeep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from custrec.store import derived, upkeep
from custrec.store.database import Store
from custrec.store.inspection import Size, size_of
from custrec.store.upkeep import Caretaker

FREE_SHARE = 0.2
FREE_BYTES = 8 << 20
"""VACUUM pays where more than this share of the pages is free, and more than these bytes."""


@dataclass(frozen=True)
class Step:
    """One thing that was done, or would be: to which file, in how many seconds, its bytes before and after (of `log`,
    those of the write-ahead log alone).

    `name` is search, merge, vacuum, statistics or log. `hindrance` says why it was not done.
    """

    name: str
    file: str
    seconds: float = 0.0
    before: int = 0
    after: int = 0
    hindrance: str = ""


def maintain(store: Store, by: Caretaker, always_vacuum: bool = False) -> Iterator[Step]:
    """Look after a store and its search index; each step is told when it is done.

    Raises StoreBusy, DiskFull, StoreReadOnly, StoreUnwell; the steps before stay done.
    """
    path, index = store.path, derived.path_of(store.path)
    yield _done("search", index, lambda: derived.refresh(path, store.schema, by.wait))
    yield _done("merge", index, lambda: upkeep.merge_search_index(path, store.schema, by))
    for file in (path, index):
        if pays(size_of(file), always_vacuum):
            hindrance = upkeep.no_room(file)
            yield (
                Step(
                    "vacuum", file.name, before=upkeep.bytes_of(file), after=upkeep.bytes_of(file), hindrance=hindrance
                )
                if hindrance
                else _done("vacuum", file, partial(_written_anew, file, by, path))
            )
    yield _done("statistics", path, lambda: upkeep.renew_statistics(path, by))
    for file in (path, index):
        if _log(file):
            yield _written_back(file)


def intended(store: Store, always_vacuum: bool = False) -> Iterator[Step]:
    """What `maintain` would do now; the search index may need more once it is up to date."""
    path, index = store.path, derived.path_of(store.path)
    if not derived.is_current(store):
        yield Step("search", index.name, before=upkeep.bytes_of(index))
    yield Step("merge", index.name, before=upkeep.bytes_of(index))
    for file in (path, index):
        if file.exists() and pays(size_of(file), always_vacuum):
            yield Step("vacuum", file.name, before=upkeep.bytes_of(file), hindrance=upkeep.no_room(file))
    yield Step("statistics", path.name, before=upkeep.bytes_of(path))
    for file in (path, index):
        if _log(file):
            yield Step("log", file.name, before=_log(file))


def pays(size: Size, always: bool = False) -> bool:
    """Whether writing a file anew gives back enough to be worth it."""
    return always or (size.free_share > FREE_SHARE and size.free_bytes > FREE_BYTES)


def _done(name: str, file: Path, do: Callable[[], None]) -> Step:
    before, began = upkeep.bytes_of(file), perf_counter()
    do()
    return Step(name, file.name, perf_counter() - began, before, upkeep.bytes_of(file))


def _written_anew(file: Path, by: Caretaker, store: Path) -> None:
    upkeep.vacuum(file, by, store)
    upkeep.write_back(file)


def _written_back(file: Path) -> Step:
    before, began = _log(file), perf_counter()
    hindrance = "" if upkeep.write_back(file) else "somebody was reading or writing; a later command does it"
    return Step("log", file.name, perf_counter() - began, before, _log(file), hindrance)


def _log(file: Path) -> int:
    log = file.with_name(f"{file.name}-wal")
    return log.stat().st_size if log.exists() else 0
