"""The signature of a plan that waits: its digest, and which review it has, in `<id>.sha256` beside it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from custrec.store.place import private


def sign(path: Path, review: str | None = None, successor: Path | None = None) -> None:
    """Note the digest of a plan that waits, and which `review` it has (None: the one it had), so that neither can
    change or go unnoticed. While a plan is being replaced by a `successor`, either is the plan."""
    named = review_named(path) if review is None else review
    digests = " ".join(_sha256(one) for one in (path, successor) if one is not None)
    fresh = path.with_suffix(f".{os.getpid()}.signing")
    private(fresh)
    with fresh.open("w", encoding="ascii") as stream:
        stream.write(f"{digests}\n{named}")
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(path.with_suffix(".sha256"))


def review_named(path: Path) -> str:
    """The review that a plan's signature names; "" where it has none."""
    try:
        return _signature(path)[1]
    except OSError:
        return ""


def is_signed(path: Path) -> bool:
    """Whether a plan is what its signature says. Raises OSError where there is none."""
    return _sha256(path) in _signature(path)[0]


def _signature(path: Path) -> tuple[list[str], str]:
    """The digests and the review that stand in a plan's signature. Raises OSError where there is none."""
    first, _, second = path.with_suffix(".sha256").read_text(encoding="ascii", errors="replace").partition("\n")
    return first.split(), second.strip()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
