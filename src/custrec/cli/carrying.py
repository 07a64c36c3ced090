"""What becomes of a plan that a command made: shown and dropped, kept, or carried out. The same for every edit."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.agreeing import agrees
from custrec.cli.face import Face
from custrec.cli.options import Writing

if TYPE_CHECKING:
    from custrec.jobs.progress import Progress
    from custrec.model.plan import Plan
    from custrec.session.destruction import Count
    from custrec.session.session import Report
    from custrec.store.plan_file import PlanFile

SAMPLE = 10
"""How many changed values a dry run shows."""
MADE = 20
"""So many new records are named."""

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
CODES = (0, 2, 4, 6, 7, 9, 10)
CODES_OF_MANY = (0, 2, 3, 4, 6, 7, 9, 10)
CODES_OF_NAMED = (0, 2, 4, 5, 6, 7, 9, 10)
CODES_OF_MANY_NAMED = (0, 2, 3, 4, 5, 6, 7, 9, 10)
"""With 5: a record that is named may be restricted."""


Sample = list[dict[str, Any]]
"""Some changes of a plan: op, table, record, field, before, after."""


def carry_out(
    face: Face,
    file: PlanFile,
    how: Writing,
    progress: Progress | None = None,
    *,
    asks: bool = False,
    yes: bool = False,
    sample: Callable[[], Sample] | None = None,
    count: Count | None = None,
) -> int:
    """Show a plan, keep it, or carry it out; says the exit code. `asks`: a person is asked first, unless `yes`; `count`
    is what was said to one that destroys.

    `sample` gives the changes that a dry run shows; without it they are the plan's first.
    """
    from custrec.cli.plan_words import carried_out, ending, planned
    from custrec.session.destruction import NOTHING_SAID
    from custrec.session.session import Consent

    plan = file.plan
    if how.dry_run or (how.save_plan and plan.empty):
        _show(face, file, how.as_json, progress, sample)
    elif how.save_plan:
        file.settle()
        _stop(progress)
        planned(face, plan, how.as_json, saved=True)
    else:
        if progress is not None:
            progress.phase("applying")
        ask = (lambda plan: _ask(plan, progress)) if asks else None
        consent = Consent(how.max_change, yes=yes, ask=ask, count=count or NOTHING_SAID)
        report = face.session.run(file, consent, progress.watch if progress else None)
        _stop(progress)
        carried_out(face, _with_made(face, report), how.as_json)
        if plan.erases and report.wiped and not report.wiped.done:
            return 6
    return ending(plan)


def _show(
    face: Face, file: PlanFile, as_json: bool, progress: Progress | None, chosen: Callable[[], Sample] | None
) -> None:
    """What a plan would do, before and after, and drop it."""
    from custrec.cli.plan_words import nothing_to_change, plan_said, planned
    from custrec.jobs.previews import preview
    from custrec.model.decisions import DECISIONS

    plan = file.plan
    if plan.erases:
        file.drop()
        _stop(progress)
        planned(face, plan, as_json)
        return
    sample = chosen() if chosen else preview(face.session.store, file, SAMPLE, truth=as_json)
    file.drop()
    _stop(progress)
    if as_json:
        face.out_json("plan", plan_said(plan) | {"applied": False, "sample": sample})
        return
    own = {table.name for table in DECISIONS}  # what these hold is said in words
    if sample := [one for one in sample if one["table"] not in own]:
        several = len(plan.tables) > 1
        columns = (*(("table",) if several else ()), "record", "field", "before", "after")
        face.table(columns, [[one[name] for name in columns] for one in sample], right=("record",))
    planned(face, plan, as_json=False)
    if plan.empty:
        face.say(nothing_to_change(plan))


def _ask(plan: Plan, progress: Progress | None) -> bool:
    """Ask at a terminal whether to go on. Raises NeedsConsent where nobody is there."""
    from custrec.cli.plan_words import by_table
    from custrec.errors import NeedsConsent

    _stop(progress)
    if not sys.stdin.isatty():
        raise NeedsConsent(verb=plan.verb, count=plan.counts.changes)
    return agrees(f"{plan.verb} {by_table(plan.detail['moved'])}")


def _with_made(face: Face, report: Report) -> Report:
    """A report that names the records that were made, where there are any."""
    from dataclasses import replace

    from custrec.cli.merging_words import VERBS
    from custrec.model.plan import CONFIRMING
    from custrec.store.inserting import made_by

    if report.event is None or not report.plan.counts.insert:
        return report
    if report.plan.verb in (*VERBS, *CONFIRMING):
        return report  # what it made is no record of people's
    by_id = {table.id: table.name for table in face.session.store.schema.tables}
    made: list[dict[str, Any]] = [
        {"table": by_id[table], "_id": record}
        for table, record in made_by(face.session.store, report.event.id, MADE)
        if table in by_id
    ]
    return replace(report, plan=replace(report.plan, detail={**report.plan.detail, "made": made}))


def _stop(progress: Progress | None) -> None:
    if progress is not None:
        progress.stop()
