"""A copy of the store, made before its schema changes: `<stem>.before-event-<N>.db` beside it, mode 0600.

It is a whole store of its own, readable with every command (`--store`), and it has all that the store has, also what
would be redacted later. It is copied as a backup is (store.copies), but neither sealed nor proved. Only the newest is
kept: the next copy takes its place once it is whole.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from custrec.errors import DiskTooSmall
from custrec.store.copies import copied
from custrec.store.database import Store
from custrec.store.place import beside, with_logs

ROOM = 3
"""How many times its own size a change of the schema may take on disk: the plan, the write-ahead log, the copy."""


def copy_before(store: Store, event: int, progress: Callable[[int, int], None] | None = None) -> Path:
    """Copy a store as it is before an event, and let go of the older copy.

    `progress` is told the pages copied, of how many. Raises DiskFull.
    """
    place = beside(store.path, f"before-event-{event}.db")
    making = place.with_name(f"{place.name}.making")
    try:
        with copied(store, making, progress):
            pass
        with making.open("rb+") as written:
            os.fsync(written.fileno())
        making.replace(place)
    except BaseException:
        making.unlink(missing_ok=True)
        raise
    for older in copies(store.path):
        if older != place:
            for path in with_logs(older):  # whoever looked into it may have left these
                path.unlink(missing_ok=True)
    return place


def copies(store: Path) -> list[Path]:
    """The copies that lie beside a store, and what a copy that was killed left."""
    stem = store.name.removesuffix(".db") or store.name
    named = re.compile(re.escape(stem) + r"\.before-event-\d+\.db(\.making)?")
    return sorted(path for path in store.parent.iterdir() if named.fullmatch(path.name))


def check_room(store: Path, copy: bool) -> None:
    """Raise DiskTooSmall where the disk has no room for a change of the schema."""
    needed = store.stat().st_size * (ROOM if copy else ROOM - 1)
    free = shutil.disk_usage(store.resolve().parent).free
    if free < needed:
        raise DiskTooSmall(work="a change of the schema", store=store.name, needed=needed / 1e6, free=free / 1e6)
