"""Text of any sort: stored as it came, cleaned. Only a spreadsheet's damage (1.38E+10) is refused.

A text that tells records apart (a unique field; a key, which jobs.reading passes as unique) is stored half-width: an
input method that was left in full-width mode makes of C0005 a Ｃ０００５, which looks the same, and must not become
another customer. Letter case, accents and kana stay as they are, since they do tell codes apart.
"""

from __future__ import annotations

from collections.abc import Sequence

from custrec.model.problem import Fault
from custrec.values.comparing import Comparer, Written
from custrec.values.letters import SCIENTIFIC, fold, narrow, squeeze
from custrec.values.likeness import edit_distance
from custrec.values.protocol import Agreement, ColumnReading, Description, Reading, Stored, Value, ValueType

_KEY_LENGTH = 64
_SCIENTIFIC = Fault("scientific")


class Text(ValueType):
    """Any text."""

    kind = "text"
    version = 2

    def judge(self, text: str, beside: str | None = None) -> Reading:  # noqa: ARG002
        text = narrow(text) if self.field.unique else text
        return Reading(fault=_SCIENTIFIC) if "E+" in text and SCIENTIFIC.fullmatch(text) else Reading(text)

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:  # noqa: ARG002
        if self.field.unique:
            texts = [None if text is None else narrow(text) for text in texts]
        reading = ColumnReading(list(texts))
        for row in [row for row, text in enumerate(texts) if text is not None and "E+" in text]:
            if SCIENTIFIC.fullmatch(texts[row] or ""):
                reading.values[row] = None
                reading.faults[row] = _SCIENTIFIC
        return reading

    def keys(self, value: Stored) -> tuple[str, ...]:
        key = "" if value is None else squeeze(fold(str(value)))[:_KEY_LENGTH]
        return (key,) if key else ()

    def likeness(self, a: Value, b: Value) -> Agreement:
        one, two = squeeze(fold(str(a))), squeeze(fold(str(b)))
        if one == two:
            return Agreement.CLOSE
        near = len(one) >= 6 and len(two) >= 6 and edit_distance(one, two, 1) <= 1
        return Agreement.WEAK if near else Agreement.DIFFERENT

    def comparer(self) -> Comparer:
        return Written(self)

    def describe(self) -> Description:
        how = "made half-width" if self.field.unique else "kept as it is written"
        return Description("text", f"any text, {how}", "0050 1-A")
