"""Where what is destroyed remains, and until when: backups, archive files, and stores that a restore put aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from custrec.errors import CustrecError
from custrec.jobs.backups.archive_files import ARCHIVE
from custrec.jobs.backups.places import Place
from custrec.jobs.backups.targets import backups_in
from custrec.model.certificate import Remains
from custrec.store.place import beside
from custrec.store.restoring import ASIDE

BY_HAND = "until somebody removes it (an archive file, if it holds them)"
_SPANS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=31),
    "yearly": timedelta(days=366),
}


def remaining(store: Path, places: Sequence[Place], keep: Mapping[str, int | timedelta] | None) -> list[Remains]:
    """The places that hold what is destroyed now. `keep` is the policy of backups, None where there is none.

    With a policy a backup goes when it is the newest of its hour, day, week, month and year no more; the day told is
    the last on which that can be, where backups and prune go on as they did.
    """
    found: list[Remains] = []

    def unusable(place: Place, error: CustrecError) -> None:
        found.append(Remains(f"backups in {place.shown}", f"cannot be looked at: {error.message}"))

    backups = backups_in(places, store, (), unusable)
    found += [Remains(one.where, _until(one.at, keep)) for one in backups]
    archived = sorted(beside(store, ARCHIVE).glob("*/*.age"))
    found += [Remains(f"{beside(store, ARCHIVE).name}/{one.parent.name}/{one.name}", BY_HAND) for one in archived]
    asides = sorted(store.parent.glob(f"{store.name}.{ASIDE}-*"))
    return found + [Remains(one.name, "until somebody removes it (a restore put it aside)") for one in asides]


def _until(at: datetime, keep: Mapping[str, int | timedelta] | None) -> str:
    if not keep:
        return "until somebody removes it (no backup_keep is set)"
    spans = [_SPANS[name] * number for name, number in keep.items() if name in _SPANS and isinstance(number, int)]
    spans += [span for span in keep.values() if isinstance(span, timedelta)]
    last = keep.get("last")
    among = f", or while it is among the newest {last}" if last else ", or while it is among the newest 3"
    if not spans:
        return f"while it is among the newest {last}"
    return f"until {(at + max(spans)).date().isoformat()} at the latest, by backup_keep{among}"
