"""The two evaluators of the `where` language, and a third one that follows the definitions row by row, agree.

The worlds are real SQLite tables (STRICT) of every kind of field, with blanks, month ends, leap days, Han text, tags
that are parts of each other, negative and scaled numbers, awkward names, and references over one and two tables.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custrec.model.calendar import Duration
from custrec.model.expression import Stored, bind, parse, to_text
from custrec.rules.expression import evaluate
from custrec.store.quoting import quote
from custrec.store.where import compile_where, register_functions
from where_definition import Definition
from where_worlds import KEYS, ZONES, Row, World, normalise, world


def stored(world: World, rows: Sequence[Row]) -> sqlite3.Connection:
    """The rows in real tables; a reference holds the parent's id, the parent's key perhaps a grandparent's."""
    connection = sqlite3.connect(":memory:")
    register_functions(connection)
    chained = bool(world.schema.tables[1].foreign_keys)
    connection.execute('CREATE TABLE grand (_id INTEGER PRIMARY KEY, "no" TEXT) STRICT')
    connection.execute(
        f'CREATE TABLE "par""ent" (_id INTEGER PRIMARY KEY, "key" {"INTEGER" if chained else "TEXT"}) STRICT'
    )
    connection.executemany("INSERT INTO grand VALUES (?, ?)", [(n + 50, key) for n, key in enumerate(KEYS)])
    parents = [(n + 100, n + 50 if chained else key) for n, key in enumerate(KEYS)]
    connection.executemany('INSERT INTO "par""ent" VALUES (?, ?)', parents)
    columns = ", ".join(
        f"{quote(f.name)} {f.column_type if f.name not in world.table.references else 'INTEGER'}"
        for f in world.table.fields
    )
    connection.execute(f"CREATE TABLE main (_id INTEGER PRIMARY KEY, {columns}) STRICT")
    marks = ", ".join("?" * (len(world.table.fields) + 1))
    connection.executemany(
        f"INSERT INTO main VALUES ({marks})",
        [(n, *row[:-1], KEYS.index(str(row[-1])) + 100 if row[-1] else None) for n, row in enumerate(rows, 1)],
    )
    return connection


def check(world: World, rows: Sequence[Row], text: str, today: date, connection: sqlite3.Connection) -> None:
    read = parse(text, world.table, world.zone)
    assert parse(to_text(read), world.table, world.zone) == read
    expression = bind(read, lambda field, written: normalise(field, written, world.zone))
    names = [field.name for field in world.table.fields]
    columns: dict[str, Sequence[Stored]] = {name: [row[n] for row in rows] for n, name in enumerate(names)}
    columns["_id"] = list(range(1, len(rows) + 1))
    defined = [
        Definition({"_id": n, **dict(zip(names, row, strict=True))}, today).holds(expression)
        for n, row in enumerate(rows, 1)
    ]
    in_python = evaluate(expression, columns, len(rows), today)
    condition, values = compile_where(expression, world.table, world.schema, today)
    found = {n for (n,) in connection.execute(f"SELECT _id FROM main AS t WHERE {condition}", values)}
    assert in_python == defined
    assert [n in found for n in columns["_id"]] == defined


WORLDS = st.builds(world, st.sampled_from(ZONES), st.sampled_from([None, 0, 2, 3]), st.booleans(), st.booleans())
TODAYS = st.sampled_from(
    [date(2026, 2, 28), date(2026, 3, 1), date(2024, 2, 29), date(2025, 12, 31), date(2026, 8, 31)]
)


@settings(max_examples=1200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_sql_and_python_and_the_definitions_find_the_same_rows(data: st.DataObject) -> None:
    here = data.draw(WORLDS)
    rows = data.draw(here.rows)
    connection = stored(here, rows)
    today = data.draw(TODAYS)
    try:
        for text in data.draw(st.lists(here.conditions, min_size=3, max_size=3)):
            check(here, rows, text, today, connection)
    finally:
        connection.close()


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2030, 1, 1)), min_size=5, max_size=5),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    st.builds(Duration, st.integers(0, 400), st.integers(0, 400)),
    st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
)
def test_any_moment_and_day_agree(zone: str, moments: list[datetime], day: date, span: Duration, order: str) -> None:
    here = world(zone, None, False, False)
    near = [datetime(day.year, day.month, day.day) + timedelta(hours=h) for h in (-14, -12, -8, 0, 2, 3, 4, 10, 12)]
    names = [field.name for field in here.table.fields]
    rows = [
        tuple(
            m.strftime("%Y-%m-%dT%H:%M:%SZ") if name == "at" else m.date().isoformat() if name == "met" else None
            for name in names
        )
        for m in [*moments, *near]
    ]
    connection = stored(here, rows)
    for text in (
        f"at {order} {day}",
        f"age(at) {order} {span}",
        f"age(met) {order} {span}",
        f"at - {span} {order} met",
        f"met + {span} {order} {day}",
    ):
        check(here, rows, text, day, connection)
    connection.close()
