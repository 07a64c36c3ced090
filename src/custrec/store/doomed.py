"""Which records a plan destroys, or takes some fields of, set-wise: the rows of that plan.

With a record goes what was merged into it, for it is the same person; and what refers to it, in any state, for it is
about that person. What people decided about it (model.decisions) goes, too. Where only fields go, the record and what
refers to it stay, and what was merged into it loses the same fields. A plan's `seq` is here the id of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from custrec.model.decisions import ABOUT_RECORDS, HOLDS, named_by
from custrec.model.plan import Op, State
from custrec.model.schema import Table
from custrec.store.plan_file import PlanFile
from custrec.store.quoting import quote
from custrec.store.states import is_merged


@dataclass
class Doomed:
    """How many records are destroyed, by table; how many decisions about them, by theirs; how many of those that were
    asked for stay, because they are part of another record that was not; and which are on hold, as (table, number)."""

    tables: dict[str, int] = field(default_factory=dict)
    decisions: dict[str, int] = field(default_factory=dict)
    merged: int = 0
    held: list[tuple[str, int]] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many in all."""
        return sum(self.tables.values())


def doom(file: PlanFile, chosen: Mapping[str, Sequence[int]], leave_held: bool = False) -> Doomed:
    """Fill a plan with the destruction of the chosen records, by table, and of all that goes with them; but those (they
    count as `merged`) of which something is on hold, if that is to be left.

    The plan's file must see the store (store.rewriting.rewriting)."""
    step = _Doom(file)
    found = Doomed(merged=step.choose(chosen))
    step.spread(children=True)
    if leave_held and step.held():
        stay = step.above_held()
        left = {name: [one for one in records if (name, one) not in stay] for name, records in chosen.items()}
        found.merged += sum(map(len, chosen.values())) - sum(map(len, left.values()))
        step.forget()
        step.choose(left)
        step.spread(children=True)
    found.held = step.held()
    for table in file.schema.tables:
        if count := step.delete(table):
            found.tables[table.name] = count
    for table in ABOUT_RECORDS:
        if count := step.delete_decisions(table):
            found.decisions[table.name] = count
    step.close()
    return found


def blank(file: PlanFile, chosen: Mapping[str, Iterable[int]], fields: Mapping[str, Iterable[str]]) -> Doomed:
    """Fill a plan with the loss of some fields (names by table) of the chosen records.

    The plan's file must see the store (store.rewriting.rewriting)."""
    step = _Doom(file)
    found = Doomed(merged=step.choose(chosen))
    step.spread(children=False)
    found.held = step.held()
    for table in file.schema.tables:
        if count := step.update(table, set(fields.get(table.name, ()))):
            found.tables[table.name] = count
    step.close()
    return found


class _Doom:
    """The steps share the set of records: temp.doomed."""

    def __init__(self, file: PlanFile) -> None:
        self.db = file.connection
        self.tables = file.schema.tables
        self.by_name = file.schema.by_name
        self.db.execute(
            "CREATE TEMP TABLE doomed (tbl INTEGER, record INTEGER, PRIMARY KEY (tbl, record)) WITHOUT ROWID"
        )

    def choose(self, chosen: Mapping[str, Iterable[int]]) -> int:
        """Begin with the chosen ones; how many of them are part of records that were not chosen."""
        for name, records in chosen.items():
            number = self.by_name[name].id
            self.db.executemany("INSERT OR IGNORE INTO temp.doomed VALUES (?, ?)", ((number, one) for one in records))
            self.db.execute(
                f"DELETE FROM temp.doomed WHERE tbl = {number} AND record NOT IN (SELECT _id FROM store.{quote(name)})"
            )
        parts = 0
        for name in chosen:
            number = self.by_name[name].id
            parts += self.db.execute(
                f"DELETE FROM temp.doomed WHERE tbl = {number} AND record IN (SELECT l._id FROM store.{quote(name)} l "
                f"WHERE {is_merged('l')} AND -l._state NOT IN "
                f"(SELECT record FROM temp.doomed WHERE tbl = {number}))"
            ).rowcount
        return parts

    def spread(self, children: bool) -> None:
        """Add what was merged into the chosen ones, and their children, until there are no more."""
        more = True
        while more:
            more = False
            for table in self.tables:
                more = self._add(table, "-l._state", table, f" AND l._state < {State.ACTIVE:d}") or more
                for key in table.foreign_keys if children else ():
                    more = self._add(table, f"l.{quote(key.field)}", self.by_name[key.table], "") or more

    def _add(self, table: Table, belongs_to: str, owner: Table, which: str) -> bool:
        return (
            self.db.execute(
                f"INSERT OR IGNORE INTO temp.doomed SELECT {table.id}, l._id FROM store.{quote(table.name)} l "
                f"WHERE {belongs_to} IN (SELECT record FROM temp.doomed WHERE tbl = {owner.id}){which}"
            ).rowcount
            > 0
        )

    def delete(self, table: Table) -> int:
        """Put the records of a table into the plan, to be deleted."""
        return self.db.execute(
            f"INSERT INTO main.change_{table.id} SELECT l._id, {Op.DELETE:d}, l._id, l._event {self._of(table)}"
        ).rowcount

    def update(self, table: Table, going: set[str]) -> int:
        """Put the records of a table into the plan, without some fields."""
        names = ", ".join(quote(f.name) for f in table.fields)
        values = ", ".join("NULL" if f.name in going else f"l.{quote(f.name)}" for f in table.fields)
        source = self._of(table)
        self.db.execute(
            f"INSERT INTO main.rows_{table.id} (_seq, _state, {names}) SELECT l._id, l._state, {values} {source}"
        )
        return self.db.execute(
            f"INSERT INTO main.change_{table.id} SELECT l._id, {Op.UPDATE:d}, l._id, l._event {source}"
        ).rowcount

    def _of(self, table: Table) -> str:
        return (
            f"FROM temp.doomed d CROSS JOIN store.{quote(table.name)} l ON l._id = d.record WHERE d.tbl = {table.id} "
            "ORDER BY d.record"
        )

    def delete_decisions(self, table: Table) -> int:
        """Put the decisions of a table about the records into the plan, to be deleted."""
        about = " OR ".join(f"(l.tbl, l.{name}) IN (SELECT tbl, record FROM temp.doomed)" for name in named_by(table))
        return self.db.execute(
            f"INSERT INTO main.change_{table.id} SELECT l._id, {Op.DELETE:d}, l._id, l._event "
            f"FROM store.{quote(table.name)} l WHERE {about} ORDER BY l._id"
        ).rowcount

    def held(self) -> list[tuple[str, int]]:
        """The records that are on hold."""
        names = {table.id: table.name for table in self.tables}
        found = self.db.execute(
            f"SELECT DISTINCT h.tbl, h.record FROM store.{quote(HOLDS.name)} h JOIN temp.doomed d ON d.tbl = h.tbl "
            "AND d.record = h.record ORDER BY 1, 2"
        ).fetchall()
        return [(names[table], record) for table, record in found]

    def above_held(self) -> set[tuple[str, int]]:
        """The doomed records that are on hold, and those that they would go with: what they refer to and what they are
        merged into, and so on."""
        stay = set(self.held())
        left = list(stay)
        while left:
            name, record = left.pop()
            table = self.by_name[name]
            columns = ", ".join(["_state", *(quote(key.field) for key in table.foreign_keys)])
            row = self.db.execute(f"SELECT {columns} FROM store.{quote(name)} WHERE _id = ?", (record,)).fetchone()
            above = [(name, -row[0])] if row[0] < 0 else []
            above += [(key.table, one) for key, one in zip(table.foreign_keys, row[1:], strict=True) if one is not None]
            left += [one for one in above if one not in stay]
            stay.update(above)
        return stay

    def forget(self) -> None:
        """Begin again."""
        self.db.execute("DELETE FROM temp.doomed")

    def close(self) -> None:
        self.db.execute("DROP TABLE temp.doomed")
