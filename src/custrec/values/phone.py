"""Telephone numbers: read in the region of their row, stored as E.164, an extension as ";ext=801" (RFC 3966).

phonenumbers decides what is valid; `phone_plans` answers quickly where it can prove the library's answer. Besides
what the library reads: full-width digits, "转801" and "分机801", a trailing "-801" after a Chinese landline. Letters
are refused (the library would dial 1-800-FLOWERS, and would drop words around a number); a note in brackets behind
the number (微信同号) is dropped, and the reading is lossy. 13800138000.0, as data frames write, has all its digits
and is read; 1.38E+10 has not. Short service numbers (10086, 95588) are no numbers that others can dial, and refused
as by the library; 400 and 800 numbers are accepted.
"""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

import re
from collections.abc import Sequence

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values import phone_plans
from custrec.values.columns import MEMORY, PlainFirstType
from custrec.values.comparing import Comparer
from custrec.values.country import code_of
from custrec.values.letters import halve
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored, Value

_LABEL = re.compile(
    r"(?:tel|phone|mobile|mob|cell|电话|手机|座机|固话|联系电话|联系方式|电话号码|手机号码?|传真|fax|whatsapp|t|m)\s*[.:：]?\s*(?=[+(\d])",
    re.IGNORECASE,
)
_DECIMAL = re.compile(r"\d(?:\.\d+)?E\+?\d{1,3}", re.ASCII | re.IGNORECASE)
_POINT_ZERO = re.compile(r"(?<=\d{7})\.0$", re.ASCII)
_NOTE = re.compile(r"\s*\((?P<note>[^()\d]+)\)$")
_APART = re.compile(r"[/,;、，；|\n]|\s或\s?|或")
_EXTENSION = re.compile(
    r"^(?P<base>.*\d\)?)(?:;ext=|\s*,?\s*(?:extension|extn|ext|x|#|转|轉|分机|分機|内线)\s*[.:：号]*\s*)(?P<ext>\d{1,7})$",
    re.ASCII | re.IGNORECASE | re.DOTALL,
)
_LANDLINE_EXTENSION = re.compile(
    r"(?P<base>(?:(?:\+|00)86[ -]?)?\(?0?(?:10|2\d|[3-9]\d\d)\)?[ -]?\d{7,8})-(?P<ext>\d{1,6})", re.ASCII
)
_NUMBER = re.compile(r"[+(]*\d[\d\s().·/-]*", re.ASCII)
_DASHES = str.maketrans("‐‑‒–—―−ー·•", "----------")
_TWO_DIGIT_CODES = frozenset(
    "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 "
    "90 91 92 93 94 95 98".split()
)


class Phone(PlainFirstType):
    """One telephone number."""

    kind = "phone"
    version = 2

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._regions: dict[str | None, str | None] = {None: defaults.region}

    @property
    def beside(self) -> str | None:
        return self.field.region_field

    def region(self, beside: str | None) -> str | None:
        """The region a row's number is read in: its country; the default where that is blank, not where unreadable."""
        if beside not in self._regions:
            if len(self._regions) >= MEMORY:
                self._regions = {None: self.defaults.region}
            self._regions[beside] = code_of(beside or "")
        return self._regions[beside]

    def plain(self, text: str, beside: str | None) -> Stored:
        return phone_plans.quick(text, _plan(self.region(beside)))

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        quick = phone_plans.quick
        if beside is None:
            plan = _plan(self.region(None))
            values: list[Stored] = [None if text is None else quick(text, plan) for text in texts]
        else:
            plans = {near: _plan(self.region(near)) for near in set(beside)}
            values = [
                None if text is None else quick(text, plans[near]) for text, near in zip(texts, beside, strict=True)
            ]
        return self.settle(values, texts, beside)

    def study(self, text: str, beside: str | None) -> Reading:
        text = halve(text).translate(_DASHES)
        if label := _LABEL.match(text):
            text = text[label.end() :]
        if _DECIMAL.fullmatch(text):
            return Reading(fault=Fault("phone-scientific"))
        region = self.region(beside)
        text, noted = _NOTE.subn("", _POINT_ZERO.sub("", text))
        extension = ""
        if found := _EXTENSION.match(text):
            text, extension = found["base"], found["ext"]
        elif _several(text):
            return Reading(fault=Fault("phone-several"))
        if any(map(str.isalpha, text)):
            return Reading(fault=Fault("phone-letters"))
        if not _NUMBER.fullmatch(text):
            return self._invalid(text, region)
        number = _by_library(text, region)
        if number is None and not extension and (found := _LANDLINE_EXTENSION.fullmatch(text)):
            number, extension = _by_library(found["base"], region), found["ext"]
            if number is not None and not number.startswith("+86"):
                number = None
        if number is not None:
            return Reading(f"{number};ext={extension}" if extension else number, lossy=bool(noted))
        return self._invalid(text, region)

    def _invalid(self, text: str, region: str | None) -> Reading:
        abroad = text.lstrip("(").startswith("+")
        if not abroad and _plan(region) is None:
            return Reading(fault=Fault("phone-no-region"))
        return Reading(fault=Fault("phone-invalid", {"where": "after its country code" if abroad else f"in {region}"}))

    def keys(self, value: Stored) -> tuple[str, ...]:
        """The number without its extension."""
        return () if value is None else (str(value).partition(";")[0],)

    def likeness(self, a: Value, b: Value) -> Agreement:
        """CLOSE where one lacks the extension; WEAK with two extensions of one house, or read in another country."""
        (one, _, extension), (two, _, other) = str(a).partition(";"), str(b).partition(";")
        if one == two:
            return Agreement.WEAK if extension and other else Agreement.CLOSE
        return Agreement.WEAK if _national(one) == _national(two) else Agreement.DIFFERENT

    def comparer(self) -> Comparer:
        from custrec.values.code_comparing import PhoneComparer

        return PhoneComparer(self)

    def mask(self, value: Stored) -> str:
        """The country code and the last two digits: +86*****78."""
        if value is None:
            return ""
        number = str(value).partition(";")[0]
        return f"{number[: _code_length(number)]}*****{number[-2:]}"

    def describe(self) -> Description:
        where = f"the row's {self.field.region_field}" if self.field.region_field else "the default region"
        default = f", else {self.defaults.region}" if self.field.region_field and self.defaults.region else ""
        return Description(
            "phone number", f"one number; without + it is read in {where}{default}", "138 1234 5678, +44 20 7946 0958"
        )


def _plan(region: str | None) -> phone_plans.Plan | None:
    return None if region is None else phone_plans.plan_of(region)


def _national(number: str) -> str:
    """A number without + and calling code."""
    return number[_code_length(number) :]


def _several(text: str) -> bool:
    """Whether the cell holds more than one number: apart by a sign, or long ones by white space."""
    return (
        sum(_digits(part) >= 7 for part in _APART.split(text)) > 1
        or sum(_digits(part) >= 10 for part in text.split()) > 1
    )


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


def _by_library(text: str, region: str | None) -> str | None:
    """E.164, or None where phonenumbers cannot read the number or calls it invalid.

    After + the region has no say: the library would otherwise drop a + that begins no calling code, and guess.
    """
    import phonenumbers  # heavy: metadata of all regions

    try:
        number = phonenumbers.parse(text, None if "+" in text else region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.extension:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _code_length(number: str) -> int:
    """The length of + and the calling code: 1 and 7, some of two digits, else three (ITU-T E.164, annex D)."""
    if number[1:2] in ("1", "7"):
        return 2
    return 3 if number[1:3] in _TWO_DIGIT_CODES else 4
