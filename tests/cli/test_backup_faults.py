"""Backups and restores that are killed, stopped, crowded out or out of disk: the final file is whole or absent, nothing
readable is left after the next run, and the live store is untouched. Real processes, signals, limits and disks.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from terminal import Desk, environment

KILLS = 12
ROWS = 4_000
NAME = "Zanzibar Quillfeather"
"""A name that must not lie about in plain text."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A store with some pages, keys, two backups, and records that came after them."""
    desk = Desk(tmp_path_factory.mktemp("world") / "desk")
    desk.take("no,name,city\n" + "".join(f"C{n:05},{NAME} {n},{random.Random(n).random()}\n" for n in range(ROWS)))
    assert desk.run("key", "init", "-q", "--i-accept-data-loss").code == 0
    for _ in range(5):
        assert desk.run("backup", "create", "-q").code == 0
    desk.take("no,name\nLATE,Late One\n")
    return desk


@pytest.fixture
def desk(world: Desk, tmp_path: Path) -> Desk:
    """A copy of that world."""
    return world.copy_to(tmp_path / "desk")


def records(store: Path) -> list[tuple[object, ...]]:
    """What any SQLite program reads that may take back what was written halfway, as custrec does where it opens one."""
    with contextlib.closing(sqlite3.connect(f"file:{store}?mode=rw", uri=True)) as reader:
        reader.execute("PRAGMA query_only = ON")
        assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return reader.execute("SELECT _id, no, name, city FROM customers ORDER BY _id").fetchall()


def readable(desk: Desk) -> list[str]:
    """Files besides stores and what they were made of in which a name can be read."""
    known = ("custrec.db", "custrec.derived.db", "in.csv", "x.db", "x.derived.db")
    return [
        str(path.relative_to(desk.folder))
        for path in desk.folder.rglob("*")
        if path.is_file() and not path.name.startswith(known) and NAME.encode() in path.read_bytes()
    ]


def check(desk: Desk, before: Sequence[object], older: Sequence[object]) -> None:
    """What holds after a process was ended at any moment, and after the next run."""
    assert records(desk.store) in (before, older)
    said = desk.run("backup", "verify", "--all")
    assert said.code == 0, said
    assert desk.run("backup", "create", "-q").code == 0
    assert readable(desk) == []
    assert not [path for path in (desk.folder / "custrec.backups").iterdir() if path.name.endswith(".part")]
    assert [path.name for path in (desk.folder / "custrec.plans").iterdir() if path.suffix != ".db"] == []
    assert desk.run("doctor", "--fix", "-q").code in (0, 3)
    assert [path for path in desk.folder.glob("custrec.db.before-*") if path.samefile(desk.store)] == []


WORDS = {
    "create": ["backup", "create"],
    "prune": ["backup", "prune", "--keep-last", "1"],
    "restore": ["restore", "--replace", "--yes"],
    "restore aside": ["restore", "--to", "x.db"],
}


@pytest.mark.parametrize("what", WORDS)
def test_killed_at_any_moment_all_is_whole(desk: Desk, world: Desk, what: str, tmp_path: Path) -> None:
    before = records(desk.store)
    older = before[:-1]
    whole = desk.started(*WORDS[what])
    began = time.monotonic()
    whole.communicate(timeout=120)
    seconds = time.monotonic() - began
    assert whole.returncode == 0
    moments = random.Random(what)
    killed = 0
    for turn in range(KILLS):
        shutil.rmtree(desk.folder)
        shutil.copytree(world.folder, desk.folder)
        process = desk.started(*WORDS[what])
        began = time.monotonic()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moments.uniform(0.1, 0.9) * seconds)
            seconds = time.monotonic() - began  # the first took longer than those for which the files are in memory
        process.kill()
        process.communicate(timeout=60)
        killed += process.returncode == -signal.SIGKILL
        check(desk, before, older)
        if (desk.folder / "x.db").exists():
            assert records(desk.folder / "x.db") == older, turn
    assert killed > KILLS // 3, "the moments came too late"


def tracer() -> list[str]:
    """The words that begin a trace; none where there is no strace, or it may not trace. One that can leaves the calls
    alone that nobody asks for."""
    for words in (["strace", "-f", "--seccomp-bpf"], ["strace", "-f"]):
        if shutil.which("strace") is not None:
            tried = subprocess.run([*words, "-o", os.devnull, "-e", "trace=fsync", "true"], capture_output=True)
            if tried.returncode == 0:
                return words
    return []


STRACE = tracer()


@pytest.mark.skipif(not STRACE, reason="strace is not installed, or may not trace here")
@pytest.mark.parametrize("what", ["create", "prune", "restore"])
def test_killed_at_a_system_call_of_storage_all_is_whole(desk: Desk, world: Desk, what: str) -> None:
    before = records(desk.store)
    trace = desk.folder.parent / "trace"
    command = [sys.executable, "-m", "custrec", *WORDS[what]]
    run = {"cwd": desk.folder, "env": environment(desk.folder), "stdin": subprocess.DEVNULL, "capture_output": True}
    calls = ["pwrite64", "rename", "unlink", "fsync", "link"]
    subprocess.run([*STRACE, "-o", trace, "-e", f"trace={','.join(calls)}", *command], **run, check=True)  # type: ignore[call-overload]
    lines = trace.read_text(errors="replace").splitlines()
    counts = {call: sum(f" {call}(" in line for line in lines) for call in calls}
    assert sum(counts.values()) > 5, counts
    for call, count in counts.items():
        for number in sorted({1, count // 2, count - 1, count} & set(range(1, count + 1))):
            shutil.rmtree(desk.folder)
            shutil.copytree(world.folder, desk.folder)
            inject = f"inject={call}:signal=SIGKILL:when={number}"
            words = [*STRACE, "-o", os.devnull, "-e", f"trace={call}", "-e", inject, *command]
            subprocess.run(words, **run, check=False)  # type: ignore[call-overload]
            check(desk, before, before[:-1])


EVERY = os.environ.get("CUSTREC_KILLS") == "every"
"""Whether each single write and flush is a moment to be killed at, too; it takes some minutes."""
MOST_WRITES = 6


@pytest.mark.skipif(not STRACE, reason="strace is not installed, or may not trace here")
@pytest.mark.parametrize("what", ["create", "prune", "restore"])
def test_killed_at_every_system_call_of_storage_what_counts_is_whole(tmp_path: Path, what: str) -> None:
    """A small store, killed one time after the other: what is left each time is what the next time finds."""
    desk = Desk(tmp_path / "desk")
    desk.take(f"no,name\nC1,{NAME}\n")
    assert desk.run("key", "init", "-q", "--i-accept-data-loss").code == 0
    for _ in range(5):
        assert desk.run("backup", "create", "-q").code == 0
    before, world = records(desk.store), desk.copy_to(tmp_path / "world")
    command = [sys.executable, "-m", "custrec", *WORDS[what], "-q"]
    run = {"cwd": desk.folder, "env": environment(desk.folder), "stdin": subprocess.DEVNULL, "capture_output": True}
    calls = ["rename", "unlink", "link", "fsync", "fdatasync", "ftruncate", "write", "pwrite64"]
    trace = tmp_path / "trace"
    traced = [*STRACE, "-o", trace, "-e", f"trace={','.join(calls)}"]
    subprocess.run([*traced, *command], **run, check=True)  # type: ignore[call-overload]
    lines = trace.read_text(errors="replace").splitlines()
    counts = {call: sum(f" {call}(" in line for line in lines) for call in calls}
    for call, count in counts.items():
        step = max(1, count // MOST_WRITES) if ("write" in call or "sync" in call) and not EVERY else 1
        for number in range(1, count + 1, step):
            if what == "prune":
                world.copy_to(desk.folder)
            inject = f"inject={call}:signal=SIGKILL:when={number}"
            words = [*STRACE, "-o", os.devnull, "-e", f"trace={call}", "-e", inject, *command]
            subprocess.run(words, **run, check=False)  # type: ignore[call-overload]
            if desk.store.with_name("custrec.db-journal").exists():  # halfway out of WAL mode
                assert desk.run("list", "-q").code == 0, (call, number)
            assert records(desk.store) == before, (call, number)
            for path in (desk.folder / "custrec.backups").glob("custrec-*.age"):
                said = json.loads(Path(f"{path}.json").read_bytes())
                assert hashlib.sha256(path.read_bytes()).hexdigest() == said["sealed"]["sha256"], (call, number)
                assert Path(f"{path}.json.sig").exists()
    check(desk, before, before)


def test_a_backup_that_is_made_while_somebody_writes_all_the_while_is_of_one_moment(desk: Desk) -> None:
    stop = desk.folder / "stop"
    line = 'n=0; while [ ! -e stop ]; do n=$((n + 1)); "$0" -m custrec add no=W$n name="Wu $n" -q || exit 1; done'
    writer = subprocess.Popen(
        ["sh", "-c", line, sys.executable],
        cwd=desk.folder,
        env=environment(desk.folder),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        for number in range(3):
            assert desk.run("backup", "create", "-q").code == 0
            assert desk.run("restore", "--to", f"x{number}.db", "-q").code == 0
            assert desk.run("history", "verify", "-q", "--store", f"x{number}.db").code == 0
    finally:
        stop.touch()
        _, words = writer.communicate(timeout=60)
    assert writer.returncode == 0, words
    assert desk.rows("SELECT count(*) FROM customers WHERE no LIKE 'W%'")[0] > 0


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
@pytest.mark.parametrize("what", ["create", "restore aside", "restore"])
def test_a_full_disk_leaves_all_as_it_was(desk: Desk, what: str, share: float) -> None:
    before = records(desk.store)
    limit = int(desk.store.stat().st_size * share)

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    process = desk.started(*WORDS[what], preexec_fn=limited)
    _, words = process.communicate(timeout=60)
    assert process.returncode in (6, 8, 10), words
    assert b"Traceback" not in words
    assert not (desk.folder / "x.db").exists()
    check(desk, before, before)


@contextlib.contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[Path]:
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("a file system cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def test_a_target_that_is_full_leaves_no_half_a_backup(desk: Desk, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 16) as disk:
        said = desk.run("backup", "create", "--to", disk)
        assert (said.code, list(disk.iterdir())) == (10, []), said
        said = desk.run("backup", "create", "--to", "custrec.backups", "--to", disk)
        assert (said.code, list(disk.iterdir())) == (3, []), said


def test_a_disk_that_is_full_beside_the_store_leaves_it_as_it_was(desk: Desk, tmp_path: Path) -> None:
    size = sum(path.stat().st_size for path in desk.folder.rglob("*") if path.is_file()) // 1024
    for room in (150, 1_500):
        with small_disk(tmp_path / f"disk{room}", size + room) as disk:
            there = desk.copy_to(disk / "desk")
            before = records(there.store)
            for words in (WORDS["create"], WORDS["restore aside"]):
                said = there.run(*words)
                assert said.code in (0, 6, 10), said
            assert records(there.store) == before
            assert readable(there) == []


def test_a_target_that_vanishes_is_said(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "stick"
    target.mkdir()
    process = desk.started("backup", "create", "--to", target)
    while process.poll() is None and not list(target.glob(".*.part")):
        time.sleep(0.001)
    shutil.rmtree(target, ignore_errors=True)
    _, words = process.communicate(timeout=60)
    assert b"Traceback" not in words
    assert process.returncode in (0, 8, 10), words
    check(desk, records(desk.store), ())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_asked_to_stop_stops_and_leaves_nothing(desk: Desk, number: signal.Signals) -> None:
    target = desk.folder / "custrec.backups"
    known = set(target.iterdir())
    process = desk.started("backup", "create")
    while process.poll() is None and not set(target.iterdir()) - known:
        time.sleep(0.001)
    process.send_signal(number)
    _, words = process.communicate(timeout=60)
    assert process.returncode in (0, 128 + number), words
    if process.returncode:
        assert set(target.iterdir()) == known
        assert list((desk.folder / "custrec.plans").iterdir()) == []


def test_of_two_at_once_the_second_says_who_is_at_it(desk: Desk) -> None:
    first = desk.started("backup", "create")
    lock = desk.folder / "custrec.backup-lock"
    while first.poll() is None and str(first.pid).encode() not in lock.read_bytes():
        time.sleep(0.001)
    first.send_signal(signal.SIGSTOP)
    try:
        for words in (["backup", "create"], ["backup", "prune", "--keep-last", "1"], ["restore", "--to", "x.db"]):
            said = desk.run(*words)
            assert said.code == 6, said
            assert f"process {first.pid}" in said.err
    finally:
        first.send_signal(signal.SIGCONT)
    first.communicate(timeout=60)
    assert first.returncode == 0
    assert desk.run("backup", "create", "-q").code == 0


def test_a_writer_who_comes_while_the_store_is_replaced_writes_to_the_new_one_or_is_told(desk: Desk) -> None:
    for _ in range(3):
        replacing = desk.started("restore", "--replace", "--yes", "-q", "--wait", "30")
        codes = set()
        while replacing.poll() is None:
            said = desk.run("edit", "C00001", f"city=City{len(codes)}", "-q")
            codes.add(said.code)
        assert replacing.returncode == 0, replacing.communicate()
        assert codes <= {0, 6, 7}, codes
        assert desk.run("history", "verify", "-q").code == 0
        assert desk.run("doctor", "-q").code in (0, 3)
