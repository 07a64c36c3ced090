"""Secret keys in the keyring of the platform: Keychain, Credential Locker, Secret Service or KWallet.

The identity's file then holds no secret, but says whose key to ask the keyring for:

    keyring: age1…
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from custrec.errors import KeyringUnusable

SERVICE = "custrec"
_WORD = "keyring:"


def pointer(public: str) -> str:
    """The text of an identity file whose secret key lies in the keyring."""
    return f"# The secret key lies in the keyring of this machine, as {SERVICE}.\n{_WORD} {public}\n"


def pointed_at(text: str) -> str | None:
    """The public key whose secret one lies in the keyring, if that is what an identity file says."""
    for line in text.splitlines():
        if line.startswith(_WORD):
            return line.removeprefix(_WORD).strip()
    return None


def keep(public: str, secret: str) -> None:
    """Put a secret key into the keyring, and see that it is there. Raises KeyringUnusable."""
    with _asked() as keyring:
        keyring.set_password(SERVICE, public, secret)
    if fetched(public) != secret:
        raise KeyringUnusable(reason="it did not give back what was put in")


def fetched(public: str) -> str:
    """The secret key to a public one. Raises KeyringUnusable."""
    with _asked() as keyring:
        found = keyring.get_password(SERVICE, public)
    if found is None:
        raise KeyringUnusable(reason=f"it has no key to {public}")
    return str(found)


@contextlib.contextmanager
def _asked() -> Iterator[Any]:
    """The library; what it raises is said in words that hold nothing secret. Raises KeyringUnusable."""
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError as error:
        raise KeyringUnusable(reason="the library for it is not installed") from error
    try:
        yield keyring
    except NoKeyringError as error:
        raise KeyringUnusable(reason="there is none here") from error
    except (KeyringError, OSError, RuntimeError) as error:
        raise KeyringUnusable(reason=f"it said {type(error).__name__}") from error
