"""New records of a plan that are likely known ones: noted in its head, so that whoever adds them is told.

Only what a search has kept is asked. Where none has run, nothing is learned for the sake of one record.
"""

from __future__ import annotations

from custrec.model.schema import Table
from custrec.store import pairs
from custrec.store.database import Store
from custrec.store.newcomers import planned
from custrec.store.plan_file import PlanFile


def note_likely(store: Store, table: Table, file: PlanFile) -> None:
    """Note in the plan which of its new records are likely known ones, by number, or earlier ones of it, by their
    place from 1."""
    if not pairs.sought(store, table):
        return
    from custrec.jobs.duplicates.newcomers import judged_by_what_is_kept

    found = judged_by_what_is_kept(store, table, planned(file, table)).suspicions
    if len(found):
        columns = (found.place, found.record, found.archived, found.row, found.chance, found.more)
        likely = [
            {
                "new": place + 1,
                "_id": record or None,
                "archived": archived,
                "earlier": None if row < 0 else row + 1,
                "probability": round(chance, 4),
                "more": more,
            }
            for place, record, archived, row, chance, more in zip(*(column.tolist() for column in columns), strict=True)
        ]
        file.save_head(file.plan.with_detail(likely=likely))
