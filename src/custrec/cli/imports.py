"""custrec import: the face of jobs.imports. It asks, shows and reports; it decides nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from custrec.cli.face import Face
from custrec.cli.options import DryRun, Json, MaxChange, Note, SavePlan, TableName
from custrec.cli.running import command


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "import",
        writes="import",
        codes=(0, 2, 3, 4, 6, 7, 9, 10),
        examples=["custrec import customers.csv -n", "cat customers.csv | custrec import - --rejects bad.csv"],
    )(import_file)


def import_file(
    face: Face,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A CSV file, or - for standard input.", show_default=False)
    ],
    table: TableName = None,
    dry_run: DryRun = False,
    save_plan: SavePlan = False,
    rejects: Annotated[Path | None, typer.Option("--rejects", metavar="FILE", help="Where bad rows go.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="All or nothing: one bad row refuses the file.")] = False,
    on_existing: Annotated[
        str, typer.Option("--on-existing", metavar="HOW", help="update, fill (blanks only), skip or fail.")
    ] = "update",
    in_file: Annotated[
        str, typer.Option("--in-file", metavar="HOW", help="Rows with one key and other values: reject, first or last.")
    ] = "reject",
    ignore_columns: Annotated[
        bool, typer.Option("--ignore-columns", help="Leave out columns that belong to no field.")
    ] = False,
    encoding: Annotated[str | None, typer.Option("--encoding", metavar="NAME", help="utf-8 or gb18030.")] = None,
    delimiter: Annotated[str | None, typer.Option("--delimiter", metavar="CHAR", help=", ; or tab.")] = None,
    jobs: Annotated[int | None, typer.Option("--jobs", metavar="N", min=1, max=8, help="Worker processes.")] = None,
    max_change: MaxChange = None,
    note: Note = "",
    as_json: Json = False,
) -> int:
    """Import a file: add and update, put bad rows aside."""
    from custrec.cli.plan_words import carried_out, planned
    from custrec.cli.progress import import_progress
    from custrec.jobs.imports import ImportRequest, plan_import
    from custrec.jobs.reading import table_named
    from custrec.session.session import Consent
    from custrec.store.reconcile import Policy

    _choose("--on-existing", on_existing, ("update", "fill", "skip", "fail"))
    _choose("--in-file", in_file, ("reject", "first", "last"))
    session = face.session
    session.check_schema(writing=not dry_run)
    draft = session.draft(note)
    request = ImportRequest(
        file,
        table_named(session.store.schema, table),
        Policy(on_existing, in_file),
        strict=strict,
        ignore_columns=ignore_columns,
        encoding=encoding,
        delimiter=delimiter,
        jobs=jobs or min(os.cpu_count() or 1, 4),
        rejects=rejects or (None if dry_run else session.rejects_path(draft.plan_id)),
    )
    with import_progress(face) as progress:
        plan_file = plan_import(session.store, request, draft, progress)
        plan = plan_file.plan
        if dry_run:
            plan_file.drop()
            planned(face, plan, as_json)
        elif save_plan:
            plan_file.settle()
            planned(face, plan, as_json, saved=True)
        else:
            progress.phase("applying")
            report = session.run(plan_file, Consent(max_change), progress.watch)
            progress.stop()
            carried_out(face, report, as_json)
    return 3 if plan.counts.rejected else 0


def _choose(option: str, given: str, allowed: tuple[str, ...]) -> None:
    from custrec.errors import UsageError

    if given not in allowed:
        raise UsageError(what=f"{option} takes {', '.join(allowed[:-1])} or {allowed[-1]}, not {given}")
