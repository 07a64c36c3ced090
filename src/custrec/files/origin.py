"""Where rows come from, as one text: a file, `-`, or `FILE#PART` for a sheet of a workbook, a table of an SQLite
database, a member of a ZIP archive (`july.zip#book.xlsx#Sheet2` for a sheet of a member).

Only names are told apart here, by what lies on the disk; what the bytes are is told by files.sniffing.
"""

from __future__ import annotations

import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

from custrec.errors import ArchiveUnusable, PartUnknown, PartUnnamed
from custrec.files.printable import printable

STANDARD_INPUT = "-"
ZIP = b"PK\x03\x04"
_OFFICE = frozenset({"META-INF/manifest.xml", "[Content_Types].xml", "xl/workbook.xml", "xl/workbook.bin"})
"""What office files, which are ZIP archives too, have in them and an archive of customer files does not."""
BROKEN_ARCHIVE = (OSError, zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError)
"""What reading the contents of a damaged archive can raise."""
_NO_FILES = ("__MACOSX/",)
MOST_LISTED = 20
"""How many parts an error lists."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A file (`-`: standard input), the member of it that is meant if it is a ZIP archive, and the part (a sheet or a
    table) of that."""

    path: str
    member: str | None = None
    part: str | None = None

    @property
    def name(self) -> str:
        """The name for messages and for the history, without the folder."""
        if self.path == STANDARD_INPUT:
            return "standard input"
        parts = [Path(self.path).name, self.member, self.part]
        return printable("#".join(text for text in parts if text is not None), 200)

    @property
    def text(self) -> str:
        """The text that `origin` reads as this."""
        return "#".join(text for text in (self.path, self.member, self.part) if text is not None)


def origin(text: str) -> Origin:
    """What `FILE#PART` means. A file that bears the whole name comes first, so `#` may stand in names.

    Raises ArchiveUnusable, and PartUnknown for a member that an archive does not have.
    """
    if text == STANDARD_INPUT:
        return Origin(text)
    path, part = text, None
    while not _there(path) and "#" in path:
        path, _, last = path.rpartition("#")
        part = last if part is None else f"{last}#{part}"
    if path == STANDARD_INPUT and not _there(path):
        return Origin(path, None, part)
    if not _there(path) or (part is not None and Path(path).is_dir()):
        return Origin(text)
    if part is None or not is_archive(Path(path)):
        return Origin(path, None, part)
    names = members(Path(path))
    for name in sorted(names, key=len, reverse=True):
        if part == name or part.startswith(f"{name}#"):
            return Origin(path, name, part[len(name) + 1 :] or None)
    raise PartUnknown(part=printable(part), what="file", file=printable(Path(path).name, 200), details=listed(names))


def expanded(text: str) -> list[str]:
    """The origins that an argument means: those of an archive's members, where it is one and none is named.

    Raises ArchiveUnusable.
    """
    found = origin(text)
    if found.path == STANDARD_INPUT or found.member is not None or found.part is not None:
        return [text]
    path = Path(found.path)
    if not is_archive(path):
        return [text]
    names = members(path)
    if not names:
        raise ArchiveUnusable(file=printable(path.name, 200), why="there is no file in it")
    return [f"{text}#{name}" for name in names]


def single(text: str) -> str:
    """The one origin that an argument means. Raises ArchiveUnusable, PartUnnamed for an archive of several files."""
    found = expanded(text)
    if len(found) > 1:
        names = [origin(one).member or "" for one in found]
        file = printable(Path(origin(text).path).name, 200)
        raise PartUnnamed(file=file, count=len(names), what="file", example=printable(names[0]), details=listed(names))
    return found[0]


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP archive of files, and not one of the office files that are made of ZIP."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as stream:
            if stream.read(4) != ZIP:
                return False
        return not is_office(path)
    except BROKEN_ARCHIVE:
        return False


def is_office(path: Path) -> bool:
    """Whether an archive is an office file. Raises one of `BROKEN_ARCHIVE` for what is no archive."""
    with zipfile.ZipFile(path) as archive:
        return not _OFFICE.isdisjoint(archive.namelist())


def members(path: Path) -> list[str]:
    """The files in an archive, as they are named there, in order of their names. Raises ArchiveUnusable."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir() and _is_wanted(info.filename)]
    except BROKEN_ARCHIVE as error:
        raise ArchiveUnusable(file=printable(path.name, 200), why="it is damaged") from error
    if any(info.flag_bits & 1 for info in infos):
        raise ArchiveUnusable(file=printable(path.name, 200), why="it is protected with a password")
    names = sorted(map(member_name, infos))
    if len(set(names)) < len(names):
        raise ArchiveUnusable(file=printable(path.name, 200), why="two files in it have one name")
    return names


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name. Archives made by Chinese Windows have names in GBK, which ZIP takes for code page 437."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return info.filename


def listed(names: list[str]) -> tuple[str, ...]:
    """Names as the lines below an error."""
    more = (f"… and {len(names) - MOST_LISTED:,} more",) if len(names) > MOST_LISTED else ()
    return tuple(printable(name) for name in names[:MOST_LISTED]) + more


def _there(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        return False


def _is_wanted(name: str) -> bool:
    return not name.startswith(_NO_FILES) and not Path(name).name.startswith((".", "~$"))
