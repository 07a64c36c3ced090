"""Making file names and headers safe to print. Not for personal values: those are never printed in messages."""

from __future__ import annotations


def printable(text: str, limit: int = 60) -> str:
    """`text` on one line, control, formatting and lone surrogate characters escaped, at most `limit` characters long.

    A terminal obeys escape sequences, so a header or file name from elsewhere must not reach it as it is.
    """
    shown = text[: limit + 1]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shown)
    return shown if len(shown) <= limit else shown[: max(limit - 1, 0)] + "…"
