"""A few changed values of a plan, before and after: one of each kind of change before a second of any.

Two changes are of one kind where the values of one field look alike before, and alike after (rules.shapes). For the
person to look at: samples hold values, and go neither into the plan nor into the history.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice, zip_longest

from custrec.rules.shapes import shape

MOST = 10
"""Samples that are shown."""
LOOKED_AT = 200
"""So many changes of a field are looked at in each batch of records."""
SPARE = 3
"""Samples kept of each kind: some changes are not made after all."""


@dataclass(frozen=True, slots=True)
class ChangeSample:
    """One changed value as people read it; a blank is None."""

    table: str
    record: int
    field: str
    before: str | None
    after: str | None


@dataclass
class ChangeSamples:
    """Collects samples as changes are found; memory stays the same however many there are."""

    _fields: dict[tuple[str, str], dict[tuple[str, str], list[ChangeSample]]] = field(default_factory=dict)

    def add(self, found: Iterable[ChangeSample]) -> None:
        """Look at some changes of one field."""
        for sample in found:
            kinds = self._fields.setdefault((sample.table, sample.field), {})
            kind = shape(sample.before or ""), shape(sample.after or "")
            if kind in kinds:
                if len(kinds[kind]) < SPARE:
                    kinds[kind].append(sample)
            elif len(kinds) < MOST:
                kinds[kind] = [sample]

    def keep(self, table: str, made: Callable[[int], bool]) -> None:
        """Let go of the samples of a table's records whose change is not made after all."""
        for (name, _), kinds in self._fields.items():
            if name == table:
                for kind, samples in kinds.items():
                    kinds[kind] = [sample for sample in samples if made(sample.record)]

    def chosen(self, most: int = MOST) -> list[ChangeSample]:
        """Up to `most` samples, in the order of the fields and records."""
        by_field = [
            [sample for turn in zip_longest(*kinds.values()) for sample in turn if sample is not None]
            for kinds in self._fields.values()
        ]
        turns = (sample for turn in zip_longest(*by_field) for sample in turn if sample is not None)
        places = {name: place for place, name in enumerate(self._fields)}
        return sorted(islice(turns, most), key=lambda sample: (places[sample.table, sample.field], sample.record))
