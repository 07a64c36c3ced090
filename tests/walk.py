"""All commands, found in the app itself: no test that goes through them names one by hand."""

from __future__ import annotations

from typing import Any

from custrec.cli.manual import commands

COMMANDS: dict[tuple[str, ...], Any] = dict(commands())
"""Every command by the words that lead to it."""
