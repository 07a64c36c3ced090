"""Ready entries for those who start jobs: cron, systemd and launchd. Texts only; nothing is installed.

Every path is absolute and every word quoted as its reader wants it, because whoever starts it gives it next to nothing:

    cron      a line for /bin/sh; cron itself turns % into a line end unless it is written \\% (crontab(5))
    systemd   a .service and a .timer for each job; % and $ are doubled, words in quotes (systemd.service(5),
              systemd.syntax(7))
    launchd   a property list for each job (launchd.plist(5)); words are a list, nothing is quoted
"""

from __future__ import annotations

import plistlib
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custrec.store.place import beside

PATIENCE = 600
"""Seconds that a job waits for the lock of the store."""
SUNDAY = 0
DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")


@dataclass(frozen=True)
class When:
    """A time of day, each day; or of one day of the week (0: Sunday) or of the month alone."""

    hour: int
    minute: int
    weekday: int | None = None
    day: int | None = None

    @property
    def words(self) -> str:
        """As people say it."""
        which = f"each {DAYS[self.weekday]}" if self.weekday is not None else "daily"
        return f"{f'on day {self.day} of the month' if self.day is not None else which} at {self.clock}"

    @property
    def clock(self) -> str:
        """The time of day."""
        return f"{self.hour:02}:{self.minute:02}"


@dataclass(frozen=True)
class Job:
    """What is run when, and what for. `log` is a file for what it says, where nobody mails it."""

    name: str
    purpose: str
    when: When
    words: tuple[str, ...]
    log: Path


def jobs(command: Sequence[str], store: Path, at: When, inbox: Path | None = None) -> list[Job]:
    """The jobs for a store: `command` is how custrec is called, `at` when the nightly run begins."""
    folders = ["--inbox", str(inbox)] if inbox else []
    patient = ["-q", "--store", str(store), "--wait", str(PATIENCE)]

    def summed_up(name: str) -> list[str]:
        return ["--summary-file", str(beside(store, f"{name}.json"))]

    drill = (
        f"custrec: try whether a backup of {store} opens: custrec backup drill --key-file FILE, with the recovery key"
    )
    made: list[tuple[str, str, When, Sequence[str]]] = [
        (
            "nightly",
            "inbox, check, retention, backup, prune",
            at,
            [*command, "nightly", *folders, *patient, "--actor", "nightly", *summed_up("nightly")],
        ),
        (
            "noon",
            "one more backup in the middle of the day",
            When(12, 40),
            [*command, "backup", "create", *patient, *summed_up("noon")],
        ),
        (
            "watch",
            "whether backups are still made",
            When(7, 50),
            [*command, "backup", "status", "--max-age", "26h", *patient, *summed_up("watch")],
        ),
        ("doctor", "whether the store is well", When(6, 30), [*command, "doctor", *patient, *summed_up("doctor")]),
        (
            "maintain",
            "search index, statistics, free pages",
            When(3, 45, weekday=SUNDAY),
            [*command, "maintain", *patient, *summed_up("maintain")],
        ),
        (
            "verify",
            "whether the history is as it was written",
            When(4, 30, weekday=SUNDAY),
            [*command, "history", "verify", *patient],
        ),
        ("drill", "a reminder: backups are worth what they give back", When(8, 10, day=1), ["/bin/echo", drill]),
    ]
    return [Job(name, purpose, when, tuple(words), beside(store, f"{name}.log")) for name, purpose, when, words in made]


def label(store: Path, job: Job, apart: str) -> str:
    """What a job is called among those of other programs and stores."""
    stem = re.sub(r"[^A-Za-z0-9_]", "_", store.name.removesuffix(".db"))
    return apart.join(["custrec", *([stem] if stem != "custrec" else []), job.name])


# --- cron -------------------------------------------------------------------------------------------------------------


def cron_lines(found: Sequence[Job]) -> Iterator[str]:
    """The lines of a crontab; what a job says is mailed by cron."""
    for job in found:
        when = job.when
        weekday = "*" if when.weekday is None else str(when.weekday)
        fields = (when.minute, when.hour, when.day or "*", "*", weekday)
        yield f"# {job.name}: {job.purpose}, {when.words}"
        yield f"{' '.join(map(str, fields))}  {cron_command(job.words)}"


def cron_command(words: Sequence[str]) -> str:
    """A command as it stands in a crontab."""
    return shlex.join(words).replace("%", r"\%")


# --- systemd ----------------------------------------------------------------------------------------------------------


def units(store: Path, job: Job) -> dict[str, str]:
    """The two units of a job, by the names of their files."""
    name = label(store, job, "-")
    service = f"""\
[Unit]
Description=custrec: {_unit_text(job.purpose)}

[Service]
Type=oneshot
ExecStart={" ".join(_unit_word(word, first=not place) for place, word in enumerate(job.words))}
# 3 is done, with findings: nothing failed, and the journal has the line that says what they are.
SuccessExitStatus=3
"""
    timer = f"""\
[Unit]
Description=custrec: {_unit_text(job.purpose)}, {job.when.words}

[Timer]
OnCalendar={_calendar(job.when)}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {f"{name}.service": service, f"{name}.timer": timer}


def _calendar(when: When) -> str:
    weekday = f"{DAYS[when.weekday]} " if when.weekday is not None else ""
    return f"{weekday}*-*-{f'{when.day:02}' if when.day is not None else '*'} {when.clock}:00"


def _unit_text(text: str) -> str:
    return text.replace("%", "%%")


def _unit_word(word: str, first: bool) -> str:
    """A word of ExecStart. Variables are not looked for in the program's own path."""
    said = _unit_text(word).replace("\\", r"\\").replace('"', r"\"")
    return f'"{said if first else said.replace("$", "$$")}"'


# --- launchd ----------------------------------------------------------------------------------------------------------


def property_list(store: Path, job: Job) -> dict[str, str]:
    """The property list of a job, by the name of its file."""
    when: dict[str, int] = {"Hour": job.when.hour, "Minute": job.when.minute}
    if job.when.weekday is not None:
        when["Weekday"] = job.when.weekday
    if job.when.day is not None:
        when["Day"] = job.when.day
    name = label(store, job, ".")
    said: dict[str, Any] = {
        "Label": name,
        "ProgramArguments": list(job.words),
        "StartCalendarInterval": when,
        "StandardOutPath": str(job.log),
        "StandardErrorPath": str(job.log),
    }
    return {f"{name}.plist": plistlib.dumps(said, sort_keys=False).decode("utf-8")}
