"""Progress on a terminal, on standard error, for anything over a second; never in a pipe or a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from custrec.cli.face import Face
from custrec.jobs.progress import Progress

PATIENCE = 1.0
INTERVAL = 0.2


class TerminalProgress(Progress):
    """One line that is written over and wiped at the end."""

    def __init__(self) -> None:
        super().__init__(self._show)
        self._began = self._last = time.monotonic()
        self._shown = False

    def _show(self, phase: str, done: int, total: int | None, rows: int) -> None:
        now = time.monotonic()
        if now - self._began < PATIENCE or (now - self._last < INTERVAL and phase == "reading"):
            return
        self._last = now
        self._shown = True
        line = f"{phase}  {rows:,} rows  {rows / (now - self._began):,.0f}/s"
        if phase == "reading" and total and done:
            left = (now - self._began) * (total - done) / done
            line += f"  {min(100, 100 * done // total)} %  {left:.0f} s left"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    def stop(self) -> None:
        """Wipe the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._shown = False


@contextmanager
def import_progress(face: Face) -> Iterator[Progress]:
    """Progress for an import, silent where nobody watches."""
    progress = TerminalProgress() if sys.stderr.isatty() and not face.quiet else Progress()
    try:
        yield progress
    finally:
        progress.stop()
