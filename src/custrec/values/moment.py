"""Points in time: stored as UTC text, YYYY-MM-DDTHH:MM:SSZ, with fractions of a second where the text has them.

A text without a zone is read in the schema's time zone. A date alone is its midnight there. A local time that the
clocks skipped in spring is a fault; one that they passed twice in autumn is read as the first, and is lossy.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import MEMORY, RememberingType
from custrec.values.date import date_order, implausible, read_day
from custrec.values.letters import halve
from custrec.values.protocol import Agreement, Description, Reading, Stored

_STORED = re.compile(r"(?:19\d\d|20\d\d|2100)-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{0,5}[1-9])?Z", re.ASCII).fullmatch
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?", re.ASCII).fullmatch
_PARTS = re.compile(
    r"(?P<date>.*?\d[日号號]?)(?:T|\s+|(?<=[日号號]))"
    r"(?P<half>上午|下午)?\s*(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"|[时点](?:(?P<minute2>\d{1,2})分)?(?:(?P<second2>\d{1,2})秒)?)"
    r"\s*(?P<ampm>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)?[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
).fullmatch


class Moment(RememberingType):
    """A point in time."""

    kind = "datetime"

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._order = date_order(field, defaults)
        self._format = field.options.get("format")
        if self._format in ("any", "default"):
            self._format = None
        self._offsets: dict[str, timedelta | None] = {}

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.defaults.timezone)

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        """Stored texts, and yyyy-mm-dd hh:mm(:ss) on days when the clocks are not changed."""
        if self._format is None and _LOCAL(text):
            offset = self._offsets[text[:10]] if text[:10] in self._offsets else self._learn(text[:10])
            if offset is None:
                return None
            try:
                value = f"{(datetime.fromisoformat(text) - offset).isoformat(timespec='seconds')}Z"
            except ValueError:
                return None
            return value if _STORED(value) else None
        if not _STORED(text):
            return None
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return None
        return text

    def _learn(self, day: str) -> timedelta | None:
        """The offset of a whole local day from UTC; None where it changes in the day, or there is no such day."""
        if len(self._offsets) >= MEMORY:
            self._offsets.clear()
        self._offsets[day] = None
        try:
            start = datetime.fromisoformat(day).replace(tzinfo=self._zone)
            hours = [start + timedelta(hours=hour) for hour in (0, 12, 24)]
        except (ValueError, OverflowError):
            return None
        offsets = {moment.replace(fold=fold).utcoffset() for moment in hours for fold in (0, 1)}
        if len(offsets) == 1:
            self._offsets[day] = offsets.pop()
        return self._offsets[day]

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        text = halve(text)
        if self._format is not None and not _STORED(text):
            try:
                return self._settle(datetime.strptime(text, str(self._format)))
            except ValueError:
                return Reading(fault=Fault("date-format", {"format": self._format}))
        found = _PARTS(text)
        day = read_day((found["date"] if found else text).strip(), self._order)
        if isinstance(day, Fault):
            return Reading(fault=Fault("datetime-invalid") if day.rule == "date-invalid" else day)
        if found is None:
            return self._settle(datetime(day.year, day.month, day.day))
        local = _with_time(day, found)
        if local is None:
            return Reading(fault=Fault("datetime-invalid"))
        return self._settle(local, lossy=len((found["fraction"] or "").rstrip("0")) > 6)

    def _settle(self, moment: datetime, *, lossy: bool = False) -> Reading:
        """A moment as stored text, in the schema's zone if it has none."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone)
            there = moment.astimezone(UTC)
            if there.astimezone(self._zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
                return Reading(fault=Fault("datetime-skipped", {"zone": self.defaults.timezone}))
            lossy = lossy or moment.utcoffset() != moment.replace(fold=1).utcoffset()
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            return Reading(fault=Fault("datetime-invalid"))
        if fault := implausible(moment.date()):
            return Reading(fault=fault)
        text = moment.strftime("%Y-%m-%dT%H:%M:%S")
        fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
        return Reading(f"{text}{fraction}Z", lossy=lossy)

    def order(self, value: Stored) -> Stored:
        """Without the Z, which sorts behind the point of a fraction."""
        return None if value is None else str(value)[:-1]

    def keys(self, value: Stored) -> tuple[str, ...]:
        return () if value is None else (str(value),)

    def compare(self, a: Stored, b: Stored) -> Agreement:
        """CLOSE within a minute, WEAK on the same UTC day."""
        if a is None or b is None:
            return Agreement.UNKNOWN
        if a == b:
            return Agreement.SAME
        one, two = datetime.fromisoformat(str(a)), datetime.fromisoformat(str(b))
        if abs(one - two) <= timedelta(minutes=1):
            return Agreement.CLOSE
        return Agreement.WEAK if one.date() == two.date() else Agreement.DIFFERENT

    def mask(self, value: Stored) -> str:
        """The year."""
        return "" if value is None else f"{str(value)[:4]}-**-**"

    def describe(self) -> Description:
        takes = f"a date with a time of day; without a zone it is read in {self.defaults.timezone}"
        return Description("point in time", takes, "2021-03-05 14:30, 2021-03-05T06:30:00Z")


def _with_time(day: date, found: re.Match[str]) -> datetime | None:
    """The day at the time that was written, with a zone if one was; None where there is no such time."""
    hour = int(found["hour"])
    half = {"上午": "a", "下午": "p", None: ""}[found["half"]] or (found["ampm"] or "")[:1].lower()
    if half:
        if not 1 <= hour <= 12 and not (half == "p" and 12 < hour < 24):
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = (found["fraction"] or "")[:6].ljust(6, "0")
    minute, second = found["minute"] or found["minute2"] or 0, found["second"] or found["second2"] or 0
    try:
        zone = _zone_of(found["zone"])
        return datetime(day.year, day.month, day.day, hour, int(minute), int(second), int(fraction), tzinfo=zone)
    except ValueError:
        return None


def _zone_of(text: str | None) -> tzinfo | None:
    """The zone written behind a time: Z, UTC, GMT, +08:00, +0800, +08, UTC+08."""
    if not text:
        return None
    digits = re.sub(r"[^\d+-]", "", text)
    if not digits:
        return UTC
    offset = timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5] or 0))
    return timezone(-offset if digits[0] == "-" else offset)
