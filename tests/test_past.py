"""Random lives of a store, looked back on: the store as of each event is what it was right after that event, and each
value came from an import where it became what it is, and which nothing has undone since."""

from __future__ import annotations

import shutil
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant

from custrec.model.plan import Op, undone_by
from custrec.model.schema import Table
from custrec.store.as_of import opened_as_of
from custrec.store.database import Store
from custrec.store.history_of import history_of, origin, place_at
from shops import quoted
from test_stateful import Life


class Past(Life):
    """A life, of which only the end looks back."""

    @invariant()
    def the_records_are_what_the_model_says(self) -> None:
        """Another test's matter."""

    @invariant()
    def the_history_verifies(self) -> None:
        """Another test's matter."""

    def teardown(self) -> None:
        if not hasattr(self, "shop"):
            return
        try:
            with self.shop.session() as session:
                for event, then in enumerate(self.states):
                    self.the_store_as_of(session.store, event, then)
                for table in self.shop.schema.tables:
                    for record in range(1, self.model.next_id[table.name]):
                        self.the_origins_of(session.store, table, record)
        finally:
            shutil.rmtree(self.folder)

    def the_store_as_of(self, store: Store, event: int, then: dict[str, Any]) -> None:
        with opened_as_of(store, event, store.schema.tables) as past:
            for table in store.schema.tables:
                columns = ", ".join(quoted(name) for name in ("_id", "_state", *(f.name for f in table.fields)))
                found = past.reader.execute(f"SELECT {columns} FROM {quoted(table.name)} ORDER BY _id").fetchall()
                assert found == then[table.name], f"as of event {event}"

    def the_origins_of(self, store: Store, table: Table, record: int) -> None:
        steps = history_of(store, table, record)
        for event in range(len(self.states)):
            place = place_at(steps, event)
            held = self.held(table, record, event)
            assert (steps[place].values if place >= 0 else None) == held
            undone = undone_by((step.event, step.undoes) for step in steps[: place + 1])
            for name in held or {}:
                first = origin(steps, place, name)
                assert first is not None
                came = steps[first].event
                before, after = self.held(table, record, came - 1), self.held(table, record, came)
                assert after is not None
                assert after[name] == held[name]
                assert before is None or before[name] != held[name]
                # A record that was deleted may come back by another way than by redoing what undid its beginning.
                assert came not in undone or any(step.op is Op.DELETE for step in steps[:place])
                assert steps[first].undoes is None

    def held(self, table: Table, record: int, event: int) -> dict[str, Any] | None:
        """What a record held right after an event."""
        names = ["_id", "_state", *(f.name for f in table.fields)]
        rows = (dict(zip(names, row, strict=True)) for row in self.states[event][table.name] if row[0] == record)
        return next(({name: value for name, value in row.items() if name != "_id"} for row in rows), None)


TestPast = Past.TestCase
TestPast.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
