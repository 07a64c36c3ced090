"""Sheets of workbooks: xlsx, xlsm, xlsb, xls and ods, read by calamine (python-calamine) as cells of their own types.

Of several sheets the visible one whose header meets the schema best is taken, unless one is named. The header is the
first row that is not blank, or a later one where the first rows are titles (files.header_row). A cell that
was merged with those below it stands for each of their rows, which is what one sees on the screen. A cell that holds an
error (#N/A) has no value and reads as blank; a formula reads as the result that was saved with it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from custrec.errors import FileEmpty, PartUnknown, WorkbookLocked, WorkbookUnreadable
from custrec.files.cells import CellReader, text_rows
from custrec.files.chunks import Header
from custrec.files.header_row import header_place
from custrec.files.headers import fold_header
from custrec.files.origin import BROKEN_ARCHIVE, is_office, listed
from custrec.files.printable import printable
from custrec.files.sheet_extent import is_too_wide
from custrec.values.protocol import Native

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

Found = TypeVar("Found")

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How old Excel files begin, and protected new ones."""
LARGEST = 4 << 30
"""Bytes that the parts of a workbook may have unpacked: it is read into memory as a whole."""
TOP = 30
"""Among so many rows the header is sought."""
PACKED = 200
"""So many times smaller than what is in it a large workbook may be: real ones are 5 to 50 times."""
_SMALL = 100 << 20
_HEAD = 64 << 10
_MARKS = (b"[Content_Types].xml", b"opendocument.spreadsheet", b"xl/")
_OLD_FROM_1904 = bytes.fromhex("2200 0200 0100")
_FROM_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904\s*=\s*[\"'](?:1|true)[\"']")


@dataclass(frozen=True)
class SheetChoice:
    """A sheet with its header found. `passed` are rows above the header, `filled` the rows that merged cells fill.

    `number` says from when its days are counted.
    """

    name: str
    others: int
    header: Header
    passed: int
    filled: int
    number: Native
    reader: CellReader


def is_workbook(path: Path) -> bool:
    """Whether a file that begins like a ZIP archive is a workbook, or the beginning of one."""
    try:
        return is_office(path)
    except BROKEN_ARCHIVE:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        return any(mark in head for mark in _MARKS)


def open_sheet(path: Path, part: str | None, known: Collection[str], sha256: str, name: str) -> SheetChoice:
    """Choose a sheet of a workbook: the one named (or numbered from 1) by `part`, else the one that meets `known`.

    `known` are folded headers (files.headers), `sha256` is the file's, `name` is for messages. Raises WorkbookLocked,
    WorkbookUnreadable, PartUnknown, and FileEmpty where no sheet has a row.
    """
    workbook = _guarded(lambda: _load(path, name), name)
    visible = [sheet.name for sheet in workbook.sheets_metadata if _is_shown(sheet)] or list(workbook.sheet_names)
    if part is not None:
        visible = [_named(part, list(workbook.sheet_names), name)]
    best: tuple[int, CalamineSheet, list[list[str]], int] | None = None
    filled = 0
    for title in visible:
        sheet = _guarded(lambda title=title: workbook.get_sheet_by_name(title), name)  # type: ignore[misc]
        top = _top(sheet, name)
        places = [place for place, row in enumerate(top) if any(map(str.strip, row))]
        if not places:
            continue
        filled += 1
        place = places[header_place([top[place] for place in places], known)]
        score = len(set(map(fold_header, top[place])) & set(known))
        if best is None or score > best[0]:
            best = score, sheet, top, place
    if best is None:
        raise FileEmpty(path=name)
    _, sheet, top, place = best
    number = Native.SHEET_NUMBER_1904 if _counts_from_1904(path) else Native.SHEET_NUMBER
    return _chosen(sheet, top, place, filled - 1, number, sha256, path.stat().st_size, name)


def _chosen(
    sheet: CalamineSheet,
    top: list[list[str]],
    place: int,
    others: int,
    number: Native,
    sha256: str,
    size: int,
    name: str,
) -> SheetChoice:
    start = sheet.start or (0, 0)
    cells = list(top[place])
    while cells and not cells[-1].strip():
        cells.pop()
    header = Header(tuple(cells), b"", start[0] + place + 1)
    below = (sheet.height or 0) - place - 1
    merged = _merged(sheet, start, place, len(top[place]), place + below)

    def rows() -> Iterator[Sequence[Any]]:
        found = _guarded(lambda: iter(sheet.iter_rows()), name)
        for _ in range(start[0] + place + 1):  # it begins at the top of the sheet, but with the first column of cells
            next(found, None)
        return _filled(found, merged, place + 1) if merged else found

    reader = CellReader(header, rows, start[0] + place + 2, sha256, size, below)
    passed = sum(1 for row in top[:place] if any(map(str.strip, row)))
    return SheetChoice(sheet.name, others, header, passed, _rows_reached(merged), number, reader)


def _merged(
    sheet: CalamineSheet, start: tuple[int, int], place: int, width: int, last: int
) -> list[tuple[int, int, int]]:
    """The cells below the header that are merged downwards: column, first and last row, as they are read.

    What is merged beside the cells that are read, or below the last of them, is a matter of looks.
    """
    found = []
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        column, first, end = left - start[1], top - start[0], min(bottom - start[0], last)
        if first > place and end > first and 0 <= column < width:
            found.append((column, first, end))
    return sorted(found, key=lambda one: one[1])


def _rows_reached(merged: list[tuple[int, int, int]]) -> int:
    """How many rows merged cells fill, each counted once; `merged` is in the order of the first rows."""
    count, done = 0, -1
    for _, first, last in merged:
        count += max(0, last - max(first, done))
        done = max(done, last)
    return count


def _filled(rows: Iterator[list[Any]], merged: list[tuple[int, int, int]], number: int) -> Iterator[list[Any]]:
    """The rows, with what merged cells hold in each row that they reach."""
    waiting = list(reversed(merged))
    open_cells: dict[int, tuple[int, Any]] = {}
    for row in rows:
        for column, (_, cell) in open_cells.items():
            row[column] = cell
        while waiting and waiting[-1][1] == number:
            column, _, last = waiting.pop()
            if row[column] != "":
                open_cells[column] = last, row[column]
        if open_cells:
            open_cells = {column: one for column, one in open_cells.items() if one[0] > number}
        yield row
        number += 1


def _top(sheet: CalamineSheet, name: str) -> list[list[str]]:
    rows = _guarded(lambda: sheet.to_python(nrows=TOP), name)
    texts = text_rows(rows, range(len(rows)), max(map(len, rows), default=0), Native.SHEET_NUMBER, {})
    found: list[list[str]] = [[] for _ in rows]
    for line, cells in [*zip(texts.lines, texts.rows, strict=True), *((bad.line, bad.cells) for bad in texts.bad)]:
        found[line] = cells
    return found


def _named(part: str, names: list[str], file: str) -> str:
    for title in names:
        if title == part:
            return title
    for title in names:
        if fold_header(title) == fold_header(part):
            return title
    if part.isdecimal() and 0 < int(part) <= len(names):
        return names[int(part) - 1]
    raise PartUnknown(part=printable(part), what="sheet", file=file, details=listed(names))


def _is_shown(sheet: Any) -> bool:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return bool(sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible)


def _load(path: Path, name: str) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > LARGEST:
            raise WorkbookUnreadable(file=name, why=f"unpacked it has more than {LARGEST >> 30} GB")
        if size > _SMALL and size > PACKED * path.stat().st_size:
            raise WorkbookUnreadable(file=name, why=f"unpacked it is more than {PACKED} times as large")
        if is_too_wide(path):
            raise WorkbookUnreadable(file=name, why="the cells of a sheet in it lie too far apart")
    return CalamineWorkbook.from_path(path)


def _counts_from_1904(path: Path) -> bool:
    """Whether a workbook counts its days from 1904 (ECMA-376 part 1, 18.2.28; [MS-XLS] 2.4.77).

    calamine reads dates as what they are, but does not tell it, and bare numbers may be days too.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if head.startswith(OLE):
        return _OLD_FROM_1904 in head
    try:
        with zipfile.ZipFile(path) as archive:
            return _FROM_1904.search(archive.read("xl/workbook.xml")) is not None
    except (*BROKEN_ARCHIVE, KeyError, zlib.error, RuntimeError):
        return False


def _guarded(ask: Callable[[], Found], name: str) -> Found:
    """What `ask` gives. Raises WorkbookLocked and WorkbookUnreadable for all that calamine may say."""
    from python_calamine import CalamineError, PasswordError

    try:
        return ask()
    except PasswordError as error:
        raise WorkbookLocked(file=name) from error
    except (CalamineError, *BROKEN_ARCHIVE, zlib.error, EOFError, RuntimeError) as error:
        raise WorkbookUnreadable(file=name, why="it is damaged, or of a kind that is not known") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of calamine, which derives it from BaseException
            raise WorkbookUnreadable(file=name, why="it is damaged") from error
        raise
