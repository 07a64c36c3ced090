"""Some fields of many records, a column a field, each value once: what compares records by the million is given this.

Reading only. A value is kept once however many records have it, and a record is four bytes a field, so that memory
grows with what differs.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.existence import any_row
from custrec.store.keyed import numbered
from custrec.store.quoting import quote
from custrec.store.records import readable
from custrec.store.states import in_state, is_merged

AT_ONCE = 20_000
BLANK = -1
COMPARED = (State.ACTIVE, State.ARCHIVED)
"""Records in these states are compared: those in the trash are not, nor those that are part of another one."""


@dataclass
class CodedColumn:
    """One field: its distinct values as they were met, and for each record which of them it has (`BLANK`: none)."""

    values: list[Any] = field(default_factory=list)
    codes: array[int] = field(default_factory=lambda: array("i"))


@dataclass
class CodedRecords:
    """The numbers of records, ascending, and their fields by name."""

    ids: array[int]
    columns: dict[str, CodedColumn]


def coded(
    store: Store,
    table: Table,
    fields: Sequence[str],
    only: Collection[int] | None = None,
    progress: Callable[[int], None] | None = None,
) -> CodedRecords:
    """The fields of all records that are compared, or of those `only` (whatever their state); values as stored, of a
    reference the parent's key. `progress` is told how many were read."""
    return encoded(batches(store, table, fields, only), fields, progress)


def encoded(
    batches: Iterable[list[tuple[Any, ...]]], fields: Sequence[str], progress: Callable[[int], None] | None = None
) -> CodedRecords:
    """Rows of (number, *values of the fields), by number, as columns."""
    ids = array("q")
    places = [_places() for _ in fields]
    codes = [array("i") for _ in fields]
    for rows in batches:
        number, *columns = zip(*rows, strict=True)
        ids.extend(number)
        for place, code, column in zip(places, codes, columns, strict=True):
            code.extend(map(place.__getitem__, column))
        if progress:
            progress(len(ids))
    columns_ = {}
    for name, place, code in zip(fields, places, codes, strict=True):
        del place[None]
        columns_[name] = CodedColumn(list(place), code)
    return CodedRecords(ids, columns_)


def _places() -> defaultdict[Any, int]:
    """The code of each value, given in the order in which values are met."""
    return defaultdict(count().__next__, {None: BLANK})


def batches(
    store: Store, table: Table, fields: Sequence[str], only: Collection[int] | None = None
) -> Iterator[list[tuple[Any, ...]]]:
    """Numbers and fields of all records that are compared, or of `only` some, by number."""
    columns = ", ".join(["t._id", *(readable(table, name) for name in fields)])
    states = ", ".join(f"{state:d}" for state in COMPARED)
    where, params = (f"t._state IN ({states})", ()) if only is None else numbered(sorted(only))
    cursor = store.reader.execute(f"SELECT {columns} FROM {quote(table.name)} t WHERE {where} ORDER BY t._id", params)
    yield from iter(lambda: cursor.fetchmany(AT_ONCE), [])


@dataclass(frozen=True)
class Sameness:
    """How many `records` are compared; which fields are `blank` in all of them, and which have one value in all."""

    records: int
    blank: list[str]
    alike: list[str]


def sameness(store: Store, table: Table, fields: Sequence[str]) -> Sameness:
    """In which fields the records that are compared do not differ."""
    columns = ", ".join(f"{readable(table, name)} AS f{at}" for at, name in enumerate(fields))
    asked = ", ".join(f"count(f{at}), min(f{at}) IS max(f{at})" for at in range(len(fields)))
    states = ", ".join(f"{state:d}" for state in COMPARED)
    rows = f"SELECT {columns} FROM {quote(table.name)} t WHERE t._state IN ({states})"
    records, *said = store.reader.execute(f"SELECT count(*), {asked} FROM ({rows})").fetchone()
    filled, one = dict(zip(fields, said[::2], strict=True)), dict(zip(fields, said[1::2], strict=True))
    alike = [name for name in fields if one[name] and filled[name] == records]
    return Sameness(records, [name for name in fields if not filled[name]], alike)


def merged(store: Store, table: Table) -> list[int]:
    """The records that are part of another one, by number."""
    # +_id: in that order by itself all records would be read, instead of the index of those that are not active.
    query = f"SELECT _id FROM {quote(table.name)} WHERE {is_merged()} ORDER BY +_id"
    return [record for (record,) in store.reader.execute(query)]


def archived(store: Store, table: Table, among: Collection[int]) -> list[int]:
    """Those of some records that are archived, by number."""
    where, params = numbered(among)
    query = f"SELECT t._id FROM {quote(table.name)} t WHERE {in_state(State.ARCHIVED, 't')} AND {where} ORDER BY +t._id"
    return [record for (record,) in store.reader.execute(query, tuple(params))]


def more_than(store: Store, table: Table, count: int) -> bool:
    """Whether there are more records than so many, whatever their state."""
    return any_row(store.reader, f"SELECT 1 FROM {quote(table.name)} LIMIT 1 OFFSET ?", (count,))


def compared(store: Store, table: Table, only: Collection[int]) -> set[int]:
    """Those of some records that are in a state in which they are compared."""
    where, params = numbered(only)
    states = ", ".join(f"{state:d}" for state in COMPARED)
    found = store.reader.execute(
        f"SELECT t._id FROM {quote(table.name)} t WHERE t._state IN ({states}) AND {where}", tuple(params)
    )
    return {record for (record,) in found}
