"""Long output in a pager, as git shows it: on a terminal only, and what fits one screen is just printed.

CUSTREC_PAGER, then PAGER, name the program, with words of its own if need be; `less` without them; `cat` or nothing
means none. `less` is told to leave short output alone and to keep colours (LESS=FRX), unless LESS says otherwise.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator

from custrec.cli.face import Face

NONE = ("", "cat")


class _ToPager(io.TextIOWrapper):
    """Standard output while a pager shows it: still a terminal, as far as widths and colours go."""

    def isatty(self) -> bool:
        """Whether it ends at a terminal."""
        return True


@contextlib.contextmanager
def paged(face: Face) -> Iterator[None]:
    """Let a pager show what is printed. Words for a person come after it, when the screen is theirs again."""
    words = pager_words()
    pager = _started(words) if words and sys.stdout.isatty() and sys.stderr.isatty() else None
    if pager is None:
        yield
        return
    terminal, held = sys.stdout, face.hold_words()
    assert pager.stdin is not None
    sys.stdout = _ToPager(pager.stdin, encoding="utf-8", errors="backslashreplace")
    try:
        yield
    except BrokenPipeError:
        pass  # the reader has seen enough
    finally:
        _let_go(pager, sys.stdout)
        sys.stdout = terminal
        held()


def pager_words() -> list[str] | None:
    """The program and its words; None where nobody wants a pager, or there is none."""
    said = next((os.environ[name] for name in ("CUSTREC_PAGER", "PAGER") if name in os.environ), "less")
    try:
        words = shlex.split(said)
    except ValueError:
        return None
    if not words or words[0] in NONE or os.environ.get("TERM") == "dumb" or shutil.which(words[0]) is None:
        return None
    return words


def _started(words: list[str]) -> subprocess.Popen[bytes] | None:
    kept = {"LESS": "FRX", "LESSCHARSET": "utf-8", "LV": "-c"} | os.environ
    try:
        return subprocess.Popen(words, stdin=subprocess.PIPE, env=kept)
    except OSError:
        return None


def _let_go(pager: subprocess.Popen[bytes], stream: io.TextIOBase) -> None:
    """Close the pager's end of the pipe and wait for whoever reads; Ctrl-C is the pager's business meanwhile."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with contextlib.suppress(BrokenPipeError):
            stream.close()
        pager.wait()
    finally:
        signal.signal(signal.SIGINT, before)
