"""What the rows of a file that are left come to: new records, changes of live ones, nothing. The last step of
store.reconcile.

It fills the plan's changes of one table. Of a table with a key, a row changes the record that has its key; otherwise
every row that is left is a new record, and most of them are put down as runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from custrec.model.plan import Op, State
from custrec.model.schema import Table
from custrec.store.canonical import joined, same_key
from custrec.store.closed import Closed
from custrec.store.dropped_rows import DroppedRows, Refused
from custrec.store.plan_file import PlanFile, Run
from custrec.store.plan_parts import Segment
from custrec.store.quoting import quote

MOST_GAPS = 200
"""With more rows dropped from a segment than this, its inserts are copied instead of put down as runs."""
REFUSED = 0
"""No operation: a row that is being compared, and is to be refused."""


class RowChanges:
    """New records get their ids in file order, segment after segment. Needs the store attached as `store`."""

    def __init__(self, file: PlanFile, table: Table, dropped: DroppedRows) -> None:
        self.file = file
        self.db = file.connection
        self.table = table
        self.dropped = dropped
        self.change = f"main.change_{table.id}"
        self.rows = f"main.rows_{table.id}"
        sequence = self.db.execute("SELECT next FROM store._sequence WHERE tbl = ?", (table.id,))
        self.next_id: int = sequence.fetchone()[0]

    # --- with a key -------------------------------------------------------------------------------------------------

    def by_key(self, segments: Sequence[Segment], closed: Closed, on_existing: str) -> tuple[int, int]:
        """Compare rows with the records that have their keys; how many are inserted, and how many updated."""
        fields = [f.name for f in self.table.fields if f.name not in self.table.primary_key]
        where, merged = _merge(fields, on_existing)
        both = ", ".join(
            f"CASE WHEN l._id IS NULL THEN r.{n} ELSE {merged.get(f.name, f'l.{n}')} END"
            for f, n in ((f, quote(f.name)) for f in self.table.fields)
        )
        # Where what is there is passed over or refuses the file, so it is in the trash.
        trashed = f"l._state = {State.TRASHED:d}" if on_existing in ("update", "fill") else "FALSE"
        inserted = 0
        for s in segments:
            self._note_operations(s, trashed, where)
            self._refuse_trashed(s)
            self._refuse_closed(s, closed)
            self._write_rows(s, both)
            inserted += self._number_inserts(s)
        (updated,) = self.db.execute(f"SELECT count(*) FROM {self.change} WHERE op = {Op.UPDATE:d}").fetchone()
        return inserted, updated

    def _note_operations(self, s: Segment, trashed: str, where: str) -> None:
        self.db.execute(
            f"INSERT INTO {self.change} "
            f"SELECT r._seq, CASE WHEN l._id IS NULL THEN {Op.INSERT:d} WHEN {trashed} THEN {REFUSED} "
            f"ELSE {Op.UPDATE:d} END, l._id, l._event "
            f"FROM {s.part} r LEFT JOIN store.{quote(self.table.name)} l ON {same_key(self.table, 'l', 'r')} "
            f"WHERE r._seq BETWEEN ? AND ? AND r._seq NOT IN (SELECT seq FROM temp.dropped) "
            f"AND (l._id IS NULL OR {trashed} OR {where})",
            (s.lo, s.hi),
        )

    def _refuse_trashed(self, s: Segment) -> None:
        """Refuse the rows whose key is in the trash: neither does what was deleted change, nor does it come back."""
        found = self.db.execute(
            f"SELECT r._seq, r._line FROM {self.change} c JOIN {s.part} r ON r._seq = c.seq "
            f"WHERE c.op = {REFUSED} AND c.seq BETWEEN ? AND ?",
            (s.lo, s.hi),
        ).fetchall()
        if found:
            fault: list[object] = [";".join(self.table.primary_key), "in-trash", {}]
            self.dropped.refuse((seq, line, fault) for seq, line in found)
            self.db.execute(f"DELETE FROM {self.change} WHERE op = {REFUSED}")

    def _refuse_closed(self, s: Segment, closed: Closed) -> None:
        """Refuse the rows that would change what is restricted, or lie below it. What is archived comes back."""
        refused: list[Refused] = closed.changes(self.change, s.part, s.lo, s.hi)
        self.dropped.refuse(refused)
        self.db.executemany(f"DELETE FROM {self.change} WHERE seq = ?", ((seq,) for seq, *_ in refused))

    def _write_rows(self, s: Segment, values: str) -> None:
        """Write the rows as they will be; an archived record that changes is active again."""
        names = ", ".join(quote(f.name) for f in self.table.fields)
        self.db.execute(
            f"INSERT INTO {self.rows} (_seq, _line, _original, _seal, _state, {names}) "
            f"SELECT r._seq, r._line, r._original, CASE WHEN l._id IS NULL THEN r._seal END, "
            f"iif(l._state = {State.ARCHIVED:d}, {State.ACTIVE:d}, coalesce(l._state, r._state)), {values} "
            f"FROM {self.change} c JOIN {s.part} r ON r._seq = c.seq "
            f"LEFT JOIN store.{quote(self.table.name)} l ON l._id = c.record WHERE c.seq BETWEEN ? AND ?",
            (s.lo, s.hi),
        )

    # --- all of them new --------------------------------------------------------------------------------------------

    def all_new(self, segments: Sequence[Segment]) -> int:
        """Insert all rows that were not dropped; how many they are."""
        return sum(self._insert(s) for s in segments)

    def _insert(self, s: Segment) -> int:
        gaps = self.dropped.within(s)
        if len(gaps) > MOST_GAPS:
            return self._copy(s)
        runs, first, record = [], s.lo, self.next_id
        for gap in [*gaps, s.hi + 1]:
            if gap > first:
                runs.append(Run(s.part, first, gap - 1, record))
                record += gap - first
            first = gap + 1
        self.file.add_runs(self.table, runs)
        inserted, self.next_id = record - self.next_id, record
        return inserted

    def _copy(self, s: Segment) -> int:
        self.db.execute(
            f"INSERT INTO {self.rows} SELECT * FROM {s.part} "
            "WHERE _seq BETWEEN ? AND ? AND _seq NOT IN (SELECT seq FROM temp.dropped)",
            (s.lo, s.hi),
        )
        self.db.execute(
            f"INSERT INTO {self.change} SELECT _seq, {Op.INSERT:d}, NULL, NULL "
            f"FROM {self.rows} WHERE _seq BETWEEN ? AND ?",
            (s.lo, s.hi),
        )
        return self._number_inserts(s)

    def _number_inserts(self, s: Segment) -> int:
        """Give the new records of a segment their ids, in file order; how many they are."""
        inserted = self.db.execute(
            f"UPDATE {self.change} AS c SET record = n.record "
            f"FROM (SELECT seq, ? - 1 + row_number() OVER (ORDER BY seq) AS record FROM {self.change} "
            f"WHERE op = {Op.INSERT:d} AND seq BETWEEN ? AND ?) n WHERE c.seq = n.seq",
            (self.next_id, s.lo, s.hi),
        ).rowcount
        self.next_id += inserted
        return inserted


def _merge(fields: Sequence[str], on_existing: str) -> tuple[str, dict[str, str]]:
    """When a row `r` changes its record `l`, and the merged values: an empty cell never wipes one."""
    q = {name: quote(name) for name in fields}
    if on_existing == "update" and fields:
        changed = [f"(r.{n} IS NOT NULL AND r.{n} IS NOT l.{n})" for n in q.values()]
        return joined(changed, "OR"), {name: f"coalesce(r.{n}, l.{n})" for name, n in q.items()}
    if on_existing == "fill" and fields:
        changed = [f"(l.{n} IS NULL AND r.{n} IS NOT NULL)" for n in q.values()]
        return joined(changed, "OR"), {name: f"coalesce(l.{n}, r.{n})" for name, n in q.items()}
    return "FALSE", {}
