"""Carrying out a plan: the guard, consent, what an interruption finds, and where rejects go."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from custrec.errors import Refused, TooManyChanges
from custrec.model.plan import Plan
from custrec.model.stopwatch import Stopwatch
from custrec.session.session import Consent, Report, Session
from custrec.session.waiting_plans import WaitingPlans
from custrec.store import journal
from shops import NOW, TODAY, Shop

MANY = "no,name,city\n" + "".join(f"K{n},Name,Leeds\n" for n in range(1200))
CHANGED = "no,city\n" + "".join(f"K{n},York\n" for n in range(1001))
HALF_BAD = "no,name\nC1,Ann Lee\nC2,\n"


class Interrupting(Stopwatch):
    """Ctrl-C at the end of a stage."""

    def __init__(self, stage: str) -> None:
        super().__init__()
        self.stage = stage

    def add(self, stage: str, seconds: float) -> None:
        super().add(stage, seconds)
        if stage == self.stage:
            raise KeyboardInterrupt


def rejects(shop: Shop) -> list[str]:
    folder = shop.folder / "custrec.rejects"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def run(shop: Shop, text: str, consent: Consent, watch: Stopwatch | None = None) -> Report:
    """Import a text with its rejects in the store's own folder, as the command does."""
    with shop.session() as session:
        draft = session.draft()
        file = shop.plan_csv(session, text, rejects=session.rows_path("rejects", draft.plan_id))
        return session.run(file, consent, watch)


def test_more_changes_than_the_limit_are_refused_until_it_is_raised(shop: Shop) -> None:
    run(shop, MANY, Consent())
    before = shop.digest()
    with pytest.raises(TooManyChanges) as refused:
        run(shop, CHANGED, Consent())
    assert (refused.value.params["count"], refused.value.params["limit"]) == (1001, 1000)
    with pytest.raises(TooManyChanges):
        run(shop, CHANGED, Consent(max_change=1000, yes=True))
    assert shop.digest() == before
    assert shop.leftovers() == []
    assert run(shop, CHANGED, Consent(max_change=1001)).event is not None


def test_new_records_are_not_held_to_the_limit(shop: Shop) -> None:
    assert run(shop, MANY, Consent(max_change=0)).plan.counts.insert == 1200


def test_who_is_asked_and_says_no_changes_nothing(shop: Shop) -> None:
    before = shop.digest()
    asked: list[Plan] = []

    def no(plan: Plan) -> bool:
        asked.append(plan)
        return False

    with pytest.raises(Refused):
        run(shop, MANY, Consent(ask=no))
    assert [plan.counts.insert for plan in asked] == [1200]
    assert shop.digest() == before
    assert run(shop, MANY, Consent(ask=no, yes=True)).event is not None
    assert len(asked) == 1


def test_a_saved_plan_that_was_refused_waits_for_another_try(shop: Shop) -> None:
    run(shop, MANY, Consent())
    plan = shop.save_plan(CHANGED)
    with pytest.raises(TooManyChanges):
        shop.apply_saved(plan, Consent())
    assert shop.apply_saved(plan).event is not None
    assert shop.leftovers() == []


def test_a_plan_that_changes_nothing_is_no_event(shop: Shop) -> None:
    run(shop, MANY, Consent())
    before = shop.digest()
    report = run(shop, MANY, Consent())
    assert report.event is None
    assert report.plan.counts.same == 1200
    assert shop.digest() == before


@pytest.mark.parametrize("stage", ["apply", "journal", "key and lookup indexes"])
def test_an_interruption_before_the_commit_leaves_nothing(shop: Shop, stage: str) -> None:
    before = shop.digest()
    with pytest.raises(KeyboardInterrupt):
        run(shop, MANY, Consent(), Interrupting(stage))
    assert shop.digest() == before
    assert shop.leftovers() == []
    assert shop.faults() == []


@pytest.mark.parametrize("stage", ["commit", "search index"])
def test_an_interruption_after_the_commit_comes_too_late_and_what_happened_is_reported(shop: Shop, stage: str) -> None:
    report = run(shop, MANY, Consent(), Interrupting(stage))
    assert report.event is not None
    assert report.event.id == 1
    assert len(shop.tables()["customers"]) == 1200
    assert shop.leftovers() == []
    assert shop.faults() == []


def test_rejects_bear_the_number_of_their_event(shop: Shop) -> None:
    report = run(shop, HALF_BAD, Consent())
    assert report.event is not None
    assert rejects(shop) == [f"{report.event.id}.csv"]
    assert report.plan.detail["rejects"] == str(shop.folder / "custrec.rejects" / "1.csv")


def test_rejects_of_a_plan_that_was_refused_go_with_it(shop: Shop) -> None:
    run(shop, MANY, Consent())
    with pytest.raises(TooManyChanges):
        run(shop, CHANGED + "X1,Nowhere\n", Consent())
    assert rejects(shop) == []


def test_rejects_in_a_place_that_a_person_chose_stay_there(shop: Shop) -> None:
    place = shop.folder / "mine.csv"
    report = shop.import_csv(HALF_BAD, rejects=place)
    assert report.plan.detail["rejects"] == str(place)
    assert place.exists()
    assert rejects(shop) == []


def ticking(minutes: int) -> Callable[[], datetime]:
    """A clock that goes on by so much whenever somebody looks at it."""
    looks = itertools.count()
    return lambda: NOW + timedelta(minutes=minutes * next(looks))


def test_an_event_bears_the_time_of_its_decision_and_not_that_of_the_command(shop: Shop) -> None:
    sitting = Session(shop.path, "tester", ticking(5), TODAY, 1)
    sitting.run(shop.plan_csv(sitting, "no,name\nC1,Ann Lee\n"), Consent())
    other = Session(shop.path, "other", lambda: NOW + timedelta(minutes=7), TODAY, 1)
    other.run(shop.plan_csv(other, "no,name\nC2,Bob Lee\n"), Consent())
    sitting.run(shop.plan_csv(sitting, "no,name\nC3,Cas Lee\n"), Consent())
    times = [event.at[11:16] for event in journal.events(sitting.store, newest_first=False)]
    assert times == ["08:35", "08:37", "08:40"]
    assert (sitting.at[11:16], sitting.today) == ("08:30", TODAY)
    sitting.close()
    other.close()


def test_what_is_said_of_a_saved_plan_bears_the_time_at_which_it_is_said(shop: Shop) -> None:
    plan = shop.save_plan("no,name\nC1,Ann Lee\nC2,Bob Lee\n")
    sitting = Session(shop.path, "reviewer", ticking(5), TODAY, 1)
    with WaitingPlans(sitting).reviewing(plan) as review:
        first, second = review.rows.all()
        told = []
        for row in (first, second):
            review.reject(row)
            ((_, at, _),) = review.review.reviewers()
            told.append(at[11:16])
    assert told == ["08:35", "08:40"]
    sitting.close()
