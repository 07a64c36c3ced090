"""How a command is given a secret key: a file, a program that prints it, or an open file descriptor.

Never the key itself: arguments and variables are seen by others.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.options import Options

if TYPE_CHECKING:
    from custrec.files.age import Identity

KeyFile = Annotated[
    Path | None, typer.Option("--key-file", metavar="FILE", help="The secret key; by default that of custrec key init.")
]
PATIENCE = 120
"""Seconds that a program which prints a key may take: it may ask somebody."""


@dataclass(frozen=True)
class Key(Options):
    """Where the secret key comes from."""

    key_file: KeyFile = None
    key_command: Annotated[
        str | None, typer.Option("--key-command", metavar="PROGRAM", help="A program that prints it (no shell).")
    ] = None
    key_fd: Annotated[
        int | None, typer.Option("--key-fd", metavar="N", help="An open file descriptor to read it from.", min=0)
    ] = None


KEY = Key()


def opened(key: Key) -> list[Identity]:
    """The secret keys that the options mean. Raises IdentityMissing, IdentityInvalid, IdentityLoose, UsageError."""
    from custrec.errors import IdentityInvalid, UsageError
    from custrec.files.age import LONGEST, identities, identities_in
    from custrec.jobs.backups.keys import own_identity

    ways = [way for way in (key.key_file, key.key_command, key.key_fd) if way is not None]
    if len(ways) > 1:
        raise UsageError(what="a key is given in one way: --key-file, --key-command or --key-fd")
    if key.key_command is not None:
        return identities(_printed(key.key_command), "what --key-command printed", lambda: ask_passphrase(None))
    if key.key_fd is not None:
        try:
            with os.fdopen(key.key_fd, "rb") as stream:
                raw = stream.read(LONGEST)
        except OSError as error:
            reason = (error.strerror or "I/O error").lower()
            raise IdentityInvalid(path=f"file descriptor {key.key_fd}", reason=reason) from error
        return identities(raw, f"file descriptor {key.key_fd}", lambda: ask_passphrase(None))
    return identities_in(key.key_file or own_identity(os.environ), ask_passphrase)


def ask_passphrase(path: Path | None) -> str:
    """Ask for the passphrase of a key at the terminal. Raises IdentityInvalid where nobody is there."""
    import getpass

    from custrec.errors import IdentityInvalid

    where = str(path) if path else "the key"
    if not sys.stdin.isatty():
        raise IdentityInvalid(path=where, reason="it wants a passphrase, and nobody is there to ask")
    return getpass.getpass(f"Passphrase of {where}: ")


def _printed(command: str) -> bytes:
    import shlex
    import subprocess

    from custrec.errors import IdentityInvalid

    try:
        done = subprocess.run(shlex.split(command), capture_output=True, timeout=PATIENCE, check=True)
    except (OSError, ValueError, IndexError, subprocess.SubprocessError) as error:
        raise IdentityInvalid(path="--key-command", reason="the program failed") from error
    return done.stdout
