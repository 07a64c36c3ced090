"""Paths as one types them where one is."""

from __future__ import annotations

from pathlib import Path


def near(path: str) -> str:
    """A path as one would type it here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
