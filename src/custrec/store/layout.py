"""What lies in the store: custrec's own tables, a table per table of the schema, and the guards before them.

Everything is generated from the applied schema, and SQL identifiers are quoted in one function (store.quoting).
A live table has the columns `_id` (the record's id, never reused), `_event` (the last event that touched it),
`_state` (model.plan.State; of a record that was merged into
another one, minus that one's id) and one column a field; a field that refers to another table holds that record's id.

Guards are triggers that refuse every write. custrec drops them inside its own transaction and puts them back before
it commits, so that no other program changes a record by mistake, unjournalled; who drops them on purpose is found
by `history verify`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from custrec.model.decisions import tables_of
from custrec.model.plan import State
from custrec.model.schema import Field, Schema, Table
from custrec.store.quoting import quote

APPLICATION_ID = 0x43525243
"""`CRRC`, in the SQLite header."""
FORMAT = 2
"""The layout of custrec's own tables (`user_version` in the SQLite header)."""

OWN_TABLES = (
    """CREATE TABLE _meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE _schema (version INTEGER PRIMARY KEY, at TEXT NOT NULL, text TEXT NOT NULL) STRICT""",
    """CREATE TABLE _sequence (tbl INTEGER PRIMARY KEY, next INTEGER NOT NULL) STRICT""",
    """CREATE TABLE _event (
        id INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, verb TEXT NOT NULL, note TEXT NOT NULL,
        source TEXT, sha256 TEXT, plan TEXT NOT NULL UNIQUE, schema INTEGER NOT NULL, undoes INTEGER,
        detail TEXT NOT NULL, counts TEXT NOT NULL, changes INTEGER NOT NULL, digest BLOB NOT NULL) STRICT""",
    """CREATE TABLE _change (
        n INTEGER PRIMARY KEY, event INTEGER NOT NULL, tbl INTEGER NOT NULL, record INTEGER NOT NULL,
        op INTEGER NOT NULL, line INTEGER, diff TEXT, original TEXT, seal BLOB NOT NULL) STRICT""",
    """CREATE INDEX _change_record ON _change (record, tbl)""",
)

LOOKED_UP = frozenset({"phone", "email", "identifier"})
"""Kinds of values that people look records up by."""

GUARDED = ("_event", "_change")
"""Own tables that nobody may write outside a plan."""


def live_columns(table: Table) -> list[str]:
    """The field columns of a table, in schema order (without `_id`, `_event`, `_state`)."""
    return [field.name for field in table.fields]


def column_type(table: Table, field: Field) -> str:
    """The SQLite type of a field's column."""
    return "INTEGER" if field.name in table.references else field.column_type


def column(table: Table, field: Field) -> str:
    """The definition of a field's column."""
    reference = table.references.get(field.name)
    tail = f" REFERENCES {quote(reference.table)} (_id) DEFERRABLE INITIALLY DEFERRED" if reference else ""
    return f"{quote(field.name)} {column_type(table, field)}{tail}"


def create_table(table: Table) -> str:
    """The live table of a table of the schema."""
    columns = ["_id INTEGER PRIMARY KEY", "_event INTEGER NOT NULL", "_state INTEGER NOT NULL"]
    columns += [column(table, field) for field in table.fields]
    return f"CREATE TABLE {quote(table.name)} ({', '.join(columns)}) STRICT"


def indexes(table: Table) -> dict[str, str]:
    """The indexes of a live table, by name: the natural key, unique fields, references, what is looked up whole, and
    the records that are not active (few, as a rule: they are counted and listed without reading the others).

    They are named by ids, so that no two tables and fields make the same name.
    """
    made: dict[str, str] = {}

    def add(name: str, unique: str, fields: Sequence[str], where: str = "") -> None:
        columns = ", ".join(map(quote, fields))
        made[name] = f"CREATE {unique}INDEX {quote(name)} ON {quote(table.name)} ({columns}){where}"

    if table.primary_key:
        add(f"_key_{table.id}", "UNIQUE ", table.primary_key)
    for field in table.fields:
        if (field.name,) == table.primary_key:
            continue
        if field.unique:
            add(f"_unique_{table.id}_{field.id}", "UNIQUE ", [field.name])
        elif field.name in table.references:
            add(f"_reference_{table.id}_{field.id}", "", [field.name])
        elif field.kind in LOOKED_UP:
            add(f"_lookup_{table.id}_{field.id}", "", [field.name], f" WHERE {quote(field.name)} IS NOT NULL")
    add(f"_inactive_{table.id}", "", ["_state"], f" WHERE _state <> {State.ACTIVE:d}")
    return made


def guards(name: str) -> dict[str, str]:
    """The triggers that refuse writes to a table from outside custrec, by name."""
    refuse = (
        "custrec: this table is written by custrec alone, so that every change can be undone; use the custrec command"
    )
    return {
        f"_guard_{name}_{verb.lower()}": (
            f"CREATE TRIGGER {quote(f'_guard_{name}_{verb.lower()}')} BEFORE {verb} ON {quote(name)} "
            f"BEGIN SELECT RAISE(ABORT, '{refuse}'); END"
        )
        for verb in ("INSERT", "UPDATE", "DELETE")
    }


def view(table: Table, schema: Schema) -> str:
    """A plain view of the live records, with readable values, for any SQLite tool: `<table>_live`."""
    columns = ["t._id AS _id"]
    for field in table.fields:
        name = quote(field.name)
        reference = table.references.get(field.name)
        if reference:
            columns.append(
                f"(SELECT p.{quote(reference.target)} FROM {quote(reference.table)} p WHERE p._id = t.{name}) AS {name}"
            )
        else:
            columns.append(f"t.{name} AS {name}")
    return (
        f"CREATE VIEW {quote(view_name(table, schema))} AS SELECT {', '.join(columns)} "
        f"FROM {quote(table.name)} t WHERE t._state = {State.ACTIVE:d}"
    )


def view_name(table: Table, schema: Schema) -> str:
    """`<table>_live`, with underscores added until no table has that name."""
    name = f"{table.name}_live"
    while name.lower() in {t.name.lower() for t in schema.tables}:
        name += "_"
    return name


def statements_of(table: Table) -> Iterator[str]:
    """A table, its indexes and its guards."""
    yield create_table(table)
    yield from indexes(table).values()
    yield from guards(table.name).values()


def statements(schema: Schema) -> Iterator[str]:
    """All that a schema needs in an empty store, and the tables of decisions, in order."""
    for table in tables_of(schema):
        yield from statements_of(table)
    for table in schema.tables:
        yield view(table, schema)
