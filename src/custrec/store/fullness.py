"""How full a store is: active records of a table, bytes in use, and which records were touched longest ago."""

from __future__ import annotations

from collections.abc import Iterator

from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.quoting import quote


def active(store: Store, table: Table) -> int:
    """How many active records a table has."""
    (count,) = store.reader.execute(
        f"SELECT count(*) FROM {quote(table.name)} WHERE _state = {State.ACTIVE:d}"
    ).fetchone()
    return int(count)


def used_bytes(store: Store) -> int:
    """The bytes of the store's file that hold anything: without free pages."""
    (pages,), (free,), (size,) = (
        store.reader.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "freelist_count", "page_size")
    )
    return (int(pages) - int(free)) * int(size)


def last_events(store: Store, table: Table) -> Iterator[tuple[int, int]]:
    """The event that touched each active record of a table last, and the record."""
    cursor = store.reader.execute(f"SELECT _event, _id FROM {quote(table.name)} WHERE _state = {State.ACTIVE:d}")
    yield from iter(cursor.fetchone, None)
