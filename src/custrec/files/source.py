"""Opening what is to be read: a file, a pipe, or standard input, with a sample of it read ahead.

The sample is what files.dialect judges; reading then begins with it again, so that pipes are read once. All that can
be wrong with a name is an error of its own here; what can be wrong with the bytes is told by files.dialect.
"""

from __future__ import annotations

import io
import os
import select
import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from custrec.errors import FileEmpty, FileIsDirectory, FileMissing, FileUnreadable
from custrec.files.dialect import SAMPLE_SIZE
from custrec.files.printable import printable

STANDARD_INPUT = "-"


class Source:
    """Bytes to be read once, from the start. A context manager, which closes what it opened.

    `name` is safe to print; `path` is None for standard input; `size` is the number of bytes where it is known
    beforehand, for progress. `sample` are the first bytes, all of them if `complete`.
    """

    def __init__(
        self, stream: BinaryIO | io.FileIO, name: str, path: Path | None = None, size: int | None = None
    ) -> None:
        self.name = name
        self.path = path
        self.size = size
        self._stream = stream
        self.sample = self._read_ahead()
        self.complete = len(self.sample) < SAMPLE_SIZE
        self._ahead = self.sample
        self._kept: BinaryIO | None = None

    def keep(self, path: Path) -> None:
        """From now on copy all that is read to a file (0600), for what can be read only once."""
        self._kept = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes, at least one unless the end is reached. Raises FileUnreadable if the device fails."""
        block = self._next(size)
        if self._kept is not None:
            self._kept.write(block)
            if not block:
                self._kept.flush()
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
        except OSError as error:
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
        if self._kept is not None:
            self._kept.close()
        if self.path is not None:
            self._stream.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_source(path: str | Path) -> Source:
    """Open a file, a named pipe, or standard input (`-`) for reading.

    Raises FileMissing, FileIsDirectory, FileUnreadable, and FileEmpty if there is not a single byte.
    """
    source = _standard_input() if path == STANDARD_INPUT else _file(Path(path))
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
    try:
        size = path.stat().st_size if path.is_file() else None
        return Source(stream, name, path, size)
    except BaseException:
        stream.close()
        raise


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
