"""The places where backups lie: folders, and folders that are reached over a network (files.remote).

A backup gets to a place in one way: the sealed file under a name of its own, read back and compared; then its
signature and manifest; then it gets its name. So whatever vanishes meanwhile, nothing half is seen under a name that
counts.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

from custrec.errors import BackupNotProved, IoFailure, TargetUnusable
from custrec.files.part import PartFile
from custrec.files.remote import Remote
from custrec.jobs.backups.sealing import CHUNK, of_disk
from custrec.model.backups import MANIFEST, SIGNATURE, Manifest
from custrec.model.remote import RemoteUrl, is_remote, remote_url
from custrec.store.leftovers import scratch
from custrec.store.place import folder

SMALL = 1 << 20
"""Bytes of a manifest at most."""


@dataclass(frozen=True)
class Papers:
    """What goes with a sealed file: the manifest, its text, and the signature of that."""

    manifest: Manifest
    said: bytes
    signature: bytes

    @property
    def files(self) -> tuple[tuple[str, bytes], ...]:
        """Both files, in the order in which they are put down."""
        return ((self.manifest.file + SIGNATURE, self.signature), (self.manifest.file + MANIFEST, self.said))


class Place(Protocol):
    """Somewhere that backups lie. All methods raise TargetUnusable."""

    @property
    def shown(self) -> str:
        """As people wrote it."""

    def at(self, name: str) -> str:
        """Where a file in it lies, for people."""

    def ready(self) -> None:
        """Raise TargetUnusable where it cannot be used."""

    def listing(self) -> dict[str, int]:
        """The files there and their sizes; none where the place itself is not there."""

    def small(self, name: str) -> bytes:
        """The beginning of a file. Raises FileNotFoundError, too."""

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a file. Raises FileNotFoundError, too."""

    def publish(self, made: Path, papers: Papers) -> None:
        """Put a backup there, and read it back. Raises BackupNotProved, too."""

    def keep(self, name: str, file: Path) -> None:
        """Put a file of this machine there, in the place of an older one of its name. Raises BackupNotProved, too."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""


@dataclass(frozen=True)
class FolderPlace:
    """A folder of this machine: a disk, a stick, a network drive, or what another program synchronises."""

    path: Path

    @property
    def shown(self) -> str:
        return str(self.path)

    def at(self, name: str) -> str:
        return str(self.path / name)

    def make(self) -> None:
        """Make it (0700), if it is not there. Raises TargetUnusable."""
        with self._said(), contextlib.suppress(FileExistsError):
            self.path.mkdir(mode=0o700, exist_ok=True)

    def ready(self) -> None:
        with self._said():
            if self.path.is_dir():
                return
            there = self.path.exists()
        raise TargetUnusable(path=self.path, reason="it is a file" if there else "it is not there")

    def listing(self) -> dict[str, int]:
        with self._said():
            paths = sorted(self.path.iterdir()) if self.path.is_dir() else []
            return {one.name: one.stat().st_size for one in paths if not one.is_symlink() and one.is_file()}

    def small(self, name: str) -> bytes:
        with (self.path / name).open("rb") as stream:
            return stream.read(SMALL)

    def chunks(self, name: str) -> Iterator[bytes]:
        with (self.path / name).open("rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def publish(self, made: Path, papers: Papers) -> None:
        part = PartFile(self.path / papers.manifest.file)
        try:
            with made.open("rb") as source, of_disk(self.path):
                shutil.copyfileobj(source, part.stream, CHUNK)
                part.stream.flush()
                os.fsync(part.stream.fileno())
            with of_disk(self.path):
                _compare(self.chunks(part.lies.name), papers, self)
            self.put_down(part, papers)
        finally:
            part.discard()

    def put_down(self, part: PartFile, papers: Papers) -> None:
        """Give a sealed file that lies here its name, its papers before it: a backup that is seen has them."""
        written: list[Path] = []
        try:
            for name, content in papers.files:
                small = PartFile(self.path / name)
                try:
                    small.stream.write(content)
                    small.commit()
                    written.append(small.path)
                finally:
                    small.discard()
            part.commit()
        except BaseException:
            for path in written:
                path.unlink(missing_ok=True)
            raise

    def keep(self, name: str, file: Path) -> None:
        part = PartFile(self.path / name)
        try:
            with file.open("rb") as source, of_disk(self.path):
                shutil.copyfileobj(source, part.stream, CHUNK)
            part.commit()
        finally:
            part.discard()

    def remove(self, name: str) -> None:
        try:
            (self.path / name).unlink(missing_ok=True)
        except OSError as error:
            raise IoFailure(path=name, reason=(error.strerror or "I/O error").lower()) from error

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise TargetUnusable(path=self.path, reason=(error.strerror or "I/O error").lower()) from error


@dataclass(frozen=True)
class RemotePlace:
    """A folder that is reached over a network."""

    url: RemoteUrl

    @cached_property
    def _remote(self) -> Remote:
        return Remote(self.url)

    @property
    def shown(self) -> str:
        return self.url.text

    def at(self, name: str) -> str:
        return f"{self.url.text.partition('?')[0].rstrip('/')}/{name}"

    def ready(self) -> None:
        self._remote.listing()

    def listing(self) -> dict[str, int]:
        return self._remote.listing()

    def small(self, name: str) -> bytes:
        return next(self._remote.chunks(name), b"")[:SMALL]

    def chunks(self, name: str) -> Iterator[bytes]:
        return self._remote.chunks(name)

    def publish(self, made: Path, papers: Papers) -> None:
        final = papers.manifest.file
        part = f".{final}.part" if self._remote.moves else None
        written: list[str] = []
        try:
            if part is not None:
                self._send(part, made, papers, written)
            for small, content in papers.files:
                written.append(small)
                self._put_small(small, content)
            if part is not None:
                self._remote.move(part, final)
            else:  # it is seen as soon as it is there whole, so it comes last
                self._send(final, made, papers, written)
        except BaseException:
            for one in written:
                with contextlib.suppress(TargetUnusable):
                    self._remote.remove(one)
            raise

    def _send(self, name: str, made: Path, papers: Papers, written: list[str]) -> None:
        written.append(name)
        self._remote.upload(made, name)
        _compare(self.chunks(name), papers, self)

    def keep(self, name: str, file: Path) -> None:
        part = f".{name}.part" if self._remote.moves else name
        self._remote.upload(file, part)
        with file.open("rb") as ours:
            if digest(self.chunks(part)) != digest(iter(lambda: ours.read(CHUNK), b"")):
                raise BackupNotProved(reason=f"other bytes lie in {self.shown}")
        if part != name:
            self._remote.remove(name)
            self._remote.move(part, name)

    def remove(self, name: str) -> None:
        self._remote.remove(name)

    def _put_small(self, name: str, content: bytes) -> None:
        with tempfile.TemporaryDirectory(prefix="custrec-") as folder:
            file = Path(folder) / name
            file.write_bytes(content)
            self._remote.upload(file, name)
        if b"".join(self.chunks(name)) != content:
            raise BackupNotProved(reason=f"other bytes lie in {self.shown}")


def place_of(text: str, base: Path = Path()) -> Place:
    """The place that a text means; a folder is relative to `base`. Raises ValueError."""
    return RemotePlace(remote_url(text)) if is_remote(text) else FolderPlace(base / text)


@contextlib.contextmanager
def fetched(place: Place, name: str, room: Path) -> Iterator[Path]:
    """A sealed file as one of this machine; what is fetched lies among the plans of the store `room`, and goes when the
    block ends. Raises TargetUnusable, FileNotFoundError, DiskFull, IoFailure."""
    if isinstance(place, FolderPlace):
        yield place.path / name
        return
    with scratch(folder(room, "plans"), ".fetched") as (file, _):
        with of_disk(file.parent), file.open("wb") as target:
            target.writelines(place.chunks(name))
        yield file


def digest(chunks: Iterable[bytes]) -> str:
    """The SHA-256 (hex) of some bytes."""
    made = hashlib.sha256()
    for chunk in chunks:
        made.update(chunk)
    return made.hexdigest()


def _compare(chunks: Iterable[bytes], papers: Papers, place: Place) -> None:
    if digest(chunks) != papers.manifest.sealed.sha256:
        raise BackupNotProved(reason=f"other bytes lie in {place.shown}")
