"""The ledger of erasures of a store and its key, two files beside it that are no part of it (docs/erasure.md).

custrec.ledger        what was erased, readable without custrec (model.ledger, files.ledger_file)
custrec.ledger-key    32 random bytes, in hexadecimal; who has it can ask of a value that he knows whether it was erased
"""

from __future__ import annotations

import os
from pathlib import Path

from custrec.errors import LedgerKeyUnusable, LedgerMissing
from custrec.files.ledger_file import append, begin, tail_of
from custrec.files.part import PartFile
from custrec.model.ledger import KEY_BYTES, Head
from custrec.store import wiping
from custrec.store.database import Store
from custrec.store.place import beside
from custrec.store.upkeep import Caretaker

LEDGER, KEY = "ledger", "ledger-key"


def ledger_of(store: Path) -> Path:
    """Where the ledger of a store lies."""
    return beside(store, LEDGER)


def key_of(store: Path) -> bytes | None:
    """The key of a store's ledger; None where there is none. Raises LedgerKeyUnusable."""
    path = beside(store, KEY)
    try:
        text = path.read_text(encoding="ascii").strip()
        key = bytes.fromhex(text)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerKeyUnusable(path=path.name, reason=(error.strerror or "I/O error").lower()) from error
    except ValueError:
        raise LedgerKeyUnusable(path=path.name, reason="it holds no key") from None
    if len(key) != KEY_BYTES:
        raise LedgerKeyUnusable(path=path.name, reason="it holds no whole key")
    return key


def new_key(store: Path) -> bytes:
    """Make a key, safe on the disk. Raises IoFailure."""
    key = os.urandom(KEY_BYTES)
    part = PartFile(beside(store, KEY))
    try:
        part.stream.write(key.hex().encode("ascii") + b"\n")
        part.commit()
    finally:
        part.discard()
    return key


def key_or_new(store: Store) -> tuple[bytes, str]:
    """The key of a store's ledger, made where it is not there; and what is to be said of that, if anything.

    Raises LedgerKeyUnusable, IoFailure.
    """
    key = key_of(store.path)
    if key is not None:
        return key, ""
    key, lost = new_key(store.path), wiping.ledger_head(store).position
    says = f"{lost:,} records erased before cannot be recognised by it" if lost else "keep it with the ledger"
    return key, f"there was no {beside(store.path, KEY).name}, and a new one was made: {says}"


def refuse_without_ledger(store: Store) -> None:
    """Raise LedgerMissing where the ledger is not there and records were erased, LedgerDamaged where it is none."""
    path, head = ledger_of(store.path), wiping.ledger_head(store)
    pending = wiping.pending_in(store)
    if tail_of(path) is None and head.position and not (pending and pending.lines):
        raise LedgerMissing(path=path.name, count=head.position)


def found_ledger(store: Path, identity: str) -> list[Path]:
    """Make the ledger and the key of a new store; those that were made. What lies there of another store is left."""
    made: list[Path] = []
    if not ledger_of(store).exists():
        begin(ledger_of(store), identity, Head())
        made.append(ledger_of(store))
    if not beside(store, KEY).exists():
        new_key(store)
        made.append(beside(store, KEY))
    return made


def enter(store: Store, by: Caretaker) -> None:
    """Write into the ledger what it lacks of the erasures that the store has committed.

    Raises LedgerDamaged, IoFailure, StoreBusy, DiskFull.
    """
    waiting = wiping.to_enter(store)
    if waiting is not None:
        append(ledger_of(store.path), store.identity, waiting.before, waiting.lines, wiping.ledger_head(store))
        wiping.entered(store.path, by)
