"""custrec plan: plans that were saved, to be looked at and applied, or dropped."""

from __future__ import annotations

from typing import Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.options import Json, MaxChange
from custrec.cli.running import command

SAMPLE = 10

PlanName = Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="Plans that were saved and not yet applied.", no_args_is_help=True)
    command(group, "list", pages=True, examples=["custrec plan list", "custrec plan list --json"])(list_plans)
    command(group, "show", pages=True, examples=["custrec plan show p1a2b3c4", "custrec plan show p1a2b3c4 --json"])(
        show_plan
    )
    command(
        group,
        "apply",
        writes="import",
        codes=(0, 2, 3, 4, 6, 7, 9, 10),
        examples=["custrec plan apply p1a2b3c4", "custrec plan apply p1a2b3c4 --max-change 5000"],
    )(apply_plan)
    command(group, "drop", examples=["custrec plan drop p1a2b3c4", "custrec plan drop p1a2b3c4 -q"])(drop_plan)
    app.add_typer(group, name="plan")


def list_plans(face: Face, as_json: Json = False) -> None:
    """List the saved plans, oldest first."""
    from custrec.cli.plan_words import plan_said

    plans = [plan for _, plan in face.reader.saved_plans()]
    if as_json:
        face.out_json("plans", {"plans": [plan_said(plan) for plan in plans]})
        return
    rows = [(p.id, p.made_at, p.actor, p.verb, p.source.name if p.source else "", p.counts.changes) for p in plans]
    if rows:
        face.table(("plan", "made", "by", "verb", "from", "changes"), rows, right=("changes",))
    else:
        face.say("no plans are waiting")


def show_plan(face: Face, name: PlanName, as_json: Json = False) -> None:
    """Show what a saved plan would do, with its first changes."""
    from custrec.cli.plan_words import plan_said, say_plan
    from custrec.jobs.previews import preview

    file = face.session.saved_plan(name)
    try:
        plan = file.plan
        aside = file.aside
        sample = preview(face.session.store, file, SAMPLE, truth=as_json)
    finally:
        file.close()
    if as_json:
        face.out_json("plan", plan_said(plan) | {"applied": False, "sample": sample})
        return
    face.say(f"plan {plan.id}, made {plan.made_at} by {plan.actor}")
    say_plan(face, plan, aside)
    if sample:
        rows = [(s["op"], s["record"], s["field"], s["before"], s["after"]) for s in sample]
        face.table(("change", "record", "field", "before", "after"), rows)


def apply_plan(face: Face, name: PlanName, max_change: MaxChange = None, as_json: Json = False) -> int:
    """Apply a saved plan, once."""
    from custrec.cli.plan_words import carried_out
    from custrec.cli.progress import import_progress
    from custrec.session.session import Consent

    session = face.session
    file = session.saved_plan(name)
    if not file.reshapes:
        session.check_schema(writing=True)
    with import_progress(face) as progress:
        progress.phase("applying")
        report = session.run(file, Consent(max_change))
        carried_out(face, report, as_json)
    return 3 if report.plan.counts.rejected else 0


def drop_plan(face: Face, name: PlanName) -> None:
    """Drop a saved plan; nothing of it happens."""
    face.session.drop_plan(name)
    face.say(f"plan {name} is dropped; the store was not touched")
