"""Random lives of a store, in whole and in part, against a model: imports good and bad, edits, the trash and back, undo
and redo of anything.

After each step the records are what the model says and the history verifies. In the end everything is undone, the
newest event first: the store goes back through every state it ever was in, to the empty one.
"""

from __future__ import annotations

import shutil
import tempfile
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from custrec.errors import (
    NothingToUndo,
    RecordArchived,
    RecordInTrash,
    RecordInvalid,
    RecordRestricted,
    RecordUnknown,
    UndoConflict,
)
from custrec.files.plain_places import FolderSource
from custrec.jobs.plain.dumping import dump
from custrec.jobs.plain.loading import load
from custrec.model.plain import FILES
from shop_model import ACTIVE, ARCHIVED, ASIDE, BACK, BAD_NUMBER, RESTRICTED, TRASHED, Change, Model
from shops import Shop

MEMORY = Path("/dev/shm")  # noqa: S108 (each store lies in a folder of its own there)
"""Where the stores lie, if there is such a place: thousands of commits wait for no disk."""

keys = st.sampled_from(["C1", "C2", "C3", "C4"])
codes = st.sampled_from(["", "", "x", "y", "z"])
cities = st.sampled_from(["", "深圳市", "York", "Hull"])
visits = st.sampled_from(["", "0", "1", "7", BAD_NUMBER])
customer = st.tuples(keys | st.just(""), st.sampled_from(["Ann Lee", "Bo Diaz", "王芳", ""]), codes, cities, visits)
EDITS = {"name": st.sampled_from(["Ann Lee", "Cy Fox", ""]), "code": codes, "city": cities, "visits": visits}
"""What people type for a field when they edit."""
recent = st.integers(0, 5) | st.integers(0, 99)
"""Which event, counted from the newest: lives are more eventful where people mend what they did just now."""
AWAY = {ARCHIVED: RecordArchived, TRASHED: RecordInTrash, RESTRICTED: RecordRestricted}
"""The error of a record that is away."""
note = st.tuples(keys, st.sampled_from(["called", "wrote", ""]), st.sampled_from(["", "1", "5", BAD_NUMBER]))


class Life(RuleBasedStateMachine):
    """One store and its model."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.shop = Shop(self.folder / "shop")
        self.model = Model()
        self.states = [self.model.tables()]
        """What the records were after each event, from before the first."""
        self.import_customers([("C1", "Ann Lee", "x", "", ""), ("C2", "Bo Diaz", "y", "York", "1")], "update", "reject")
        self.import_notes([("C1", "called", ""), ("C2", "called", "5")])

    @rule(
        rows=st.lists(customer, min_size=1, max_size=6),
        on_existing=st.sampled_from(["update", "update", "fill", "skip"]),
        in_file=st.sampled_from(["reject", "reject", "first", "last"]),
    )
    def import_customers(self, rows: list[tuple[str, ...]], on_existing: str, in_file: str) -> None:
        expected = self.model.import_customers(rows, on_existing, in_file)
        text = "no,name,code,city,visits\n" + "".join(",".join(row) + "\n" for row in rows)
        report = self.shop.import_csv(text, on_existing=on_existing, in_file=in_file)
        assert report.plan.counts.rejected == expected.rejected
        self.happened(report, expected.changes)

    @rule(rows=st.lists(note, min_size=1, max_size=6))
    def import_notes(self, rows: list[tuple[str, ...]]) -> None:
        expected = self.model.import_notes(rows)
        text = "no,text,stars\n" + "".join(",".join(row) + "\n" for row in rows)
        report = self.shop.import_csv(text, "notes")
        assert report.plan.counts.rejected == expected.rejected
        self.happened(report, expected.changes)

    @rule(
        key=keys,
        texts=st.fixed_dictionaries({}, optional=EDITS).filter(bool),
    )
    def edit(self, key: str, texts: dict[str, str]) -> None:
        record = self.model.customer(key)
        away = record is not None and self.model.state(record) != ACTIVE
        expected = None if record is None or away else self.model.edit(record, texts)
        if record is None:
            with pytest.raises(RecordUnknown):
                self.shop.edit(key, **texts)
        elif expected is None:
            with pytest.raises(AWAY[self.model.state(record)] if away else RecordInvalid):
                self.shop.edit(key, **texts)
        else:
            self.happened(self.shop.edit(key, **texts), expected)

    @rule(which=recent, verb=st.sampled_from(list(ASIDE)))
    def put_aside(self, which: int, verb: str) -> None:
        if records := sorted(self.model.live):
            table, number = record = records[which % len(records)]
            origins, goal = ASIDE[verb]
            state = self.model.state(record)
            if state in (*origins, goal):
                self.happened(self.shop.move(verb, f"{table}#{number}"), self.model.put_aside(verb, record))
            else:
                with pytest.raises(AWAY[state]):
                    self.shop.move(verb, f"{table}#{number}")

    @rule(which=recent)
    def bring_back(self, which: int) -> None:
        away = [record for record in sorted(self.model.live) if self.model.state(record) != ACTIVE]
        if away:
            table, number = record = away[which % len(away)]
            verb = next(verb for verb, (origin, _) in BACK.items() if origin == self.model.state(record))
            expected = self.model.bring_back(verb, record)
            if expected is None:
                with pytest.raises(RecordInvalid):
                    self.shop.move(verb, f"{table}#{number}")
            else:
                self.happened(self.shop.move(verb, f"{table}#{number}"), expected)

    @rule(which=recent, partial=st.booleans())
    def undo(self, which: int, partial: bool) -> None:
        if in_force := self.undoable():
            self.reverse(in_force[-1 - which % len(in_force)], partial, self.shop.undo)
        else:
            with pytest.raises(NothingToUndo):
                self.shop.undo(partial=partial)

    @rule(which=recent, partial=st.booleans())
    def redo(self, which: int, partial: bool) -> None:
        if undone := self.undone():
            event = undone[-1 - which % len(undone)]
            undo = self.model.undone_by(event)
            assert undo is not None
            self.reverse(undo, partial, lambda _, whether: self.shop.redo(event, whether))
        else:
            with pytest.raises(NothingToUndo):
                self.shop.redo(partial=partial)

    def reverse(self, event: int, partial: bool, carry_out: Any) -> None:
        expected = self.model.reversal(event)
        if (expected.kept or expected.blocked) and not partial:
            with pytest.raises(UndoConflict) as conflict:
                carry_out(event, partial)
            found = conflict.value.params
            assert (found["reversed"], found["kept"], found["blocked"]) == (
                len(expected.changes),
                expected.kept,
                expected.blocked,
            )
            return
        report = carry_out(event, partial)
        assert (report.plan.counts.kept, report.plan.counts.blocked) == (expected.kept, expected.blocked)
        self.happened(report, expected.changes, event)

    def happened(self, report: Any, changes: list[Change], undoes: int | None = None) -> None:
        assert report.plan.counts.changes == len(changes)
        assert (report.event is None) == (not changes)
        self.model.happen(changes, undoes)
        if changes:
            assert report.event.id == len(self.model.events)
            self.states.append(self.model.tables())

    def undoable(self) -> list[int]:
        """The events in force, undos among them: to undo one of those is to redo."""
        return [n for n in range(1, len(self.model.events) + 1) if self.model.undone_by(n) is None]

    def undone(self) -> list[int]:
        """The events that could be redone."""
        return [n for n in range(1, len(self.model.events) + 1) if self.model.undone_by(n) is not None]

    @invariant()
    def the_records_are_what_the_model_says(self) -> None:
        assert self.shop.tables() == self.model.tables()

    @invariant()
    def the_history_verifies(self) -> None:
        assert self.shop.faults() == []

    @invariant()
    def no_record_id_was_given_twice(self) -> None:
        given = self.shop.ids_given()
        assert len(given) == len(set(given))

    def teardown(self) -> None:
        if not hasattr(self, "shop"):
            return
        try:
            self.undo_everything()
        finally:
            shutil.rmtree(self.folder)

    def undo_everything(self) -> None:
        for event in range(len(self.model.events), 0, -1):
            self.shop.undo(event)
            assert self.shop.tables() == self.states[event - 1]
        assert self.shop.tables() == {"customers": [], "notes": []}
        assert self.shop.faults() == []
        assert self.shop.leftovers() == []


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=50, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


class PlainLife(Life):
    """Such a life, after which the store is written as plain texts and made of them again."""

    def undo_everything(self) -> None:
        there = copy(self.shop)
        there.folder = self.folder / "there"
        there.path = there.folder / "custrec.db"
        there.folder.mkdir()
        with self.shop.session() as session:
            dump(session.store, self.folder / "plain")
        load(FolderSource(self.folder / "plain", FILES), there.path)
        assert there.tables() == self.model.tables()
        assert there.faults() == []
        with there.session() as session:
            dump(session.store, self.folder / "again")
        assert _texts(self.folder / "again") == _texts(self.folder / "plain")
        self.shop = there
        super().undo_everything()


def _texts(folder: Path) -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]


TestPlainLife = PlainLife.TestCase
TestPlainLife.settings = settings(
    max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
