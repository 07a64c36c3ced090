"""Tables on a terminal and in a pipe: every line equally wide, and never wider than there is room.

Short columns keep their natural width; long ones share what is left, down to a minimum. Where even that is too
much, trailing columns are left out, because half a phone number in every column helps nobody.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from rich.cells import cell_len, set_cell_size

PIPE_WIDTH = 140
"""How wide a table is where nobody says (a pipe, a log)."""
GAP = 2
LEAST = 14
"""A column is not made narrower than this: a phone number, a day, a short name."""
LEAST_LEADING = 24
"""The same for the first two: they say which record it is."""
LONGEST = 1000
"""Characters of a cell that are looked at."""


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    right: Sequence[str] = (),
    color: str = "auto",
    below: Sequence[str] = (),
) -> int:
    """Print rows under headers; returns how many trailing columns were left out. Too long cells end in an ellipsis.

    `below` has a line for each row that stands under it, or "" for none.
    """
    texts = [[one_line(value) for value in row] for row in (columns, *rows)]
    widths = fit([max(map(cell_len, column)) for column in zip(*texts, strict=True)], room())
    header, *body = (
        (" " * GAP).join(
            _cell(cell, width, name in right) for cell, width, name in zip(row, widths, columns, strict=False)
        )
        for row in texts
    )
    styled = is_styled(color)
    if below:
        notes = ([f"  {_cell(one_line(note), room() - GAP, right=False).rstrip()}"] if note else [] for note in below)
        body = [line for row, note in zip(body, notes, strict=True) for line in (row, *note)]
    lines = [f"\x1b[1m{header}\x1b[0m" if styled else header, "─" * cell_len(header), *body]
    sys.stdout.write("\n".join(lines) + "\n")
    return len(columns) - len(widths)


def fit(natural: Sequence[int], width: int) -> list[int]:
    """The widths of the columns that there is room for, given the natural ones; at least one column."""
    least = [min(wanted, LEAST_LEADING if place < 2 else LEAST) for place, wanted in enumerate(natural)]
    count = len(natural)
    while count > 1 and sum(least[:count]) + GAP * (count - 1) > width:
        count -= 1
    if count == 1:
        return [max(1, min(natural[0], width))]
    widths, left = least[:count], width - sum(least[:count]) - GAP * (count - 1)
    while growing := [place for place in range(count) if widths[place] < natural[place]][:left]:
        share = left // len(growing)
        for place in growing:
            more = min(share, natural[place] - widths[place])
            widths[place] += more
            left -= more
    return widths


def room() -> int:
    """How many cells a line may have: COLUMNS, or the terminal's width."""
    asked = os.environ.get("COLUMNS", "")
    if sys.stdout.isatty() or (asked.isdigit() and int(asked) > 0):
        return shutil.get_terminal_size().columns
    return PIPE_WIDTH


def broken(line: str, width: int) -> list[str]:
    """A line in parts that are at most so wide: broken at spaces where there are some, and else anywhere, as Chinese
    may be. A width of less than LEAST breaks nothing."""
    if width < LEAST or cell_len(line) <= width:
        return [line]
    parts: list[str] = []
    rest = line
    while cell_len(rest) > width:
        taken = end = 0
        for place, character in enumerate(rest):
            taken += cell_len(character)
            if taken > width:
                break
            end = place + 1
        space = rest.rfind(" ", 0, end + 1)
        end = space if space > 0 else max(end, 1)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*parts, rest] if rest else parts


def is_styled(color: str) -> bool:
    """Whether headers are bold: --color says so, or else NO_COLOR, FORCE_COLOR, or that it is a terminal."""
    if color != "auto":
        return color == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def one_line(value: Any) -> str:
    """A value as a single line of a table, without control characters."""
    text = "" if value is None else str(value)
    if len(text) > LONGEST:
        text = text[:LONGEST] + "…"
    return text if text.isprintable() else "".join(c if c.isprintable() else "⏎" if c == "\n" else " " for c in text)


def _cell(text: str, width: int, right: bool) -> str:
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip() + "…", width)
    return " " * (width - length) + text if right else text + " " * (width - length)
