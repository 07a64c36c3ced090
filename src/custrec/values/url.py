"""Addresses of web pages: http and https, stored normalised (RFC 3986 section 6.2), international hosts in ASCII.

Scheme and host in small letters, no default port, no dot segments, percent signs in capitals and only where needed, "/"
for an empty path. Without a scheme https is taken, but only where the text clearly begins with a host: www.…, or a name
under a common top-level domain. Hosts without a point and other schemes are refused, and so is a user name or password
in the link: it would be stored for all to see. The network is not asked.
"""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

import re
from functools import cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import PlainFirstType
from custrec.values.letters import halve
from custrec.values.protocol import Agreement, Description, Reading, Stored, Value

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PLAIN = re.compile(
    rf"https?://(?![\d.]*[/:])(?!xn--|[^/]*\.xn--)(?:{_LABEL}\.)+[a-z]{{2,24}}/(?!\.|.*/\.)[A-Za-z0-9_~/=&?.,;:@!$'()*+-]*"
).fullmatch
_SHAPE = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<authority>[^/?#\\]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
).fullmatch
_OTHER_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+-]*:(?!\d)").match
_SEVERAL = re.compile(r"(?:[\s,;、，；|]+|(?<=[\w/]))https?://|[\s,;、，；|]+www\.", re.IGNORECASE)
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,24}}|xn--[a-z0-9-]{{2,59}})").fullmatch
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII).fullmatch
_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_ESCAPED = re.compile("%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]").fullmatch
_SAFE = "%/:@!$&'()*+,;=~?[]"
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_LONGEST = 2048
_COMMON = frozenset(
    "com cn net org edu gov mil int info biz name pro coop aero museum jobs mobi travel tel asia top xyz site"
    " online shop store tech club vip wang ren ltd group link fun cloud app dev page blog design work live"
    " studio agency email company solutions services world today news media io ai eu uk".split()
)
"""Top-level domains that are taken for one without a scheme, beside those of countries."""

_INVALID = Reading(fault=Fault("url-invalid"))


class Url(PlainFirstType):
    """The address of one web page."""

    kind = "url"

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        """An ASCII link that is in its normal form already."""
        return text if len(text) <= _LONGEST and _PLAIN(text) else None

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        text = halve(text).strip()
        if text[:1] == "<" and text[-1:] == ">":
            text = text[1:-1].strip()
        if _SEVERAL.search(text[1:]):
            return Reading(fault=Fault("url-several"))
        if any(map(str.isspace, text)):
            return _INVALID
        found = _SHAPE(text)
        if found is None:
            return _INVALID
        scheme = (found["scheme"] or "").lower()
        if (scheme or _OTHER_SCHEME(text)) and scheme not in _DEFAULT_PORTS:
            return Reading(fault=Fault("url-scheme"))
        if "@" in found["authority"]:
            return Reading(fault=Fault("url-userinfo" if scheme else "url-invalid"))
        authority = _authority(found["authority"], scheme or "https", clear=bool(scheme))
        if authority is None or _PERCENT.search(text):
            return _INVALID
        value = f"{scheme or 'https'}://{authority}{_without_dots(_escaped(found['path'])) or '/'}"
        value += "" if found["query"] is None else f"?{_escaped(found['query'])}"
        value += "" if found["fragment"] is None else f"#{_escaped(found['fragment'])}"
        return Reading(value) if len(value) <= _LONGEST else _INVALID

    def keys(self, value: Stored) -> tuple[str, ...]:
        """The host without www, with its path and alone."""
        if value is None:
            return ()
        host, rest = _house(str(value))
        return (f"{host}{rest}", host) if rest else (host,)

    def likeness(self, a: Value, b: Value) -> Agreement:
        """CLOSE where only scheme, www, index page or the last slash differ; WEAK for two pages of one host."""
        one, two = _house(str(a)), _house(str(b))
        if one == two:
            return Agreement.CLOSE
        return Agreement.WEAK if one[0] == two[0] else Agreement.DIFFERENT

    def mask(self, value: Stored) -> str:
        """The top-level domain: ***.com."""
        if value is None:
            return ""
        host = re.split("[/:]", str(value).partition("://")[2])[0]
        last = host.rpartition(".")[2]
        return f"***.{last}" if last.isalpha() else "***"

    def describe(self) -> Description:
        return Description(
            "link",
            "the address of a web page, http or https; without either https is taken",
            "https://www.example.com/",
        )


def _authority(text: str, scheme: str, *, clear: bool) -> str | None:
    """Host and port in normal form; None where they are none, or, unless `clear`, not clearly a host."""
    host, colon, port = (
        (text, "", "") if text.endswith("]") else text.rpartition(":") if ":" in text else (text, "", "")
    )
    if colon and not (port == "" or (_PORT(port) and 0 < int(port) < 65536)):
        return None
    name = _host(host.removesuffix("."), clear=clear)
    if name is None:
        return None
    port = str(int(port)) if port else ""
    return name if port in ("", _DEFAULT_PORTS[scheme]) else f"{name}:{port}"


def _host(text: str, *, clear: bool) -> str | None:
    """A host in small letters and ASCII. Numbers are hosts only behind a scheme."""
    if text[:1] == "[" and text[-1:] == "]":
        try:
            return f"[{IPv6Address(text[1:-1]).compressed}]" if clear else None
        except (AddressValueError, ValueError):
            return None
    if re.fullmatch(r"[\d.]+", text):
        try:
            return str(IPv4Address(text)) if clear else None
        except (AddressValueError, ValueError):
            return None
    name = text.lower() if text.isascii() else _in_ascii(text)
    if name is None or len(name) > 253 or not _HOST(name) or ("xn--" in name and _in_ascii(name) != name):
        return None
    last = name.rpartition(".")[2]
    if clear or name.startswith("www.") or last in _COMMON or last in _country_domains() or last.startswith("xn--"):
        return name
    return None


def _in_ascii(host: str) -> str | None:
    """The ASCII form of an international host (IDNA 2008, after the mapping of UTS 46); None where there is none."""
    import idna  # heavy: tables of all characters

    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None


@cache
def _country_domains() -> frozenset[str]:
    from custrec.values.country import codes

    return frozenset(code.lower() for code in codes())


def _escaped(text: str) -> str:
    """With every character that a link cannot hold as %XX of its UTF-8, and none of those that need none."""
    escaped = quote(text, safe=_SAFE)
    return _ESCAPED.sub(_plainest, escaped)


def _plainest(found: re.Match[str]) -> str:
    character = chr(int(found[0][1:], 16))
    return character if _UNRESERVED(character) else found[0].upper()


def _without_dots(path: str) -> str:
    """A path without . and .. segments (RFC 3986 section 5.2.4)."""
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(segment)
    if path.endswith(("/.", "/..")):
        kept.append("")
    return "/" + "/".join(kept) if path else ""


def _house(url: str) -> tuple[str, str]:
    """The host without www, and the rest without the index page and the last slash."""
    host, _, rest = url.partition("://")[2].partition("/")
    rest = re.sub(r"(?:^|/)(?:index|default)\.(?:html?|php|aspx?|jsp)$", "", rest).rstrip("/")
    return host.removeprefix("www."), f"/{rest}" if rest else ""
