"""The nouns of a certificate of destruction: places that were cleaned, and places that hold it on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cleaned:
    """A place that was cleaned: which, when (ISO 8601, UTC), and how much, in words."""

    name: str
    at: str
    what: str = ""


@dataclass(frozen=True)
class Remains:
    """A place that custrec cannot clean: which, and until when it holds what was destroyed."""

    name: str
    until: str
