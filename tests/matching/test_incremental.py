"""New records against all, by keys that are kept (matching/incremental.py), and why a pair is one (explanation.py)."""

from __future__ import annotations

import numpy as np
import pytest

from custrec.matching.engine import find
from custrec.matching.explanation import explain
from custrec.matching.incremental import judge_pairs, meet, record_keys
from doubled_lists import columns_of, households

RECORDS, TRUTH = households(900, seed=7)
OLD, NEW = RECORDS[:-100], RECORDS[-100:]


@pytest.fixture(scope="module")
def found():
    assert len(RECORDS) > 1000
    return find(columns_of(RECORDS))


def test_keys_of_a_record_are_the_same_whatever_stands_beside_it(found):
    every = record_keys(columns_of(RECORDS), found.model)
    alone = record_keys(columns_of(NEW), found.model)
    shared = [set(every[:, len(OLD) + at].tolist()) - {0} for at in range(len(NEW))]
    assert [set(alone[:, at].tolist()) - {0} for at in range(len(NEW))] == shared


def test_new_records_meet_the_old_ones_that_a_full_run_finds(found):
    kept = record_keys(columns_of(OLD), found.model)
    fresh = record_keys(columns_of(NEW), found.model)
    old, new = meet(kept, fresh)
    judged = judge_pairs(columns_of(RECORDS), found.model, old, (new + len(OLD)).astype(np.int32))
    likely = judged.odds >= 3
    met = set(zip(judged.left[likely].tolist(), judged.right[likely].tolist(), strict=True))
    pairs = zip(found.left.tolist(), found.right.tolist(), found.odds.tolist(), strict=True)
    assert {(a, b) for a, b, odds in pairs if a < len(OLD) <= b and odds >= 3} <= met


def test_records_without_keys_meet_nobody(found):
    blank = record_keys(columns_of([{}, {}]), found.model)
    old, new = meet(record_keys(columns_of(OLD), found.model), blank)
    assert len(old) == len(new) == 0


def test_an_explanation_adds_up_to_what_was_found(found):
    kinds = {column.name: column.kind for column in columns_of(RECORDS)}
    for at in range(0, len(found.left), 7):
        left, right = RECORDS[found.left[at]], RECORDS[found.right[at]]
        told = explain(found.model, kinds, left, right)
        assert told.sum_bits == pytest.approx(found.odds[at] / np.log(2))
        assert told.prior_bits + told.together_bits + sum(f.bits for f in told.fields) == pytest.approx(told.sum_bits)
        assert told.probability == pytest.approx(found.probability[at])


def test_an_explanation_names_what_would_change_the_verdict(found):
    kinds = {column.name: column.kind for column in columns_of(RECORDS)}
    sure = int(np.argmax(found.odds))
    told = explain(found.model, kinds, RECORDS[found.left[sure]], RECORDS[found.right[sure]])
    assert told.keys
    assert all(change.probability < 0.75 for change in told.changes)
