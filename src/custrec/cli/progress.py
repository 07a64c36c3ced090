"""Progress on a terminal, on standard error, for anything over a second; never in a pipe or a log."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from custrec.cli.face import Face
from custrec.jobs.progress import Progress

PATIENCE = 1.0
INTERVAL = 0.2
COUNTED = ("reading", "judging", "writing", "indexing")
"""Phases that tell how many rows they have done; of others a clock is shown."""


class TerminalProgress(Progress):
    """One line that is written over and wiped at the end. It lives on while a job has nothing to tell: then a clock
    shows that it is being waited for."""

    def __init__(self) -> None:
        super().__init__(self._told)
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._told_last: tuple[str, int, int | None, int] | None = None
        self._began = time.monotonic()
        self._shown = False
        threading.Thread(target=self._keep_shown, daemon=True).start()

    def stop(self) -> None:
        """Wipe the line, until there is something new to tell."""
        with self._lock:
            self._told_last = None
            if self._shown:
                self._write("\r\x1b[K")
            self._shown = False

    def end(self) -> None:
        """Wipe the line for good."""
        self._ended.set()
        self.stop()

    def _told(self, phase: str, done: int, total: int | None, rows: int) -> None:
        with self._lock:
            if self._told_last is None or self._told_last[0] != phase:
                self._began_phase = time.monotonic()
            if self._told_last is None:
                self._began = time.monotonic()
            self._told_last = phase, done, total, rows

    def _keep_shown(self) -> None:
        while not self._ended.wait(INTERVAL):
            with self._lock:
                now = time.monotonic()
                if self._told_last is not None and now - self._began >= PATIENCE:
                    room = shutil.get_terminal_size().columns - 1
                    self._write(f"\r\x1b[K{line(*self._told_last, now - self._began_phase)[:room]}")
                    self._shown = True

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def line(phase: str, done: int, total: int | None, rows: int, took: float) -> str:
    """What is shown of a phase that took so many seconds up to now."""
    if phase not in COUNTED or not rows:
        return f"{phase}  {took:.0f} s"
    said = f"{phase}  {rows:,} rows  {rows / max(took, INTERVAL):,.0f}/s"
    if total and done:
        said += f"  {min(100, 100 * done // total)} %  {took * (total - done) / done:.0f} s left"
    return said


@contextmanager
def shown_progress(face: Face) -> Iterator[Progress]:
    """Progress for whoever waits at a terminal, silent where nobody watches."""
    if not sys.stderr.isatty() or face.quiet:
        yield Progress()
        return
    progress = TerminalProgress()
    face.before_words = progress.stop
    try:
        yield progress
    finally:
        progress.end()


@contextmanager
def waiting(face: Face, what: str) -> Iterator[Progress]:
    """Progress of something that reads, said in a word; not where the data goes into a pipe, of which another program
    (a pager, say) may be writing to the same terminal."""
    if _into_a_pipe():
        yield Progress()
        return
    with shown_progress(face) as progress:
        progress.phase(what)
        yield progress


def _into_a_pipe() -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(sys.stdout.fileno()).st_mode)
    except (OSError, ValueError):
        return True
