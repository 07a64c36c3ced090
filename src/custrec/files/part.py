"""A file that appears whole or not at all: written beside its place, flushed to disk, then renamed."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from custrec.errors import IoFailure
from custrec.files.printable import printable


class PartFile:
    """A new file at `path`, there once `commit` is called; `discard` leaves what was there before.

    Readable by its owner only (0600), as records of people are; a file that is replaced keeps its permissions with
    `keep_mode`. What stands at `path` and is no regular file (a device, a named pipe) is written directly. A symbolic
    link is refused, so that nobody can have another file replaced: resolve it before where following is wanted.

    An interruption may come at any moment, also before whoever makes a part can hold it: the name is known before there
    is a file, and a part that nobody holds any more takes its file along.

    Raises IoFailure on making and on commit.
    """

    stream: BinaryIO
    _part: Path | None = None

    def __init__(self, path: Path, *, keep_mode: bool = False) -> None:
        self.path = path
        try:
            mode = _mode_of(path)
            if mode is None or stat.S_ISREG(mode):
                self.stream = self._beside(stat.S_IMODE(mode) if mode is not None and keep_mode else None)
            elif stat.S_ISLNK(mode):
                raise IoFailure(path=printable(str(path), 200), reason="it is a symbolic link")
            else:
                self.stream = path.open("wb")
        except OSError as error:
            raise self.failure(error) from error

    def __del__(self) -> None:
        with contextlib.suppress(OSError):
            self.discard()

    def _beside(self, mode: int | None) -> BinaryIO:
        self._part = self.path.with_name(f".{self.path.name[:100]}.{os.urandom(8).hex()}.part")
        stream = open(self._part, "xb", buffering=1 << 18, opener=_private)  # noqa: SIM115
        if mode is not None and hasattr(os, "fchmod"):
            os.fchmod(stream.fileno(), mode)
        return stream

    @property
    def lies(self) -> Path:
        """Where what is written lies until it is in its place."""
        return self._part or self.path

    def commit(self) -> None:
        """Put the file in its place, safely on disk."""
        try:
            self.stream.flush()
            if self._part is None:
                self.stream.close()
                return
            os.fsync(self.stream.fileno())
            self.stream.close()
            self._part.replace(self.path)
            self._part = None
            _sync_directory(self.path.parent)
        except OSError as error:
            self.discard()
            raise self.failure(error) from error

    def discard(self) -> None:
        """Forget what was written. Harmless after `commit`."""
        try:
            if hasattr(self, "stream"):  # else it was interrupted on making
                self.stream.close()
        except OSError:  # what could not be flushed is not wanted any more
            pass
        finally:
            if self._part is not None:
                self._part.unlink(missing_ok=True)
                self._part = None

    def failure(self, error: OSError) -> IoFailure:
        """The error to raise for what the system said while writing."""
        return IoFailure(path=printable(str(self.path), 200), reason=(error.strerror or str(error)).lower())


def _private(name: str, flags: int) -> int:
    """Open a new file for its owner only; `flags` (of mode x) refuse what is there already, symbolic links, too."""
    return os.open(name, flags, 0o600)


def _mode_of(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return None


def _sync_directory(directory: Path) -> None:
    """Make a rename last through a power cut, where the system lets a directory be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
