"""Signatures as OpenSSH makes them (PROTOCOL.sshsig), with Ed25519 keys, so that anybody can check them:

    ssh-keygen -Y verify -f custrec.signers -I custrec -n custrec-backup -s FILE.json.sig < FILE.json

age does not say who sealed a file; this does. The cryptography is that of `cryptography`; only the envelope is here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAMESPACE = "custrec-backup"
PRINCIPAL = "custrec"
_MAGIC = b"SSHSIG"
_HASH = b"sha512"
_BEGIN, _END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"


def new_key() -> Ed25519PrivateKey:
    """A new signing key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


def key_text(key: Ed25519PrivateKey) -> bytes:
    """The file that holds a signing key, in OpenSSH's form."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def key_in(raw: bytes) -> Ed25519PrivateKey:
    """The signing key that a file holds. Raises ValueError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_ssh_private_key

    try:
        key = load_ssh_private_key(raw, None)
    except UnsupportedAlgorithm as error:
        raise ValueError("the key's kind is not known") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the key is no Ed25519 key")
    return key


def public_line(key: Ed25519PrivateKey) -> str:
    """The public key as OpenSSH writes it: `ssh-ed25519 AAAA…`."""
    return f"ssh-ed25519 {base64.b64encode(_public_blob(_public_bytes(key))).decode('ascii')}"


def sign(message: bytes, key: Ed25519PrivateKey) -> str:
    """The signature of a message, armoured."""
    signature = _string(b"ssh-ed25519") + _string(key.sign(_signed(message)))
    blob = (
        _MAGIC
        + struct.pack(">I", 1)
        + _string(_public_blob(_public_bytes(key)))
        + _string(NAMESPACE.encode("ascii"))
        + _string(b"")
        + _string(_HASH)
        + _string(signature)
    )
    text = base64.b64encode(blob).decode("ascii")
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return "\n".join([_BEGIN, *lines, _END, ""])


def signer_of(message: bytes, signature: str) -> str | None:
    """The public key (`ssh-ed25519 AAAA…`) that signed a message for this purpose; None for no good signature."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    body = signature.strip()
    if not body.startswith(_BEGIN) or not body.endswith(_END):
        return None
    try:
        blob = base64.b64decode("".join(body[len(_BEGIN) : -len(_END)].split()), validate=True)
        if blob[:6] != _MAGIC or blob[6:10] != struct.pack(">I", 1):
            return None
        public, namespace, _reserved, algorithm, signed = _strings(blob[10:], 5)
        kind, key = _strings(public, 2)
        signed_kind, value = _strings(signed, 2)
        if (kind, signed_kind) != (b"ssh-ed25519",) * 2 or namespace != NAMESPACE.encode() or algorithm != _HASH:
            return None
        Ed25519PublicKey.from_public_bytes(key).verify(value, _signed(message))
    except (binascii.Error, ValueError, InvalidSignature):
        return None
    return f"ssh-ed25519 {base64.b64encode(public).decode('ascii')}"


def signers_in(path: Path) -> list[str]:
    """The public keys of an allowed_signers file (ssh-keygen(1)) that sign for us; none where there is no file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    found = []
    for line in lines:
        words = line.split()
        place = words.index("ssh-ed25519") if "ssh-ed25519" in words and not line.startswith("#") else -1
        if place > 0 and PRINCIPAL in words[0].split(",") and len(words) > place + 1:
            found.append(f"ssh-ed25519 {words[place + 1]}")
    return found


def signer_line(public: str, name: str) -> str:
    """A line of an allowed_signers file."""
    return f'{PRINCIPAL} namespaces="{NAMESPACE}" {public} {name}\n'


def _signed(message: bytes) -> bytes:
    """What is signed of a message."""
    return (
        _MAGIC
        + _string(NAMESPACE.encode("ascii"))
        + _string(b"")
        + _string(_HASH)
        + _string(hashlib.sha512(message).digest())
    )


def _public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def _public_blob(raw: bytes) -> bytes:
    return _string(b"ssh-ed25519") + _string(raw)


def _string(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def _strings(blob: bytes, count: int) -> list[bytes]:
    """`count` strings that fill a blob. Raises ValueError."""
    found, place = [], 0
    for _ in range(count):
        if place + 4 > len(blob):
            raise ValueError("cut short")
        (length,) = struct.unpack_from(">I", blob, place)
        if place + 4 + length > len(blob):
            raise ValueError("cut short")
        found.append(blob[place + 4 : place + 4 + length])
        place += 4 + length
    if place != len(blob):
        raise ValueError("something follows")
    return found
