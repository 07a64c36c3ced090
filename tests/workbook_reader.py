"""What an Excel workbook says, read with nothing but the standard library: its sheets, cells, and drop-down lists."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its rows of cells (texts as str, numbers as float, None where there is none), its parsed XML."""

    name: str
    rows: list[list[str | float | None]]
    root: ElementTree.Element
    hidden: bool

    def lists(self) -> dict[str, str]:
        """The sources of its drop-down lists by the cells they are for."""
        found = self.root.iter(f"{MAIN}dataValidation")
        return {one.get("sqref", ""): one.findtext(f"{MAIN}formula1", "") for one in found if one.get("type") == "list"}

    def hints(self) -> list[str]:
        """What is said beside selected cells."""
        return [one.get("prompt", "") for one in self.root.iter(f"{MAIN}dataValidation")]


def sheets_of(path: Path) -> list[Sheet]:
    """The sheets of a workbook in their order."""
    with zipfile.ZipFile(path) as archive:
        shared = []
        if "xl/sharedStrings.xml" in archive.namelist():
            table = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))  # noqa: S314 (our own file)
            shared = [text_of(item) for item in table.iter(f"{MAIN}si")]
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        found = []
        for number, sheet in enumerate(book.iter(f"{MAIN}sheet"), 1):
            root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
            rows = [row_of(row, shared) for row in root.iter(f"{MAIN}row")]
            found.append(Sheet(sheet.get("name", ""), rows, root, sheet.get("state") == "hidden"))
        return found


def row_of(row: ElementTree.Element, shared: list[str]) -> list[str | float | None]:
    """The cells of a row, up to its last. A formula is a failure: nothing custrec writes is one."""
    cells: list[str | float | None] = []
    for cell in row.iter(f"{MAIN}c"):
        assert cell.find(f"{MAIN}f") is None
        place = column_number("".join(filter(str.isalpha, cell.get("r", ""))))
        cells += [None] * (place - len(cells))
        value = cell.findtext(f"{MAIN}v")
        if cell.get("t") == "inlineStr":
            cells.append(text_of(cell))
        elif cell.get("t") == "s":
            cells.append(shared[int(value or 0)])
        else:
            cells.append(None if value is None else float(value))
    return cells


def column_number(letters: str) -> int:
    """The place of a column from 0: A, B, …, Z, AA, …"""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def text_of(element: ElementTree.Element) -> str:
    """The text of a cell or a shared string, escapes read."""
    text = "".join(part.text or "" for part in element.iter(f"{MAIN}t"))
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
