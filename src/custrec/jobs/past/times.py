"""Times as people type them for the history: a day, a day with a time, or `event:41`.

A day is read in the schema's time zone, in every way that a date field reads one. As a point (`--as-of`, `--until`) it
means its end; as a beginning (`--since`) its first moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from custrec.errors import EventUnknown, UsageError
from custrec.model.calendar import day_after, start_of_day
from custrec.model.schema import Field, Schema
from custrec.store.database import Store
from custrec.store.journal import event_before
from custrec.values.registry import for_field

EVENT = "event:"
END_OF_TIME = "9999-12-31T23:59:59"


@dataclass(frozen=True)
class Time:
    """A stretch of time, or an event. `begin` is the first moment and `end` the first one behind it, as UTC text
    without the Z: that sorts with the times of events."""

    begin: str = ""
    end: str = END_OF_TIME
    event: int | None = None


def time_of(text: str, schema: Schema, option: str) -> Time:
    """The time that a text for an option means; a moment lasts a second. Raises UsageError."""
    text = text.strip()
    number = text.lower().removeprefix(EVENT)
    if number != text.lower() and number.isascii() and number.isdigit() and len(number) < 19:
        return Time(event=int(number))
    day = for_field(Field("day", kind="date", options={"format": "any"}), schema.defaults).judge(text) if text else None
    if day and day.value is not None and not day.lossy:
        zone, first = schema.defaults.timezone, date.fromisoformat(str(day.value))
        following = day_after(first)
        return Time(start_of_day(first, zone), start_of_day(following, zone) if following else END_OF_TIME)
    moment = for_field(Field("time", kind="datetime"), schema.defaults).judge(text) if text else None
    if moment is None or moment.value is None:
        raise UsageError(what=f"{option} wants a time", hint="2026-05-01, '2026-05-01 14:30' or event:41")
    begin = datetime.fromisoformat(str(moment.value)).astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return Time(begin.isoformat(), (begin + timedelta(seconds=1)).isoformat())


def event_at(store: Store, text: str, option: str = "--as-of") -> int:
    """The last event up to the end of a time; 0 before the first. Raises UsageError, EventUnknown."""
    time = time_of(text, store.schema, option)
    if time.event is None:
        return event_before(store, time.end)
    if time.event > store.last_event:
        raise EventUnknown(event=time.event)
    return time.event
