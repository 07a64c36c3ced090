"""The lists of rows that a plan leaves beside the store, named after the plan, and after its event once applied."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from custrec.model.plan import Plan
from custrec.store.place import ROW_LISTS, beside


def lists_named(store: Path, plan: Plan, name: str) -> Plan:
    """Rename the lists of rows of a plan after its event, or after its file where there is none, in our folders."""
    named = {what: str(list_.replace(list_.with_name(f"{name}.csv"))) for what, list_ in own_lists(store, plan)}
    return replace(plan, detail={**plan.detail, **named})


def own_lists(store: Path, plan: Plan) -> list[tuple[str, Path]]:
    """A plan's lists of rows in our own folders; those for which a person chose the place are not among them."""
    said = [(what, Path(plan.detail.get(what) or "")) for what in ROW_LISTS]
    return [(what, path) for what, path in said if path.parent == beside(store, what) and path.exists()]
