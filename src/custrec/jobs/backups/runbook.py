"""The plan for the day on which the store is gone: one page, filled in, to be printed and kept with a recovery key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from custrec.jobs.backups.keys import KeyRing
from custrec.jobs.backups.places import FolderPlace, Place
from custrec.jobs.backups.standing import BackupStanding
from custrec.jobs.ledgers import ledger_of

_PAGE = """\
# When the store is gone: {store}

Written {today}. Print this page, and keep it with the recovery key, not on this machine.

## What there is

Backups lie in:
{places}
The newest: {newest}
Last opened with a real key: {drilled}

They open with any one of the secret keys to these public ones:
{recipients}
Their manifests are signed by:
{signers}
Who was erased stands in {ledger}, and beside each backup: keep it with them. Without it no backup is
restored, because it would bring those people back.

## What to do

1. Do not repair anything. Copy what is left of {store} and its -wal file aside.
2. On a machine with custrec (pip install custrec), bring a secret key: a file that nobody else may read (chmod 600).
3. In an empty folder, with the folder of the backups at hand:

     custrec restore --to {name} --from FOLDER --key-file KEY \\
       --signer "{signer}"

   It takes the newest; --as-of 2026-05-01 the last until then. What it refuses, it says why; then take the one before:
   custrec backup list --from FOLDER
4. Look at it: custrec status; custrec doctor --full; custrec history verify
5. Make keys for the new machine (custrec key init --recovery …), and a backup at once: custrec backup create
6. What was entered after the backup was made is gone: import it again from where it came.

Without custrec, age and zstd do it:  age -d -i KEY FILE | zstd -d > {name}
(docs/backup-format.md says the rest)

Practise it: custrec backup drill, four times a year.
"""


def runbook(store: Path, today: str, ring: KeyRing, places: Sequence[Place], standing: BackupStanding) -> str:
    """The page for a store."""
    newest = standing.newest
    return _PAGE.format(
        store=store.resolve(),
        name=store.name,
        today=today,
        places=_lines([_whole(place) for place in places]),
        newest=f"{newest.name} in {_whole(newest.place)}" if newest else "none so far: custrec backup create",
        ledger=ledger_of(store).name,
        drilled=standing.drilled.date().isoformat() if standing.drilled else "never: custrec backup drill",
        recipients=_lines([f"{one.key}  {one.name}".rstrip() for one in ring.recipients]),
        signers=_lines(ring.signers),
        signer=ring.signers[-1] if ring.signers else "ssh-ed25519 …",
    )


def _whole(place: Place) -> str:
    """A place as it is found from anywhere."""
    return str(place.path.resolve()) if isinstance(place, FolderPlace) else place.shown


def _lines(texts: Sequence[str]) -> str:
    return "".join(f"  {text}\n" for text in texts) or "  none so far: custrec key init\n"
