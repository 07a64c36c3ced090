"""The doctor's checks of the place where a store lies: who may read it, what lies beside it, disk and clock."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from custrec.jobs.backups.keys import SIGNING_KEY
from custrec.jobs.backups.targets import default_target, parts_left_behind
from custrec.jobs.confirming.keys import NAME as CONFIRM_KEY
from custrec.jobs.ledgers import KEY, LEDGER
from custrec.jobs.upkeep.diagnosis import WRITTEN_LAST, Finding, Level, Patient, lasting, megabytes, some
from custrec.jobs.upkeep.synchronised import file_system_of, is_network, synchronised_by
from custrec.store import left_lists
from custrec.store.inspection import writer_of
from custrec.store.leftovers import left_behind
from custrec.store.place import OWN_FOLDERS, beside, with_logs
from custrec.store.restoring import ASIDE, second_names
from custrec.store.safety_copies import copies

CLOCK_SLACK = timedelta(minutes=2)
LEAST_FREE = 100_000_000
WRITTEN_ANEW = 2.2
"""Bytes of disk for each byte of a store that VACUUM writes anew."""


def private_files(path: Path) -> Iterator[tuple[Path, int]]:
    """The files and folders of a store that are there, each with the mode it should have at most."""
    databases = (*with_logs(path), *with_logs(beside(path, "derived.db")))
    keys = (beside(path, what) for what in (SIGNING_KEY, CONFIRM_KEY, LEDGER, KEY))
    for file in (*databases, *keys, *copies(path), *path.parent.glob(f"{path.name}.{ASIDE}-*")):
        if file.is_file():
            yield file, 0o600
    yield from ((place, 0o700) for what in OWN_FOLDERS if (place := beside(path, what)).is_dir())


def readable_by_others(path: Path) -> list[tuple[Path, int]]:
    """Files and folders of a store that may be read or written by others than their owner, with the mode they should
    have; none where the system has no such modes."""
    if os.name != "posix":
        return []
    return [(place, mode) for place, mode in private_files(path) if stat.S_IMODE(place.stat().st_mode) & 0o077]


def is_private(patient: Patient) -> Iterator[Finding]:
    """Whether only its owner may read the store."""
    if os.name != "posix":
        yield Finding("modes", Level.OK, "this system has no file modes; who may read the folder may read the store")
        return
    open_ = [
        f"{place.name} ({stat.S_IMODE(place.stat().st_mode):04o})" for place, _ in readable_by_others(patient.path)
    ]
    if open_:
        says = f"others than the owner may read: {some(open_)}"
        yield Finding("modes", Level.WARN, says, "custrec doctor --fix", fixable=True)
    else:
        yield Finding("modes", Level.OK, "only the owner may read the store and what lies beside it", plain=True)


def has_one_owner(patient: Patient) -> Iterator[Finding]:
    """Whether all of it belongs to who runs this."""
    if os.name != "posix":
        return
    me = os.geteuid()
    others = {place.name: place.stat().st_uid for place, _ in private_files(patient.path) if place.stat().st_uid != me}
    if others:
        owners = ", ".join(f"uid {uid}" for uid in sorted(set(others.values())))
        says = f"{some(list(others))} belong{'s' * (len(others) == 1)} to {owners}, and you are uid {me}"
        yield Finding("owner", Level.WARN, says, "run custrec as one user always; mend it with: chown")
    else:
        yield Finding("owner", Level.OK, "all of it belongs to you", plain=True)


def leftovers(patient: Patient) -> list[Path]:
    """What commands that were killed left beside a store, safe to be removed. Of lists of rows only the store tells."""
    path, store = patient.path, patient.store
    plans = beside(path, "plans")
    found = list(left_behind(plans)) if plans.is_dir() else []
    lists = left_lists.left_behind(store) if store else []
    found += lists + [part for part in left_lists.half_written(path) if part not in lists]
    found += sorted(second_names(path)) + sorted(parts_left_behind(default_target(path)))
    writer = writer_of(path)
    return found + ([beside(path, "writer")] if writer and not writer.runs else [])


def is_tidy(patient: Patient) -> Iterator[Finding]:
    """Whether commands that were killed left anything."""
    left = leftovers(patient)
    if left:
        size = megabytes(sum(place.stat().st_size for place in left if place.exists()))
        says = f"{len(left):,} file{'s' * (len(left) > 1)} of commands that were killed ({size})"
        yield Finding("leftovers", Level.WARN, says, "custrec doctor --fix", fixable=True, plain=True)
    else:
        yield Finding("leftovers", Level.OK, "no killed command left anything behind", plain=True)


def has_its_companions(patient: Patient) -> Iterator[Finding]:
    """Whether a write-ahead log lies where its store is gone."""
    if not patient.path.exists():
        beside_it = [patient.path.with_name(f"{patient.path.name}{tail}") for tail in WRITTEN_LAST]
        orphans = [place.name for place in beside_it if place.exists()]
        if orphans:
            says = f"{some(orphans)} lies there without its store, and holds what was written last"
            yield Finding("companions", Level.BAD, says, "put the store back beside it before anything else; keep it")


def lies_well(patient: Patient) -> Iterator[Finding]:
    """Whether another program copies the folder while SQLite writes in it, or the disk is not of this machine."""
    folder = patient.path.resolve().parent
    service = synchronised_by(folder)
    kind = file_system_of(folder)
    if service:
        says = f"the folder is kept in step by {service}, which may copy the store half written, or put an old one back"
        yield Finding("place", Level.WARN, says, "move it out, and let a copy be synchronised", plain=True)
    if is_network(kind):
        says = f"the folder lies on a network ({kind}), where SQLite's locks are not to be relied on"
        do = "keep the store on a disk of the machine that runs custrec"
        yield Finding("place", Level.WARN, says, do, plain=True)
    if not (service or is_network(kind)):
        on = f" ({kind})" if kind else ""
        yield Finding("place", Level.OK, f"on a disk of this machine{on}, in no synchronised folder", plain=True)


def has_room(patient: Patient) -> Iterator[Finding]:
    """Whether the disk has room for an import of some size, and to write the store anew."""
    free = shutil.disk_usage(patient.path.resolve().parent).free
    size = patient.path.stat().st_size if patient.path.exists() else 0
    wanted = max(int(size * WRITTEN_ANEW), LEAST_FREE)
    if free < wanted:
        says = f"{megabytes(free)} are free; to write the store anew takes {megabytes(wanted)}, a large import as much"
        yield Finding("disk", Level.WARN, says, "free some space, or move the store to a larger disk", plain=True)
    else:
        yield Finding("disk", Level.OK, f"{megabytes(free)} are free", plain=True)


def keeps_time(patient: Patient) -> Iterator[Finding]:
    """Whether the clock of this machine is behind the last event."""
    from custrec.store.journal import head

    event = head(patient.opened)
    last = datetime.fromisoformat(event.at).astimezone(UTC) if event else None
    if last is not None and patient.now + CLOCK_SLACK < last:
        says = f"the clock of this machine is {lasting(last - patient.now)} behind the last event"
        yield Finding("clock", Level.WARN, says, "set the clock", plain=True)
    else:
        yield Finding("clock", Level.OK, "the clock is not behind the last event", plain=True)
