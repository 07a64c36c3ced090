"""The guard of every plan: how many existing records one may change."""

from __future__ import annotations

from custrec.errors import TooManyChanges
from custrec.model.decisions import table_called
from custrec.model.plan import Plan
from custrec.model.settings import Limit
from custrec.store import records
from custrec.store.database import Store


def check_extent(store: Store, plan: Plan, limit: Limit, asked: int | None) -> None:
    """Raise TooManyChanges where a plan changes more existing records than the settings allow, or than was `asked` for
    this once. A plan that writes decisions besides says how many records of people's it has `touched`."""
    touched = plan.detail.get("touched", plan.counts.update + plan.counts.delete)
    if plan.exempt or not touched or (touched <= limit.rows and asked is None):
        return
    tables = [name for name in plan.tables if "touched" not in plan.detail or name in store.schema.by_name]
    total = sum(records.total(store, table_called(store.schema, name)) for name in tables)
    most = limit.of(total) if asked is None else asked
    if touched > most:
        raise TooManyChanges(verb=plan.verb, count=touched, total=total, table=", ".join(tables), limit=most)
