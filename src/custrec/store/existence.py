"""Whether a query finds anything at all: SQLite stops at the first row."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any


def any_row(db: sqlite3.Connection, query: str, params: Sequence[Any] = ()) -> bool:
    """Whether a SELECT has a row."""
    return bool(db.execute(f"SELECT EXISTS ({query})", params).fetchone()[0])
