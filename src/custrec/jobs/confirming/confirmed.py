"""What is confirmed of one record, as it holds now: for whoever looks at it."""

from __future__ import annotations

from custrec.model.confirmations import Confirmation
from custrec.model.schema import Table
from custrec.store import journal
from custrec.store.campaigns import campaigns
from custrec.store.confirmations import Standing, standing
from custrec.store.database import Store


def confirmations_of(store: Store, table: Table, record: int) -> dict[str, Confirmation]:
    """The last confirmation of each value of a record that holds, by field."""
    last: dict[int, Standing] = {}
    for one in standing(store.reader, table, [record]):
        last.setdefault(one.field, one)
    if not last:
        return {}
    names = {one.number: one.name for one in campaigns(store)}
    events = journal.details(store, {one.event for one in last.values()})
    return {
        table.by_id[one.field].name: Confirmation(
            one.at, one.by, one.how, names.get(one.campaign), one.event, events[one.event][0].actor
        )
        for one in last.values()
    }
