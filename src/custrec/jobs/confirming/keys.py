"""The key that signs letters: `<store>.confirm-key`, 32 random bytes in hexadecimal, for its owner only (0600).

It lies beside the store, not in it, so that who gets hold of a copy of the store cannot answer for its customers. It is
made with the first letters. Lost, no answer to a letter can be proved any more, and letters are written anew.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from custrec.errors import ConfirmKeyMissing, ConfirmKeyUnusable
from custrec.files.part import PartFile
from custrec.jobs.confirming.tokens import Signer
from custrec.store.database import Store
from custrec.store.place import beside

NAME = "confirm-key"
BYTES = 32


def signer(store: Store, *, new: bool = False) -> Signer:
    """What signs letters of a store and tells its own tokens; `new`: with a new key where there is none.

    Raises ConfirmKeyMissing, ConfirmKeyUnusable, IoFailure.
    """
    place = beside(store.path, NAME)
    if new and not place.exists():
        _make(place)
    return Signer(_read(place), store.identity)


def _make(place: Path) -> None:
    part = PartFile(place)
    try:
        part.stream.write(os.urandom(BYTES).hex().encode() + b"\n")
        part.commit()
    finally:
        part.discard()


def _read(place: Path) -> bytes:
    try:
        with place.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            if os.name == "posix" and stat.S_ISREG(mode) and mode & 0o077:
                why = f"can be read by others (mode {stat.S_IMODE(mode):o})"
                raise ConfirmKeyUnusable(path=place.name, why=why, what=f"chmod 600 {place.name}")
            text = stream.read(4 * BYTES)
    except FileNotFoundError as error:
        raise ConfirmKeyMissing(path=place.name) from error
    except OSError as error:
        raise ConfirmKeyUnusable(path=place.name, why="cannot be read", what="look at its permissions") from error
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise ConfirmKeyUnusable(path=place.name, why="is no key of custrec's", what="put back the file that it was")
    return key
