"""What people read: lists of records, one record whole. Values come out as people read them (values: show)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from custrec.errors import FieldUnknown, TableUnknown
from custrec.jobs.showing import Shown, may_be_shown_otherwise
from custrec.model.nearest import nearest
from custrec.model.plan import State
from custrec.model.schema import Field, Schema, Table
from custrec.store import records
from custrec.store.database import Store
from custrec.store.records import EVERYTHING, Condition
from custrec.values.cleaning import clean
from custrec.values.protocol import ValueType
from custrec.values.registry import for_field


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


def table_option(schema: Schema, name: str) -> str:
    """What a command is told for it to mean a table: " --table contacts"; nothing for the first, meant without."""
    return "" if name == schema.tables[0].name else f" --table {name}"


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
    return for_field(judged_as(schema, table, field), schema.defaults)


def judged_as(schema: Schema, table: Table, field: Field) -> Field:
    """The field whose values these are: a reference's are those of its parent's key; a key tells records apart as a
    unique field does, also where it is one of several."""
    reference = table.references.get(field.name)
    if reference:
        table = schema.by_name[reference.table]
        field = table.by_name[reference.target]
    return replace(field, unique=True) if field.name in table.primary_key and not field.unique else field


def listing(
    store: Store,
    table: Table,
    *,
    where: str | None,
    fields: Sequence[str],
    sort: Sequence[str],
    limit: int | None,
    today: date,
    truth: bool = False,
    state: State = State.ACTIVE,
) -> Listing:
    """Records of a state that meet a condition. `sort` are field names, with a leading `-` for descending; for `truth`
    see `shown`."""
    names = fields_named(table, fields)
    order = [(field_named(table, name.lstrip("-")).name, name.startswith("-")) for name in sort]
    read = read_for(store.schema, table, names)
    rows = records.select(store, table, read, condition(store, table, where, today), order, limit, state)
    return Listing(table, ("_id", *names), shown(store.schema, table, names, rows, truth))


def read_for(schema: Schema, table: Table, names: Sequence[str]) -> list[str]:
    """The fields to read so that some can be shown: those, and the currencies that their amounts are in."""
    besides = (one.beside for one in _showers(schema, table, names, truth=False).values() if one.beside)
    return list(dict.fromkeys([*names, *besides]))


def shown(
    schema: Schema, table: Table, names: Sequence[str], rows: Iterator[tuple[Any, ...]], truth: bool = False
) -> Iterator[tuple[Any, ...]]:
    """Stored rows as rows to print, the texts those of an export; `truth`: truth values as such, for JSON.

    Rows come as id and the fields that `read_for` says, and go as id and `names`. Raises CurrencyUnreadable.
    """
    places = {name: place for place, name in enumerate(read_for(schema, table, names), 1)}
    showers = [
        (places[name], one, places[one.beside] if one.beside else None)
        for name, one in _showers(schema, table, names, truth).items()
    ]
    for row in rows:
        cells = list(row)
        for place, one, beside in showers:
            cells[place] = one.cell(row[place], row[0], row[beside] if beside else None)
        yield tuple(cells[: 1 + len(names)])


def _showers(schema: Schema, table: Table, names: Sequence[str], truth: bool) -> dict[str, Shown]:
    """How fields are shown, of those whose values may be shown otherwise than they are stored."""
    fields = (table.by_name[name] for name in names)
    return {
        field.name: Shown(value_type(schema, table, field), table.name, truth)
        for field in fields
        if may_be_shown_otherwise(judged_as(schema, table, field))
    }


def total(store: Store, table: Table, where: str | None, today: date, state: State = State.ACTIVE) -> int:
    """How many records of a state meet a condition."""
    return records.count(store, table, condition(store, table, where, today), state)
