"""Weights that answers correct (matching/tuning.py): they help on what was not seen, and are the model where they say
nothing. The lists are those of the benchmark, small."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from custrec.matching.columns import encode
from custrec.matching.engine import Found, find
from custrec.matching.incremental import judge_pairs
from custrec.matching.model import Model
from custrec.matching.tuning import Answers, Quality, Tuning, bits, quality, tune
from custrec.model.schema import Defaults, Field
from custrec.values.registry import for_field
from doubled_lists import columns_of, households

THRESHOLD = 0.75


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """benchmarks/duplicates/answers.py."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks" / "duplicates"))
    import answers

    return answers


def people(name: str, rows: int, without: tuple[str, ...]):
    """A list of the benchmark without some fields, so that the engine alone has little to go by; and its truth."""
    module = __import__(name)
    made = list(module.CustomerList(3).rows(rows))
    region = "CN" if name == "people_cn" else "US"
    columns = []
    for at, (field, kind) in enumerate(module.FIELDS):
        if field not in without:
            judge = for_field(Field(field, kind="text" if kind == "string" else kind), Defaults(region=region))
            columns.append(encode(field, judge, judge.judge_column([row[at] or None for row in made]).values))
    numbers = {person: place for place, person in enumerate(dict.fromkeys(row[-1] for row in made))}
    return columns, np.array([numbers[row[-1]] for row in made])


@pytest.mark.parametrize(
    ("name", "rows", "without"),
    [("people_en", 1500, ("phone", "email", "company")), ("people_cn", 1200, ("mobile", "email", "phone"))],
)
def test_sixty_answers_help_on_pairs_that_nobody_was_asked_about(benchmark, name, rows, without):
    columns, truth = people(name, rows, without)
    found = find(columns)
    gains = [benchmark.gain(columns, truth, 60, seed, found) for seed in range(1, 6)]
    taken = [gain for gain in gains if gain.tuning.helps]
    assert len(taken) >= 4
    for gain in gains:
        assert gain.asked == 60
        assert gain.unseen > 150
        assert gain.after.loss < gain.before.loss
    before = np.mean([gain.before.f1 for gain in gains])
    after = np.mean([(gain.after if gain in taken else gain.before).f1 for gain in gains])
    assert 1 - after < (1 - before) * 0.8  # at least a fifth of what was wrong is mended


def test_weights_that_are_surer_and_join_worse_do_not_help(searched):
    _, _, found = searched
    before, surer, worse = Quality(20, 2, 8, 0.5), Quality(20, 2, 8, 0.4), Quality(17, 2, 11, 0.4)
    assert Tuning(found.model, before, surer, 0.5, ()).helps
    assert not Tuning(found.model, before, worse, 0.5, ()).helps


@pytest.fixture(scope="module")
def searched() -> tuple[list, np.ndarray, Found]:
    records, truth = households(300)
    columns = columns_of(records)
    return columns, np.array(truth), find(columns)


def tuned(searched, same) -> Tuning:
    columns, _, found = searched
    return tune(columns, found.model, Answers(found.left, found.right, same), THRESHOLD)


def test_the_tuned_model_is_a_model_like_any_other(searched):
    columns, truth, found = searched
    wrong = truth[found.left] == truth[found.right]
    wrong[::3] ^= True
    tuning = tuned(searched, wrong)
    assert tuning.strength > 0
    again = Model.of(tuning.model.document())
    odds = [judge_pairs(columns, model, found.left, found.right).odds for model in (tuning.model, again)]
    assert np.array_equal(*odds)
    assert find(columns, model=again).clusters.shape == found.clusters.shape
    moved = {one.field for one in tuning.moved}
    assert moved
    for at, field in enumerate(found.model.fields):
        differs = np.abs(bits(tuning.model, at) - bits(found.model, at)).max() >= 0.05
        assert differs == (field.name in moved)


def test_answers_that_agree_with_the_model_leave_it_as_it_is(searched):
    _, _, found = searched
    sure = (found.probability > 0.999) | (found.probability < 0.06)
    columns, odds = searched[0], found.odds[sure]
    answers = Answers(found.left[sure], found.right[sure], odds > 0)
    if answers.same.all():
        answers.same[0] = False
    tuning = tune(columns, found.model, Answers(answers.left, answers.right, odds > 0), THRESHOLD)
    assert tuning.after.f1 == tuning.before.f1 == 1
    assert tuning.after.loss < 0.05


def test_the_order_of_answers_and_of_their_sides_changes_nothing(searched):
    columns, truth, found = searched
    same = truth[found.left] == truth[found.right]
    same[::4] ^= True
    order = np.random.default_rng(1).permutation(len(same))
    one = tune(columns, found.model, Answers(found.left, found.right, same), THRESHOLD)
    two = tune(columns, found.model, Answers(found.right[order], found.left[order], same[order]), THRESHOLD)
    assert one.strength == two.strength
    assert one.after.loss == pytest.approx(two.after.loss)
    for at in range(len(found.model.fields)):
        assert np.allclose(bits(one.model, at), bits(two.model, at), atol=1e-6)


def test_quality_counts():
    odds = np.array([5.0, 5.0, -5.0, -5.0, 0.0])
    found = quality(odds, np.array([True, False, True, False, True]), THRESHOLD)
    assert (found.right, found.wrong, found.missed) == (1, 1, 2)
    assert found.precision == 0.5
    assert found.recall == pytest.approx(1 / 3)
    assert found.f1 == pytest.approx(0.4)
    assert quality(np.zeros(2), np.array([True, False]), 0.5).loss == pytest.approx(1)
