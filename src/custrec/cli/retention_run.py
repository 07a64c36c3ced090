"""custrec retention run: what is ready is carried out, unasked where a rule says so, and else where it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import CODES_OF_MANY, Yes, carry_out
from custrec.cli.face import Face
from custrec.cli.options import WRITING, Confirm, ConfirmUpTo, TableName, Writing
from custrec.cli.retaining import RuleName, believe, proposed, ruled
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.lifecycle.carrying import Step
    from custrec.jobs.lifecycle.proposing import Proposals
    from custrec.jobs.progress import Progress
    from custrec.session.destruction import Count


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "run",
        writes="archive",
        codes=CODES_OF_MANY,
        summary=True,
        examples=["custrec retention run", "custrec retention run --proposed --rule 'former customers' --yes"],
    )(run)


def run(
    face: Face,
    table: TableName = None,
    rule: RuleName = None,
    everything: Annotated[
        bool, typer.Option("--proposed", help="Also what no rule carries out unasked; asks before each.")
    ] = False,
    confirm: Confirm = None,
    confirm_up_to: ConfirmUpTo = None,
    yes: Yes = False,
    writing: Writing = WRITING,
) -> int:
    """Carry out what the rules of retention say is done unasked (auto:), and say what else is proposed. Within
    max_change; the mildest first; what was done is not done again."""
    from custrec.cli.erasure_words import count_said
    from custrec.jobs.lifecycle.proposing import due

    session = face.session
    tables = ruled(face, table, rule)
    session.check_schema(writing=not writing.dry_run)
    believe(face)
    done = waiting = code = 0

    def counted(progress: Progress) -> Count:
        return count_said(confirm, confirm_up_to, yes, progress)

    for one in tables:
        found = proposed(face, one, rule)
        waiting += sum(due(session.store, proposal, session.today) for proposal in found.found)
        taken = [step for step in _steps(face, found) if everything or step.proposal.unasked]
        for step in taken:
            code = max(code, _carry(face, step, writing, counted, yes=yes))
        done += sum(len(step.records) for step in taken if not step.freed)
    waiting -= 0 if writing.dry_run or writing.save_plan else done
    said = {"carried_out": 0 if writing.dry_run or writing.save_plan else done, "waiting": waiting}
    face.result("retention_run", said)
    if writing.as_json:
        face.out_json("retention_run", said)
    elif waiting:
        face.say(f"{waiting:,} proposed and not carried out: custrec retention plan")
    elif not done:
        face.say("nothing is due")
    return max(code, 3 if waiting else 0)


def _steps(face: Face, found: Proposals) -> list[Step]:
    from custrec.jobs.lifecycle.carrying import steps

    return list(steps(face.session.store, found, face.session.today))


def _carry(face: Face, step: Step, writing: Writing, counted: Callable[[Progress], Count], *, yes: bool) -> int:
    """Carry a step out: unasked where its rule says so; else a person is asked, of what is destroyed for the number."""
    from custrec.cli.progress import shown_progress
    from custrec.jobs.lifecycle.carrying import plan_step
    from custrec.session.destruction import Count

    how = writing if writing.note else replace(writing, note=f"retention: {step.proposal.name}")
    with shown_progress(face) as progress:
        progress.phase("comparing")
        file = plan_step(face.session.store, step, face.session.draft(how.note))
        if step.proposal.unasked:
            return carry_out(face, file, how, progress, count=Count(by_rule=True))
        count = counted(progress) if file.plan.erases else None
        return carry_out(face, file, how, progress, asks="moved" in file.plan.detail, yes=yes, count=count)
