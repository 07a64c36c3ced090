"""Amounts of money: stored as a whole number of the currency's minor units (1234.50 CNY is 123450, 1234 JPY is 1234).

The currency is that of the row's currency field, else the field's `currency`, else the schema's. A sign, word or code
written beside the amount must agree with it. 万, 千万 and 亿 multiply exactly; brackets mean less than nothing, and so
does a minus before the sign, before the digits, or at the end, as bookkeeping systems print it. Groups are of three
digits: 1,23,456 is refused, because nobody could tell it from a slip.
"""

from __future__ import annotations

import re

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values import currencies
from custrec.values.columns import MEMORY, RememberingType
from custrec.values.letters import halve
from custrec.values.numerals import MINUS, Notation, Numeral
from custrec.values.protocol import Agreement, Description, Native, Reading, Stored, Value

_TENS = {"": 1, "十": 10, "百": 100, "千": 1_000, "万": 10_000, "萬": 10_000}
_LARGE = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000}
_UNITS = {"": 1, "百": 100, "千": 1_000} | {
    tens + large: factor * size for large, size in _LARGE.items() for tens, factor in _TENS.items() if factor < size
}
_SHAPE = re.compile(
    r"(?P<sign>[+-]?)\s*(?P<open>\(?)\s*(?P<before>[^\d+\-().,]*(?:\.(?=\s))?)\s*(?P<number>[+-]?[\d.,'’ ]*\d[.,]?)"
    r"\s*(?P<unit>[十百千万萬]?[万萬亿億]|[百千]|)\s*(?P<after>[^\d+\-()]*?)\s*(?P<close>\)?)(?P<behind>-?)",
    re.ASCII,
).fullmatch
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+\.\d+", re.ASCII).fullmatch
_ROUND = re.compile(r"(?<=\d)[.,]--?(?=\s|$)")  # 5000.- is "and no cents"
_EXACTLY = re.compile("(?<=[元圆])[整正]$")  # 元整: "and not a cent more"


class Money(RememberingType):
    """An amount of money."""

    kind = "money"
    version = 2

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._notation = Notation.of(field)
        own = field.options.get("currency") or defaults.currency
        self._own = None if own is None else str(own).upper()
        if self._own is not None and self._own not in currencies.CODES:
            raise ValueError(f"{own} is no currency code of ISO 4217")
        self._point = self._notation.decimal == "."
        self._commas = self._notation == Notation(".", ",")
        self._places: dict[str | None, int | None] = {}

    @property
    def beside(self) -> str | None:
        return self.field.currency_field

    def currency(self, beside: str | None) -> str | None:
        """The currency of a row, by its currency cell; the default where that is blank, not where it is unreadable."""
        return self._own if beside is None else currencies.code_of(halve(beside))

    def plain(self, text: str, beside: str | None) -> Stored:
        places = self._places[beside] if beside in self._places else self._learn(beside)
        if places is None or len(text) > 12 or not text.isascii():
            return None
        if text.isdigit():
            return int(text + "0" * places)
        if self._commas and _GROUPED(text):
            text = text.replace(",", "")
        whole, point, fraction = text.partition(".")
        if self._point and point and len(fraction) == places and whole.isdigit() and fraction.isdigit():
            return int(whole + fraction)
        return None

    def _learn(self, beside: str | None) -> int | None:
        """How many decimals the currency of a row has, None where it is unknown; remembered."""
        if len(self._places) >= MEMORY:
            self._places.clear()
        currency = self.currency(beside)
        places = self._places[beside] = None if currency is None else currencies.decimals(currency)
        return places

    def study(self, text: str, beside: str | None) -> Reading:
        currency = self.currency(beside)
        if currency is None:
            return Reading(fault=Fault("money-no-currency"))
        found = _SHAPE(_ROUND.sub("", halve(text).translate(MINUS)))
        if found is None or bool(found["open"]) != bool(found["close"]):
            return Reading(fault=Fault("money-invalid"))
        numeral = self._notation.read(found["number"].strip(), "money-invalid")
        if isinstance(numeral, Fault):
            return Reading(fault=numeral)
        signs = (found["sign"], found["behind"], "-" if found["open"] else "", "-" if numeral.negative else "")
        if sum(map(bool, signs)) > 1:
            return Reading(fault=Fault("money-invalid"))
        if fault := _disagreement(found, currency):
            return Reading(fault=fault)
        unit = _UNITS.get(found["unit"])
        if unit is None:
            return Reading(fault=Fault("money-invalid"))
        amount = Numeral("-" in signs, numeral.whole, numeral.fraction)
        value = amount.scaled(currencies.decimals(currency), unit)
        return Reading(fault=value) if isinstance(value, Fault) else Reading(value)

    def written(self, text: str, native: Native) -> str:
        return self._notation.written(text, native)

    def show(self, value: Stored, beside: str | None = None) -> str:
        """The plain amount without its currency: 1234.50. ValueError where the row's currency is unknown."""
        if value is None:
            return ""
        currency = self.currency(beside)
        if currency is None:
            raise ValueError("an amount of money cannot be shown without its currency")
        return self._notation.write(int(value), currencies.decimals(currency))

    def likeness(self, a: Value, b: Value) -> Agreement:
        """CLOSE within a hundredth of the larger amount."""
        one, two = int(a), int(b)
        return Agreement.CLOSE if abs(one - two) * 100 <= max(abs(one), abs(two)) else Agreement.DIFFERENT

    def describe(self) -> Description:
        default = self._own or "no default currency"
        where = f"in the currency of {self.beside}, else {default}" if self.beside else f"in {default}"
        return Description("amount of money", f"an amount {where}; 万 and 亿 are understood", "1,234.50, ¥3.5万")


def _disagreement(found: re.Match[str], currency: str) -> Fault | None:
    """What is written beside the number must be a currency, and this one."""
    for word in (found["before"].strip(), _EXACTLY.sub("", found["after"].strip())):
        if not word:
            continue
        meant = currencies.NAMES.get(word.upper()) or currencies.NAMES.get(word.rstrip(".").upper())
        if meant is None:
            return Fault("money-invalid")
        if currency not in meant:
            return Fault("money-currency", {"currency": currency})
    return None
