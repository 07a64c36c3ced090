"""What a file's rows would do to the live records: the set-wise half of an import.

The parts hold good rows (values by field, references still as the parent's key text) and refused ones. In four steps,
each a few SQL statements whatever the number of rows: parents are looked up, rows that share a key inside the file are
settled, unique fields are checked, and what is left is compared with the live records (store.row_changes). It writes
into the plan's file only; live records are read through an attached read-only connection.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from custrec.model.digest import SEPARATOR
from custrec.model.plan import State
from custrec.model.schema import ForeignKey, Table
from custrec.store.before_merging import note_rows_before_merging
from custrec.store.canonical import joined, row_text, same_key, value_text
from custrec.store.changing_rows import ChangingRows
from custrec.store.closed import Closed
from custrec.store.dropped_rows import DroppedRows, Refused
from custrec.store.equal_rows import content_hash, drop_equal_rows
from custrec.store.existence import any_row
from custrec.store.layout import column_type
from custrec.store.money_apart import parted
from custrec.store.moving import recall
from custrec.store.newcomers import Newcomers, staged
from custrec.store.old_keys import follow_merged
from custrec.store.plan_file import CHUNK_BITS, PlanFile
from custrec.store.plan_parts import Segment
from custrec.store.quoting import quote
from custrec.store.row_changes import RowChanges
from custrec.store.verdicts import standing_for

NAMED_LINES = 5
"""How many other lines a conflict names."""


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


Doubted = Callable[[Newcomers, ChangingRows | None], Iterable[Refused]]
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
    file.see(store)
    db.create_function("_hash", 1, content_hash, deterministic=True)
    step = _Reconciliation(file, table, segments, policy, "r._original" if thin else "NULL")
    db.execute("BEGIN")
    step.run(doubted)
    db.execute("COMMIT")
    step.dropped.forget()
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
        self.dropped = DroppedRows(file)
        self.closed = Closed(self.db, file.schema, table)
        self.outcome = Outcome()

    def run(self, doubted: Doubted | None) -> None:
        for reference in self.table.foreign_keys:
            self._find_parents(reference)
        if self.table.primary_key:
            followed = follow_merged(self.db, self.table, self.parts)
            self.outcome.superseded += followed.superseded
            self.outcome.same += followed.same
            self._settle_keys()
        else:
            note_rows_before_merging(self.db, self.table)
        for field in self.table.fields:
            if field.unique and (field.name,) != self.table.primary_key:
                self._settle_unique(field.name)
        self.vacant = not any_row(self.db, f"SELECT 1 FROM {self.live}")
        self._refuse_incomplete()
        by_key = bool(self.table.primary_key and not self.vacant)
        if by_key:
            self._refuse_money_apart()
        elif not self.vacant:
            equal = drop_equal_rows(self.db, self.table, self.parts)
            self.outcome.same = equal.same
            self.dropped.refuse((seq, line, [None, "in-trash", {}]) for seq, line in equal.trashed)
        if not by_key:
            self.dropped.refuse(self.closed.rows_below())
        if doubted is not None:
            self.dropped.refuse(doubted(self._newcomers(by_key), self._changing() if by_key else None))
        changes = RowChanges(self.file, self.table, self.dropped)
        if by_key:
            found = changes.by_key(self.segments, self.closed, self.policy.on_existing)
            self.outcome.insert, self.outcome.update = found
        else:
            self.outcome.insert = changes.all_new(self.segments)
        self._count_same()
        self.closed.drop()
        self.db.execute("DROP TABLE IF EXISTS temp.before_merging")
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
            self.dropped.refuse(
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
        if any_row(self.db, "SELECT 1 FROM temp.shared"):
            content = f"_hash({row_text(self.table, 'r', self.digest)})"
            members = " UNION ALL ".join(
                [
                    f"SELECT {key} AS k, r._line AS line, r._seq, {content} AS content FROM {part}.rows r"
                    for part in self.parts
                ]
                + [f"SELECT key, line, NULL, NULL FROM {part}.reject WHERE key IS NOT NULL" for part in self.parts]
            )
            ordered = self.db.execute(f"SELECT m.* FROM ({members}) m JOIN temp.shared USING (k) ORDER BY k, line")
            self.dropped.refuse(self._settle_groups(ordered))
        self.db.execute("DROP TABLE temp.shared")

    def _settle_groups(self, ordered: Iterator[tuple[str, int, int | None, bytes | None]]) -> Iterator[Refused]:
        field = ";".join(self.table.primary_key)
        for _, group in groupby(ordered, key=lambda row: row[0]):
            members = list(group)
            winner = {"first": members[0], "last": members[-1]}.get(self.policy.in_file)
            good = [(line, seq) for _, line, seq, _ in members if seq is not None]
            contents = {content for *_, content in members}
            if len(contents) == 1 and None not in contents:
                self.outcome.collapsed += len(good) - 1
                self.dropped.pass_over(seq for _, seq in good[1:])
            elif winner is not None and winner[2] is not None:
                self.outcome.superseded += len(good) - 1
                self.dropped.pass_over(seq for _, seq in good if seq != winner[2])
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
        mine = row_text(self.table, "r")
        own = own or (
            f"{row_text(self.table, 'l')} <> {mine} AND _hash({mine}) NOT IN (SELECT h FROM temp.before_merging)"
        )
        taken: list[Refused] = []
        clash = self.db.execute(
            f"SELECT seq, line FROM ({rows}) WHERE v IN (SELECT v FROM ({rows}) GROUP BY v HAVING count(*) > 1)"
        )
        taken += [(seq, line, [name, "not-unique", {}]) for seq, line in clash]
        for part in self.parts:
            found = self.db.execute(
                f"SELECT r._seq, r._line FROM {part}.rows r JOIN {self.live} l ON l.{column} = r.{column} WHERE {own}"
            )
            taken += [(seq, line, [name, "not-unique", {}]) for seq, line in found]
        self.dropped.refuse(taken)

    def _refuse_incomplete(self) -> None:
        """A row without a required value may change a record that is there, but not make one."""
        on = same_key(self.table, "l", "r")
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
        on = same_key(self.table, "l", "r")
        for amount, currency, apart in parted(self.file.schema, self.table, self.policy.on_existing):
            name, parameters = f"{amount.name};{currency}", {"amount": amount.name, "currency": currency}
            for part in self.parts:
                found = self.db.execute(
                    f"SELECT r._seq, r._line FROM {part}.rows r JOIN {self.live} l ON {on} WHERE {apart}"
                ).fetchall()
                self.dropped.refuse((seq, line, [name, "money-apart", parameters]) for seq, line in found)

    def _count_same(self) -> None:
        staged = sum(s.rows for s in self.segments)
        unchanged = staged - self.dropped.count() - self.outcome.insert - self.outcome.update
        if self.policy.on_existing in ("skip", "fail") and self.table.primary_key:
            self.outcome.existing = unchanged
        else:
            self.outcome.same += unchanged


def _key_text(table: Table, alias: str) -> str:
    return joined(
        [value_text(table, table.by_name[k], alias) for k in table.primary_key], f"|| char({ord(SEPARATOR)}) ||"
    )


def _others(lines: Sequence[int], line: int) -> str:
    others = [n for n in lines if n != line]
    shown = ", ".join(str(n) for n in others[:NAMED_LINES])
    return shown + (f" and {len(others) - NAMED_LINES} more" if len(others) > NAMED_LINES else "")
