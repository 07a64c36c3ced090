"""E-mail addresses: what the library email-validator accepts as deliverable syntax, without asking the network.

Stored as the library normalises: domain in lower case and Unicode, local part as written (NFC; RFC 2142 mailboxes such
as INFO in lower case). Domains that can never receive mail (.test, .invalid, .local, localhost) are refused;
example.com and its kin are accepted, as the library does: RFC 6761 asks programs not to treat them as special, and
people do hold them in training files. A full-width ＠ and letters are read as half-width; "mailto:", "邮箱：" and a
separator left at the end are dropped; of "Name <a@b.com>" and "a@b.com (note)" the address is kept, and the reading is
lossy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import MEMORY, PlainFirstType
from custrec.values.comparing import Comparer
from custrec.values.letters import halve
from custrec.values.likeness import edit_distance
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored, Value

_ATOM = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*").fullmatch
_LONGEST_LOCAL = 64  # RFC 5321 4.5.3.1.1
_SEVERAL = re.compile(r"@[^@]*[\s,;、，；|/][^@]*@")
_NAMED = re.compile(r"(?P<name>[^<>@]*)<(?P<address>[^<>\s]+)>").fullmatch
_NOTED = re.compile(r"(?P<address>[^\s()<>]+@[^\s()<>]+?) *\((?P<name>[^()@]+)\)").fullmatch
_LABEL = re.compile(r"^(?:mailto|e-?mail|mail|(?:电子)?(?:邮箱|邮件)|电邮)(?:地址)?\s*:\s*(?=\S)", re.IGNORECASE)
_AROUND = re.compile(r"^[\s,;、]+|[\s,;、]+$")
_DOTLESS = frozenset({"gmail.com", "googlemail.com"})  # ignore dots in the local part


class Email(PlainFirstType):
    """One e-mail address."""

    kind = "email"
    version = 2

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._domains: dict[str, str | None] = {}

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        """ASCII addresses with an unquoted local part; each domain is judged by the library once."""
        local, _, domain = text.partition("@")
        known = self._domains[domain] if domain in self._domains else self._learn(domain)
        if known is None or len(local) > _LONGEST_LOCAL or len(text) > 254 or not _LOCAL(local):
            return None
        if local.lower() in _mailboxes():
            local = local.lower()
        return f"{local}@{known}"

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        known, mailboxes = self._domains.get, _mailboxes()
        values: list[Stored] = []
        for text in texts:
            if text is None:
                values.append(None)
                continue
            local, _, domain = text.partition("@")
            if known(domain) == domain and local not in mailboxes and len(text) <= _LONGEST_LOCAL and _LOCAL(local):
                values.append(text if local.islower() else self.plain(text, None))
            else:
                values.append(self.plain(text, None))
        return self.settle(values, texts, beside)

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        address = _AROUND.sub("", _LABEL.sub("", halve(text)))
        named = _NAMED(address) or _NOTED(address)
        if named:
            address = named["address"]
        if _SEVERAL.search(address):
            return Reading(fault=Fault("email-several"))
        value = _by_library(address)
        if value is None:
            return Reading(fault=Fault("email-invalid"))
        return Reading(value, lossy=bool(named and named["name"]))

    def _learn(self, domain: str) -> str | None:
        """The normal form of a domain, None where `study` must judge; remembered."""
        if len(self._domains) >= MEMORY:
            self._domains.clear()
        found = _by_library(f"a@{domain}") if domain.isascii() and len(domain) <= 253 else None
        known = self._domains[domain] = domain.lower() if found == f"a@{domain.lower()}" else None
        return known

    def keys(self, value: Stored) -> tuple[str, ...]:
        return () if value is None else (_person(str(value)),)

    def likeness(self, a: Value, b: Value) -> Agreement:
        """CLOSE where only a +tag or Gmail's dots differ; WEAK for one slip, or the same name at another house."""
        if str(a).casefold() == str(b).casefold():
            return Agreement.SAME
        one, two = _person(str(a)), _person(str(b))
        if one == two:
            return Agreement.CLOSE
        (local, _, domain), (other, _, elsewhere) = one.rpartition("@"), two.rpartition("@")
        if local == other:
            return Agreement.WEAK if len(local) >= 6 and local not in _mailboxes() else Agreement.DIFFERENT
        slip = domain == elsewhere and min(len(local), len(other)) >= 6 and not (local + other)[-1].isdigit()
        return Agreement.WEAK if slip and edit_distance(local, other, 1) <= 1 else Agreement.DIFFERENT

    def comparer(self) -> Comparer:
        from custrec.values.code_comparing import EmailComparer

        return EmailComparer(self)

    def mask(self, value: Stored) -> str:
        """The first letter and the top-level domain: l***@***.com. A local part of one letter shows nothing."""
        if value is None:
            return ""
        local, _, domain = str(value).rpartition("@")
        return f"{local[0] if len(local) > 1 else ''}***@***.{domain.rpartition('.')[2]}"

    def describe(self) -> Description:
        return Description("e-mail address", "one address; the network is not asked", "li.na@example.com")


def _by_library(address: str) -> str | None:
    """The normal form, or None where the library refuses."""
    from email_validator import EmailNotValidError, validate_email  # heavy: imports idna

    try:
        found = validate_email(address, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return None
    return found.normalized


@cache
def _mailboxes() -> frozenset[str]:
    """The mailbox names that know no case (RFC 2142), as the library lists them."""
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

    return frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)


def _person(address: str) -> str:
    """An address without case, +tag and Gmail's dots."""
    local, _, domain = address.casefold().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"
