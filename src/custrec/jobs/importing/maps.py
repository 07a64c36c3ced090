"""Saved maps: the folder they lie in, and which of them a file is made for. What a file becomes by one: layouts.

A map is a file of people's own, `custrec.maps/NAME.yaml` beside the store (files.map_file); custrec writes one only
when it proposes it, and never over another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from custrec.errors import (
    CustrecError,
    FileUnreadable,
    IoFailure,
    MapExists,
    MapInvalid,
    MapUnknown,
    UsageError,
)
from custrec.files.headers import header_key, match_headers
from custrec.files.map_file import load_map
from custrec.files.part import PartFile
from custrec.model.mapping import SavedMap
from custrec.model.nearest import nearest
from custrec.store.database import Store
from custrec.store.place import beside, folder

MOST_NAMED = 20
"""How many names a hint lists."""
ENDING = ".yaml"
NO_MAP = "none"
"""The name that means no map."""

_NAME = re.compile(r"[^\W_][\w.-]{0,59}")


# --- the folder --------------------------------------------------------------------------------------------------


def map_path(store: Store, name: str) -> Path:
    """Where the map of a name lies, whether it is there or not. Raises UsageError for what cannot be a name."""
    name = name.removesuffix(ENDING)
    if name.casefold() == NO_MAP:
        raise UsageError(what=f"no map can be called {NO_MAP}: that is how import is told to use none")
    if not _NAME.fullmatch(name):
        raise UsageError(
            what="a map's name has 1 to 60 letters, digits, dots, hyphens and underscores, and begins with a letter"
            " or digit"
        )
    return beside(store.path, "maps") / f"{name}{ENDING}"


def map_names(store: Store) -> list[str]:
    """The names of all saved maps."""
    found = beside(store.path, "maps").glob(f"*{ENDING}")
    return sorted(path.stem for path in found if _NAME.fullmatch(path.stem))


def map_named(store: Store, name: str) -> SavedMap:
    """A saved map. Raises MapUnknown, with the nearest name, MapInvalid, FileUnreadable."""
    path = map_path(store, name)
    if not path.is_file():
        names = map_names(store)
        near = nearest(path.stem, names)
        there = f"there are: {', '.join(names[:MOST_NAMED])}" if names else None
        raise MapUnknown(name=path.stem, hint=f"did you mean {near}?" if near else there)
    return load_map(path, store.schema)


def all_maps(store: Store) -> tuple[list[SavedMap], dict[str, CustrecError]]:
    """All saved maps, and by name those that cannot be read with why: nobody is stopped by a map he does not use."""
    maps: list[SavedMap] = []
    unusable: dict[str, CustrecError] = {}
    for name in map_names(store):
        try:
            maps.append(load_map(map_path(store, name), store.schema))
        except (MapInvalid, FileUnreadable) as error:
            unusable[name] = error
    return maps, unusable


def check_maps(store: Store, name: str | None) -> list[SavedMap]:
    """One map, or all. Raises MapInvalid with the faults of all of them, MapUnknown, FileUnreadable."""
    if name is not None:
        return [map_named(store, name)]
    maps, unusable = all_maps(store)
    errors = list(unusable.values())
    if len(errors) == 1 or any(not isinstance(error, MapInvalid) for error in errors):
        raise next((error for error in errors if not isinstance(error, MapInvalid)), errors[0])
    if errors:
        count = sum(int(str(error.params["count"])) for error in errors)
        lines = tuple(f"{error.params['name']}, {line}" for error in errors for line in error.details)
        raise MapInvalid(name=beside(store.path, "maps").name, count=count, details=lines)
    return maps


def refuse_to_replace(path: Path) -> None:
    """Raise MapExists where something lies at a map's path."""
    if path.exists() or path.is_symlink():
        raise MapExists(name=path.stem, path=f"{path.parent.name}/{path.name}")


def save_map(store: Store, name: str, text: str) -> Path:
    """Write a new map. Raises MapExists, IoFailure, UsageError for what cannot be a name."""
    path = map_path(store, name)
    refuse_to_replace(path)
    try:
        folder(store.path, "maps")
    except OSError as error:
        raise IoFailure(path=path.parent.name, reason=error.strerror or "I/O error") from error
    part = PartFile(path)
    try:
        part.stream.write(text.encode())
        part.commit()
    finally:
        part.discard()
    return path


# --- a file and a map --------------------------------------------------------------------------------------------


def recognised(maps: Iterable[SavedMap], header: Sequence[str]) -> SavedMap | None:
    """The map that a file with this header is made for: all its columns, also those it leaves out, are there.

    Of several the one with the most columns; where two have as many, none. Maps that change nothing, because import
    knows each of their headers for the same field anyway, or that name no column at all, are passed over.
    """
    there = set(map(header_key, header))
    fitting = [(_named(one), one) for one in maps if _changes_something(one) and _named(one) <= there]
    most = max((len(named) for named, _ in fitting), default=0)
    best = [one for named, one in fitting if len(named) == most]
    return best[0] if len(best) == 1 else None


def _named(saved: SavedMap) -> set[str]:
    return set(map(header_key, (*saved.columns, *saved.left_out)))


def _changes_something(saved: SavedMap) -> bool:
    if not saved.columns:
        return False
    if saved.left_out or not all(recipe.plain for recipe in saved.recipes.values()):
        return True
    known = match_headers(saved.columns, saved.table).columns
    return [known.get(place) for place in range(len(saved.columns))] != list(saved.recipes)
