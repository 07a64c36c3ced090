"""custrec hold: records that stay as they are until they are released. The face of jobs.lifecycle.holding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import CODES_OF_MANY, carry_out
from custrec.cli.choosing import CHOICE, AllOfThem, Choice
from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.options import WRITING, Format, Json, TableName, Writing, chosen_format
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.lifecycle.holding import HoldRequest

COLUMNS = ("table", "_id", "key", "reason", "event", "at", "by")
Reason = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXT", help="Why, without names of people: it is kept in the history."),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(help="Records that stay as they are, whatever a rule says.", no_args_is_help=True)
    command(
        group, "add", writes="hold", codes=CODES_OF_MANY,
        examples=[
            "custrec hold add C0002 --reason 'audit 2026/12'",
            "custrec hold add --where 'owner = 李静' --reason audit -n",
        ],
    )(add)  # fmt: skip
    command(
        group, "release", writes="release", codes=CODES_OF_MANY,
        examples=["custrec hold release C0002", "custrec hold release --all --reason 'audit 2026/12'"],
    )(release)  # fmt: skip
    command(
        group, "list", pages=True, examples=["custrec hold list", "custrec hold list --format csv > held.csv"]
    )(list_holds)  # fmt: skip
    app.add_typer(group, name="hold")


def add(
    face: Face,
    choice: Choice = CHOICE,
    reason: Reason = None,
    writing: Writing = WRITING,
) -> int:
    """Hold records: no rule of retention touches them, and nobody purges them, until they are released. A condition
    holds those that meet it now."""
    from custrec.jobs.lifecycle.holding import plan_hold

    request = _request(face, choice, False, reason, writing)
    return carry_out(face, plan_hold(face.session.store, request, face.session.draft(writing.note)), writing)


def release(
    face: Face,
    choice: Choice = CHOICE,
    everything: AllOfThem = False,
    reason: Reason = None,
    writing: Writing = WRITING,
) -> int:
    """Release records that are held, for one reason or for any. What the hold blocked is proposed again."""
    from custrec.jobs.lifecycle.holding import plan_release

    request = _request(face, choice, everything, reason, writing)
    file = plan_release(face.session.store, request, face.session.draft(writing.note))
    applied = not (writing.dry_run or writing.save_plan or file.plan.empty)
    code = carry_out(face, file, writing)
    if applied and not writing.as_json:
        face.say("what is due of them now: custrec retention plan")
    return code


def list_holds(face: Face, table: TableName = None, fmt: Format = "table", as_json: Json = False) -> None:
    """List what is held, why, since when, and by whom."""
    from custrec.jobs.lifecycle.holding import held_records
    from custrec.jobs.reading import table_named

    form = chosen_format(fmt, as_json)
    schema = face.reader.store.schema
    tables = [table_named(schema, table)] if table else list(schema.tables)
    rows = held_records(face.session.store, tables)
    if form != "table":
        from custrec.files.output import open_output, write_rows

        with open_output("-") as stream:
            write_rows(stream, form, COLUMNS, rows, kind="holds")
        return
    shown = list(rows)
    if shown:
        face.table(COLUMNS, shown, right=("_id", "event"))
    face.say(many(len(shown), "hold"))


def _request(face: Face, choice: Choice, everything: bool, reason: str | None, writing: Writing) -> HoldRequest:
    from custrec.errors import UsageError
    from custrec.jobs.edits.naming import of_one_table
    from custrec.jobs.lifecycle.holding import HoldRequest
    from custrec.jobs.reading import table_named

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    way = choice.way(**{"--all": everything})
    if way is None:
        raise UsageError(what="no record is named", hint="name records, or say --where EXPR")
    if way == "ID":
        named = choice.named(face)
        of = of_one_table(named) if named else table_named(session.store.schema, choice.table)
        return HoldRequest(of, reason, named)
    of = table_named(session.store.schema, choice.table)
    return HoldRequest(of, reason, where=choice.where, everything=everything)
