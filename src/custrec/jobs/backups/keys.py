"""The keys of backups: whom they are sealed for, and who signs them.

The secret key of a person (the identity) lies in that person's own folder, or wherever the person says; a host that
makes backups needs only `custrec.recipients` (public) and `custrec.signing-key`. Who steals such a host can forge a
manifest, but read no backup.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from custrec.errors import IdentityExists, LastRecipient, NoRecipients, NoRecovery, RecipientUnknown, SigningKeyUnusable
from custrec.files import ssh_signature
from custrec.files.age import (
    Identity,
    Recipient,
    identities_in,
    identity_text,
    new_identity,
    recipient,
    recipients_in,
    sealed_by_passphrase,
)
from custrec.files.keyrings import keep, pointed_at, pointer
from custrec.files.part import PartFile
from custrec.store.place import beside

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

RECIPIENTS, SIGNERS, SIGNING_KEY = "recipients", "signers", "signing-key"
_HEAD = "# Who can open the backups of {store}: public keys of age (age -R reads this file).\n"


@dataclass(frozen=True)
class KeyRing:
    """The keys of one store: its recipients, the known signers, whether this host can sign, and the identity's file."""

    recipients: tuple[Recipient, ...]
    signers: tuple[str, ...]
    signs: bool
    identity: Path | None


def own_identity(environment: dict[str, str] | os._Environ[str]) -> Path:
    """Where a person's secret key lies if nobody says another place: XDG, or the platform's own place."""
    if os.name == "nt":
        return Path(environment.get("APPDATA") or Path.home()) / "custrec" / "identity"
    home = environment.get("XDG_CONFIG_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".config") / "custrec" / "identity"


def ring(store: Path, identity: Path) -> KeyRing:
    """The keys of a store. Raises RecipientInvalid."""
    return KeyRing(
        tuple(recipients_in(beside(store, RECIPIENTS))),
        tuple(ssh_signature.signers_in(beside(store, SIGNERS))),
        beside(store, SIGNING_KEY).exists(),
        identity if identity.exists() else None,
    )


def recipients(store: Path) -> list[Recipient]:
    """Whom backups are sealed for. Raises NoRecipients, RecipientInvalid."""
    path = beside(store, RECIPIENTS)
    found = recipients_in(path)
    if not found:
        raise NoRecipients(path=path.name)
    return found


@dataclass(frozen=True)
class Founding:
    """What `init` is to make: the identity's file (made if it is not there; sealed with a passphrase where one is
    given; its secret in the platform's `keyring`, if that is wanted), recovery recipients, and a file for a new
    recovery key. `lonely` accepts that one key alone opens them."""

    identity: Path
    passphrase: str | None = None
    recovery: Sequence[str] = ()
    new_recovery: Path | None = None
    lonely: bool = False
    keyring: bool = False


@dataclass(frozen=True)
class Founded:
    """What `init` made: the recipients, and which files are new."""

    recipients: tuple[Recipient, ...]
    made: tuple[Path, ...]


def found_keys(store: Path, how: Founding, at: str, login: str, ask: Callable[[Path], str]) -> Founded:
    """Make the keys of a store, or complete them; nothing that is there is replaced.

    `ask` asks for the passphrase of an identity that is there already. Raises NoRecovery, IdentityExists,
    RecipientInvalid, RecipientIsSecret, KeyringUnusable, IoFailure.
    """
    known = recipients_in(beside(store, RECIPIENTS))
    given = [recipient(text, "--recovery", "recovery") for text in how.recovery]
    if how.new_recovery is not None and how.new_recovery.exists():
        raise IdentityExists(path=str(how.new_recovery))
    if not (given or how.new_recovery or how.lonely or len(known) > 1):
        raise NoRecovery()
    made: list[Path] = []
    if how.identity.exists():
        mine = [Recipient(one.public, login) for one in identities_in(how.identity, ask) if one.public]
    else:
        mine = [Recipient(_write_identity(how.identity, at, how.passphrase, how.keyring).public, login)]
        made.append(how.identity)
    if how.new_recovery is not None:
        given.append(Recipient(_write_identity(how.new_recovery, at, None).public, "recovery"))
        made.append(how.new_recovery)
    made += _write_recipients(store, [*known, *mine, *given])
    made += _found_signer(store, login)
    return Founded(tuple(recipients_in(beside(store, RECIPIENTS))), tuple(made))


def add_recipient(store: Path, text: str, name: str) -> Recipient:
    """Seal later backups for one more key. Raises RecipientInvalid, RecipientIsSecret, IoFailure."""
    added = recipient(text, "the key", name)
    _write_recipients(store, [*recipients_in(beside(store, RECIPIENTS)), added])
    return added


def remove_recipient(store: Path, name: str) -> list[Recipient]:
    """Seal later backups no more for a key, named by itself or by what it is called; those that went.

    Raises RecipientUnknown, LastRecipient, IoFailure.
    """
    known = recipients(store)
    gone = [one for one in known if name in (one.key, one.name)]
    if not gone:
        raise RecipientUnknown(name=name)
    if len(gone) == len(known):
        raise LastRecipient(name=name)
    _replace_recipients(store, [one for one in known if one not in gone])
    return gone


def rotate(store: Path, identity: Path, at: str, login: str, ask: Callable[[Path], str]) -> tuple[Path, Recipient]:
    """Make a new identity in place of a person's: the old file is kept under another name, because it alone opens the
    older backups; later ones are sealed for the new key. Says where the old one is, and the new recipient.

    Raises IdentityMissing, IdentityInvalid, IdentityLoose, NoRecipients, IoFailure.
    """
    old = {one.public for one in identities_in(identity, ask)}
    in_keyring = pointed_at(identity.read_text(encoding="utf-8", errors="replace")) is not None
    known = recipients(store)
    aside = identity.with_name(f"{identity.name}.until-{at[:10]}-{at[11:19].replace(':', '')}")
    identity.replace(aside)
    try:
        fresh = Recipient(_write_identity(identity, at, None, in_keyring).public, login)
    except BaseException:
        aside.replace(identity)
        raise
    _replace_recipients(store, [*(one for one in known if one.key not in old), fresh])
    return aside, fresh


def signing_key(store: Path, login: str) -> Ed25519PrivateKey:
    """The key that this host signs with; made with its public half where there is none.

    One that is known to nobody becomes known: who may write here may name the signers. Raises SigningKeyUnusable,
    IoFailure.
    """
    path, signers = beside(store, SIGNING_KEY), beside(store, SIGNERS)
    try:
        if not path.exists():
            _found_signer(store, login)
        key = ssh_signature.key_in(path.read_bytes())
        public = ssh_signature.public_line(key)
        if public not in ssh_signature.signers_in(signers):
            _add_signer(signers, public, login)
        return key
    except OSError as error:
        raise SigningKeyUnusable(path=path.name, reason=(error.strerror or "I/O error").lower()) from error
    except ValueError as error:
        raise SigningKeyUnusable(path=path.name, reason="it is no Ed25519 key of OpenSSH's form") from error


def _found_signer(store: Path, login: str) -> list[Path]:
    path, signers = beside(store, SIGNING_KEY), beside(store, SIGNERS)
    if path.exists():
        return []
    key = ssh_signature.new_key()
    _write(path, ssh_signature.key_text(key))
    _add_signer(signers, ssh_signature.public_line(key), login)
    return [path, signers]


def _add_signer(signers: Path, public: str, login: str) -> None:
    before = signers.read_bytes() if signers.exists() else b""
    _write(signers, before + ssh_signature.signer_line(public, login).encode("utf-8"))


def _write_identity(path: Path, at: str, passphrase: str | None, keyring: bool = False) -> Identity:
    made = new_identity()
    text = identity_text(made, at)
    if keyring:
        keep(made.public, text)
        text = pointer(made.public)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(path, text.encode("utf-8") if passphrase is None else sealed_by_passphrase(text, passphrase))
    return made


def _write_recipients(store: Path, wanted: Sequence[Recipient]) -> list[Path]:
    """Write those that are not there yet below what is there."""
    path = beside(store, RECIPIENTS)
    known = {one.key for one in recipients_in(path)}
    fresh = {one.key: one for one in wanted if one.key not in known}
    if not fresh:
        return []
    before = path.read_bytes().decode("utf-8") if path.exists() else _HEAD.format(store=store.name) + "\n"
    _write(path, (before + "".join(one.line for one in fresh.values())).encode("utf-8"))
    return [path]


def _replace_recipients(store: Path, left: Sequence[Recipient]) -> None:
    text = _HEAD.format(store=store.name) + "\n" + "".join(one.line for one in left)
    _write(beside(store, RECIPIENTS), text.encode("utf-8"))


def _write(path: Path, content: bytes) -> None:
    part = PartFile(path)
    try:
        part.stream.write(content)
        part.commit()
    finally:
        part.discard()
