"""custrec backup: make, look through, prove and drop backups. The face of jobs.backups."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.backup_places import From, Name, Unusable, known, places, record, wanted
from custrec.cli.face import Face
from custrec.cli.key_options import KEY, Key, opened
from custrec.cli.options import DryRun, Json
from custrec.cli.running import command

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path

    from custrec.jobs.backups.pushing import Sent

To = Annotated[
    list[str] | None,
    typer.Option("--to", metavar="FOLDER", help="Put it there, or to a URL (again for more); else custrec.yaml says."),
]

HOOK, HEARTBEAT = "post_hook", "backup_heartbeat"
"""What is said in the history of steps after a backup that failed."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="Encrypted backups that have proved themselves.", no_args_is_help=True)
    command(
        group,
        "create",
        codes=(0, 2, 3, 6, 7, 8, 10),
        examples=["custrec backup create", "custrec backup create -q --to /mnt/nas/custrec   # each night"],
        summary=True,
    )(create)
    command(
        group,
        "push",
        codes=(0, 2, 3, 6, 7, 8, 10),
        examples=["custrec backup push", "custrec backup push --to /mnt/nas/custrec"],
        summary=True,
    )(push)
    command(group, "list", codes=(0, 2, 3, 7, 8), examples=["custrec backup list", "custrec backup list --json"])(
        list_them
    )
    command(
        group, "verify", codes=(0, 2, 3, 7, 8), examples=["custrec backup verify", "custrec backup verify --all -q"]
    )(verify)
    command(
        group,
        "drill",
        codes=(0, 2, 6, 7, 8, 10),
        examples=["custrec backup drill", "custrec backup drill 3 --key-file /media/usb/custrec-recovery.txt"],
    )(drill)
    command(
        group,
        "status",
        codes=(0, 2, 3, 7, 8),
        examples=["custrec backup status --max-age 26h -q   # 3 when overdue", "custrec backup status --json"],
        summary=True,
    )(status)
    command(
        group,
        "prune",
        codes=(0, 2, 3, 4, 6, 7, 8, 10),
        examples=[
            "custrec backup prune --keep-last 3 --keep-daily 7 --keep-monthly 12 -n",
            "custrec backup prune -q   # as backup_keep in custrec.yaml says",
        ],
    )(prune)
    command(
        group,
        "runbook",
        codes=(0, 2, 7, 8),
        examples=[
            "custrec backup runbook",
            "custrec backup runbook > plan.txt   # to be printed, and kept with the recovery key",
        ],
    )(runbook)
    app.add_typer(group, name="backup")


def create(
    face: Face,
    to: To = None,
    stdout: Annotated[
        bool, typer.Option("--stdout", help="Write the sealed file to standard output, and nowhere else.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Make an encrypted backup, and prove it by opening it again before it counts."""
    from custrec.cli.backup_words import made_line, made_said
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.backups.creating import BackupRequest, create_backup

    if stdout and (to or as_json or sys.stdout.isatty()):
        raise UsageError(what="--stdout goes to a file or a pipe, without --to and --json")
    session = face.session
    stream = sys.stdout.buffer if stdout else None
    with shown_progress(face) as progress:
        request = BackupRequest(() if stdout else places(face, to), session.at, face.actor, stream)
        made = create_backup(session.store, request, progress)
    failed = _failed(face, made.sent, made.file, made.manifest.generation)
    said = face.result("backup", made_said(made, failed))
    record(face, "backup", said)
    if as_json:
        face.out_json("backup", said | {"manifest": made.manifest.as_dict()})
    else:
        face.say(made_line(made.manifest, made.sent.places))
    return 3 if failed else 0


def push(face: Face, to: To = None, as_json: Json = False) -> int:
    """Send backups to the places that they did not get to, and the newest to all that lack it."""
    from custrec.cli.backup_words import sent_said
    from custrec.jobs.backups.last import last_backup
    from custrec.jobs.backups.pushing import push as pushed

    store = face.session.store
    sent, newest = pushed(store, places(face, to))
    last = last_backup(store)
    again = newest if last is not None and set(last.failed) & {HOOK, HEARTBEAT} else None
    failed = _failed(face, sent, again.file if again else None, again.generation if again else 0)
    said = face.result("push", sent_said(sent, failed))
    if sent.places or failed or (last is not None and last.failed):
        record(face, "push", said)
    if as_json:
        face.out_json("push", said)
    elif sent.places or not failed:
        face.say(", ".join(sent.places) or "all places have the newest backup")
    return 3 if failed else 0


def _failed(face: Face, sent: Sent, file: Path | None, generation: int) -> list[str]:
    """Say which places could not be reached, run the hook and write the heartbeat, as the settings say; what of all
    that failed. No heart beats for a backup that did not get everywhere; without a `file` neither is done."""
    from custrec.errors import CustrecError
    from custrec.jobs.backups import afterwards

    for place, error in sent.failures:
        face.complain(error, "" if place in error.message else place)
    failed = list(dict.fromkeys(place for place, _ in sent.failures))
    settings = face.settings
    if settings.post_hook and file is not None:
        try:
            afterwards.run_hook(settings.post_hook, file)
        except CustrecError as error:
            face.complain(error)
            failed.append(HOOK)
    if settings.backup_heartbeat and file is not None and not failed:
        heartbeat = face.session.store_path.parent / settings.backup_heartbeat
        try:
            afterwards.beat(heartbeat, {"at": face.session.at, "generation": generation})
        except CustrecError as error:
            face.complain(error)
            failed.append(HEARTBEAT)
    return failed


def list_them(face: Face, source: From = None, as_json: Json = False) -> int:
    """List the backups there are, the newest first."""
    from custrec.cli.backup_words import backup_said, row

    unusable = Unusable(face)
    found = known(face, source, unusable)
    if as_json:
        face.out_json("backups", {"backups": [backup_said(one) for one in found]})
    elif found:
        columns = ("generation", "made", "size", "records", "state", "file")
        face.table(columns, [row(one) for one in found], right=("generation", "size", "records"))
    else:
        face.say(f"no backups in {', '.join(place.shown for place in places(face, source))}: custrec backup create")
    return 3 if unusable.told else 0


def verify(
    face: Face,
    name: Name = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them, not only the newest.")] = False,
    source: From = None,
    as_json: Json = False,
) -> int:
    """Check signatures, sizes and SHA-256 of backups; no key is needed."""
    from custrec.cli.backup_words import backup_said
    from custrec.jobs.backups.proving import fault_of
    from custrec.jobs.backups.targets import chosen

    unusable = Unusable(face)
    found = known(face, source, unusable)
    meant = found if everything else [chosen(found, name, places(face, source))]
    faults = [(one, fault_of(one)) for one in meant]
    if as_json:
        face.out_json("backups", {"backups": [backup_said(one) | {"fault": fault or None} for one, fault in faults]})
    for one, fault in faults if not as_json else ():
        if fault:
            face.warn(f"{one.where}: {fault}")
        else:
            face.say(f"{one.where}: as it was made")
    return 8 if any(fault for _, fault in faults) else 3 if unusable.told else 0


def drill(
    face: Face,
    name: Name = None,
    source: From = None,
    key: Key = KEY,
    deep: Annotated[bool, typer.Option("--deep", help="Hold every index against its table, too.")] = False,
    as_json: Json = False,
) -> None:
    """Open a backup with the secret key in a sandbox, check and compare it, and note that it worked."""
    from custrec.cli.backup_words import drill_line
    from custrec.jobs.backups.proving import drill as drilled

    identities = opened(key)
    store = face.session.store.path
    done = drilled(wanted(face, source, name), store, store, identities, deep)
    said = {
        "generation": done.manifest.generation,
        "file": done.manifest.file,
        "records": done.manifest.records,
        "seconds": round(done.seconds, 2),
    }
    record(face, "drill", said)
    if as_json:
        face.out_json("drill", said)
    else:
        face.say(drill_line(done))


def status(
    face: Face,
    max_age: Annotated[
        str | None, typer.Option("--max-age", metavar="SPAN", help="Exit 3 if the newest is older: 26h, 7d.")
    ] = None,
    source: From = None,
    as_json: Json = False,
) -> int:
    """Say how old the newest backup is; the exit code is 3 when a newer one is wanted."""
    from custrec.cli.backup_words import status_lines, status_said
    from custrec.jobs.backups.standing import backup_standing

    session = face.reader
    limit = _span(max_age) if max_age else face.settings.backup_max_age
    unusable = Unusable(face)
    found = backup_standing(session.store, places(face, source), session.now, limit, unusable)
    said = face.result("backup-status", status_said(found))
    if as_json:
        face.out_json("backup-status", said)
    elif not face.quiet or found.overdue or found.failed:
        for line in status_lines(found):
            face.out(line)
    return 3 if found.overdue or found.failed or unusable.told else 0


def prune(
    face: Face,
    last: Annotated[int, typer.Option("--keep-last", metavar="N", min=0, help="So many of the newest.")] = 0,
    hourly: Annotated[int, typer.Option("--keep-hourly", metavar="N", min=0, help="The newest of N hours.")] = 0,
    daily: Annotated[int, typer.Option("--keep-daily", metavar="N", min=0, help="The newest of N days.")] = 0,
    weekly: Annotated[int, typer.Option("--keep-weekly", metavar="N", min=0, help="The newest of N weeks.")] = 0,
    monthly: Annotated[int, typer.Option("--keep-monthly", metavar="N", min=0, help="The newest of N months.")] = 0,
    yearly: Annotated[int, typer.Option("--keep-yearly", metavar="N", min=0, help="The newest of N years.")] = 0,
    within: Annotated[
        str | None, typer.Option("--keep-within", metavar="SPAN", help="All this close to the newest: 2w.")
    ] = None,
    source: From = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    """Drop the backups that no rule keeps, in restic's words, and say the reason for each that stays."""
    from datetime import timedelta

    from custrec.cli.backup_words import fate_rows, fates_said
    from custrec.jobs.backups import pruning
    from custrec.rules.keeping import Keep

    keep = Keep(last, hourly, daily, weekly, monthly, yearly, _span(within) if within else timedelta())
    if keep.nothing:
        keep = Keep(**face.settings.backup_keep)
    session = face.session
    unusable = Unusable(face)
    found = pruning.judged(session.store.path, places(face, source), keep, session.now.astimezone(), unusable)
    gone = [] if dry_run else list(pruning.prune(session.store.path, found))
    if gone:
        record(face, "prune", {"generations": sorted({one.backup.generation for one in gone})})
    if as_json:
        face.out_json("prune", {"done": not dry_run, "backups": fates_said(found)})
        return 3 if unusable.told else 0
    if not face.quiet:
        face.table(("generation", "made", "fate", "why", "folder"), fate_rows(found), right=("generation",))
    dropped = sum(not one.fate.keep for one in found)
    face.say(f"{dropped} of {len(found)} {'would be dropped (dry run)' if dry_run else 'dropped'}")
    return 3 if unusable.told else 0


def runbook(face: Face, source: From = None) -> None:
    """Print the plan for the day on which the store is gone, filled in with this store's places and keys."""
    import os

    from custrec.jobs.backups.keys import own_identity, ring
    from custrec.jobs.backups.runbook import runbook as page
    from custrec.jobs.backups.standing import backup_standing

    session = face.reader
    where = places(face, source)
    standing = backup_standing(session.store, where, session.now, None, Unusable(face))
    keys = ring(session.store.path, own_identity(os.environ))
    face.out(page(session.store.path, face.session.today.isoformat(), keys, where, standing).rstrip())


def _span(text: str) -> timedelta:
    from custrec.errors import UsageError
    from custrec.model.settings import span

    try:
        return span(text)
    except ValueError as error:
        raise UsageError(what=f"this takes {error}, not {text}") from None
