"""Which records are meant: by natural key, or by number, as `custrec show` takes them.

    C0002            a key, sought in the table that was named; without one in all tables, and first in the first
    12               a number in the table (by default the first), where no key there is 12
    #12              always the number
    contacts#12      a number in another table

A record that was merged into another one means that one. What may mean several records is refused with all of them
named: nothing is changed by a guess.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.errors import (
    RecordAmbiguous,
    RecordArchived,
    RecordInTrash,
    RecordRestricted,
    RecordUnknown,
    UsageError,
)
from custrec.jobs.name_halves import whole_name
from custrec.jobs.reading import read_for, shown, stored, value_type
from custrec.model.plan import State
from custrec.model.schema import Table
from custrec.store import keyed, records
from custrec.store.database import Store
from custrec.values.cleaning import clean_column

MOST_NAMED = 10
"""So many records are named in a message."""
FEW = 20
"""Up to so many names are looked up one by one."""

_NUMBER = re.compile(r"#?(?P<number>[0-9]{1,18})", re.ASCII).fullmatch
_ELSEWHERE = re.compile(r"(?P<table>.+)#(?P<number>[0-9]{1,18})", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class Named:
    """One record: its table, its number and its state; `via` is the number of the merged record that was named."""

    table: Table
    record: int
    state: State
    via: int | None = None

    @property
    def words(self) -> str:
        """As a person may name it."""
        return f"{self.table.name} #{self.record}"


def record_named(store: Store, table: Table | None, name: str) -> Named:
    """The record that a person means, of any state. Raises RecordUnknown, RecordAmbiguous."""
    first = table or store.schema.tables[0]
    if found := _by_key(store, first, name):
        return found
    others = [] if table else [other for other in store.schema.tables if other is not first]
    candidates = [one for other in others if (one := _by_key(store, other, name))]
    if not candidates and (elsewhere := _ELSEWHERE(name)):
        chosen = [one for one in (first, *others) if one.name == elsewhere["table"]]
        candidates += [one for other in chosen if (one := _by_number(store, other, int(elsewhere["number"])))]
    if (number := _NUMBER(name)) and (one := _by_number(store, first, int(number["number"]))):
        candidates.append(one)
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        raise RecordAmbiguous(name=name, count=len(candidates), details=tuple(described(store, candidates)))
    raise RecordUnknown(table=first.name, name=name)


def records_named(store: Store, table: Table | None, names: Sequence[str]) -> list[Named]:
    """The records that several names mean, each once, in their order: also a hundred thousand of them.

    Raises RecordUnknown, RecordAmbiguous; among many names a bare number that is one record's key and another's
    number is ambiguous, too.
    """
    if len(names) <= FEW:
        found: Iterable[Named] = (record_named(store, table, name) for name in names)
    else:
        found = _many(store, table or record_named(store, None, names[0]).table, names)
    return list({(one.table.name, one.record): one for one in found}.values())


def of_one_table(found: Sequence[Named]) -> Table:
    """The table that all records are of. Raises UsageError."""
    tables = list(dict.fromkeys(one.table.name for one in found))
    if len(tables) > 1:
        raise UsageError(what=f"these records are of several tables: {', '.join(tables)}", hint="name one with --table")
    return found[0].table


PLACES = {State.ARCHIVED: "archived", State.TRASHED: "in the trash", State.RESTRICTED: "restricted"}
"""Where a record is that was put aside, in words."""


def refuse_aside(found: Iterable[Named], but: Collection[State] = ()) -> None:
    """Raises RecordArchived, RecordInTrash or RecordRestricted where one of the records was put aside, `but` those in
    some states."""
    for one in found:
        if one.state in but:
            continue
        if one.state is State.ARCHIVED:
            raise RecordArchived(table=one.table.name, record=one.record)
        if one.state is State.TRASHED:
            raise RecordInTrash(table=one.table.name, record=one.record)
        if one.state is State.RESTRICTED:
            raise RecordRestricted(table=one.table.name, record=one.record)


def described(store: Store, found: Sequence[Named], by_name: bool = False) -> Iterator[str]:
    """A line for each of a few records: its number and key; with its name only for who looks at the record anyway,
    because errors end in logs."""
    for one in found[:MOST_NAMED]:
        names = list(dict.fromkeys([*one.table.primary_key, *(name_fields(one.table) if by_name else ())]))
        row = records.by_id(store, one.table, one.record, read_for(store.schema, one.table, names))
        assert row is not None  # found a moment ago
        cells = next(shown(store.schema, one.table, names, iter([row])))[1:]
        aside = (PLACES[one.state],) if one.state in PLACES else ()
        yield "  ".join([one.words, *(str(cell) for cell in cells if cell is not None), *aside])


def name_fields(table: Table) -> list[str]:
    """The field by which people call a record of a table, or the two that hold half its name each: the first of names,
    else the first marked for search; none where there is no such field."""
    names = whole_name([f for f in table.fields if f.kind in ("person_name", "org_name")])
    return [f.name for f in names or [f for f in table.fields if f.search][:1]]


def key_named(store: Store, table: Table, name: str) -> list[Any]:
    """The stored values of a natural key as a person writes it; nothing where it can be none of the table's."""
    parts = name.split("/") if len(table.primary_key) > 1 else [name]
    if len(parts) != len(table.primary_key):
        return []
    try:
        pairs = zip(table.primary_key, parts, strict=True)
        return [stored(store.schema, table, table.by_name[field], part) for field, part in pairs]
    except ValueError:
        return []


def _by_key(store: Store, table: Table, name: str) -> Named | None:
    found = records.ids_by_key(store, table, key) if (key := key_named(store, table, name)) else []
    return _by_number(store, table, found[0]) if found else None


def _by_number(store: Store, table: Table, number: int) -> Named | None:
    place = keyed.by_number(store, table, [number]).get(number)
    return Named(table, *place) if place else None


def _many(store: Store, table: Table, names: Sequence[str]) -> Iterator[Named]:
    """Names of records of one table, looked up together."""
    if len(table.primary_key) > 1:
        yield from (record_named(store, table, name) for name in names)
        return
    keys = _keys(store, table, names)
    numbers = [_number_in(table, name) for name in names]
    by_key = keyed.by_value(store, table, table.primary_key[0], {k for k in keys if k is not None}) if any(keys) else {}
    by_number = keyed.by_number(store, table, {n for n in numbers if n is not None})
    for name, key, number in zip(names, keys, numbers, strict=True):
        places = [] if key is None or key not in by_key else [by_key[key]]
        if "#" in name and places:  # a key that reads like the number of another one
            number = None
        if number is not None and number in by_number and by_number[number] not in places:
            places.append(by_number[number])
        if not places:
            raise RecordUnknown(table=table.name, name=name)
        found_ = [Named(table, *place) for place in places]
        if len(found_) > 1:
            raise RecordAmbiguous(name=name, count=len(found_), details=tuple(described(store, found_)))
        yield found_[0]


def _number_in(table: Table, name: str) -> int | None:
    """The number that a name is in a table: 12, #12 or contacts#12; None where it is none."""
    found = _NUMBER(name)
    if found is None and (elsewhere := _ELSEWHERE(name)) and elsewhere["table"] == table.name:
        found = elsewhere
    return int(found["number"]) if found else None


def _keys(store: Store, table: Table, names: Sequence[str]) -> list[str | int | float | None]:
    """The stored form of each name as a key; None where it is none."""
    if not table.primary_key:
        return [None] * len(names)
    kind = value_type(store.schema, table, table.by_name[table.primary_key[0]])
    texts = [None if name.startswith("#") else name for name in names]
    cleaned = clean_column([text or "" for text in texts], frozenset())
    return kind.judge_column(cleaned).values
