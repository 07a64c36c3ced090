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

from custrec.model.calendar import Duration, first_reaching
from custrec.model.expression import Stored, bind, parse, to_text
from custrec.rules.expression import compiled
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
    in_python = compiled(expression, today)(columns, len(rows))
    condition, values = compile_where(expression, world.table, world.schema, today)
    found = {n for (n,) in connection.execute(f"SELECT _id FROM main AS t WHERE {condition}", values)}
    assert in_python == defined
    assert [n in found for n in columns["_id"]] == defined


WORLDS = st.builds(world, st.sampled_from(ZONES), st.sampled_from([None, 0, 2, 3]), st.booleans(), st.booleans())
TODAYS = st.sampled_from(
    [date(2026, 2, 28), date(2026, 3, 1), date(2024, 2, 29), date(2025, 12, 31), date(2026, 8, 31)]
)


@settings(max_examples=800, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_sql_and_python_and_the_definitions_find_the_same_rows(data: st.DataObject) -> None:
    here = data.draw(WORLDS)
    rows = data.draw(here.rows)
    connection = stored(here, rows)
    today = data.draw(TODAYS)
    try:
        for text in data.draw(st.lists(here.conditions, min_size=4, max_size=4)):
            check(here, rows, text, today, connection)
    finally:
        connection.close()


def rows_of(here: World, **columns: Sequence[Stored]) -> list[Row]:
    """Rows with values in some fields, the rest blank."""
    rows = range(len(next(iter(columns.values()))))
    return [tuple(columns[f.name][n] if f.name in columns else None for f in here.table.fields) for n in rows]


def check_all(here: World, rows: Sequence[Row], texts: Sequence[str], today: date) -> None:
    connection = stored(here, rows)
    for text in texts:
        check(here, rows, text, today, connection)
    connection.close()


ORDERS = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
CLOCK_CHANGES = st.sampled_from([date(2006, 10, 29), date(2011, 12, 30), date(2018, 11, 4), date(2024, 11, 3)])


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)) | CLOCK_CHANGES,
    st.builds(Duration, st.integers(0, 40), st.integers(0, 400)),
    ORDERS,
)
def test_days_and_moments_around_a_cutoff_agree(zone: str, day: date, span: Duration, order: str) -> None:
    here = world(zone, None, False, False)
    cutoff = first_reaching(day, span)
    assert cutoff is not None
    hours = [-26, -12, -8, 0, 2, 2.5, 2.75, 3, 3.5, 4, 10, 12, 24]
    moments = [datetime(d.year, d.month, d.day) + timedelta(hours=h) for d in (day, cutoff) for h in hours]
    days = [day, *(cutoff + timedelta(days=n) for n in range(-2, 5))]
    met = [days[n % len(days)].isoformat() for n in range(len(moments))]
    rows = rows_of(here, at=[m.strftime("%Y-%m-%dT%H:%M:%SZ") for m in moments], met=met)
    ages = f"age(at) {order} {span}", f"age(met) {order} {span}", f"at {order} {day}"
    check_all(here, rows, [*ages, f"at {order} met", f"at - {span} {order} met", f"met + {span} {order} {day}"], day)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([None, 0, 2, 3]), st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3)), ORDERS)
def test_numbers_of_any_scale_agree(decimals: int | None, numbers: list[int], order: str) -> None:
    here = world("UTC", decimals, False, False)
    unit = 10 ** (decimals or 0)
    pairs = [
        (n // unit if abs(n) > 3 else n, n if abs(n) > 3 else n * unit + near) for n in numbers for near in (-1, 0, 1)
    ]
    exact: list[Stored] = [float(scaled) if decimals is None else scaled for _, scaled in pairs]
    rows = rows_of(here, count=[whole for whole, _ in pairs], exact=exact, size=[whole / 2 for whole, _ in pairs])
    check_all(here, rows, [f"count {order} exact", f"exact {order} count", f"size {order} exact"], date(2026, 1, 1))


TRICKY = st.text(st.sampled_from("kK\u212aéÉßẞİiıσςΣ深圳%_'\"aZ\U0010ffff\ud7ff"), min_size=1, max_size=3)


@settings(max_examples=300, deadline=None)
@given(st.lists(TRICKY, min_size=1, max_size=8), TRICKY, ORDERS)
def test_text_of_any_case_agrees(texts: list[str], sought: str, order: str) -> None:
    here = world("UTC", None, False, False)
    rows = rows_of(here, name=texts, other=texts[::-1])
    word = '"' + sought.replace('"', '""') + '"'
    asked = [f"name {test} {word}" for test in ("contains", "starts with", order)]
    check_all(here, rows, [*asked, f"lower(name) {order} {word}", f"name {order} other"], date(2026, 1, 1))
