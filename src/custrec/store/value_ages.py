"""Which event set each value of many records, read from the journal in one pass, through undo and redo.

A value that an undo gave back has the age that it had before; one that a redo brought back, that of what was undone.
Who confirms a value says it anew: it is as young as its confirmation, as long as that holds (store.confirmations).
For one record with all that is known of it, see store.history_of.
"""

from __future__ import annotations

import json
import sqlite3
from itertools import groupby
from typing import Any

from custrec.model.plan import Op
from custrec.model.schema import Table
from custrec.store.canonical import readable_diff
from custrec.store.confirmations import standing


class ValueAges:
    """The ages of the values of the records in a table of a plan's connection, which sees the store.

    `chosen` names a table with a column `record`.
    """

    def __init__(self, db: sqlite3.Connection, table: Table, chosen: str) -> None:
        self._made: dict[int, int] = {}
        self._set: dict[tuple[int, int], int] = {}
        cursor = db.execute(
            f"SELECT c.record, c.event, c.op, {readable_diff('c')}, e.undoes FROM {chosen} j "
            "CROSS JOIN store._change c ON c.record = j.record AND c.tbl = ? "
            "JOIN store._event e ON e.id = c.event ORDER BY c.record, c.n",
            (table.id,),
        )
        for record, changes in groupby(iter(cursor.fetchone, None), key=lambda row: row[0]):
            self._read(record, list(changes))
        chosen_ = [record for (record,) in db.execute(f"SELECT record FROM {chosen}").fetchall()]
        self._confirmed = {
            (one.record, one.field): one.event
            for one in sorted(standing(db, table, chosen_, store="store", apart=True), key=lambda one: one.event)
        }
        self.sources = dict(db.execute("SELECT id, source FROM store._event").fetchall())

    def set_by(self, record: int, field: int) -> int:
        """The event that set a field (by its id) of a record."""
        return self._set.get((record, field)) or self._made.get(record, 0)

    def said_by(self, record: int, field: int) -> int:
        """The event that set the value of a field (by its id), or confirmed it since."""
        return max(self.set_by(record, field), self._confirmed.get((record, field), 0))

    def _read(self, record: int, changes: list[tuple[Any, ...]]) -> None:
        setters: dict[str, list[int]] = {}
        cut: dict[tuple[int, str], list[int]] = {}
        for _, event, op, diff, undoes in changes:
            if op != Op.UPDATE:
                self._made[record] = event if op == Op.INSERT and undoes is None else self._made.get(record, event)
                continue
            for key in json.loads(diff) if diff else ():
                told = setters.setdefault(key, [])
                if undoes is None:
                    told.append(event)
                elif undoes in told:
                    place = told.index(undoes)
                    cut[event, key] = told[place:]
                    del told[place:]
                else:
                    told += cut.pop((undoes, key), [event])
        self._set.update({(record, int(key)): told[-1] for key, told in setters.items() if told})
