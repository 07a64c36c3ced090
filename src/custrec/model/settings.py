"""The settings: what each is called, what it takes, and what holds where nobody says anything.

Where a setting may be said, and who is heard first, stands in session.settings; the file's form in files.settings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from custrec.model.remote import is_remote, remote_url

COLORS = ("auto", "always", "never")
MOST_JOBS = 8
LONGEST_WAIT = 1e6
LONGEST_ACTOR = 200
MOST_DAYS = 3660
NEVER = "never"

_LIMIT = re.compile(r"(?:(?P<percent>\d{1,3}(?:\.\d{1,4})?) ?%)?(?P<or> or )?(?P<rows>\d{1,12})?")


_PERIOD = re.compile(r"(?P<number>\d{1,5})(?P<unit>[dw])", re.ASCII)


@dataclass(frozen=True)
class Limit:
    """How many existing records one plan may change: a share of its tables in percent, or rows, whichever is more."""

    percent: float = 20
    rows: int = 1000

    def of(self, total: int) -> int:
        """The limit for tables of `total` records."""
        return max(self.rows, int(total * self.percent / 100))

    def __str__(self) -> str:
        parts = [f"{self.percent:g}%"] if self.percent else []
        return " or ".join(parts + ([str(self.rows)] if self.rows or not parts else []))


class Days(int):
    """A number of days."""

    def __str__(self) -> str:
        return f"{int(self)}d"


def _limit(text: str) -> Limit:
    found = _LIMIT.fullmatch(text)
    percent, rows = (found["percent"], found["rows"]) if found else (None, None)
    both = percent is not None and rows is not None
    if not found or (percent, rows) == (None, None) or bool(found["or"]) != both or float(percent or 0) > 100:
        raise ValueError("20% of a table, 1000 records, or the larger of them: 20% or 1000")
    return Limit(float(percent or 0), int(rows or 0))


def _actor(text: str) -> str:
    if not text.strip() or len(text) > LONGEST_ACTOR or not text.isprintable():
        raise ValueError(f"a name of at most {LONGEST_ACTOR} characters")
    return text


def _wait(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_WAIT:
        raise ValueError(f"seconds, from 0 to {LONGEST_WAIT:,.0f}")
    return seconds


def _color(text: str) -> str:
    if text not in COLORS:
        raise ValueError(f"{', '.join(COLORS[:-1])} or {COLORS[-1]}")
    return text


def _plan_expiry(text: str) -> int | None:
    if text == NEVER:
        return None
    found = _PERIOD.fullmatch(text)
    days = int(found["number"]) * {"d": 1, "w": 7}[found["unit"]] if found else 0
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"days or weeks, as in 14d or 4w, up to {MOST_DAYS:,}d; or {NEVER}")
    return Days(days)


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST_JOBS:
        raise ValueError(f"a number of processes, from 1 to {MOST_JOBS}")
    return int(text)


_SPAN = re.compile(r"([1-9]\d{0,5})(h|d|w)")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_KEEP = re.compile(r"(last|hourly|daily|weekly|monthly|yearly) ([1-9]\d{0,4})|(within) ([1-9]\d{0,5}(?:h|d|w))")


def span(text: str) -> timedelta:
    """A span of time such as 26h, 7d or 2w. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise ValueError("a span of hours, days or weeks: 26h, 7d or 2w")
    return timedelta(hours=int(found[1]) * _HOURS[found[2]])


def span_text(value: timedelta) -> str:
    """A span as one would write it."""
    hours = int(value.total_seconds() // 3600)
    unit = next(unit for unit in ("w", "d", "h") if hours % _HOURS[unit] == 0)
    return f"{hours // _HOURS[unit]}{unit}"


def keep(text: str) -> dict[str, int | timedelta]:
    """How many backups to keep, by the words of rules.keeping. Raises ValueError."""
    said: dict[str, int | timedelta] = {}
    for part in text.replace("，", ",").split(","):
        found = _KEEP.fullmatch(" ".join(part.split()))
        if not found:
            raise ValueError("numbers by hour, day, week, month or year: last 3, daily 7, monthly 12, within 2w")
        said[found[1] or found[3]] = int(found[2]) if found[1] else span(found[4])
    return said


def _place(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("folders")
    if is_remote(text):
        remote_url(text)
    return text


def _folder(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("a folder")
    return text


def _file(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("a file")
    return text


def _word(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("a program and its arguments, as a list")
    return text


@dataclass(frozen=True)
class Setting:
    """One setting: its name in custrec.yaml, what it is for, how a text is read (ValueError says what it takes), and
    what holds by default. What None means, `otherwise` says: something else decides, or there is no bound. One with
    `many` values takes a list, and from the environment as PATH does."""

    name: str
    purpose: str
    read: Callable[[str], Any]
    default: Any
    otherwise: str = ""
    many: bool = False

    @property
    def variable(self) -> str:
        """The environment variable that says it."""
        return f"CUSTREC_{self.name.upper()}"


SETTINGS: dict[str, Setting] = {
    one.name: one
    for one in (
        Setting("max_change", "how many existing records one plan may change", _limit, Limit()),
        Setting("actor", "who is acting", _actor, None, "the login"),
        Setting("wait", "seconds to wait for the lock of the store", _wait, 60.0),
        Setting("color", "whether output is coloured", _color, "auto"),
        Setting("plan_expiry", "days until a saved plan expires", _plan_expiry, Days(30), NEVER),
        Setting("jobs", "worker processes of an import", _jobs, None, "one a processor, at most 4"),
        Setting("targets", "folders and URLs where backups go", _place, None, "beside the store", many=True),
        Setting("backup_max_age", "how old the newest backup may be", span, None, "not watched"),
        Setting("backup_heartbeat", "a file that is written after each good backup", _file, None, "none"),
        Setting("post_hook", "a program that is run after each good backup", _word, None, "none", many=True),
        Setting("inbox", "the folder whose new files nightly imports", _folder, None, "inbox, where there is one"),
        Setting("backup_keep", "which backups to keep", keep, None, "all, until backup prune is told"),
    )
}
"""All settings, in the order in which they are shown."""


def shown(value: Any) -> str:
    """A setting's value as one would write it."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, timedelta):
        return span_text(value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {shown(one)}" for name, one in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
