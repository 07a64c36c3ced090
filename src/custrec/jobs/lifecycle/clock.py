"""Whether the day by which records are judged can be: a clock that is wrong by years must destroy nothing."""

from __future__ import annotations

from datetime import date, timedelta

from custrec.errors import ClockUnlikely
from custrec.model.calendar import Duration, add
from custrec.store import journal
from custrec.store.database import Store

FAR = Duration(months=12 * 5)
"""Further beyond the last event of its store no day is believed; any event makes it younger."""
LEEWAY = timedelta(days=2)
"""Clocks of different machines and zones may differ so much."""


def check_clock(store: Store, today: date, *, said: bool) -> None:
    """Raise ClockUnlikely where a day cannot be believed: one before the last event, unless a person `said` so, and one
    long after it."""
    event = journal.event(store, store.last_event) if store.last_event else None
    if event is None:
        return
    last = date.fromisoformat(event.at[:10])
    if today > add(last, FAR):
        raise ClockUnlikely(today=today.isoformat(), how="more than five years after")
    if today < last - LEEWAY and not said:
        raise ClockUnlikely(today=today.isoformat(), how="before")
