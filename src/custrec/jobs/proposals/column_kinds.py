"""Of what kind a column is: told from its values, with the header's word where values alone cannot decide.

A kind is taken where its value type reads at least nine values of ten (eight, where the header names it), and where
being read so tells more than being text. Kinds that read nearly anything (names, addresses, tags) need a sign of their
own: surnames, legal forms, streets, separators. What looks like a number but is a code (00501, 18 digits, always five
digits) stays text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from custrec.jobs.proposals.column_values import Column
from custrec.jobs.proposals.header_words import currency_in
from custrec.model.schema import Defaults, Field
from custrec.values.registry import for_field

MOST, HINTED = 0.9, 0.8
"""The share of values that a kind must read, without and with a word for it in the header."""
_TRIED, _HOPELESS = 60, 0.5
"""A kind that reads less than half of the first sixty different values is not tried on the others."""
ENUM_ROWS, ENUM_VALUES, _LONGEST_CHOICE = 20, 12, 40
_USES = 10
"""How often the values of a list that no header speaks of stand on average: names repeat too, but less."""
_NEARLY_ALL = 0.95
"""The share of a known list's values that must stand more than once."""
_MOST_DIGITS = 15
_CODE_LENGTH, _CODE_VALUES = 5, 10
_IDENTIFIERS = ("cn.uscc", "cn.ric", "iban", "eu.vat")
COMMA = {"decimalChar": ","}

_DATE_LIKE = re.compile(
    r"(?<!\d)(?:19|20)\d\d[-/. ]|(?<![\d+])\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)?\d\d(?!\d)|年|^(?:19|20)\d{6}$"
    r"|\d[ .-]+[A-Za-z]{3}|[A-Za-z]{3,9}\.? \d{1,2},? \d{4}",
    re.ASCII,
).search
_CLOCK = re.compile(r"\d[:时点]\d|\d[时点](?!\d)|T\d\d").search
_MIDNIGHT = re.compile(r"(?:[ T]|[日号])0?0:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?$").search
_ALL_DIGITS = re.compile(r"\d+", re.ASCII).fullmatch
_TWO_DIGIT_YEAR = re.compile(r"\d{1,2}([./-])\d{1,2}\1\d{2}", re.ASCII).fullmatch
_PHONE_SHAPE = re.compile(
    r"(?:\+|00|\(?0\d).*|1[3-9]\d[ -]?\d{4}[ -]?\d{4}|[\d ()]*[ ()-][\d ()-]*", re.ASCII
).fullmatch
_CODED = re.compile(r"[A-Z0-9]{2}[A-Z0-9 .-]{6,40}", re.ASCII | re.IGNORECASE).fullmatch
_SIGNED_AMOUNT = re.compile(r"[^\d.,'+\-() ]").search
_CENTS = re.compile(r"\d[.,]\d\d(?!\d)").search
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+", re.ASCII).fullmatch
_STREET = re.compile(
    r"\d+.*\b(?:st|street|rd|road|ave|avenue|lane|ln|drive|dr|blvd|way|court|ct|place|platz|weg|allee|rue|via|calle)\b"
    r"|\b(?:rue|via|calle)\b.*\d|[a-zß](?:str\.|straße|strasse|weg|allee|platz|gasse) *\d+",
    re.IGNORECASE,
).search
_TAG_SIGNS = re.compile("[;；、|｜]")
_TAG_SIGNS_AND_COMMA = re.compile("[;；、|｜,，]")


@dataclass(frozen=True)
class Guess:
    """A kind with its options, and short sentences about it."""

    kind: str = "text"
    options: Mapping[str, Any] = field(default_factory=dict)
    enum: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def noting(self, note: str) -> Guess:
        """The same with one more sentence."""
        return replace(self, notes=(*self.notes, note))


TEXT = Guess()


def share(column: Column, kind: str, defaults: Defaults, **options: Any) -> float:
    """The share of a column's values that a kind reads, as far as the probe tells; 0 where the first promise little."""
    if not column.total:
        return 0.0
    try:
        value_type = for_field(Field("x", kind=kind, options=options), defaults)
    except ValueError:
        return 0.0
    texts = list(column.probe)
    if len(value_type.judge_column(texts[:_TRIED]).faults) > min(len(texts), _TRIED) * _HOPELESS:
        return 0.0
    bad = value_type.judge_column(texts).faults
    return 1 - sum(column.probe[texts[row]] for row in bad) / column.probed


def guess(column: Column, defaults: Defaults) -> Guess:
    """The kind of a column, given the defaults of its file."""
    if not column.total:
        return _by_header_alone(column)
    found = next(filter(None, (rule(column, defaults) for rule in _RULES)), TEXT)
    if found.kind == "text" and not found.notes:
        named = [kind for kind in column.hint.kinds if column.hint.exact and kind not in ("text", "choice", "tags")]
        return found.noting(f"the header says {named[0]}, the values do not") if named else found
    return found


def _by_header_alone(column: Column) -> Guess:
    kind = column.hint.kinds[0] if column.hint.exact else "text"
    if kind in ("choice", "identifier", "money"):  # which list, which format, which currency?
        kind = "text"
    return Guess(kind, {"format": "any"} if kind in ("date", "datetime") else {})


def _enough(column: Column, kind: str) -> float:
    return HINTED if kind in column.hint.kinds else MOST


def _fits(column: Column, kind: str, defaults: Defaults, **options: Any) -> bool:
    return share(column, kind, defaults, **options) >= _enough(column, kind)


def _email(column: Column, defaults: Defaults) -> Guess | None:
    return Guess("email") if column.part(lambda text: "@" in text) >= 0.5 and _fits(column, "email", defaults) else None


def _url(column: Column, defaults: Defaults) -> Guess | None:
    like = column.part(lambda text: "." in text and "@" not in text and any(map(str.isalpha, text)))
    return Guess("url") if like >= MOST and _fits(column, "url", defaults) else None


def _identifier(column: Column, defaults: Defaults) -> Guess | None:
    if column.part(_CODED) < HINTED:
        return None
    for written in _IDENTIFIERS:
        if _fits(column, "identifier", defaults, format=written):
            return Guess("identifier", {"format": written})
    return None


def _boolean(column: Column, defaults: Defaults) -> Guess | None:
    folded = {text.casefold() for text in islice(column.counts, ENUM_VALUES)}
    if len(column.counts) > ENUM_VALUES or column.hint.is_text or not _fits(column, "boolean", defaults):
        return None
    hinted = "boolean" in column.hint.kinds
    readings = for_field(Field("x", kind="boolean"), defaults).judge_column(list(column.counts)).values
    both = {0, 1} <= set(readings)
    if folded <= {"0", "1"}:
        return Guess("boolean", notes=("0 and 1 as no and yes",)) if hinted or (both and _many(column)) else None
    return Guess("boolean") if hinted or both or all(len(text) > 1 or not text.isascii() for text in folded) else None


def _date(column: Column, defaults: Defaults) -> Guess | None:
    """A day or a moment; with a dateOrder of its own where the file's does not fit."""
    if column.part(_DATE_LIKE) < 0.5 or (column.hint.is_text and column.part(_ALL_DIGITS) > 0.1):
        return None
    clocked = column.part(lambda text: _CLOCK(text) is not None and not _MIDNIGHT(text)) > 0.5
    kind = "datetime" if clocked else "date"
    enough = HINTED if {"date", "datetime"} & set(column.hint.kinds) else MOST
    orders = {order: share(column, kind, replace(defaults, date_order=order)) for order in ("ymd", "dmy", "mdy")}
    own = defaults.date_order
    best = max(orders, key=lambda order: (orders[order], order == own))
    if orders[best] >= enough:
        return Guess(kind, {"format": "any"} if best == own else {"format": "any", "dateOrder": best})
    if column.part(_TWO_DIGIT_YEAR) >= enough:
        return TEXT.noting('dates with two-digit years, kept as text; `type: date, format: "%d.%m.%y"` would read such')
    return None


def _phone(column: Column, defaults: Defaults) -> Guess | None:
    if not looks_like_phone(column):
        return None
    return Guess("phone") if _fits(column, "phone", defaults) else None


def looks_like_phone(column: Column) -> bool:
    """Whether a column may hold phone numbers: many digits, and a header or a shape that says so."""
    if column.hint.is_text or column.part(lambda text: 6 <= sum(map(str.isdigit, text)) <= 18) < 0.7:
        return False
    if "phone" in column.hint.kinds:
        return True
    return column.part(_PHONE_SHAPE) >= 0.7 and column.part(_DATE_LIKE) < 0.5


def _number(column: Column, defaults: Defaults) -> Guess | None:
    """A quantity: an amount of money, a whole number, or a number."""
    if column.hint.is_text or column.part(lambda text: any(map(str.isdigit, text))) < HINTED:
        return None
    digits = column.part(_ALL_DIGITS)
    if digits >= 0.5 and column.any(lambda text: text[0] == "0" and len(text) > 1 and text.isdigit()):
        return TEXT.noting("leading zeros, so text")
    if money := _money(column, defaults):
        return money
    if digits >= 0.5 and column.part(lambda text: len(text) > _MOST_DIGITS and text.isdigit()) > 0.1:
        return TEXT.noting("too long for a quantity, so text")
    lengths = set(map(len, column.counts))
    if digits == 1 and len(lengths) == 1 and len(column.counts) >= _CODE_VALUES and min(lengths) >= _CODE_LENGTH:
        return TEXT.noting(f"always {min(lengths)} digits, so text")
    best = max(
        ((share(column, kind, defaults, **options), kind, options) for kind, options in _NUMBERS),
        key=lambda found: (round(found[0], 2), not found[2], found[1] == "integer"),
    )
    if best[0] < (HINTED if {"integer", "number"} & set(column.hint.kinds) else MOST):
        return None
    found = Guess(best[1], best[2])
    if best[1:] == ("number", {}) and column.part(_THOUSANDS) > MOST:
        return found.noting('1.234 is read as a fraction; with `decimalChar: ","` it would be a thousand')
    return found


_NUMBERS: tuple[tuple[str, dict[str, str]], ...] = (
    *(("integer", {}), ("number", {})),
    *(("integer", COMMA), ("number", COMMA)),
)


def _money(column: Column, defaults: Defaults) -> Guess | None:
    own = currency_in(column.header)
    hinted = "money" in column.hint.kinds or own is not None
    if not hinted and column.part(_SIGNED_AMOUNT) < 0.5:
        return None
    if not hinted and column.part(_CENTS) == 0 and column.part(_SIGNED_AMOUNT) < MOST:
        return None
    currency = own or defaults.currency
    if currency is None:
        return None
    options = {"currency": currency} if currency != defaults.currency else {}
    shares = [(share(column, "money", defaults, **options, **sign), sign) for sign in ({}, COMMA)]
    best, sign = max(shares, key=lambda found: found[0])
    return Guess("money", options | sign) if best >= (HINTED if hinted else MOST) else None


def _country(column: Column, defaults: Defaults) -> Guess | None:
    if column.hint.is_text or column.part(lambda text: any(map(str.isdigit, text))) > 0.1:
        return None
    return Guess("country") if _fits(column, "country", defaults) else None


def _tags(column: Column, defaults: Defaults) -> Guess | None:  # noqa: ARG001 (all rules are asked alike)
    """Words that come again in cells of several, apart by something that names have not; or a header for tags."""
    if column.hint.is_text:
        return None
    hinted = "tags" in column.hint.kinds
    signs = _TAG_SIGNS_AND_COMMA if hinted else _TAG_SIGNS
    if hinted:
        return Guess("tags")
    if column.part(signs.search) < 0.3:
        return None
    uses: dict[str, int] = {}
    for text, count in column.counts.items():
        for tag in filter(None, map(str.strip, signs.split(text))):
            uses[tag] = uses.get(tag, 0) + count
    again = sum(uses.values()) >= 3 * len(uses) and max(map(len, uses), default=0) <= _LONGEST_CHOICE // 2
    return Guess("tags") if again and _many(column) else None


def _organisation(column: Column, defaults: Defaults) -> Guess | None:
    from custrec.values.org_parts import parts_of

    hinted = "org_name" in column.hint.kinds
    if column.hint.is_text or not (hinted or column.part(lambda text: len(text) > 3) > 0.5):
        return None
    formed = column.part(lambda text: bool((parts := parts_of(text)).legal or (hinted and parts.trade)))
    only = column.hint.kinds[:1] == ("org_name",)
    return (
        Guess("org_name")
        if (only or formed >= (0.3 if hinted else 0.5)) and _fits(column, "org_name", defaults)
        else None
    )


def _person(column: Column, defaults: Defaults) -> Guess | None:
    from custrec.values.sounds import is_full_name

    if column.hint.is_text or not _fits(column, "person_name", defaults):
        return None
    hinted = "person_name" in column.hint.kinds and column.hint.exact
    named = hinted and column.part(lambda text: not any(map(str.isdigit, text))) >= HINTED
    return Guess("person_name") if named or column.part(is_full_name) >= HINTED else None


def _address(column: Column, defaults: Defaults) -> Guess | None:
    from custrec.values.address_parts import parts_of
    from custrec.values.letters import has_han

    if column.hint.is_text or not _fits(column, "address", defaults):
        return None

    def like(text: str) -> bool:
        if not has_han(text):
            return _STREET(text) is not None
        parts = parts_of(text)
        return len(text) >= 6 and bool(parts.street) and bool(parts.province or parts.district or parts.house)

    worded = column.part(lambda text: sum(map(str.isalpha, text)) > 2 and (" " in text or has_han(text)))
    hinted = "address" in column.hint.kinds and worded >= HINTED
    return Guess("address") if hinted or column.part(like) >= 0.6 else None


def _choice(column: Column, defaults: Defaults) -> Guess | None:  # noqa: ARG001
    """Few words that repeat. Places and names repeat too, and are no closed list."""
    from custrec.values.places import places
    from custrec.values.sounds import is_full_name

    hinted = "choice" in column.hint.kinds and column.hint.exact
    if (column.hint.exact and not hinted) or not _many(column):
        return None
    repeated = list(_spellings(column))
    if not 2 <= len(repeated) <= ENUM_VALUES or max(map(len, repeated)) > _LONGEST_CHOICE:
        return None
    if not hinted and column.total < _USES * len(repeated):
        return None
    listed = {text.casefold() for text in repeated}
    covered = column.part(lambda text: text.casefold() in listed)
    known = places()
    if not hinted and max(
        column.part(is_full_name), column.part(lambda text: text in known.provinces or text in known.cities)
    ) > 0.5:  # fmt: skip
        return None
    if covered < (_NEARLY_ALL if hinted else 1) or column.part(_ALL_DIGITS) > 0.5:
        return None
    return Guess("choice", enum=tuple(repeated), notes=(f"list of the {len(repeated)} values seen: add others",))


def _spellings(column: Column) -> Iterator[str]:
    """The values that stand at least twice, each in its commonest spelling, the commonest first."""
    counts: dict[str, int] = {}
    shown: dict[str, str] = {}
    for text, count in column.counts.most_common():
        folded = text.casefold()
        shown.setdefault(folded, text)
        counts[folded] = counts.get(folded, 0) + count
    for folded in islice(sorted(counts, key=lambda key: -counts[key]), ENUM_VALUES + 1):
        if counts[folded] > 1:
            yield shown[folded]


def _many(column: Column) -> bool:
    return column.total >= ENUM_ROWS


_RULES: tuple[Callable[[Column, Defaults], Guess | None], ...] = (
    *(_email, _url, _identifier, _boolean, _date, _phone, _number, _country),
    *(_tags, _organisation, _person, _address, _choice),
)
"""In this order: what few texts can be comes before what many are."""
