"""What of a table is compared when duplicates are sought: the fields of its match section, or by their kinds; and how
stored records become what the matching engine takes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from custrec import __version__
from custrec.errors import NothingToCompare
from custrec.jobs.progress import Progress
from custrec.jobs.reading import value_type
from custrec.model.match import Match, match_of
from custrec.model.schema import Schema, Table
from custrec.model.schema_json import schema_to_dict
from custrec.store import coded_columns
from custrec.store.coded_columns import CodedRecords
from custrec.store.database import Store
from custrec.values.protocol import ValueType

if TYPE_CHECKING:
    from custrec.matching.columns import Array, Column

SHOWN_FROM = 0.05
"""Pairs of less probability are not kept."""
_LEAST, _MOST = 0.001, 1 - 1e-9


@dataclass(frozen=True)
class Comparison:
    """Which fields of a table are compared, and by what probabilities records are joined, and merged unasked."""

    schema: Schema
    table: Table
    match: Match
    fields: tuple[str, ...]

    @cached_property
    def kinds(self) -> dict[str, ValueType]:
        """The value type of each field that is read."""
        return {name: value_type(self.schema, self.table, self.table.by_name[name]) for name in self.read}

    @cached_property
    def read(self) -> tuple[str, ...]:
        """The fields that are read: those compared, and those that a veto names besides."""
        named = (name for veto in self.match.vetoes for name in (*veto.differ, *veto.agree))
        return tuple(dict.fromkeys([*self.fields, *named]))

    @property
    def review(self) -> float:
        """Records are shown as one from this probability on."""
        return min(max(self.match.review, _LEAST), _MOST)

    @property
    def keep(self) -> float:
        """Pairs are kept from this probability on."""
        return min(SHOWN_FROM, self.review)

    @property
    def basis(self) -> str:
        """What a search rests on, in short: where it is another one, the model is learned anew."""
        said = schema_to_dict(self.schema)
        (table,) = (one for one in said["tables"] if one["name"] == self.table.name)
        kept = [one for one in table["fields"] if one["name"] in self.read]
        vetoes = [veto.text for veto in self.match.vetoes]
        bounds = [self.review, self.match.budget]
        text = json.dumps([__version__, said.get("defaults"), kept, vetoes, bounds, self.fields], default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def comparison_of(schema: Schema, table: Table) -> Comparison:
    """What is compared in a table. Raises NothingToCompare."""
    match = match_of(table)
    fields = tuple(name for name in match.fields if name in table.by_name)
    if not fields:
        raise NothingToCompare(table=table.name)
    return Comparison(schema, table, match, fields)


@dataclass(frozen=True)
class Read:
    """Records as the engine takes them: numbers, ascending, and columns by name, a row a record."""

    ids: Array
    columns: Mapping[str, Column]

    def compared(self, names: Sequence[str]) -> list[Column]:
        """The columns of some fields."""
        return [self.columns[name] for name in names]

    def some(self, rows: Array) -> Read:
        """Some of the records, with no other values than theirs."""
        return Read(self.ids[rows], {name: _shortened(column, rows) for name, column in self.columns.items()})

    def each_once(self, names: Sequence[str]) -> Read:
        """Of the records that are the same in some fields only the first."""
        import numpy as np

        if not len(self.ids):
            return self
        held = np.stack([self.columns[name].codes for name in names])
        return self.some(np.sort(np.unique(held, axis=1, return_index=True)[1]))

    def rows_of(self, numbers: Any) -> Array:
        """The rows of records by their numbers; all must be there."""
        import numpy as np

        return np.searchsorted(self.ids, np.asarray(numbers, np.int64))


def read(
    store: Store, comparison: Comparison, only: Collection[int] | None = None, progress: Progress | None = None
) -> Read:
    """Read all records that are compared, or some."""

    def told(rows: int) -> None:
        if progress is not None:
            progress.rows = rows
            progress.phase("reading")

    return as_read(comparison, coded_columns.coded(store, comparison.table, comparison.read, only, told))


def parts_of_others(store: Store, comparison: Comparison, among: Collection[int] | None = None) -> Read:
    """The records that are part of another one, all or those `among` some.

    Copies of each other stand there once: that many were merged makes what they share no more common.
    """
    parts = coded_columns.merged(store, comparison.table)
    chosen = parts if among is None else sorted({*among}.intersection(parts))
    return read(store, comparison, chosen).each_once(comparison.fields)


def as_read(comparison: Comparison, found: CodedRecords) -> Read:
    """Coded records as the engine takes them."""
    import numpy as np

    from custrec.matching.columns import Column

    columns = {
        name: Column(name, comparison.kinds[name], one.values, np.array(one.codes, np.int32))
        for name, one in found.columns.items()
    }
    return Read(np.array(found.ids, np.int64), columns)


def together(one: Read, other: Read) -> Read:
    """Records behind one another: those of `other` are the last rows. Their numbers mean nothing any more."""
    import numpy as np

    from custrec.matching.columns import BLANK, Column

    columns = {}
    for name, column in one.columns.items():
        more = other.columns[name]
        values: list[Any] = list(dict.fromkeys([*column.values, *more.values]))
        place = {value: code for code, value in enumerate(values)}
        codes = [
            np.array([*map(place.__getitem__, some.values), BLANK], np.int32)[some.codes] for some in (column, more)
        ]
        columns[name] = Column(name, column.kind, values, np.concatenate(codes))
    return Read(np.arange(len(one.ids) + len(other.ids)), columns)


def _shortened(column: Column, rows: Array) -> Column:
    import numpy as np

    from custrec.matching.columns import BLANK, Column
    from custrec.matching.hashing import distinct

    codes = column.codes[rows]
    there = distinct(codes[codes >= 0])
    new = np.searchsorted(there, codes).astype(np.int32)
    values = [column.values[code] for code in there.tolist()]
    return Column(column.name, column.kind, values, np.where(codes >= 0, new, np.int32(BLANK)).astype(np.int32))
