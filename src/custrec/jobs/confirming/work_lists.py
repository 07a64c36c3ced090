"""Work lists as people read them: the records of a campaign with key, name and owner, and what is left to confirm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from custrec.jobs.confirming.campaigns import StartRequest, owner_field
from custrec.jobs.edits.naming import name_fields
from custrec.jobs.reading import condition, read_for, shown
from custrec.model.confirmations import CONFIRMED, CORRECTED, ERASE, Campaign
from custrec.model.schema import Table
from custrec.store import campaigns as kept
from custrec.store import keyed, records
from custrec.store.database import Store, snapshot

AT_ONCE = 5_000
DONE = (CONFIRMED, CORRECTED, ERASE)


OWN = ("_id", "owner", "standing", "left")
"""Columns of a work list that are no fields."""


@dataclass(frozen=True)
class Work:
    """The rows of a work list and their columns: the record's number, owner, key, name, and of a campaign that was
    begun how it stands and which fields are left. `owner` is the field that says whose the records are."""

    table: Table
    owner: str | None
    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def work_on(store: Store, campaign: Campaign, *, owner: str | None = None, only_open: bool = False) -> Work:
    """The work list of a campaign by owner and number; only that of one owner, only what is left."""
    table, names = campaign.table, _names(campaign.table)
    rows = _rows(store, campaign, names, owner, only_open)
    columns = ("_id", "owner", *_columns(names), "standing", "left")
    return Work(table, campaign.owner.name if campaign.owner else None, columns, rows)


def to_begin(store: Store, request: StartRequest, today: date) -> Work:
    """The records that a campaign would ask about, by owner and number."""
    table, names = request.table, _names(request.table)
    owner = owner_field(table, request.owner)
    read = [*([owner.name] if owner else []), *names]
    which = condition(store, table, request.where, today)
    order = [(owner.name, False)] if owner else []
    found = records.select(store, table, read_for(store.schema, table, read), which, order)
    rows = (
        (record, *cells) if owner else (record, None, *cells)
        for record, *cells in shown(store.schema, table, read, found)
    )
    return Work(table, owner.name if owner else None, ("_id", "owner", *_columns(names)), rows)


def owners_of(work: Work) -> list[tuple[str, int]]:
    """How many records of a list are whose."""
    counts = Counter(row[1] for row in work.rows)
    return [(str(owner or "nobody"), counts[owner]) for owner in sorted(counts, key=lambda one: (one is None, one))]


def _names(table: Table) -> list[str]:
    return list(dict.fromkeys([*table.primary_key, *name_fields(table)]))


def _columns(names: Sequence[str]) -> list[str]:
    """The headers of fields, told apart from those of the list's own columns."""
    return [f"{name} (field)" if name in OWN else name for name in names]


def _rows(
    store: Store, campaign: Campaign, names: Sequence[str], owner: str | None, only_open: bool
) -> Iterator[tuple[Any, ...]]:
    with snapshot(store.reader):
        items = (
            item
            for item in kept.work_list(store, campaign)
            if (owner is None or (item.owner or "") == owner) and not (only_open and item.standing in DONE)
        )
        while batch := list(islice(items, AT_ONCE)):
            read = read_for(store.schema, campaign.table, names)
            found = records.select_any(store, campaign.table, read, keyed.numbered(item.record for item in batch))
            cells = {row[0]: row[1:] for row in shown(store.schema, campaign.table, names, found)}
            for item in batch:
                yield item.record, item.owner, *cells[item.record], item.standing, _left(campaign, item)


def _left(campaign: Campaign, item: kept.Item) -> str | None:
    if item.standing in DONE:
        return None
    done = {*map(int, item.which.split(","))} if item.which else set()
    return ", ".join(one.name for one in campaign.fields if one.id not in done)
