"""store.leftovers: what killed processes left in the folder of plans, swept or taken up."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import Shop
from custrec.store.leftovers import PATIENCE, adopt, alive, mark, sweep
from custrec.store.plan_parts import PartWriter

ROW = [((1 << 24) + 1, 2, None, None, "C1")]
DONE = (0, b"digest", '{"rows": 1, "rejected": 0}')


@pytest.fixture
def folder(shop: Shop) -> Path:
    place = shop.folder / "custrec.plans"
    place.mkdir(exist_ok=True)
    return place


@pytest.fixture(scope="module")
def dead() -> int:
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def part(shop: Shop, path: Path, rows: int = 1) -> None:
    """A part with the rows of one chunk, of which its note says that there is one."""
    writer = PartWriter(path, shop.schema.tables[0], ["no"])
    writer.write(ROW[:rows], [], [], [], DONE)
    writer.close()


def left(shop: Shop, folder: Path, plan: str, dead: int, key: str = "key") -> None:
    """What an import leaves that was killed while it staged with two workers."""
    for name in (f"{plan}.db", f"{plan}.source", f"{plan}.{dead}.making"):
        (folder / name).touch()
    mark(folder / f"{plan}.db", key)
    for number in (0, 1):
        part(shop, folder / f"{plan}.{number}.part")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def age(marker: Path, seconds: float) -> None:
    os.utime(marker, (time.time() - seconds,) * 2)


def test_parts_wait_for_a_day_to_be_taken_up(shop: Shop, folder: Path, dead: int) -> None:
    left(shop, folder, "pold", dead)
    sweep(folder)
    assert names(folder) == ["pold.0.part", "pold.1.part", "pold.staging"]
    age(folder / "pold.staging", PATIENCE - 60)
    sweep(folder)
    assert names(folder) == ["pold.0.part", "pold.1.part", "pold.staging"]
    age(folder / "pold.staging", PATIENCE + 1)
    sweep(folder)
    assert names(folder) == []


def test_without_a_marker_nothing_waits(shop: Shop, folder: Path, dead: int) -> None:
    left(shop, folder, "pold", dead)
    (folder / "pold.staging").unlink()
    sweep(folder)
    assert names(folder) == []


def test_what_is_saved_or_being_made_is_left_alone(shop: Shop, folder: Path, dead: int) -> None:
    (folder / "psaved.db").touch()
    (folder / "psaved.sha256").touch()
    left(shop, folder, "pmade", os.getpid())
    age(folder / "pmade.staging", 2 * PATIENCE)
    (folder / "notes.txt").touch()
    before = names(folder)
    sweep(folder)
    assert adopt(folder / "pnew.db", "key") == []
    assert names(folder) == before


def test_parts_of_the_same_work_are_taken_up(shop: Shop, folder: Path, dead: int) -> None:
    left(shop, folder, "pother", dead, "other")
    left(shop, folder, "pold", dead)
    assert adopt(folder / "pnew.db", "key") == [folder / "pnew.0.part", folder / "pnew.1.part"]
    assert [name for name in names(folder) if not name.startswith("pother")] == ["pnew.0.part", "pnew.1.part"]
    assert adopt(folder / "plater.db", "nothing of the kind") == []


def test_a_damaged_part_is_not_taken_up(shop: Shop, folder: Path, dead: int) -> None:
    left(shop, folder, "pold", dead)
    whole = (folder / "pold.0.part").read_bytes()
    (folder / "pold.0.part").write_bytes(whole[: len(whole) // 2])
    (folder / "pold.2.part").write_bytes(b"")
    (folder / "pold.3.part").write_bytes(b"no database at all, but long enough to be read as one")
    assert adopt(folder / "pnew.db", "key") == [folder / "pnew.0.part"]
    assert names(folder) == ["pnew.0.part"]


def test_a_part_without_the_rows_that_it_says_is_not_taken_up(shop: Shop, folder: Path, dead: int) -> None:
    left(shop, folder, "pold", dead)
    (folder / "pold.0.part").unlink()
    part(shop, folder / "pold.0.part", rows=0)
    assert len(adopt(folder / "pnew.db", "key")) == 1


def test_the_journal_of_a_part_goes_with_it(shop: Shop, folder: Path, dead: int) -> None:
    """A transaction that was under way is rolled back; what is not taken up leaves no journal to its successor."""
    left(shop, folder, "pold", dead)
    connection = sqlite3.connect(folder / "pold.0.part", isolation_level=None)
    connection.execute("PRAGMA cache_size = 1")
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO rows (_line, no) VALUES (?, ?)", [(n, "x" * 500) for n in range(200)])
    journal, torn = (folder / "pold.0.part-journal").read_bytes(), (folder / "pold.0.part").read_bytes()
    connection.close()
    (folder / "pold.0.part").write_bytes(torn)
    (folder / "pold.0.part-journal").write_bytes(journal)
    (folder / "pold.1.part").write_bytes(b"damaged")
    (folder / "pold.1.part-journal").write_bytes(journal)
    assert adopt(folder / "pnew.db", "key") == [folder / "pnew.0.part"]
    assert names(folder) == ["pnew.0.part"]
    with sqlite3.connect(folder / "pnew.0.part") as found:
        assert found.execute("SELECT no FROM rows").fetchall() == [("C1",)]
    found.close()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux tells")
def test_a_process_that_ended_and_was_not_waited_for_is_not_alive() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert alive(process.pid)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays in the list of processes
    assert not alive(process.pid)
    process.communicate()
    assert not alive(process.pid)
