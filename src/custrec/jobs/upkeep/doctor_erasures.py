"""The doctor's checks of what was erased: the ledger and its key, and whether anything is still to be wiped."""

from __future__ import annotations

from collections.abc import Iterator

from custrec.errors import CustrecError
from custrec.files.ledger_file import begin, check
from custrec.jobs.ledgers import KEY, key_of, ledger_of, new_key
from custrec.jobs.upkeep.diagnosis import Finding, Level, Patient
from custrec.store import wiping
from custrec.store.database import Store
from custrec.store.inspection import reading
from custrec.store.place import beside

FROM_A_BACKUP = "bring it back from beside a backup; if it is lost: custrec doctor --fix"


def are_remembered(patient: Patient) -> Iterator[Finding]:
    """Whether the ledger of erasures is there, whole, and goes as far as the history knows; and its key."""
    store = patient.opened
    with reading(store):
        head, pending = wiping.ledger_head(store), wiping.pending_in(store)
    waits = pending.lines if pending else 0
    try:
        found = check(ledger_of(patient.path))
    except FileNotFoundError:
        if head.position:
            says = f"{ledger_of(patient.path).name} is missing, which remembers {head.position:,} erased records"
            yield Finding("ledger", Level.BAD, says, FROM_A_BACKUP, fixable=True)
        else:
            says = "there is no ledger of erasures yet, and nobody was erased"
            yield Finding("ledger", Level.OK, says, fixable=True, plain=True)
        return
    except CustrecError as error:
        yield Finding("ledger", Level.BAD, error.message, error.hint)
        return
    if found.store != store.identity:
        yield Finding("ledger", Level.BAD, "the ledger of erasures is another store's", FROM_A_BACKUP)
    elif not waits and (found.head.position, found.head.digest) != (head.position, head.digest):
        says = f"the ledger of erasures ends at {found.head.position:,}, and the history knows of {head.position:,}"
        yield Finding("ledger", Level.BAD, says, "bring the newest back from beside a backup", plain=True)
    elif lost := found.begins + found.missing:
        says = f"the ledger of erasures was begun again: it lacks {lost:,} records"
        yield Finding("ledger", Level.WARN, says, "bring an older one back from beside a backup", plain=True)
    else:
        says = f"the ledger remembers {found.head.position:,} erased records, as the history does"
        yield Finding("ledger", Level.OK, says, plain=True)
    yield from _key(patient, head.position)


def _key(patient: Patient, erased: int) -> Iterator[Finding]:
    name = beside(patient.path, KEY).name
    try:
        if key_of(patient.path) is None and erased:
            says = f"{name} is missing: nobody who was erased can be recognised"
            yield Finding("ledger", Level.WARN, says, "bring it back from where it was kept", fixable=True)
    except CustrecError as error:
        yield Finding("ledger", Level.WARN, error.message, error.hint)


def are_wiped(patient: Patient) -> Iterator[Finding]:
    """Whether what was destroyed is gone everywhere."""
    store = patient.opened
    with reading(store):
        pending = wiping.pending_in(store)
    if pending:
        numbers = ", ".join(map(str, pending.events))
        says = f"purged, not yet wiped: what event {numbers} destroyed may still be found in custrec's files"
        yield Finding("wipe", Level.WARN, says, "custrec maintain", plain=True)
    else:
        yield Finding("wipe", Level.OK, "nothing that was destroyed is still to be wiped", plain=True)


def mend(store: Store) -> Iterator[str]:
    """Begin the ledger where it is missing, and make a key; a sentence for each."""
    path = ledger_of(store.path)
    if not path.exists():
        head = wiping.ledger_head(store)
        begin(path, store.identity, head)
        yield f"{path.name} was begun{f', {head.position:,} records are not in it' if head.position else ''}"
    if not beside(store.path, KEY).exists():
        new_key(store.path)
        yield f"{beside(store.path, KEY).name} was made"
