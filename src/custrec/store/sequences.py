"""Which record ids come next. Ids are never given twice: not after undo, purge or restore."""

from __future__ import annotations

from custrec.store.database import Store


def next_ids(store: Store) -> dict[str, int]:
    """The next record id of each table, by table id (as text: it travels in a plan's JSON)."""
    return {str(table): following for table, following in store.reader.execute("SELECT tbl, next FROM _sequence")}
