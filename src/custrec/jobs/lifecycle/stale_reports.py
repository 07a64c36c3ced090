"""How many records are stale, by whose they are, by how old they are, and by which of their fields nobody touched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from custrec.errors import NoPolicy, UsageError
from custrec.jobs.lifecycle.staleness import Staleness, judged
from custrec.jobs.reading import value_type
from custrec.model.calendar import Duration, add, period_text
from custrec.model.policy import owner_of
from custrec.model.schema import Table
from custrec.store import field_ages, keyed
from custrec.store.database import Store

OWNER, FIELD, AGE = "owner", "field", "age"
WAYS = (OWNER, FIELD, AGE)
BANDS = tuple(Duration(months=12 * years) for years in (1, 2, 3, 5, 10))
NOBODY = "(nobody)"


class Line(NamedTuple):
    """A value, how many records have it, and how many of these are stale (of a field: whose value is old)."""

    by: str
    value: str
    records: int
    stale: int


def report(store: Store, table: Table, ways: Sequence[str], today: date) -> list[Line]:
    """The lines of a report on the stale records of a table. Raises NoPolicy, UsageError."""
    if unknown := [way for way in ways if way not in WAYS]:
        raise UsageError(what=f"there is no report by {unknown[0]}", hint=f"it is one of {', '.join(WAYS)}")
    owner = owner_of(table)
    if OWNER in ways and owner is None:
        raise NoPolicy(section="owner", of=f" in {table.name}")
    found, values = judged(store, table, today, None, None, owner if OWNER in ways else None)
    lines: list[Line] = []
    for way in ways:
        if way == OWNER:
            lines += _by_owner(store, table, str(owner), values)
        elif way == AGE:
            lines += _by_age(found)
        else:
            lines += _by_field(store, table, found)
    return lines


def _by_owner(store: Store, table: Table, owner: str, values: dict[object, list[int]]) -> list[Line]:
    show = _shower(store, table, owner, [value for value in values if value is not None])
    lines = [
        Line(OWNER, NOBODY if value is None else show[value], records, stale)
        for value, (records, stale) in values.items()
    ]
    return sorted(lines, key=lambda line: (-line.stale, line.value))


def _shower(store: Store, table: Table, name: str, values: Sequence[object]) -> dict[object, str]:
    """Stored values as people read them; of a reference, which is stored as a number, the parent's key."""
    kind = value_type(store.schema, table, table.by_name[name])
    reference = table.references.get(name)
    if reference is None:
        return {value: str(kind.show(value)) for value in values}  # type: ignore[arg-type]
    parent = store.schema.by_name[reference.table]
    keys = keyed.values_of(store, parent, reference.target, [int(str(value)) for value in values])
    return {value: str(kind.show(keys[int(str(value))])) for value in values}


def _by_age(found: Staleness) -> list[Line]:
    """Records by how long ago their anchor lies."""
    edges = [add(found.today, -band).isoformat() for band in BANDS]
    names = [f"up to {period_text(BANDS[0])}"]
    names += [f"{period_text(low)} to {period_text(high)}" for low, high in pairwise(BANDS)]
    names.append(f"over {period_text(BANDS[-1])}")
    counts = dict.fromkeys(names, 0)
    for record in found.stale:
        band = sum(found.since[record] < edge for edge in edges)
        counts[names[band]] += 1
    fresh = found.total - len(found.stale) - len(found.undated)
    lines = [Line(AGE, name, count, count) for name, count in counts.items() if count]
    lines += [Line(AGE, "fresh or protected", fresh, 0)] if fresh else []
    return lines + ([Line(AGE, "no day to count from", len(found.undated), 0)] if found.undated else [])


def _by_field(store: Store, table: Table, found: Staleness) -> list[Line]:
    """For each field, how many records hold a value, and of how many it was set longer ago than the table allows."""
    edge = add(found.today, -found.rule.after)
    filled = field_ages.filled(store, table)
    fresh = field_ages.set_since(store, table, edge.isoformat())
    return [
        Line(FIELD, field.name, filled[field.name], max(0, filled[field.name] - fresh[field.name]))
        for field in table.fields
        if filled[field.name]
    ]
