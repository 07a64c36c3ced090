"""How changes and events are sealed, so that altering one later is noticed.

    seal          = salt (16 random bytes) ‖ H20(salt ‖ content)
    content       = the change's diff (canonical JSON text, UTF-8); for an insert, the row: its stored values as text
                    in the order of the schema's fields, then the kept originals, joined by U+001F (NULL is the empty
                    text; no stored text is empty or holds a control character besides tab and newline)
    event digest  = H32(previous event digest ‖ canonical JSON of the event ‖ H32(tables) ‖ H32(records)
                    ‖ H32(operations) ‖ H32(contents))
    tables …      = of each change, in journal order: the number as a little-endian 64-bit integer
    contents      = of each change, in journal order: its H20

H20 and H32 are BLAKE2b with 20 and 32 bytes (RFC 7693). Redacting a change leaves its H20 alone, without salt: the
chain still verifies, and a guessed value cannot be checked against it.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b

SALT = 16
H20 = 20
SEPARATOR = "\x1f"


def sealer() -> Callable[[str], bytes]:
    """A function that seals one change's content with a fresh salt. Random bytes are fetched for many at once."""
    salts: Iterator[bytes] = iter(())

    def seal(content: str) -> bytes:
        nonlocal salts
        salt = next(salts, None)
        if salt is None:
            salts = _salts(1024)
            salt = next(salts)
        return salt + blake2b(salt + content.encode(), digest_size=H20).digest()

    return seal


def seals(contents: Iterable[str], count: int) -> list[bytes]:
    """A seal for each of `count` contents."""
    return [
        salt + blake2b(salt + content.encode(), digest_size=H20).digest()
        for salt, content in zip(_salts(count), contents, strict=True)
    ]


def _salts(count: int) -> Iterator[bytes]:
    fresh = os.urandom(SALT * count)
    return (fresh[start : start + SALT] for start in range(0, SALT * count, SALT))


def matches(seal: bytes, content: str) -> bool:
    """Whether a seal that still has its salt was made of this content."""
    salt = seal[:SALT]
    return blake2b(salt + content.encode(), digest_size=H20).digest() == seal[SALT:]


def canonical_json(value: object) -> str:
    """One text for one value: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class EventDigest:
    """Accumulates an event's digest over its changes, in journal order."""

    def __init__(self, previous: bytes, event: dict[str, object]) -> None:
        self._head = previous + canonical_json(event).encode()
        self._parts = [blake2b(digest_size=32) for _ in range(4)]

    def add(self, changes: Sequence[tuple[int, int, int, bytes]]) -> None:
        """Add (table id, record id, op, H20) in journal order."""
        *numbers, contents = zip(*changes, strict=True)
        for part, column in zip(self._parts, numbers, strict=False):
            part.update(struct.pack(f"<{len(column)}q", *column))
        self._parts[-1].update(b"".join(contents))

    def digest(self) -> bytes:
        """The 32 bytes."""
        return blake2b(self._head + b"".join(part.digest() for part in self._parts), digest_size=32).digest()
