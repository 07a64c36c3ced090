from __future__ import annotations

import sqlite3
from datetime import date

import pytest

from custrec.model.expression import Expression, Stored, bind, parse
from custrec.model.expression_parser import NESTING, PREDICATES, VALUES
from custrec.model.schema import Field, ForeignKey, Schema, Table
from custrec.store.where import compile_where, register_functions

TODAY = date(2026, 2, 28)
CUSTOMERS = Table("customers", fields=(Field("no"), Field("city")), primary_key=("no",))
VISITS = Table(
    "visits",
    fields=(
        Field("customer"),
        Field("city"),
        Field("met", kind="date"),
        Field("seen", kind="datetime"),
        Field("tags", kind="tags"),
    ),
    foreign_keys=(ForeignKey("customer", "customers", "no"),),
)
SCHEMA = Schema((CUSTOMERS, VISITS))


def as_written(_: Field, text: str) -> str:
    return text


@pytest.fixture
def store() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    register_functions(connection)
    connection.executescript("""
        CREATE TABLE customers (_id INTEGER PRIMARY KEY, "no" TEXT, city TEXT) STRICT;
        CREATE UNIQUE INDEX key_customers ON customers ("no");
        CREATE TABLE visits
            (_id INTEGER PRIMARY KEY, customer INTEGER, city TEXT, met TEXT, seen TEXT, tags TEXT) STRICT;
        CREATE INDEX by_customer ON visits (customer);
        CREATE INDEX by_city ON visits (city);
        CREATE INDEX by_met ON visits (met);
        CREATE INDEX by_seen ON visits (seen);
        INSERT INTO customers VALUES (10, 'C-1', 'a'), (11, 'C-2', 'b');
        INSERT INTO visits VALUES
            (1, 10, '深圳', '2024-08-28', '2024-05-01T00:00:00Z', 'VIP;华东'), (2, 11, 'SZ', NULL, NULL, 'VIP2'),
            (3, NULL, NULL, '2025-01-01', '2024-05-01T00:00:00.5Z', NULL);
    """)
    return connection


def bound(text: str, zone: str = "UTC") -> Expression:
    return bind(parse(text, VISITS, zone), as_written)


def compiled(text: str, zone: str = "UTC") -> tuple[str, list[Stored]]:
    return compile_where(bound(text, zone), VISITS, SCHEMA, TODAY)


def found(store: sqlite3.Connection, text: str) -> list[int]:
    where, values = compiled(text)
    return [n for (n,) in store.execute(f"SELECT t._id FROM visits t WHERE {where} ORDER BY 1", values)]


def plan(store: sqlite3.Connection, text: str, zone: str = "UTC") -> str:
    where, values = compiled(text, zone)
    return " | ".join(
        row[3] for row in store.execute(f"EXPLAIN QUERY PLAN SELECT * FROM visits t WHERE {where}", values)
    )


@pytest.mark.parametrize(
    ("text", "where", "values"),
    [
        ("city = a", '"t"."city" = ?', ["a"]),
        ("city != a", '("t"."city" = ?) IS NOT 1', ["a"]),
        ("age(met) > 18mo", '"t"."met" < ?', ["2024-08-28"]),
        ("met >= today - 1mo", '"t"."met" >= ?', ["2026-01-28"]),
        ("seen = 2024-05-01", '("t"."seen" >= ? AND "t"."seen" < ?)', ["2024-05-01T00:00:00", "2024-05-02T00:00:00"]),
        ("tags has VIP", "instr(';' || \"t\".\"tags\" || ';', ?) > 0", [";VIP;"]),
        ("not (city = a or tags is empty)", '(("t"."city" = ?) IS NOT 1 AND "t"."tags" IS NOT NULL)', ["a"]),
        (
            "customer = C1",
            '"t"."customer" IN (SELECT "_parent1"."_id" FROM "customers" AS "_parent1" WHERE "_parent1"."no" = ?)',
            ["C1"],
        ),
    ],
)
def test_an_expression_becomes_plain_sql_with_parameters(text: str, where: str, values: list[Stored]) -> None:
    assert compiled(text) == (where, values)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('customer = "C-1"', [1]),
        ('customer != "C-1"', [2, 3]),
        ('customer in ("C-2", "C-9")', [2]),
        ('customer starts with "c-"', [1, 2]),
        ("customer is empty", [3]),
        ("customer < city", [1, 2]),
        ("tags has VIP", [1]),
        ("not (tags has VIP)", [2, 3]),
        ("age(met) >= 18mo", [1]),
        ("not (age(met) >= 18mo)", [2, 3]),
        ("city contains sz", [2]),
        ('seen > "2024-05-01T00:00:00Z"', [3]),
        ('seen <= "2024-05-01T00:00:00Z"', [1]),
        ('seen < "2024-05-01T00:00:00.5Z"', [1]),
        ("_id > 1 and _id != 3", [2]),
    ],
)
def test_records_are_found(store: sqlite3.Connection, text: str, ids: list[int]) -> None:
    assert found(store, text) == ids


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("city = a", "by_city (city=?)"),
        ("city in (a, b) and met > 2024-01-01", "by_city (city=?)"),
        ('city starts with "深"', "by_city (city>? AND city<?)"),
        ("age(met) > 18mo", "by_met (met<?)"),
        ("met + 18mo >= 2024-05-01 and met + 18mo <= today", "by_met (met>? AND met<?)"),
        ("seen = 2024-05-01", "by_seen (seen>? AND seen<?)"),
        ("age(seen) > 3mo", "by_seen (seen<?)"),
        ("seen >= 2024-05-01T08:00:00Z", "by_seen (seen>?)"),
        ('customer = "C-1"', "by_customer (customer=?)"),
        ('customer = "C-1"', "key_customers (no=?)"),
        ("city = a or age(met) > 18mo", "MULTI-INDEX OR"),
        ("_id in (1, 2)", "INTEGER PRIMARY KEY"),
    ],
)
def test_an_index_is_used(store: sqlite3.Connection, text: str, index: str) -> None:
    assert index in plan(store, text, "Asia/Shanghai")


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE visits; --", '" OR 1=1 --', "x' OR 'a'='a", "\\", "?", "%", "1); DELETE FROM visits; --", "';--`"],
)
def test_sql_in_a_value_stays_a_value(store: sqlite3.Connection, text: str) -> None:
    quoted = '"' + text.replace('"', '""') + '"'
    tests = [
        f"{test} {quoted}" for test in ("city =", "city contains", "city starts with", "customer =", "lower(city) =")
    ]
    tests += [f"city in ({quoted})", f"tags has {quoted}" if ";" not in text else f"city != {quoted}"]
    for condition in tests:
        where, values = compiled(condition)
        assert text not in where or text == "?"
        assert found(store, condition) == ([1, 2, 3] if "!=" in condition else [])
        assert any(text.lower() in str(value).lower() for value in values)
    store.execute("UPDATE visits SET city = ? WHERE _id = 2", (text,))
    assert found(store, f"city = {quoted}") == [2]


def test_a_field_name_cannot_leave_its_quotes() -> None:
    odd = Table("odd", fields=(Field('x" = 1 OR "1'),))
    expression = bind(parse('`x" = 1 OR "1` = a', odd), as_written)
    where, _ = compile_where(expression, odd, Schema((odd,)), TODAY)
    assert where == '"t"."x"" = 1 OR ""1" = ?'


def test_the_largest_expressions_are_within_what_sqlite_takes(store: sqlite3.Connection) -> None:
    deep = 'customer starts with "é"'
    for n in range(NESTING):
        deep = f"not seen + 1d > met {'or' if n % 2 else 'and'} ({deep})"
    found(store, deep)
    deepest = "(met = 2024-01-01 or (met = 2024-01-02 and " * (NESTING // 2) + "seen > met" + "))" * (NESTING // 2)
    found(store, deepest)
    found(store, " or ".join(["seen = 2024-05-01"] * PREDICATES))
    found(store, " and ".join(["customer != x"] * PREDICATES))
    found(store, "city in (" + ", ".join(["x"] * VALUES) + ")")


def test_another_alias_is_used_throughout(store: sqlite3.Connection) -> None:
    where, values = compile_where(bound('customer < city and customer = "C-1"'), VISITS, SCHEMA, TODAY, alias="v w")
    assert store.execute(f'SELECT _id FROM visits "v w" WHERE {where}', values).fetchall() == [(1,)]


def test_references_that_lead_round_in_a_circle_are_a_mistake_of_the_schema() -> None:
    one = Table("one", fields=(Field("up"),), foreign_keys=(ForeignKey("up", "one", "up"),))
    expression = bind(parse("up = a", one), as_written)
    with pytest.raises(RuntimeError, match="circle"):
        compile_where(expression, one, Schema((one,)), TODAY)


def test_compiling_before_binding_is_a_mistake_of_the_program() -> None:
    with pytest.raises(RuntimeError, match="bound"):
        compile_where(parse("city = a", VISITS), VISITS, SCHEMA, TODAY)
