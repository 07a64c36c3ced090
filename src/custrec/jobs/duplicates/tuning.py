"""Tune: the answers that people gave become labels, and correct what agreement is worth.

Nothing is written here; accepting means that `find_duplicates` judges by the tuned model from now on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custrec.errors import FoundOutdated, TooFewAnswers
from custrec.jobs.duplicates.answers import Answer, answers, rows_by_record
from custrec.jobs.duplicates.comparing import Comparison, comparison_of
from custrec.jobs.duplicates.found import found_duplicates
from custrec.matching.columns import encode
from custrec.matching.model import Model
from custrec.matching.tuning import Answers, Tuning, tune
from custrec.model.schema import Table
from custrec.store import pairs
from custrec.store.database import Store

LEAST = 10
"""Of fewer answers of either sort nothing is learned."""


@dataclass(frozen=True)
class Tuned:
    """How many answers of each sort there are, the probability from which on records count as the same, and what came
    of it."""

    same: int
    different: int
    threshold: float
    tuning: Tuning


def tuned(store: Store, table: Table) -> Tuned:
    """Correct the kept model of a table by all answers. Raises NothingToCompare, NothingFoundYet, NothingLearned,
    FoundOutdated, TooFewAnswers."""
    with found_duplicates(store, table) as found:
        if found.standing().outdated:
            raise FoundOutdated(table=table.name)
        model, comparison = found.model, found.comparison
        given = answers(store, comparison)
    return _tuned_by(comparison, model, given)


def tuned_again(store: Store, comparison: Comparison, model: Model) -> Tuned | None:
    """Correct a model that was learned anew by all answers; None where there are too few by now."""
    try:
        return _tuned_by(comparison, model, answers(store, comparison))
    except TooFewAnswers:
        return None


def _tuned_by(comparison: Comparison, model: Model, given: list[Answer]) -> Tuned:
    same = sum(one.same for one in given)
    different = len(given) - same
    if min(same, different) < LEAST:
        raise TooFewAnswers(table=comparison.table.name, same=same, different=different, least=LEAST)
    records, places = rows_by_record(given)
    columns = [encode(name, comparison.kinds[name], [one.get(name) for one in records]) for name in comparison.fields]
    rows = np.array(places, np.int32)
    labels = Answers(rows[:, 0], rows[:, 1], np.array([one.same for one in given]))
    return Tuned(same, different, comparison.review, tune(columns, model, labels, comparison.review))


def kept_model(store: Store, table: Table) -> Model | None:
    """The model by which a table was searched, if it still can be used: the schema and version are those of now."""
    kept = pairs.kept(store, table)
    if kept is None:
        return None
    try:
        if kept.run.model is None or kept.run.basis != comparison_of(store.schema, table).basis:
            return None
        return Model.of(kept.run.model)
    except (ValueError, KeyError):
        return None
    finally:
        kept.close()
