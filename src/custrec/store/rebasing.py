"""A saved plan made again against today's records, field by field; and what of it has moved.

A change is an intention: to set some fields of a record from what they were to something else. Where these fields are
as they were, it holds for the record as it is now. Where one of them is another value, it is in conflict: it is put
aside, with who changed what, and a person decides (store.reviewed). Nothing that somebody wrote meanwhile is ever
written over unasked. What is so already is left out, as the same.

    update            the fields it sets have not moved: it is made to the record as it is now; else `changed`.
                      The record was moved to the trash: `trashed`. It is gone: `gone`
    removal           the record is as it was, or gone already; else `changed`
    new record        its key was taken meanwhile: of an import an update of that record by its policy, else `taken`
    any               a unique value that another record has now: `taken`; its parent is gone: `parent`; it cannot be
                      without one of these: `dependent`
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from custrec.model.decisions import tables_of
from custrec.model.plan import Op, State
from custrec.model.schema import Table
from custrec.store.canonical import STATE_ID, readable_diff, row_text
from custrec.store.history_of import stepped_back
from custrec.store.left_out import LeavingOut, recounted, same_values
from custrec.store.place import private
from custrec.store.plan_file import PlanFile, connect_scratch
from custrec.store.plan_signing import sign
from custrec.store.quoting import quote
from custrec.store.sqlite_errors import translated


@dataclass(frozen=True)
class Moved:
    """A record that is not as a plan saw it: which fields moved, by which event (the last); `why` as above, or "" where
    the plan can be made again as it is."""

    table: str
    record: int
    fields: tuple[str, ...]
    event: int | None
    actor: str
    why: str = ""


UPDATED = "update"
GONE, TRASHED, CHANGED, TAKEN, PARENT, DEPENDENT = "gone", "trashed", "changed", "taken", "parent", "dependent"
SAME = "same"
TOLD = 10
"""So many moved records are told one by one."""
Row = Mapping[str, Any]


class Rebasing:
    """A copy of a saved plan, made again against the store as it is now.

    `moves` are the first records that moved, `moved` is how many did, `renewed` the changes (table's id, seq) that are
    no longer what somebody may have said something of.
    """

    def __init__(self, file: PlanFile, store: Path, at: str) -> None:
        self.path = file.path.with_suffix(".fresh")
        self.moves: list[Moved] = []
        self.moved = 0
        self.renewed: list[tuple[int, int]] = []
        self.same = self.skipped = 0
        self._replaced: list[tuple[int, int]] = []
        self._policy = str(file.aside.get("on_existing", ""))
        with translated(self.path):
            private(self.path)
            shutil.copyfile(file.path, self.path)
            self.file = PlanFile(self.path, file.schema, connect_scratch(self.path))
            self.plan = self.file.plan
            self.db = self.file.connection
            self.file.see(store)
            self.db.execute("BEGIN")
            newest = "SELECT id, lower(hex(digest)) FROM store._event ORDER BY id DESC LIMIT 1"
            last_event, digest = self.db.execute(newest).fetchone() or (0, "")
            self._run()
            self.plan = recounted(self.file, self.plan, same=self.same, skipped=self.skipped)
            self.plan = replace(self.plan, base=last_event, base_digest=digest, refreshed_at=at)
            self.file.save_head(self.plan)
            self.db.execute("COMMIT")

    def take_place(self, of: Path) -> None:
        """Put the copy in the plan's place; the file that was opened of it must be closed. One of the two is the
        plan, whenever this is interrupted."""
        self.file.close()
        with translated(of):
            sign(of, successor=self.path)
            self.path.replace(of)
            sign(of)

    def drop(self) -> None:
        """Close and remove the copy."""
        self.file.close()
        self.path.unlink(missing_ok=True)

    # --- the steps --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        before = self._conflicts()
        for table in tables_of(self.file.schema):
            self.db.execute(
                f"INSERT INTO change_{table.id} SELECT seq, op, record, version FROM conflict WHERE tbl = ?",
                (table.id,),
            )
            self.db.execute(f"INSERT INTO rows_{table.id} SELECT * FROM contested_{table.id}")
            self.db.execute(f"DELETE FROM contested_{table.id}")
        self.db.execute("DELETE FROM conflict")
        self.left = LeavingOut(self.file, contested=True)
        for table in tables_of(self.file.schema):
            self._make_again(table)
            if table.primary_key:
                self._meet_keys(table)
            elif self.plan.detail.get("next_ids", {}).get(str(table.id)) is not None:
                self._meet_equal_rows(table)
        for table in tables_of(self.file.schema):
            self._meet_unique_values(table)
            self._miss_parents(table)
        if self.left.add_dependents(DEPENDENT):
            self._tell_dependents()
        self.left.finish(self._replaced)
        for table in tables_of(self.file.schema):
            same = f"SELECT seq FROM conflict WHERE why = '{SAME}' AND tbl = {table.id}"
            self.db.execute(f"DELETE FROM contested_{table.id} WHERE _seq IN ({same})")
        self.db.execute("DELETE FROM conflict WHERE why = ?", (SAME,))
        after = self._conflicts()
        self.renewed += [one for one in {**before, **after} if before.get(one) != after.get(one)]

    def _tell_dependents(self) -> None:
        tables = {table.id: table for table in tables_of(self.file.schema)}
        for tbl, _, op, record, why in self.left.rows():
            if why == DEPENDENT and record is not None and op != Op.INSERT:
                self._tell(tables[tbl], record, _Record(self.db, tables[tbl], record, None, {}), DEPENDENT, ())

    def _conflicts(self) -> dict[tuple[int, int], tuple[str, int | None]]:
        found = self.db.execute("SELECT tbl, seq, why, seen FROM conflict").fetchall()
        return {(tbl, seq): (why, seen) for tbl, seq, why, seen in found}

    def _make_again(self, table: Table) -> None:
        """Changes and removals of records that have moved."""
        found = self.db.execute(
            f"SELECT c.seq, c.op, c.record, c.version FROM change_{table.id} c LEFT JOIN store.{quote(table.name)} l "
            f"ON l._id = c.record WHERE c.op <> {Op.INSERT:d} AND l._event IS NOT c.version ORDER BY c.seq"
        ).fetchall()
        for seq, op, record, version in found:
            one = _Record(self.db, table, record, version, self._row(table, seq))
            why = one.why if op != Op.DELETE else SAME if one.now is None else CHANGED if one.moved else ""
            self._tell(table, record, one, why)
            if why == SAME:
                self.same += 1
                self.left.add(table, [(seq, op, record)], SAME)
            elif why:
                self._contest(table, (seq, op, record), version, one, why)
            else:
                self.db.execute(f"UPDATE change_{table.id} SET version = ? WHERE seq = ?", (one.event, seq))
                if op == Op.UPDATE:
                    self._write(table, seq, one.made_again)
                if one.moved:
                    self.renewed.append((table.id, seq))

    def _meet_keys(self, table: Table) -> None:
        """New records whose key was taken meanwhile."""
        live = f"store.{quote(table.name)}"
        found = self.db.execute(
            f"SELECT r._seq, l._id FROM rows_{table.id} r JOIN {live} l ON {same_values(table.primary_key, 'l', 'r')} "
            f"WHERE r._seq NOT IN (SELECT seq FROM change_{table.id} WHERE op <> {Op.INSERT:d})"
        ).fetchall()
        for seq, record in found:
            row = self._row(table, seq)
            one = _Record(self.db, table, record, None, row)
            merged = self._merged(table, row, one.now or {})
            why = TAKEN if merged is None else TRASHED if one.aside else SAME if merged == one.now else ""
            if self._policy == "skip" or why == SAME:
                self.skipped, self.same = self.skipped + (why != SAME), self.same + (why == SAME)
                self._replaced.append((table.id, seq))
                self._tell(table, record, one, SAME, table.primary_key)
                self.left.add(table, [(seq, Op.INSERT, record)], SAME)
                continue
            self._tell(table, record, one, why or UPDATED, table.primary_key)
            self._replaced.append((table.id, seq))
            if why:
                self._contest(table, (seq, Op.INSERT, None), None, one, why)
                continue
            self.renewed.append((table.id, seq))
            self.db.execute(
                f"INSERT INTO change_{table.id} VALUES (?, {Op.UPDATE:d}, ?, ?) ON CONFLICT DO UPDATE SET "
                "op = excluded.op, record = excluded.record, version = excluded.version",
                (seq, record, one.event),
            )
            self._write(table, seq, merged or {})

    def _merged(self, table: Table, row: Row, now: Row) -> Row | None:
        """The record that a row of an import makes of the one with its key; None where it may not."""
        if self._policy not in ("update", "fill", "skip"):
            return None
        first, second = (row, now) if self._policy == "update" else (now, row)
        merged = {name: second[name] if first[name] is None else first[name] for name in row} | {
            "_state": now["_state"]
        }
        for one in table.fields:
            if one.currency_field:
                pair = (one.name, one.currency_field)
                if any(merged[name] != now[name] for name in pair) and any(row[name] is None for name in pair):
                    return None  # an amount and its currency are one value
        return merged

    def _meet_equal_rows(self, table: Table) -> None:
        """New rows of a table without a key that came by another way meanwhile: of an import they are the same, one for
        one; what somebody adds by hand is added once more."""
        live, since = f"store.{quote(table.name)} m", self.plan.base
        texts = f"SELECT m._id AS record, {row_text(table, 'm')} AS text FROM {live} WHERE _event > {since}"
        there: dict[str, list[int]] = {}
        for record, text in self.db.execute(texts).fetchall():
            there.setdefault(text, []).append(record)
        found = self.db.execute(f"SELECT r._seq, {row_text(table, 'r')} AS text FROM rows_{table.id} r ORDER BY r._seq")
        met = [(seq, there[text].pop()) for seq, text in found if there.get(text)] if there else []
        for seq, record in met:
            why = SAME if self._policy else ""
            self._tell(table, record, _Record(self.db, table, record, None, {}), why, ())
            if self._policy:
                self.same += 1
                self._replaced.append((table.id, seq))
                self.left.add(table, [(seq, Op.INSERT, None)], SAME)

    def _meet_unique_values(self, table: Table) -> None:
        """Keys and unique values that another record has by now."""
        sets = [table.primary_key] if table.primary_key else []
        sets += [(f.name,) for f in table.fields if f.unique and (f.name,) != table.primary_key]
        removed = f"SELECT record FROM change_{table.id} WHERE op = {Op.DELETE:d}"
        for names in sets:
            found = self.db.execute(
                f"SELECT r._seq, c.op, c.record, c.version, l._id FROM rows_{table.id} r "
                f"JOIN store.{quote(table.name)} l ON {same_values(names, 'l', 'r')} "
                f"LEFT JOIN change_{table.id} c ON c.seq = r._seq "
                f"WHERE (c.op IS NOT {Op.UPDATE:d} OR l._id <> c.record) AND l._id NOT IN ({removed})"
            ).fetchall()
            for seq, op, record, version, other in found:
                one = _Record(self.db, table, other, None, {})
                self._tell(table, other, one, TAKEN, names)
                self._replaced += [(table.id, seq)] if op is None else []
                self._contest(table, (seq, op or Op.INSERT, record), version, one, TAKEN)

    def _miss_parents(self, table: Table) -> None:
        """Records below one that is gone."""
        for key in table.foreign_keys:
            column, parent = f"r.{quote(key.field)}", self.file.schema.by_name[key.table]
            found = self.db.execute(
                f"SELECT r._seq, coalesce(c.op, {Op.INSERT:d}), c.record FROM rows_{table.id} r "
                f"LEFT JOIN change_{table.id} c ON c.seq = r._seq WHERE {column} IS NOT NULL "
                f"AND {column} NOT IN (SELECT _id FROM store.{quote(parent.name)}) AND {column} NOT IN "
                f"(SELECT record FROM change_{parent.id} WHERE op = {Op.INSERT:d} AND record IS NOT NULL)"
            ).fetchall()
            self._replaced += [(table.id, seq) for seq, *_ in found]
            self.left.add(table, found, PARENT)

    # --- rows ---------------------------------------------------------------------------------------------------------

    def _row(self, table: Table, seq: int) -> Row:
        """The after-image of a change; empty for a removal."""
        names = ["_state", *(f.name for f in table.fields)]
        found = self.db.execute(
            f"SELECT {', '.join(map(quote, names))} FROM rows_{table.id} WHERE _seq = ?", (seq,)
        ).fetchone()
        return dict(zip(names, found, strict=True)) if found else {}

    def _write(self, table: Table, seq: int, values: Row) -> None:
        sets = ", ".join(f"{quote(name)} = ?" for name in values)
        self.db.execute(f"UPDATE rows_{table.id} SET {sets}, _seal = NULL WHERE _seq = ?", (*values.values(), seq))

    def _contest(
        self, table: Table, change: tuple[int, int, int | None], version: int | None, one: _Record, why: str
    ) -> None:
        touched, moved = json.dumps(one.touched), json.dumps(one.moved)
        self.db.execute(
            "INSERT OR REPLACE INTO conflict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (table.id, *change, version, one.event, why, touched, moved, one.event),
        )
        self.left.add(table, [change], why)

    def _tell(self, table: Table, record: int, one: _Record, why: str, fields: Sequence[str] | None = None) -> None:
        self.moved += 1
        if len(self.moves) < TOLD:
            moved = tuple(one.moved if fields is None else fields)
            self.moves.append(Moved(table.name, record, moved, one.last, one.actor, why))


class _Record:
    """A record then, when a plan saw it with `version`, and now; beside what the plan would make of it."""

    def __init__(self, db: Any, table: Table, record: int, version: int | None, after: Row) -> None:
        keys = {str(STATE_ID): "_state"} | {str(f.id): f.name for f in table.fields}
        names = list(keys.values())
        found = db.execute(
            f"SELECT _event, {', '.join(map(quote, names))} FROM store.{quote(table.name)} WHERE _id = ?", (record,)
        ).fetchone()
        self.table, self.after = table, after
        self.event: int | None = found[0] if found else None
        self.now: dict[str, Any] | None = dict(zip(names, found[1:], strict=True)) if found else None
        since = db.execute(
            f"SELECT k.op, {readable_diff('k')}, k.event, e.actor FROM store._change k "
            "JOIN store._event e ON e.id = k.event WHERE k.record = ? AND k.tbl = ? AND k.event > ? ORDER BY k.n DESC",
            (record, table.id, version if version is not None else (self.event or 1) - 1),
        ).fetchall()
        self.last: int | None = since[0][2] if since else None
        self.actor: str = since[0][3] if since else ""
        then = self.now
        for op, diff, *_ in since:
            then = stepped_back(keys, op, diff, then)
        self.then = then if version is not None else self.now

    @property
    def aside(self) -> bool:
        """Whether the record was put aside: it is archived, in the trash or restricted now."""
        return self.now is not None and self.now["_state"] > State.ACTIVE

    @property
    def moved(self) -> list[str]:
        """The fields that are not what they were; all where that cannot be told."""
        if self.now is None or self.then is None:
            return list(self.after)
        return [name for name, value in self.now.items() if value != self.then[name]]

    @property
    def touched(self) -> list[str]:
        """The fields that the plan sets."""
        then = self.then or self.now or {}
        return [name for name, value in self.after.items() if name not in then or value != then[name]]

    @property
    def made_again(self) -> dict[str, Any]:
        """The record as it is now, with what the plan sets."""
        return {**(self.now or {}), **{name: self.after[name] for name in self.touched}}

    @property
    def why(self) -> str:
        """Why a change cannot be made again; SAME where it has happened already, "" where it can."""
        now, then, after = self.now, self.then, self.after
        if now is None:
            return GONE
        if then is None:
            return CHANGED
        if self.aside and "_state" not in self.touched:
            return TRASHED
        together = [[name] for name in self.touched]
        together += [[f.name, f.currency_field] for f in self.table.fields if f.currency_field]
        for names in together:
            set_ = any(name in self.touched for name in names)
            moved = any(now[name] != then[name] for name in names)
            if set_ and moved and any(now[name] != after[name] for name in names):
                return CHANGED
        return SAME if self.made_again == now else ""
