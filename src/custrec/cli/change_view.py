"""One change of a plan on the screen: before and after side by side, what differs marked under the letters that do.

A line begins with ~ where a value changes, + where a blank is filled or a record is new, - where a value goes. Nothing
is told by colour, and letters of two cells are reckoned with.
"""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len

from custrec.cli.tables import GAP, one_line
from custrec.jobs.reviewing import ShownChange

MARK = "^"
LEAST = 10
"""A column of values is not made narrower than this."""


def change_lines(shown: ShownChange, width: int) -> list[str]:
    """The lines for a screen of `width` cells."""
    lines = _ruled(f"{shown.what} · {one_line(shown.title)}", width)
    cells = [(name, one_line(was), one_line(will)) for name, was, will in shown.cells]
    if not cells:
        return [*lines, "  (nothing becomes another value)"]
    sides = [side for side in (1, 2) if any(cell[side] for cell in cells)]
    names = min(max(cell_len(name) for name, *_ in cells), max(LEAST, width // 4))
    room = width - GAP - names - GAP * len(sides)
    columns = _shared([max(cell_len(cell[side]) for cell in cells) for side in sides], room)
    heads = {1: "before", 2: "after"}
    head = "".join(" " * GAP + _padded(heads[side], w) for side, w in zip(sides, columns, strict=True))
    lines.append((" " * (GAP + names) + head).rstrip())
    for name, was, will in cells:
        sign = "~" if was and will else "+" if will else "-"
        texts = [_marked(*pair) for pair in ((was, will), (will, was))]
        wrapped = [_wrapped(*texts[side - 1], w) for side, w in zip(sides, columns, strict=True)]
        first = _wrapped(name, "", names)
        height = max(len(first), *map(len, wrapped))
        for place in range(height):
            label = first[place][0] if place < len(first) else ""
            lead = f"{sign if place == 0 else ' '} {_padded(label, names)}"
            parts = [_line(column, place, 0, w) for column, w in zip(wrapped, columns, strict=True)]
            lines.append((lead + "".join(" " * GAP + part for part in parts)).rstrip())
            marks = [_line(column, place, 1, w) for column, w in zip(wrapped, columns, strict=True)]
            if any(mark.strip() for mark in marks):
                lines.append((" " * (GAP + names) + "".join(" " * GAP + mark for mark in marks)).rstrip())
    return lines


def _ruled(text: str, width: int) -> list[str]:
    first, *rest = (line for line, _ in _wrapped(text, "", max(LEAST, width - 6)))
    return [f"── {first} {'─' * max(0, width - 4 - cell_len(first))}", *(f"   {line}" for line in rest)]


def _shared(natural: list[int], room: int) -> list[int]:
    """The widths of one or two columns that have so much room."""
    natural = [max(LEAST, wanted) for wanted in natural]
    if sum(natural) <= room or len(natural) == 1:
        return natural if sum(natural) <= room else [max(LEAST, room)]
    half = max(LEAST, room // 2)
    if min(natural) <= half:
        short = natural.index(min(natural))
        long = max(LEAST, room - natural[short])
        return [natural[short], long] if short == 0 else [long, natural[short]]
    return [half, half]


def _marked(text: str, other: str) -> tuple[str, str]:
    """A text, and below each of its letters a mark where it differs from another; none where all of it does."""
    if not text or not other:
        return text, ""
    most = min(len(text), len(other))
    start = next((n for n in range(most) if text[n] != other[n]), most)
    end = next((n for n in range(most - start) if text[-1 - n] != other[-1 - n]), most - start)
    if not start and not end:
        return text, ""
    return text, " " * start + MARK * (len(text) - start - end)


def _wrapped(text: str, marks: str, width: int) -> list[tuple[str, str]]:
    """Lines of a text that are at most so many cells wide, each with its marks."""
    lines: list[tuple[str, str]] = []
    line, below, used = "", "", 0
    for place, letter in enumerate(text):
        cells = cell_len(letter)
        if used + cells > width:
            lines.append((line, below))
            line, below, used = "", "", 0
        line, used = line + letter, used + cells
        below += (marks[place] if place < len(marks) else " ") * cells
    return [*lines, (line, below)]


def _line(column: list[tuple[str, str]], place: int, which: int, width: int) -> str:
    return _padded(column[place][which] if place < len(column) else "", width)


def _padded(text: Any, width: int) -> str:
    return str(text) + " " * (width - cell_len(str(text)))
