"""The plans that wait: how long they can be carried out."""

from __future__ import annotations

from datetime import UTC, date, datetime

from custrec.session.session import Session
from custrec.session.waiting_plans import WaitingPlans
from shops import Shop


def test_the_days_of_a_plan_are_counted_in_the_time_zone_of_the_schema(shop: Shop) -> None:
    evening = datetime(2026, 6, 1, 20, 30, tzinfo=UTC)  # 2 June in Shanghai
    session = Session(shop.path, "tester", lambda: evening, None, plan_expiry=1)
    plan = shop.plan_csv(session, "no,name\nC1,Ann Lee\n").plan
    assert session.today == date(2026, 6, 2)
    assert WaitingPlans(session).expires(plan) == date(2026, 6, 3)
    session.close()
