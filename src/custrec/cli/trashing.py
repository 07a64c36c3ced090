"""custrec delete and undelete: the face of jobs.trashing."""

from __future__ import annotations

import typer

from custrec.cli.carrying import CODES_OF_MANY, How, Ids, IdsFrom, Yes, carry_out, chosen_records, one_way
from custrec.cli.face import Face
from custrec.cli.options import DryRun, Json, MaxChange, Note, SavePlan, TableName, Where
from custrec.cli.running import command


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "delete",
        writes="delete",
        codes=CODES_OF_MANY,
        examples=["custrec delete C0002 C0003", "custrec delete --where 'status = former' -n"],
    )(delete)
    command(
        app,
        "undelete",
        writes="undelete",
        codes=CODES_OF_MANY,
        examples=["custrec undelete C0002", "custrec undelete --where 'status = former'   # of those in the trash"],
    )(undelete)


def delete(
    face: Face,
    ids: Ids = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    save_plan: SavePlan = False,
    max_change: MaxChange = None,
    note: Note = "",
    as_json: Json = False,
) -> int:
    """Put records into the trash, with what refers to them. They can be brought back, also by undo."""
    how = How(dry_run, save_plan, as_json, max_change, asks=True, yes=yes)
    return _move(face, "plan_delete", ids or [], table, where, ids_from, how, note)


def undelete(
    face: Face,
    ids: Ids = None,
    table: TableName = None,
    where: Where = None,
    ids_from: IdsFrom = None,
    dry_run: DryRun = False,
    save_plan: SavePlan = False,
    max_change: MaxChange = None,
    note: Note = "",
    as_json: Json = False,
) -> int:
    """Bring records back from the trash, with what went there with them."""
    how = How(dry_run, save_plan, as_json, max_change)
    return _move(face, "plan_undelete", ids or [], table, where, ids_from, how, note)


def _move(
    face: Face,
    producer: str,
    ids: list[str],
    table: str | None,
    where: str | None,
    ids_from: str | None,
    how: How,
    note: str,
) -> int:
    from custrec.errors import UsageError
    from custrec.jobs import trashing
    from custrec.jobs.reading import table_named

    session = face.session
    session.check_schema(writing=not how.dry_run)
    way = one_way(**{"ID": ids or ids_from, "--where": where})
    if way is None:
        raise UsageError(what="no record is named", hint="name records, or say --where EXPR")
    if way == "ID":
        request = trashing.TrashRequest(chosen_records(face, table, ids, ids_from))
    else:
        request = trashing.TrashRequest(table=table_named(session.store.schema, table), where=where)
    plan = trashing.plan_delete if producer == "plan_delete" else trashing.plan_undelete
    return carry_out(face, plan(session.store, request, session.draft(note)), how)
