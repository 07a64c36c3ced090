"""Decisions put into a plan: new ones, others in their place, and those that are taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

from custrec.model.plan import Op
from custrec.model.schema import Table
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote


class Known(NamedTuple):
    """A decision that is there: its number, and the event that it came with."""

    number: int
    event: int


def decide(
    file: PlanFile,
    table: Table,
    first: int,
    new: Sequence[Sequence[Any]] = (),
    changed: Sequence[tuple[Known, Sequence[Any]]] = (),
    taken_back: Iterable[Known] = (),
) -> None:
    """Put decisions into a plan: `new` ones (values in the order of the table's fields), whose numbers begin at
    `first`; `changed` ones with their new values; and those that are `taken_back`."""
    names = ["_seq", *(quote(field.name) for field in table.fields)]
    written = enumerate(chain(new, (values for _, values in changed)))
    db = file.connection
    db.execute("BEGIN")
    db.executemany(
        f"INSERT INTO main.rows_{table.id} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        ((seq, *values) for seq, values in written),
    )
    inserts = ((seq, Op.INSERT, first + seq, None) for seq in range(len(new)))
    updates = ((seq, Op.UPDATE, *known) for seq, (known, _) in enumerate(changed, len(new)))
    deletes = ((seq, Op.DELETE, *known) for seq, known in enumerate(taken_back, len(new) + len(changed)))
    for changes in (inserts, updates, deletes):
        db.executemany(f"INSERT INTO main.change_{table.id} VALUES (?, ?, ?, ?)", changes)
    db.execute("COMMIT")
