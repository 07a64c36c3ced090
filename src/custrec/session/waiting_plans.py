"""The plans that wait: saved to be looked at, reviewed, made again, carried out or dropped, by their id.

They lie in `custrec.plans/` beside the store. What a review is stands in jobs.reviewing; carrying out, in the session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from custrec.errors import (
    NeedsReview,
    OwnPlan,
    PlanApplied,
    PlanDamaged,
    PlanExpired,
    PlanUnknown,
    SchemaMoved,
    StalePlan,
)
from custrec.model.plan import Plan
from custrec.model.review import Person
from custrec.model.stopwatch import Stopwatch
from custrec.session.session import Consent, Report, Session
from custrec.store import journal
from custrec.store.place import beside

if TYPE_CHECKING:
    from custrec.jobs.refreshing import Refreshed
    from custrec.jobs.reviewing import Reviewing
    from custrec.store.plan_file import PlanFile
    from custrec.store.reviewed import ReviewedPlan


class WaitingPlans:
    """The saved plans of a session's store."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def files(self) -> Iterator[PlanFile]:
        """The files of the saved plans, oldest first, each open until the next is asked for. Raises PlanDamaged."""
        from custrec.store.plan_file import PlanFile, saved_plans

        for path in saved_plans(beside(self.session.store_path, "plans")):
            file = PlanFile.open(path, self.session.store.schema_at)
            try:
                yield file
            finally:
                file.close()

    def plans(self) -> Iterator[tuple[Path, Plan]]:
        """The saved plans, oldest first."""
        for file in self.files():
            yield file.path, file.plan

    def named(self, name: str) -> PlanFile:
        """A saved plan by its id. Raises PlanUnknown, PlanDamaged."""
        from custrec.store.plan_file import PlanFile

        return PlanFile.open(self.path(name), self.session.store.schema_at)

    @contextmanager
    def reviewing(self, name: str) -> Iterator[Reviewing]:
        """Hold a saved plan and review it in this session's name.

        Raises PlanUnknown, PlanDamaged, PlanBusy, PlanExpired, SchemaMoved.
        """
        from custrec.jobs.reviewing import reviewing

        session = self.session
        with reviewing(session.store, self.path(name), session.draft(), session.person, session.by_now) as found:
            self._refuse_expired(found.plan)
            yield found

    def refresh(self, name: str) -> Refreshed:
        """Make a saved plan again against today's records. Raises PlanUnknown, PlanDamaged, PlanBusy, SchemaMoved."""
        from custrec.jobs.refreshing import refresh

        return refresh(self.session.store, self.path(name), self.session.person, self.session.at)

    def drop(self, name: str) -> None:
        """Drop a saved plan with its lists of rows, whatever became of its file. Raises PlanUnknown, PlanBusy."""
        from custrec.store.left_lists import name_or_sweep
        from custrec.store.plan_file import drop_saved
        from custrec.store.reviews import held

        store = self.session.store  # a plan of no store is none
        path = self.path(name)
        if not path.is_file():
            raise PlanUnknown(plan=path.stem)
        with held(path, self.session.actor):
            drop_saved(path)
        name_or_sweep(store)

    def path(self, name: str) -> Path:
        """Where a saved plan of this id lies."""
        return beside(self.session.store_path, "plans") / f"{Path(name).name}.db"

    def _refuse_expired(self, plan: Plan) -> None:
        if (end := self.expires(plan)) is not None and end <= self.session.today:
            raise PlanExpired(plan=plan.id, kept=int(self.session.plan_expiry or 0))

    def expires(self, plan: Plan) -> date | None:
        """From which day on a saved plan is expired; None for never."""
        kept = self.session.plan_expiry
        return None if kept is None else self.session.day_of(plan.fresh_at) + timedelta(days=kept)

    def long_expired(self) -> list[Plan]:
        """The saved plans that expired as long ago as plans are kept for, oldest first; those that cannot be read are
        not among them."""
        from custrec.store.plan_file import PlanFile, saved_plans

        kept = self.session.plan_expiry
        if kept is None:
            return []
        found: list[Plan] = []
        for path in saved_plans(beside(self.session.store_path, "plans")):
            with suppress(PlanDamaged):
                file = PlanFile.open(path, self.session.store.schema_at)
                found.append(file.plan)
                file.close()
        long = timedelta(days=kept)
        return [plan for plan in found if (end := self.expires(plan)) is not None and end + long <= self.session.today]

    def run(self, file: PlanFile, consent: Consent, watch: Stopwatch | None = None) -> Report:
        """Carry out a saved plan as its review left it, once; its file is gone afterwards, unless this fails.

        Raises what `Session.run` does, PlanExpired, PlanApplied, PlanBusy, SchemaMoved; NeedsReview where its review is
        not finished, OwnPlan where another person has to carry it out.
        """
        watch = watch or Stopwatch()
        from custrec.jobs.review_lists import write_left_out
        from custrec.jobs.review_standing import after_review, needs_review, open_changes
        from custrec.store.reviews import held

        plan, reviewed = file.plan, None
        written: list[Path] = []
        try:
            with held(file.path, self.session.actor):
                self._refuse_expired(plan)
                if (event := journal.applied_as(self.session.store, plan.id)) is not None:
                    raise PlanApplied(plan=plan.id, event=event)
                if plan.schema_version != self.session.store.schema_version:
                    raise SchemaMoved(plan=plan.id)
                if plan.whole:
                    maker = Person(plan.actor, plan.uid)
                    if needs_review(self.session.store, file, plan) and maker.is_same(self.session.person):
                        raise OwnPlan(actor=self.session.actor, maker=plan.actor, plan=plan.id)
                    return self.session.carry_out(file, consent, watch, partial(self._drop_saved, file, None))
                waiting = open_changes(self.session.store, file)
                if waiting.open:
                    raise NeedsReview(plan=plan.id, open=waiting.open, changes=waiting.changes)
                reviewed = after_review(self.session.store, file)
                if reviewed is not None:
                    path = self.session.rows_path("declined", plan.id)
                    if write_left_out(self.session.store, file, reviewed, path):
                        written.append(path)
                        reviewed.file.save_head(reviewed.file.plan.with_detail(declined=str(path)))
                plan_file = reviewed.file if reviewed else file
                return self.session.carry_out(plan_file, consent, watch, partial(self._drop_saved, file, reviewed))
        except BaseException as error:
            for path in written:
                path.unlink(missing_ok=True)
            if isinstance(error, StalePlan):
                raise self._told(file, error) from error
            raise
        finally:
            self._close_saved(file, reviewed)

    def _told(self, file: PlanFile, error: StalePlan) -> StalePlan:
        """What moved from under a saved plan: record by record, as far as that can be told."""
        from custrec.jobs.refreshing import what_moved

        moved, lines = what_moved(self.session.store, self.path(file.path.stem))
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

    def _drop_saved(self, file: PlanFile, reviewed: ReviewedPlan | None) -> None:
        self._close_saved(file, reviewed)
        file.drop()

    def _close_saved(self, file: PlanFile, reviewed: ReviewedPlan | None) -> None:
        if reviewed is not None:
            reviewed.drop()
        file.close()
