"""Identifiers: numbers that an authority gives, checked by their check digits where the schema names a `format`.

Formats are those of python-stdnum: cn.uscc (统一社会信用代码), cn.ric (居民身份证), eu.vat, iban, us.ssn …; stored
in the compact form of its module. Without a format an identifier is stored in capitals without spaces.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import PlainFirstType
from custrec.values.comparing import Comparer
from custrec.values.letters import SCIENTIFIC, halve
from custrec.values.likeness import edit_distance
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored, Value

_FORMAT = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?").fullmatch
_PLAIN = re.compile(r"[0-9A-Z-]{0,4}[A-DF-Z0-9-]*").fullmatch  # no E in the middle: that needs a closer look
_SPACE = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[\W_]+")
_ALIKE = str.maketrans("OIL", "011")
_RULES = {
    "InvalidFormat": "identifier-format",
    "InvalidLength": "identifier-length",
    "InvalidChecksum": "identifier-checksum",
    "InvalidComponent": "identifier-component",
}
_SHAPES = {
    "cn.uscc": r"[0-9A-Z]{18}",
    "cn.ric": r"[0-9X]{18}",
    "iban": r"[A-Z]{2}[0-9A-Z]+",
    "eu.vat": r"[A-Z]{2}[0-9A-Z]+",
}
"""What numbers of a format look like without separators, where that is known without its module."""
_TITLES = {
    "cn.uscc": "unified social credit code (统一社会信用代码)",
    "cn.ric": "Chinese resident identity number (居民身份证)",
    "eu.vat": "European VAT number",
    "iban": "IBAN",
}


def could_be(written: str | None, text: str) -> bool:
    """Whether a text could be a number of a format (None: any), judged by its shape: what is none for sure need not
    wait until python-stdnum is loaded."""
    shape = _SHAPES.get(written or "")
    return shape is None or re.fullmatch(shape, _SEPARATORS.sub("", halve(text)).upper()) is not None


class Identifier(PlainFirstType):
    """An identifying number or code. ValueError at construction where `format` is no format of python-stdnum."""

    kind = "identifier"
    version = 2

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        written = field.options.get("format")
        self._format = None if written in (None, "default") else str(written)
        if self._format is not None and not _is_format(self._format):
            raise ValueError(f"there is no identifier format {self._format}")

    @cached_property
    def _module(self) -> Any:
        return _module(self._format or "")

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return text if self._format is None and _PLAIN(text) else None

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        text = _SPACE.sub("", halve(text))
        if SCIENTIFIC.fullmatch(text.upper()):
            return Reading(fault=Fault("scientific"))
        if self._format is None:
            return Reading(text.upper())
        from stdnum.exceptions import ValidationError

        try:
            return Reading(str(self._module.validate(text)))
        except ValidationError as broken:
            rule = next((_RULES[base.__name__] for base in type(broken).__mro__ if base.__name__ in _RULES), None)
            return Reading(fault=Fault(rule or "identifier-format", {"format": self._format}))
        except (
            LookupError,
            ValueError,
        ):  # some modules look up a part of the number without asking whether it is known
            return Reading(fault=Fault("identifier-component", {"format": self._format}))

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        if self._format is None:
            values: list[Stored] = [text if text is not None and _PLAIN(text) else None for text in texts]
        else:
            values = [None] * len(texts)
        return self.settle(values, texts, beside)

    def likeness(self, a: Value, b: Value) -> Agreement:
        """CLOSE where only separators differ; WEAK for one slip or lost zeros where no check digit guards."""
        if self._format is not None:
            return Agreement.DIFFERENT
        one, two = _SEPARATORS.sub("", str(a)), _SEPARATORS.sub("", str(b))
        if one == two and one:
            return Agreement.CLOSE
        alike = one.translate(_ALIKE).lstrip("0") == two.translate(_ALIKE).lstrip("0") != ""
        slip = max(len(one), len(two)) >= 8 and edit_distance(one, two, 1) <= 1
        return Agreement.WEAK if alike or slip else Agreement.DIFFERENT

    def comparer(self) -> Comparer:
        from custrec.values.code_comparing import IdentifierComparer

        return IdentifierComparer(self)

    def mask(self, value: Stored) -> str:
        """The last two characters of ten or more; nothing of shorter ones."""
        if value is None:
            return ""
        text = str(value)
        return f"***{text[-2:]}" if len(text) >= 10 else "***"

    def describe(self) -> Description:
        if self._format is None:
            return Description("identifier", "letters and digits; spaces and case do not matter", "C0001")
        title = _TITLES.get(self._format, self._format)
        return Description("identifier", f"a valid {title}", _EXAMPLES.get(self._format, self._format))


_EXAMPLES = {
    "cn.uscc": "91110000600037341L",
    "cn.ric": "360426199101010071",
    "eu.vat": "DE136695976",
    "iban": "GR1601101050000010547023795",
}


def _is_format(name: str) -> bool:
    """Whether python-stdnum has this format."""
    if not _FORMAT(name):
        return False
    return hasattr(_module(name), "validate")


def _module(name: str) -> Any:
    """The module of a format; None where there is none. Country packages whose name is a Python word end in _."""
    country, _, number = name.rpartition(".")
    for package in (f"{country}.", f"{country}_.") if country else ("",):
        try:
            return importlib.import_module(f"stdnum.{package}{number}")
        except ModuleNotFoundError:
            continue
    return None
