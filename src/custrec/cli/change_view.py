"""One change of a plan on the screen: before and after side by side.

A line begins with ~ where a value changes, + where a blank is filled or a record is new, - where a value goes.
"""

from __future__ import annotations

from custrec.cli.side_by_side import Compared, columns, marked, ruled
from custrec.cli.tables import one_line
from custrec.jobs.reviewing import ShownChange


def change_lines(shown: ShownChange, width: int) -> list[str]:
    """The lines for a screen of `width` cells."""
    lines = ruled(f"{shown.what} · {one_line(shown.title)}", width)
    cells = [(name, one_line(was), one_line(will)) for name, was, will in shown.cells]
    if not cells:
        return [*lines, "  (nothing becomes another value)"]
    sides = [side for side in (1, 2) if any(cell[side] for cell in cells)]
    heads = {1: "before", 2: "after"}
    rows = []
    for name, was, will in cells:
        sign = "~" if was and will else "+" if will else "-"
        texts = {1: marked(was, will), 2: marked(will, was)}
        rows.append(Compared(sign, name, [texts[side] for side in sides]))
    return [*lines, *columns([heads[side] for side in sides], rows, width)]
