"""custrec normalize: the face of jobs.normalizing. It shows and reports; it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.face import Face
from custrec.cli.options import DryRun, Json, MaxChange, Note, SavePlan, Where, listed
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.change_samples import ChangeSample, ChangeSamples
    from custrec.model.plan import Plan


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "normalize",
        writes="normalize",
        codes=(0, 2, 3, 4, 6, 7, 9, 10),
        examples=["custrec normalize -n", "custrec normalize --field phone --where 'country = CN' --max-change 50000"],
    )(normalize)


def normalize(
    face: Face,
    table: Annotated[
        str | None,
        typer.Option("--table", "-t", metavar="TABLE", help="The table; with --field or --where the first, else all."),
    ] = None,
    field: Annotated[
        list[str] | None, typer.Option("--field", metavar="FIELD", help="Only this field; may be repeated.")
    ] = None,
    where: Where = None,
    dry_run: DryRun = False,
    save_plan: SavePlan = False,
    max_change: MaxChange = None,
    note: Note = "",
    as_json: Json = False,
) -> int:
    """Judge the stored values by today's rules, and store anew what they would store otherwise."""
    from custrec.cli.plan_words import carried_out, planned
    from custrec.cli.progress import import_progress
    from custrec.jobs.change_samples import ChangeSamples
    from custrec.jobs.normalizing import NormalizeRequest, plan_normalize
    from custrec.jobs.reading import table_named
    from custrec.session.session import Consent

    session, samples = face.session, ChangeSamples()
    session.check_schema(writing=not dry_run)
    schema = session.store.schema
    names = [name for words in field or [] for name in listed(words)]
    tables = [table_named(schema, table)] if table or names or where else list(schema.tables)
    with import_progress(face) as progress:
        file = plan_normalize(
            session.store, NormalizeRequest(tables, names, where), session.draft(note), progress, samples
        )
        plan = file.plan
        if dry_run or (save_plan and plan.empty):
            file.drop()
            progress.stop()
            _shown(face, plan, samples, as_json)
        elif save_plan:
            file.settle()
            progress.stop()
            planned(face, plan, as_json, saved=True)
        else:
            progress.phase("applying")
            report = session.run(file, Consent(max_change), progress.watch)
            progress.stop()
            carried_out(face, report, as_json)
    return 3 if plan.counts.rejected else 0


def _shown(face: Face, plan: Plan, samples: ChangeSamples, as_json: bool) -> None:
    """What a plan that was dropped would have done, with samples."""
    from custrec.cli.plan_words import nothing_to_change, plan_said, planned

    chosen = samples.chosen()
    if as_json:
        said = [_said(sample) for sample in chosen]
        face.out_json("plan", plan_said(plan) | {"applied": False, "sample": said})
        return
    if chosen:
        several = len(plan.tables) > 1
        columns = (*(("table",) if several else ()), "record", "field", "before", "after")
        rows = [[_said(sample)[name] for name in columns] for sample in chosen]
        face.table(columns, rows, right=("record",))
    planned(face, plan, as_json=False)
    if plan.empty:
        face.say(nothing_to_change(plan))


def _said(sample: ChangeSample) -> dict[str, Any]:
    """A sample as `plan show` says it."""
    return {
        "op": "update",
        "table": sample.table,
        "record": sample.record,
        "field": sample.field,
        "before": sample.before,
        "after": sample.after,
    }
