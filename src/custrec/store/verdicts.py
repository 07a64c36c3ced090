"""What people said of two records: that they are not the same. Read here; written as a plan writes any record.

A verdict names the records that a person meant. What holds for them holds for what they were merged into: two records
with the verdict may never become one, by whatever way (`contradicted`, asked by store.apply of every plan).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from custrec.model.decisions import DIFFERENT, VERDICTS
from custrec.model.plan import Op
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote


class Verdict(NamedTuple):
    """Two records that are not the same, by number as they were named, and what each is part of now; the verdict's own
    number, and the event that it came with."""

    one: int
    other: int
    now_one: int
    now_other: int
    number: int
    event: int


def standing_for(alias: str) -> str:
    """The SQL of the number of the record that a record stands for: itself, or the one it was merged into."""
    return f"iif({alias}._state < 0, -{alias}._state, {alias}._id)"


def verdicts(store: Store, table: Table, about: Iterable[int] | None = None) -> Iterator[Verdict]:
    """The verdicts on records of a table, or on those that are now among the records `about`, oldest first."""
    which, params = "TRUE", ()
    if about is not None:
        which = "a IN (SELECT value FROM json_each(?1)) AND b IN (SELECT value FROM json_each(?1))"
        params = (json.dumps(list(about)),)  # type: ignore[assignment]
    found = store.reader.execute(
        f"SELECT one, other, a, b, number, event FROM (SELECT v.one, v.other, {standing_for('x')} AS a, "
        f"{standing_for('y')} AS b, v._id AS number, v._event AS event {_said('main', table)}) "
        f"WHERE {which} ORDER BY number",
        params,
    )
    yield from map(Verdict._make, iter(found.fetchone, None))


def contradicted(db: sqlite3.Connection, table: Table) -> tuple[int, int] | None:
    """Two records of a table that are said to be different and are one all the same."""
    one = standing_for("x"), standing_for("y")
    found = db.execute(f"SELECT v.one, v.other {_said('main', table)} AND {one[0]} = {one[1]} LIMIT 1").fetchone()
    return (int(found[0]), int(found[1])) if found else None


def _said(schema: str, table: Table) -> str:
    live = f"{schema}.{quote(table.name)}"
    return (
        f"FROM {schema}.{quote(VERDICTS.name)} v JOIN {live} x ON x._id = v.one JOIN {live} y ON y._id = v.other "
        f"WHERE v.tbl = {table.id} AND v.says = '{DIFFERENT}'"
    )


def take_back(file: PlanFile, given: Iterable[Verdict]) -> int:
    """Put into a plan that verdicts are taken back; how many."""
    rows = [(seq, one.number, one.event) for seq, one in enumerate(given, 1)]
    file.connection.executemany(f"INSERT INTO main.change_{VERDICTS.id} VALUES (?, {Op.DELETE:d}, ?, ?)", rows)
    return len(rows)
