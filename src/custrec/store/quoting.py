"""SQL identifiers and text, quoted in one place."""

from __future__ import annotations


def quote(identifier: str) -> str:
    """An SQL identifier in double quotes, whatever it holds."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """An SQL text in single quotes, whatever it holds."""
    return "'" + text.replace("'", "''") + "'"
