"""A store's bytes through the seal and back: compressed and encrypted in one pass, decrypted and unpacked in another.

Neither needs more memory than a few chunks. Whatever the disk says on the way is raised in our own words; pyrage alone
would leave half a file on a full disk, and say nothing.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import queue
import threading
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from custrec.errors import BackupDamaged, DiskFull, IoFailure
from custrec.files.age import Identity, Writer, compressing, decompressing, seal, unseal
from custrec.model.backups import Content

THREADS = 2
"""Threads that compress while this one encrypts."""
CHUNK = 1 << 20
GATHERED = 1 << 18
"""Bytes that are handed from one thread to another at least."""
WAITING = 4
"""Chunks that wait at most to be written."""


class Hashing:
    """A stream that is counted and hashed as it goes by."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._count = 0

    def read(self, size: int = -1) -> bytes:
        """What the stream gives."""
        data: bytes = self._stream.read(size)
        self._hash.update(data)
        self._count += len(data)
        return data

    def write(self, data: bytes) -> int:
        """Write all of it; without a stream it is counted and hashed alone."""
        if self._stream is not None:
            self._stream.write(data)
        self._hash.update(data)
        self._count += len(data)
        return len(data)

    @property
    def content(self) -> Content:
        """What went by."""
        return Content(self._count, self._hash.hexdigest())


def sealed(plain: BinaryIO, size: int, target: BinaryIO, keys: Sequence[str]) -> tuple[Content, Content]:
    """Compress and seal `size` bytes for these recipients; what went in, and what came out. Raises OSError."""
    source, hashing = Hashing(plain), Hashing(target)
    seal(compressing(source, size, THREADS), hashing, keys)
    target.flush()
    return source.content, hashing.content


def opened(file: Path, plain: Path, identities: Sequence[Identity]) -> None:
    """Decrypt and unpack a sealed file into `plain`, which is there and empty. One thread decrypts, one unpacks and one
    writes, so that the slowest of them, not their sum, is what it takes.

    Raises KeyOpensNothing, BackupDamaged, DiskFull, IoFailure. What it wrote until then must not be used.
    """
    with (
        of_disk(plain.parent),
        _unpackable(file),
        # Buffered: a raw file on a full disk may take a part of what it is given, and tell only who asks. Not emptied:
        # ext4 takes that for a file that is replaced, and has whoever closes it wait for its blocks (auto_da_alloc).
        plain.open("rb+") as target,
        file.open("rb") as source,
        _Beside(target) as written,
        _Beside(decompressing(written)) as unpacked,
    ):
        unseal(source, unpacked, identities, file.name)


def content_of(file: Path, identities: Sequence[Identity]) -> Content:
    """What a sealed file holds: it is decrypted and unpacked to its end, and nothing of it is kept.

    Raises KeyOpensNothing, BackupDamaged, IoFailure.
    """
    hashing = Hashing(None)
    with of_disk(file.parent), _unpackable(file), file.open("rb") as source:
        unseal(source, decompressing(hashing), identities, file.name)  # opening is quicker than handing on
    return hashing.content


def content_in(plain: BufferedReader) -> Content:
    """What an open file gives back. Raises OSError."""
    return Content(os.fstat(plain.fileno()).st_size, hashlib.file_digest(plain, "sha256").hexdigest())


def flushed(plain: Path) -> None:
    """See a file safely on the disk. Raises DiskFull, IoFailure."""
    with of_disk(plain.parent), plain.open("rb+") as stream:
        os.fsync(stream.fileno())


@contextlib.contextmanager
def _unpackable(file: Path) -> Iterator[None]:
    """Say of a sealed file that zstd cannot unpack it. Raises BackupDamaged."""
    from zstandard import ZstdError

    try:
        yield
    except ZstdError as error:
        raise BackupDamaged(file=file.name, reason="it cannot be unpacked") from error


@contextlib.contextmanager
def of_disk(folder: Path) -> Iterator[None]:
    """Say what the system says of a disk in our own words. Raises DiskFull, IoFailure."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(path=folder) from error
        raise IoFailure(path=folder, reason=(error.strerror or str(error)).lower()) from error


class _Beside:
    """A writer whose work is done in a thread of its own, so that one core decrypts while another unpacks or writes.

    What that thread raises is raised by the next `write`, or at the end of the block.
    """

    def __init__(self, target: Writer) -> None:
        self._target = target
        self._chunks: queue.Queue[bytes | None] = queue.Queue(WAITING)
        self._gathered: list[bytes] = []
        self._size = 0
        self._raised: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def write(self, data: bytes) -> int:
        """Hand on; small pieces are gathered first."""
        if self._raised is not None:
            raise self._raised
        self._gathered.append(data)
        self._size += len(data)
        if self._size >= GATHERED:
            self._hand_on()
        return len(data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._hand_on()
        self._chunks.put(None)
        self._thread.join()
        if self._raised is not None and error is None:
            raise self._raised

    def _hand_on(self) -> None:
        self._chunks.put(b"".join(self._gathered))  # a single piece is not copied
        self._gathered, self._size = [], 0

    def _work(self) -> None:
        while (chunk := self._chunks.get()) is not None:
            if self._raised is None:  # else what comes is taken and dropped, so that nobody waits
                try:
                    self._target.write(chunk)
                except BaseException as error:  # raised where it is waited for
                    self._raised = error
