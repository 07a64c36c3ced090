"""Why two records are, or are not, taken for one: what the kept model says of them, in words that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from custrec.errors import FoundOutdated
from custrec.jobs.duplicates.comparing import read
from custrec.jobs.duplicates.found import FoundDuplicates
from custrec.jobs.duplicates.vetoes import Vetoes
from custrec.jobs.reading import read_for, shown
from custrec.matching.explanation import Change, FieldEvidence, explain
from custrec.store import keyed, records


@dataclass(frozen=True)
class FieldSaid:
    """One compared field: both values as people read them, the level in words, bits, and of a full agreement how
    frequent the value is and what that adds in bits. `tells`: False where the model found that it tells nothing."""

    name: str
    left: Any
    right: Any
    level: str
    bits: float
    frequency: float | None
    frequency_bits: float
    tells: bool


@dataclass(frozen=True)
class Explained:
    """Two records, by number, and all that speaks for and against their being one, in bits that add up.

    `prior` is how rare duplicates are among all pairs; `together` what is taken off, or given, because evidence comes
    together. `least` is the probability from which on records are shown as one; `vetoes` are the schema's that forbid
    it, `keys` what brings the two together, `changes` what would turn the verdict, `apart` that people said they are
    not the same, and `every` that there are so few records that every two are compared."""

    one: int
    other: int
    fields: tuple[FieldSaid, ...]
    prior: float
    together: float
    total: float
    probability: float
    least: float
    vetoes: tuple[str, ...]
    keys: tuple[str, ...]
    changes: tuple[Change, ...]
    apart: bool
    every: bool

    @property
    def verdict(self) -> str:
        """In a word what comes of it."""
        if self.apart:
            return "said to be different"
        if self.vetoes:
            return "forbidden"
        return "likely one" if self.probability >= self.least else "not likely one"


class Explaining:
    """Explains pairs of a table by what was found there. Raises NothingLearned, FoundOutdated."""

    def __init__(self, found: FoundDuplicates) -> None:
        self._found = found
        self._model = found.model
        kinds = found.comparison.kinds
        self._kinds = {one.name: kinds[one.name] for one in self._model.fields if one.name in kinds}
        if len(self._kinds) < len(self._model.fields):  # the schema lost a field since
            raise FoundOutdated(table=found.table.name)

    def pair(self, one: int, other: int) -> Explained:
        """Explain two records, lower number first."""
        one, other = min(one, other), max(one, other)
        found, comparison = self._found, self._found.comparison
        given = read(found.store, comparison, [one, other])
        left, right = ({name: self._value(given.columns[name], row) for name in self._kinds} for row in (0, 1))
        said = explain(self._model, self._kinds, left, right, comparison.review)
        values = self.shown([one, other])
        return Explained(
            one,
            other,
            tuple(_field(evidence, values[one], values[other]) for evidence in said.fields),
            said.prior_bits,
            said.together_bits,
            said.sum_bits,
            said.probability,
            comparison.review,
            tuple(Vetoes(comparison, given).by(0, 1)),
            said.keys,
            said.changes,
            found.said_between(one, other),
            not self._model.cells,
        )

    def shown(self, numbers: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
        """The values of records as people read them, by number and field."""
        return shown_values(self._found, numbers)

    @staticmethod
    def _value(column: Any, row: int) -> Any:
        code = int(column.codes[row])
        return column.values[code] if code >= 0 else None


def shown_values(found: FoundDuplicates, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """All values of some records as people read them, by number and field."""
    store, table = found.store, found.table
    names = [one.name for one in table.fields]
    rows = records.select_any(store, table, read_for(store.schema, table, names), keyed.numbered(numbers))
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in shown(store.schema, table, names, rows)}


def _field(evidence: FieldEvidence, left: Mapping[str, Any], right: Mapping[str, Any]) -> FieldSaid:
    return FieldSaid(
        evidence.name,
        left[evidence.name],
        right[evidence.name],
        evidence.level,
        evidence.bits,
        evidence.frequency,
        evidence.frequency_bits,
        evidence.tells,
    )
