"""What people read: lists of records, one record whole. Values come out as people read them (values: show)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from custrec.errors import CurrencyUnreadable, FieldUnknown, RecordUnknown, TableUnknown
from custrec.model.nearest import nearest
from custrec.model.plan import State
from custrec.model.schema import Field, Schema, Table
from custrec.store import records
from custrec.store.database import Store
from custrec.store.records import EVERYTHING, Condition
from custrec.values.cleaning import clean
from custrec.values.protocol import ValueType
from custrec.values.registry import for_field

SCALED = ("money", "number")
"""Kinds whose stored number is not the one that people read; the others need not be loaded to be shown."""


@dataclass(frozen=True)
class Listing:
    """Columns and rows to print; the record's id comes first."""

    table: Table
    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def table_named(schema: Schema, name: str | None) -> Table:
    """A table by its name, the first of the schema by default. Raises TableUnknown."""
    if name is None:
        return schema.tables[0]
    for table in schema.tables:
        if table.name.lower() == name.lower() or (table.title and table.title == name):
            return table
    near = nearest(name, schema.by_name)
    raise TableUnknown(table=name, hint=f"did you mean {near}?" if near else f"there are: {', '.join(schema.by_name)}")


def fields_named(table: Table, names: Sequence[str]) -> list[str]:
    """Field names as the schema writes them; by default all. Raises FieldUnknown with the nearest."""
    if not names:
        return [f.name for f in table.fields]
    return list(dict.fromkeys(field_named(table, name).name for name in names))


def field_named(table: Table, name: str) -> Field:
    """A field by its name, however cased. Raises FieldUnknown."""
    for field in table.fields:
        if field.name.lower() == name.strip().lower():
            return field
    near = nearest(name.strip(), table.by_name)
    raise FieldUnknown(field=name, table=table.name, hint=f"did you mean {near}?" if near else None)


def condition(store: Store, table: Table, where: str | None, today: date) -> Condition:
    """What `--where` means for a table. Raises ExpressionInvalid."""
    if where is None:
        return EVERYTHING
    from custrec.model.expression import bind, parse
    from custrec.store.where import compile_where, register_functions

    schema = store.schema
    register_functions(store.reader)
    expression = parse(where, table, schema.defaults.timezone)
    return compile_where(bind(expression, lambda f, text: stored(schema, table, f, text)), table, schema, today)


def stored(schema: Schema, table: Table, field: Field, text: str) -> str | int | float:
    """The stored form of a text someone typed for a field. ValueError where it has none."""
    cleaned = clean(text, frozenset())
    reading = value_type(schema, table, field).judge(cleaned) if cleaned else None
    if reading is None or reading.value is None:
        raise ValueError(reading.fault.message if reading and reading.fault else "the value is blank")
    return reading.value


def value_type(schema: Schema, table: Table, field: Field) -> ValueType:
    """The value type of a field; a reference is read and shown as its parent's key is."""
    reference = table.references.get(field.name)
    if reference:
        field = schema.by_name[reference.table].by_name[reference.target]
    return for_field(field, schema.defaults)


def listing(
    store: Store,
    table: Table,
    *,
    where: str | None,
    fields: Sequence[str],
    sort: Sequence[str],
    limit: int | None,
    today: date,
) -> Listing:
    """Active records that meet a condition. `sort` are field names, with a leading `-` for descending."""
    names = fields_named(table, fields)
    order = [(field_named(table, name.lstrip("-")).name, name.startswith("-")) for name in sort]
    read = read_for(store.schema, table, names)
    rows = records.select(store, table, read, condition(store, table, where, today), order, limit)
    return Listing(table, ("_id", *names), shown(store.schema, table, names, rows))


def read_for(schema: Schema, table: Table, names: Sequence[str]) -> list[str]:
    """The fields to read so that some can be shown: those, and the currencies that their amounts are in."""
    scaled = [table.by_name[name] for name in names if table.by_name[name].kind in SCALED]
    besides = [beside for field in scaled if (beside := value_type(schema, table, field).beside)]
    return list(dict.fromkeys([*names, *besides]))


def shown(
    schema: Schema, table: Table, names: Sequence[str], rows: Iterator[tuple[Any, ...]]
) -> Iterator[tuple[Any, ...]]:
    """Stored rows as rows to print: numbers and truth values as such, everything else as text.

    Rows come as id and the fields that `read_for` says, and go as id and `names`. Raises CurrencyUnreadable.
    """
    places = {name: place for place, name in enumerate(read_for(schema, table, names), 1)}
    converters: list[tuple[int, ValueType, int | None]] = []
    for name in names:
        if table.by_name[name].kind in SCALED:
            kind = value_type(schema, table, table.by_name[name])
            converters.append((places[name], kind, places.get(kind.beside) if kind.beside else None))
    booleans = [places[name] for name in names if table.by_name[name].kind == "boolean"]
    if not converters and not booleans:
        yield from rows
        return
    for row in rows:
        cells = list(row)
        for place, kind, beside in converters:
            if cells[place] is not None:
                try:
                    cells[place] = kind.show(cells[place], row[beside] if beside else None)
                except ValueError:
                    field = kind.field.name
                    raise CurrencyUnreadable(field=field, table=table.name, record=row[0], beside=kind.beside) from None
        for place in booleans:
            cells[place] = None if cells[place] is None else bool(cells[place])
        yield tuple(cells[: 1 + len(names)])


@dataclass(frozen=True)
class Whole:
    """One record: its table, id, state, values by field as people read them, and how many children refer to it."""

    table: Table
    record: int
    state: State
    values: dict[str, Any]
    children: dict[str, int]


def whole(store: Store, table: Table, name: str) -> Whole:
    """The record with this id or natural key, whatever its state. Raises RecordUnknown."""
    names = [f.name for f in table.fields]
    record = resolve(store, table, name)
    row = records.by_id(store, table, record, ["_state", *names])
    assert row is not None  # resolved a moment ago
    (cells,) = shown(store.schema, table, names, iter([(row[0], *row[2:])]))
    children = {child.name: number for child, number in records.children(store, table, record)}
    return Whole(table, record, State(row[1]), dict(zip(names, cells[1:], strict=True)), children)


def resolve(store: Store, table: Table, name: str) -> int:
    """The id of a record named by its natural key, or by its id (`#12`, or `12` where no key is `12`).

    Raises RecordUnknown.
    """
    if table.primary_key and not name.startswith("#"):
        parts = name.split("/") if len(table.primary_key) > 1 else [name]
        if len(parts) == len(table.primary_key):
            try:
                key = [
                    stored(store.schema, table, table.by_name[field], part)
                    for field, part in zip(table.primary_key, parts, strict=True)
                ]
            except ValueError:
                key = []
            if key and (found := records.ids_by_key(store, table, key)):
                return found[0]
    number = name.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 19 and records.by_id(store, table, int(number), []):
        return int(number)
    raise RecordUnknown(table=table.name, name=name)


def total(store: Store, table: Table, where: str | None, today: date) -> int:
    """How many active records meet a condition."""
    return records.count(store, table, condition(store, table, where, today))
