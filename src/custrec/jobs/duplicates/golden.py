"""Golden pairs: whether records that are known to be one, or not to be, are told so by the schema as it is now.

They are judged by the model that the last search kept, or, where there is none that fits the schema, by one learned
for it. Nothing is written, so that a test of a schema can be run anywhere, as often as wanted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from custrec.errors import NothingLearned
from custrec.jobs.duplicates.comparing import Comparison, comparison_of, read
from custrec.jobs.duplicates.joining import Weigher
from custrec.jobs.duplicates.judged_lists import JudgedPair, comparable, judged_pairs
from custrec.jobs.duplicates.merged import keys_of
from custrec.jobs.duplicates.odds import probability
from custrec.jobs.duplicates.reasons import reasons
from custrec.jobs.duplicates.tuning import kept_model
from custrec.jobs.progress import Progress
from custrec.matching.engine import Options, find
from custrec.matching.model import Model
from custrec.model.schema import Table
from custrec.store.database import Store, snapshot


@dataclass(frozen=True)
class Flipped:
    """A known pair that is told otherwise: its line, records with their keys (None where the table has none), what was
    expected, the probability, and why: what each field says in bits, and what forbids it."""

    line: int
    one: int
    other: int
    keys: tuple[str | None, str | None]
    same: bool
    probability: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class Tested:
    """How known pairs are told: how many there are, how many are the same, and which flipped; `learned`: no model was
    kept."""

    table: Table
    pairs: int
    same: int
    flipped: tuple[Flipped, ...]
    learned: bool


def tested(store: Store, table: Table | None, path: str, progress: Progress) -> Tested:
    """Judge the pairs of a golden file, of the table that is given or else of the one that it names.

    Raises NothingToCompare, NothingLearned, what `judged_pairs` and `comparable` raise.
    """
    known = comparable(judged_pairs(store, table, path))
    table = known.table
    comparison = comparison_of(store.schema, table)
    with snapshot(store.reader):
        kept = kept_model(store, table)
        model = kept or _learned(store, comparison, progress)
        flipped = tuple(_flipped(store, comparison, model, known.pairs))
    return Tested(table, len(known.pairs), sum(pair.same for pair in known.pairs), flipped, kept is None)


def _learned(store: Store, comparison: Comparison, progress: Progress) -> Model:
    given = read(store, comparison, progress=progress)
    columns = given.compared(comparison.fields)
    progress.phase("comparing")
    if len(given.ids) < 2 or not any((column.codes >= 0).sum() > 1 for column in columns):
        raise NothingLearned(table=comparison.table.name)
    return find(columns, Options(comparison.review, comparison.keep)).model


def _flipped(store: Store, comparison: Comparison, model: Model, known: list[JudgedPair]) -> list[Flipped]:
    if not known:
        return []
    ends = [pair.named for pair in known]
    given = read(store, comparison, sorted({record for pair in ends for record in pair}))
    left, right = (given.rows_of([pair[side] for pair in ends]).astype(np.int32) for side in (0, 1))
    weigher = Weigher(comparison, given, model)
    odds = weigher.odds(left, right).tolist()
    keys = keys_of(store, comparison.table, given.ids.tolist())
    found = []
    for pair, (one, other), weight, a, b in zip(known, ends, odds, left.tolist(), right.tolist(), strict=True):
        chance = probability(weight)
        if pair.same != (chance >= comparison.review):
            why = [f"veto: {text}" for text in weigher.vetoes.by(a, b)]
            why += [f"{said.what} {said.bits:+.1f}" for said in reasons(store, comparison, model, one, other)]
            found.append(
                Flipped(pair.line, one, other, (keys.get(one), keys.get(other)), pair.same, chance, tuple(why))
            )
    return found
