"""What a check of the doctor gets, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from custrec.errors import CustrecError, StoreUnwell
from custrec.store.database import Store, open_store
from custrec.store.inspection import reading

WRITTEN_LAST = ("-wal", "-journal")
"""What SQLite keeps beside a database and must not be lost: it holds what was written last."""


class Level(StrEnum):
    """How bad it is. BAD: the records are in danger or cannot be read; WARN: something else is to be done."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What one check found: a sentence, and what to do now.

    `fixable`: `doctor --fix` does it. `plain`: the sentence names nothing but tables, fields, indexes and numbers of
    this store, and may stand in a report for strangers.
    """

    check: str
    level: Level
    says: str
    do: str = ""
    fixable: bool = False
    plain: bool = False


@dataclass(frozen=True)
class Patient:
    """A store to be looked at: open if it can be (or why not), and what the command knows besides."""

    path: Path
    store: Store | None
    trouble: CustrecError | None
    now: datetime
    full: bool = False
    settings: Sequence[CustrecError] = ()
    backup_max_age: timedelta | None = None

    @property
    def nothing_there(self) -> bool:
        """Whether there is neither a store nor what SQLite keeps beside one."""
        return not any(self.path.with_name(f"{self.path.name}{tail}").exists() for tail in ("", *WRITTEN_LAST))

    @property
    def opened(self) -> Store:
        """The store. Raises what is wrong with it."""
        if self.store is None:
            raise self.trouble or StoreUnwell(store=self.path.name)
        return self.store


def admit(
    path: Path,
    now: datetime,
    full: bool = False,
    settings: Sequence[CustrecError] = (),
    backup_max_age: timedelta | None = None,
) -> Patient:
    """Open a store for the doctor, if that can be done; also its schema must be readable."""
    store = None
    try:
        store = open_store(path)
        with reading(store):
            _ = store.schema
    except CustrecError as error:
        return Patient(path, None, error, now, full, settings, backup_max_age)
    except (ValueError, TypeError, KeyError):
        return Patient(path, None, StoreUnwell(store=path.name), now, full, settings, backup_max_age)
    return Patient(path, store, None, now, full, settings, backup_max_age)


def some(names: Sequence[str], most: int = 3) -> str:
    """The first of some names, and how many more there are."""
    rest = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def lasting(time: timedelta) -> str:
    """A span of time in its largest whole unit: `3 days`."""
    seconds = int(time.total_seconds())
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            return f"{seconds // length:,} {unit}{'' if seconds < 2 * length else 's'}"
    return "less than a minute"


def megabytes(size: float) -> str:
    """Bytes as a person reads them, in decimal units."""
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= 0.9995 * bytes_:  # what would be rounded up to it
            return f"{size / bytes_:.3g} {unit}" if size < 1000 * bytes_ else f"{size / bytes_:,.0f} {unit}"
    return f"{size:.0f} bytes"
