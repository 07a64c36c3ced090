"""How every producer begins and ends a plan: an empty file, and its head with who is making it, when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from custrec.jobs.amounts import currency
from custrec.model.plan import Counts, Plan
from custrec.model.schema import Schema
from custrec.store import journal
from custrec.store.database import Store
from custrec.store.left_lists import name_or_sweep
from custrec.store.place import folder
from custrec.store.plan_file import PlanFile
from custrec.store.sqlite_errors import translated


@dataclass(frozen=True)
class Draft:
    """Who makes a plan (`uid`: the system's user), when (ISO 8601, UTC), under which id, with what note.

    `today` is the day that checks are judged by, the day of `at` where nobody says.
    """

    plan_id: str
    actor: str
    at: str
    note: str = ""
    base_event: int | None = None
    today: date | None = None
    uid: int | None = None

    @property
    def day(self) -> date:
        """The day that `today` means in a rule."""
        return self.today or date.fromisoformat(self.at[:10])

    def base(self, store: Store) -> int:
        """The event the plan builds upon: taken before the first record is read."""
        return store.last_event if self.base_event is None else self.base_event

    def head(self, store: Store, verb: str, base: int, counts: Counts, tables: Sequence[str], **more: Any) -> Plan:
        """The head of the plan; `more` are other fields of model.plan.Plan."""
        return Plan(
            id=self.plan_id,
            verb=verb,
            made_at=self.at,
            actor=self.actor,
            schema_version=store.schema_version,
            base=base,
            base_digest=journal.digest_of(store, base),
            counts=counts,
            tables=tuple(tables),
            note=self.note,
            uid=self.uid,
            **more,
        )


@contextmanager
def drafted(store: Store, by: Draft, becomes: Schema | None = None) -> Iterator[PlanFile]:
    """A plan file beside the store, to be filled; it is dropped where that fails. `becomes` is the schema that the
    store is to have, of a plan that changes it. Raises StoreUnwell, DiskFull."""
    file = PlanFile.create(folder(store.path, "plans"), by.plan_id, store.schema, becomes)
    file.connection.create_function("_currency", 1, currency, deterministic=True)
    try:
        with translated(store.path):
            name_or_sweep(store)
            yield file
    except BaseException:
        file.drop()
        raise
