"""Tables on a terminal and in a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPE_WIDTH = 140
"""How wide a table is where nobody says (a pipe, a log)."""


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], right: Sequence[str] = (), color: str = "auto"
) -> None:
    """Print rows under headers. What is too wide for the terminal is cut with an ellipsis, never wrapped."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(Text(name), justify="right" if name in right else "left", no_wrap=True, overflow="ellipsis")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console(color).print(table)


def console(color: str = "auto") -> Console:
    """A console for standard output, in colour when it is a terminal or --color or FORCE_COLOR says so."""
    plain = color == "never" or (color == "auto" and bool(os.environ.get("NO_COLOR")))
    force = True if color == "always" else None
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH
    return Console(
        no_color=plain, force_terminal=force, width=width, highlight=False, soft_wrap=False, legacy_windows=False
    )


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if text.isprintable() else "".join(c if c.isprintable() else "⏎" if c == "\n" else " " for c in text)
