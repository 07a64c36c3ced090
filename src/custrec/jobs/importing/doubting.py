"""What is asked of rows that would be new records: was this somebody erased, and is it likely there already?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from custrec.jobs.importing.suspected import Suspecting
from custrec.jobs.returning import Recognising
from custrec.model.problem import Fault
from custrec.store.database import Store
from custrec.store.newcomers import Newcomers
from custrec.store.plan_file import PlanFile
from custrec.store.suspects import suspect


@dataclass
class Doubting:
    """Asks both, of the rows of one file."""

    file: PlanFile
    store: Store
    erased: Recognising | None
    likely: Suspecting | None

    @property
    def asks(self) -> bool:
        """Whether anything is asked."""
        return self.erased is not None or self.likely is not None

    def __call__(self, newcomers: Newcomers) -> Iterator[tuple[int, int, list[object]]]:
        """The rows that are refused; those that are taken and doubted are noted in the plan."""
        if self.erased is not None:
            found = self.erased(newcomers)
            lines = newcomers.lines([seq for seq, _ in found])
            known = [_noted(seq, lines[seq], fault) for seq, fault in found]
            if self.erased.refuses:
                yield from known
            else:
                suspect(self.file, known)
        if self.likely is not None:
            yield from self.likely(newcomers)


def _noted(seq: int, line: int, fault: Fault) -> tuple[int, int, list[object]]:
    return seq, line, [None, fault.rule, dict(fault.params)]
