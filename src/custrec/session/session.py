"""A session: one store, one schema file, one actor, one clock; and the one way in which plans are carried out.

    run(plan file) = guard → consent → apply → aftercare

Nothing here prints: the face is told through the `Report` it gets back and the `ask` it gives.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custrec.errors import (
    CustrecError,
    NeedsReview,
    OwnPlan,
    PlanApplied,
    PlanDamaged,
    PlanExpired,
    PlanUnknown,
    Refused,
    SchemaMoved,
    SchemaPending,
    StalePlan,
)
from custrec.model.plan import FACTS, Event, Plan
from custrec.model.review import Person
from custrec.model.schema_json import same_tables
from custrec.model.settings import Limit
from custrec.model.stopwatch import Stopwatch
from custrec.session.extent import check_extent
from custrec.session.row_lists import lists_named, own_lists
from custrec.store import journal
from custrec.store.database import Store, open_store
from custrec.store.derived import path_of
from custrec.store.place import beside, folder

if TYPE_CHECKING:
    from custrec.jobs.drafting import Draft
    from custrec.jobs.refreshing import Refreshed
    from custrec.jobs.reviewing import Reviewing
    from custrec.store.plan_file import PlanFile
    from custrec.store.reviewed import ReviewedPlan


@dataclass(frozen=True)
class Consent:
    """What a person has said beforehand, and how to ask for the rest (None: nobody is there to ask).

    `on_record`: a plan that changes nothing becomes an event too, so that its file is known. `copy`: the store is
    copied before a change of its schema.
    """

    max_change: int | None = None
    on_record: bool = False
    copy: bool = True
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
        max_change: Limit | None = None,
        uid: int | None = None,
        plan_expiry: int | None = None,
    ) -> None:
        self.store_path = store_path
        self.actor = actor
        self.now = now
        self.today = today
        self.wait = wait
        self.warn = warn
        self.max_change = max_change or Limit()
        self.uid = uid
        self.plan_expiry = plan_expiry

    @cached_property
    def store(self) -> Store:
        """The store, open for reading. Raises what `open_store` does."""
        return open_store(self.store_path)

    @property
    def opened(self) -> Store | None:
        """The store, if it was opened."""
        store: Store | None = self.__dict__.get("store")
        return store

    @property
    def at(self) -> str:
        """The time of this command, ISO 8601 in UTC, to the second."""
        return self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

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
            return self._run_saved(file, consent, watch)
        from custrec.jobs.review_standing import needs_review

        plan = file.plan
        if not plan.empty and needs_review(self.store, file, plan):
            file.settle()
            changes = max(1, plan.counts.changes)
            raise NeedsReview(plan=plan.id, open=changes, changes=changes)
        try:
            return self._carry_out(file, consent, watch, file.drop)
        except BaseException:
            file.drop()
            for _, path in own_lists(self.store_path, plan):
                path.unlink()
            raise

    def _run_saved(self, file: PlanFile, consent: Consent, watch: Stopwatch) -> Report:
        from custrec.jobs.review_lists import write_left_out
        from custrec.jobs.review_standing import after_review, needs_review, open_changes
        from custrec.store.reviews import held

        plan, reviewed = file.plan, None
        written: list[Path] = []
        try:
            with held(file.path, self.actor):
                self._refuse_expired(plan)
                if (event := journal.applied_as(self.store, plan.id)) is not None:
                    raise PlanApplied(plan=plan.id, event=event)
                if plan.schema_version != self.store.schema_version:
                    raise SchemaMoved(plan=plan.id)
                if plan.whole:
                    maker = Person(plan.actor, plan.uid)
                    if needs_review(self.store, file, plan) and maker.is_same(self.person):
                        raise OwnPlan(actor=self.actor, maker=plan.actor, plan=plan.id)
                    return self._carry_out(file, consent, watch, partial(self._drop_saved, file, None))
                waiting = open_changes(self.store, file)
                if waiting.open:
                    raise NeedsReview(plan=plan.id, open=waiting.open, changes=waiting.changes)
                reviewed = after_review(self.store, file)
                if reviewed is not None:
                    path = self.rows_path("declined", plan.id)
                    if write_left_out(self.store, file, reviewed, path):
                        written.append(path)
                        reviewed.file.save_head(reviewed.file.plan.with_detail(declined=str(path)))
                plan_file = reviewed.file if reviewed else file
                return self._carry_out(plan_file, consent, watch, partial(self._drop_saved, file, reviewed))
        except BaseException as error:
            for path in written:
                path.unlink(missing_ok=True)
            if isinstance(error, StalePlan):
                raise self._told(file, error) from error
            raise
        finally:
            self._close_saved(file, reviewed)

    def _drop_saved(self, file: PlanFile, reviewed: ReviewedPlan | None) -> None:
        self._close_saved(file, reviewed)
        file.drop()

    def _close_saved(self, file: PlanFile, reviewed: ReviewedPlan | None) -> None:
        if reviewed is not None:
            reviewed.drop()
        file.close()

    def _refuse_expired(self, plan: Plan) -> None:
        if (end := self.expires(plan)) is not None and end <= self.today:
            raise PlanExpired(plan=plan.id, kept=int(self.plan_expiry or 0))

    def expires(self, plan: Plan) -> date | None:
        """From which day on a saved plan is expired; None for never."""
        if self.plan_expiry is None:
            return None
        return datetime.fromisoformat(plan.fresh_at).date() + timedelta(days=int(self.plan_expiry))

    def long_expired(self) -> list[Plan]:
        """The saved plans that expired as long ago as plans are kept for, oldest first; those that cannot be read are
        not among them."""
        from custrec.store.plan_file import PlanFile, saved_plans

        found: list[Plan] = []
        for path in saved_plans(beside(self.store_path, "plans")) if self.plan_expiry is not None else ():
            with suppress(PlanDamaged):
                file = PlanFile.open(path, self.store.schema_at)
                found.append(file.plan)
                file.close()
        kept = timedelta(days=int(self.plan_expiry or 0))
        return [plan for plan in found if (end := self.expires(plan)) is not None and end + kept <= self.today]

    def _told(self, file: PlanFile, error: StalePlan) -> StalePlan:
        """What moved from under a saved plan: record by record, as far as that can be told."""
        from custrec.jobs.refreshing import what_moved

        moved, lines = what_moved(self.store, self.plan_path(file.path.stem))
        if not moved:
            return error
        plan = file.path.stem
        return StalePlan(
            details=lines,
            hint=f"to make it again against today's records: custrec plan apply {plan} --refresh; nothing was changed",
            plan=plan,
            moved=moved,
            first=error.params["first"],
        )

    def _carry_out(self, file: PlanFile, consent: Consent, watch: Stopwatch, drop: Callable[[], None]) -> Report:
        """Apply a plan, or what a review has left of it, and drop it."""
        plan = file.plan
        if plan.empty and not consent.on_record:
            drop()
            # The same file again tomorrow replaces its rejects, instead of adding another copy of them.
            name = f"file-{plan.source.sha256[:8]}" if plan.source else f"plan-{plan.id}"
            return Report(lists_named(self.store_path, plan, name), None, watch.seconds)
        from custrec.store.apply import Stamp, apply

        try:
            check_extent(self.store, plan, self.max_change, consent.max_change)
            if consent.ask is not None and not consent.yes and not consent.ask(plan):
                raise Refused()
            copy = self._copy_before(file, consent, watch)
            number = apply(self.store_path, file, plan, Stamp(self.actor, self.at), self.wait, watch)
        except KeyboardInterrupt:
            # Who interrupts while the commit is under way comes too late: then it happened, and is reported.
            late = journal.applied_as(self.store, plan.id)
            if late is None:
                raise
            number = late
        drop()
        if plan.reshapes:
            self._look_again()
            plan = replace(plan, detail={**plan.detail, **({"copy": str(copy)} if copy else {})})
        report = Report(
            lists_named(self.store_path, plan, str(number)), journal.event(self.store, number), watch.seconds
        )
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

    def saved_files(self) -> Iterator[PlanFile]:
        """The files of the saved plans, oldest first, each open until the next is asked for. Raises PlanDamaged."""
        from custrec.store.plan_file import PlanFile, saved_plans

        for path in saved_plans(beside(self.store_path, "plans")):
            file = PlanFile.open(path, self.store.schema_at)
            try:
                yield file
            finally:
                file.close()

    def saved_plans(self) -> Iterator[tuple[Path, Plan]]:
        """The saved plans, oldest first."""
        for file in self.saved_files():
            yield file.path, file.plan

    def saved_plan(self, name: str) -> PlanFile:
        """A saved plan by its id. Raises PlanUnknown, PlanDamaged."""
        from custrec.store.plan_file import PlanFile

        return PlanFile.open(self.plan_path(name), self.store.schema_at)

    @contextmanager
    def reviewing(self, name: str) -> Iterator[Reviewing]:
        """Hold a saved plan and review it in this session's name.

        Raises PlanUnknown, PlanDamaged, PlanBusy, PlanExpired, SchemaMoved.
        """
        from custrec.jobs.reviewing import reviewing

        with reviewing(self.store, self.plan_path(name), self.draft(), self.person) as found:
            self._refuse_expired(found.plan)
            yield found

    def refresh_plan(self, name: str) -> Refreshed:
        """Make a saved plan again against today's records. Raises PlanUnknown, PlanDamaged, PlanBusy, SchemaMoved."""
        from custrec.jobs.refreshing import refresh

        return refresh(self.store, self.plan_path(name), self.person, self.at)

    def drop_plan(self, name: str) -> None:
        """Drop a saved plan, whatever became of its file. Raises PlanUnknown, PlanBusy."""
        from custrec.store.plan_file import drop_saved
        from custrec.store.reviews import held

        _ = self.store  # a plan of no store is none
        path = self.plan_path(name)
        if not path.is_file():
            raise PlanUnknown(plan=path.stem)
        with held(path, self.actor):
            drop_saved(path)

    def plan_path(self, name: str) -> Path:
        """Where a saved plan of this id lies."""
        return beside(self.store_path, "plans") / f"{Path(name).name}.db"

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
