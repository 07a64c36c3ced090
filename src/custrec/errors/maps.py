"""Errors of saved maps."""

from __future__ import annotations

from custrec.errors.branches import Declined, InputError, UsageError


class MapUnknown(UsageError):
    """No saved map has this name."""

    slug = "map-unknown"
    sentence = "there is no map {name}"
    remedy = "custrec map list"


class MapExists(Declined):
    """A map of this name is there already, and is not written over."""

    slug = "map-exists"
    sentence = "there is a map {name} already, in {path}; nothing was written"
    remedy = "edit that file, choose another name, or print the proposal with -o -"


class MapInvalid(InputError):
    """A map has faults; `details` holds a line for each, with its line and column."""

    slug = "map-invalid"
    sentence = "{name} has {count:,} fault{s}"
    remedy = "mend the places named, then: custrec map check"


class MapMismatch(InputError):
    """The file lacks columns that the map takes fields from."""

    slug = "map-mismatch"
    sentence = "{file} lacks {count:,} column{s} that the map {name} takes"
    remedy = "see what it takes with: custrec map show {name}"
