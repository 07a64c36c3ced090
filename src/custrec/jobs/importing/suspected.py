"""Rows of a file that are likely somebody known: in the store, or further up in the file (`match: on_import`).

They are taken and noted (`warn`), or refused as any bad row is (`quarantine`). The judgement is jobs.duplicates'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from custrec.jobs.progress import Progress
from custrec.model.match import NEVER, QUARANTINE
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.newcomers import Newcomers
from custrec.store.plan_file import PlanFile
from custrec.store.suspects import suspect

if TYPE_CHECKING:
    from custrec.jobs.duplicates.newcomers import Suspicion

RULE = "maybe-duplicate"


@dataclass
class Suspecting:
    """Judges the rows of a file that would be new records; `notes` are words about how that was done."""

    file: PlanFile
    store: Store
    table: Table
    policy: str
    progress: Progress
    notes: list[str] = field(default_factory=list)

    def __call__(self, newcomers: Newcomers) -> Iterable[tuple[int, int, list[object]]]:
        """Note the rows that are likely somebody known; those among them that are refused. Raises NothingToCompare."""
        from custrec.jobs.duplicates.newcomers import judged

        self.progress.phase("looking for duplicates")
        with self.progress.watch("duplicates"):
            found = judged(self.store, self.table, newcomers)
            if found.suspicions and found.learned and self.store.last_event:
                self.notes.append("duplicates are told by this file and the store: no custrec dedupe find that holds")
            if found.unseen:
                changed = f"{found.unseen:,} records that changed since the last custrec dedupe find"
                self.notes.append(f"duplicates of {changed} are not told")
            refused = self._faults(found.suspicions, found.seqs.tolist(), newcomers)
            if self.policy == QUARANTINE:
                return refused
            suspect(self.file, refused)
            return ()

    def _faults(
        self, suspicions: list[Suspicion], seqs: list[int], newcomers: Newcomers
    ) -> Iterator[tuple[int, int, list[object]]]:
        wanted = {seqs[place] for one in suspicions for place in (one.place, one.row) if place is not None}
        lines = newcomers.lines(wanted)
        for one in suspicions:
            of = f"line {lines[seqs[one.row]]}" if one.row is not None else f"{self.table.name} #{one.record}"
            yield seqs[one.place], lines[seqs[one.place]], [None, RULE, said_of(one, of)]


def said_of(one: Suspicion, of: str) -> dict[str, Any]:
    """The parameters of the fault: who it likely is, and how likely."""
    from custrec.jobs.duplicates.found import percent

    more = f", or {one.more:,} more" if one.more else ""
    return {"of": f"{of}{more}", "chance": percent(one.chance)}


def suspecting(file: PlanFile, store: Store, table: Table, policy: str | None, progress: Progress) -> Suspecting | None:
    """Whoever judges the rows of a file by the `policy`, or where there is none by what the schema says; None for
    never."""
    from custrec.model.match import match_of

    holds = policy or match_of(table).on_import
    return None if holds == NEVER else Suspecting(file, store, table, holds, progress)
