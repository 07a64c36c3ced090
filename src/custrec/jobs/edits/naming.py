"""Which records are meant: by natural key, or by number, as `custrec show` takes them.

    C0002            a key, sought in the table that was named; without one in all tables, and first in the first
    12               a number in the table (by default the first), where no key there is 12
    #12              the number, where no key there is #12
    contacts#12      a number in a table, as custrec itself writes it; refused where it is the key of another record

A record that was merged into another one means that one. What may mean several records is refused with all of them
named: nothing is changed by a guess. Whoever knows the number of a record does not make a text of it: `numbered`.
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
from custrec.model.schema import Schema, Table
from custrec.store import keyed, records
from custrec.store.database import Store
from custrec.values.cleaning import clean_column

MOST_NAMED = 10
"""So many records are named in a message."""
FEW = 20
"""Up to so many names are looked up one by one."""

_NUMBER = re.compile(r"#?(?P<number>[0-9]{1,18})", re.ASCII).fullmatch
_BARE = re.compile(r"[1-9][0-9]{0,17}", re.ASCII).fullmatch
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


def record_named(store: Store, table: Table | None, name: str, *, listed: bool = False) -> Named:
    """The record that a person means, of any state; `listed`: as a line of a list says it, where a bare number may as
    well be what `--format ids` wrote. Raises RecordUnknown, RecordAmbiguous."""
    return the_only(store, table or store.schema.tables[0], name, those_meant(store, table, name, listed=listed))


def those_meant(store: Store, table: Table | None, name: str, *, listed: bool = False) -> list[Named]:
    """All records that a name may mean: more than one is ambiguous. `listed` as in `record_named`."""
    first = table or store.schema.tables[0]
    others = [] if table else [other for other in store.schema.tables if other is not first]
    own, found = written_by_custrec(store.schema, table, name), _by_key(store, first, name)
    if found and not own and not (listed and _BARE(name)):
        return [found]
    candidates = [_by_number(store, *own) if own else None, found]
    if own or not found:
        candidates += [_by_key(store, other, name) for other in others]
    if number := _NUMBER(name):
        candidates.append(_by_number(store, first, int(number["number"])))
    return [one for one in candidates if one]


def the_only(store: Store, first: Table, name: str, candidates: Sequence[Named]) -> Named:
    """The one record that a name means. Raises RecordUnknown, RecordAmbiguous."""
    found: dict[tuple[str, int], Named] = {}
    for one in candidates:
        found.setdefault((one.table.name, one.record), one)
    if not found:
        raise RecordUnknown(table=first.name, name=name)
    several = tuple(found.values())
    if len(several) > 1:
        number = several[0].record
        hint = f"name it by its key, as #{number}, or with --where '_id = {number}'" if _ELSEWHERE(name) else None
        raise RecordAmbiguous(name=name, count=len(several), details=tuple(described(store, several)), hint=hint)
    return several[0]


def records_named(store: Store, table: Table | None, names: Sequence[str], *, listed: bool = False) -> list[Named]:
    """The records that several names mean, each once, in their order: also a hundred thousand of them. `listed` as in
    `record_named`. Raises RecordUnknown, RecordAmbiguous."""
    if len(names) <= FEW:
        found: Iterable[Named] = (record_named(store, table, name, listed=listed) for name in names)
    else:
        found = _many(store, table, names, listed)
    return list({(one.table.name, one.record): one for one in found}.values())


def numbered(store: Store, table: Table, numbers: Sequence[int]) -> list[Named]:
    """The records with these numbers, whatever keys there are. Raises RecordUnknown."""
    found = keyed.by_number(store, table, numbers)
    if lost := [number for number in numbers if number not in found]:
        raise RecordUnknown(table=table.name, name=f"#{lost[0]}")
    return [Named(table, *found[number]) for number in numbers]


def written_by_custrec(schema: Schema, table: Table | None, name: str) -> tuple[Table, int] | None:
    """The table and the number that a text says as custrec writes them, contacts#12; of one table, or of any."""
    found = _ELSEWHERE(name)
    meant = schema.by_name.get(found["table"]) if found else None
    if found is None or meant is None or (table is not None and meant.name != table.name):
        return None
    return meant, int(found["number"])


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
    """The stored values of a natural key as a person writes it, of a parent the number; nothing where it can be none of
    the table's."""
    parts = name.split("/") if len(table.primary_key) > 1 else [name]
    if len(parts) != len(table.primary_key):
        return []
    try:
        pairs = zip(table.primary_key, parts, strict=True)
        key = [(field, stored(store.schema, table, table.by_name[field], part)) for field, part in pairs]
    except ValueError:
        return []
    found = [_with_parents(store, table, field, [value])[0] for field, value in key]
    return [] if None in found else found


def _with_parents(
    store: Store, table: Table, field: str, values: Sequence[str | int | float | None]
) -> list[str | int | float | None]:
    """Values of a field of the key: of a reference the numbers of the parents that have them as keys, None for none."""
    reference = table.references.get(field)
    if reference is None:
        return list(values)
    parent = store.schema.by_name[reference.table]
    places = keyed.by_value(store, parent, reference.target, {value for value in values if value is not None})
    return [places[value].record if value in places else None for value in values]


def _by_key(store: Store, table: Table, name: str) -> Named | None:
    found = records.ids_by_key(store, table, key) if (key := key_named(store, table, name)) else []
    return _by_number(store, table, found[0]) if found else None


def _by_number(store: Store, table: Table, number: int) -> Named | None:
    place = keyed.by_number(store, table, [number]).get(number)
    return Named(table, *place) if place else None


def _many(store: Store, table: Table | None, names: Sequence[str], listed: bool) -> Iterator[Named]:
    """Names of records looked up together: those that custrec wrote in the tables that they name, the others in one."""
    own = {name: said for name in names if (said := written_by_custrec(store.schema, table, name))}
    rest = [name for name in names if name not in own]
    first = table or (record_named(store, None, rest[0], listed=listed).table if rest else store.schema.tables[0])
    others = [] if table else [other for other in store.schema.tables if other is not first]
    numbers = {name: (first, int(found["number"])) for name in rest if (found := _NUMBER(name))} | own
    there = _by_numbers(store, numbers.values())
    by_key = _by_keys(store, first, names)
    elsewhere = [_by_keys(store, other, list(own)) for other in others]
    for name in names:
        candidates = [by_key.get(name), *(keys.get(name) for keys in elsewhere)]
        if name in numbers and (name not in by_key or name in own or (listed and _BARE(name))):
            of, number = numbers[name]
            candidates.insert(0 if name in own else 1, there.get((of.name, number)))
        yield the_only(store, first, name, [one for one in candidates if one])


def _by_numbers(store: Store, wanted: Collection[tuple[Table, int]]) -> dict[tuple[str, int], Named]:
    """The records of these tables and numbers that there are."""
    tables = {of.name: of for of, _ in wanted}
    return {
        (name, number): Named(of, *place)
        for name, of in tables.items()
        for number, place in keyed.by_number(store, of, [n for other, n in wanted if other.name == name]).items()
    }


def _by_keys(store: Store, table: Table, names: Sequence[str]) -> dict[str, Named]:
    """The records of a table that have these keys, by name."""
    if len(table.primary_key) > 1:
        return {name: one for name in names if (one := _by_key(store, table, name))}
    keys = {name: key for name, key in zip(names, _keys(store, table, names), strict=True) if key is not None}
    places = keyed.by_value(store, table, table.primary_key[0], set(keys.values())) if keys else {}
    return {name: Named(table, *places[key]) for name, key in keys.items() if key in places}


def _keys(store: Store, table: Table, names: Sequence[str]) -> list[str | int | float | None]:
    """The stored form of each name as a key; None where it is none."""
    if not table.primary_key:
        return [None] * len(names)
    (field,) = table.primary_key
    kind = value_type(store.schema, table, table.by_name[field])
    cleaned = clean_column(list(names), frozenset())
    return _with_parents(store, table, field, kind.judge_column(cleaned).values)
