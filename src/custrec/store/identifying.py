"""What people are known by, told from a schema: natural keys, unique fields, phones, e-mails, identifiers, names; and
all such values that records which are to be destroyed ever had, from the live rows and from the journal.

A reference is none: it is another record's number. Fields that the schema has no more count as they did.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from custrec.model.decisions import table_numbered
from custrec.model.plan import Op
from custrec.model.schema import Table
from custrec.store.canonical import joined
from custrec.store.layout import LOOKED_UP
from custrec.store.quoting import quote
from custrec.store.shapes import Shapes

BETWEEN = "char(31)"
"""What stands between the parts of a key of several fields, in SQL."""


@dataclass(frozen=True)
class Identifier:
    """Some fields (by id) that tell who a record is about. `sort` is as in model.ledger, without a version; `kind` is
    the kind of value where that has a version."""

    fields: tuple[int, ...]
    sort: str
    kind: str = ""

    def tag(self, versions: Mapping[str, int]) -> str:
        """The sort as the ledger names it."""
        return f"{self.sort}/{versions.get(self.kind, 1)}" if self.kind else self.sort


def identifiers(table: Table) -> list[Identifier]:
    """What the ledger keeps digests of."""
    found = []
    if table.primary_key and not set(table.primary_key) & set(table.references):
        ids = tuple(table.by_name[name].id for name in table.primary_key)
        found.append(Identifier(ids, f"key/{table.id}"))
    for field in table.fields:
        if field.name in table.references:
            continue
        if field.kind in LOOKED_UP:
            found.append(Identifier((field.id,), field.kind, field.kind))
        elif field.unique and (field.name,) != table.primary_key:
            found.append(Identifier((field.id,), f"unique/{table.id}.{field.id}"))
    return found


def telling_fields(table: Table) -> set[int]:
    """The fields (by id) by whose values a row in a list is told to be about somebody."""
    names = {"person_name"} if any(f.kind == "person_name" for f in table.fields) else {"org_name"}
    return {
        f.id
        for f in table.fields
        if f.name not in table.references
        and (f.kind in LOOKED_UP or f.kind in names or f.unique or f.name in table.primary_key)
    }


class Values:
    """The values that the records in temp.erased (tbl, record) hold, and ever held, of one table."""

    def __init__(self, db: sqlite3.Connection, shapes: Shapes, table: Table) -> None:
        self.db = db
        self.table = table
        former = [table_numbered(shapes.of(version), table.id) for version in range(1, shapes.newest + 1)]
        self.shapes = [one for one in former if one is not None]
        self.is_there = table_numbered(shapes.of(shapes.newest), table.id) is not None

    def identifiers(self) -> list[Identifier]:
        """What they are known by in any shape that the table had."""
        return list(dict.fromkeys(one for table in self.shapes for one in identifiers(table)))

    def telling(self) -> list[int]:
        """The telling fields in any shape that the table had."""
        return sorted(set().union(*map(telling_fields, self.shapes)))

    def names(self, fields: list[int]) -> set[str]:
        """What these fields were ever called."""
        return {table.by_id[number].name for table in self.shapes for number in fields if number in table.by_id}

    def sources(self, fields: tuple[int, ...]) -> Iterator[str]:
        """SELECTs of (record, value as text) of some fields, joined where they are several."""
        live = [self.table.by_id.get(number) if self.is_there else None for number in fields]
        own = [f"l.{quote(field.name)}" if field else "NULL" for field in live]
        rows = f"main.{quote(self.table.name)}" if self.is_there else "(SELECT NULL AS _id)"
        here = f"temp.erased e CROSS JOIN {rows} l ON l._id = e.record"
        if all(live):
            yield f"SELECT e.record AS record, {_together(own)} AS value FROM {here} WHERE e.tbl = {self.table.id}"
        change = (
            f"temp.erased e CROSS JOIN main._change c ON c.record = e.record AND c.tbl = {self.table.id} "
            f"LEFT JOIN {rows} l ON l._id = e.record"
        )
        for op, sides in ((Op.UPDATE, ("[0]", "[1]")), (Op.DELETE, ("",))):
            for side in sides:
                said = [f"json_extract(c.diff, '$.\"{number}\"{side}')" for number in fields]
                named = [f"json_type(c.diff, '$.\"{number}\"') IS NOT NULL" for number in fields]
                parts = (
                    [f"CASE WHEN {n} THEN {s} ELSE {o} END" for n, s, o in zip(named, said, own, strict=True)]
                    if op is Op.UPDATE and len(fields) > 1
                    else said
                )
                yield (
                    f"SELECT e.record AS record, {_together(parts)} AS value FROM {change} WHERE e.tbl = "
                    f"{self.table.id} AND c.op = {op:d} AND c.diff IS NOT NULL AND ({joined(named, 'OR')})"
                )

    def typed(self, fields: list[int]) -> str:
        """A SELECT of (record, value) of the texts of these fields that the journal kept as they were typed."""
        names = json.dumps(sorted(self.names(fields))).replace("'", "''")
        return (
            "SELECT e.record AS record, j.value AS value FROM temp.erased e CROSS JOIN main._change c "
            f"ON c.record = e.record AND c.tbl = {self.table.id}, json_each(c.original) j WHERE e.tbl = "
            f"{self.table.id} AND c.original IS NOT NULL AND j.key IN (SELECT value FROM json_each('{names}'))"
        )


def _together(parts: list[str]) -> str:
    """Values as one text; NULL where one of them is."""
    return joined([f"CAST({part} AS TEXT)" for part in parts], f"|| {BETWEEN} ||")
