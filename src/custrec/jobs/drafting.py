"""How every producer begins a plan: an empty plan file, and who is making it, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from custrec.store.database import Store
from custrec.store.place import folder
from custrec.store.plan_file import PlanFile


@dataclass(frozen=True)
class Draft:
    """Who makes a plan, when (ISO 8601, UTC), under which id, with what note.

    `today` is the day that checks are judged by, the day of `at` where nobody says.
    """

    plan_id: str
    actor: str
    at: str
    note: str = ""
    base_event: int | None = None
    today: date | None = None

    @property
    def day(self) -> date:
        """The day that `today` means in a rule."""
        return self.today or date.fromisoformat(self.at[:10])

    def base(self, store: Store) -> int:
        """The event the plan builds upon: taken before the first record is read."""
        return store.last_event if self.base_event is None else self.base_event


def draft(store: Store, by: Draft) -> PlanFile:
    """Begin a plan file beside the store, which is told what the text of a currency means."""
    file = PlanFile.create(folder(store.path, "plans"), by.plan_id, store.schema)
    file.connection.create_function("_currency", 1, currency, deterministic=True)
    return file


def currency(text: object) -> str | None:
    """The code of a currency by any of its names; a text that names none is itself."""
    from custrec.values.currencies import code_of
    from custrec.values.letters import halve

    return None if text is None else code_of(halve(str(text))) or str(text)
