"""What pairs of records are worth under a model: levels, and the log odds that they are one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from custrec.matching.columns import Array, Column, Floats, Rows
from custrec.matching.comparison import Levels, compare_pairs
from custrec.matching.mixture import Evidence, joint_logs, log_odds
from custrec.matching.model import FieldModel, Frequencies, Model
from custrec.matching.prepared import Prepared, prepare
from custrec.matching.threads import made_of_each

_STEP = 100_000


@dataclass(frozen=True)
class Judged:
    """Pairs of rows with their natural log odds, and their levels: a row a field, a column a pair."""

    left: Rows
    right: Rows
    odds: Floats
    levels: Levels

    def chosen(self, which: Array) -> Judged:
        """Some of them."""
        return Judged(self.left[which], self.right[which], self.odds[which], self.levels[:, which])


class Judge:
    """Weighs pairs of prepared records by a model. Both have the same fields in the same order."""

    def __init__(self, fields: Sequence[Prepared], model: Model) -> None:
        self._fields, self._model = fields, model
        self._agreed = [m.frequencies(f) for f, m in zip(fields, model.fields, strict=True)]

    def weigh(self, left: Rows, right: Rows) -> Judged:
        """The log odds of pairs."""
        seen = evidence_of(self._fields, self._agreed, left, right, np.ones(len(left)))
        return Judged(left, right, log_odds(joint_logs(self._model.mixture, seen)), seen.levels)

    def likely(self, left: Rows, right: Rows, least: float) -> Judged:
        """Those of many pairs whose log odds are not less than `least`."""

        def of_step(start: int) -> Judged:
            judged = self.weigh(left[start : start + _STEP], right[start : start + _STEP])
            return judged.chosen(np.flatnonzero(judged.odds >= least))

        found = [Judged(left[:0], right[:0], np.empty(0), np.empty((len(self._fields), 0), np.int8))]
        found += made_of_each(of_step, range(0, len(left), _STEP))
        return Judged(
            np.concatenate([some.left for some in found]),
            np.concatenate([some.right for some in found]),
            np.concatenate([some.odds for some in found]),
            np.concatenate([some.levels for some in found], axis=1),
        )


def evidence_of(
    fields: Sequence[Prepared], frequencies: Sequence[Frequencies], left: Rows, right: Rows, weights: Floats
) -> Evidence:
    """Compare pairs in all fields."""
    levels, codes = compare_pairs(fields, [known.texts for known in frequencies], left, right)
    agreed = np.array([np.append(known.texts, 1.0)[code] for known, code in zip(frequencies, codes, strict=True)])
    agreed = agreed.reshape(levels.shape)
    for at, (field, known) in enumerate(zip(fields, frequencies, strict=True)):
        if known.stems is not None:
            in_part = np.flatnonzero(levels[at] == field.comparer.of_stems)
            agreed[at, in_part] = known.stems[field.codes[left[in_part]]]
    return Evidence(levels, agreed, weights)


def prepared_for(columns: Sequence[Column], model: Model) -> list[Prepared]:
    """Of some columns those of a model, prepared as its own were, in its order. KeyError where one is missing."""
    by_name = {column.name: column for column in columns}
    return made_of_each(lambda field: prepare(by_name[field.name], field.cut), model.fields)


def fields_of(fields: Sequence[FieldModel], prepared: Sequence[Prepared]) -> list[Prepared]:
    """The prepared fields that a model knows, in its order. KeyError where one is missing."""
    by_name = {field.name: field for field in prepared}
    return [by_name[field.name] for field in fields]
