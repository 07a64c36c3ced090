"""What the tests of the command line share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from terminal import Desk, environment

Sit = Callable[..., Any]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A folder with a new, empty store of `terminal.SCHEMA`."""
    return Desk(tmp_path / "desk")


@pytest.fixture
def sit(desk: Desk) -> Iterator[Sit]:
    """Sits somebody down at a terminal with a command: `sit("plan", "review", plan, columns=80)`."""
    pexpect = pytest.importorskip("pexpect")
    children: list[Any] = []

    def start(*words: str, columns: int = 80, **more: str) -> Any:
        child = pexpect.spawn(
            sys.executable,
            ["-m", "custrec", *words],
            cwd=str(desk.folder),
            env=environment(desk.folder, TERM="dumb", **more),  # type: ignore[arg-type]
            dimensions=(40, columns),
            encoding="utf-8",
            timeout=30,
        )
        children.append(child)
        return child

    yield start
    for child in children:
        child.close(force=True)
