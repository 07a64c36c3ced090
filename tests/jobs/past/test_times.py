"""Times as people type them for the history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custrec.errors import EventUnknown, UsageError
from custrec.jobs.past.times import Time, event_at, time_of
from custrec.model.schema import Defaults, Schema
from custrec.session.session import Consent, Session
from shops import TODAY, Shop

SHANGHAI = Schema((), Defaults(timezone="Asia/Shanghai"))


@pytest.mark.parametrize("text", ["2026-05-01", "2026/5/1", "2026年5月1日", " 2026-05-01 "])
def test_a_day_is_that_of_the_schema(text: str) -> None:
    assert time_of(text, SHANGHAI, "--since") == Time("2026-04-30T16:00:00", "2026-05-01T16:00:00")


@pytest.mark.parametrize("text", ["2026-05-01 14:30", "2026-05-01T06:30:00Z", "2026-05-01 14:30:00.5"])
def test_a_moment_lasts_a_second(text: str) -> None:
    assert time_of(text, SHANGHAI, "--since") == Time("2026-05-01T06:30:00", "2026-05-01T06:30:01")


def test_an_event_is_named_by_its_number() -> None:
    assert time_of("event:41", SHANGHAI, "--as-of").event == 41


@pytest.mark.parametrize("text", ["", "yesterday", "event:", "event:x", "event:-1", "2026-13-01", "41"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--until wants a time"):
        time_of(text, SHANGHAI, "--until")


def test_a_time_leads_to_the_last_event_up_to_its_end(shop: Shop) -> None:
    for day in range(3):
        then = datetime(2026, 5, 1, 6, 30, tzinfo=UTC) + timedelta(days=day)
        session = Session(shop.path, "tester", lambda then=then: then, TODAY, 1)
        session.run(shop.plan_csv(session, f"no,name\nC{day},Ann Lee\n"), Consent())
        session.close()
    with shop.session() as session:
        told = {
            text: event_at(session.store, text)
            for text in (
                "2026-04-30",
                "2026-05-01",
                "2026-05-01 14:29:59",
                "2026-05-01 14:30",
                "2026-05-02",
                "2030-01-01",
            )
        }
        assert told == {
            "2026-04-30": 0,
            "2026-05-01": 1,
            "2026-05-01 14:29:59": 0,
            "2026-05-01 14:30": 1,
            "2026-05-02": 2,
            "2030-01-01": 3,
        }
        assert event_at(session.store, "event:2") == 2
        with pytest.raises(EventUnknown):
            event_at(session.store, "event:4")
