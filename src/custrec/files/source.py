"""Opening what is to be read: a file, a pipe, a member of a ZIP archive, or standard input, with a sample read ahead.

The sample is what files.forms judges; reading then begins with it again, so that pipes are read once. All that can be
wrong with a name is an error of its own here; what can be wrong with the bytes is told by files.dialect and its kin.
"""

from __future__ import annotations

import io
import lzma
import os
import select
import shutil
import sys
import zipfile
import zlib
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO

from custrec.errors import FileEmpty, FileIsDirectory, FileMissing, FileUnreadable, IoFailure
from custrec.files.dialect import SAMPLE_SIZE
from custrec.files.origin import BROKEN_ARCHIVE, STANDARD_INPUT, Origin, member_name, origin
from custrec.files.printable import printable

BLOCK = 1 << 20
_BROKEN = (*BROKEN_ARCHIVE, zlib.error, lzma.LZMAError, EOFError, RuntimeError)
"""What reading can raise, also that of a damaged archive."""


class Source:
    """Bytes to be read once, from the start. A context manager, which closes what it opened.

    `name` is safe to print; `path` is the file that has just these bytes, None for standard input and for members of
    archives; `size` is the number of bytes where it is known beforehand, for progress. `sample` are the first bytes,
    all of them if `complete`.
    """

    def __init__(
        self,
        stream: BinaryIO | io.FileIO | IO[bytes],
        name: str,
        path: Path | None = None,
        size: int | None = None,
        owned: ExitStack | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self.size = size
        self._stream = stream
        self._owned = owned or ExitStack()
        try:
            self.sample = self._read_ahead()
        except BaseException:
            self._owned.close()
            raise
        self.complete = len(self.sample) < SAMPLE_SIZE
        self._ahead = self.sample
        self._kept: Path | None = None
        self._copy: BinaryIO | None = None

    def keep(self, path: Path) -> None:
        """From now on copy all that is read to a file (0600), for what can be read only once. Raises IoFailure."""
        try:
            self._copy = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        except OSError as error:
            raise IoFailure(path=printable(path.name, 200), reason=_reason(error)) from error
        self._kept = path

    def settled(self, path: Path) -> Path:
        """A file that holds all the bytes, for readers that must jump about in it: the source's own, or a copy made at
        `path`. The source is then read to its end. Raises IoFailure, FileUnreadable."""
        if self.path is not None:
            return self.path
        if self.size is not None and shutil.disk_usage(path.parent).free < self.size:
            raise IoFailure(path=printable(path.name, 200), reason=f"there is no room for a copy of {self.name}")
        if self._kept is None:
            self.keep(path)
        while self.read(BLOCK):
            pass
        assert self._kept is not None
        return self._kept

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, at least one unless the end is reached. Raises FileUnreadable if the device fails."""
        block = self._next(size)
        if self._copy is not None:
            try:
                self._copy.write(block)
                if not block:
                    self._copy.flush()
            except OSError as error:
                raise IoFailure(path="the copy of what is read", reason=_reason(error)) from error
        return block

    def _next(self, size: int) -> bytes:
        if self._ahead:
            block, self._ahead = self._ahead[:size], self._ahead[size:]
            return block
        try:
            while True:
                # A stream set to non-blocking by somebody else gives None while there is nothing yet.
                found: bytes | None = self._stream.read(size)
                if found is not None:
                    return found
                select.select([self._stream], [], [])
        except _BROKEN as error:
            raise FileUnreadable(path=self.name, reason=_reason(error)) from error

    def _read_ahead(self) -> bytes:
        self._ahead = b""
        blocks: list[bytes] = []
        missing = SAMPLE_SIZE
        while missing > 0 and (block := self._next(missing)):
            blocks.append(block)
            missing -= len(block)
        return b"".join(blocks)

    def close(self) -> None:
        """Close the file; standard input is left alone."""
        if self._copy is not None:
            self._copy.close()
        self._owned.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_source(path: str | Path) -> Source:
    """Open a file, a named pipe, a member of an archive, or standard input (`-`) for reading; see files.origin.

    Raises FileMissing, FileIsDirectory, FileUnreadable, ArchiveUnusable, PartUnknown, and FileEmpty if there is not a
    single byte.
    """
    if path == STANDARD_INPUT:
        source = _standard_input()
    else:
        meant = Origin(str(path)) if isinstance(path, Path) else origin(path)
        source = _file(Path(meant.path)) if meant.member is None else _member(meant, meant.member)
    if not source.sample:
        source.close()
        raise FileEmpty(path=source.name)
    return source


def _standard_input() -> Source:
    name = "standard input"
    if sys.stdin is None:
        raise FileUnreadable(path=name, reason="it is closed")
    return Source(sys.stdin.buffer, name)


def _file(path: Path) -> Source:
    name = printable(str(path), 200)
    try:
        if path.is_dir():
            raise FileIsDirectory(path=name)
        stream = path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise FileMissing(path=name) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise FileUnreadable(path=name, reason=_reason(error)) from error
    with ExitStack() as opened:
        opened.enter_context(stream)
        if path.is_file():
            return Source(stream, name, path, path.stat().st_size, opened.pop_all())
        return Source(stream, name, owned=opened.pop_all())


def _member(meant: Origin, name: str) -> Source:
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(meant.path))
            info = next(info for info in archive.infolist() if member_name(info) == name)
            stream = opened.enter_context(archive.open(info))
        except _BROKEN as error:
            raise FileUnreadable(path=meant.name, reason=_reason(error)) from error
        return Source(stream, printable(f"{meant.path}#{name}", 200), None, info.file_size, opened.pop_all())


def _reason(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
