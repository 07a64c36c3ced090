"""custrec restore: the face of jobs.backups.restoring."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.agreeing import agrees
from custrec.cli.backup_places import From, Name, Unusable, places
from custrec.cli.carrying import Yes, carry_out
from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.key_options import KEY, Key, opened
from custrec.cli.options import WRITING, TableName, Writing
from custrec.cli.running import command

if TYPE_CHECKING:
    from datetime import datetime

    from custrec.jobs.backups.restoring import Restored
    from custrec.jobs.backups.targets import Backup


MOST_NAMED = 10
"""So many records that the ledger knows are named."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "restore",
        writes="restore-records",
        codes=(0, 2, 3, 6, 7, 8, 9, 10),
        examples=[
            "custrec restore --to before.db",
            "custrec restore 3 --replace --key-file /media/usb/custrec-recovery.txt",
            "custrec restore 3 --records C0002 -n",
        ],
    )(restore)


def restore(
    face: Face,
    name: Name = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Make a store of it there.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of this store, which is kept.")
    ] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="MOMENT", help="The last backup made until then (2026-05-01).")
    ] = None,
    source: From = None,
    signer: Annotated[
        str | None, typer.Option("--signer", metavar="KEY", help="Trust this signer, too (ssh-ed25519 …).")
    ] = None,
    key: Key = KEY,
    deep: Annotated[bool, typer.Option("--deep", help="Hold every index against its table, too.")] = False,
    records: Annotated[
        list[str] | None,
        typer.Option("--records", metavar="ID", help="Only this record (again for more), as it was: a plan."),
    ] = None,
    table: TableName = None,
    ledger: Annotated[
        Path | None, typer.Option("--ledger", metavar="FILE", help="The ledger of erasures, if it lies elsewhere.")
    ] = None,
    ledger_lost: Annotated[
        bool, typer.Option("--ledger-lost", help="No ledger is left: bring back whom it would have kept buried.")
    ] = False,
    yes: Yes = False,
    writing: Writing = WRITING,
) -> int:
    """Make a store of a backup: in a file of its own, or in the place of this one, which is moved aside."""
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.backups.erased import LedgerSearch
    from custrec.jobs.backups.restoring import RestoreRequest
    from custrec.jobs.backups.restoring import restore as restored

    if [to is not None, replace, bool(records)].count(True) != 1:
        what = "a backup is restored --to a file, or --replace puts it in the place of the store, or --records of it"
        raise UsageError(what=what)
    if not records and _is_planned(writing):
        raise UsageError(what="-n, --save-plan, --max-change and --note go with --records")
    if name and as_of:
        raise UsageError(what="name a backup, or say --as-of")
    for fault in face.settle_for_reading():  # a faulty custrec.yaml is no reason to stay without a store
        face.warn(f"{fault.message}; what it says is not used")
    if to is not None and not face.store_path.exists():  # a new machine: what is made here is the store
        face.store_option = to
        face.__dict__.pop("_place", None)
    session = face.session
    store = session.store_path
    backup, others = _wanted(face, name, as_of, source, signer)
    identities = opened(key)
    if records:
        from custrec.jobs.backups.records import RecordsRequest, plan_restore_records

        request_ = RecordsRequest(backup, records, table)
        with shown_progress(face) as progress:
            file = plan_restore_records(session.store, request_, identities, session.draft(writing.note), progress)
        return carry_out(face, file, writing, asks=len(records) > 1, yes=yes)
    if replace and not yes:
        _ask(backup.name, store)
    request = RestoreRequest(
        backup, store, to or store, session.at, face.wait, replace, deep, face.actor, LedgerSearch(ledger, ledger_lost)
    )
    with shown_progress(face) as progress:
        done = restored(request, identities, others, progress)
    _record(face, done, backup)
    _say(face, done, writing.as_json)
    return 3 if done.buried.recognised or done.buried.lost else 0


def _is_planned(writing: Writing) -> bool:
    """Whether more than the format of the answer was said."""
    return dataclasses.replace(writing, as_json=False) != WRITING


def _wanted(
    face: Face, name: str | None, as_of: str | None, source: list[str] | None, signer: str | None
) -> tuple[Backup, list[Backup]]:
    """The backup that is meant, and all there are."""
    from custrec.jobs.backups.targets import backup_at, backups_in, chosen

    store = face.store_path
    signers = [" ".join(signer.split()[:2])] if signer else []
    found = backups_in(places(face, source), store, signers, Unusable(face))
    if name and (named := backup_at(Path(name), store, signers)):
        return named, found
    candidates = [one for one in found if as_of is None or one.at < _moment(as_of)]
    which = "of this store" if as_of is None or not found else f"of this store from before {as_of}"
    return chosen(candidates, name, places(face, source), which), found


def _record(face: Face, done: Restored, backup: Backup) -> None:
    """Put the restore into the history of the store that was made."""
    from custrec.errors import CustrecError
    from custrec.session.session import Session

    session = face.session
    after = Session(done.destination, face.actor, session.clock, face.today_said, face.wait, face.warn)
    try:
        said: dict[str, object] = {"generation": done.manifest.generation, "file": done.manifest.file}
        said |= {"at": done.manifest.at, "place": backup.where}
        if done.buried.head.position:
            said["ledger"] = done.buried.head.as_dict()
        if done.buried.lost:
            said["ledger_lost"] = done.buried.lost
        after.record("restore", said)
    except CustrecError as error:
        face.warn(f"it is done, but could not be put into the history ({error.slug})")
    finally:
        after.close()


def _say(face: Face, done: Restored, as_json: bool) -> None:
    manifest = done.manifest
    aside = str(done.aside) if done.aside else None
    if as_json:
        said = {"generation": manifest.generation, "store": str(done.destination), "aside": aside}
        files = [str(path) for path in done.companions]
        again = done.buried.again
        said["erased_again"] = {"destroyed": again.destroyed, "blanked": again.blanked, "loosened": again.loosened}
        said["ledger_lost"] = done.buried.lost
        said["recognised"] = {table: list(records) for table, records in done.buried.recognised.items()}
        face.out_json("restore", said | {"records": manifest.records, "event": manifest.event, "files": files})
        return
    face.say(f"{done.destination}: {manifest.records:,} records as of {manifest.at} (event {manifest.event})")
    again = done.buried.again
    if again.any:
        cut = f", {many(again.loosened, 'record')} cut loose from them" if again.loosened else ""
        face.say(f"erased again, as the ledger says: {many(again.destroyed + again.blanked, 'record')}{cut}")
    for table, records in done.buried.recognised.items():
        named = ", ".join(f"#{record}" for record in records[:MOST_NAMED])
        more = f" and {len(records) - MOST_NAMED:,} more" if len(records) > MOST_NAMED else ""
        face.warn(f"{table} {named}{more}: known by something of an erased record; custrec purge, if it is the same")
    if done.buried.lost:
        lost = many(done.buried.lost, "record")
        face.warn(f"no ledger names {lost} erased before the newest backup: erase again who is back")
    if done.companions:
        face.say(f"and what lay beside it: {', '.join(path.name for path in done.companions)}")
    if aside:
        face.say(f"the store that was there: {aside}")


def _ask(backup: str, store: Path) -> None:
    """Ask at the terminal. Raises RestoreNeedsConsent where nobody is there, Refused for a no."""
    from custrec.errors import Refused, RestoreNeedsConsent

    if not sys.stdin.isatty():
        raise RestoreNeedsConsent(file=backup, store=store)
    if not agrees(f"put {backup} in the place of {store}, which is kept"):
        raise Refused()


def _moment(text: str) -> datetime:
    """The first moment after a day, or after a second that was said; where no zone is said, that of this machine.

    Raises UsageError.
    """
    from datetime import datetime, timedelta

    from custrec.errors import UsageError

    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(what="--as-of takes a day or a moment", hint="2026-05-01 or '2026-05-01 14:30'") from None
    whole_day = len(text.strip()) == len("2026-05-01")
    return (said + (timedelta(days=1) if whole_day else timedelta(seconds=1))).astimezone()
