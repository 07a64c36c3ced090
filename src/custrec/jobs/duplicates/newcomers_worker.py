"""The process that helps to hold rows against records: `python -m custrec.jobs.duplicates.newcomers_worker`. It does
pieces of the work (pieces), and reads the store for itself."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import rapidfuzz.process  # noqa: F401 (loaded while there is nothing to do yet)

from custrec.jobs.duplicates.pieces import Assignment, Likely, Numbers, Piece, PieceWork
from custrec.jobs.workers import served
from custrec.store.database import open_store
from custrec.store.sqlite_errors import translated


@contextmanager
def _working(given: Assignment) -> Iterator[Callable[[Piece], Numbers | Likely]]:
    with translated(given.store), closing(open_store(given.store)) as store:
        yield PieceWork.assigned(store, given)


if __name__ == "__main__":
    sys.exit(served(_working))
