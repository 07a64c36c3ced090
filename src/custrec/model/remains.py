"""Where something that was destroyed still is: what certificates name, and who destroys is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Remains:
    """A place that custrec cannot clean: which, and until when it holds what was destroyed."""

    name: str
    until: str
