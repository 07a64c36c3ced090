"""Holds: records that stay as they are, whatever a rule says, until somebody releases them. As plans."""

from __future__ import annotations

from custrec.model.schema import Table
from custrec.store import holds
from custrec.store.database import Store


def reasons_of(store: Store, table: Table, record: int) -> list[str]:
    """Why a record is held, oldest first; nothing where it is not."""
    return [hold.reason for hold in holds.holds(store, table, {record})]
