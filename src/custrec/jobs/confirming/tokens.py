"""Tokens: what stands on a letter and comes back with the answer, so that nobody can answer for another.

    token   = Crockford base 32 of: tag ‖ payload ‖ proof, in groups of five
    tag     = the first 2 bytes of HMAC-SHA-256(key, "custrec confirm tag")            whose key it is
    payload = campaign, record, event, last day (counted from 2020-01-01), each as a varint (LEB128)
    proof   = the first 10 bytes of HMAC-SHA-256(key, "custrec confirm 1" ‖ identity of the store ‖ payload)

Base 32: https://www.crockford.com/base32.html (no I, L, O, U; read in any case). 80 bits of the proof stay, as RFC 2104
(section 5) wants of a truncated one. No value of a person is in a token: the event says what the letter showed, since
the journal gives it back, and so it cannot be told otherwise.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

EPOCH = date(2020, 1, 1)
TAG, PROOF = 2, 10
"""Bytes."""
GROUP = 5
LONGEST = 200
"""Characters of a text that is looked at."""

_RFC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_WRITTEN = str.maketrans(_RFC, _CROCKFORD, "=")
_READ = str.maketrans(_CROCKFORD, _RFC)
_MISREAD = str.maketrans("OIL", "011", " -_.‐‑–—\t\u00a0\u3000")
"""What people write for a sign, and what they put between the groups."""


class TokenRefused(Exception):
    """A text is no token that this key gave; `rule` says why (model.problem)."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a token says: the letter of which campaign about which record, what it showed (the values after an event),
    and the last day on which it is taken."""

    campaign: int
    record: int
    event: int
    until: date


class Signer:
    """Gives tokens and tells its own."""

    def __init__(self, key: bytes, identity: str) -> None:
        self._key = key
        self._before = b"custrec confirm 1" + identity.encode()
        self._tag = hmac.digest(key, b"custrec confirm tag", "sha256")[:TAG]

    def token(self, ticket: Ticket) -> str:
        """The token of a ticket, in groups."""
        numbers = (ticket.campaign, ticket.record, ticket.event, (ticket.until - EPOCH).days)
        payload = b"".join(map(_varint, numbers))
        text = base64.b32encode(self._tag + payload + self._proof(payload)).decode().translate(_WRITTEN)
        return "-".join(text[place : place + GROUP] for place in range(0, len(text), GROUP))

    def ticket(self, text: str) -> Ticket:
        """The ticket of a token, however it was typed. Raises TokenRefused."""
        raw = _bytes(text)
        if raw is None or len(raw) < TAG + PROOF + 4:
            raise TokenRefused("token-forged")
        tag, payload, proof = raw[:TAG], raw[TAG:-PROOF], raw[-PROOF:]
        if not hmac.compare_digest(tag, self._tag):
            raise TokenRefused("token-foreign")
        numbers = _numbers(payload)
        if not hmac.compare_digest(proof, self._proof(payload)) or numbers is None:
            raise TokenRefused("token-forged")
        campaign, record, event, days = numbers
        return Ticket(campaign, record, event, EPOCH + timedelta(days=days))

    def _proof(self, payload: bytes) -> bytes:
        return hmac.new(self._key, self._before + payload, hashlib.sha256).digest()[:PROOF]


def _bytes(text: str) -> bytes | None:
    """The bytes that a typed text stands for; None where it stands for none, or not in the one way."""
    signs = unicodedata.normalize("NFKC", text[:LONGEST]).upper().translate(_MISREAD)
    letters = signs.translate(_READ)
    if not signs or any(sign not in _CROCKFORD for sign in signs):
        return None
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        return None
    return raw if base64.b32encode(raw).decode().rstrip("=") == letters else None


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _numbers(payload: bytes) -> tuple[int, int, int, int] | None:
    found: list[int] = []
    number = shift = 0
    for byte in payload:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            found.append(number)
            number = shift = 0
    if len(found) != 4 or shift or found[3] > 1_000_000:
        return None
    return found[0], found[1], found[2], found[3]
