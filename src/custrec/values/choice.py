"""One of the values that the schema lists (`constraints.enum`): stored as the schema writes it.

A text matches a value exactly, else in another case or width, else as a label: the field's `labels` maps a value to one
other text or several (active: [在用, 活跃]). A text that could mean two values means none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import RememberingType
from custrec.values.comparing import Comparer, ExactOnly
from custrec.values.letters import fold, squeeze
from custrec.values.protocol import Description, Reading, Stored


class Choice(RememberingType):
    """A value from a list."""

    kind = "choice"

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        if not field.enum:
            raise ValueError("a choice needs constraints.enum")
        self._spellings = Spellings(field.enum, labels_of(field))

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return self._spellings.meant(text)

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        return Reading(fault=none_of(self.field.enum))

    def comparer(self) -> Comparer:
        return ExactOnly(self)

    def describe(self) -> Description:
        return Description("choice", f"one of {', '.join(self.field.enum)}", self.field.enum[0])


class Spellings:
    """Every text that means one of the listed values: the value itself, its folded form, its labels.

    ValueError where `labels` names a value that `enum` does not list.
    """

    def __init__(self, enum: Sequence[str], labels: Mapping[str, Sequence[str]]) -> None:
        if strangers := [value for value in labels if value not in enum]:
            raise ValueError(f"labels name {strangers[0]}, which enum does not list")
        self._exact = frozenset(enum)
        self._folded: dict[str, set[str]] = {}
        for value in enum:
            for text in {_folded(value), *map(_folded, labels.get(value, ()))}:
                self._folded.setdefault(text, set()).add(value)

    def meant(self, text: str) -> str | None:
        """The value that a text means; None where it means none, or could mean several."""
        if text in self._exact:
            return text
        values = self._folded.get(_folded(text), ())
        return next(iter(values)) if len(values) == 1 else None


def labels_of(field: Field) -> dict[str, tuple[str, ...]]:
    """The field's `labels`: other texts by value."""
    labels = field.options.get("labels") or {}
    if not isinstance(labels, Mapping):
        raise ValueError("labels map a value to a text or a list of texts")
    return {
        str(value): (texts,) if isinstance(texts, str) else tuple(map(str, texts)) for value, texts in labels.items()
    }


def _folded(text: str) -> str:
    """A text without case, width and doubled spaces."""
    return squeeze(fold(text))


def none_of(enum: Sequence[str]) -> Fault:
    """The fault of a text that is none of the listed values."""
    return Fault("not-a-choice", {"choices": ", ".join(enum)})
