"""The rows of an import that would change records, read as columns before they do: what they bring that is not there.

They are shown while an import is compared (store.reconcile), and may yet be refused. Rows that would be new records are
store.newcomers'.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from custrec.model.schema import Table
from custrec.store.canonical import joined
from custrec.store.coded_columns import AT_ONCE
from custrec.store.newcomers import lines_of
from custrec.store.quoting import quote

Batch = list[tuple[int, int, *tuple[str | None, ...]]]
"""Of some rows: seq, record, and values as text."""


@dataclass(frozen=True)
class ChangingRows:
    """Rows of `parts` that meet a record of `live` by their key. An empty cell changes nothing; with `fill` a cell does
    so only where the record's is empty."""

    db: sqlite3.Connection
    table: Table
    parts: Sequence[str]
    live: str
    fill: bool

    def batches(self, fields: Sequence[str]) -> Iterator[Batch]:
        """Seq, record and what a row brings to some of its fields, as text: None where a field stays as it is. Rows
        that bring nothing to any are left out. In the order of the file."""
        news = [f"r.{n} IS NOT NULL AND {self._open(n)}" for n in map(quote, fields)]
        brought = [f"CASE WHEN {new} THEN CAST(r.{quote(n)} AS TEXT) END" for n, new in zip(fields, news, strict=True)]
        on = " AND ".join(f"l.{quote(name)} = r.{quote(name)}" for name in self.table.primary_key)
        every = " UNION ALL ".join(
            f"SELECT r._seq, l._id, {', '.join(brought)} FROM {part}.rows r JOIN {self.live} l ON {on} "
            f"WHERE r._seq NOT IN (SELECT seq FROM temp.dropped) AND ({joined([f'({new})' for new in news], 'OR')})"
            for part in self.parts
        )
        cursor = self.db.execute(f"SELECT * FROM ({every}) ORDER BY 1")
        yield from iter(lambda: cursor.fetchmany(AT_ONCE), [])

    def _open(self, column: str) -> str:
        return f"l.{column} IS NULL" if self.fill else f"r.{column} IS NOT l.{column}"

    def lines(self, seqs: Collection[int]) -> dict[int, int]:
        """The lines of the file in which rows begin, by seq."""
        return lines_of(self.db, [f"{part}.rows" for part in self.parts], seqs)
