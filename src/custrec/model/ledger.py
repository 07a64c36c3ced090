"""The ledger of erasures, as text: one line a record that was destroyed, batches that are sealed by a running digest.

    {"ledger":"custrec-ledger/1","store":UUID,"after":POSITION,"digest":HEX}               the first line
    {"at":…,"event":41,"why":"request","what":"purge","table":"customers","tbl":1,"record":12,"ids":["phone/2:HEX",…]}
    {"seal":HEX,"position":N,"event":41,"greatest":{"1":12},"key":HEX}                     the last line of a batch

`position` counts the records entered, `greatest` is the highest record id that was ever entered, by table id. `seal` is
BLAKE2b with 32 bytes over the seal before (bytes; the first line's `digest` before the first batch) and the lines of
the batch, each with its newline. `after` is not 0 where a ledger was lost and begun again; such a line may also stand
further down, where batches before it are missing. `key` tells which key the batch was made with (`fingerprint`).

`ids` hold what the person was ever known by, each as its sort (`email/1`: kind and version of its normaliser; `key/1`,
`unique/1.4`: a natural key or a unique field, by table and field id) and a keyed BLAKE2b of 16 bytes over the sort
without its version, U+001F and the stored value (of e-mails in lower case). Of fields that were taken from a record
which stays, every value has its digest too (`field/1.4`, by table and field id), over the record's number, U+001F and
the value: it answers for that record alone. Without the key nothing can be learned from
them; with it, whether something that one knows already was erased, and nothing else. No name, no text of people's
stands here.

`what` is purge, or anonymise, and then `fields` has the ids of the fields that went. docs/erasure.md is for others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

FORMAT = "custrec-ledger/1"
KEY_BYTES = 32
MAC_BYTES = 16
CASELESS = frozenset({"email"})
"""Sorts whose values are the same in any case."""
START = "00" * 32
"""The digest before the first batch."""


@dataclass(frozen=True)
class Head:
    """How far a ledger goes: records entered, the digest there (hex), the greatest record id entered by table id."""

    position: int = 0
    digest: str = START
    greatest: Mapping[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it, in events and manifests."""
        return {"position": self.position, "digest": self.digest, "greatest": dict(self.greatest)}


def head_from(said: Mapping[str, Any] | None) -> Head:
    """A head as `as_dict` wrote it; the very beginning for None."""
    if not said:
        return Head()
    greatest = {str(table): int(record) for table, record in said.get("greatest", {}).items()}
    return Head(int(said["position"]), str(said["digest"]), greatest)


@dataclass(frozen=True)
class Entry:
    """One record that was destroyed, or (`fields`, by id) lost some of its fields."""

    at: str
    event: int
    why: str
    table: int
    record: int
    fields: tuple[int, ...] = ()


def of_field(table: int, field: int) -> str:
    """The sort of the values that a field of an anonymised record held, by table and field id."""
    return f"field/{table}.{field}"


class Sealing:
    """Accumulates the digest of one batch."""

    def __init__(self, head: Head) -> None:
        self._hash = blake2b(bytes.fromhex(head.digest), digest_size=32)

    def add(self, line: bytes) -> None:
        """Add a line, with its newline."""
        self._hash.update(line)

    def digest(self) -> str:
        """The seal (hex)."""
        return self._hash.hexdigest()


def first_line(store: str, head: Head) -> str:
    """The line that a ledger begins with."""
    return _line({"ledger": FORMAT, "store": store, "after": head.position, "digest": head.digest})


def seal_line(head: Head, event: int, key: str) -> str:
    """The line that ends a batch; `key` is the fingerprint of its key."""
    said = {"seal": head.digest, "position": head.position, "event": event}
    return _line(said | {"greatest": dict(sorted(head.greatest.items())), "key": key})


def fingerprint(key: bytes) -> str:
    """What tells a key from others, and nothing else of it."""
    return blake2b(b"custrec-ledger-key", key=key, digest_size=8).hexdigest()


def entry_from(said: Mapping[str, Any]) -> Entry:
    """An entry as a line says it. Raises KeyError, TypeError or ValueError."""
    fields = tuple(map(int, said.get("fields", ())))
    return Entry(str(said["at"]), int(said["event"]), str(said["why"]), int(said["tbl"]), int(said["record"]), fields)


def raised(greatest: Mapping[str, int], more: Iterable[tuple[int, int]]) -> dict[str, int]:
    """The greatest ids by table id, with more (table id, record id)."""
    found = dict(greatest)
    for table, record in more:
        found[str(table)] = max(found.get(str(table), 0), record)
    return found


class Macs:
    """What makes the keyed digests of one ledger key."""

    def __init__(self, key: bytes) -> None:
        self._empty = blake2b(key=key, digest_size=MAC_BYTES)
        self._begun: dict[str, Any] = {}

    def of(self, sort: str, value: object) -> str:
        """The digest (hex) of a stored value of a sort, given without its version."""
        return next(iter(self.each(sort, (value,)))).hex()

    def each(self, sort: str, values: Iterable[object]) -> Iterator[bytes]:
        """The digests of many values of one sort."""
        begun = self._begun.get(sort)
        if begun is None:
            begun = self._begun[sort] = self._empty.copy()
            begun.update(f"{sort}\x1f".encode())
        copy = begun.copy
        texts = (str(value).casefold() for value in values) if sort in CASELESS else map(str, values)
        for text in texts:
            made = copy()
            made.update(text.encode())
            yield made.digest()


def _line(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"
