"""Rows that are no records yet, a piece at a time: the numbers that they have under the keys of a model, and which of
the pairs that met are likely.

A piece of work is the same whoever does it, this process or one that helps (newcomers_worker), and what the pieces are
depends on the number of rows alone. Who helps reads the store a moment later: what somebody else changes in between it
may see, and what is destroyed is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from custrec.jobs.duplicates.comparing import Comparison, Read, comparison_of, read, together
from custrec.jobs.duplicates.finding_kept import keyring_of, short_numbers
from custrec.jobs.duplicates.joining import Weigher
from custrec.jobs.duplicates.odds import log_odds
from custrec.matching.columns import Array, Column
from custrec.matching.hashing import distinct
from custrec.matching.model import Model
from custrec.model.schema import Schema
from custrec.store.database import Store

ROWS, MOST = 5_000, 8
"""A piece has about so many rows, or more where there would be more pieces than this."""

Numbers = list[list[Array]]
"""The numbers of records under the keys of a model, a list a key: for each slot of the key, that of each record (its
last 32 bits; 0: none)."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of which the later is a row: its place; a record by number (`known`, else 0) or an earlier row by place
    (`earlier`, else -1)."""

    row: Array
    known: Array
    earlier: Array

    def __len__(self) -> int:
        return len(self.row)

    def some(self, which: Array) -> Pairs:
        """Some of them."""
        return Pairs(self.row[which], self.known[which], self.earlier[which])


@dataclass(frozen=True)
class Likely(Pairs):
    """Pairs that are likely, with their natural log odds."""

    odds: Array


def nothing() -> Likely:
    """No pairs."""
    none = np.empty(0, np.int64)
    return Likely(none, none, none, np.empty(0))


def all_of(pieces: Sequence[Likely]) -> Likely:
    """The pairs of pieces as those of one."""
    every = [nothing(), *pieces]
    return Likely(*(np.concatenate([getattr(piece, one.name) for piece in every]) for one in fields(Likely)))


Piece = range | Pairs
"""Rows by place, of which the numbers are wanted; or pairs, of which those that are likely."""


def bounds(rows: int) -> list[int]:
    """Where the pieces of so many rows begin, and the last one ends."""
    count = max(1, min(MOST, rows // ROWS))
    return [rows * piece // count for piece in range(count + 1)]


def pieces_of(pairs: Pairs, rows: int) -> Iterator[Pairs]:
    """Pairs in pieces, by their rows, of which there are so many."""
    edges = bounds(rows)
    piece = np.searchsorted(np.array(edges[1:]), pairs.row, side="right")
    for number in np.unique(piece):
        yield pairs.some(np.flatnonzero(piece == number))


def numbers_of(given: Read, model: Model) -> Numbers:
    """The numbers of records or rows."""
    return short_numbers(keyring_of(given, model), model)


def behind_one_another(pieces: Sequence[Numbers]) -> Numbers:
    """The numbers of pieces as those of one. Where a key has more slots in some, the others have none there."""
    found = []
    for at in range(len(pieces[0])):
        keys = [piece[at] for piece in pieces]
        blank = [np.zeros(len(slots[0]), np.uint32) for slots in keys]
        width = max(map(len, keys))
        found.append(
            [
                np.concatenate([slots[n] if n < len(slots) else none for slots, none in zip(keys, blank, strict=True)])
                for n in range(width)
            ]
        )
    return found


@dataclass(frozen=True)
class Assignment:
    """The rows of a table, and the model by which they are held against its records."""

    store: Path
    schema: Schema
    table: str
    model: Mapping[str, Any]
    ids: Array
    columns: Mapping[str, tuple[Sequence[Any], Array]]
    """Of each field that is read the values, and which of them each row has."""

    @classmethod
    def of(cls, store: Store, comparison: Comparison, rows: Read, model: Model) -> Assignment:
        """The assignment for some rows."""
        columns = {name: (column.values, column.codes) for name, column in rows.columns.items()}
        return cls(store.path, comparison.schema, comparison.table.name, model.document(), rows.ids, columns)


class PieceWork:
    """Does pieces of the work."""

    def __init__(self, store: Store, comparison: Comparison, rows: Read, model: Model) -> None:
        self._store, self._comparison, self._rows, self._model = store, comparison, rows, model

    @classmethod
    def assigned(cls, store: Store, given: Assignment) -> PieceWork:
        """Whoever does what is assigned, reading the store."""
        comparison = comparison_of(given.schema, given.schema.by_name[given.table])
        columns = {name: Column(name, comparison.kinds[name], *one) for name, one in given.columns.items()}
        return cls(store, comparison, Read(given.ids, columns), Model.of(given.model))

    def __call__(self, piece: Piece) -> Numbers | Likely:
        return self.likely(piece) if isinstance(piece, Pairs) else self.numbers(piece)

    def numbers(self, rows: range) -> Numbers:
        """The numbers of some rows."""
        some = self._rows if len(rows) == len(self._rows.ids) else self._rows.some(np.array(rows))
        return numbers_of(some, self._model)

    def likely(self, met: Pairs) -> Likely:
        """Those of the pairs that are likely; only the records and rows that met are looked at."""
        given = read(self._store, self._comparison, distinct(met.known[met.known > 0]).tolist())
        at = np.searchsorted(given.ids, met.known)
        there = (met.known == 0) | (np.append(given.ids, 0)[at] == met.known)  # and not destroyed in the meantime
        met, at = met.some(there), at[there]
        if not len(met):
            return nothing()
        rows = distinct(np.concatenate([met.row, met.earlier[met.earlier >= 0]]))
        first = len(given.ids)
        left = np.where(met.known > 0, at, np.searchsorted(rows, met.earlier) + first)
        right = np.searchsorted(rows, met.row) + first
        weigher = Weigher(self._comparison, together(given, self._rows.some(rows)), self._model)
        least = log_odds(self._comparison.review)
        found = weigher.allowed(left.astype(np.int32), right.astype(np.int32), least)
        return likely_of(given.ids, rows, found.left, found.right, found.odds)


def likely_of(known: Array, rows: Array, left: Array, right: Array, odds: Array) -> Likely:
    """Pairs by position, of some records, by `known` number, and behind them some rows, by place, as what they are."""
    first = len(known)
    one, two = left.astype(np.int64), right.astype(np.int64) - first
    of = np.append(known, 0)[np.minimum(one, first)]
    earlier = np.append(rows, -1)[np.where(one >= first, one - first, -1)]
    return Likely(rows[two], of, earlier, odds)
