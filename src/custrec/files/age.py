"""Sealing with age (https://age-encryption.org/v1): recipients, identities, and streams from one to the other.

The cryptography is pyrage's (the Rust implementation of age). A recipient is a public key, an identity the secret one
that opens what was sealed for it. Their files are those of age itself: a key a line, `#` begins a comment; so
`age -R custrec.recipients` and `age -i identity` take them as they are. An identity file may itself be sealed with a
passphrase. Nothing secret is ever taken from an argument or the environment, or told in an error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from custrec.errors import (
    BackupDamaged,
    IdentityInvalid,
    IdentityLoose,
    IdentityMissing,
    KeyOpensNothing,
    RecipientInvalid,
    RecipientIsSecret,
)
from custrec.files.keyrings import fetched, pointed_at
from custrec.files.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 64 * 1024
"""Bytes of an identity file at most."""
_AGE_FILE = b"age-encryption.org/v1"
_SSH_FILE = b"-----BEGIN OPENSSH PRIVATE KEY-----"


class Reader(Protocol):
    """What is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""


class Writer(Protocol):
    """What is written to."""

    def write(self, data: bytes, /) -> int:
        """Take all of it."""


@dataclass(frozen=True)
class Recipient:
    """A public key as text, and what people call it."""

    key: str
    name: str = ""

    @property
    def line(self) -> str:
        """The recipient as a line of a recipients file."""
        return f"# {self.name}\n{self.key}\n" if self.name else f"{self.key}\n"


def recipient(text: str, where: str, name: str = "") -> Recipient:
    """The recipient that a text is. Raises RecipientInvalid, RecipientIsSecret."""
    words = text.split()
    if text.upper().startswith("AGE-SECRET-KEY-") or "PRIVATE KEY" in text:
        raise RecipientIsSecret(where=where)
    key = " ".join(words[:2]) if words[:1] == ["ssh-ed25519"] else text.strip()
    try:
        _loaded(key)
    except (ValueError, _errors()) as error:
        raise RecipientInvalid(where=where) from error
    return Recipient(key, name or (" ".join(words[2:]) if words[:1] == ["ssh-ed25519"] else ""))


def recipients_in(path: Path) -> list[Recipient]:
    """The recipients of a file, in its order; a comment right above one is its name. None where there is no file.

    Raises RecipientInvalid, RecipientIsSecret, OSError.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise RecipientInvalid(where=path.name) from error
    found, name = [], ""
    for number, line in enumerate(lines, start=1):
        if line.strip().startswith("#"):
            name = line.strip().lstrip("#").strip()
        elif line.strip():
            found.append(recipient(line.strip(), f"{path.name}, line {number}", name))
            name = ""
        else:
            name = ""
    return found


@dataclass(frozen=True)
class Identity:
    """A secret key; it shows itself to nobody."""

    secret: Any
    public: str

    def __repr__(self) -> str:
        return f"Identity({self.public})"


def new_identity() -> Identity:
    """A new X25519 key."""
    import pyrage

    made = pyrage.x25519.Identity.generate()
    return Identity(made, str(made.to_public()))


def identity_text(identity: Identity, at: str) -> str:
    """The file that holds a new identity, as age-keygen writes it."""
    return f"# created: {at}\n# public key: {identity.public}\n{identity.secret}\n"


def sealed_by_passphrase(text: str, passphrase: str) -> bytes:
    """An identity file sealed with a passphrase: `age -d -i` asks for it."""
    import pyrage

    return bytes(pyrage.passphrase.encrypt(text.encode("utf-8"), passphrase))


def identities_in(path: Path, passphrase: Callable[[Path], str]) -> list[Identity]:
    """The secret keys of a file: age's own, one sealed with a passphrase (`passphrase` asks for it), or an OpenSSH one.

    Raises IdentityMissing, IdentityInvalid, IdentityLoose, and what `passphrase` raises.
    """
    where = printable(str(path), 200)
    try:
        with path.open("rb") as stream:
            if os.name == "posix" and stat.S_ISREG(mode := os.fstat(stream.fileno()).st_mode) and mode & 0o077:
                raise IdentityLoose(path=where, mode=f"{stat.S_IMODE(mode):o}")
            raw = stream.read(LONGEST)
    except FileNotFoundError as error:
        raise IdentityMissing(path=where) from error
    except OSError as error:
        raise IdentityInvalid(path=where, reason=(error.strerror or "I/O error").lower()) from error
    return identities(raw, where, lambda: passphrase(path))


def identities(raw: bytes, where: str, passphrase: Callable[[], str]) -> list[Identity]:
    """The secret keys that some bytes hold, as `identities_in` says. Raises IdentityInvalid, KeyringUnusable."""
    import pyrage

    if raw.startswith(_AGE_FILE):
        try:
            raw = bytes(pyrage.passphrase.decrypt(raw, passphrase()))
        except pyrage.DecryptError as error:
            raise IdentityInvalid(path=where, reason="the passphrase is not the right one") from error
    try:
        if raw.startswith(_SSH_FILE):
            return [Identity(pyrage.ssh.Identity.from_buffer(raw), "")]
        text = raw.decode("utf-8-sig")
        if public := pointed_at(text):
            text = fetched(public)
        lines = [line.strip() for line in text.splitlines()]
        secrets = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (pyrage.IdentityError, ValueError) as error:
        raise IdentityInvalid(path=where, reason="its form is not known") from error
    if not secrets:
        raise IdentityInvalid(path=where, reason="it is empty")
    return [Identity(secret, str(secret.to_public())) for secret in secrets]


def seal(source: Reader, target: Writer, recipients: Iterable[str]) -> None:
    """Encrypt all of a stream for these public keys. Whatever reading or writing raises is raised here.

    pyrage alone would end in silence on a full disk, and leave half a file.
    """
    import pyrage

    careful = _Careful(source, target)
    careful.run(lambda: pyrage.encrypt_io(careful, careful, [_loaded(key) for key in recipients]))


def unseal(source: Reader, target: Writer, identities: Iterable[Identity], file: str) -> None:
    """Decrypt all of a stream. What was written before it raises must not be used: age finds tampering as it goes.

    Raises KeyOpensNothing, BackupDamaged; whatever reading or writing raises.
    """
    import pyrage

    careful = _Careful(source, target)
    try:
        careful.run(lambda: pyrage.decrypt_io(careful, careful, [one.secret for one in identities]))
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise KeyOpensNothing(file=file) from error
        raise BackupDamaged(file=file, reason="it cannot be decrypted to its end") from error
    except OSError as error:  # also what pyrage makes of tampering
        if careful.raised is not None:  # a disk said so
            raise
        raise BackupDamaged(file=file, reason="it cannot be decrypted to its end") from error


class _Careful:
    """Both ends of a stream through pyrage, which turns what they raise into errors of its own, or into nothing."""

    def __init__(self, source: Reader, target: Writer) -> None:
        self._source = source
        self._target = target
        self.raised: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._source.read(size)
        except BaseException as error:
            self.raised = self.raised or error
            raise

    def write(self, data: bytes) -> int:
        try:
            self._target.write(data)
        except BaseException as error:
            self.raised = self.raised or error
            raise
        return len(data)

    def flush(self) -> None:
        """Whoever opened the target flushes it."""

    def run(self, step: Callable[[], None]) -> None:
        try:
            step()
        except BaseException:
            if self.raised is not None:
                raise self.raised from None
            raise
        if self.raised is not None:
            raise self.raised


def _loaded(key: str) -> Any:
    import pyrage

    if key.startswith("ssh-"):
        return pyrage.ssh.Recipient.from_str(key)
    return pyrage.x25519.Recipient.from_str(key)


def _errors() -> type[Exception]:
    import pyrage

    error: type[Exception] = pyrage.RecipientError
    return error


def compressing(source: Reader, size: int, threads: int) -> Reader:
    """A stream of zstd (RFC 8878) over a file of `size` bytes, with its own checksum."""
    import zstandard

    parameters = zstandard.ZstdCompressionParameters.from_level(3, write_checksum=True, threads=threads)
    compressor = zstandard.ZstdCompressor(compression_params=parameters)
    reader: Reader = compressor.stream_reader(
        source,  # type: ignore[arg-type]  # a file to it, of which it only reads
        size=size,
        read_size=1 << 20,
        closefd=False,
    )
    return reader


def decompressing(target: Writer) -> Any:
    """A stream that takes zstd and writes what it holds to `target`."""
    import zstandard

    return zstandard.ZstdDecompressor().stream_writer(target, write_size=1 << 20, closefd=False)  # type: ignore[arg-type]
