"""The rows of a plan that would become new records, read as columns before they are any: nothing is in the store yet.

While an import is compared (store.reconcile) they are the rows of its parts that no record meets and that nothing
refuses; of a plan that is made they are its inserts.
"""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.model.plan import Op
from custrec.model.schema import ForeignKey, Table
from custrec.store.canonical import same_key
from custrec.store.coded_columns import AT_ONCE, BLANK, CodedColumn, CodedRecords, encoded
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote


@dataclass(frozen=True)
class Newcomers:
    """Rows that would be new records of a table, in the order of the file. `sources` are the tables in which they lie,
    `which` tells them from other rows there, called `r`."""

    db: sqlite3.Connection
    table: Table
    sources: Sequence[str]
    which: str

    def coded(self, store: Store, fields: Sequence[str]) -> CodedRecords:
        """Some of their fields, as stored, of a reference the parent's key; the seq of each row stands for a number."""
        found = encoded(self.batches(fields), fields)
        for reference in self.table.foreign_keys:
            if reference.field in found.columns:
                found.columns[reference.field] = _with_keys(store, reference, found.columns[reference.field])
        return found

    def lines(self, seqs: Collection[int]) -> dict[int, int]:
        """The lines of the file in which rows begin, by seq."""
        return lines_of(self.db, self.sources, seqs)

    def batches(self, fields: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
        """Their seqs and some of their fields, as stored, in the order of the file."""
        columns = ", ".join(["r._seq", *(f"r.{quote(name)}" for name in fields)])
        every = " UNION ALL ".join(f"SELECT {columns} FROM {source} r WHERE {self.which}" for source in self.sources)
        cursor = self.db.execute(f"SELECT * FROM ({every}) ORDER BY 1")
        yield from iter(lambda: cursor.fetchmany(AT_ONCE), [])


def lines_of(db: sqlite3.Connection, sources: Sequence[str], seqs: Collection[int]) -> dict[int, int]:
    """The lines of the file in which rows of some tables begin, by seq; of many rows those of others, too."""
    found: dict[int, int] = {}
    some = len(seqs) <= AT_ONCE
    which = "_seq IN (SELECT value FROM json_each(?))" if some else "?"
    for source in sources:
        query = f"SELECT _seq, _line FROM {source} WHERE {which}"
        found.update(db.execute(query, (json.dumps(list(seqs)) if some else True,)).fetchall())
    return found


def staged(db: sqlite3.Connection, table: Table, parts: Sequence[str], live: str | None) -> Newcomers:
    """The rows of parts that are not in temp.dropped and that no record of `live` meets by its key (None: none can)."""
    which = "r._seq NOT IN (SELECT seq FROM temp.dropped)"
    if live is not None:
        which += f" AND NOT EXISTS (SELECT 1 FROM {live} l WHERE {same_key(table, 'l', 'r')})"
    return Newcomers(db, table, [f"{part}.rows" for part in parts], which)


def planned(file: PlanFile, table: Table) -> Newcomers:
    """The new records of a plan whose rows all lie in its own file."""
    which = f"r._seq IN (SELECT seq FROM main.change_{table.id} WHERE op = {Op.INSERT:d})"
    return Newcomers(file.connection, table, [f"main.rows_{table.id}"], which)


def _with_keys(store: Store, reference: ForeignKey, column: CodedColumn) -> CodedColumn:
    """A column of parents' numbers with their keys in place of these."""
    found = store.reader.execute(
        f"SELECT _id, {quote(reference.target)} FROM {quote(reference.table)} "
        "WHERE _id IN (SELECT value FROM json_each(?))",
        (json.dumps(column.values),),
    )
    keys = dict(found.fetchall())
    values = sorted({key for number in column.values if (key := keys.get(number)) is not None})
    place = {key: code for code, key in enumerate(values)}
    codes = [place.get(keys.get(number), BLANK) for number in column.values]
    codes.append(BLANK)
    return CodedColumn(values, array("i", map(codes.__getitem__, column.codes)))
