"""Lists of rows whose command was killed after it had written them (store.place.ROW_LISTS).

A list bears its plan's id until the plan is applied, and then the number of the event. So a list under the id of a plan
that is neither waiting nor in the making is of a command that was killed: before its commit, and rows lie there that
never came into the store; or after it, and only the list's name is still to be changed. The journal tells which.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

from custrec.store import journal
from custrec.store.database import Store
from custrec.store.leftovers import is_fresh, is_left
from custrec.store.place import ROW_LISTS, beside

_OF_PLAN = re.compile(r"\.?(p[0-9a-f]{8})\.csv(\.[0-9a-f]+\.part)?")
"""A list under its plan's id, and what is written before it takes that name."""


def name_or_sweep(store: Store) -> None:
    """Give the lists of events that happened the name of their event; remove those of plans that never came to be. What
    cannot be touched now is left to a later command."""
    for path, plan in _orphans(store.path):
        event = journal.applied_as(store, plan)
        with contextlib.suppress(OSError):  # another command did it just now; or Windows: a spreadsheet has it open
            if event is None or path.suffix != ".csv":
                path.unlink()
            else:
                path.replace(path.with_name(f"{event}.csv"))


def left_behind(store: Store) -> list[Path]:
    """The lists that `name_or_sweep` removes."""
    return [path for path, plan in _orphans(store.path) if journal.applied_as(store, plan) is None]


def half_written(store: Path) -> list[Path]:
    """What was being written a day ago, under whatever name."""
    folders = [beside(store, what) for what in ROW_LISTS]
    found = [path for folder in folders for path in folder.glob(".*") if path.suffix in (".part", ".scratch")]
    return [path for path in found if not is_fresh(path)]


def _orphans(store: Path) -> Iterator[tuple[Path, str]]:
    """The lists under the ids of plans of which nothing is left, or only what is swept away; each with the id."""
    plans = beside(store, "plans")
    for what in ROW_LISTS:
        for path in list(beside(store, what).glob("*")):
            name = _OF_PLAN.fullmatch(path.name)
            if name and is_left(plans, name[1]):
                yield path, name[1]
