"""The figures of the duplicates' benchmark, held to counting pair by pair."""

from __future__ import annotations

import importlib.util
import sys
from itertools import combinations
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

_PATH = Path(__file__).parents[2] / "benchmarks" / "duplicates" / "metrics.py"


def _metrics() -> ModuleType:
    """benchmarks is no package, so that its scripts run as they are."""
    spec = importlib.util.spec_from_file_location("duplicate_metrics", _PATH)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


metrics = _metrics()


def test_pairs_put_together_rightly_and_wrongly_are_counted() -> None:
    truth = {"a": "1", "b": "1", "c": "1", "d": "2", "e": "3"}
    found = metrics.agreement(truth, {"a": "x", "b": "x", "d": "x"})
    assert (found.found, found.true, found.both) == (3, 3, 1)
    assert found.precision == found.recall == found.f1 == pytest.approx(1 / 3)


def test_nothing_found_is_precise_and_finds_nothing() -> None:
    found = metrics.agreement({"a": "1", "b": "1"}, {})
    assert (found.precision, found.recall, found.f1) == (1.0, 0.0, 0.0)


def test_nothing_to_find_and_nothing_found_is_perfect() -> None:
    found = metrics.agreement({"a": "1", "b": "2"}, {"a": "x", "b": "y"})
    assert (found.precision, found.recall, found.f1) == (1.0, 1.0, 1.0)


def test_a_row_that_the_truth_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="1 rows"):
        metrics.agreement({"a": "1"}, {"a": "x", "stranger": "x"})


_GROUPINGS = st.integers(0, 12).flatmap(
    lambda count: st.tuples(*(st.lists(st.sampled_from("123"), min_size=count, max_size=count) for _ in range(2)))
)


@given(_GROUPINGS)
def test_counting_by_cells_is_counting_pair_by_pair(groupings: tuple[list[str], list[str]]) -> None:
    truth, clusters = ({str(row): group for row, group in enumerate(groups)} for groups in groupings)
    counted = metrics.agreement(truth, clusters)
    pairs = list(combinations(truth, 2))
    together = {pair for pair in pairs if clusters[pair[0]] == clusters[pair[1]]}
    true = {pair for pair in pairs if truth[pair[0]] == truth[pair[1]]}
    assert (counted.found, counted.true, counted.both) == (len(together), len(true), len(together & true))


def test_each_probability_falls_into_its_band() -> None:
    truth = {"a": "1", "b": "1", "c": "2"}
    pairs = [("a", "b", 1.0), ("a", "c", 0.99), ("b", "c", 0.5), ("a", "b", 0.55), ("a", "b", 0.4999)]
    bands = metrics.reliability(truth, pairs)
    assert [(band.low, band.high, band.pairs, band.true) for band in bands] == [
        (0.5, 0.75, 2, 1),
        (0.99, 0.999, 1, 0),
        (0.999, 1.0, 1, 1),
    ]
    assert [band.promised for band in bands] == pytest.approx([0.525, 0.99, 1.0])
    assert [band.share for band in bands] == [0.5, 0.0, 1.0]
