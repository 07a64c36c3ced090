"""What a file's rows would do to the live records: the set-wise half of an import.

The parts hold good rows (values by field, references still as the parent's key text) and refused ones. In four steps,
each a few SQL statements whatever the number of rows: parents are looked up, rows that share a key inside the file are
settled, unique fields are checked, and what is left is compared with the live records. It writes into the plan's file
only; live records are read through an attached read-only connection.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from custrec.model.digest import SEPARATOR
from custrec.model.plan import Op, State
from custrec.model.schema import ForeignKey, Table
from custrec.store.canonical import joined, row_text, value_text
from custrec.store.changing_rows import ChangingRows
from custrec.store.closed import Closed
from custrec.store.database import read_only
from custrec.store.equal_rows import content_hash, drop_equal_rows
from custrec.store.layout import column_type
from custrec.store.money_apart import parted
from custrec.store.moving import recall
from custrec.store.newcomers import Newcomers, staged
from custrec.store.old_keys import follow_merged
from custrec.store.plan_file import CHUNK_BITS, INSERT_REJECT, PlanFile, Run
from custrec.store.quoting import quote
from custrec.store.verdicts import standing_for

MOST_GAPS = 200
"""With more rows dropped from a segment than this, its inserts are copied instead of put down as runs."""
REFUSED = 0
"""No operation: a row that is being compared, and is to be refused."""
NAMED_LINES = 5
"""How many other lines a conflict names."""


@dataclass(frozen=True)
class Segment:
    """The good rows of one chunk of the source: the schema-qualified table they lie in, their seqs without gaps."""

    part: str
    lo: int
    hi: int

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.hi - self.lo + 1


@dataclass(frozen=True)
class Policy:
    """What to do with rows that meet: in the store (update, fill, skip, fail) and in the file (reject, first, last)."""

    on_existing: str = "update"
    in_file: str = "reject"


@dataclass
class Outcome:
    """What the steps found, in rows; and how many archived records come back with these, by table."""

    insert: int = 0
    update: int = 0
    same: int = 0
    existing: int = 0
    collapsed: int = 0
    superseded: int = 0
    recalled: Mapping[str, int] = dataclasses.field(default_factory=dict)


Faulty = Iterable[tuple[int, int, list[object]]]
"""Rows that are refused: seq, line, and the fault as (field, rule, parameters)."""
Doubted = Callable[[Newcomers, ChangingRows | None], Faulty]
"""Is shown the rows that would be new records and those that would change one, and says which are refused all the
same."""


def reconcile(
    file: PlanFile,
    store: Path,
    table: Table,
    segments: Sequence[Segment],
    policy: Policy,
    thin: bool = False,
    doubted: Doubted | None = None,
) -> Outcome:
    """Fill the plan's changes for one table from its parts, whose segments are given in file order.

    Of `thin` parts, which lack fields, `_original` is a digest of the whole row: they tell what is refused, no more.
    """
    db = file.connection
    db.execute("ATTACH ? AS store", (read_only(store),))
    db.create_function("_hash", 1, content_hash, deterministic=True)
    db.execute("CREATE TEMP TABLE dropped (seq INTEGER PRIMARY KEY)")
    step = _Reconciliation(file, table, segments, policy, "r._original" if thin else "NULL")
    db.execute("BEGIN")
    step.run(doubted)
    db.execute("COMMIT")
    db.execute("DROP TABLE temp.dropped")
    db.execute("DETACH store")
    return step.outcome


class _Reconciliation:
    """The steps share the plan, the table and what was dropped so far."""

    def __init__(self, file: PlanFile, table: Table, segments: Sequence[Segment], policy: Policy, digest: str) -> None:
        self.file = file
        self.digest = digest
        self.db = file.connection
        self.table = table
        self.policy = policy
        self.segments = segments
        self.parts = [f"p{n}" for n in range(len(file.parts))]
        self.live = f"store.{quote(table.name)}"
        self.closed = Closed(self.db, file.schema, table)
        self.outcome = Outcome()

    def run(self, doubted: Doubted | None) -> None:
        for reference in self.table.foreign_keys:
            self._find_parents(reference)
        if self.table.primary_key:
            self.outcome.superseded += follow_merged(self.db, self.table, self.parts)
            self._settle_keys()
        for field in self.table.fields:
            if field.unique and (field.name,) != self.table.primary_key:
                self._settle_unique(field.name)
        (next_id,) = self.db.execute("SELECT next FROM store._sequence WHERE tbl = ?", (self.table.id,)).fetchone()
        (self.vacant,) = self.db.execute(f"SELECT NOT EXISTS (SELECT 1 FROM {self.live})").fetchone()
        self._refuse_incomplete()
        by_key = bool(self.table.primary_key and not self.vacant)
        if by_key:
            self._refuse_money_apart()
        elif not self.vacant:
            equal = drop_equal_rows(self.db, self.table, self.parts)
            self.outcome.same = equal.same
            self._refuse((seq, line, [None, "in-trash", {}]) for seq, line in equal.trashed)
        if not by_key:
            self._refuse(iter(self.closed.rows_below()))
        if doubted is not None:
            self._refuse(doubted(self._newcomers(by_key), self._changing() if by_key else None))
        if by_key:
            self._compare_by_key(next_id)
        else:
            for s in self.segments:
                inserted = self._insert_segment(s, next_id)
                self.outcome.insert += inserted
                next_id += inserted
        self._count_same()
        self.closed.drop()
        self.outcome.recalled = recall(self.file).tables

    def _newcomers(self, by_key: bool) -> Newcomers:
        return staged(self.db, self.table, self.parts, self.live if by_key else None)

    def _changing(self) -> ChangingRows | None:
        if self.policy.on_existing not in ("update", "fill"):
            return None
        return ChangingRows(self.db, self.table, self.parts, self.live, self.policy.on_existing == "fill")

    # --- parents ----------------------------------------------------------------------------------------------------

    def _find_parents(self, reference: ForeignKey) -> None:
        """Replace the parent's key, a text here, by its id; a row whose parent is not there is refused.
        A merged parent stands for another one. The id of a parent in the trash becomes negative here, and its row is
        refused, too."""
        name, parent = quote(reference.field), f"store.{quote(reference.table)}"
        parents = self.file.schema.by_name[reference.table]
        kind = column_type(parents, parents.by_name[reference.target])
        for part in self.parts:
            if kind != "TEXT":  # a number among the keys would pass for an id
                self.db.execute(f"UPDATE {part}.rows SET {name} = CAST({name} AS TEXT)")
            self.db.execute(
                f"UPDATE {part}.rows AS r SET {name} = iif(s._state = {State.TRASHED:d}, -s._id, s._id) "
                f"FROM {parent} p JOIN {parent} s ON s._id = {standing_for('p')} "
                f"WHERE p.{quote(reference.target)} = CAST(r.{name} AS {kind}) AND typeof(r.{name}) = 'text'"
            )
            lost = self.db.execute(
                f"SELECT _seq, _line, typeof({name}) FROM {part}.rows WHERE typeof({name}) = 'text' OR {name} < 0"
            ).fetchall()
            said = {"table": reference.table, "field": reference.target}
            self._refuse(
                (seq, line, [reference.field, "no-parent" if kind == "text" else "parent-in-trash", said])
                for seq, line, kind in lost
            )
        self.closed.note_below(reference, self.parts)

    # --- inside the file --------------------------------------------------------------------------------------------

    def _settle_keys(self) -> None:
        """Identical rows collapse; rows with one key and other values are refused, or the first or last stands."""
        key = _key_text(self.table, "r")
        everywhere = " UNION ALL ".join(
            [f"SELECT {key} AS k FROM {part}.rows r" for part in self.parts]
            + [f"SELECT key FROM {part}.reject WHERE key IS NOT NULL" for part in self.parts]
        )
        self.db.execute("CREATE TEMP TABLE shared (k TEXT PRIMARY KEY) WITHOUT ROWID")
        self.db.execute(f"INSERT INTO temp.shared SELECT k FROM ({everywhere}) GROUP BY k HAVING count(*) > 1")
        if self.db.execute("SELECT EXISTS (SELECT 1 FROM temp.shared)").fetchone() == (1,):
            content = f"_hash({row_text(self.table, 'r', self.digest)})"
            members = " UNION ALL ".join(
                [
                    f"SELECT {key} AS k, r._line AS line, r._seq, {content} AS content FROM {part}.rows r"
                    for part in self.parts
                ]
                + [f"SELECT key, line, NULL, NULL FROM {part}.reject WHERE key IS NOT NULL" for part in self.parts]
            )
            ordered = self.db.execute(f"SELECT m.* FROM ({members}) m JOIN temp.shared USING (k) ORDER BY k, line")
            self._refuse(self._settle_groups(ordered))
        self.db.execute("DROP TABLE temp.shared")

    def _settle_groups(
        self, ordered: Iterator[tuple[str, int, int | None, bytes | None]]
    ) -> Iterator[tuple[int, int, list[object]]]:
        field = ";".join(self.table.primary_key)
        for _, group in groupby(ordered, key=lambda row: row[0]):
            members = list(group)
            winner = {"first": members[0], "last": members[-1]}.get(self.policy.in_file)
            good = [(line, seq) for _, line, seq, _ in members if seq is not None]
            contents = {content for *_, content in members}
            if len(contents) == 1 and None not in contents:
                self.outcome.collapsed += len(good) - 1
                self._drop(seq for _, seq in good[1:])
            elif winner is not None and winner[2] is not None:
                self.outcome.superseded += len(good) - 1
                self._drop(seq for _, seq in good if seq != winner[2])
            else:
                lines = [line for _, line, _, _ in members]
                for line, seq in good:
                    yield seq, line, [field, "same-key", {"lines": _others(lines, line)}]

    def _settle_unique(self, name: str) -> None:
        """A unique field may stand once in the file, and not with another live record."""
        column = quote(name)
        rows = " UNION ALL ".join(
            f"SELECT {column} AS v, _line AS line, _seq AS seq FROM {part}.rows WHERE {column} IS NOT NULL "
            "AND _seq NOT IN (SELECT seq FROM temp.dropped)"
            for part in self.parts
        )
        own = " OR ".join(f"l.{quote(k)} IS NOT r.{quote(k)}" for k in self.table.primary_key)
        own = own or f"{row_text(self.table, 'l')} <> {row_text(self.table, 'r')}"
        taken: list[tuple[int, int, list[object]]] = []
        clash = self.db.execute(
            f"SELECT seq, line FROM ({rows}) WHERE v IN (SELECT v FROM ({rows}) GROUP BY v HAVING count(*) > 1)"
        )
        taken += [(seq, line, [name, "not-unique", {}]) for seq, line in clash]
        for part in self.parts:
            found = self.db.execute(
                f"SELECT r._seq, r._line FROM {part}.rows r JOIN {self.live} l ON l.{column} = r.{column} WHERE {own}"
            )
            taken += [(seq, line, [name, "not-unique", {}]) for seq, line in found]
        self._refuse(iter(taken))

    def _drop(self, seqs: Iterator[int]) -> None:
        self.db.executemany("INSERT OR IGNORE INTO temp.dropped VALUES (?)", [(seq,) for seq in seqs])

    def _refuse(self, faults: Faulty) -> None:
        """Refuse good rows after all; their cells are read again from the source when the rejects are written."""
        for seq, line, fault in faults:
            fresh = self.db.execute("INSERT OR IGNORE INTO temp.dropped VALUES (?)", (seq,)).rowcount
            if fresh:
                self.db.execute(
                    INSERT_REJECT.replace("reject", "main.reject"),
                    (line, seq >> CHUNK_BITS, None, json.dumps([fault]), None),
                )

    def _refuse_incomplete(self) -> None:
        """A row without a required value may change a record that is there, but not make one."""
        on = " AND ".join(f"l.{quote(k)} = r.{quote(k)}" for k in self.table.primary_key)
        known = f"SELECT 1 FROM {self.live} l WHERE {on}" if on and not self.vacant else "SELECT 1 WHERE FALSE"
        for part in self.parts:
            source = (
                f"FROM {part}.doubtful d JOIN {part}.rows r ON r._seq = d.seq WHERE NOT EXISTS ({known}) "
                "AND d.seq NOT IN (SELECT seq FROM temp.dropped)"
            )
            self.db.execute(
                f"INSERT INTO main.reject SELECT r._line, d.seq >> {CHUNK_BITS}, d.cells, d.faults, NULL {source}"
            )
            self.db.execute(f"INSERT INTO temp.dropped SELECT d.seq {source}")

    def _refuse_money_apart(self) -> None:
        """A row may not change an amount without its currency, or a currency without its amount."""
        on = " AND ".join(f"l.{quote(k)} = r.{quote(k)}" for k in self.table.primary_key)
        for amount, currency, apart in parted(self.file.schema, self.table, self.policy.on_existing):
            name, parameters = f"{amount.name};{currency}", {"amount": amount.name, "currency": currency}
            for part in self.parts:
                found = self.db.execute(
                    f"SELECT r._seq, r._line FROM {part}.rows r JOIN {self.live} l ON {on} WHERE {apart}"
                ).fetchall()
                self._refuse((seq, line, [name, "money-apart", parameters]) for seq, line in found)

    # --- against the store ------------------------------------------------------------------------------------------

    def _compare_by_key(self, next_id: int) -> None:
        fields = [f.name for f in self.table.fields if f.name not in self.table.primary_key]
        where, merged = _merge(fields, self.policy.on_existing)
        on = " AND ".join(f"l.{quote(k)} = r.{quote(k)}" for k in self.table.primary_key)
        change, names = f"main.change_{self.table.id}", ", ".join(quote(f.name) for f in self.table.fields)
        both = ", ".join(
            f"CASE WHEN l._id IS NULL THEN r.{n} ELSE {merged.get(f.name, f'l.{n}')} END"
            for f, n in ((f, quote(f.name)) for f in self.table.fields)
        )
        # Where what is there is passed over or refuses the file, so it is in the trash.
        trashed = f"l._state = {State.TRASHED:d}" if self.policy.on_existing in ("update", "fill") else "FALSE"
        for s in self.segments:
            self.db.execute(
                f"INSERT INTO {change} "
                f"SELECT r._seq, CASE WHEN l._id IS NULL THEN {Op.INSERT:d} WHEN {trashed} THEN {REFUSED} "
                f"ELSE {Op.UPDATE:d} END, l._id, l._event "
                f"FROM {s.part} r LEFT JOIN {self.live} l ON {on} "
                f"WHERE r._seq BETWEEN ? AND ? AND r._seq NOT IN (SELECT seq FROM temp.dropped) "
                f"AND (l._id IS NULL OR {trashed} OR {where})",
                (s.lo, s.hi),
            )
            self._refuse_aside(s)
            self.db.execute(
                f"INSERT INTO main.rows_{self.table.id} (_seq, _line, _original, _seal, _state, {names}) "
                f"SELECT r._seq, r._line, r._original, CASE WHEN l._id IS NULL THEN r._seal END, "
                f"iif(l._state = {State.ARCHIVED:d}, {State.ACTIVE:d}, coalesce(l._state, r._state)), {both} "
                f"FROM {change} c JOIN {s.part} r ON r._seq = c.seq LEFT JOIN {self.live} l ON l._id = c.record "
                f"WHERE c.seq BETWEEN ? AND ?",
                (s.lo, s.hi),
            )
            inserted = self._number_inserts(s, next_id)
            self.outcome.insert += inserted
            next_id += inserted
        (updates,) = self.db.execute(f"SELECT count(*) FROM {change} WHERE op = {Op.UPDATE:d}").fetchone()
        self.outcome.update = updates

    def _refuse_aside(self, s: Segment) -> None:
        """Refuse the rows whose key is in the trash: neither does what was deleted change, nor does it come back. And
        those that would change what is restricted. What is archived comes back."""
        change = f"main.change_{self.table.id}"
        found = self.db.execute(
            f"SELECT r._seq, r._line FROM {change} c JOIN {s.part} r ON r._seq = c.seq "
            f"WHERE c.op = {REFUSED} AND c.seq BETWEEN ? AND ?",
            (s.lo, s.hi),
        ).fetchall()
        if found:
            fault: list[object] = [";".join(self.table.primary_key), "in-trash", {}]
            self._refuse((seq, line, fault) for seq, line in found)
            self.db.execute(f"DELETE FROM {change} WHERE op = {REFUSED}")
        closed = self.closed.changes(change, s.part, s.lo, s.hi)
        self._refuse(iter(closed))
        self.db.executemany(f"DELETE FROM {change} WHERE seq = ?", ((seq,) for seq, *_ in closed))

    def _number_inserts(self, s: Segment, next_id: int) -> int:
        """Give the new records of a segment their ids, in file order."""
        change = f"main.change_{self.table.id}"
        return self.db.execute(
            f"UPDATE {change} AS c SET record = n.record FROM (SELECT seq, ? - 1 + row_number() OVER (ORDER BY seq) "
            f"AS record FROM {change} WHERE op = {Op.INSERT:d} AND seq BETWEEN ? AND ?) n WHERE c.seq = n.seq",
            (next_id, s.lo, s.hi),
        ).rowcount

    def _insert_segment(self, s: Segment, next_id: int) -> int:
        """Insert all rows of a segment that were not dropped; returns how many."""
        gaps = [
            seq
            for (seq,) in self.db.execute(
                "SELECT seq FROM temp.dropped WHERE seq BETWEEN ? AND ? ORDER BY seq", (s.lo, s.hi)
            ).fetchall()
        ]
        if len(gaps) > MOST_GAPS:
            self.db.execute(
                f"INSERT INTO main.rows_{self.table.id} SELECT * FROM {s.part} "
                "WHERE _seq BETWEEN ? AND ? AND _seq NOT IN (SELECT seq FROM temp.dropped)",
                (s.lo, s.hi),
            )
            self.db.execute(
                f"INSERT INTO main.change_{self.table.id} SELECT _seq, {Op.INSERT:d}, NULL, NULL "
                f"FROM main.rows_{self.table.id} WHERE _seq BETWEEN ? AND ?",
                (s.lo, s.hi),
            )
            return self._number_inserts(s, next_id)
        runs, first, record = [], s.lo, next_id
        for gap in [*gaps, s.hi + 1]:
            if gap > first:
                runs.append(Run(s.part, first, gap - 1, record))
                record += gap - first
            first = gap + 1
        self.file.add_runs(self.table, runs)
        return record - next_id

    def _count_same(self) -> None:
        staged = sum(s.rows for s in self.segments)
        (dropped,) = self.db.execute("SELECT count(*) FROM temp.dropped").fetchone()
        unchanged = staged - dropped - self.outcome.insert - self.outcome.update
        if self.policy.on_existing in ("skip", "fail") and self.table.primary_key:
            self.outcome.existing = unchanged
        else:
            self.outcome.same += unchanged


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


def _key_text(table: Table, alias: str) -> str:
    return joined(
        [value_text(table, table.by_name[k], alias) for k in table.primary_key], f"|| char({ord(SEPARATOR)}) ||"
    )


def _others(lines: Sequence[int], line: int) -> str:
    others = [n for n in lines if n != line]
    shown = ", ".join(str(n) for n in others[:NAMED_LINES])
    return shown + (f" and {len(others) - NAMED_LINES} more" if len(others) > NAMED_LINES else "")
