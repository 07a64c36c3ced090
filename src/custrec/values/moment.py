"""Points in time: stored as UTC text, YYYY-MM-DDTHH:MM:SSZ, with fractions of a second where the text has them.

A text without a zone is read in the schema's time zone, one with 北京时间 in UTC+8. 凌晨, 上午, 中午, 下午 and 晚上 say
which half of the day is meant, as AM and PM do; 24:00 and 晚上12点 are faults, for the day they belong to is not clear.
A date alone is its midnight there. A local time that the clocks skipped in spring is a fault; one that they passed
twice in autumn is read as the first, and is lossy.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import MEMORY, RememberingType
from custrec.values.date import DAY_PARTS, date_order, implausible, read_day, without_weekday, written_moment
from custrec.values.letters import halve
from custrec.values.protocol import Agreement, Description, Native, Reading, Stored, Value

_STORED = re.compile(r"(?:19\d\d|20\d\d|2100)-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{0,5}[1-9])?Z", re.ASCII).fullmatch
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?", re.ASCII).fullmatch
_PARTS = re.compile(
    r"(?P<date>.*?\d[日号號]?)(?:T|\s+|(?<=[日号號]))"
    rf"(?P<half>{DAY_PARTS})?\s*"
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"|[时点](?:(?P<quarter>半|[一三]刻)|(?P<minute2>\d{1,2})分?)?(?:(?P<second2>\d{1,2})秒)?)"
    r"\s*(?P<ampm>[ap]\.?m\.?)?\s*(?P<zone>Z|UTC|GMT|(?:UTC|GMT)[+-]\d{1,2}(?::?\d\d)?|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
).fullmatch


_ZONE = re.compile(r"(?P<sign>[+-])(?P<hours>\d{1,2}?):?(?P<minutes>\d\d)?$")
_MORNING, _EVENING = ("凌晨", "早上", "早晨", "清晨", "上午"), ("下午", "傍晚", "晚上")
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}
_BEIJING = re.compile(r"\(?北京时间\)?[:,]?")


class Moment(RememberingType):
    """A point in time."""

    kind = "datetime"
    version = 2

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
        text, weekday = without_weekday(text)
        text, in_beijing = _BEIJING.subn("", text)
        found = _PARTS(text.strip())
        day = read_day((found["date"] if found else text).strip(), self._order)
        if isinstance(day, Fault):
            return Reading(fault=Fault("datetime-invalid") if day.rule == "date-invalid" else day)
        if weekday not in (None, day.weekday()):
            return Reading(fault=Fault("date-weekday"))
        local = _with_time(day, found) if found else datetime(day.year, day.month, day.day)
        if local is None or (in_beijing and local.tzinfo is not None):
            return Reading(fault=Fault("datetime-invalid"))
        if in_beijing:
            local = local.replace(tzinfo=timezone(timedelta(hours=8)))
        if found is None:
            return self._settle(local)
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

    def written(self, text: str, native: Native) -> str:
        """A workbook's moment, also as the number that it is there, in the field's format."""
        return written_moment(text, native, None if self._format is None else str(self._format))

    def order(self, value: Stored) -> Stored:
        """Without the Z, which sorts behind the point of a fraction."""
        return None if value is None else str(value)[:-1]

    def likeness(self, a: Value, b: Value) -> Agreement:
        """CLOSE within a minute, WEAK on the same UTC day."""
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
    part = found["half"] or {"a": "上午", "p": "下午"}.get((found["ampm"] or "")[:1].lower())
    if part is not None:
        half_day = _hour_of_day(part, hour)
        if half_day is None:
            return None
        hour = half_day
    fraction = (found["fraction"] or "")[:6].ljust(6, "0")
    minute = found["minute"] or found["minute2"] or _QUARTERS.get(found["quarter"], 0)
    second = found["second"] or found["second2"] or 0
    try:
        zone = _zone_of(found["zone"])
        return datetime(day.year, day.month, day.day, hour, int(minute), int(second), int(fraction), tzinfo=zone)
    except ValueError:
        return None


def _hour_of_day(part: str, hour: int) -> int | None:
    """The hour of 24 that an hour in a part of the day is; None where it lies in none, as 晚上12点 does."""
    if part == "中午":
        return {10: 10, 11: 11, 12: 12, 13: 13, 14: 14, 1: 13, 2: 14}.get(hour)
    if part in _MORNING:
        return hour % 12 if 1 <= hour <= 12 or (hour == 0 and part == "凌晨") else None
    if not 1 <= hour < 24 or (part != "下午" and not 4 < hour % 12 < 12):
        return None
    return hour % 12 + 12


def _zone_of(text: str | None) -> tzinfo | None:
    """The zone written behind a time: Z, UTC, GMT, +08:00, +0800, +08, UTC+08, GMT+8."""
    if not text:
        return None
    found = _ZONE.search(text)
    if found is None:
        return UTC
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"] or 0))
    return timezone(-offset if found["sign"] == "-" else offset)
