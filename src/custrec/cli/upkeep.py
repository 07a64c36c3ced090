"""custrec status, doctor and maintain: looking after the store.

The face of jobs.upkeep.standing, jobs.upkeep.doctor and jobs.upkeep.maintaining.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.options import DryRun, Json
from custrec.cli.running import command


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "status",
        codes=(0, 2, 3, 7),
        examples=["custrec status", "custrec status -q   # only the exit code: 3 if anything waits"],
        summary=True,
    )(status)
    command(
        app,
        "doctor",
        codes=(0, 2, 3, 6, 7, 10),
        examples=["custrec doctor", "custrec doctor --full --fix", "custrec doctor --bundle report.json"],
        summary=True,
    )(doctor)
    command(
        app,
        "maintain",
        codes=(0, 2, 3, 6, 7, 10),
        examples=["custrec maintain -n", "custrec maintain -q         # each night", "custrec maintain --vacuum"],
        summary=True,
    )(maintain)


def status(face: Face, as_json: Json = False) -> int:
    """Show how the store stands, and what waits for somebody."""
    from custrec.cli.progress import waiting
    from custrec.cli.upkeep_words import standing_lines, standing_said
    from custrec.jobs.upkeep.standing import standing

    faults = tuple(fault.message for fault in face.settle_for_reading())
    session = face.session
    with waiting(face, "counting"):
        found = standing(session.store, faults, session.now, face.settings.backup_max_age)
    said = face.result("status", standing_said(found))
    if as_json:
        face.out_json("status", said)
    elif not face.quiet:
        for line in standing_lines(found, session.now):
            face.out(line)
    return 3 if found.waits else 0


def doctor(
    face: Face,
    full: Annotated[bool, typer.Option("--full", help="Hold every index against its table, too.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended without touching a record.")] = False,
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", metavar="FILE", help="Write a report for strangers: no records, no names of people."),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check the store and all around it, and say what to do."""
    from custrec.cli.progress import waiting
    from custrec.cli.upkeep_words import EXIT_CODES, finding_lines
    from custrec.errors import StoreMissing
    from custrec.jobs.upkeep.diagnosis import Finding, Level, admit
    from custrec.jobs.upkeep.doctor import examine, report, worst

    faults = face.settle_for_reading()
    fixed = _fix(face, full) if fix else []
    for line in () if as_json else fixed:
        face.say(f"fixed: {line}")
    patient = admit(face.store_path, face.session.now, full, faults, face.settings.backup_max_age)
    if patient.nothing_there:
        raise StoreMissing(store=str(face.store_path))
    findings: list[Finding] = []
    with waiting(face, "examining") as progress:
        for finding in examine(patient):
            findings.append(finding)
            unsaid = as_json or (face.quiet and finding.level is Level.OK)
            for line in () if unsaid else finding_lines(finding, face.color):
                face.out(line)
            progress.phase("examining")
    listed = [{"check": f.check, "level": f.level, "says": f.says, "do": f.do, "fixable": f.fixable} for f in findings]
    said = face.result("doctor", {"findings": listed, "fixed": fixed})
    if as_json:
        face.out_json("doctor", said)
    if bundle is not None:
        _write_report(bundle, report(patient, findings))
        face.say(f"{bundle}: the report, for you to look at before you send it")
    if patient.store:
        patient.store.close()
    return EXIT_CODES[worst(findings)]


def maintain(
    face: Face,
    vacuum: Annotated[
        bool, typer.Option("--vacuum", help="Write the files anew, also where few of their pages are free.")
    ] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> int:
    """Look after the store: search index, statistics, write-ahead log, free pages; plans that expired long ago go."""
    from custrec.cli.erasure_words import say_wiped, wiped_said
    from custrec.cli.progress import shown_progress
    from custrec.cli.upkeep_words import step_line, step_said
    from custrec.jobs.upkeep.maintaining import intended
    from custrec.jobs.upkeep.maintaining import maintain as look_after
    from custrec.store.upkeep import Caretaker

    session = face.session
    by = Caretaker(session.actor, "maintain", session.wait)
    wiped = None if dry_run else session.finish_wiping()
    if wiped and not as_json:
        say_wiped(face, wiped)
    steps = []
    with shown_progress(face) as progress:
        progress.phase("looking after it")
        for step in intended(session.store, vacuum) if dry_run else look_after(session.store, by, vacuum):
            steps.append(step)
            if not as_json:
                face.say(step_line(step, dry_run))
            progress.phase("looking after it")
    dropped = _drop_expired(face, dry_run, as_json)
    listed = [step_said(step) for step in steps]
    told = {"done": not dry_run, "steps": listed, "expired_plans": dropped}
    said = face.result("maintain", told | ({"erasures": wiped_said(wiped)} if wiped else {}))
    if as_json:
        face.out_json("maintain", said)
    elif dry_run:
        face.say("nothing was written (dry run)")
    hindered = [step for step in steps if step.name == "vacuum" and step.hindrance]
    for step in hindered if face.quiet else ():
        face.warn(f"{step.file} was not written anew: {step.hindrance}")
    if wiped and not wiped.done:
        return 6
    return 3 if hindered else 0


def _drop_expired(face: Face, dry_run: bool, as_json: bool) -> list[str]:
    """Drop the plans that expired long ago, each by name; which."""
    from custrec.errors import PlanBusy

    dropped = []
    for plan in face.waiting.long_expired():
        try:
            if not dry_run:
                face.waiting.drop(plan.id)
        except PlanBusy:
            continue
        dropped.append(plan.id)
        if not as_json:
            face.warn(f"plan {plan.id} of {plan.actor}, made {plan.made_at}, expired long ago: dropped")
    return dropped


def _fix(face: Face, full: bool) -> list[str]:
    """Mend what can be mended; what was done."""
    from custrec.cli.progress import waiting
    from custrec.jobs.upkeep.diagnosis import admit
    from custrec.jobs.upkeep.doctor import fix
    from custrec.store.upkeep import Caretaker

    session = face.session
    patient = admit(face.store_path, session.now, full)
    try:
        with waiting(face, "mending"):
            return list(fix(patient, Caretaker(session.actor, "doctor", session.wait)))
    finally:
        if patient.store:
            patient.store.close()


def _write_report(place: Path, said: dict[str, object]) -> None:
    import json

    from custrec.files.output import open_output

    with open_output(place) as stream:
        stream.write(json.dumps(said, indent=2, ensure_ascii=False) + "\n")
