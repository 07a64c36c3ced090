"""Where a plain store lies: a folder, or a tar archive in a stream; written and read a file after the other.

An archive can only be read in the order in which it was written, and needs the size of a file before its content: so
each is first put into a nameless temporary file, which the system takes away however this process ends.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from custrec.model.plain import SUMS

CHUNK = 1 << 20
LONGEST_LINE = 1 << 28
"""Bytes of a line at most: more than SQLite's own limit of a row would never come from a store of ours."""


class Sink(Protocol):
    """What a plain store is written to."""

    def add(self, name: str, content: Iterable[bytes]) -> None:
        """Add a file."""


class FolderSink:
    """A folder that is there and empty; files are for their owner only (0600)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, content: Iterable[bytes]) -> None:
        """Add a file, safely on disk. Raises OSError."""
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb", buffering=CHUNK) as stream:
            stream.writelines(content)
            stream.flush()
            os.fsync(descriptor)


class ArchiveSink:
    """A tar archive (POSIX.1-2001) in a stream; `room` is a folder on a disk that has room for the largest file."""

    def __init__(self, stream: BinaryIO, room: Path) -> None:
        self._tar = tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 (close ends it)
        self._room = room

    def add(self, name: str, content: Iterable[bytes]) -> None:
        """Add a file; equal content makes an equal archive. Raises OSError."""
        with tempfile.TemporaryFile(dir=self._room) as spool:
            spool.writelines(content)
            member = tarfile.TarInfo(name)
            member.size, member.mode = spool.tell(), 0o600
            spool.seek(0)
            self._tar.addfile(member, spool)

    def close(self) -> None:
        """Write the end of the archive."""
        self._tar.close()


class Summing:
    """A sink that notes the SHA-256 of what goes into another one."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._sums: list[tuple[str, str]] = []

    def add(self, name: str, content: Iterable[bytes]) -> None:
        """Add a file."""
        digest = hashlib.sha256()

        def noted() -> Iterator[bytes]:
            for part in content:
                digest.update(part)
                yield part

        self._sink.add(name, noted())
        self._sums.append((digest.hexdigest(), name))

    def close(self) -> None:
        """Add the sums of all that was added."""
        self._sink.add(SUMS, [f"{digest}  {name}\n".encode() for digest, name in self._sums])


class Missing(Exception):
    """A file that should come next is not there."""


class Source(Protocol):
    """What a plain store is read from, in the order in which it was written."""

    def member(self, name: str) -> BinaryIO:
        """The next file, which is of this name. Raises Missing, OSError."""

    def rest(self) -> Iterator[tuple[str, BinaryIO]]:
        """The files that were not asked for, SHA256SUMS last; a folder has further ones perhaps."""


class FolderSource:
    """A folder."""

    def __init__(self, folder: Path, rest: str) -> None:
        self._folder = folder
        self._rest = rest

    def member(self, name: str) -> BinaryIO:
        """A file. Raises Missing, OSError."""
        path = self._folder / name
        if not path.is_file():
            raise Missing(name)
        return path.open("rb")

    def rest(self) -> Iterator[tuple[str, BinaryIO]]:
        """The files of the one folder in it, and the sums."""
        inside = (self._folder / self._rest).rglob("*")
        for path in sorted(path for path in inside if path.is_file() and not path.is_symlink()):
            name = path.relative_to(self._folder).as_posix()
            yield name, self.member(name)
        yield SUMS, self.member(SUMS)


class ArchiveSource:
    """A tar archive in a stream, read once from its beginning to its end."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._tar = tarfile.open(fileobj=stream, mode="r|")  # noqa: SIM115 (the stream is another's)
        except tarfile.TarError as error:
            raise Missing("its beginning") from error

    def member(self, name: str) -> BinaryIO:
        """The next file. Raises Missing, OSError."""
        found = self._next()
        if found is None or found[0] != name:
            raise Missing(name)
        return found[1]

    def rest(self) -> Iterator[tuple[str, BinaryIO]]:
        """The files that are left."""
        while found := self._next():
            yield found

    def _next(self) -> tuple[str, BinaryIO] | None:
        try:
            member = self._tar.next()
            stream = self._tar.extractfile(member) if member is not None and member.isreg() else None
        except tarfile.TarError as error:
            raise Missing("its end") from error
        if member is None:
            return None
        return member.name, stream or io.BytesIO()  # type: ignore[return-value]
