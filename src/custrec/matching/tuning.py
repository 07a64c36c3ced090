"""Weights that answers correct: a model, moved as far from what it learned by itself as people's answers ask for.

    odds = odds of the model + b + Σ fields (c + (s + t)·weight of the level + Σ steps up to the level)

b corrects how common matches are, s the trust in all weights, t that in one field, c and the steps what one field's
levels are worth. It is a logistic regression whose offset is the model, with a normal prior around "the model is right"
(MAP; Le Cessie & van Houwelingen 1992), so that sixty answers move what they speak of and leave the rest. How far
the prior lets them go, cross-validation chooses, staying at the model among the choices. The result is a `Model` like
any other: a correction of a level multiplies its share among matches.

Quality is told by answers that the weights under judgement have not seen: answers that share a record are in one fold,
and the choice of the prior is made within the others. Nothing is drawn by chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from custrec.matching.clusters import components
from custrec.matching.columns import Array, Column, Floats, Rows
from custrec.matching.incremental import judge_pairs
from custrec.matching.judging import Judged
from custrec.matching.keys import packed
from custrec.matching.mixture import MATCH_SORTS, Mixture
from custrec.matching.model import Model

FOLDS = 10
STRENGTHS = (0.0, 0.1, 0.25, 0.5, 1.0)
"""How far the prior may let the answers go; 0 stays at the model."""
_COMMON, _TRUST, _OWN_TRUST, _KNOWN, _STEP = 2.0, 0.5, 0.4, 0.4, 0.8
"""The standard deviations of b, s, t, c and a step, at strength 1 (natural log odds)."""
_ROUNDS = 50
_MOST_MISTAKEN = 0.9


@dataclass(frozen=True)
class Answers:
    """Pairs of rows, and whether people said that they are the same."""

    left: Rows
    right: Rows
    same: Array


@dataclass(frozen=True)
class Quality:
    """How a model does on answers: pairs told rightly to be the same, wrongly, and missed; and the mean loss in bits
    (0: it was certain of each answer; 1: it might as well have tossed a coin)."""

    right: int
    wrong: int
    missed: int
    loss: float

    @property
    def precision(self) -> float:
        """The share of those told to be the same that are."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """The share of the same that are told to be."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


@dataclass(frozen=True)
class Moved:
    """A field whose weights moved: the bits of its lowest and its highest level, before and after."""

    field: str
    differs: tuple[float, float]
    agrees: tuple[float, float]


@dataclass(frozen=True)
class Tuning:
    """The tuned model; how the old one does on the answers, how models tuned without them do; what moved."""

    model: Model
    before: Quality
    after: Quality
    strength: float
    moved: tuple[Moved, ...]

    @property
    def helps(self) -> bool:
        """Whether answers not seen are told with less loss, and joined no worse: certainty alone is not worth a wrong
        merge."""
        return self.strength > 0 and self.after.loss < self.before.loss and self.after.f1 >= self.before.f1


def tune(columns: Sequence[Column], model: Model, answers: Answers, threshold: float) -> Tuning:
    """Correct a model by answers of both sorts, at least two of each. `threshold` is the probability that counts as
    the same."""
    judged = _judged(columns, model, answers)
    same = answers.same.astype(np.float64)
    design = _Design(model)
    seen = _Seen(design.of(judged.levels), judged.odds, same, _folds(answers))
    held_out = np.empty(len(same))
    for fold in range(FOLDS):
        test = seen.fold == fold
        if test.any():
            rest = seen.chosen(~test)
            held_out[test] = seen.odds[test] + seen.features[test] @ design.fit(rest, design.strength(rest))
    strength = design.strength(seen)
    moves = design.fit(seen, strength)
    tuned = design.corrected(moves)
    before, after = (quality(odds, same, threshold) for odds in (seen.odds, held_out))
    return Tuning(tuned, before, after, strength, _moved(model, tuned))


def _judged(columns: Sequence[Column], model: Model, answers: Answers) -> Judged:
    """The answers' pairs as the model judges them, in their order."""
    judged = judge_pairs(columns, model, answers.left, answers.right)
    return judged.chosen(np.searchsorted(packed(judged.left, judged.right), packed(answers.left, answers.right)))


def quality(odds: Floats, same: Array, threshold: float) -> Quality:
    """How natural log odds do on answers."""
    said = odds >= np.log(threshold / (1 - threshold))
    truth = same > 0
    right, wrong, missed = (int(which.sum()) for which in (said & truth, said & ~truth, ~said & truth))
    return Quality(right, wrong, missed, float(_losses(odds, same).mean() / np.log(2)))


def bits(model: Model, at: int) -> Floats:
    """What each level of a field is worth in bits, as an average over its values; 0 where the field tells nothing."""
    levels = len(model.fields[at].levels)
    if at in model.mixture.mute:
        return np.zeros(levels)
    sorts = model.mixture.counts[:MATCH_SORTS]
    tables = np.array([tables[at] for tables in model.mixture.matches])
    m = sorts @ tables / sorts.sum()
    return np.asarray(np.log2(np.maximum(m, 1e-12) / np.maximum(model.mixture.strangers[at], 1e-12)), np.float64)


@dataclass(frozen=True)
class _Seen:
    """Answers as a regression sees them: features (a row an answer), the model's odds, truth, and which fold."""

    features: Floats
    odds: Floats
    same: Floats
    fold: Array

    def chosen(self, which: Array) -> _Seen:
        return _Seen(self.features[which], self.odds[which], self.same[which], self.fold[which])


class _Design:
    """The corrections that a model may be given, one a feature, and how likely large ones are beforehand."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._tables: list[Floats] = []
        fields = [at for at in range(len(model.fields)) if at not in model.mixture.mute]
        self._own = [len(model.fields[at].levels) + 1 for at in fields]
        deviations = [_COMMON, _TRUST]
        place = 2
        width = 2 + sum(self._own)
        for at in range(len(model.fields)):
            weights = bits(model, at) * np.log(2)
            table = np.zeros((len(weights) + 1, width))  # the last row: the level is not known
            if at in fields:
                table[:-1, 1] = weights
                table[:-1, place] = 1
                table[:-1, place + 1] = weights
                table[:-1, place + 2 : place + 1 + len(weights)] = np.tri(len(weights), len(weights) - 1, -1)
                place += 1 + len(weights)
                deviations += [_KNOWN, _OWN_TRUST, *[_STEP] * (len(weights) - 1)]
            self._tables.append(table)
        self._deviations = np.array(deviations)

    def of(self, levels: Array) -> Floats:
        """The features of pairs by their levels."""
        found = np.zeros((levels.shape[1], len(self._deviations)))
        found[:, 0] = 1
        for table, level in zip(self._tables, levels, strict=True):
            found += table[level.astype(np.intp)]
        return found

    def fit(self, seen: _Seen, strength: float) -> Floats:
        """The likeliest corrections (Newton's method with halved steps)."""
        moves = np.zeros(len(self._deviations))
        if strength == 0:
            return moves
        precision = 1 / (strength * self._deviations) ** 2
        cost = self._cost(seen, moves, precision)
        for _ in range(_ROUNDS):
            chance = _chance(seen.odds + seen.features @ moves)
            slope = seen.features.T @ (chance - seen.same) + precision * moves
            bend = (seen.features * (chance * (1 - chance))[:, None]).T @ seen.features + np.diag(precision)
            step = np.linalg.solve(bend, slope)
            while (then := self._cost(seen, moves - step, precision)) > cost and np.abs(step).max() > 1e-9:
                step /= 2
            if cost - then < 1e-9:
                break
            moves, cost = moves - step, then
        return moves

    def strength(self, seen: _Seen) -> float:
        """How far answers should be let go: the least that tells those of other folds nearly as well as the best does,
        which is within half a standard error of it (after Breiman et al. 1984, section 3.4.3, who take a whole one)."""
        found = []
        for strength in STRENGTHS:
            odds = seen.odds.copy()
            for fold in np.unique(seen.fold):
                test = seen.fold == fold
                odds[test] += seen.features[test] @ self.fit(seen.chosen(~test), strength)
            found.append(_losses(odds, seen.same))
        losses = np.array(found)
        means = losses.mean(axis=1)
        best = int(means.argmin())
        error = (losses - losses[best]).std(axis=1) / np.sqrt(losses.shape[1])
        return STRENGTHS[int(np.flatnonzero(means <= means[best] + error / 2)[0])]

    def corrected(self, moves: Floats) -> Model:
        """The model with its corrections."""
        mixture = self._model.mixture
        shifts = [np.exp(table[:-1] @ moves) for table in self._tables]
        matches = [
            [np.asarray(table * shift, np.float64) for table, shift in zip(tables, shifts, strict=True)]
            for tables in mixture.matches
        ]
        # A related pair that agrees by mistake does so as a match would: what it is worth stays.
        tops = np.array([shift[-1] for shift in shifts])
        related = [replace(one, mistaken=np.minimum(one.mistaken / tops, _MOST_MISTAKEN)) for one in mixture.related]
        counts = mixture.counts.copy()
        counts[:MATCH_SORTS] *= np.exp(moves[0])
        mixture = Mixture(mixture.strangers, matches, related, counts, mixture.mute)
        return replace(self._model, mixture=mixture)

    @staticmethod
    def _cost(seen: _Seen, moves: Floats, precision: Floats) -> float:
        odds = seen.odds + seen.features @ moves
        return float(_losses(odds, seen.same).sum() + (precision * moves**2).sum() / 2)


def _folds(answers: Answers) -> Array:
    """The fold of each answer: those that share a record are in one; both sorts are dealt out evenly."""
    rows = int(max(answers.left.max(), answers.right.max())) + 1
    groups = components(rows, answers.left, answers.right)[answers.left]
    named, first, group = np.unique(groups, return_index=True, return_inverse=True)
    order = np.lexsort((named, answers.same[first]))
    fold = np.empty(len(named), np.int64)
    fold[order] = np.arange(len(named)) % FOLDS
    return np.asarray(fold[group], np.int64)


def _moved(model: Model, tuned: Model) -> tuple[Moved, ...]:
    """The fields that moved, those that moved most first."""
    found = []
    for at, field in enumerate(model.fields):
        was, now = bits(model, at), bits(tuned, at)
        if len(was) and np.abs(now - was).max() >= 0.05:
            found.append(Moved(field.name, (float(was[0]), float(now[0])), (float(was[-1]), float(now[-1]))))
    return tuple(
        sorted(found, key=lambda one: -max(abs(one.differs[1] - one.differs[0]), abs(one.agrees[1] - one.agrees[0])))
    )


def _chance(odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -500, 500))), np.float64)


def _losses(odds: Floats, same: Array) -> Floats:
    """The negative logarithm of the chance that was given to each answer."""
    return np.asarray(np.logaddexp(0, np.where(same > 0, -odds, odds)), np.float64)
