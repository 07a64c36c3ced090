"""The process that stages chunks for an import: `python -m custrec.jobs.importing.staging_worker`. See staging."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from custrec.files.chunks import Chunk
from custrec.jobs.importing.staging import Assignment, Staged, Stager
from custrec.jobs.workers import served


@contextmanager
def _staging(work: Assignment) -> Iterator[Callable[[Chunk], Staged]]:
    stager = Stager(work)
    yield stager.stage
    stager.close()


if __name__ == "__main__":
    sys.exit(served(_staging))
