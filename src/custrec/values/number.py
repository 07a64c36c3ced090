"""Numbers with a fraction: a scaled whole number where the schema says how many `decimals`, else a 64-bit float.

Scaled numbers are exact; more decimals than allowed are a fault. A float that cannot hold all the digits of the text is
lossy. 1.38E+10 is a number only as a float.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import RememberingType
from custrec.values.letters import halve
from custrec.values.numerals import LARGEST, Notation
from custrec.values.protocol import Description, Native, Reading, Stored

_EXPONENT = re.compile(r"(?P<mantissa>.+?)[eE](?P<exponent>[+-]?\d{1,3})", re.ASCII)
_MOST_DECIMALS = 12


class Number(RememberingType):
    """A number with a fraction."""

    kind = "number"

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._notation = Notation.of(field)
        decimals = field.options.get("decimals")
        if decimals is not None and not (isinstance(decimals, int) and 0 <= decimals <= _MOST_DECIMALS):
            raise ValueError(f"decimals is a whole number from 0 to {_MOST_DECIMALS}")
        self._decimals: int | None = decimals

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        if len(text) > 15 or not text.isascii():
            return None
        whole, point, fraction = text.partition(self._notation.decimal)
        if not whole.isdigit() or (point and not fraction.isdigit()):
            return None
        if self._decimals is None:
            return float(f"{whole}.{fraction}")  # 15 digits at most: a float holds them all
        if len(fraction) > self._decimals:
            return None
        scaled = int(whole + fraction.ljust(self._decimals, "0"))
        return scaled if scaled <= LARGEST else None

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        text = halve(text)
        exponent = 0
        if self._decimals is None and (found := _EXPONENT.fullmatch(text)):
            text, exponent = found["mantissa"], int(found["exponent"])
        numeral = self._notation.read(text, "number-invalid")
        if isinstance(numeral, Fault):
            return Reading(fault=numeral)
        if self._decimals is not None:
            scaled = numeral.scaled(self._decimals)
            return Reading(fault=scaled) if isinstance(scaled, Fault) else Reading(scaled)
        exact = Decimal(f"{'-' if numeral.negative else ''}{numeral.whole}.{numeral.fraction or '0'}e{exponent}")
        value = float(exact) + 0.0  # no -0.0
        if math.isinf(value):
            return Reading(fault=Fault("number-range"))
        return Reading(value, lossy=Decimal(repr(value)) != exact)

    def written(self, text: str, native: Native) -> str:
        return self._notation.written(text, native)

    def show(self, value: Stored, beside: str | None = None) -> str:  # noqa: ARG002
        if value is None:
            return ""
        if self._decimals is not None:
            return self._notation.write(int(value), self._decimals)
        number = float(value)
        text = str(int(number)) if number.is_integer() and abs(number) < 1e16 else repr(number)
        return text.replace(".", self._notation.decimal)

    def describe(self) -> Description:
        places = "any number of" if self._decimals is None else f"at most {self._decimals}"
        return Description("number", f"a number with {places} decimals behind {self._notation.decimal}", "1234.5")
