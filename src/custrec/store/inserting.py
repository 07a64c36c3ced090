"""New records that are put into a plan as they are: no part, no file, nothing to compare with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from custrec.model.plan import Op
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote


def insert(file: PlanFile, table: Table, first: int, rows: Iterable[Sequence[Any]]) -> None:
    """Add inserts of a table, whose ids begin at `first`: (original, *stored values in schema order) each."""
    names = ["_seq", "_original", *(quote(f.name) for f in table.fields)]
    db = file.connection
    db.execute("BEGIN")
    db.executemany(
        f"INSERT INTO main.rows_{table.id} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
        ((seq, *row) for seq, row in enumerate(rows)),
    )
    db.execute(
        f"INSERT INTO main.change_{table.id} SELECT _seq, {Op.INSERT:d}, _seq + ?, NULL FROM main.rows_{table.id}",
        (first,),
    )
    db.execute("COMMIT")


def made_by(store: Store, event: int, most: int) -> list[tuple[int, int]]:
    """The first records that an event made, as (table id, record)."""
    return store.reader.execute(
        "SELECT tbl, record FROM _change WHERE n > (SELECT coalesce(sum(changes), 0) FROM _event WHERE id < ?1) "
        f"AND event = ?1 AND op = {Op.INSERT:d} ORDER BY n LIMIT ?2",
        (event, most),
    ).fetchall()
