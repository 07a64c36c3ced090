"""What SQLite's error codes mean for a person."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from custrec.errors import DiskFull, StoreBusy, StoreReadOnly, StoreUnwell
from custrec.store.place import beside


@contextlib.contextmanager
def translated(path: Path, wait: float = 0) -> Iterator[None]:
    """Turn SQLite's errors into those a person can mend."""
    try:
        yield
    except sqlite3.OperationalError as error:
        code = (error.sqlite_errorcode or 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise StoreBusy(store=path.name, wait=f"{wait:g}", holder=_holder(path)) from error
        if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise DiskFull(path=path.name) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
            raise StoreReadOnly(store=path.name) from error
        raise
    except sqlite3.DatabaseError as error:
        if (error.sqlite_errorcode or 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise StoreUnwell(store=path.name) from error
        raise


def _holder(path: Path) -> str:
    try:
        held = json.loads(beside(path, "writer").read_text(encoding="utf-8"))
        return f"{held['actor']} ({held['verb']}, process {held['pid']})"
    except (OSError, ValueError, KeyError):
        return "another program"
