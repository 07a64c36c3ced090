"""A lock that ends with the process that holds it, however that ends: a file, locked by the system.

The file stays; what is written in it says who holds the lock, while somebody does.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from custrec.errors import BackupRunning, WorldMoved


@contextlib.contextmanager
def held(path: Path, verb: str, busy: Callable[..., WorldMoved] = lambda **who: BackupRunning(**who)) -> Iterator[None]:
    """Hold the lock of `path` for `verb`. Raises what `busy` makes of `pid` and `verb` at once where another process
    holds it; OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        if not _taken(file):
            raise busy(**_holder(file))
        file.truncate(0)
        json.dump({"pid": os.getpid(), "verb": verb}, file)
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _taken(file: IO[str]) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 20)  # a byte that nobody reads: what is locked on Windows cannot be read either
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            file.seek(0)
        else:
            import fcntl

            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _holder(file: IO[str]) -> dict[str, Any]:
    try:
        file.seek(0)
        said = json.load(file)
        return {"pid": int(said["pid"]), "verb": str(said["verb"])}
    except (ValueError, KeyError, TypeError):
        return {"pid": "unknown", "verb": "just beginning"}
