"""The doctor's check of backups: is there one, how old is it, and does more than one key open it.

Only the history and what lies beside the store are looked at; `custrec backup verify --all` looks at the files.
"""

from __future__ import annotations

from collections.abc import Iterator

from custrec.errors import CustrecError
from custrec.files.age import recipients_in
from custrec.jobs.backups.keys import RECIPIENTS
from custrec.jobs.backups.last import alarm, last_backup
from custrec.jobs.upkeep.diagnosis import Finding, Level, Patient, lasting
from custrec.store.place import beside


def is_backed_up(patient: Patient) -> Iterator[Finding]:
    """Whether the last backup is young enough and got everywhere, and somebody else's key opens it, too."""
    last = last_backup(patient.opened)
    if trouble := alarm(last, patient.now, patient.backup_max_age):
        yield Finding("backups", Level.WARN, trouble, "custrec backup create, and see why it did not run by itself")
    elif last is None:
        yield Finding(
            "backups", Level.OK, "no backup was ever made (custrec key init, custrec backup create)", plain=True
        )
    else:
        age = lasting(patient.now - last.at)
        yield Finding("backups", Level.OK, f"the last backup that proved itself is {age} old", plain=True)
    try:
        recipients = recipients_in(beside(patient.path, RECIPIENTS))
    except CustrecError as error:
        yield Finding("backups", Level.WARN, error.message, error.hint)
        return
    if len(recipients) == 1:
        says = "one key alone opens the backups: with it they are lost"
        yield Finding(
            "backups", Level.WARN, says, "custrec key add RECIPIENT, for a key that is kept elsewhere", plain=True
        )
