"""A session: one store, one schema file, one actor, one clock; and the one way in which plans are carried out.

    run(plan file) = guard → consent → apply → aftercare

Nothing here prints: the face is told through the `Report` it gets back and the `ask` it gives.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custrec.errors import (
    CustrecError,
    NeedsReview,
    Refused,
    SchemaPending,
    StoreReadOnly,
)
from custrec.model.plan import FACTS
from custrec.model.review import Person
from custrec.model.schema_json import same_tables
from custrec.model.settings import Limit
from custrec.model.stopwatch import Stopwatch
from custrec.session.consent import Consent as Consent
from custrec.session.consent import Report as Report
from custrec.session.destruction import check_count
from custrec.session.erasures import finish_wiping, ledger_key
from custrec.session.extent import check_extent
from custrec.session.row_lists import lists_named, own_lists
from custrec.store import journal
from custrec.store.database import Store, open_store
from custrec.store.derived import path_of
from custrec.store.layout import FORMAT
from custrec.store.place import folder
from custrec.store.upkeep import Caretaker

if TYPE_CHECKING:
    from custrec.jobs.drafting import Draft
    from custrec.jobs.lifecycle.wiping import Wiped
    from custrec.model.certificate import Remains
    from custrec.store.plan_file import PlanFile


SECONDS = "%Y-%m-%dT%H:%M:%SZ"


class Session:
    """Everything a command needs, opened when it is first asked for."""

    def __init__(
        self,
        store_path: Path,
        actor: str,
        clock: Callable[[], datetime],
        today: date | None,
        wait: float = 60,
        warn: Callable[[str], None] = lambda _: None,
        max_change: Limit | None = None,
        uid: int | None = None,
        plan_expiry: int | None = None,
    ) -> None:
        self.store_path = store_path
        self.actor = actor
        self._clock = clock
        self.now = clock()
        """When this command began."""
        self._today = today
        self.wait = wait
        self.warn = warn
        self.max_change = max_change or Limit()
        self.uid = uid
        self.plan_expiry = plan_expiry
        self.remains: Callable[[], Sequence[Remains]] = tuple
        """Tells the places that hold what is destroyed, and are not the store's (backups)."""
        self.spread_ledger: Callable[[], None] = lambda: None
        """Puts the ledger of erasures where the backups lie, after one."""

    @cached_property
    def store(self) -> Store:
        """The store, open for reading, brought to this version's layout. Raises what `open_store` does, DiskFull."""
        store = open_store(self.store_path)
        return self._upgraded(store) if store.format < FORMAT else store

    def _upgraded(self, store: Store) -> Store:
        """A store of an older version in the layout of this one; a copy is made before, where there is anything in it.
        One that cannot be written to is read as it is."""
        from custrec.store.migrations import upgrade
        from custrec.store.safety_copies import copy_before

        try:
            copy = copy_before(store, store.last_event + 1) if store.last_event else None
            store.close()
            upgrade(self.store_path, self.wait, self.actor)
        except StoreReadOnly:
            return open_store(self.store_path)
        self.warn(f"{self.store_path.name} was made by an older custrec, and has this one's layout now")
        if copy is not None:
            self.warn(f"as it was before, it is kept as {copy.name}")
        return open_store(self.store_path)

    @property
    def opened(self) -> Store | None:
        """The store, if it was opened."""
        store: Store | None = self.__dict__.get("store")
        return store

    def clock(self) -> datetime:
        """The time it is by now, in UTC."""
        return self._clock().astimezone(UTC)

    @cached_property
    def today(self) -> date:
        """The day that was said to be today, or the one it is in the time zone of the schema: deadlines are counted
        from days there, and a job that runs at night in UTC has to agree with the office. Raises what `store` does."""
        return self._today or self.day_of(self.at)

    def day_of(self, at: str) -> date:
        """The day of a moment (ISO 8601 in UTC) in the time zone of the schema. Raises what `store` does."""
        from custrec.model.calendar import day_of

        return date.fromisoformat(day_of(at[:-1], self.store.schema.defaults.timezone))

    @property
    def at(self) -> str:
        """When this command began, ISO 8601 in UTC, to the second: what it reads and plans is as of then."""
        return self.now.astimezone(UTC).strftime(SECONDS)

    def by_now(self) -> str:
        """The time it is by now, as `at`: that of a decision, since a person may sit at one command for hours."""
        return self.clock().strftime(SECONDS)

    def draft(self, note: str = "") -> Draft:
        """Begin a plan in this session's name."""
        from custrec.jobs.drafting import Draft

        return Draft(f"p{os.urandom(4).hex()}", self.actor, self.at, note, self.store.last_event, self.today, self.uid)

    @property
    def person(self) -> Person:
        """Who acts."""
        return Person(self.actor, self.uid)

    def run(self, file: PlanFile, consent: Consent, watch: Stopwatch | None = None) -> Report:
        """Carry out a plan, once; its file is gone afterwards.

        Raises TooManyChanges, NeedsConsent, Refused and what `store.apply` raises; the plan is then dropped too, unless
        it was saved (whoever saved it can mend the cause and try again). Raises NeedsReview where the schema wants
        another person to see it first, and saves it for that; of a saved plan also where its review is not finished,
        PlanExpired and PlanBusy.
        """
        watch = watch or Stopwatch()
        if file.saved:
            raise RuntimeError("a saved plan is carried out by WaitingPlans.run, which asks what its review decided")
        from custrec.jobs.review_standing import needs_review

        plan = file.plan
        if not plan.empty and needs_review(self.store, file, plan):
            file.settle()
            changes = max(1, plan.counts.changes)
            raise NeedsReview(plan=plan.id, open=changes, changes=changes)
        try:
            return self.carry_out(file, consent, watch, file.drop)
        except BaseException:
            for _, path in own_lists(self.store_path, plan):
                path.unlink(missing_ok=True)
            file.drop()
            raise

    def carry_out(self, file: PlanFile, consent: Consent, watch: Stopwatch, drop: Callable[[], None]) -> Report:
        """Apply a plan, or what a review has left of it, and drop it."""
        plan = file.plan
        if plan.empty and not consent.on_record:
            # The same file again tomorrow replaces its rejects, instead of adding another copy of them.
            name = f"file-{plan.source.sha256[:8]}" if plan.source else f"plan-{plan.id}"
            named = lists_named(self.store_path, plan, name)
            drop()  # last: without its plan, a list under the plan's id is swept
            return Report(named, None, watch.seconds)
        from custrec.store.apply import Stamp, apply

        try:
            check_extent(self.store, plan, self.max_change, consent.max_change)
            if plan.erases:
                check_count(plan, consent.count)
            elif consent.ask is not None and not consent.yes and not consent.ask(plan):
                raise Refused()
            copy = self._copy_before(file, consent, watch)
            key = ledger_key(self.store, self.warn) if plan.erases else b""
            number = apply(self.store_path, file, plan, Stamp(self.actor, self.by_now), self.wait, watch, key)
        except KeyboardInterrupt:
            # Who interrupts while the commit is under way comes too late: then it happened, and is reported.
            late = journal.applied_as(self.store, plan.id)
            if late is None:
                raise
            number = late
        plan = lists_named(self.store_path, plan, str(number))
        drop()
        if plan.reshapes:
            self._look_again()
            plan = replace(plan, detail={**plan.detail, **({"copy": str(copy)} if copy else {})})
        report = Report(plan, journal.event(self.store, number), watch.seconds)
        if (wiped := self.finish_wiping(watch)) is not None:
            report = replace(report, wiped=wiped)
        if wiped and not wiped.done and not plan.erases:
            self.warn(f"what was purged before is not yet wiped everywhere: {'; '.join(wiped.hindrances)}")
        if plan.erases:
            self.spread_ledger()
            return report  # the search index went, too; the next search makes it anew
        if plan.verb not in FACTS or path_of(self.store_path).exists():  # a fact alone is no reason to make an index
            self._aftercare(watch)
        return report

    def _copy_before(self, file: PlanFile, consent: Consent, watch: Stopwatch) -> Path | None:
        """Copy the store before its schema changes, where there is anything in it. Raises DiskTooSmall, DiskFull."""
        if not file.reshapes or not self.store.last_event:
            return None
        from custrec.store.safety_copies import check_room, copy_before

        check_room(self.store_path, consent.copy)
        with watch("copy"):
            return copy_before(self.store, self.store.last_event + 1) if consent.copy else None

    def finish_wiping(self, watch: Stopwatch | None = None) -> Wiped | None:
        """Clean what erasures left to be cleaned, as far as it can be now; None where nothing was."""
        by = Caretaker(self.actor, "wipe", self.wait)
        return finish_wiping(self.store, by, self.clock, self.remains, watch or Stopwatch())

    def _look_again(self) -> None:
        """Open the store anew: it has another schema now."""
        self.store.close()
        del self.__dict__["store"]

    def record(self, verb: str, detail: Mapping[str, Any], note: str = "") -> int:
        """Put a fact about the world (model.plan.FACTS) into the history: an event without changes; its number.

        Raises what `run` does.
        """
        from custrec.jobs.drafting import drafted
        from custrec.model.plan import Counts

        draft = self.draft(note)
        with drafted(self.store, draft) as file:
            file.save_head(draft.head(self.store, verb, draft.base(self.store), Counts(), (), detail=detail))
        event = self.run(file, Consent(on_record=True)).event
        return event.id if event else 0

    def rows_path(self, what: str, name: str) -> Path:
        """Where an import's rows go that are refused (`rejects`) or look wrong (`review`): under its plan's id, and
        from the moment it is applied under its event."""
        return folder(self.store_path, what) / f"{name}.csv"

    def check_schema(self, writing: bool) -> None:
        """Compare schema.yaml with the schema that the store applies. Raises SchemaPending for a writer."""
        place = self.store_path.with_name("schema.yaml")
        if not place.is_file() or hashlib.sha256(place.read_bytes()).hexdigest() == self.store.schema_digest:
            return
        from custrec.files.schema_file import load_schema

        if not same_tables(load_schema(place), self.store.schema):
            if writing:
                raise SchemaPending(path=place.name)
            self.warn(f"{place.name} says something else than the store applies; the store's own schema is used")

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

    def close(self) -> None:
        """Close what was opened."""
        if "store" in self.__dict__:
            self.store.close()
