"""Counts in words."""

from __future__ import annotations


def many(count: int, thing: str) -> str:
    """A count and what is counted, in the plural where it is one."""
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
