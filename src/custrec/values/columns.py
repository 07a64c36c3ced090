"""How a column is judged fast: a quick look for ordinary texts, the full judgement for the rest, memory for repeats.

A kind gives `plain` (the value of an ordinary text, or None where it must be looked at closer) and `study` (the full
judgement). `judge` and `judge_column` both go through these two, so that they cannot disagree.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Sequence

from custrec.model.schema import Defaults, Field
from custrec.values.protocol import ColumnReading, Reading, Stored, ValueType

MEMORY = 100_000
"""So many texts are remembered at most; then memory starts anew."""


class PlainFirstType(ValueType):
    """A kind with a quick way for ordinary texts; studied texts are remembered (at most `MEMORY`)."""

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._studied: dict[Hashable, Reading] = {}

    @abstractmethod
    def plain(self, text: str, beside: str | None) -> Stored:
        """The value of an ordinary text; None where `study` must say. Right where it answers, and never lossy."""

    @abstractmethod
    def study(self, text: str, beside: str | None) -> Reading:
        """The full judgement of a text that `plain` did not answer."""

    def judge(self, text: str, beside: str | None = None) -> Reading:
        value = self.plain(text, beside)
        return Reading(value) if value is not None else self.study(text, beside)

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        plain = self.plain
        if beside is None:
            values = [None if text is None else plain(text, None) for text in texts]
        else:
            values = [None if text is None else plain(text, near) for text, near in zip(texts, beside, strict=True)]
        return self.settle(values, texts, beside)

    def settle(
        self, values: list[Stored], texts: Sequence[str | None], beside: Sequence[str | None] | None
    ) -> ColumnReading:
        """Study the rows that have a text but no value yet."""
        reading = ColumnReading(values)
        studied = self._studied
        for row in [row for row, value in enumerate(values) if value is None and texts[row] is not None]:
            text, near = texts[row], None if beside is None else beside[row]
            assert text is not None  # chosen so in the line above
            one = studied.get((text, near))
            if one is None:
                if len(studied) >= MEMORY:
                    studied.clear()
                one = studied[text, near] = self.study(text, near)
            if one.fault is not None:
                reading.faults[row] = one.fault
                continue
            values[row] = one.value
            if one.lossy:
                reading.lossy.add(row)
        return reading


class RememberingType(PlainFirstType):
    """A kind whose texts repeat (dates, countries, choices): each is judged once and then looked up."""

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._known: dict[Hashable, Stored] = {}

    def judge_column(self, texts: Sequence[str | None], beside: Sequence[str | None] | None = None) -> ColumnReading:
        known, plain = self._known, self.plain
        asked: Sequence[Hashable] = texts if beside is None else list(zip(texts, beside, strict=True))
        values = list(map(known.get, asked))
        for row in [row for row, value in enumerate(values) if value is None]:
            text = texts[row]
            if text is None:
                continue
            value = known.get(asked[row])  # learnt a few rows above?
            if value is None:
                value = plain(text, None if beside is None else beside[row])
                if value is None:
                    continue
                if len(known) >= MEMORY:
                    known.clear()
                known[asked[row]] = value
            values[row] = value
        return self.settle(values, texts, beside)
