"""Values side by side, what differs marked under the letters that do; below a value of several lines it is said which
letters these are. Nothing is told by colour, and letters of two cells are reckoned with.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len

from custrec.cli.tables import GAP

MARK = "^"
SPACE = "␣"
"""What stands for a space where nothing else differs."""
LEAST = 10
"""A column of values is not made narrower than this."""


@dataclass(frozen=True)
class Compared:
    """One field: a sign of one letter, its name, and a text a column with the marks below it."""

    sign: str
    name: str
    texts: Sequence[tuple[str, str]]


def ruled(text: str, width: int) -> list[str]:
    """A title in a line that is drawn to the end."""
    first, *rest = _wrapped(text, max(LEAST, width - 6))
    return [f"── {first} {'─' * max(0, width - 4 - cell_len(first))}", *(f"   {line}" for line in rest)]


def columns(heads: Sequence[str], rows: Sequence[Compared], width: int) -> list[str]:
    """The lines of some columns, with their heads, on a screen of `width` cells."""
    names = min(max(cell_len(row.name) for row in rows), max(LEAST, width // 4))
    natural = [max(cell_len(row.texts[at][0]) for row in rows) for at in range(len(heads))]
    widths = _shared(
        [max(own, cell_len(head)) for own, head in zip(natural, heads, strict=True)], _room(names, len(heads), width)
    )
    head = "".join(" " * GAP + _padded(text, w) for text, w in zip(heads, widths, strict=True))
    lines = [(" " * (GAP + names) + head).rstrip()]
    for row in rows:
        name = _wrapped(row.name, names)
        cells = [_cell(*text, w) for text, w in zip(row.texts, widths, strict=True)]
        for place in range(max(len(name), *map(len, cells))):
            lead = f"{row.sign if place == 0 else ' '} {_line(name, place, names)}"
            parts = [_line(cell, place, w) for cell, w in zip(cells, widths, strict=True)]
            lines.append((lead + "".join(" " * GAP + part for part in parts)).rstrip())
    return lines


def most_columns(names: Sequence[str], width: int) -> int:
    """How many columns a screen has room for."""
    widest = min(max(map(cell_len, names)), max(LEAST, width // 4))
    return max(1, (width - GAP - widest) // (LEAST + GAP))


def marked(text: str, other: str) -> tuple[str, str]:
    """A text, and below each of its letters a mark where it differs from another; none where all of it does."""
    if not text or not other:
        return text, ""
    most = min(len(text), len(other))
    start = next((n for n in range(most) if text[n] != other[n]), most)
    end = next((n for n in range(most - start) if text[-1 - n] != other[-1 - n]), most - start)
    if not start and not end:
        return text, ""
    return text, " " * start + MARK * (len(text) - start - end)


def _room(names: int, count: int, width: int) -> int:
    return width - GAP - names - GAP * count


def _shared(natural: Sequence[int], room: int) -> list[int]:
    """The widths of columns that have so much room: none gets more than it wants while another wants more."""
    wanted = [max(LEAST, one) for one in natural]
    widths, left = dict.fromkeys(range(len(wanted)), LEAST), room
    for place, at in enumerate(sorted(widths, key=lambda at: wanted[at])):
        widths[at] = max(LEAST, min(wanted[at], left // (len(wanted) - place)))
        left -= widths[at]
    return list(widths.values())


def _cell(text: str, marks: str, width: int) -> list[str]:
    """The lines of a text that are at most so many cells wide, and what differs below them."""
    lines = _wrapped(text, width)
    if not marks.strip():
        return lines
    start = marks.index(MARK)
    if len(lines) == 1:
        return [text, " " * cell_len(text[:start]) + MARK * cell_len(text[start : len(marks)])]
    differs = text[start : len(marks)]
    said, *more = _wrapped(f"{MARK} {differs.strip() or SPACE}", width - 1)
    return [*lines, f"{said}{'…' if more else ''}"]


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of a text that are at most so many cells wide."""
    lines, line, used = [], "", 0
    for letter in text:
        cells = cell_len(letter)
        if used + cells > width:
            lines.append(line)
            line, used = "", 0
        line, used = line + letter, used + cells
    return [*lines, line]


def _line(lines: Sequence[str], place: int, width: int) -> str:
    return _padded(lines[place] if place < len(lines) else "", width)


def _padded(text: Any, width: int) -> str:
    return str(text) + " " * (width - cell_len(str(text)))
