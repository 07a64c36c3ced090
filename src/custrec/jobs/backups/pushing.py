"""Getting backups to places that are not here, as a stick or another provider; and to those that missed some.

What a place missed is kept in the history (`missed`), told by every command, and sent again by the next backup, or by
`backup push`, until it gets there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from custrec.errors import CustrecError
from custrec.files.lock import held
from custrec.jobs.backups.last import missed
from custrec.jobs.backups.places import FolderPlace, Papers, Place
from custrec.jobs.backups.targets import LOCK, Backup, backups_in, default_target
from custrec.model.backups import MANIFEST, SIGNATURE
from custrec.store.database import Store
from custrec.store.place import beside

MOST = 20
"""So many generations that a place missed are sent again, the newest."""


@dataclass
class Sent:
    """Where backups got to, where they did not and why, and which generations a place lacks by now."""

    places: list[str] = field(default_factory=list)
    failures: list[tuple[str, CustrecError]] = field(default_factory=list)
    missed: dict[str, list[int]] = field(default_factory=dict)


def usable(wanted: Sequence[Place], default: FolderPlace) -> tuple[list[Place], Sent]:
    """The places that can be used, among them a folder; and what is wrong with the others. The default folder is made.

    Raises what is wrong where no folder can be used, unless other places are wanted, too.
    """
    found: list[Place] = []
    sent = Sent()
    for place in wanted:
        try:
            found.append(_ready(place, default))
        except CustrecError as error:
            sent.failures.append((place.shown, error))
    if not any(isinstance(place, FolderPlace) for place in found):
        if all(isinstance(place, FolderPlace) for place in wanted):
            raise sent.failures[0][1]
        found.append(_ready(default, default))
    return found, sent


def send(store: Store, home: FolderPlace, others: Iterable[Place], generation: int, sent: Sent) -> None:
    """Send a backup that lies at home to other places, with what these missed. What does not work is noted in
    `sent`."""
    before = missed(store)
    here = {one.generation: one for one in backups_in([home], store.path) if not one.fault}
    for shown, _ in sent.failures:
        sent.missed[shown] = _newest([*before.get(shown, ()), generation])
    for place in others:
        wanted = [one for one in _newest([*before.get(place.shown, ()), generation]) if one in here]
        _send(here, place, wanted, sent)


@dataclass(frozen=True)
class Newest:
    """The newest backup that lies in a folder of this machine."""

    file: Path
    generation: int


def push(store: Store, wanted: Sequence[Place]) -> tuple[Sent, Newest | None]:
    """Send what places missed, and the newest backup to all that lack it. Raises BackupRunning, TargetUnusable."""
    default = FolderPlace(default_target(store.path))
    with held(beside(store.path, LOCK), "backup push"):
        places, sent = usable(list(dict.fromkeys(wanted)), default)
        homes = [place for place in dict.fromkeys([*places, default]) if isinstance(place, FolderPlace)]
        here = {one.generation: one for one in reversed(backups_in(homes, store.path)) if not one.fault}
        before = missed(store)
        newest = max(here, default=0)
        for shown, _ in sent.failures:
            sent.missed[shown] = _newest([*before.get(shown, ()), *([newest] if newest else [])])
        for place in places:
            try:
                there = place.listing()
            except CustrecError as error:
                sent.failures.append((place.shown, error))
                continue
            asked = _newest({*before.get(place.shown, ()), newest})
            _send(here, place, [one for one in asked if one in here and here[one].name not in there], sent)
    return sent, Newest(_file(here[newest]), newest) if newest else None


def _send(here: dict[int, Backup], place: Place, generations: Sequence[int], sent: Sent) -> None:
    """Send some backups to a place, the newest first; the first that does not get there ends it."""
    left = list(generations)
    try:
        while left:
            backup = here[left[-1]]
            place.publish(_file(backup), _papers(backup))
            sent.places.append(place.at(backup.name))
            left.pop()
    except CustrecError as error:
        sent.failures.append((place.shown, error))
        sent.missed[place.shown] = left


def _ready(place: Place, default: FolderPlace) -> Place:
    if place == default:
        default.make()
    place.ready()
    return place


def _newest(generations: Iterable[int]) -> list[int]:
    return sorted(set(generations))[-MOST:]


def _file(backup: Backup) -> Path:
    assert isinstance(backup.place, FolderPlace)
    return backup.place.path / backup.name


def _papers(backup: Backup) -> Papers:
    assert backup.manifest is not None
    said, signature = (backup.place.small(backup.name + tail) for tail in (MANIFEST, SIGNATURE))
    return Papers(backup.manifest, said, signature)
