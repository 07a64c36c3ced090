"""What is asked of rows before they are taken: does one bring back what was erased; and of those that would be new
records, is it likely there already?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from custrec.jobs.importing.suspected import Suspecting
from custrec.jobs.returning import RULES, Recognising
from custrec.model.problem import Fault
from custrec.store.changing_rows import ChangingRows
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

    def __call__(self, newcomers: Newcomers, changing: ChangingRows | None) -> Iterator[tuple[int, int, list[object]]]:
        """The rows that are refused; those that are taken and doubted are noted in the plan."""
        if self.erased is not None:
            yield from self._known(newcomers, self.erased(newcomers), self.erased.refuses)
            if changing:
                yield from self._known(changing, self.erased.brought_back(changing), self.erased.refuses)
        if self.likely is not None:
            yield from self.likely(newcomers)

    def _known(
        self, rows: Newcomers | ChangingRows, found: Sequence[tuple[int, Fault]], refused: bool
    ) -> Iterator[tuple[int, int, list[object]]]:
        """Rows with what is known of them, if they are `refused`; else they are noted."""
        lines = rows.lines([seq for seq, _ in found])
        if refused:
            for seq, fault in found:
                yield seq, lines[seq], [None, fault.rule, dict(fault.params)]
            return
        for rule in RULES:
            said = ((seq, lines[seq], fault.params["by"]) for seq, fault in found if fault.rule == rule)
            suspect(self.file, rule, ("by",), said)
