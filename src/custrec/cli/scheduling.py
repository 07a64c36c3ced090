"""custrec schedule: ready entries for cron, systemd and launchd. The face of jobs.upkeep.schedules."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.options import listed, one_way
from custrec.cli.running import command

if TYPE_CHECKING:
    from collections.abc import Mapping

    from custrec.jobs.upkeep.schedules import Job, When

AT = "02:15"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="What is to run by itself: entries for cron, systemd and launchd.", no_args_is_help=True)
    command(
        group,
        "print",
        codes=(0, 2, 7, 10),
        examples=[
            "custrec schedule print --cron --only nightly,watch   # for crontab -e",
            "custrec schedule print --systemd --to ~/.config/systemd/user",
            "custrec schedule print --launchd --only nightly > ~/Library/LaunchAgents/custrec.nightly.plist",
        ],
    )(print_schedule)
    app.add_typer(group, name="schedule")


def print_schedule(
    face: Face,
    cron: Annotated[bool, typer.Option("--cron", help="Lines for a crontab; so it is where nothing is said.")] = False,
    systemd: Annotated[bool, typer.Option("--systemd", help="A service and a timer for each job.")] = False,
    launchd: Annotated[bool, typer.Option("--launchd", help="A property list for each job.")] = False,
    only: Annotated[
        str | None,
        typer.Option(
            "--only", metavar="WHICH", help="Only these: nightly, noon, watch, doctor, maintain, verify, drill."
        ),
    ] = None,
    at: Annotated[str, typer.Option("--at", metavar="HH:MM", help="When nightly begins.")] = AT,
    inbox: Annotated[Path | None, typer.Option("--inbox", metavar="FOLDER", help="The inbox for nightly.")] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FOLDER", help="Write units or lists there, a file each.")
    ] = None,
) -> None:
    """Print entries that run what a store needs: with absolute paths, silent while all is well, a summary for a monitor
    beside the store, and safe to overlap. Nothing is installed."""
    from custrec.jobs.upkeep import schedules

    form = one_way({"--cron": cron, "--systemd": systemd, "--launchd": launchd}, "entries have one form") or "--cron"
    _ = face.reader  # entries for a store that is not there help nobody
    store = face.store_path.absolute()
    chosen = _chosen(schedules.jobs(_command(), store, _time(at), inbox.absolute() if inbox else None), only)
    if form == "--cron":
        _print_lines(face, chosen, to)
        return
    make = schedules.units if form == "--systemd" else schedules.property_list
    files = {name: text for job in chosen for name, text in make(store, job).items()}
    if to is not None:
        _write(face, to, files)
    else:
        for name, text in files.items():
            face.out((f"# {name}\n" if len(files) > 1 else "") + text.rstrip("\n"))
        face.say(
            "for ~/.config/systemd/user: systemctl --user enable --now NAME.timer; or write them with --to FOLDER"
            if form == "--systemd"
            else "for ~/Library/LaunchAgents, a file each: launchctl bootstrap gui/$(id -u) FILE; or --to FOLDER"
        )


def _print_lines(face: Face, chosen: list[Job], to: Path | None) -> None:
    from custrec.errors import UsageError
    from custrec.jobs.upkeep.schedules import cron_lines

    if to is not None:
        raise UsageError(what="--to goes with --systemd and --launchd", hint="a crontab is one file: crontab -e")
    for line in cron_lines(chosen):
        face.out(line)
    face.say("copy the lines that you want into: crontab -e")


def _command() -> list[str]:
    """How this custrec is called from anywhere: the command as it was called, or Python with the module."""
    said = Path(sys.argv[0])
    found = said if said.name in ("custrec", "custrec.exe") and said.parent != Path() else shutil.which("custrec")
    if said.name == "__main__.py" or found is None:
        return [os.path.abspath(sys.executable), "-m", "custrec"]  # noqa: PTH100 (no link is followed: a venv is one)
    return [os.path.abspath(found)]  # noqa: PTH100


def _time(text: str) -> When:
    from datetime import time

    from custrec.errors import UsageError
    from custrec.jobs.upkeep.schedules import When

    try:
        found = time.fromisoformat(text)
    except ValueError:
        raise UsageError(what="--at wants a time of day", hint="such as 02:15") from None
    return When(found.hour, found.minute)


def _chosen(found: list[Job], only: str | None) -> list[Job]:
    from custrec.errors import UsageError

    names = {job.name: job for job in found}
    for name in listed(only):
        if name not in names:
            raise UsageError(what=f"there is no job {name}", hint=f"it is one of {', '.join(names)}")
    for job in found:
        if any(not word.isprintable() for word in job.words):
            raise UsageError(what="a path with a line end or a control character cannot stand in a schedule")
    return [names[name] for name in listed(only)] or found


def _write(face: Face, folder: Path, files: Mapping[str, str]) -> None:
    from custrec.files.output import open_output

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        with open_output(folder / name) as stream:
            stream.write(text)
    for name in files:  # none is missing where nobody hears it to the end
        face.say(str(folder / name))
