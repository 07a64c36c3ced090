"""custrec add and note: the face of jobs.edits.adding and jobs.edits.noting."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import CODES_OF_MANY, CODES_OF_NAMED, carry_out
from custrec.cli.face import Face
from custrec.cli.options import DryRun, Json, Note, SavePlan, TableName, Writing
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.drafting import Draft
    from custrec.jobs.edits.adding import Question, Row
    from custrec.model.schema import Table


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "add",
        writes="add",
        codes=CODES_OF_MANY,
        examples=[
            "custrec add customer_no=C0101 name='Ann Lee' phone='138 0013 8000'",
            'echo \'{"customer_no": "C0102", "name": "王芳"}\' | custrec add -',
            "custrec add --table contacts # asks field by field",
        ],
    )(add)
    command(
        app,
        "note",
        writes="note",
        codes=CODES_OF_NAMED,
        examples=[
            "custrec note C0002 '打过电话，下周再联系'",
            "custrec note --table customers '#12' 'contract sent'",
        ],
    )(note)


def add(
    face: Face,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FIELD=VALUE…]",
            help="The record's fields; or - for JSON on standard input. At a terminal without any: asks.",
            show_default=False,
        ),
    ] = None,
    table: TableName = None,
    dry_run: DryRun = False,
    save_plan: SavePlan = False,
    note: Note = "",
    as_json: Json = False,
) -> int:
    """Add a record. All that is wrong with it is said at once; what is there already is never changed. Who is likely
    there already is named, and the record is added all the same (exit 3)."""
    from custrec.jobs.duplicates.likely_known import note_likely
    from custrec.jobs.edits.adding import AddRequest, plan_add
    from custrec.jobs.reading import table_named

    session = face.session
    session.check_schema(writing=not dry_run)
    chosen = table_named(session.store.schema, table)
    draft = session.draft(note)
    request = AddRequest(chosen, _rows(face, chosen, words or [], draft))
    file = plan_add(session.store, request, draft)
    note_likely(session.store, chosen, file)
    return carry_out(face, file, Writing(dry_run, save_plan, as_json=as_json))


def note(
    face: Face,
    name: Annotated[str, typer.Argument(metavar="ID", help="A natural key, or #12.", show_default=False)],
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The note.", show_default=False)],
    table: TableName = None,
    dry_run: DryRun = False,
    why: Note = "",
    as_json: Json = False,
) -> int:
    """Keep a dated note on a record, in the table of the schema that is for that."""
    from custrec.jobs.edits.naming import record_named, refuse_aside
    from custrec.jobs.edits.noting import NoteRequest, plan_note
    from custrec.jobs.reading import table_named
    from custrec.model.plan import State

    session = face.session
    session.check_schema(writing=not dry_run)
    store = session.store
    named = record_named(store, table_named(store.schema, table) if table else None, name)
    refuse_aside([named], but=(State.ARCHIVED,))
    file = plan_note(store, NoteRequest(named, text), session.draft(why))
    return carry_out(face, file, Writing(dry_run, as_json=as_json))


def _rows(face: Face, table: Table, words: list[str], draft: Draft) -> list[Row]:
    from custrec.errors import UsageError
    from custrec.jobs.edits.adding import rows_of_json
    from custrec.jobs.edits.written_values import assignments

    if words == ["-"]:
        return rows_of_json(face.session.store, table, sys.stdin.buffer.read(), draft)
    if words:
        return [assignments(table, words)]
    if not sys.stdin.isatty():
        raise UsageError(
            what="nothing is said of the record", hint="custrec add field=value …, or custrec add - for JSON"
        )
    return [_asked(face, table, draft)]


def _asked(face: Face, table: Table, draft: Draft) -> Row:
    """A record as it is told at a terminal, field by field."""
    from custrec.errors import Refused
    from custrec.jobs.edits.adding import Asking

    asking = Asking(face.session.store, table, draft)
    print(f"a new record of {table.name}; Enter leaves a field blank, Ctrl-D ends", file=sys.stderr)
    for question in asking.questions():
        while True:
            print(_prompt(question), end="", file=sys.stderr)
            sys.stderr.flush()
            line = sys.stdin.readline()
            if not line:
                print(file=sys.stderr)
                raise Refused()
            fault = asking.answer(question.name, line.strip())
            if fault is None:
                break
            print(f"  {fault}", file=sys.stderr)
    return {name: text for name, text in asking.given.items() if text}


def _prompt(question: Question) -> str:
    title = f" {question.title}" if question.title != question.name else ""
    required = " (required)" if question.required else ""
    return f"{question.name}{title}{required} [{question.takes.takes}, e.g. {question.takes.example}]: "
