"""Looking after a store: what is made anew, what is given back, and that it is whole wherever it is stopped."""

from __future__ import annotations

import contextlib
import random
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from custrec.errors import StoreBusy
from custrec.model.decisions import tables_of
from custrec.store import derived, inspection, upkeep
from custrec.store.upkeep import Caretaker
from shops import Shop, command, environment

MOMENTS = [0.4 + 0.15 * (n + random.Random(n).random()) for n in range(4)]
"""Shares of the whole duration; before them Python starts."""
BY = Caretaker("tester", "maintain", 1)


def indexes(shop: Shop) -> list[tuple[str, str]]:
    own = "tbl_name NOT LIKE '%migrations' AND sql <> ''"
    listed = f"SELECT name, sql FROM sqlite_schema WHERE type <> 'table' AND {own}"
    return [(str(name), str(sql)) for name, sql in sorted(shop.rows(listed))]


def test_a_new_store_is_as_its_schema_makes_it(shop: Shop) -> None:
    with shop.session() as session:
        found = inspection.differences(session.store.reader, session.store.schema)
    assert (found.tables, found.rebuildable, found.foreign) == ([], [], [])


def test_so_it_is_after_an_import_and_after_upkeep(shop: Shop) -> None:
    shop.import_csv("no,name\n" + "".join(f"C{n},Ann Lee\n" for n in range(2_000)))
    upkeep.renew_statistics(shop.path, BY)
    upkeep.vacuum(shop.path, BY, shop.path)
    test_a_new_store_is_as_its_schema_makes_it(shop)


def test_everything_but_tables_is_made_anew(shop: Shop) -> None:
    shop.import_csv("no,name\nC1,Ann Lee\n")
    before = indexes(shop)
    shop.tamper(
        *(f'DROP INDEX "{name}"' for name, sql in before if sql.startswith(("CREATE INDEX", "CREATE UNIQUE"))),
        'DROP VIEW "customers_live"',
        'CREATE VIEW "customers_live" AS SELECT 1 AS one',
    )
    assert indexes(shop) != before
    done = upkeep.restore_layout(shop.path, shop.schema, BY)
    assert indexes(shop) == before
    assert {name for _, name in done.made} == {name for name, _ in before} - {"notes_live"}
    assert done.impossible == ()
    assert shop.faults() == []
    with (
        pytest.raises(sqlite3.IntegrityError, match="written by custrec alone"),
        contextlib.closing(sqlite3.connect(shop.path)) as other,
    ):
        other.execute("DELETE FROM customers")


def test_an_index_over_values_that_stand_twice_is_named_and_the_rest_is_made(shop: Shop) -> None:
    shop.import_csv("no,name\nC1,Ann Lee\nC2,Bo Diaz\n")
    shop.tamper('DROP INDEX "_key_1"', "UPDATE customers SET no = 'C1'")
    done = upkeep.restore_layout(shop.path, shop.schema, BY)
    assert done.impossible == (("index", "_key_1"),)
    guarded = len(tables_of(shop.schema)) + len(("_event", "_change"))
    assert len([kind for kind, _ in done.made if kind == "trigger"]) == 3 * guarded
    assert "_key_1" not in dict(indexes(shop))


def test_tables_of_others_are_told_and_stay(shop: Shop) -> None:
    shop.tamper(
        'CREATE TABLE "我的" (a)',
        "CREATE TRIGGER evil AFTER INSERT ON notes BEGIN SELECT 1; END",
        "ALTER TABLE notes ADD COLUMN more TEXT",
    )
    with shop.session() as session:
        found = inspection.differences(session.store.reader, session.store.schema)
    assert found.foreign == [("table", "我的"), ("trigger", "evil")]
    assert found.tables == ["notes"]
    upkeep.restore_layout(shop.path, shop.schema, BY)
    assert shop.rows('SELECT count(*) FROM "我的"') == [(0,)]


def test_a_damaged_index_can_be_made_anew(shop: Shop) -> None:
    shop.import_csv("no,name\n" + "".join(f"C{n},Ann Lee\n" for n in range(50)))
    with contextlib.closing(sqlite3.connect(shop.path)) as other:
        other.execute("PRAGMA writable_schema = ON")  # the index is filled from another column than it says
        before = other.execute("SELECT sql FROM sqlite_schema WHERE name = '_unique_1_4'").fetchone()[0]
        other.execute("DROP INDEX _unique_1_4")
        other.execute("CREATE INDEX _unique_1_4 ON customers (name)")
        other.execute("UPDATE sqlite_schema SET sql = ? WHERE name = '_unique_1_4'", (before,))
        other.commit()
    with shop.session() as session:
        assert inspection.integrity_faults(session.store, full=True)
    upkeep.restore_layout(shop.path, shop.schema, BY, ["_unique_1_4"])
    with shop.session() as session:
        assert inspection.integrity_faults(session.store, full=True) == []


def test_a_vacuum_gives_pages_back_and_changes_nothing(shop: Shop) -> None:
    shop.import_csv("no,name,city\n" + "".join(f"C{n},Ann Lee,{'York' * 50}\n" for n in range(3_000)))
    shop.undo()
    before, records = inspection.size_of(shop.path), shop.tables()
    upkeep.vacuum(shop.path, BY, shop.path)
    assert upkeep.write_back(shop.path)
    after = inspection.size_of(shop.path)
    assert (before.free > 100, after.free, after.wal) == (True, 0, 0)
    assert after.file < before.file
    assert shop.tables() == records
    assert shop.faults() == []
    assert not (shop.folder / "custrec.writer").exists()
    assert shop.redo().plan.counts.insert == 3_000


def test_merging_the_search_index_loses_nothing(shop: Shop) -> None:
    for n in range(3):
        shop.import_csv(f"no,name\nC1,Ann Lee{n}\nC2,张伟\n")
    upkeep.merge_search_index(shop.path, shop.schema, BY)
    with shop.session() as session:
        assert derived.is_current(session.store)
        assert derived.candidates(session.store, shop.schema.tables[0], '"lee2"') == [1]


@pytest.mark.parametrize("work", [upkeep.renew_statistics, lambda path, by: upkeep.vacuum(path, by, path)])
def test_a_store_that_is_written_is_waited_for(shop: Shop, work: object) -> None:
    assert callable(work)
    with contextlib.closing(sqlite3.connect(shop.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreBusy):
            work(shop.path, Caretaker("tester", "maintain", 0.3))
        assert 0.25 < time.monotonic() - began < 5
        other.execute("ROLLBACK")
    work(shop.path, BY)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shop, float]:
    """A store half of which are free pages, and the seconds that a VACUUM of it takes."""
    shop = Shop(tmp_path_factory.mktemp("large") / "shop")
    shop.import_csv("no,name\nC0,Ann Lee\n")
    filler = "x" * 180
    shop.import_csv("no,name,city\n" + "".join(f"N{n},Bo Diaz,{filler}{n}\n" for n in range(25_000)))
    shop.undo()
    other = shop.copy_to(tmp_path_factory.mktemp("timed") / "shop")
    began = time.monotonic()
    assert begin(other).wait(60) == 0
    return shop, time.monotonic() - began


def begin(shop: Shop) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command("maintain", "-q", "--vacuum", "--store", shop.path),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=shop.folder,
        env=environment(),
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["SIGKILL", "SIGTERM"])
@pytest.mark.parametrize("share", MOMENTS, ids="{:.2f}".format)
def test_stopped_at_any_moment_the_store_is_whole(
    large: tuple[Shop, float], tmp_path: Path, share: float, how: signal.Signals
) -> None:
    before, seconds = large
    shop = before.copy_to(tmp_path / "shop")
    process = begin(shop)
    time.sleep(seconds * share)
    process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGKILL if how == signal.SIGKILL else 128 + how, -how)
    assert b"Traceback" not in err
    with shop.session() as session:
        assert inspection.integrity_faults(session.store, full=True) == []
        found = inspection.differences(session.store.reader, session.store.schema)
        assert (found.tables, found.rebuildable, found.foreign) == ([], [], [])
    assert shop.tables() == before.tables()
    assert shop.import_csv("no,name\nC9,Cy Ito\n").event is not None
    assert begin(shop).wait(60) == 0
