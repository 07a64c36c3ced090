"""How the backups of a store stand: the newest that can be used, how old it is, and what did not work last time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from custrec.errors import CustrecError
from custrec.jobs.backups.last import last_backup
from custrec.jobs.backups.places import Place
from custrec.jobs.backups.targets import Backup, backups_in
from custrec.rules.keeping import LEEWAY
from custrec.store import journal
from custrec.store.database import Store


@dataclass(frozen=True)
class BackupStanding:
    """The newest backup by generation that is whole as far as sizes and signatures tell, and not dated in the future;
    its age; whether that is more than `max_age`; the last drill with a real key; folders that the last backup could not
    be put into."""

    newest: Backup | None
    age: timedelta | None
    max_age: timedelta | None
    drilled: datetime | None
    failed: tuple[str, ...]

    @property
    def overdue(self) -> bool:
        """Whether a newer backup is wanted."""
        return self.max_age is not None and (self.age is None or self.age > self.max_age)


def backup_standing(
    store: Store,
    places: Sequence[Place],
    now: datetime,
    max_age: timedelta | None = None,
    unusable: Callable[[Place, CustrecError], None] | None = None,
) -> BackupStanding:
    """How the backups of a store stand now; `unusable` is as in `backups_in`."""
    usable = [one for one in backups_in(places, store.path, (), unusable) if not one.fault and one.at <= now + LEEWAY]
    newest = usable[0] if usable else None
    last, drill = last_backup(store), journal.newest(store, "drill")
    return BackupStanding(
        newest,
        max(now - newest.at, timedelta()) if newest else None,
        max_age,
        datetime.fromisoformat(drill[0].at) if drill else None,
        last.failed if last else (),
    )
