"""What happens to a store when its writer is killed, interrupted, locked out or out of disk: all of a plan, or nothing.

Real processes, real signals, real limits. A file of 60,000 rows is imported over a store that has some of them, so that
inserts and updates are under way when the signal comes; the moments are random, but the same in every run.
"""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from shops import Done, RunCustrec, Shop, command, environment

ROWS = 60_000
KNOWN = 3_000
"""Rows that the store has already, half of them with another city."""
SCHEMA = """\
version: 1
tables:
  - name: customers
    primaryKey: [no]
    fields:
      - {name: no, type: string}
      - {name: name, type: string, constraints: {required: true}}
      - {name: code, type: string, constraints: {unique: true}}
      - {name: city, type: string}
      - {name: visits, type: integer}
"""
"""Texts and numbers only, which are judged in no time: the moments are to fall on the store's work."""
FILLING = "A Name Of Considerable Length For The Sake Of The Workers"
SECONDS = 60
"""No process here may take longer."""

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for surviving processes in /proc")


@dataclass(frozen=True)
class Big:
    """A store before and after the import of a big file, and how long that takes."""

    shop: Shop
    file: Path
    before: int
    after: int
    seconds: float


def rows(count: int, odd: str = "York") -> Iterator[str]:
    """A file of customers; `odd` is the city of every second one."""
    yield "no,name,code,city,visits\n"
    for n in range(count):
        yield f"C{n:07d},{FILLING},c{n},{odd if n % 2 else 'York'},{n % 90}\n"


def state(shop: Shop) -> int:
    """What the records are, as one number to compare."""
    return hash(tuple(map(tuple, shop.tables().values())))


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Big:
    folder = tmp_path_factory.mktemp("big")
    shop = Shop(folder / "before", SCHEMA)
    shop.import_csv("".join(rows(KNOWN, odd="Leeds")))
    file = folder / "big.csv"
    file.write_text("".join(rows(ROWS)), encoding="utf-8")
    assert file.stat().st_size > 4.5 * 2**20, "too small for workers"
    done = shop.copy_to(folder / "after")
    began = time.monotonic()
    assert start(done, file).wait(SECONDS) == 0
    return Big(shop, file, state(shop), state(done), time.monotonic() - began)


def start(shop: Shop, file: Path, *options: str, limit: int | None = None) -> subprocess.Popen[str]:
    """Begin to import a file, in a session of its own: all its processes can be found, and signalled at once."""

    def limited() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        command("import", file, "--store", shop.path, "--jobs", "2", "--max-change", "5000", *options),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=shop.folder,
        env=environment(),
        start_new_session=True,
        preexec_fn=limited,
    )


def finish(process: subprocess.Popen[str]) -> Done:
    out, err = process.communicate(timeout=SECONDS)
    return Done(process.returncode, out, err)


def processes_of(session: int) -> list[int]:
    """The living processes of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            status, _, _, owner = stat.read_text(encoding="utf-8").rpartition(")")[2].split()[:4]
            if int(owner) == session and status != "Z":
                found.append(int(stat.parent.name))
    return found


def no_process_survives(session: int) -> bool:
    deadline = time.monotonic() + 10
    while processes_of(session) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not processes_of(session)


def is_whole(big: Big, shop: Shop) -> bool:
    """The store is well; returns whether it holds the import. The next command finds nothing in its way."""
    assert shop.faults() == []
    found = state(shop)
    assert found in (big.before, big.after)
    report = shop.import_csv("no,name\nC-new,New One\n")
    assert report.event is not None
    left = shop.leftovers()
    assert all(name.endswith((".part", ".part-journal", ".staging")) for name in left)
    for marker in (shop.folder / "custrec.plans").glob("*.staging"):
        os.utime(marker, (0, 0))  # what was staged waits for a day to be taken up
    shop.import_csv("no,name\nC-new,Newer One\n")
    assert shop.leftovers() == []
    return found == big.after


def moments(count: int, seed: int) -> list[float]:
    """Shares of the whole duration, one in each of `count` equal parts."""
    chance = random.Random(seed)
    return [(n + chance.random()) / count for n in range(count)]


def until_it_began(shop: Shop) -> None:
    """Wait until the import has begun its plan: the command is up."""
    deadline = time.monotonic() + SECONDS
    while not any(name.endswith(".making") for name in shop.leftovers()):
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize("share", moments(16, seed=1), ids="{:.2f}".format)
def test_killed_at_any_moment_it_is_all_or_nothing(big: Big, tmp_path: Path, share: float) -> None:
    shop = big.shop.copy_to(tmp_path / "shop")
    process = start(shop, big.file)
    time.sleep(big.seconds * share * 1.05)
    process.kill()
    done = finish(process)
    assert done.code in (-signal.SIGKILL, 0)
    assert no_process_survives(process.pid)
    written = is_whole(big, shop)
    assert written or done.code == -signal.SIGKILL


@pytest.mark.parametrize("share", moments(5, seed=2), ids="{:.2f}".format)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_interrupted_it_says_so_in_one_line_and_has_written_nothing(
    big: Big, tmp_path: Path, share: float, number: signal.Signals
) -> None:
    shop = big.shop.copy_to(tmp_path / "shop")
    process = start(shop, big.file)
    until_it_began(shop)
    time.sleep(big.seconds * share * 0.8)
    # Ctrl-C reaches every process of the terminal's group, `kill` only the one it names.
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    done = finish(process)
    assert no_process_survives(process.pid)
    assert "Traceback" not in done.err
    if done.code == 0:  # it was about to end, or had written: then it says so as ever
        assert is_whole(big, shop)
        return
    assert done.code == 128 + number
    assert done.err.splitlines() == ["custrec: interrupted; nothing of what was in progress was written"]
    assert done.out == ""
    assert shop.leftovers() == []
    assert not is_whole(big, shop)


def test_a_reader_that_has_had_enough_is_no_error(big: Big, tmp_path: Path) -> None:
    for arguments in (("list", "--format", "csv"), ("list", "--format", "json"), ("list", "--all")):
        process = subprocess.Popen(
            command(*arguments, "--store", big.shop.path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=environment(),
        )
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(SECONDS) == 0
        assert process.stderr.read().decode().splitlines()[1:] == []
        process.stderr.close()


HOLD = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
store.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.read()
"""
HOLD_AS_CUSTREC = """
import sys
from pathlib import Path
from custrec.store.writable import connect, transaction
place = Path(sys.argv[1])
with transaction(connect(place, 1), place, 1, "zhang", "import"):
    print("locked", flush=True)
    sys.stdin.read()
"""


@contextlib.contextmanager
def locked(shop: Shop, program: str = HOLD) -> Iterator[int]:
    """Another process holds the write lock of a store."""
    with subprocess.Popen(
        [sys.executable, "-c", program, str(shop.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        try:
            yield holder.pid
        finally:
            holder.communicate(timeout=SECONDS)


@pytest.mark.parametrize("arguments", [("import", "file.csv"), ("undo",)], ids=" ".join)
def test_a_store_that_another_program_writes_is_waited_for_and_then_given_up(
    shop: Shop, run_custrec: RunCustrec, arguments: tuple[str, ...]
) -> None:
    shop.import_csv("no,name\nC1,Ann Lee\n")
    (shop.folder / "file.csv").write_text("no,name\nC2,Bo Diaz\n", encoding="utf-8")
    before = shop.digest()
    with locked(shop):
        began = time.monotonic()
        done = run_custrec(*arguments, "--store", shop.path, "--wait", "1", cwd=shop.folder)
        assert 0.9 < time.monotonic() - began < 20
    assert done.code == 6
    assert "custrec.db is being written by another program; waited 1 s" in done.err
    assert "--wait" in done.err
    assert shop.digest() == before
    assert shop.leftovers() == []


def test_who_holds_the_lock_is_named(shop: Shop, run_custrec: RunCustrec) -> None:
    file = shop.csv("no,name\nC1,Ann Lee\n")
    with locked(shop, HOLD_AS_CUSTREC) as holder:
        done = run_custrec("import", file, "--store", shop.path, "--wait", "0.2", cwd=shop.folder)
        assert run_custrec("list", "--store", shop.path).code == 0, "readers do not wait"
    assert done.code == 6
    assert f"being written by zhang (import, process {holder})" in done.err


def test_a_lock_that_is_let_go_in_time_was_only_a_delay(shop: Shop) -> None:
    with locked(shop):
        process = start(shop, shop.csv("no,name\nC1,Ann Lee\n"), "--wait", "30")
        until_it_began(shop)
        time.sleep(0.3)
        assert process.poll() is None
    assert finish(process).code == 0
    assert len(shop.tables()["customers"]) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_who_waits_for_a_lock_can_be_interrupted(shop: Shop, number: signal.Signals) -> None:
    with locked(shop):
        process = start(shop, shop.csv("no,name\nC1,Ann Lee\n"), "--wait", "50")
        until_it_began(shop)
        time.sleep(0.5)
        began = time.monotonic()
        process.send_signal(number)
        done = finish(process)
        assert time.monotonic() - began < 5
    assert done.code == 128 + number
    assert done.err.splitlines() == ["custrec: interrupted; nothing of what was in progress was written"]


def run_out_of_disk(shop: Shop, file: Path, limit: int, *options: str) -> Done:
    """Import with no file growing beyond `limit` bytes: the disk is full for whoever wants more."""
    process = start(shop, file, *options, limit=limit)
    done = finish(process)
    assert no_process_survives(process.pid)
    return done


def says_disk_full(done: Done) -> bool:
    assert "Traceback" not in done.err
    assert len(done.err.splitlines()) == 2, done.err
    first, second = done.err.splitlines()
    return first.startswith("custrec: ") and "nothing was changed" in second


@pytest.mark.parametrize("limit", [20, 60, 120, 250, 400, 550, 700, 3000], ids="{}k".format)
def test_a_disk_that_fills_up_changes_nothing_wherever_it_happens(tmp_path: Path, limit: int) -> None:
    shop = Shop(tmp_path / "shop", SCHEMA)
    shop.import_csv("no,name\nC0000001,Ann Lee\n")
    file = tmp_path / "file.csv"
    file.write_text("".join(rows(3000)) + "C1,,,,\n" * 500, encoding="utf-8")
    before = shop.digest()
    done = run_out_of_disk(shop, file, limit << 10)
    assert shop.faults() == []
    assert shop.leftovers() == []
    if done.code == 10:
        assert says_disk_full(done)
        assert shop.digest() == before
        assert list(shop.folder.glob("custrec.rejects/*")) == []
    else:
        assert done.code == 3, done.err
        assert limit >= 500
        assert len(shop.tables()["customers"]) == 3000


@pytest.mark.parametrize("limit", [256, 2048, 4096], ids="{}k".format)
def test_a_disk_that_fills_up_under_workers_changes_nothing(big: Big, tmp_path: Path, limit: int) -> None:
    shop = big.shop.copy_to(tmp_path / "shop")
    done = run_out_of_disk(shop, big.file, limit << 10)
    assert done.code == 10, done.err
    assert says_disk_full(done)
    assert shop.leftovers() == []
    assert not is_whole(big, shop)


def test_an_undo_on_a_full_disk_changes_nothing(big: Big, tmp_path: Path) -> None:
    shop = big.shop.copy_to(tmp_path / "shop")
    for limit in (16 << 10, 200 << 10):
        done = subprocess.run(
            command("undo", "1", "--store", shop.path),
            capture_output=True,
            encoding="utf-8",
            env=environment(),
            preexec_fn=limiting(limit),
            check=False,
        )
        assert done.returncode == 10, done.stderr
        assert state(shop) == big.before
        assert shop.leftovers() == []
    assert shop.faults() == []


def limiting(limit: int) -> Callable[[], Any]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
