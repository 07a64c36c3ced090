"""A session: one store, one schema file, one actor, one clock; and the one way in which plans are carried out.

    run(plan file) = guard → consent → apply → aftercare

Nothing here prints: the face is told through the `Report` it gets back and the `ask` it gives.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from custrec.errors import CustrecError, Refused, SchemaPending, TooManyChanges
from custrec.model.plan import Event, Plan
from custrec.model.schema_json import same_tables
from custrec.model.stopwatch import Stopwatch
from custrec.store import journal, records
from custrec.store.database import Store, open_store
from custrec.store.place import beside, folder

if TYPE_CHECKING:
    from custrec.jobs.drafting import Draft
    from custrec.store.plan_file import PlanFile

MAX_CHANGE_ROWS = 1000
MAX_CHANGE_SHARE = 0.2


@dataclass(frozen=True)
class Consent:
    """What a person has said beforehand, and how to ask for the rest (None: nobody is there to ask)."""

    max_change: int | None = None
    yes: bool = False
    ask: Callable[[Plan], bool] | None = None


@dataclass(frozen=True)
class Report:
    """What became of a plan: the event it is now, or None where it changed nothing; seconds by stage."""

    plan: Plan
    event: Event | None
    seconds: Mapping[str, float]


class Session:
    """Everything a command needs, opened when it is first asked for."""

    def __init__(
        self,
        store_path: Path,
        actor: str,
        now: datetime,
        today: date,
        wait: float = 60,
        warn: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.store_path = store_path
        self.actor = actor
        self.now = now
        self.today = today
        self.wait = wait
        self.warn = warn

    @cached_property
    def store(self) -> Store:
        """The store, open for reading. Raises what `open_store` does."""
        return open_store(self.store_path)

    @property
    def at(self) -> str:
        """The time of this command, ISO 8601 in UTC, to the second."""
        return self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def draft(self, note: str = "") -> Draft:
        """Begin a plan in this session's name."""
        from custrec.jobs.drafting import Draft

        return Draft(
            f"p{os.urandom(4).hex()}", self.actor, self.at, note, base_event=self.store.last_event, today=self.today
        )

    def run(self, file: PlanFile, consent: Consent, watch: Stopwatch | None = None) -> Report:
        """Carry out a plan, once; its file is gone afterwards.

        Raises TooManyChanges, NeedsConsent, Refused and what `store.apply` raises; the plan is then dropped too, unless
        it was saved (whoever saved it can mend the cause and try again).
        """
        plan = file.plan
        watch = watch or Stopwatch()
        if plan.empty:
            file.drop()
            # The same file again tomorrow replaces its rejects, instead of adding another copy of them.
            named = self._name_rejects(plan, f"file-{plan.source.sha256[:8]}") if plan.source else plan
            return Report(named, None, watch.seconds)
        saved = file.saved
        try:
            from custrec.store.apply import Stamp, apply

            self._guard(plan, consent)
            number = apply(self.store_path, file, plan, Stamp(self.actor, self.at), self.wait, watch)
        except BaseException as error:
            # Who interrupts while the commit is under way comes too late: then it happened, and is reported.
            late = journal.applied_as(self.store, plan.id) if isinstance(error, KeyboardInterrupt) else None
            if late is None:
                if saved:
                    file.close()
                else:
                    file.drop()
                    if rejects := self._own_rejects(plan):
                        rejects.unlink()
                raise
            number = late
        file.drop()
        report = Report(self._name_rejects(plan, str(number)), journal.event(self.store, number), watch.seconds)
        self._aftercare(watch)
        return report

    def saved_plans(self) -> Iterator[tuple[Path, Plan]]:
        """The saved plans, oldest first."""
        from custrec.store.plan_file import PlanFile, saved_plans

        for path in saved_plans(beside(self.store_path, "plans")):
            file = PlanFile.open(path, self.store.schema)
            try:
                yield path, file.plan
            finally:
                file.close()

    def saved_plan(self, name: str, intact: bool = True) -> PlanFile:
        """A saved plan by its id. Raises PlanUnknown, and PlanDamaged unless `intact` is not asked for."""
        from custrec.store.plan_file import PlanFile

        return PlanFile.open(
            beside(self.store_path, "plans") / f"{Path(name).name}.db", self.store.schema, intact=intact
        )

    def rejects_path(self, name: str) -> Path:
        """Where an import's bad rows go: under its plan's id, and from the moment it is applied under its event."""
        return folder(self.store_path, "rejects") / f"{name}.csv"

    def check_schema(self, writing: bool) -> None:
        """Compare schema.yaml with the schema that the store applies. Raises SchemaPending for a writer."""
        place = self.store_path.with_name("schema.yaml")
        if not place.is_file() or hashlib.sha256(place.read_bytes()).hexdigest() == self.store.schema_digest:
            return
        from custrec.files.schema_file import load_schema

        if not same_tables(load_schema(place), self.store.schema):
            if writing:
                raise SchemaPending(path=place.name)
            self.warn(f"{place.name} was changed since the store was made; the store's own schema is used")

    def refresh_search(self, progress: Callable[[int], None] | None = None) -> None:
        """Bring the search index up to date with the store."""
        from custrec.store import derived

        if not derived.is_current(self.store):
            derived.refresh(self.store_path, self.store.schema, self.wait, progress)

    def _aftercare(self, watch: Stopwatch) -> None:
        """Bring the search index along. Should that fail, the records are safe, and the next `find` catches up."""
        try:
            with watch("search index"):
                self.refresh_search()
        except (CustrecError, KeyboardInterrupt) as error:
            why = error.slug if isinstance(error, CustrecError) else "interrupted"
            self.warn(f"the records are in, but the search index is not up to date ({why}); find will mend it")

    def _name_rejects(self, plan: Plan, name: str) -> Plan:
        """Rename the rejects of a plan after its event, or after its file where there is none, in our own folder."""
        rejects = self._own_rejects(plan)
        if rejects is None:
            return plan
        named = rejects.replace(rejects.with_name(f"{name}.csv"))
        return replace(plan, detail={**plan.detail, "rejects": str(named)})

    def _own_rejects(self, plan: Plan) -> Path | None:
        """A plan's rejects in our own folder; None where a person chose the place, or there are none."""
        said = Path(plan.detail.get("rejects") or "")
        return said if said.parent == beside(self.store_path, "rejects") and said.exists() else None

    def _guard(self, plan: Plan, consent: Consent) -> None:
        """Refuse what changes more existing records than anybody asked for."""
        touched = plan.counts.update + plan.counts.delete
        if not plan.exempt and touched:
            tables = [self.store.schema.by_name[name] for name in plan.tables]
            total = sum(records.total(self.store, table) for table in tables)
            limit = max(MAX_CHANGE_ROWS, int(total * MAX_CHANGE_SHARE))
            if touched > (limit if consent.max_change is None else consent.max_change):
                raise TooManyChanges(
                    verb=plan.verb,
                    count=touched,
                    total=total,
                    table=", ".join(plan.tables),
                    limit=limit if consent.max_change is None else consent.max_change,
                )
        if consent.ask is not None and not consent.yes and not consent.ask(plan):
            raise Refused()

    def close(self) -> None:
        """Close what was opened."""
        if "store" in self.__dict__:
            self.store.close()
