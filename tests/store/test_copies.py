"""store.copies and store.restoring: a copy is of one moment, and becomes a store that gives no id out twice."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import Shop
from custrec.errors import StoreBusy, StoreReplaced
from custrec.model.decisions import DECISIONS
from custrec.store.copies import COMPANIONS, copy_store, examine
from custrec.store.database import open_store
from custrec.store.restoring import exchange, second_names, settle_in
from custrec.store.writable import connect, transaction

ROWS = "no,name\n" + "".join(f"C{n},Ann {n}\n" for n in range(200))
WRITER = """
import sqlite3, sys, time
store = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30)
for name, in store.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
    store.execute(f'DROP TRIGGER "{name}"')
n = 0
print("ready", flush=True)
while True:
    n += 1
    store.execute("BEGIN IMMEDIATE")
    store.execute("UPDATE customers SET visits = ?", (n,))
    store.execute("UPDATE _meta SET value = ? WHERE key = 'made'", (str(n),))
    store.execute("COMMIT")
"""


def copied(shop: Shop, path: Path, **companions: bytes) -> Path:
    store = open_store(shop.path)
    try:
        copy_store(store, path, companions)
    finally:
        store.close()
    return path


def test_a_copy_is_of_one_moment_while_somebody_writes_all_the_while(shop: Shop, tmp_path: Path) -> None:
    shop.import_csv(ROWS)
    with sqlite3.connect(shop.path) as store:
        store.execute("INSERT OR REPLACE INTO _meta VALUES ('made', '0')")
    with subprocess.Popen([sys.executable, "-c", WRITER, shop.path], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            moments = set()
            for n in range(8):
                copy = sqlite3.connect(copied(shop, tmp_path / f"copy{n}"))
                visits = copy.execute("SELECT DISTINCT visits FROM customers").fetchall()
                (made,) = copy.execute("SELECT value FROM _meta WHERE key = 'made'").fetchone()
                assert visits == [(int(made),)] or (visits, made) == ([(None,)], "0")
                assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                copy.close()
                moments.add(made)
            assert len(moments) > 1, "nobody wrote meanwhile"
        finally:
            writer.kill()


def test_a_copy_is_one_file_with_what_travels_in_it(shop: Shop, tmp_path: Path) -> None:
    shop.import_csv(ROWS)
    path = copied(shop, tmp_path / "copy", note=b"\x00text")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith("copy")] == ["copy"]
    assert path.read_bytes()[18:20] == b"\x01\x01", "it is still in WAL mode"
    found = examine(path, deep=True)
    assert found == examine(path)
    assert (found.rows["customers"], found.rows[COMPANIONS], found.event) == (200, 1, 1)
    assert settle_in(path, {}) == {"note": b"\x00text"}
    assert COMPANIONS not in examine(path).rows


def test_a_restored_store_gives_out_no_id_that_is_known(shop: Shop, tmp_path: Path) -> None:
    shop.import_csv(ROWS)
    path = copied(shop, tmp_path / "copy")
    settle_in(path, {"1": 900, "2": 1})
    assert examine(path).next_ids == {"1": 900, "2": 1} | {str(table.id): 1 for table in DECISIONS}
    settle_in(path, {"1": 5})
    assert examine(path).next_ids["1"] == 900


@pytest.mark.parametrize("content", [b"", b"no database" * 100, b"SQLite format 3\x00" + bytes(4000)])
def test_what_is_no_store_is_known_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "it"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"it is no|its own tables"):
        examine(path)


def test_a_damaged_copy_is_noticed(shop: Shop, tmp_path: Path) -> None:
    shop.import_csv(ROWS)
    path = copied(shop, tmp_path / "copy")
    raw = bytearray(path.read_bytes())
    for page in range(2, len(raw) // 4096):
        raw[page * 4096 + 1] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=r"SQLite|tables"):
        examine(path)


def test_an_exchange_keeps_what_was_there(shop: Shop, tmp_path: Path) -> None:
    shop.import_csv(ROWS)
    path = copied(shop, tmp_path / "copy")
    settle_in(path, {})
    shop.import_csv("no,name\nX1,Late\n")
    aside = shop.path.with_name("aside.db")
    exchange(path, shop.path, aside, 1)
    assert shop.rows("SELECT count(*) FROM customers") == [(200,)]
    with sqlite3.connect(aside) as old:
        assert old.execute("SELECT count(*) FROM customers").fetchone() == (201,)
    assert not path.exists()
    assert list(second_names(shop.path)) == []
    assert shop.faults() == []


def test_a_store_that_somebody_has_open_is_not_exchanged(shop: Shop, tmp_path: Path) -> None:
    shop.import_csv(ROWS)
    path = copied(shop, tmp_path / "copy")
    settle_in(path, {})
    reader = open_store(shop.path)
    _ = reader.last_event
    before = time.monotonic()
    with pytest.raises(StoreBusy):
        exchange(path, shop.path, shop.path.with_name("aside.db"), 0.3)
    assert time.monotonic() - before < 5
    reader.close()
    assert path.exists()
    shop.import_csv("no,name\nX1,Late\n")
    exchange(path, shop.path, shop.path.with_name("aside.db"), 1)


def test_a_writer_that_had_opened_the_old_file_is_told(shop: Shop, tmp_path: Path) -> None:
    shop.import_csv(ROWS)
    path = copied(shop, tmp_path / "copy")
    settle_in(path, {})
    late = connect(shop.path, 1)
    path.replace(shop.path)  # as whoever restores a file by hand does
    with pytest.raises(StoreReplaced), transaction(late, shop.path, 1, "late", "edit"):
        raise AssertionError("it may not write")
    late.close()


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000])
def test_a_damaged_store_is_moved_aside_as_it_is(shop: Shop, tmp_path: Path, content: bytes) -> None:
    shop.import_csv(ROWS)
    path = copied(shop, tmp_path / "copy")
    settle_in(path, {})
    shop.path.write_bytes(content)
    aside = shop.path.with_name("aside.db")
    exchange(path, shop.path, aside, 1)
    assert aside.read_bytes() == content
    assert shop.rows("SELECT count(*) FROM customers") == [(200,)]


def test_a_second_name_of_the_store_is_found(shop: Shop) -> None:
    second = shop.path.with_name(f"{shop.path.name}.before-restore-20260601T000000Z")
    second.hardlink_to(shop.path)
    other = shop.path.with_name(f"{shop.path.name}.before-restore-20250601T000000Z")
    other.write_bytes(b"an older store")
    assert list(second_names(shop.path)) == [second]
