"""Days, durations and where a day begins: pure functions, exact at month ends and at the ends of the calendar.

Adding months keeps the day of the month, or takes the last day of a shorter month (2024-08-31 + 18mo = 2026-02-28);
then days are added. What would leave the calendar stays at its first or last day. So adding a duration never turns
two dates round (it is monotone), and the dates for which `add(d, duration) < bound` are all dates before one cutoff:
`first_reaching` computes it, and a search over millions of rows needs one comparison with a constant.

Dates are stored as `2024-05-01` and sort as text. Moments are stored as UTC text (`2024-04-30T16:00:00Z`, with a
fraction of a second where there is one) and sort as text without the Z.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

AFTER_ALL = "9999-99-99"
"""A text that sorts after every stored date and moment."""

LONGEST_MONTHS = 9_999 * 12
LONGEST_DAYS = 3_660_000

_FIRST_MONTH = 1 * 12
_LAST_MONTH = 9_999 * 12 + 11
_PART = re.compile(r"([0-9]+)(y|mo|w|d)")


@dataclass(frozen=True, slots=True)
class Duration:
    """A span of calendar months and then of days. Both may be negative, but not of different sign."""

    months: int = 0
    days: int = 0

    def __neg__(self) -> Duration:
        return Duration(-self.months, -self.days)

    def __str__(self) -> str:
        months, days = abs(self.months), abs(self.days)
        return (f"{months}mo" if months else "") + (f"{days}d" if days or not months else "")


def duration_of(text: str) -> Duration:
    """The duration that a text such as `18mo`, `30d`, `2y`, `3w` or `1y6mo` stands for.

    Raises ValueError if it is none, or longer than the calendar.
    """
    if not re.fullmatch(f"(?:{_PART.pattern})+", text) or len(text) > 40:
        raise ValueError("not a duration")
    months = days = 0
    for count, unit in _PART.findall(text):
        months += int(count) * {"y": 12, "mo": 1}.get(unit, 0)
        days += int(count) * {"w": 7, "d": 1}.get(unit, 0)
    if months > LONGEST_MONTHS or days > LONGEST_DAYS:
        raise ValueError("longer than the calendar")
    return Duration(months, days)


def period_text(duration: Duration) -> str:
    """A period as people write it: whole years as such."""
    years, months = divmod(duration.months, 12)
    return f"{years}y{f'{duration.days}d' if duration.days else ''}" if years and not months else str(duration)


def add(day: date, duration: Duration) -> date:
    """The day a duration later; see the module for month ends. Monotone in `day`."""
    month = day.year * 12 + day.month - 1 + duration.months
    if month < _FIRST_MONTH:
        moved = date.min
    elif month > _LAST_MONTH:
        moved = date.max
    else:
        moved = date(month // 12, month % 12 + 1, min(day.day, _days_in(month)))
    return _from_ordinal(moved.toordinal() + duration.days)


def first_reaching(bound: date, duration: Duration) -> date | None:
    """The first day d with `add(d, duration) >= bound`; None if there is none in the calendar.

    Exact: for every day d, `add(d, duration) < bound` if and only if d is before it.
    """
    if bound == date.min:
        return date.min
    ordinal = bound.toordinal() - duration.days
    if ordinal > date.max.toordinal():
        return None
    bound = _from_ordinal(ordinal)
    if bound == date.min:
        return date.min
    month = bound.year * 12 + bound.month - 1 - duration.months
    if month < _FIRST_MONTH:
        return date.min
    if month > _LAST_MONTH:
        return None
    if bound.day <= _days_in(month):
        return date(month // 12, month % 12 + 1, bound.day)
    month += 1  # no day of the month reaches so far, the first of the next one does; December is never shorter
    return date(month // 12, month % 12 + 1, 1)


def day_after(day: date) -> date | None:
    """The next day; None after the last of the calendar."""
    return None if day == date.max else day + timedelta(days=1)


@lru_cache(maxsize=65_536)
def shifted(text: str, duration: Duration) -> str:
    """`add` for a stored date."""
    return add(date.fromisoformat(text), duration).isoformat()


@lru_cache(maxsize=65_536)
def start_of_day(day: date, zone: str) -> str:
    """When a day begins in a time zone, as text that sorts before every stored moment of the day and after all before.

    Where a clock change leaves out midnight, the day begins with the change; where it repeats midnight, with the first.
    The first day of the calendar has always begun.
    """
    if day == date.min:
        return ""
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return begin.replace(tzinfo=None).isoformat(timespec="seconds")


def day_of(moment: str, zone: str) -> str:
    """The day of a stored moment in a time zone: the last day that has begun by then.

    That is the date on the clock, except for the hour that a clock set back over midnight would give to the day before.
    """
    if zone == "UTC":
        return moment[:10]
    before, begin, day, end, after = _around(moment[:10], zone)
    return after if moment >= end else day if moment >= begin else before


def days_of(moments: Iterable[str | None], zone: str) -> list[str | None]:
    """`day_of` for many moments, some of them blank."""
    if zone == "UTC":
        return [moment and moment[:10] for moment in moments]
    return [
        moment and (after if moment >= end else day if moment >= begin else before)
        for moment in moments
        for before, begin, day, end, after in (_around(moment[:10], zone) if moment else _NOWHEN,)
    ]


_NOWHEN = ("",) * 5


@lru_cache(maxsize=65_536)
def _around(utc_day: str, zone: str) -> tuple[str, str, str, str, str]:
    """The days of a zone that a day of UTC has moments of, no zone being a whole day off: the one before, when the one
    of the same date begins, that one, when the next one begins, and that."""
    day = date.fromisoformat(utc_day)
    before = day if day == date.min else day - timedelta(days=1)
    after = day_after(day)
    end = AFTER_ALL if after is None else start_of_day(after, zone)
    return before.isoformat(), start_of_day(day, zone), utc_day, end, (after or day).isoformat()


def sortable(moment: str) -> str:
    """A stored moment in a form that sorts: without the Z, which comes after the point of a fraction."""
    return moment.removesuffix("Z")


def _days_in(month: int) -> int:
    return calendar.monthrange(month // 12, month % 12 + 1)[1]


def _from_ordinal(ordinal: int) -> date:
    return date.fromordinal(max(date.min.toordinal(), min(ordinal, date.max.toordinal())))
