"""What a record is made of: those that were merged into it, by number and key."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from custrec.jobs.edits.naming import name_fields
from custrec.jobs.reading import read_for, shown
from custrec.model.schema import Table
from custrec.store import keyed, parting, records
from custrec.store.database import Store


@dataclass(frozen=True)
class Merged:
    """One record within another: its number, and the natural key that it had; None where its table has none."""

    record: int
    key: str | None


def merged_from(store: Store, table: Table, record: int) -> list[Merged]:
    """The records that were merged into one, by number."""
    found = parting.within(store, table, record)
    keys = keys_of(store, table, found)
    return [Merged(one, keys.get(one)) for one in found]


def keys_of(store: Store, table: Table, numbers: Collection[int]) -> dict[int, str]:
    """The natural keys of some records of any state as people read them, with `/` between several fields."""
    names = list(table.primary_key)
    if not names or not numbers:
        return {}
    return {record: "/".join(texts) for record, texts in read_as(store, table, names, numbers).items()}


def read_as(store: Store, table: Table, names: Sequence[str], numbers: Collection[int]) -> dict[int, list[str]]:
    """Fields that are never blank of some records of any state as people read them, by number."""
    rows = records.select_any(store, table, read_for(store.schema, table, names), keyed.numbered(numbers))
    return {row[0]: [*map(str, row[1:])] for row in shown(store.schema, table, names, rows)}


def names_of(store: Store, table: Table, numbers: Collection[int]) -> dict[int, list[str]]:
    """By what people call some records of any state, by number: their names, where the table has one."""
    names = name_fields(table)
    rows = records.select_any(store, table, read_for(store.schema, table, names), keyed.numbered(numbers))
    said = shown(store.schema, table, names, rows) if names and numbers else iter(())
    return {row[0]: [str(cell) for cell in row[1:] if cell is not None] for row in said}
