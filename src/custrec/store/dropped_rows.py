"""Rows of a file that its plan leaves out: a part of store.reconcile.

temp.dropped holds their seqs. Whoever goes through the parts passes over what is in it; the steps that settle many rows
in one statement (store.equal_rows, store.old_keys) write into it themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from custrec.store.plan_file import CHUNK_BITS, INSERT_REJECT, PlanFile
from custrec.store.plan_parts import Segment

Refused = tuple[int, int, list[object]]
"""A row to be refused: seq, line, and the fault as (field, rule, parameters)."""


class DroppedRows:
    """What was left out so far, refused or passed over."""

    def __init__(self, file: PlanFile) -> None:
        self.db = file.connection
        self.db.execute("CREATE TEMP TABLE dropped (seq INTEGER PRIMARY KEY)")

    def pass_over(self, seqs: Iterable[int]) -> None:
        """Leave rows out without a word: others say what they say."""
        self.db.executemany("INSERT OR IGNORE INTO temp.dropped VALUES (?)", ((seq,) for seq in seqs))

    def refuse(self, rows: Iterable[Refused]) -> None:
        """Refuse good rows after all; their cells are read again from the source when the rejects are written."""
        for seq, line, fault in rows:
            fresh = self.db.execute("INSERT OR IGNORE INTO temp.dropped VALUES (?)", (seq,)).rowcount
            if fresh:
                self.db.execute(
                    INSERT_REJECT.replace("reject", "main.reject"),
                    (line, seq >> CHUNK_BITS, None, json.dumps([fault]), None),
                )

    def within(self, segment: Segment) -> list[int]:
        """The seqs of a segment that are left out, ascending."""
        found = self.db.execute(
            "SELECT seq FROM temp.dropped WHERE seq BETWEEN ? AND ? ORDER BY seq", (segment.lo, segment.hi)
        )
        return [seq for (seq,) in found.fetchall()]

    def count(self) -> int:
        """How many rows are left out."""
        return int(self.db.execute("SELECT count(*) FROM temp.dropped").fetchone()[0])

    def forget(self) -> None:
        """Forget them."""
        self.db.execute("DROP TABLE temp.dropped")
