"""jobs.workers: processes that share the work, and what becomes of it when they cannot."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from custrec.errors import WorkerDied
from custrec.errors.bugs import WorkerBug
from custrec.jobs.workers import NOBODY, Helpers

HELPER = "custrec.jobs.duplicates.newcomers_worker"


def slowly(piece: int) -> int:
    """This process takes so long that whoever helps has a piece, too."""
    time.sleep(0.2)
    return piece * 2


@pytest.fixture
def helpers() -> Iterator[Helpers]:
    with Helpers(HELPER, 1) as made:
        yield made


def test_where_nobody_helps_all_pieces_are_done_here_in_their_order() -> None:
    assert NOBODY.made_of_each(lambda piece: piece * 2, [3, 1, 2]) == [6, 2, 4]


def test_helpers_that_are_not_started_do_nothing(helpers: Helpers) -> None:
    helpers.assign("whatever")
    assert helpers.made_of_each(lambda piece: piece, "abc") == ["a", "b", "c"]


def test_a_helper_that_dies_is_said_to_have_died() -> None:
    with Helpers("custrec.no_such_module", 1) as helpers:
        helpers.start()
        with pytest.raises(WorkerDied, match="worker 1"):
            helpers.made_of_each(slowly, range(20))


def test_a_bug_that_a_helper_meets_is_raised_here(helpers: Helpers) -> None:
    helpers.start()
    helpers.assign("no assignment at all")
    with pytest.raises(WorkerBug, match="AttributeError"):
        helpers.made_of_each(slowly, range(50))
