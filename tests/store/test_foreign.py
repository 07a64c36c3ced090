"""store.foreign: tables of other programs' databases, as they lie there, and nothing is written beside them."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Shop
from custrec.errors import CustrecError, FileUnreadable, NotCsv
from custrec.store.foreign import ForeignDatabase, mended


def made(path: Path, *statements: str) -> Path:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


@contextlib.contextmanager
def foreign(path: Path) -> Iterator[ForeignDatabase]:
    database = ForeignDatabase(path, path.name)
    try:
        yield database
    finally:
        database.close()


def rows(path: Path, table: str = "t") -> list[Any]:
    with foreign(path) as database:
        found = [tuple(row) for row in database.rows(table)]
        assert database.count(table) == len(found)
        return found


def beside(path: Path) -> list[str]:
    return sorted(other.name for other in path.parent.iterdir())


def test_values_come_as_they_lie_there(tmp_path: Path) -> None:
    path = made(
        tmp_path / "a.db",
        "CREATE TABLE t (no TEXT, n, x REAL)",
        "INSERT INTO t VALUES ('00501', 7, 0.1), (NULL, x'ff', 9007199254740993), ('张', 'text', -1)",
    )
    assert rows(path) == [("00501", 7, 0.1), (None, b"\xff", 9007199254740992.0), ("张", "text", -1.0)]
    assert beside(path) == ["a.db"]


def test_records_are_in_the_order_of_their_key_else_of_their_rowids(tmp_path: Path) -> None:
    path = made(
        tmp_path / "a.db",
        "CREATE TABLE keyed (b, a, PRIMARY KEY (a, b))",
        "INSERT INTO keyed VALUES (1, 2), (2, 1), (1, 1)",
        "CREATE TABLE bare (a UNIQUE)",
        "INSERT INTO bare VALUES ('z'), ('a'), ('m')",
        "CREATE TABLE without (a PRIMARY KEY, b) WITHOUT ROWID",
        "INSERT INTO without VALUES ('z', 1), ('a', 2)",
        "CREATE VIEW shown AS SELECT a FROM bare ORDER BY a DESC",
    )
    assert rows(path, "keyed") == [(1, 1), (2, 1), (1, 2)]
    assert rows(path, "bare") == [("z",), ("a",), ("m",)], "not in the order of the index that has all of it"
    assert rows(path, "without") == [("a", 2), ("z", 1)]
    assert rows(path, "shown") == [("z",), ("m",), ("a",)]


def test_tables_and_views_are_listed_as_they_were_made(tmp_path: Path) -> None:
    odd = "we\"ird'#`] 表"
    path = made(
        tmp_path / "a.db",
        "CREATE TABLE zeta (a INTEGER PRIMARY KEY AUTOINCREMENT)",
        f'''CREATE TABLE "{odd.replace('"', '""')}" ("a""b", "select", "客户")''',
        f'''INSERT INTO "{odd.replace('"', '""')}" VALUES (1, 2, 3)''',
        "CREATE VIEW alpha AS SELECT 1 AS one",
        "CREATE INDEX by_a ON zeta (a)",
        "CREATE VIRTUAL TABLE words USING fts5(text)",
        "INSERT INTO words VALUES ('hello')",
    )
    with foreign(path) as database:
        assert database.tables() == ["zeta", odd, "alpha", "words"]
        assert database.columns(odd) == ['a"b', "select", "客户"]
        assert database.columns("words") == ["text"]
    assert rows(path, odd) == [(1, 2, 3)]
    assert rows(path, "words") == [("hello",)]


def test_generated_columns_are_columns(tmp_path: Path) -> None:
    path = made(
        tmp_path / "a.db",
        "CREATE TABLE t (a, twice AS (a * 2), b, kept AS (a || b) STORED)",
        "INSERT INTO t (a, b) VALUES (1, 'x')",
    )
    with foreign(path) as database:
        assert database.columns("t") == ["a", "twice", "b", "kept"]
    assert rows(path) == [(1, 2, "x", "1x")]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_the_encoding_of_a_database_makes_no_difference(tmp_path: Path, encoding: str) -> None:
    path = made(
        tmp_path / "a.db",
        f"PRAGMA encoding = '{encoding}'",
        'CREATE TABLE "客户" (no)',
        "INSERT INTO 客户 VALUES ('张')",
    )
    assert rows(path, "客户") == [("张",)]


def test_text_that_is_none_keeps_its_bytes(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db", "CREATE TABLE t (a)", "INSERT INTO t VALUES (CAST(x'61ff' AS TEXT))")
    assert rows(path) == [("a\udcff",)]


def test_a_broken_view_is_said_and_harms_no_other(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db", "CREATE TABLE t (a)", "CREATE VIEW lost AS SELECT * FROM t", "DROP TABLE t")
    with foreign(path) as database:
        assert database.tables() == ["lost"]
        with pytest.raises(FileUnreadable, match=r"a\.db"):
            database.columns("lost")


def test_a_store_of_custrec_is_to_be_exported(shop: Shop) -> None:
    with pytest.raises(NotCsv, match="a store of custrec"):
        ForeignDatabase(shop.path, "custrec.db")


KILLED = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
os._exit(0)
"""


def killed(path: Path, *statements: str) -> None:
    """A program writes, and ends without closing the database."""
    subprocess.run([sys.executable, "-c", KILLED, str(path), *statements], check=True)


def test_a_database_in_wal_mode_is_read_without_its_log(tmp_path: Path) -> None:
    path = made(
        tmp_path / "a.db", "PRAGMA journal_mode = WAL", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)"
    )  # whoever closes it last takes the log away
    assert beside(path) == ["a.db"]
    assert mended(path, tmp_path / "copy") == path
    assert rows(path) == [(1,)]
    assert beside(path) == ["a.db"]


def test_what_stands_only_in_the_log_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    killed(
        path,
        "PRAGMA journal_mode = WAL",
        "PRAGMA wal_autocheckpoint = 0",
        "CREATE TABLE t (a)",
        "INSERT INTO t VALUES (1)",
    )
    assert beside(path) == ["a.db", "a.db-shm", "a.db-wal"]
    assert rows(mended(path, tmp_path / "copy.source")) == [(1,)]
    (tmp_path / "a.db-shm").unlink()
    before = {other: (tmp_path / other).read_bytes() for other in beside(path)}
    copy = mended(path, tmp_path / "copy.source")
    assert copy == tmp_path / "copy.source"
    assert rows(copy) == [(1,)]
    assert beside(path) == [*before, "copy.source"]
    assert {other: (tmp_path / other).read_bytes() for other in before} == before


def test_a_transaction_that_was_never_finished_is_not_read(tmp_path: Path) -> None:
    path = made(tmp_path / "a.db", "CREATE TABLE t (a)", "INSERT INTO t SELECT value FROM json_each('[1,2,3]')")
    killed(
        path, "PRAGMA cache_size = 1", "BEGIN", "UPDATE t SET a = 0",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000) INSERT INTO t SELECT i FROM n",
    )  # fmt: skip
    assert beside(path) == ["a.db", "a.db-journal"]
    before = path.read_bytes()
    assert rows(mended(path, tmp_path / "copy.source")) == [(1,), (2,), (3,)]
    assert path.read_bytes() == before


def test_a_program_that_writes_is_read_along_with(tmp_path: Path) -> None:
    for mode in ("WAL", "DELETE"):
        path = made(tmp_path / f"{mode}.db", f"PRAGMA journal_mode = {mode}", "CREATE TABLE t (a)")
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("INSERT INTO t VALUES (1)")
            writer.execute("BEGIN")
            writer.execute("INSERT INTO t VALUES (2)")
            assert rows(mended(path, tmp_path / f"{mode}.source")) == [(1,)]
            writer.execute("COMMIT")
        assert rows(path) == [(1,), (2,)]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_damage_to_a_database_is_anything_but_an_error_of_custrec(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = made(
        tmp_path_factory.mktemp("damaged") / "a.db",
        "PRAGMA page_size = 512",
        "CREATE TABLE t (no TEXT PRIMARY KEY, name, twice AS (name || name)) WITHOUT ROWID",
        "INSERT INTO t VALUES ('C1', 'Ann'), ('C2', 'Bo')",
        "CREATE VIEW v AS SELECT * FROM t",
    )
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(16, len(raw)) | st.just(len(raw)))])
    try:
        with foreign(path) as database:
            for table in database.tables():
                database.columns(table)
                database.count(table)
                list(database.rows(table))
    except CustrecError:
        pass
    assert beside(path) == ["a.db"]
