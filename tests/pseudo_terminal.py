"""A real terminal for commands, as far as they can tell: a pseudo-terminal of a given size, and keys that are pressed.

    code, shown = on_terminal(["custrec", "list"], folder, environment, columns=80, keys="y\\n")

What is shown is all that came, escape sequences too; both streams of the command go to the terminal unless `out` is a
file, as with `custrec list > FILE`.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

PATIENCE = 120
"""Seconds after which a command counts as hanging."""


def opened(
    words: Sequence[str],
    folder: Path,
    environment: dict[str, str],
    columns: int = 120,
    lines: int = 40,
    out: IO[bytes] | None = None,
) -> tuple[subprocess.Popen[bytes], int]:
    """A process on a terminal of its own, and the terminal's other side."""
    side, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = subprocess.Popen(
        words,
        stdin=inner,
        stdout=inner if out is None else out,
        stderr=inner,
        cwd=folder,
        env={"TERM": "xterm"} | environment,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # Ctrl-C reaches it, and fish wants one of its own
    )
    os.close(inner)
    return process, side


def on_terminal(
    words: Sequence[str],
    folder: Path,
    environment: dict[str, str],
    keys: str = "",
    columns: int = 120,
    lines: int = 40,
    out: IO[bytes] | None = None,
) -> tuple[int, str]:
    """Run a command on a terminal, press these keys, and give its exit code and what was shown. TimeoutError if it does
    not end, for instance because it asks for something that no key answers."""
    process, side = opened(words, folder, environment, columns, lines, out)
    shown = b""
    end = time.monotonic() + PATIENCE
    try:
        os.write(side, keys.encode())
        while True:
            ready = select.select([side], [], [], 0.05)[0]
            try:
                shown += os.read(side, 65536) if ready else b""
            except OSError:  # nobody holds the other side any more
                break
            if not ready and process.poll() is not None:
                break
            if time.monotonic() > end:
                process.kill()
                raise TimeoutError(
                    f"{' '.join(words)} has not ended after {PATIENCE} s: {shown.decode(errors='replace')}"
                )
        return process.wait(timeout=PATIENCE), shown.decode("utf-8", "replace")
    finally:
        os.close(side)
