"""custrec schema diff, schema apply: the face of jobs.reshaping. They show and report; they decide nothing."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.agreeing import agrees
from custrec.cli.face import SCHEMA_NAME, Face
from custrec.cli.options import ROWS, DryRun, FormatOfRows, Json, Note, SavePlan, chosen_format
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.progress import Progress
    from custrec.jobs.reshaping.planning import SchemaRequest
    from custrec.model.plan import Plan
    from custrec.store.plan_file import PlanFile

CODES = (0, 2, 3, 4, 6, 7, 9, 10)
MISFIT_COLUMNS = ("table", "record", "field", "rule", "message")
CHANGE_COLUMNS = ("table", "field", "change", "records", "do not fit", "lost")
SAMPLE = 10

LeaveBlank = Annotated[
    bool, typer.Option("--leave-blank", help="Leave blank what does not fit; the values stay in the history.")
]


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group of schema."""
    command(
        group,
        "diff",
        codes=(0, 2, 3, 4, 7, 10),
        examples=["custrec schema diff", "custrec schema diff --misfits --format csv > misfits.csv"],
    )(diff)
    command(
        group,
        "apply",
        writes="schema",
        codes=CODES,
        examples=["custrec schema apply -n", "custrec schema apply --yes --note 'phones are phones now'"],
    )(apply)


def diff(
    face: Face,
    misfits: Annotated[bool, typer.Option("--misfits", help="Each value that would not fit, by its record.")] = False,
    fmt: FormatOfRows = "table",
    as_json: Json = False,
) -> int:
    """Show what schema.yaml would change of the store: tables, fields, and how many records each change touches."""
    form = chosen_format(fmt, as_json, ROWS)
    request = _request(face, only_look=True)
    if request is None:
        _nothing(face, form == "json")
        return 0
    file, plan, _ = _planned(face, request, face.session.draft())
    try:
        if misfits:
            _say_misfits(face, file, form)
        elif form == "json":
            face.out_json("schema-diff", _said(plan))
        elif form == "table":
            _say_changes(face, plan)
            _say_what_next(face, plan)
        else:
            from custrec.files.output import open_output, write_rows

            with open_output("-") as stream:
                write_rows(stream, form, CHANGE_COLUMNS, _rows(plan, blank=None))
    finally:
        file.drop()
    return 3


def apply(
    face: Face,
    leave_blank: LeaveBlank = False,
    dry_run: DryRun = False,
    save_plan: SavePlan = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, even where values are lost from the tables.")] = False,
    no_copy: Annotated[bool, typer.Option("--no-copy", help="Make no copy of the store before.")] = False,
    note: Note = "",
    as_json: Json = False,
) -> int:
    """Change the store to what schema.yaml says, in one step that can be undone; values that go stay in the history."""
    from custrec.cli.plan_words import carried_out, planned
    from custrec.session.session import Consent

    session = face.session
    request = _request(face, leave_blank=leave_blank)
    if request is None:
        _nothing(face, as_json)
        return 0
    file, plan, progress = _planned(face, request, session.draft(note))
    if dry_run:
        sample = file.aside.get("sample", [])
        file.drop()
        if as_json:
            face.out_json("plan", _said(plan) | {"applied": False, "sample": sample[:SAMPLE]})
            return 0
        _say_changes(face, plan)
        if sample:
            columns = ("table", "record", "field", "before", "after")
            face.table(columns, [[one[name] for name in columns] for one in sample[:SAMPLE]], right=("record",))
        face.say("nothing was written (dry run)")
        return 0
    if save_plan:
        file.settle()
        planned(face, plan, as_json, saved=True)
        return 0
    lost = plan.detail["lost"]
    consent = Consent(copy=not no_copy, yes=yes, ask=(lambda plan: _ask(face, plan, progress)) if lost else None)
    progress.phase("applying")
    try:
        report = session.run(file, consent, progress.watch)
    finally:
        progress.stop()
    carried_out(face, report, as_json)
    return 0


def _request(face: Face, **how: bool) -> SchemaRequest | None:
    """What schema.yaml asks for; None where the store applies just that. Raises what reading it does."""
    from custrec.files.schema_file import load_schema
    from custrec.jobs.reshaping.planning import SchemaRequest
    from custrec.jobs.schemas import deep_check
    from custrec.model.schema_json import same_tables

    store = face.session.store
    place = Path(face.store_path).with_name(SCHEMA_NAME)
    schema = load_schema(place)
    deep_check(schema, place.name)
    if same_tables(schema, store.schema):
        return None
    return SchemaRequest(schema, hashlib.sha256(place.read_bytes()).hexdigest(), **how)


def _planned(face: Face, request: SchemaRequest, draft: Any) -> tuple[PlanFile, Plan, Progress]:
    from custrec.cli.progress import shown_progress
    from custrec.jobs.reshaping.planning import plan_schema

    with shown_progress(face) as progress:
        file = plan_schema(face.session.store, request, draft, progress)
        return file, file.plan, progress


def _nothing(face: Face, as_json: bool) -> None:
    if as_json:
        face.out_json("schema-diff", {"changes": [], "lost": 0})
    else:
        face.say("nothing to change: the store applies what schema.yaml says")


def _said(plan: Plan) -> dict[str, Any]:
    from custrec.cli.plan_words import plan_said

    return {"changes": plan.detail["changes"], "lost": plan.detail["lost"]} | plan_said(plan)


def _rows(plan: Plan, blank: Any = "") -> list[list[Any]]:
    return [
        [
            one["table"] or "(all)",
            one["field"],
            one["words"],
            *(one[n] or blank for n in ("records", "misfits", "lost")),
        ]
        for one in plan.detail["changes"]
    ]


def _say_changes(face: Face, plan: Plan) -> None:
    face.table(CHANGE_COLUMNS, _rows(plan), right=CHANGE_COLUMNS[3:])


def _say_what_next(face: Face, plan: Plan) -> None:
    misfits = sum(one["misfits"] for one in plan.detail["changes"])
    if misfits:
        face.say(f"{misfits:,} values do not fit: custrec schema diff --misfits lists them")
    if plan.detail["lost"]:
        face.say(
            f"{plan.detail['lost']:,} values go from the tables; they stay in the history, and undo brings them back"
        )
    face.say("carry it out with: custrec schema apply")


def _say_misfits(face: Face, file: PlanFile, form: str) -> None:
    from custrec.files.output import open_output, write_rows
    from custrec.store.reshape_rows import misfits

    rows = ([m.table, m.record, m.field, m.fault.rule, m.fault.message] for m in misfits(file))
    if form == "json":
        face.out_json("schema-misfits", {"misfits": [dict(zip(MISFIT_COLUMNS, row, strict=True)) for row in rows]})
    elif form == "table":
        face.table(MISFIT_COLUMNS, list(rows), right=("record",))
    else:
        with open_output("-") as stream:
            write_rows(stream, form, MISFIT_COLUMNS, rows)


def _ask(face: Face, plan: Plan, progress: Progress) -> bool:
    """Ask at a terminal whether to go on. Raises NeedsConsent where nobody is there."""
    from custrec.errors import NeedsConsent

    progress.stop()
    lost = plan.detail["lost"]
    if not sys.stdin.isatty():
        raise NeedsConsent(verb="schema apply", count=plan.counts.changes)
    _say_changes(face, plan)
    face.say(f"{lost:,} values go from the tables (undo brings them back)")
    return agrees("apply this change of the schema")
