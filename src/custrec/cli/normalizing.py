"""custrec normalize: the face of jobs.normalizing. It shows and reports; it decides nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.carrying import carry_out
from custrec.cli.face import Face
from custrec.cli.options import WRITING, Where, Writing, listed
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.change_samples import ChangeSample


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
    writing: Writing = WRITING,
) -> int:
    """Judge the stored values by today's rules, and store anew what they would store otherwise."""
    from custrec.cli.progress import shown_progress
    from custrec.jobs.change_samples import ChangeSamples
    from custrec.jobs.normalizing import NormalizeRequest, plan_normalize
    from custrec.jobs.reading import table_named

    session, samples = face.session, ChangeSamples()
    session.check_schema(writing=not writing.dry_run)
    schema = session.store.schema
    names = [name for words in field or [] for name in listed(words)]
    tables = [table_named(schema, table)] if table or names or where else list(schema.tables)
    request = NormalizeRequest(tables, names, where)
    with shown_progress(face) as progress:
        file = plan_normalize(session.store, request, session.draft(writing.note), progress, samples)
        return carry_out(face, file, writing, progress, sample=lambda: list(map(_said, samples.chosen())))


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
