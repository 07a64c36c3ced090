"""Yes or no: stored 1 or 0.

Taken are 是/否, yes/no, true/false, y/n, t/f, 1/0, on/off, 对/错, 真/假, √/×, and the words of German, French and
Spanish spreadsheets, in any case and width; `trueValues` and `falseValues` of the field replace them (Frictionless).
有/无 must be named there: in many files 无 means that the cell is blank. So must x: here it means yes, there no.
"""

from __future__ import annotations

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import RememberingType
from custrec.values.comparing import Comparer, ExactOnly
from custrec.values.letters import fold
from custrec.values.protocol import Description, Native, Reading, Stored

_TRUE = (
    "true",
    "yes",
    "y",
    "t",
    "1",
    "on",
    "是",
    "对",
    "對",
    "真",
    "√",
    "✓",
    "✔",
    "wahr",
    "ja",
    "vrai",
    "oui",
    "sí",
    "verdadero",
)
_FALSE = (
    "false",
    "no",
    "n",
    "f",
    "0",
    "off",
    "否",
    "错",
    "錯",
    "假",
    "×",
    "✗",
    "✘",
    "falsch",
    "nein",
    "faux",
    "non",
    "falso",
)

_SHOWN = 8
"""So many texts of each are named in the description."""


class Boolean(RememberingType):
    """Yes or no."""

    kind = "boolean"
    version = 2

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._true = _texts(field.options.get("trueValues"), _TRUE)
        self._false = _texts(field.options.get("falseValues"), _FALSE)
        self._readings = {fold(text): 1 for text in self._true} | {fold(text): 0 for text in self._false}
        if len(self._readings) != len({*map(fold, self._true)}) + len({*map(fold, self._false)}):
            raise ValueError("a text is both among trueValues and falseValues")

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return self._readings.get(fold(text))

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        return Reading(fault=Fault("boolean-invalid", {"true": self._true[0], "false": self._false[0]}))

    def written(self, text: str, native: Native) -> str:
        return {"TRUE": self._true[0], "FALSE": self._false[0]}[text] if native is Native.TRUTH else text

    def show(self, value: Stored, beside: str | None = None) -> str:  # noqa: ARG002
        return "" if value is None else self._true[0] if value else self._false[0]

    def comparer(self) -> Comparer:
        return ExactOnly(self)

    def describe(self) -> Description:
        return Description(
            "yes or no", ", ".join((*self._true[:_SHOWN], *self._false[:_SHOWN])), f"{self._true[0]}, {self._false[0]}"
        )


def _texts(given: object, usual: tuple[str, ...]) -> tuple[str, ...]:
    """The texts of an option, or the usual ones."""
    if given is None:
        return usual
    if not isinstance(given, list | tuple) or not given:
        raise ValueError("trueValues and falseValues are lists of texts")
    return tuple(map(str, given))
