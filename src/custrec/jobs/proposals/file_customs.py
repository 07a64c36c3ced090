"""Where a file comes from: the region of its phones, the order of its dates' parts, its currency, its time zone.

Each is what `defaults` of schema.yaml says where a row does not, told from all columns together, with a sentence about
how sure that is. Phones decide the region only where other signs (a country column, e-mail domains, Chinese headers)
leave it open, because short national numbers are valid in many countries.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from custrec.jobs.proposals.column_kinds import MOST, looks_like_phone, share
from custrec.jobs.proposals.column_values import Column
from custrec.jobs.proposals.header_words import currency_in
from custrec.model.schema import Defaults
from custrec.values.letters import has_han

_PLACES = {
    "US": ("USD", "America/New_York"), "GB": ("GBP", "Europe/London"), "CN": ("CNY", "Asia/Shanghai"),
    "DE": ("EUR", "Europe/Berlin"), "FR": ("EUR", "Europe/Paris"), "IT": ("EUR", "Europe/Rome"),
    "ES": ("EUR", "Europe/Madrid"), "NL": ("EUR", "Europe/Amsterdam"), "BE": ("EUR", "Europe/Brussels"),
    "AT": ("EUR", "Europe/Vienna"), "IE": ("EUR", "Europe/Dublin"), "PT": ("EUR", "Europe/Lisbon"),
    "FI": ("EUR", "Europe/Helsinki"), "GR": ("EUR", "Europe/Athens"), "CH": ("CHF", "Europe/Zurich"),
    "PL": ("PLN", "Europe/Warsaw"), "CZ": ("CZK", "Europe/Prague"), "HU": ("HUF", "Europe/Budapest"),
    "SE": ("SEK", "Europe/Stockholm"), "NO": ("NOK", "Europe/Oslo"), "DK": ("DKK", "Europe/Copenhagen"),
    "RU": ("RUB", "Europe/Moscow"), "UA": ("UAH", "Europe/Kyiv"), "TR": ("TRY", "Europe/Istanbul"),
    "JP": ("JPY", "Asia/Tokyo"), "KR": ("KRW", "Asia/Seoul"), "HK": ("HKD", "Asia/Hong_Kong"),
    "TW": ("TWD", "Asia/Taipei"), "MO": ("MOP", "Asia/Macau"), "SG": ("SGD", "Asia/Singapore"),
    "MY": ("MYR", "Asia/Kuala_Lumpur"), "TH": ("THB", "Asia/Bangkok"), "VN": ("VND", "Asia/Ho_Chi_Minh"),
    "ID": ("IDR", "Asia/Jakarta"), "PH": ("PHP", "Asia/Manila"), "IN": ("INR", "Asia/Kolkata"),
    "AE": ("AED", "Asia/Dubai"), "IL": ("ILS", "Asia/Jerusalem"), "ZA": ("ZAR", "Africa/Johannesburg"),
    "AU": ("AUD", "Australia/Sydney"), "NZ": ("NZD", "Pacific/Auckland"), "CA": ("CAD", "America/Toronto"),
    "MX": ("MXN", "America/Mexico_City"), "BR": ("BRL", "America/Sao_Paulo"),
}  # fmt: skip
"""Regions that phones are tried in, in this order, with the currency and the most peopled time zone of each."""

_MONTH_FIRST = frozenset({"US", "PH", "CN", "TW", "JP", "KR"})
"""Where 05/03/2021 is May: in the United States, and where the day stands last as in 2021/05/03."""
_YEAR_LAST = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{4}", re.ASCII).match
_CN_MOBILE = re.compile(r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}", re.ASCII).fullmatch
_ABROAD = re.compile(r"\(?(?:\+|00)").match
_HALF = 0.5
_NUMBERS_TRIED = 200
_ALIKE = 0.9
"""A region that reads nine tenths of what the best one reads may be the right one."""


@dataclass
class Customs:
    """The defaults of a file, and a sentence about each by its key in schema.yaml."""

    defaults: Defaults = field(default_factory=Defaults)
    notes: dict[str, str] = field(default_factory=dict)

    def settle(self, key: str, note: str, **value: Any) -> None:
        """Take a default."""
        self.defaults = replace(self.defaults, **value)
        if note:
            self.notes[key] = note


def customs_of(columns: Sequence[Column]) -> Customs:
    """The customs of a file with these columns."""
    found = Customs()
    region, why = _region(columns)
    found.settle("region", why, region=region)
    order, why = _date_order(columns, region)
    found.settle("dateOrder", why, date_order=order)
    currency, why = _currency(columns, region)
    found.settle("currency", why, currency=currency)
    if region in _PLACES:
        found.settle("timezone", "by region; a time without a zone is read in it", timezone=_PLACES[region][1])
    return found


def _region(columns: Sequence[Column]) -> tuple[str | None, str]:
    phones = [column for column in columns if looks_like_phone(column)]
    local = Counter({text: n for c in phones for text, n in c.probe.items() if not _ABROAD(text)})
    if local and sum(n for text, n in local.items() if _CN_MOBILE(text)) * 2 >= sum(local.values()):
        return "CN", "most phone numbers are Chinese mobile numbers"
    likely: dict[str, str] = {}
    for region, sign in _likely_regions(columns, phones):
        likely.setdefault(region, sign)
    numbers = Column(0, "", list(islice(local, _NUMBERS_TRIED)))
    shares = {region: share(numbers, "phone", Defaults(region)) for region in (*likely, *_PLACES) if numbers.total}
    best = max(shares.values(), default=0.0)
    if best < _HALF:
        unknown = (None, "a phone number without + will be refused")
        return next(((region, f"by {sign}") for region, sign in likely.items()), unknown)
    fitting = [region for region, found in shares.items() if found >= (_HALF if region in likely else best * _ALIKE)]
    how = f"{int(shares[fitting[0]] * 100)} % of the phone numbers without + are valid there"
    if fitting[0] in likely:
        return fitting[0], f"by {likely[fitting[0]]}; {how}"
    others = f", as they would be in {', '.join(fitting[1:4])}" if len(fitting) > 1 else ""
    return fitting[0], how + others


def _likely_regions(columns: Sequence[Column], phones: Sequence[Column]) -> Iterator[tuple[str, str]]:
    """Regions for which something else than national phone numbers speaks, the strongest sign first."""
    from custrec.values.country import code_of, codes

    for column in columns:
        if not column.hint.is_text and share(column, "country", Defaults()) >= MOST:
            named = Counter(filter(None, (code_of(text) for text in column.counts.elements())))
            yield named.most_common(1)[0][0], "the countries named"
    domains: Counter[str] = Counter()
    for column in columns:
        if column.part(lambda text: "@" in text) > 0.5:
            domains.update(text.rpartition(".")[2].upper() for text in column.counts)
    country, count = next(iter((domains & Counter(dict.fromkeys(codes(), 10**9))).most_common(1)), ("", 0))
    if count * 4 >= sum(domains.values()) > 0:
        yield country, "the domains of e-mail addresses"
    if any(has_han(column.header) for column in columns):
        yield "CN", "the Chinese headers"
    abroad = Counter(code for column in phones for text in column.probe if (code := _region_of(text)))
    if abroad:
        yield abroad.most_common(1)[0][0], "the country codes of phone numbers"


def _region_of(text: str) -> str | None:
    if not text.lstrip("(").startswith("+"):
        return None
    import phonenumbers

    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        return None
    return str(found) if found else None


def _date_order(columns: Sequence[Column], region: str | None) -> tuple[str, str]:
    """The order that reads most days whose year stands last; by region where two orders read them all."""
    written = [column for column in columns if column.part(_YEAR_LAST) >= 0.1]
    reads = dict.fromkeys(("dmy", "mdy"), 0.0)
    for column in written:
        for order in reads:
            reads[order] += share(column, "datetime", Defaults(date_order=order)) * column.total
    if not any(reads.values()):
        return "ymd", ""
    if abs(reads["dmy"] - reads["mdy"]) < 0.5:
        order = "mdy" if region in _MONTH_FIRST else "dmy"
        return order, f"unsure: no date tells day from month, {order} is {'by region' if region else 'a guess'}"
    best = max(reads, key=lambda order: reads[order])
    return best, "no other order reads all days"


def _currency(columns: Sequence[Column], region: str | None) -> tuple[str | None, str]:
    from custrec.values.currencies import CODES, NAMES

    local = _PLACES[region][0] if region in _PLACES else None
    votes: Counter[str] = Counter()
    for column in columns:
        if column.part(CODES.__contains__) == 1:
            votes.update(column.probe)
        if "money" in column.hint.kinds or currency_in(column.header) or column.part(_signed) > 0.3:
            for text, count in column.probe.items():
                meant = NAMES.get(re.sub(r"[\d.,'’()+\s-]|[十百千万萬亿億]", "", text).upper(), frozenset())
                votes.update({local if local in meant else sorted(meant)[0]: count} if meant else {})
            votes.update(dict.fromkeys(filter(None, [currency_in(column.header)]), column.total))
    votes.pop("", None)
    if votes:
        return votes.most_common(1)[0][0], "by the currencies written in the file"
    return (local, "by region") if local else (None, "amounts without a currency cannot be money")


def _signed(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(sign in text for sign in "€$£¥￥元")
