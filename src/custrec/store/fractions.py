"""Binary fractions (REAL columns) as text that gives exactly the number back, whatever the version of SQLite.

SQLite's own text of one has 15 digits, and JSON made of it loses the last bits: an undo would not give back what was
there. These SQL functions use Python's shortest exact text instead.

    _fraction(number)     the number's text, which is also a JSON number
    _number(json)         the number of a JSON text, NULL for `null`
"""

from __future__ import annotations

import sqlite3


def register(connection: sqlite3.Connection) -> None:
    """Make the functions known to a connection."""
    connection.create_function("_fraction", 1, _fraction, deterministic=True)
    connection.create_function("_number", 1, _number, deterministic=True)


def _fraction(number: float | None) -> str | None:
    return None if number is None else repr(number)


def _number(json: str | None) -> float | None:
    return None if json in (None, "null") else float(json)
