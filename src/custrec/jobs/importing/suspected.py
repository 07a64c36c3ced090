"""Rows of a file that are likely somebody known: in the store, or further up in the file (`match: on_import`).

They are taken and noted (`warn`), or refused as any bad row is (`quarantine`). The judgement is jobs.duplicates'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from custrec.jobs.progress import Progress
from custrec.jobs.workers import Helpers
from custrec.model.match import NEVER, QUARANTINE
from custrec.model.schema import Table
from custrec.store.database import Store
from custrec.store.newcomers import Newcomers
from custrec.store.pairs import sought
from custrec.store.plan_file import PlanFile
from custrec.store.suspects import suspect

if TYPE_CHECKING:
    from custrec.jobs.duplicates.newcomers import Judgement

Search = Callable[[Table, Progress], object]
"""Brings what is kept of a table's duplicates up to date, as `dedupe find` does (jobs.duplicates.finding)."""
RULE = "maybe-duplicate"
HELPER = "custrec.jobs.duplicates.newcomers_worker"
WORTH_HELP = 600_000
"""Bytes; a smaller input is judged in one process sooner than another one is there to help."""


@dataclass
class Suspecting:
    """Judges the rows of a file that would be new records, in so many threads as there are `jobs`, and with `helpers`
    (`HELPER`); `search` may keep what it finds out about the records (`Search`); `notes` are words about how that was
    done."""

    file: PlanFile
    store: Store
    table: Table
    policy: str
    progress: Progress
    jobs: int
    helpers: Helpers
    search: Search | None
    notes: list[str] = field(default_factory=list)

    def expect(self, size: int) -> None:
        """So many bytes are to be judged, or more: whoever helps may get ready."""
        if size >= WORTH_HELP and sought(self.store, self.table):
            self.helpers.start()

    def __call__(self, newcomers: Newcomers) -> Iterable[tuple[int, int, list[object]]]:
        """Note the rows that are likely somebody known; those among them that are refused. Raises NothingToCompare."""
        from custrec.jobs.duplicates.newcomers import judged

        self.progress.phase("looking for duplicates")
        with self.progress.watch("duplicates"):
            found = judged(self.store, self.table, newcomers, self.jobs, self.helpers, self._searching())
            if found.searched:
                self.notes.append("the records were searched for duplicates first, as custrec dedupe find does, once")
            if len(found.suspicions) and found.learned and self.store.last_event:
                self.notes.append("duplicates are told by this file and the store: no custrec dedupe find that holds")
            if found.unseen:
                changed = f"{found.unseen:,} records that changed since the last custrec dedupe find"
                self.notes.append(f"duplicates of {changed} are not told")
            told = self._told(found, newcomers)
            if self.policy == QUARANTINE:
                return ((seq, line, [None, RULE, {"of": of, "chance": chance}]) for seq, line, of, chance in told)
            suspect(self.file, RULE, ("of", "chance"), told)
            return ()

    def _searching(self) -> Callable[[], object] | None:
        search = self.search
        return None if search is None else lambda: search(self.table, self.progress)

    def _told(self, found: Judgement, newcomers: Newcomers) -> Iterator[tuple[int, int, str, str]]:
        """The seq and line of each row, who it likely is, and how likely."""
        from custrec.jobs.duplicates.odds import percent

        some = found.suspicions
        rows = found.seqs[some.place].tolist()
        earlier = found.seqs[some.row].tolist()  # of -1 the last row, which nobody asks for
        lines = newcomers.lines({*rows, *earlier})
        said = cache(lambda cut: percent((cut + 0.5) / 10_000))  # no more than the digits that are shown
        chances = map(said, (some.chance * 10_000).astype(int).tolist())
        columns = (some.record.tolist(), some.archived.tolist(), some.more.tolist())
        for seq, before, chance, record, archived, more in zip(rows, earlier, chances, *columns, strict=True):
            of = f"{self.table.name} #{record}" if record else f"line {lines[before]}"
            of = f"{of}, which is archived" if archived else of
            yield seq, lines[seq], f"{of}, or {more:,} more" if more else of, chance


def suspecting(
    file: PlanFile,
    store: Store,
    table: Table,
    policy: str | None,
    progress: Progress,
    jobs: int,
    helpers: Helpers,
    search: Search | None,
) -> Suspecting | None:
    """Whoever judges the rows of a file by the `policy`, or where there is none by what the schema says; None for
    never."""
    from custrec.model.match import match_of

    holds = policy or match_of(table).on_import
    return None if holds == NEVER else Suspecting(file, store, table, holds, progress, jobs, helpers, search)
