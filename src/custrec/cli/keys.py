"""custrec key: the keys of backups. The face of jobs.backups.keys."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.key_options import KeyFile, ask_passphrase
from custrec.cli.options import Json
from custrec.cli.running import command

Recovery = Annotated[
    list[str] | None,
    typer.Option("--recovery", metavar="RECIPIENT", help="A public key that is kept elsewhere (age1…, ssh-ed25519 …)."),
]
NewRecovery = Annotated[
    Path | None,
    typer.Option("--new-recovery", metavar="FILE", help="Make a recovery key there, on a stick that is put away."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="The keys that backups are sealed for and signed with.", no_args_is_help=True)
    command(
        group,
        "init",
        codes=(0, 2, 4, 7, 8, 9, 10),
        examples=[
            "custrec key init --new-recovery /media/usb/custrec-recovery.txt",
            "custrec key init --recovery age1yv6…",
        ],
    )(init)
    command(group, "show", codes=(0, 2, 4, 7), examples=["custrec key show", "custrec key show --json"])(show)
    command(
        group,
        "add",
        codes=(0, 2, 4, 7, 10),
        examples=["custrec key add age1yv6… --name office", 'custrec key add "$(cat ~/.ssh/id_ed25519.pub)"'],
    )(add)
    command(
        group,
        "remove",
        codes=(0, 2, 4, 7, 8, 9, 10),
        examples=["custrec key remove office", "custrec key remove age1yv6…"],
    )(remove)
    command(
        group,
        "rotate",
        codes=(0, 2, 4, 7, 8, 10),
        examples=["custrec key rotate", "custrec key rotate --key-file /media/usb/custrec-recovery.txt"],
    )(rotate)
    app.add_typer(group, name="key")


def init(
    face: Face,
    recovery: Recovery = None,
    new_recovery: NewRecovery = None,
    key_file: KeyFile = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Seal the new key with a passphrase.")] = False,
    keyring: Annotated[
        bool, typer.Option("--keyring", help="Keep the new key in this machine's keyring, not in a file.")
    ] = False,
    accept_data_loss: Annotated[
        bool, typer.Option("--i-accept-data-loss", help="Do without a second key: with the first all backups are lost.")
    ] = False,
) -> None:
    """Make the keys of this store: yours, which opens backups, and this host's, which signs them."""
    from custrec.errors import UsageError
    from custrec.jobs.backups.keys import Founding, found_keys, own_identity

    if keyring and passphrase:
        raise UsageError(what="a key is sealed by a passphrase, or kept in the keyring")
    identity = key_file or own_identity(os.environ)
    given = list(recovery or ())
    if not (given or new_recovery or accept_data_loss) and sys.stdin.isatty():
        given = _asked_recovery()
    chosen = _new_passphrase() if passphrase and not identity.exists() else None
    how = Founding(identity, chosen, given, new_recovery, accept_data_loss, keyring)
    session = face.session
    made = found_keys(session.store.path, how, session.at, face.actor, ask_passphrase)
    for path in made.made:
        face.say(f"made {path}")
    for one in made.recipients:
        face.out(f"{one.key}  {one.name}")
    if identity in made.made:
        opens = f"the keyring, to which {identity} leads," if keyring else str(identity)
        face.say(f"{opens} opens your backups: keep it off this machine, too, and never beside them")
    if new_recovery is not None:
        face.say(f"put {new_recovery} away where a fire here does not reach it")


def show(face: Face, key_file: KeyFile = None, as_json: Json = False) -> None:
    """Show whom backups are sealed for, who may sign them, and whether your key is here."""
    from custrec.jobs.backups.keys import own_identity, ring

    keys = ring(face.reader.store.path, key_file or own_identity(os.environ))
    if as_json:
        said = [{"key": one.key, "name": one.name} for one in keys.recipients]
        identity = str(keys.identity) if keys.identity else None
        face.out_json(
            "keys", {"recipients": said, "signers": list(keys.signers), "signs": keys.signs, "identity": identity}
        )
        return
    if keys.recipients:
        face.table(("recipient", "name"), [(one.key, one.name) for one in keys.recipients])
    else:
        face.say("no recipients yet: custrec key init")
    face.say(f"signers: {len(keys.signers)}; this host {'signs' if keys.signs else 'has no signing key'}")
    face.say(f"your key: {keys.identity or 'not here'}")


def add(
    face: Face,
    recipient: Annotated[str, typer.Argument(metavar="RECIPIENT", help="A public key.", show_default=False)],
    name: Annotated[str, typer.Option("--name", metavar="TEXT", help="What you call it.")] = "",
) -> None:
    """Seal later backups for one more key."""
    from custrec.jobs.backups.keys import add_recipient

    added = add_recipient(face.session.store.path, recipient, " ".join(name.split()))
    face.say(f"later backups can be opened by {added.name or added.key}, too")


def remove(
    face: Face,
    name: Annotated[str, typer.Argument(metavar="RECIPIENT", help="A public key, or its name.", show_default=False)],
) -> None:
    """Seal later backups no more for a key; it goes on opening the older ones."""
    from custrec.jobs.backups.keys import remove_recipient

    gone = remove_recipient(face.session.store.path, name)
    face.say(f"later backups cannot be opened by {', '.join(one.name or one.key for one in gone)}; older ones can")


def rotate(face: Face, key_file: KeyFile = None) -> None:
    """Make a new key in place of yours. The old one is kept: it alone opens the older backups."""
    from custrec.jobs.backups.keys import own_identity
    from custrec.jobs.backups.keys import rotate as rotated

    session = face.session
    identity = key_file or own_identity(os.environ)
    aside, fresh = rotated(session.store.path, identity, session.at, face.actor, ask_passphrase)
    face.out(fresh.key)
    face.say(f"made {identity}; {aside} opens what was sealed until now: keep it as long as such backups")


def _asked_recovery() -> list[str]:
    """Ask at the terminal for a recovery key; none where the answer is empty."""
    print(
        "Who loses the only key loses all backups. Give a second public key, kept elsewhere (age1…),\n"
        "or make one with --new-recovery FILE.\nRecovery key: ",
        end="",
        file=sys.stderr,
    )
    sys.stderr.flush()
    answer = sys.stdin.readline().strip()
    return [answer] if answer else []


def _new_passphrase() -> str:
    """Ask twice for a new passphrase. Raises IdentityInvalid, UsageError."""
    from custrec.errors import UsageError

    first = ask_passphrase(None)
    if not first or first != ask_passphrase(None):
        raise UsageError(what="the passphrases are empty or not the same", hint="run it again")
    return first
