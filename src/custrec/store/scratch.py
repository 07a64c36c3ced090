"""A store in memory with the tables of a schema, to try policies on records that are nowhere. It has no history."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from custrec.model.decisions import HOLDS
from custrec.model.plan import State
from custrec.model.schema import Schema, Table
from custrec.store import fractions
from custrec.store.database import Store
from custrec.store.layout import create_table, indexes
from custrec.store.quoting import quote


class ScratchStore(Store):
    """Such a store; records are put in one by one."""

    def __init__(self, schema: Schema) -> None:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        fractions.register(connection)
        super().__init__(Path(":memory:"), connection)
        self.__dict__["applied"] = self.__dict__["schema"] = schema
        for table in (*schema.tables, HOLDS):
            connection.execute(create_table(table))
            for index in indexes(table).values():
                connection.execute(index)

    def put(self, table: Table, values: Mapping[str, Any], state: State = State.ACTIVE) -> int:
        """Put in a record of stored values, of a reference the parent's number; returns its number."""
        names = ["_event", "_state", *map(quote, values)]
        cursor = self.reader.execute(
            f"INSERT INTO {quote(table.name)} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            (1, int(state), *values.values()),
        )
        return int(cursor.lastrowid or 0)

    def hold(self, table: Table, record: int) -> None:
        """Hold a record."""
        self.put(HOLDS, {"tbl": table.id, "record": record, "reason": "case"})
