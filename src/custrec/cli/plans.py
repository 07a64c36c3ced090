"""custrec plan: plans that were saved, to be looked at, reviewed and applied, or dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.options import Confirm, ConfirmUpTo, Json, MaxChange
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.reviewing import Reviewing

SAMPLE = 10

PlanName = Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id.", show_default=False)]
Refresh = Annotated[bool, typer.Option("--refresh", help="Make the plan again against today's records first.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="Plans that were saved and not yet applied.", no_args_is_help=True)
    command(group, "list", pages=True, examples=["custrec plan list", "custrec plan list --json"])(list_plans)
    command(group, "show", pages=True, examples=["custrec plan show p1a2b3c4", "custrec plan show p1a2b3c4 --json"])(
        show_plan
    )
    command(
        group,
        "review",
        codes=(0, 2, 3, 4, 5, 6, 7, 9, 10),
        examples=[
            "custrec plan review p1a2b3c4",
            "custrec plan review p1a2b3c4 --reject C0002 --reject line:7 --approve-all",
            "custrec plan review p1a2b3c4 --export rows.csv     # fill in _verdict, then: --from rows.csv",
        ],
    )(review_plan)
    command(
        group,
        "apply",
        writes="import",
        codes=(0, 2, 3, 4, 5, 6, 7, 9, 10),
        examples=["custrec plan apply p1a2b3c4", "custrec plan apply p1a2b3c4 --max-change 5000 --refresh"],
    )(apply_plan)
    command(group, "drop", examples=["custrec plan drop p1a2b3c4", "custrec plan drop p1a2b3c4 -q"])(drop_plan)
    app.add_typer(group, name="plan")


def list_plans(face: Face, as_json: Json = False) -> None:
    """List the saved plans, oldest first."""
    from custrec.cli.plan_findings import findings, in_a_word
    from custrec.cli.plan_words import plan_said

    reader = face.reader
    found = [(file.plan, findings(reader, file)) for file in face.waiting.files()]
    if as_json:
        face.out_json("plans", {"plans": [plan_said(plan) | said for plan, said in found]})
        return
    rows = [
        (p.id, p.made_at, p.actor, p.verb, p.source.name if p.source else "", p.counts.changes, in_a_word(said))
        for p, said in found
    ]
    if rows:
        face.table(("plan", "made", "by", "verb", "from", "changes", ""), rows, right=("changes",))
    else:
        face.say("no plans are waiting")


def show_plan(face: Face, name: PlanName, as_json: Json = False) -> None:
    """Show what a saved plan would do: what is to be known of it, and its first changes."""
    from custrec.cli.plan_findings import findings, say_head
    from custrec.cli.plan_words import plan_said
    from custrec.jobs.previews import preview

    file = face.waiting.named(name)
    try:
        plan, aside, said = file.plan, file.aside, findings(face.session, file)
        sample = preview(face.session.store, file, SAMPLE, truth=as_json)
    finally:
        file.close()
    if as_json:
        face.out_json("plan", plan_said(plan) | said | {"applied": False, "sample": sample})
        return
    say_head(face, plan, aside, said)
    if sample:
        rows = [(s["op"], s["record"], s["field"], s["before"], s["after"]) for s in sample]
        face.table(("change", "record", "field", "before", "after"), rows)


def review_plan(
    face: Face,
    name: PlanName,
    approve: Annotated[
        list[str] | None, typer.Option("--approve", metavar="ID", help="Approve this change: a key, #12 or line:7.")
    ] = None,
    reject: Annotated[list[str] | None, typer.Option("--reject", metavar="ID", help="Reject this one.")] = None,
    approve_all: Annotated[bool, typer.Option("--approve-all", help="Approve all that is then undecided.")] = False,
    reject_all: Annotated[bool, typer.Option("--reject-all", help="Reject all that is then undecided.")] = False,
    export: Annotated[
        str | None, typer.Option("--export", metavar="FILE", help="Write the changes as CSV; - prints them.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="FILE", help="Take verdicts and edits from such a file; - reads it.")
    ] = None,
    refresh: Refresh = False,
    as_json: Json = False,
) -> int:
    """Go through a saved plan and approve, reject or edit each change; or with the options, all at once."""
    from custrec.cli.reviewing import exported, taken, walk

    if approve_all and reject_all:
        from custrec.errors import UsageError

        raise UsageError(what="--approve-all and --reject-all exclude each other")
    if refresh:
        _refresh(face, name)
    with face.waiting.reviewing(name) as reviewing:
        if export is not None:
            return exported(face, reviewing, export)
        if source is not None:
            taken(face, reviewing, source)
        for word in reject or ():
            reviewing.reject(reviewing.found(word))
        for word in approve or ():
            reviewing.approve(reviewing.found(word))
        if approve_all:
            reviewing.approve_rest()
        if reject_all:
            reviewing.reject_rest()
        if not (source is not None or reject or approve or approve_all or reject_all):
            walk(face, reviewing, as_json)
        return _say_review(face, reviewing, as_json)


def _say_review(face: Face, reviewing: Reviewing, as_json: bool) -> int:
    """Say how far a review is, and what comes next; says the exit code."""
    from custrec.cli.plan_findings import tally_said, tally_words

    said = tally_said(reviewing.tally())
    if as_json:
        face.out_json("review", {"plan": reviewing.plan.id, "required": reviewing.required} | said)
        return 3 if said["open"] else 0
    face.say(f"plan {reviewing.plan.id}: {tally_words(said)}")
    if said["open"]:
        face.say(f"go on with: custrec plan review {reviewing.plan.id}")
    else:
        face.say(f"apply with: custrec plan apply {reviewing.plan.id}")
    return 3 if said["open"] else 0


def apply_plan(
    face: Face,
    name: PlanName,
    refresh: Refresh = False,
    max_change: MaxChange = None,
    confirm: Confirm = None,
    confirm_up_to: ConfirmUpTo = None,
    as_json: Json = False,
) -> int:
    """Apply a saved plan, once, as its review left it."""
    from custrec.cli.erasure_words import count_said
    from custrec.cli.plan_words import carried_out, ending
    from custrec.cli.progress import shown_progress
    from custrec.session.session import Consent

    session = face.session
    if refresh:
        session.check_schema(writing=True)
        _refresh(face, name)
    file = face.waiting.named(name)
    if not file.reshapes:
        session.check_schema(writing=True)
    with shown_progress(face) as progress:
        progress.phase("applying")
        report = face.waiting.run(file, Consent(max_change, count=count_said(confirm, confirm_up_to, False, progress)))
        carried_out(face, report, as_json)
    if report.plan.erases and report.wiped and not report.wiped.done:
        return 6
    return ending(report.plan)


def _refresh(face: Face, name: str) -> None:
    """Make a saved plan again, and say what had moved."""
    from custrec.cli.counting import many

    done = face.waiting.refresh(name)
    if not done.moved:
        face.say(f"plan {name}: none of its records had moved")
        return
    face.say(f"plan {name}: {many(done.moved, 'record')} had moved")
    for line in done.lines:
        face.say(f"  {line}")


def drop_plan(face: Face, name: PlanName) -> None:
    """Drop a saved plan; nothing of it happens."""
    face.waiting.drop(name)
    face.say(f"plan {name} is dropped; the store was not touched")
