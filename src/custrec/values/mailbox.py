"""Whose mailbox an address is: what its provider does not tell apart is left out."""

from __future__ import annotations

_DOTLESS = frozenset({"gmail.com", "googlemail.com"})  # ignore dots in the local part


def person_of(address: str) -> str:
    """An address without case, +tag and Gmail's dots."""
    local, _, domain = address.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"
