"""What a word may become that somebody is still typing: keys by their beginning, values in use. Reading only, and never
for long: what was not found in time is left out."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from typing import Any

from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.quoting import quote

STEPS = 1_000
"""Steps of SQLite's machine between two looks at the clock."""
LAST = "\U0010ffff"
"""No text goes on with a later character."""
DIGITS = 18


def hurry(store: Store, seconds: float) -> None:
    """Let every query of this store end so many seconds from now; what was found by then is all there is."""
    end = time.monotonic() + seconds
    store.reader.set_progress_handler(lambda: time.monotonic() > end, STEPS)


def keys(
    store: Store, table: Table, beginning: str, state: State, name: str | None, most: int
) -> Iterator[tuple[Any, Any]]:
    """The natural keys of one field that begin so, in their order, each with the field by which people call the record.

    Texts and whole numbers only; through the key's index, however many records there are.
    """
    (key,) = table.primary_key
    column = quote(key)
    if table.by_name[key].column_type == "TEXT":
        ranges: list[tuple[Any, Any]] = [(beginning, beginning + LAST)]
    elif beginning.isascii() and beginning.isdigit() and len(beginning) <= DIGITS:
        ranges = [
            (int(beginning) * 10**more, (int(beginning) + 1) * 10**more - 1) for more in range(DIGITS - len(beginning))
        ]
    else:
        ranges = [] if beginning else [(-(2**63), 2**63 - 1)]
    called = quote(name) if name else "NULL"
    for first, last in ranges:
        query = (
            f"SELECT {column}, {called} FROM {quote(table.name)} WHERE {column} BETWEEN ? AND ? "
            f"AND _state = {state:d} ORDER BY {column} LIMIT ?"
        )
        for row in _in_time(store, query, (first, last, most)):
            yield row
            most -= 1
        if most <= 0:
            return


def values(store: Store, table: Table, field: str) -> Iterator[Any]:
    """The values of a field among active records, each once, in no order."""
    column = quote(field)
    query = (
        f"SELECT DISTINCT {column} FROM {quote(table.name)} WHERE _state = {State.ACTIVE:d} AND {column} IS NOT NULL"
    )
    for (value,) in _in_time(store, query, ()):
        yield value


def verbs(store: Store) -> list[str]:
    """What events did, each verb once."""
    return [verb for (verb,) in _in_time(store, "SELECT DISTINCT verb FROM _event", ())]


def _in_time(store: Store, query: str, params: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The rows that are found before `hurry` ends the query."""
    try:
        yield from store.reader.execute(query, params)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
