"""Whoever waits at a terminal for over a second is told what for; nobody else is."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from custrec.cli.progress import line
from pseudo_terminal import on_terminal
from terminal import Desk, environment

LOCKED = 3.0
"""Seconds for which somebody else writes to the store."""


@contextlib.contextmanager
def somebody_writes(desk: Desk) -> Iterator[None]:
    """Another program holds the store's lock for some seconds."""
    begun = threading.Event()

    def write() -> None:
        with contextlib.closing(sqlite3.connect(desk.store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            begun.set()
            time.sleep(LOCKED)
            other.execute("ROLLBACK")

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        thread.join()


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "custrec", *words]


@pytest.mark.parametrize(
    "words",
    [("undo",), ("delete", "C1", "--yes"), ("edit", "C1", "city=Rome"), ("plan", "apply", "PLAN")],
    ids=" ".join,
)
def test_a_terminal_shows_a_clock_and_the_line_is_wiped(desk: Desk, words: tuple[str, ...]) -> None:
    desk.take("no,name\nC1,Ann\n")
    plan = desk.run("edit", "C1", "city=Oslo", "--save-plan", "--json").json["plan"]
    with somebody_writes(desk):
        code, seen = on_terminal(
            command(*(word.replace("PLAN", plan) for word in words)), desk.folder, environment(desk.folder)
        )
    assert code == 0
    assert re.search(r"\r\x1b\[Kapplying  [12] s", seen), seen
    assert not re.search(r"applying  0 s", seen)  # not within the first second
    assert re.search(r"\r\x1b\[K(undo of|delete:|edit:)", seen)  # words begin on a wiped line


def test_quiet_shows_nothing(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    with somebody_writes(desk):
        assert on_terminal(command("undo", "-q"), desk.folder, environment(desk.folder)) == (0, "")


def test_a_pipe_or_log_gets_none_of_it(desk: Desk) -> None:
    desk.take("no,name\nC1,Ann\n")
    with somebody_writes(desk):
        said = desk.run("undo")
    assert said.code == 0
    assert "applying" not in said.err
    assert "\x1b" not in said.err


def test_what_a_line_says() -> None:
    assert line("reading", 50, 200, 1_000_000, 10.0) == "reading  1,000,000 rows  100,000/s  25 %  30 s left"
    assert line("judging", 0, None, 500, 5.0) == "judging  500 rows  100/s"
    assert line("applying", 50, 200, 1_000_000, 12.4) == "applying  12 s"
    assert line("reading", 0, None, 0, 2.0) == "reading  2 s"
