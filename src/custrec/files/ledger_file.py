"""The file of the ledger of erasures: appended to and read. What its lines mean stands in model.ledger.

A batch counts when its seal stands below it. What a killed process left below the last seal is cut off before the next
batch is written, for it will be written again.
"""

from __future__ import annotations

import json
import os
import re
from binascii import unhexlify
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from custrec.errors import IoFailure, LedgerDamaged
from custrec.model.ledger import FORMAT, Entry, Head, Sealing, entry_from, first_line, head_from

_SEAL, _FIRST = b'{"seal":', b'{"ledger":'
_MAC = re.compile(rb':([0-9a-f]{32})"')
_OF_FIELD = re.compile(rb'"field/([0-9]+)\.([0-9]+):')
_BLOCK = 1 << 16


@dataclass(frozen=True)
class Tail:
    """How a ledger ends: its head, and where the next batch goes, in bytes."""

    head: Head
    end: int


@dataclass
class Reading:
    """What a whole ledger says of itself: which store's it is, its head, and how many records it has lost."""

    store: str = ""
    head: Head = field(default_factory=Head)
    begins: int = 0
    missing: int = 0


def tail_of(path: Path) -> Tail | None:
    """How a ledger ends; None where there is none. Only the end is read. Raises LedgerDamaged, IoFailure."""
    try:
        with path.open("rb") as stream:
            for end, line in _lines_backwards(stream):
                if line.endswith(b"\n") and line.startswith((_SEAL, _FIRST)):
                    return Tail(_head(path, line), end)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise IoFailure(path=path.name, reason=(error.strerror or "I/O error").lower()) from error
    raise LedgerDamaged(path=path.name, reason="it has no beginning")


def append(path: Path, store: str, before: Head, lines: Iterable[str], after: Head | None = None) -> None:
    """Add batches whose first was sealed upon `before`; the last of the lines is a seal. It is safe on the disk then.

    A ledger that is not there is begun; where it does not go as far as `before`, a line says what is missing. One that
    holds these batches already, up to the head `after`, stays as it is. Raises LedgerDamaged, IoFailure.
    """
    ending = tail_of(path)
    if after is not None and ending is not None and _holds(path, ending.head, after):
        return
    try:
        fresh = ending is None
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "r+b") as stream:
            if ending is not None:
                stream.truncate(ending.end)
                stream.seek(ending.end)
            if ending is None or ending.head.digest != before.digest:
                stream.write(first_line(store, before).encode())
            for line in lines:
                stream.write(line.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        if fresh and os.name == "posix":
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
    except OSError as error:
        raise IoFailure(path=path.name, reason=(error.strerror or "I/O error").lower()) from error


def _holds(path: Path, ending: Head, head: Head) -> bool:
    """Whether a ledger goes through a head."""
    if ending.position == head.position:
        return ending.digest == head.digest
    return ending.position > head.position and seal_at(path, head.position) == head.digest


def begin(path: Path, store: str, head: Head) -> None:
    """Begin a ledger. Raises IoFailure."""
    append(path, store, head, ())


def check(path: Path) -> Reading:
    """Read a whole ledger and hold it to its seals. Raises LedgerDamaged, IoFailure; FileNotFoundError."""
    reading = Reading()
    for _ in _sealed_batches(path, reading):
        pass
    return reading


def entries_after(path: Path, position: int, reading: Reading) -> Iterator[Entry]:
    """The entries behind a position, in order; `reading` is filled on the way. Raises what `check` does."""
    for first, lines, _ in _sealed_batches(path, reading):
        for number, line in enumerate(lines, first + 1):
            if number > position:
                try:
                    yield entry_from(json.loads(line))
                except (ValueError, KeyError, TypeError) as error:
                    raise LedgerDamaged(path=path.name, reason=f"record {number:,} cannot be read") from error


def seal_at(path: Path, position: int) -> str | None:
    """The digest (hex) that the ledger has at a position where a batch ends; None where none does."""
    reading = Reading()
    found: str | None = None
    for first, lines, digest in _sealed_batches(path, reading):
        if first == position:
            found = found or _before(reading, first)
        if first + len(lines) == position:
            found = digest
    return found or _before(reading, position)


def _before(reading: Reading, first: int) -> str | None:
    return reading.head.digest if reading.head.position == first else None


@dataclass
class Known:
    """All keyed digests of a ledger that were made with one key, the fields (table and field id) that were taken from
    records which stay, and how many entries were made with other keys."""

    digests: set[bytes] = field(default_factory=set)
    fields: set[tuple[int, int]] = field(default_factory=set)
    others: int = 0


def known_by(path: Path, key: str) -> Known:
    """What a ledger knows by a key, told by its fingerprint. Not held to the seals. FileNotFoundError where there is
    no ledger."""
    found = Known()
    batch: list[bytes] = []
    with path.open("rb") as stream:
        for line in stream:
            if line.startswith(_SEAL):
                if f'"key":"{key}"'.encode() in line:
                    for entry in batch:
                        found.digests.update(map(unhexlify, _MAC.findall(entry)))
                        found.fields.update((int(table), int(one)) for table, one in _OF_FIELD.findall(entry))
                else:
                    found.others += len(batch)
                batch = []
            elif not line.startswith(_FIRST):
                batch.append(line)
    return found


def _sealed_batches(path: Path, reading: Reading) -> Iterator[tuple[int, list[bytes], str]]:
    """The batches that hold to their seals: the position before each, its lines, its digest."""
    batch: list[bytes] = []
    sealing = Sealing(reading.head)
    with path.open("rb") as stream:
        for line in stream:
            if line.startswith(_FIRST) and line.endswith(b"\n"):
                said, head = _said(path, line), _head(path, line)
                if batch or (reading.store and said["store"] != reading.store) or said["ledger"] != FORMAT:
                    raise LedgerDamaged(path=path.name, reason="a line that begins a ledger stands where none should")
                if not reading.store:
                    reading.begins = head.position
                else:
                    reading.missing += head.position - reading.head.position
                reading.store = str(said["store"])
                reading.head = Head(head.position, head.digest, reading.head.greatest)
                sealing = Sealing(reading.head)
            elif line.startswith(_SEAL) and line.endswith(b"\n"):
                head = _head(path, line)
                first = reading.head.position
                if head.digest != sealing.digest() or head.position != first + len(batch) or not reading.store:
                    reason = f"the seal behind record {head.position:,} does not fit what stands above it"
                    raise LedgerDamaged(path=path.name, reason=reason)
                yield first, batch, head.digest
                reading.head, sealing, batch = head, Sealing(head), []
            else:
                sealing.add(line)
                batch.append(line)
    if not reading.store:
        raise LedgerDamaged(path=path.name, reason="it has no beginning")


def _said(path: Path, line: bytes) -> dict[str, Any]:
    try:
        said = json.loads(line)
        return {"store": said["store"], "ledger": said["ledger"]}
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerDamaged(path=path.name, reason="its first line cannot be read") from error


def _head(path: Path, line: bytes) -> Head:
    try:
        said = json.loads(line)
        if "seal" in said:
            return head_from({"position": said["position"], "digest": said["seal"], "greatest": said["greatest"]})
        return head_from({"position": said["after"], "digest": said["digest"]})
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerDamaged(path=path.name, reason="a seal cannot be read") from error


def _lines_backwards(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines of a file, the last first, each with where it ends, in bytes."""
    end = stream.seek(0, os.SEEK_END)
    start, held = end, b""
    while start > 0:
        size = min(_BLOCK, start)
        start = stream.seek(start - size)
        held = stream.read(size) + held
        lines = held.splitlines(keepends=True)
        for line in reversed(lines[1:] if start else lines):
            yield end, line
            end -= len(line)
        held = lines[0] if start else b""
