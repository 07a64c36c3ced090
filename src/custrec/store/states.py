"""Conditions on where a record is in its life, as SQL that finds the few by the index of all that is not active.

That index is partial (store.layout): SQLite takes it only where the condition itself says that a record is not active.
"""

from __future__ import annotations

import sqlite3

from custrec.model.plan import State
from custrec.store.existence import any_row


def in_state(state: State, alias: str = "") -> str:
    """That a record is archived, in the trash or restricted."""
    return _not_active_and(f"= {state:d}", alias)


def is_merged(alias: str = "") -> str:
    """That a record is part of another one."""
    return _not_active_and("< 0", alias)


def any_merged(db: sqlite3.Connection, live: str) -> bool:
    """Whether any record of a live table, itself SQL, is part of another one."""
    return any_row(db, f"SELECT 1 FROM {live} WHERE {is_merged()}")


def merged_into(survivor: str, alias: str = "") -> str:
    """That a record is part of the one with this number, itself SQL."""
    return _not_active_and(f"= -{survivor}", alias)


def _not_active_and(that: str, alias: str) -> str:
    column = f"{alias}._state" if alias else "_state"
    return f"{column} <> {State.ACTIVE:d} AND {column} {that}"
