"""How far apart the cells of a workbook's sheets lie, told before it is read.

A sheet is read as one rectangle from its first to its last cell, blanks among them, so that a few cells at opposite
ends of it would need more memory than any machine has. The parts of an xlsx are only searched here for references to
cells far out (ECMA-376 part 1, 18.3.1.4); nothing is parsed where there are none, as in nearly every workbook.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

MOST_CELLS = 100_000_000
"""So many cells, blank ones among them, a sheet may have. In memory each takes about 24 bytes."""
MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
"""Of a sheet by the format."""

_BLOCK = 8 << 20
_OVERLAP = 1 << 10
_REFERENCE = rb"r\s*=\s*[\"']"
_FAR = re.compile(_REFERENCE + rb"(?:[B-Zb-z][A-Za-z]|[A-Za-z]{3}|[A-Za-z]*(?:\d{8}|[2-9]\d{6}|1[1-9]\d{5}))")
"""A column beyond AZ, or a row that no sheet has: without either, no sheet has more than `MOST_CELLS`."""
_CELL = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\b" + _REFERENCE + rb"([A-Za-z]{1,20})(\d{1,20})[\"'][^<>]*?(/?)>")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\b" + _REFERENCE + rb"(\d{7,})")


def is_too_wide(path: Path) -> bool:
    """Whether a sheet of an xlsx has cells too far apart. Raises what reading a damaged archive does (files.source)."""
    with zipfile.ZipFile(path) as archive:
        return any(_has_far_cells(archive, info) and _is_too_wide(archive, info) for info in archive.infolist())


def _has_far_cells(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    if not info.filename.startswith("xl/") or not info.filename.lower().endswith(".xml"):
        return False
    with archive.open(info) as part:
        blocks = _blocks(part)
        first = next(blocks, b"")
        if b"worksheet" not in first[: 1 << 16]:
            return False
        return _FAR.search(first) is not None or any(_FAR.search(block) for block in blocks)


def _is_too_wide(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    rows: list[int] = []
    columns: list[int] = []
    with archive.open(info) as part:
        for block in _blocks(part):
            if any(int(found[1]) > MOST_ROWS for found in _ROW.finditer(block)):
                return True
            found = [_place(*cell.group(1, 2)) for cell in _CELL.finditer(block) if not cell[3]]
            if found:
                rows += (min(row for row, _ in found), max(row for row, _ in found))
                columns += (min(column for _, column in found), max(column for _, column in found))
    if not rows:
        return False
    height, width = max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
    return max(rows) > MOST_ROWS or max(columns) > MOST_COLUMNS or height * width > MOST_CELLS


def _place(letters: bytes, digits: bytes) -> tuple[int, int]:
    """Row and column of AB12, from 1."""
    column = 0
    for letter in letters.upper():
        column = column * 26 + letter - 64
    return int(digits), column


def _blocks(part: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a part; each block begins with the end of the one before, so that no reference is cut in two."""
    tail = b""
    while block := part.read(_BLOCK):
        yield tail + block
        tail = (tail + block)[-_OVERLAP:]
