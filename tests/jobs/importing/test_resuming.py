"""An import that was killed while it staged a large file is taken up where it was: really killed, by SIGKILL."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from conftest import Shop
from shops import Done, command, environment

SCHEMA = """\
version: 1
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, type: string, constraints: {required: true}}
      - {name: visits, type: integer}
"""
ROWS = 120_000
SECONDS = 60

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes as POSIX does")


def lines(odd: str = "York") -> str:
    """A file of about 8 MB, four chunks; some rows are bad, one key stands twice."""
    rows = (
        f"C{n:07d},A Name Of Considerable Length For Workers {odd if n % 2 else 'York'},{n if n % 5000 else 'bad'}\n"
        for n in range(ROWS)
    )
    return "no,name,visits\n" + "".join(rows) + "C0000001,Another One,7\n"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("file") / "big.csv"
    path.write_text(lines(), encoding="utf-8")
    return path


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path / "shop", SCHEMA)


def start(shop: Shop, file: Path, *options: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command("import", file, "--store", shop.path, "--jobs", "2", *options),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=shop.folder,
        env=environment(),
    )


def run(shop: Shop, file: Path, *options: object) -> Done:
    process = start(shop, file, *options)
    out, err = process.communicate(timeout=SECONDS)
    return Done(process.returncode, out, err)


def chunks_staged(shop: Shop) -> int:
    count = 0
    for part in (shop.folder / "custrec.plans").glob("*.part"):
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(f"file:{part}?mode=ro", uri=True)) as one,
        ):
            count += one.execute("SELECT count(*) FROM done").fetchone()[0]
    return count


def kill_while_staging(shop: Shop, file: Path, *options: object) -> None:
    """Kill an import when at least two of its chunks are staged, and wait until its workers are gone, too."""
    process = start(shop, file, *options)
    deadline = time.monotonic() + SECONDS
    while chunks_staged(shop) < 2:
        assert process.poll() is None, "it has ended before it was killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=SECONDS)
    time.sleep(0.5)
    assert any(name.endswith(".staging") for name in shop.leftovers())


def history(shop: Shop) -> list[Any]:
    """All that an import leaves in the store but what is random (salts) or of the moment."""
    return [
        shop.tables(),
        shop.rows("SELECT event, tbl, record, op, line, diff, original FROM _change ORDER BY n"),
        shop.rows("SELECT id, verb, source, sha256, counts FROM _event ORDER BY id"),
        [path.read_bytes() for path in sorted((shop.folder / "custrec.rejects").glob("*.csv"))],
    ]


def test_it_is_taken_up_and_the_store_is_as_if_nothing_had_happened(file: Path, tmp_path: Path, shop: Shop) -> None:
    whole = Shop(tmp_path / "whole", SCHEMA)
    assert run(whole, file).code == 3
    kill_while_staging(shop, file)
    done = run(shop, file)
    assert done.code == 3, done.err
    assert "rows were staged by an import that was killed, and are taken up" in done.err
    assert history(shop) == history(whole)
    assert shop.leftovers() == []
    assert shop.faults() == []


def test_it_is_taken_up_by_fewer_and_by_more_workers_and_killed_again(file: Path, tmp_path: Path, shop: Shop) -> None:
    whole = Shop(tmp_path / "whole", SCHEMA)
    assert run(whole, file).code == 3
    kill_while_staging(shop, file, "--jobs", "3")
    kill_while_staging(shop, file, "--jobs", "1")
    done = run(shop, file, "--jobs", "4")
    assert "are taken up" in done.err
    assert history(shop) == history(whole)


def test_a_file_that_changed_in_between_is_noticed(file: Path, tmp_path: Path, shop: Shop) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text(lines(), encoding="utf-8")
    stat = mine.stat()
    kill_while_staging(shop, mine)
    mine.write_text(lines(odd="Oslo"), encoding="utf-8")
    os.utime(mine, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    done = run(shop, mine)
    assert done.code == 4
    assert "mine.csv changed while it was being read" in done.err
    assert shop.leftovers() == []
    assert shop.tables()["customers"] == []
    done = run(shop, mine)
    assert done.code == 3
    assert "are taken up" not in done.err
    assert shop.rows("SELECT count(*) FROM customers WHERE name LIKE '%Oslo'") == [(ROWS // 2 - 1,)]


def test_another_file_another_way_or_another_day_begins_anew(file: Path, tmp_path: Path, shop: Shop) -> None:
    kill_while_staging(shop, file)
    waiting = shop.leftovers()
    small = tmp_path / "small.csv"
    small.write_text("no,name\nZ1,Zoe\n", encoding="utf-8")
    assert run(shop, small).code == 0
    assert shop.leftovers() == [name for name in waiting if name.endswith((".part", ".part-journal", ".staging"))]
    done = run(shop, file, "--today", "2031-01-01", "-n")
    assert "are taken up" not in done.err
    assert shop.leftovers() == [name for name in waiting if name.endswith((".part", ".part-journal", ".staging"))]
    for marker in (shop.folder / "custrec.plans").glob("*.staging"):
        os.utime(marker, (0, 0))
    assert "are taken up" not in run(shop, file, "-n").err
    assert shop.leftovers() == []
