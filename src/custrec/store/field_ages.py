"""Of how many records a field holds a value, and of how many it was set of late, by the journal. Reading only.

Whoever set a value (an import, an edit, an undo that gave it back) touched it then.
"""

from __future__ import annotations

import json

from custrec.model.plan import Op, State
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.quoting import quote


def filled(store: Store, table: Table) -> dict[str, int]:
    """How many active records hold a value, by field."""
    names = [field.name for field in table.fields]
    counts = ", ".join(f"count({quote(name)})" for name in names)
    row = store.reader.execute(f"SELECT {counts} FROM {quote(table.name)} WHERE _state = {State.ACTIVE:d}").fetchone()
    return dict(zip(names, row, strict=True))


def set_since(store: Store, table: Table, day: str) -> dict[str, int]:
    """Of how many active records a value was set on a day (UTC) or later, by field: those that were made since, and
    those of which an older one was changed."""
    made, touched = {field.name: 0 for field in table.fields}, {field.name: 0 for field in table.fields}
    live = f"JOIN {quote(table.name)} t ON t._id = c.record AND t._state = {State.ACTIVE:d}"
    events = "(SELECT min(id) FROM _event WHERE at >= ?)"
    counts = ", ".join(f"count(t.{quote(name)})" for name in made)
    row = store.reader.execute(
        f"SELECT {counts} FROM _change c {live} WHERE c.tbl = ? AND c.op = {Op.INSERT:d} AND c.event >= {events}",
        (table.id, day),
    ).fetchone()
    made = dict(zip(made, row, strict=True))
    cursor = store.reader.execute(
        f"SELECT DISTINCT c.record, c.diff FROM _change c {live} WHERE c.tbl = ? AND c.op = {Op.UPDATE:d} "
        f"AND c.event >= {events} AND c.diff IS NOT NULL AND NOT EXISTS (SELECT 1 FROM _change i WHERE i.tbl = c.tbl "
        f"AND i.record = c.record AND i.op = {Op.INSERT:d} AND i.event >= {events})",
        (table.id, day, day),
    )
    seen: set[tuple[int, int]] = set()
    for record, diff in iter(cursor.fetchone, None):
        for key, (_, after) in json.loads(diff).items():
            if after is not None and (one := table.by_id.get(int(key))) and (record, one.id) not in seen:
                seen.add((record, one.id))
                touched[one.name] += 1
    return {name: made[name] + touched[name] for name in made}
