"""jobs.workers: processes that share the work, and what becomes of it when they cannot."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from custrec.errors import StoreUnwell, WorkerDied
from custrec.errors.bugs import WorkerBug
from custrec.jobs.duplicates import newcomers_worker
from custrec.jobs.duplicates.pieces import Assignment, PieceWork
from custrec.jobs.workers import NOBODY, Helpers
from custrec.model.schema import Schema
from terminal import Desk

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


def test_a_single_piece_is_done_here_and_nobody_waits_for_a_helper() -> None:
    with Helpers("custrec.no_such_module", 1) as helpers:
        helpers.start()
        assert helpers.made_of_each(lambda piece: piece, ["one"]) == ["one"]


def test_a_damaged_store_is_said_to_be_damaged_whoever_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path / "desk")
    monkeypatch.setattr(PieceWork, "assigned", lambda store, _: store)
    desk.take("no,name\nC1,Ann Lee\n")
    given = Assignment(desk.store, Schema(()), "customers", {}, np.empty(0), {})
    with pytest.raises(StoreUnwell), newcomers_worker._working(given) as store:
        with desk.store.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * (desk.store.stat().st_size - 4096))
        store.reader.execute("SELECT * FROM customers").fetchall()


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
