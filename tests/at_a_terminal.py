"""Somebody at a terminal: the real command in a pseudo-terminal of a given size, typed at and read from.

    with typing("add", cwd=folder, columns=60) as at:
        at.sees("no (required)")
        at.types("C1")
        assert at.ends() == 0
    at.seen                         everything that stood there, without control sequences

Not on Windows, which has no pty.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pexpect

from terminal import PATIENCE, environment

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CTRL_C, CTRL_D = "\x03", "\x04"


@dataclass
class Person:
    """Who types, and what they see."""

    process: Any
    received: str = ""

    @property
    def seen(self) -> str:
        """Everything that stood there: without colours, of each line the last that it was written over with."""
        lines = CONTROL.sub("", self.received.replace("\r\n", "\n")).split("\n")
        return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in lines)

    def sees(self, text: str) -> None:
        """Wait until a text stands there."""
        self._wait(re.escape(text))

    def types(self, line: str = "") -> None:
        """A line and Enter."""
        self.process.send(line + "\r")

    def presses(self, key: str) -> None:
        """A key without Enter."""
        self.process.send(key)

    def ends(self) -> int:
        """Wait for the end; the exit code."""
        self._wait(pexpect.EOF)
        self.process.wait()
        code: int = self.process.exitstatus
        assert "Traceback" not in self.seen, self.seen
        return code

    @property
    def lines(self) -> list[str]:
        """What was seen, line by line."""
        return self.seen.splitlines()

    def _wait(self, pattern: Any) -> None:
        try:
            self.process.expect(pattern, timeout=PATIENCE)
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            self.received += self.process.before or ""
            raise AssertionError(f"{pattern} is not there; what is:\n{self.seen}") from error
        after = self.process.after if isinstance(self.process.after, str) else ""
        self.received += self.process.before + after


@contextmanager
def typing(*words: object, cwd: Path, columns: int = 80, lines: int = 40, **more: str) -> Iterator[Person]:
    """Run a command at a terminal of that size; it is ended where the test ends before it."""
    process = pexpect.spawn(
        sys.executable,
        ["-m", "custrec", *map(str, words)],
        cwd=str(cwd),
        env=environment(cwd, TERM="xterm-256color", **more),
        dimensions=(lines, columns),
        encoding="utf-8",
        echo=True,
    )
    try:
        yield Person(process)
    finally:
        process.close(force=True)
