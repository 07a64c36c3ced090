"""Reviewing a saved plan: its changes one after the other, what is decided of each, and what an edit makes of one.

Whoever wrote a value does not approve it, where the schema wants a review: that is the plan's maker, or who edited the
change since. Decisions are on disk when a call returns (store.reviews); who goes on later begins where it ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from custrec.errors import OwnPlan, RecordInvalid, RowUnknown, SchemaMoved, UsageError
from custrec.jobs.drafting import Draft
from custrec.jobs.edits.changing import Changed, Changing, StoredBatch, originals
from custrec.jobs.edits.naming import key_named, name_fields
from custrec.jobs.edits.record_text import RecordText, row_text
from custrec.jobs.edits.written_values import in_words, unique_sets
from custrec.jobs.previews import both_sides
from custrec.jobs.review_standing import needs_review, refuse_whole
from custrec.model.plan import Op, State
from custrec.model.problem import Fault
from custrec.model.review import Person, Tally, Verdict
from custrec.store.database import Store
from custrec.store.plan_file import PlanFile
from custrec.store.planned_rows import BEGINNING, Place, PlannedRow, PlannedRows
from custrec.store.reviews import Decision, Review, Saying, held
from custrec.store.sampling import beside_live, readable_values


@dataclass(frozen=True)
class ShownChange:
    """One change as a person reads it: what kind it is, which record, and of each field that matters before and after;
    what was said of it, and of a conflict the fields that moved and by which event."""

    row: PlannedRow
    what: str
    title: str
    cells: tuple[tuple[str, Any, Any], ...]
    saying: Saying | None


@contextmanager
def reviewing(store: Store, path: Path, by: Draft, person: Person, clock: Callable[[], str]) -> Iterator[Reviewing]:
    """Hold a saved plan and review it; `clock` tells the time of each decision.

    Raises PlanUnknown, PlanDamaged, PlanBusy, SchemaMoved.
    """
    file = PlanFile.open(path, store.schema_at)
    try:
        refuse_whole(file.plan)
        with held(path, person.actor):
            review = Review.of(file)
            try:
                if file.plan.schema_version != store.schema_version:
                    raise SchemaMoved(plan=file.plan.id)
                file.see(store.path)
                yield Reviewing(store, file, review, by, person, clock)
            finally:
                review.close()
    finally:
        file.close()


class Reviewing:
    """A plan in the hands of one reviewer."""

    def __init__(
        self, store: Store, file: PlanFile, review: Review, by: Draft, person: Person, clock: Callable[[], str]
    ) -> None:
        self.store, self.file, self.review, self.by, self.person = store, file, review, by, person
        self.clock = clock
        self.plan = file.plan
        self.required = needs_review(store, file, self.plan)
        self.rows = PlannedRows(file, review, self.required)

    # --- looking --------------------------------------------------------------------------------------------------

    def tally(self) -> Tally:
        """How far it is."""
        return self.rows.tally()

    def next_open(self, place: Place = BEGINNING) -> PlannedRow | None:
        """The next change that is open."""
        return self.rows.after(place, only_open=True)

    def shown(self, row: PlannedRow) -> ShownChange:
        """A change as a person reads it, with what was edited. Raises CurrencyUnreadable."""
        saying = self.review.saying(row.table.id, row.place.seq, row.asked_as)
        change = beside_live(self.store, row.table, row.op, row.record, self.values(row))
        before, after = both_sides(self.store, row.table, change)
        names = [f.name for f in row.table.fields]
        blank = (None,) * (1 + len(names))
        pairs = zip(names, (before or blank)[1:], (after or blank)[1:], strict=True)
        cells: list[tuple[str, Any, Any]] = [one for one in pairs if one[1] != one[2]]
        if change.states:
            was, will = (state.name.lower() for state in change.states)
            cells.insert(0, ("_state", was, will))
        what = {Op.INSERT: "new", Op.UPDATE: "change", Op.DELETE: "removal"}[row.op]
        return ShownChange(row, what, self._title(row, after or before), tuple(cells), saying)

    def record_text(self, row: PlannedRow) -> RecordText:
        """What a change would make of a record as a text to be edited. Raises UsageError."""
        self._refuse_to_edit(row)
        return row_text(self.store, row.table, self._batch(row), self.shown(row).title)

    def found(self, name: str) -> PlannedRow:
        """The change that a person means by a key, a number (#12, contacts#12) or a line (line:7).

        Raises RowUnknown, UsageError where it may be several.
        """
        places: list[Place] = []
        for table in self.file.schema.tables:
            for condition, params in self._conditions(table, name):
                places += self.rows.find(table, condition, params)
        places = list(dict.fromkeys(places))
        if len(places) > 1:
            raise UsageError(what=f"{name} may be several changes of this plan", hint="name it as #12 or as line:7")
        if not places:
            raise RowUnknown(plan=self.plan.id, name=name)
        return self.rows.at(places[0])

    # --- deciding -------------------------------------------------------------------------------------------------

    def approve(self, row: PlannedRow) -> None:
        """Approve a change. Raises OwnPlan where it needs another person."""
        self._decide([self.approval(row)])

    def approval(self, row: PlannedRow) -> Decision:
        """The decision that approves a change. Raises OwnPlan."""
        saying = self.review.saying(row.table.id, row.place.seq, row.asked_as)
        author = saying.editor if saying and saying.editor else self.maker
        self._refuse_own(author)
        return _about(row, Verdict.APPROVE)

    def decision(self, row: PlannedRow, word: Verdict) -> Decision:
        """The decision that approves or rejects a change. Raises OwnPlan."""
        return self.approval(row) if word is Verdict.APPROVE else _about(row, word)

    def reject(self, row: PlannedRow) -> None:
        """Reject a change."""
        self._decide([_about(row, Verdict.REJECT)])

    def approve_rest(self, like: PlannedRow | None = None) -> None:
        """Approve all that nobody has decided on: `like` one, of the same table and operation, or all but conflicts.

        Raises OwnPlan where it needs another person.
        """
        about = (like.table.id, like.asked_as) if like else (None, None)
        decisions = []
        for tbl, seq in self.rows.edited() if self.required else ():
            table = next(table for table in self.file.schema.tables if table.id == tbl)
            for place in self.rows.find(table, "c.seq = ?", (seq,)):
                row = self.rows.at(place)
                saying = self.review.saying(tbl, seq, row.asked_as)
                mine = saying is None or saying.editor is None or saying.editor.is_same(self.person)
                if not mine and about in ((None, None), (tbl, row.asked_as)):
                    decisions.append(_about(row, Verdict.APPROVE))
        if not (self.required and self.maker.is_same(self.person)):
            decisions.append(Decision(Verdict.APPROVE, about[0], None, about[1]))
        elif not decisions:
            self._refuse_own(self.maker)
        self._decide(decisions)

    def reject_rest(self) -> None:
        """Reject all that nobody has decided on."""
        self._decide([Decision(Verdict.REJECT)])

    def edit(self, row: PlannedRow, texts: Mapping[str, str]) -> bool:
        """Give fields of a change other values; whether any became another. Raises RecordInvalid, UsageError."""
        decision = self.edition(row, texts)
        self._decide([decision] if decision else [])
        return decision is not None

    def edition(self, row: PlannedRow, texts: Mapping[str, str]) -> Decision | None:
        """The decision that edits a change, judged as any edit is; None where nothing becomes another value."""
        self._refuse_to_edit(row)
        table, batch = row.table, self._batch(row)
        changing = Changing(self.store, table, list(texts), self.by)
        meant, changes = changing.judge(batch, {name: [text] for name, text in texts.items()}, Changed())
        names = changes.get(0, [])
        wrong = list(meant.faults.get(0, ()))
        after = {f.name: column[0] for f, column in zip(table.fields, changing.after(batch, meant), strict=True)}
        for fields in () if wrong else unique_sets(table):
            values = tuple(after[name] for name in fields)
            if not {*fields}.isdisjoint(names) and None not in values and self.rows.clashes(row, fields, values):
                wrong.append((";".join(fields), Fault("not-unique")))
        if wrong:
            details = tuple(dict.fromkeys(in_words(*one) for one in wrong))
            raise RecordInvalid(count=len(details), what="the edited change", table=table.name, details=details)
        if not names:
            return None
        saying = self.review.saying(table.id, row.place.seq, row.asked_as)
        values_ = {**((saying.values if saying else None) or {}), **{name: after[name] for name in names}}
        kept = {n: t for n, t in ((saying.originals if saying else None) or {}).items() if n not in names}
        said = {"values": values_, "originals": kept | originals(meant, 0, names)}
        return replace(_about(row, Verdict.EDIT), said=json.dumps(said, ensure_ascii=False))

    def decide(self, decisions: list[Decision]) -> None:
        """Write several decisions down at once."""
        self._decide(decisions)

    @property
    def maker(self) -> Person:
        """Who made the plan."""
        return Person(self.plan.actor, self.plan.uid)

    def _decide(self, decisions: list[Decision]) -> None:
        if decisions:
            self.review.decide(decisions, self.person, self.clock())

    def _refuse_own(self, author: Person) -> None:
        if self.required and author.is_same(self.person):
            raise OwnPlan(actor=self.person.name, maker=author.name, plan=self.plan.id)

    def _refuse_to_edit(self, row: PlannedRow) -> None:
        if row.row is None:
            raise UsageError(what="this change removes a record: there is nothing to edit", hint="approve or reject it")
        if row.row[0] != State.ACTIVE:
            raise UsageError(what="this record is put aside: there is nothing to edit", hint="approve or reject it")

    def values(self, row: PlannedRow) -> tuple[Any, ...] | None:
        """The state and stored values of a change, as they are after edits."""
        saying = self.review.saying(row.table.id, row.place.seq, row.asked_as)
        if row.row is None or saying is None or not saying.values:
            return row.row
        names = [f.name for f in row.table.fields]
        return row.row[:1] + tuple(
            saying.values.get(name, value) for name, value in zip(names, row.row[1:], strict=True)
        )

    def _batch(self, row: PlannedRow) -> StoredBatch:
        values = self.values(row)
        assert values is not None
        places = {f.name: place for place, f in enumerate(row.table.fields, 1)}
        readable = readable_values(self.store, row.table, values[1:])
        parents = [values[places[name]] for name in row.table.references]
        record = row.record if row.op == Op.UPDATE else 0
        return StoredBatch(self.store, row.table, [(record, 0, values[0], *readable, *parents)])

    def _title(self, row: PlannedRow, values: tuple[Any, ...] | None) -> str:
        names = [f.name for f in row.table.fields]
        wanted = dict.fromkeys([*row.table.primary_key, *name_fields(row.table)])
        told = dict(zip(names, (values or ())[1:], strict=False))
        where = f" (line {row.line})" if row.line else ""
        number = "" if row.op == Op.INSERT else f" #{row.record}"
        return "  ".join(
            [f"{row.table.name}{number}{where}", *(str(told[n]) for n in wanted if told.get(n) is not None)]
        )

    def _conditions(self, table: Any, name: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
        head, sign, tail = name.rpartition("#")
        if sign and tail.isdigit() and head in ("", table.name):
            yield f"c.record = ? AND c.op <> {Op.INSERT:d}", (int(tail),)
        elif name.startswith("line:") and name[5:].isdigit():
            yield "r._line = ?", (int(name[5:]),)
        elif key := key_named(self.store, table, name) if table.primary_key else []:
            from custrec.store.planned_rows import holds

            yield holds(table.primary_key), (*key, *key)


def _about(row: PlannedRow, word: Verdict) -> Decision:
    return Decision(word, row.table.id, row.place.seq, row.asked_as)
