"""custrec nightly: what a store needs each night, in one line of cron. One step after the other under one lock.

Each step is a command of its own, called as that command is, with a face of its own. One that fails does not stop those
that can still serve: no bad file of an inbox may cost a night's backup. What a step rests on it names (`Step.after`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.options import DryRun, Json, listed
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.errors import CustrecError

INBOX = "inbox"
"""The folder beside the store that is taken for the inbox where nobody says."""
BUG = 1
FAILED = 4
"""From this exit code on, a step did not do what it was to do; 3 is done, with findings."""


@dataclass(frozen=True)
class Night:
    """What was said of one run: where its inbox is, and whether it is to write nothing."""

    inbox: Path | None
    dry_run: bool


@dataclass(frozen=True)
class Step:
    """A step (`_run` knows what each does). `needs` says what it lacks, and so why it is left out; it is left out, too,
    where one that it comes `after` has failed."""

    needs: Callable[[Face, Night], str] = lambda face, night: ""  # noqa: ARG005 (as every step is asked)
    after: tuple[str, ...] = ()


@dataclass
class Done:
    """What became of a step: its exit code, why it was left out, what it said and found, and what was wrong."""

    step: str
    exit_code: int = 0
    seconds: float = 0.0
    skipped: str = ""
    words: list[str] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    errors: list[tuple[str, CustrecError]] = field(default_factory=list)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "nightly",
        writes="import",
        codes=(0, 2, 3, 4, 6, 7, 8, 9, 10),
        examples=[
            "custrec nightly -n",
            "custrec nightly -q --summary-file nightly.json   # for cron: custrec schedule print",
        ],
        summary=True,
    )(nightly)


def nightly(
    face: Face,
    inbox: Annotated[
        Path | None,
        typer.Option("--inbox", metavar="FOLDER", help="Import what is new there; else custrec.yaml, or inbox/, says."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="WHICH", help="Only these: import, check, retention, backup, prune."),
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    """Do what is due each night: import the inbox, check the records, do what rules of retention do unasked, make a
    backup and drop old ones. A step that fails does not stop those that can still serve; the exit code is the highest.
    For cron: custrec schedule print."""
    from custrec.errors import NightlyRunning
    from custrec.files.lock import held
    from custrec.store.place import beside

    wanted = _wanted(only)
    _ = face.session.store  # what is wrong with it is said once, and first
    night = Night(_inbox(face, inbox), dry_run)
    done: list[Done] = []
    with held(beside(face.store_path, "nightly-lock"), "nightly", lambda **who: NightlyRunning(**who)):
        for one in _steps(face, night, wanted):
            done.append(one)
            face.complaints += [(f"{one.step}: {thing}" if thing else one.step, error) for thing, error in one.errors]
            if not (as_json or face.quiet):
                face.say(_line(one))
    said = face.result("nightly", {"done": not dry_run, "steps": [_said(one) for one in done]})
    if as_json:
        face.out_json("nightly", said)
    elif face.quiet and any(one.exit_code for one in done):
        face.warn("nightly: " + " · ".join(_in_a_line(one) for one in done if one.exit_code))
    codes = [one.exit_code for one in done]
    return BUG if BUG in codes else max(codes, default=0)


def _steps(face: Face, night: Night, wanted: Collection[str]) -> Iterator[Done]:
    """Do the steps that are wanted, in their order; what became of each."""
    failed: set[str] = set()
    for name, step in STEPS.items():
        if name not in wanted:
            continue
        if missed := [other for other in step.after if other in failed]:
            yield Done(name, skipped=f"{missed[0]} failed")
            continue
        own = Face(face.store_path, face.flags, quiet=True, today_option=face.today_option, store_from=face.store_from)
        done = Done(name, words=own.hush())
        began = time.monotonic()
        try:
            _do(own, night, done)
        finally:
            own.close()
        done.seconds = round(time.monotonic() - began, 3)
        done.results, done.errors = own.results, [*own.complaints, *done.errors]
        if done.exit_code >= FAILED or done.exit_code == BUG:
            failed.add(name)
        yield done


def _do(own: Face, night: Night, done: Done) -> None:
    """Do one step. Whatever goes wrong in it is noted, a bug too: the next one may be what saves the day."""
    from custrec.errors import CustrecError
    from custrec.errors.bugs import place_of
    from custrec.store.database import PATIENCE
    from custrec.store.sqlite_errors import translated

    try:
        with translated(own.store_path, PATIENCE):
            done.skipped = STEPS[done.step].needs(own, night)
            done.exit_code = 0 if done.skipped else _run(done.step, own, night)
    except CustrecError as error:
        done.exit_code = error.exit_code
        done.errors.append(("", error))
        done.words.append(" · ".join(filter(None, (error.message, *error.details, error.hint))))
    except OSError as error:
        done.exit_code = 10
        done.words.append(f"the system said: {(error.strerror or type(error).__name__).lower()}")
    except Exception as error:
        done.exit_code = BUG
        done.words.append(f"a bug in custrec: {type(error).__name__} at {place_of(error)}; run that step with --debug")


def _wanted(only: str | None) -> list[str]:
    from custrec.errors import UsageError

    names = listed(only)
    for name in names:
        if name not in STEPS:
            raise UsageError(what=f"there is no step {name}", hint=f"it is one of {', '.join(STEPS)}")
    return names or list(STEPS)


def _inbox(face: Face, given: Path | None) -> Path | None:
    """The inbox: the one that was named, that of the settings, or the folder of that name beside the store."""
    if given is not None:
        return given
    home = face.store_path.parent
    if face.settings.inbox is not None:
        return home / face.settings.inbox
    return home / INBOX if (home / INBOX).is_dir() else None


def _run(step: str, face: Face, night: Night) -> int:
    """Run a step, as its own command is run; says the exit code."""
    from custrec.cli.backups import create, prune
    from custrec.cli.checking import check
    from custrec.cli.imports import import_files
    from custrec.cli.options import Writing
    from custrec.cli.retention_run import run

    writing = Writing(dry_run=night.dry_run)
    match step:
        case "import":
            return import_files(face, [str(night.inbox)], writing=writing)
        case "check":
            return check(face)
        case "retention":
            return run(face, writing=writing)
        case "backup":
            return create(face)
        case _:
            prune(face, dry_run=night.dry_run)
            return 0


def _no_inbox(face: Face, night: Night) -> str:  # noqa: ARG001
    return "" if night.inbox else f"there is no folder {INBOX} beside the store, and custrec.yaml names none"


def _no_policy(face: Face, night: Night) -> str:  # noqa: ARG001
    from custrec.jobs.lifecycle.proposing import ruled_tables

    return "" if ruled_tables(face.session.store.schema) else "no table of the schema has rules of retention"


def _no_keys(face: Face, night: Night) -> str:
    """Why no backup is made: nothing to seal it with. Any other fault of the keys is the step's own."""
    from custrec.errors import NoRecipients
    from custrec.jobs.backups.keys import recipients

    if night.dry_run:
        return "nothing is written in a dry run"
    try:
        recipients(face.store_path)
    except NoRecipients:
        return "there are no keys for backups: custrec key init"
    return ""


def _nothing_drops(face: Face, night: Night) -> str:
    if why := "" if night.dry_run else _no_keys(face, night):
        return why
    return "" if face.settings.backup_keep else "custrec.yaml says nothing of backup_keep: all are kept"


STEPS: dict[str, Step] = {
    "import": Step(_no_inbox),
    "check": Step(),
    "retention": Step(_no_policy, after=("import",)),
    "backup": Step(_no_keys),
    "prune": Step(_nothing_drops, after=("backup",)),
}
"""The steps, in their order."""


def _said(one: Done) -> dict[str, Any]:
    """A step for programs."""
    return {
        "step": one.step,
        "exit_code": one.exit_code,
        "seconds": one.seconds,
        "skipped": one.skipped or None,
        "errors": [{"thing": thing, "error": error.slug, "message": error.message} for thing, error in one.errors],
        "results": one.results,
    }


def _line(one: Done) -> str:
    """A step for people."""
    if one.skipped:
        return f"{one.step}: left out: {one.skipped}"
    words = " · ".join([*_counted(one), *_plain(one)])
    return f"{one.step}: {words or 'done'} ({one.seconds:.1f} s{f', exit {one.exit_code}' if one.exit_code else ''})"


def _counted(one: Done) -> list[str]:
    """What a step did, in numbers."""
    if one.step == "backup":
        return [f"generation {said['generation']}" for said in one.results if "generation" in said]
    if one.step != "import":
        return []
    counts: Counter[str] = Counter()
    for said in one.results:
        counts.update(said["counts"])
    named = {"insert": "new", "update": "changed", "same": "the same", "rejected": "rejected"}
    files = many(len(one.results), "new file") if one.results else "nothing new"
    return [", ".join([files, *(f"{counts[name]:,} {word}" for name, word in named.items() if counts[name])])]


def _in_a_line(one: Done) -> str:
    return f"{one.step} ({one.exit_code}): {'; '.join(_plain(one)) or 'done, with findings'}"


def _plain(one: Done) -> list[str]:
    return [word.removeprefix("custrec: ").strip() for word in one.words]
