"""custrec restore: the face of jobs.backups.restoring."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.key_options import KEY, Key, opened
from custrec.cli.options import Json
from custrec.cli.running import command

if TYPE_CHECKING:
    from datetime import datetime


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "restore",
        codes=(0, 2, 6, 7, 8, 9, 10),
        examples=["custrec restore --to before.db", "custrec restore 12 --replace --key-file /media/usb/recovery.txt"],
    )(restore)


def restore(
    face: Face,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[BACKUP]", help="A file's name, or a generation; the newest.", show_default=False),
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="Make a store of it there.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of this store, which is kept.")
    ] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="The last backup made until then (2026-05-01).")
    ] = None,
    source: Annotated[
        list[Path] | None, typer.Option("--from", metavar="DIR", help="Look there; else custrec.yaml says.")
    ] = None,
    signer: Annotated[
        str | None, typer.Option("--signer", metavar="KEY", help="Trust this signer, too (ssh-ed25519 …).")
    ] = None,
    key: Key = KEY,
    deep: Annotated[bool, typer.Option("--deep", help="Hold every index against its table, too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Make a store of a backup: in a file of its own, or in the place of this one, which is moved aside."""
    from custrec.cli.backups import _places
    from custrec.cli.progress import import_progress
    from custrec.errors import NeedsConsent, Refused, UsageError
    from custrec.jobs.backups.restoring import RestoreRequest
    from custrec.jobs.backups.restoring import restore as restored
    from custrec.jobs.backups.targets import backups_in, chosen
    from custrec.session.session import Session

    if (to is None) == (not replace):
        raise UsageError(what="a backup is restored --to a file, or --replace puts it in the place of the store")
    if name and as_of:
        raise UsageError(what="name a backup, or say --as-of")
    session = face.session
    store = session.store_path
    known = backups_in(_places(face, source), store, [" ".join(signer.split()[:2])] if signer else ())
    candidates = [one for one in known if as_of is None or one.at < _moment(as_of)]
    backup = chosen(candidates, name, _places(face, source))
    identities = opened(key)
    if replace and not yes:
        if not sys.stdin.isatty():
            raise NeedsConsent(verb="restore", count=1)
        print(f"put {backup.name} in the place of {store}, which is kept? [y/N] ", end="", file=sys.stderr)
        sys.stderr.flush()
        if sys.stdin.readline().strip().casefold() not in ("y", "yes", "是"):
            raise Refused()
    request = RestoreRequest(backup, store, to or store, session.at, face.wait, deep)
    with import_progress(face) as progress:
        done = restored(request, identities, known, progress)
    after = Session(done.destination, face.actor, session.now, session.today, face.wait, face.warn)
    try:
        after.record("restore", {"generation": done.manifest.generation, "file": done.manifest.file})
    finally:
        after.close()
    aside = str(done.aside) if done.aside else None
    if as_json:
        said = {"generation": done.manifest.generation, "store": str(done.destination), "aside": aside}
        face.out_json("restore", said | {"records": done.manifest.records, "event": done.manifest.event})
        return
    face.say(
        f"{done.destination}: {done.manifest.records:,} records as of {done.manifest.at} (event {done.manifest.event})"
    )
    if aside:
        face.say(f"the store that was there: {aside}")


def _moment(text: str) -> datetime:
    """The end of a day, or a moment. Raises UsageError."""
    from datetime import datetime, timedelta

    from custrec.errors import UsageError

    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(what="--as-of takes a day or a moment", hint="2026-05-01 or '2026-05-01 14:30'") from None
    if len(text) == len("2026-05-01"):
        said += timedelta(days=1)
    return said.astimezone()
