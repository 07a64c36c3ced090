"""Calendar days: stored as ISO 8601 text, yyyy-mm-dd.

What can be read in one way only is read: 2021-03-05, 2021/3/5, 2021.3.5, 20210305, 2021年3月5日, 5 Mar 2021, March 5,
2021, 二〇二一年三月五日. A day of the week beside it must be the right one. Where the year comes last and the month
is a number, `dateOrder` (of the field, else of the schema) must say dmy or mdy. Two-digit years, a spreadsheet's day
numbers and days that do not exist are faults. A time of day after the date is dropped, and the reading is lossy. With
a `format` other than "any", only texts of that strptime format (and "default": ISO) are taken, and days are shown in
it.
"""

# ruff: noqa: SIM905 -- a list of short words reads better as text

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from custrec.model.problem import Fault
from custrec.model.schema import Defaults, Field
from custrec.values.columns import RememberingType
from custrec.values.comparing import Comparer
from custrec.values.letters import halve
from custrec.values.protocol import Agreement, Description, Native, Reading, Stored, Value

FIRST_YEAR, LAST_YEAR = 1900, 2100
_FIRST_DAY, _LAST_DAY = f"{FIRST_YEAR}-01-01", f"{LAST_YEAR}-12-31"
DAY_PARTS = "凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上"
"""What people write before an hour; values.moment reads them."""

ORDERS = ("ymd", "dmy", "mdy")

_YEAR_FIRST = re.compile(
    r"(\d{4})(?:([-/. ])(\d{1,2})\2(\d{1,2})|(\d\d)(\d\d)| ?年 ?(\d{1,2}) ?月 ?(\d{1,2}) ?[日号號])", re.ASCII
).fullmatch
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", re.ASCII).fullmatch
_MONTH_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[ ./-]+(?P<month>[a-z]{3,9})[ .,/-]+"
    r"|(?P<month2>[a-z]{3,9})[ .-]+(?P<day2>\d{1,2})(?:st|nd|rd|th)?(?:,? +|,|-))(?P<year>\d{4})"
    r"|(?P<year2>\d{4})[ ./-]+(?P<month3>[a-z]{3,9})[ ./-]+(?P<day3>\d{1,2})(?:st|nd|rd|th)?",
    re.ASCII | re.IGNORECASE,
).fullmatch
_MONTHS = "january february march april may june july august september october november december".split()
_TIME_AFTER = re.compile(
    rf"(?P<date>.*\d[日号號]?)(?:[T ]\s*|(?<=[日号號]))(?P<time>(?:{DAY_PARTS})?\s*\d{{1,2}}[:时点]\d{{0,2}}.*)",
    re.ASCII | re.DOTALL,
).fullmatch
_TIME = re.compile(
    rf"(?:{DAY_PARTS})?\s*\d{{1,2}}(?::\d\d(?::\d\d(?:[.,]\d+)?)?|[时点](?:半|[一三]刻|\d{{1,2}}分?(?:\d{{1,2}}秒)?)?)"
    r"\s*(?:[ap]\.?m\.?)?\s*(?:Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}:?(?:\d\d)?)?",
    re.ASCII | re.IGNORECASE,
).fullmatch
_TWO_DIGIT_YEAR = re.compile(
    r"\d{1,2}([-/. ])\d{1,2}\1\d{1,2}|\d{6}|\d\d年\d{1,2}月\d{1,2}[日号號]|\d{1,2}[ ./-][a-z]{3,9}[ .,/-]+'?\d\d"
    r"|[a-z]{3,9}[ .-]\d{1,2},? '?\d\d",
    re.ASCII | re.IGNORECASE,
).fullmatch
_WEEKDAY = re.compile(
    r"[ ,(]*(?:(?:星期|礼拜|周|週)(?P<han>[一二三四五六日天])"
    r"|\b(?P<name>mon|tue|wed|thu|fri|sat|sun)(?:s?day|nesday|rsday|urday|s|rs?)?\b\.?)[ ,)]*",
    re.IGNORECASE,
)
_WEEKDAYS = {name: number % 7 for number, name in enumerate("一二三四五六日")} | {"天": 6}
_WEEKDAYS |= {name: number for number, name in enumerate("mon tue wed thu fri sat sun".split())}
_HAN_DAY = re.compile(
    "([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十廿卅]{1,3})[日号號]"
)
_HAN_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII).fullmatch
_FIRST_SERIAL, _LAST_SERIAL = 20_000, 80_000
_EPOCHS = {Native.SHEET_NUMBER: datetime(1899, 12, 30), Native.SHEET_NUMBER_1904: datetime(1904, 1, 1)}


class Date(RememberingType):
    """A day."""

    kind = "date"
    version = 2

    def __init__(self, field: Field, defaults: Defaults) -> None:
        super().__init__(field, defaults)
        self._order = date_order(field, defaults)
        written = field.options.get("format")
        self._format = None if written in (None, "any") else "%Y-%m-%d" if written == "default" else str(written)
        if self._format is not None and not _tells_all(self._format):
            raise ValueError(f"the date format {self._format} does not tell year, month and day")

    def plain(self, text: str, beside: str | None) -> Stored:  # noqa: ARG002
        return None if self._format is not None else plain_day(text)

    def study(self, text: str, beside: str | None) -> Reading:  # noqa: ARG002
        text = halve(text)
        if self._format is not None:
            return self._strict(text, self._format)
        text, weekday = without_weekday(text)
        day, lossy = read_day(text, self._order), False
        if isinstance(day, Fault) and (found := _TIME_AFTER(text)) and _TIME(found["time"]):
            day, lossy = read_day(found["date"].strip(), self._order), True
        if isinstance(day, Fault):
            return Reading(fault=day)
        if weekday not in (None, day.weekday()):
            return Reading(fault=Fault("date-weekday"))
        return Reading(day.isoformat(), lossy=lossy)

    def _strict(self, text: str, written: str) -> Reading:
        try:
            day = datetime.strptime(text, written).date()
        except ValueError:
            return Reading(fault=Fault("date-format", {"format": written}))
        fault = implausible(day)
        return Reading(fault=fault) if fault else Reading(day.isoformat())

    def written(self, text: str, native: Native) -> str:
        """A workbook's day, also as the number that it is there, in the field's format."""
        return written_moment(text, native, self._format)

    def show(self, value: Stored, beside: str | None = None) -> str:  # noqa: ARG002
        if value is None:
            return ""
        return date.fromisoformat(str(value)).strftime(self._format) if self._format else str(value)

    def likeness(self, a: Value, b: Value) -> Agreement:
        """CLOSE where day and month are swapped or one day lies between; WEAK in the same month, or years apart."""
        one, two = date.fromisoformat(str(a)), date.fromisoformat(str(b))
        swapped = (one.year, one.month, one.day) == (two.year, two.day, two.month)
        if swapped or abs((one - two).days) == 1:
            return Agreement.CLOSE
        near = (one.year, one.month) == (two.year, two.month) or (one.month, one.day) == (two.month, two.day)
        return Agreement.WEAK if near else Agreement.DIFFERENT

    def comparer(self) -> Comparer:
        from custrec.values.code_comparing import DateComparer

        return DateComparer(self)

    def mask(self, value: Stored) -> str:
        """The year."""
        return "" if value is None else f"{str(value)[:4]}-**-**"

    def describe(self) -> Description:
        if self._format:
            return Description("date", f"a day written as {self._format}", date(2021, 3, 5).strftime(self._format))
        last = "" if self._order == "ymd" else f", and with the year last in the order {self._order}"
        return Description("date", f"a day with a four-digit year{last}", "2021-03-05, 2021/3/5, 2021年3月5日")


def written_moment(text: str, native: Native, written: str | None) -> str:
    """A cell that is a day or a moment, in a strptime format or as ISO 8601; any other cell, and a moment that the
    format does not tell, as it is."""
    moment = _native_moment(text, native)
    if moment is None:
        return text
    if written is None:
        return (moment.isoformat(" ", "seconds") if native in _EPOCHS else text).removesuffix(" 00:00:00")
    try:
        shown = moment.strftime(written)
        return shown if datetime.strptime(shown, written) == moment else text
    except ValueError:
        return text


def _native_moment(text: str, native: Native) -> datetime | None:
    """The moment that a cell of days is, or a number in a workbook: days since 1899-12-30 (ECMA-376 part 1, 18.17.4.1)
    or since 1904.

    None for what is neither, and for numbers that would be days before 1954 or after 2123: those are other numbers.
    """
    if native in (Native.DAY, Native.MOMENT):
        return datetime.fromisoformat(text)
    if native not in _EPOCHS or not _SERIAL(text) or not _FIRST_SERIAL <= float(text) < _LAST_SERIAL:
        return None
    return _EPOCHS[native] + timedelta(seconds=round(float(text) * 86400))


def date_order(field: Field, defaults: Defaults) -> str:
    """The order of day and month where the year comes last: the field's `dateOrder`, else the schema's."""
    order = str(field.options.get("dateOrder") or defaults.date_order)
    if order not in ORDERS:
        raise ValueError(f"dateOrder is one of {', '.join(ORDERS)}, not {order}")
    return order


def plain_day(text: str) -> str | None:
    """The ISO form of a day written year first; None where it is not so, or no plausible day."""
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            date.fromisoformat(text)
        except ValueError:
            return None
        return text if _FIRST_DAY <= text <= _LAST_DAY else None
    found = _YEAR_FIRST(text)
    if found is None:
        return None
    year = found[1]
    month, day = (found[3], found[4]) if found[2] else (found[5], found[6]) if found[5] else (found[7], found[8])
    try:
        made = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return made.isoformat() if FIRST_YEAR <= made.year <= LAST_YEAR else None


def read_day(text: str, order: str) -> date | Fault:
    """A day written in any way, or what is wrong with it."""
    if found := _YEAR_FIRST(text):
        year, *rest = (part for part in (found[1], found[3], found[4], found[5], found[6], found[7], found[8]) if part)
        return _day(year, rest[0], rest[1])
    if found := _YEAR_LAST(text):
        first, second, year = found[1], found[3], found[4]
        if order == "ymd":
            return Fault("date-order")
        return _day(year, second, first) if order == "dmy" else _day(year, first, second)
    if found := _MONTH_NAMED(text):
        name = (found["month"] or found["month2"] or found["month3"]).lower()
        months = [n for n, month in enumerate(_MONTHS, 1) if name in (month, month[:3]) or (name, n) == ("sept", 9)]
        year, day = found["year"] or found["year2"], found["day"] or found["day2"] or found["day3"]
        return _day(year, str(months[0]), day) if months else Fault("date-invalid")
    if found := _HAN_DAY.fullmatch(text):
        return _day(found[1].translate(_HAN_DIGITS), _han_number(found[2]), _han_number(found[3]))
    if _TWO_DIGIT_YEAR(text):
        return Fault("date-two-digit-year")
    return Fault("date-serial" if _SERIAL(text) else "date-invalid")


def without_weekday(text: str) -> tuple[str, int | None]:
    """A text without the day of the week in it, and which one that is: 0 is Monday; None where there is none."""
    found = _WEEKDAY.search(text)
    if found is None or (not any(map(str.isdigit, text)) and "年" not in text):
        return text, None
    gap = " " if found.start() and found.end() < len(text) else ""
    return text[: found.start()] + gap + text[found.end() :], _WEEKDAYS[(found["han"] or found["name"]).lower()]


def _han_number(text: str) -> str:
    """A number up to 39 in Han digits: 二十一, 廿一; "0" where it is none."""
    tens, ten, units = text.replace("廿", "二十").replace("卅", "三十").rpartition("十")
    digits = f"{(tens or '1') if ten else ''}{units or '0' if ten else units}".translate(_HAN_DIGITS)
    return digits if digits.isdigit() and len(digits) <= 2 else "0"


def implausible(day: date) -> Fault | None:
    """The fault of a day too far from today's centuries."""
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    return Fault("date-implausible", {"first": FIRST_YEAR, "last": LAST_YEAR})


def _day(year: str, month: str, day: str) -> date | Fault:
    try:
        made = date(int(year), int(month), int(day))
    except ValueError:
        return Fault("date-impossible")
    return implausible(made) or made


def _tells_all(written: str) -> bool:
    """Whether a day comes back the same from its text in this format."""
    sample = date(2021, 3, 25)
    try:
        return datetime.strptime(sample.strftime(written), written).date() == sample
    except ValueError:
        return False
