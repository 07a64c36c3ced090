"""How often strangers agree (matching.chance), measured on few values, and a model learned from few pairs
(Options.learn_from): what is counted stays exact."""

from __future__ import annotations

import numpy as np

from custrec.matching.chance import chance_of
from custrec.matching.engine import Options, find
from custrec.matching.prepared import prepare
from doubled_lists import OFFICE_KINDS, columns_of, offices, pairwise


def test_what_is_counted_of_all_records_stays_as_it_is():
    records, _ = offices(2500)
    for field in map(prepare, columns_of(records, OFFICE_KINDS)):
        whole, part = chance_of(field), chance_of(field, 240)
        assert np.array_equal(whole.values, part.values)
        assert whole.levels[-1] == part.levels[-1]
        assert np.isclose(part.levels.sum(), whole.levels.sum())
        assert np.abs(whole.levels - part.levels).max() < 0.05


def test_colleagues_are_told_from_copies_by_what_a_quarter_of_the_pairs_tells():
    records, truth = offices(2500)
    found = find(columns_of(records, OFFICE_KINDS), Options(learn_from=0.25))
    precision, recall = pairwise(truth, found.clusters.tolist())
    assert precision > 0.95
    assert recall > 0.94


def test_the_order_of_rows_changes_nothing():
    records, _ = offices(1500)
    there = find(columns_of(records, OFFICE_KINDS), Options(learn_from=0.25))
    back = find(columns_of(records[::-1], OFFICE_KINDS), Options(learn_from=0.25))
    last = len(records) - 1
    pairs = {(int(a), int(b)): odds for a, b, odds in zip(there.left, there.right, there.odds, strict=True)}
    turned = {(last - int(b), last - int(a)): odds for a, b, odds in zip(back.left, back.right, back.odds, strict=True)}
    assert pairs == turned
