"""custrec policy: the policies of the schema checked, tried on cases, compared, and written out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.face import SCHEMA_NAME, Face
from custrec.cli.options import Format, Json, chosen_format
from custrec.cli.running import command

if TYPE_CHECKING:
    from datetime import date

    from custrec.jobs.policies.cases import Outcome
    from custrec.jobs.policies.comparing import Change
    from custrec.model.schema import Schema

CHECKED = ("level", "table", "rule", "finding", "records", "message")
CHANGED = ("table", "_id", "key", "from", "to")
TRIED = ("case", "line", "on", "fate", "expected", "ok", "because", "failure")
FEW = 5
"""So many records of a change are named in a line."""
AT_ONCE = 500

SchemaFile = Annotated[
    str | None,
    typer.Argument(metavar="[FILE]", help="A schema file; by default schema.yaml.", show_default=False),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        help="The rules of the schema themselves: checked, tried, compared, written out.", no_args_is_help=True
    )
    command(
        group, "check", codes=(0, 2, 3, 4, 7), summary=True,
        examples=["custrec policy check", "custrec policy check new.yaml --json"],
    )(check)  # fmt: skip
    command(
        group, "test", codes=(0, 2, 3, 4, 7), summary=True,
        examples=["custrec policy test cases.yaml", "custrec policy test cases.yaml --schema new.yaml --json"],
    )(test)  # fmt: skip
    command(
        group, "diff", codes=(0, 2, 3, 4, 7),
        examples=["custrec policy diff applied new.yaml", "custrec policy diff old.yaml new.yaml --as-of 2030-01-01"],
    )(diff)  # fmt: skip
    command(
        group, "print", codes=(0, 2, 4, 7), pages=True,
        examples=["custrec policy print", "custrec policy print --lang zh > policy.txt"],
    )(print_policies)  # fmt: skip
    app.add_typer(group, name="policy")


def check(face: Face, file: SchemaFile = None, fmt: Format = "table", as_json: Json = False) -> int:
    """Find rules that meet no record, disagree, keep records for ever for want of a day, or would at once touch more
    than a run may. Held to the store's records as they are today."""
    from custrec.cli.progress import waiting
    from custrec.jobs.policies.checking import WARN, findings
    from custrec.jobs.policies.grafting import policies_of

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    schema = policies_of(store, file or _own(face))
    with waiting(face, "judging"):
        found = list(findings(store, schema, face.session.today, face.settings.max_change))
    warned = sum(1 for one in found if one.level == WARN)
    face.result("policy_check", {"findings": len(found), "warnings": warned})
    if form != "table":
        _write(form, CHECKED, iter(found), "findings")
        return 3 if warned else 0
    for one in found:
        number = f"{one.records:,}: " if one.records else ""
        face.out(f"{one.level}  {one.table}, rule '{one.rule}', {one.finding}: {number}{one.message}")
    face.say(f"{len(found):,} finding{'' if len(found) == 1 else 's'}" if found else "no findings")
    return 3 if warned else 0


def test(
    face: Face,
    cases: Annotated[str, typer.Argument(metavar="FILE", help="A file of cases (YAML).", show_default=False)],
    schema: Annotated[
        str | None, typer.Option("--schema", metavar="FILE", help="The schema to try; by default schema.yaml.")
    ] = None,
    fmt: Format = "table",
    as_json: Json = False,
) -> int:
    """Try the rules on cases: records that are made up, a day, what is expected, and because of what. No record of the
    store is read."""
    from custrec.files.case_file import load_cases
    from custrec.jobs.policies.cases import tried

    form = chosen_format(fmt, as_json)
    path = Path(cases)
    read = _read(face, schema)
    outcomes = tried(read, load_cases(path, read), path.name)
    failed = [one for one in outcomes if one.failure]
    face.result("policy_test", {"cases": len(outcomes), "failed": len(failed)})
    if form != "table":
        rows = ((*_case(one), one.failure is None, one.because, one.failure) for one in outcomes)
        _write(form, TRIED, rows, "cases")
        return 3 if failed else 0
    for one in outcomes:
        face.out(f"{'FAILED' if one.failure else 'ok    '}  {one.case.name}")
        if one.failure:
            face.out(f"        line {one.case.line}: {one.failure}")
        face.out(f"        on {one.case.on}: {one.fate}, because {one.because}")
    face.say(f"{len(outcomes) - len(failed):,} of {len(outcomes):,} cases as expected")
    return 3 if failed else 0


def diff(
    face: Face,
    old: Annotated[str, typer.Argument(metavar="OLD", help="A schema file, or `applied`.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The other one.", show_default=False)],
    as_of: Annotated[str | None, typer.Option("--as-of", metavar="DAY", help="On that day, instead of today.")] = None,
    fmt: Format = "table",
    as_json: Json = False,
) -> int:
    """Name the records whose fate would be another one by other rules: from what, to what, and which they are."""
    from custrec.cli.progress import waiting
    from custrec.cli.retaining import day_of
    from custrec.jobs.duplicates.merged import keys_of
    from custrec.jobs.policies.comparing import changes
    from custrec.jobs.policies.grafting import policies_of

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    day: date = day_of(as_of) if as_of else face.session.today
    schemas = [policies_of(store, source) for source in (old, new)]
    with waiting(face, "judging"):
        found = changes(store, schemas[0], schemas[1], day)
    total = sum(len(change.records) for change in found)
    if form != "table":
        _write(form, CHANGED, _changed(face, found), "fates")
        return 3 if total else 0
    rows = []
    for change in found:
        first = list(change.records[:FEW])
        keys = keys_of(store, change.table, first)
        named = ", ".join(keys.get(one, f"#{one}") for one in first)
        more = ", …" if len(change.records) > FEW else ""
        counts = (f"{len(change.records):,}", named + more)
        rows.append((change.table.name, change.before.words, change.after.words, *counts))
    if rows:
        face.table(("table", "from", "to", "records", "which"), rows, right=("records",), whole="--format csv")
    face.say(f"{total:,} record{'' if total == 1 else 's'} would fare otherwise on {day.isoformat()}")
    return 3 if total else 0


def print_policies(
    face: Face,
    file: SchemaFile = None,
    language: Annotated[str, typer.Option("--lang", metavar="LANG", help="en or zh.")] = "en",
) -> None:
    """Write the rules out as prose, for people who read no schema."""
    from custrec.errors import UsageError
    from custrec.jobs.policies.prose import LANGUAGES, prose

    for known in LANGUAGES:
        if language == known:
            for line in prose(_read(face, file), known):
                face.out(line)
            return
    raise UsageError(what=f"there are no words in {language}", hint=f"it is one of {', '.join(LANGUAGES)}")


def _own(face: Face) -> str:
    """schema.yaml beside the store where there is one, else what was applied."""
    from custrec.jobs.policies.grafting import APPLIED

    path = face.store_path.parent / SCHEMA_NAME
    return str(path) if path.is_file() else APPLIED


def _read(face: Face, file: str | None) -> Schema:
    """A schema as its file says it, or as it was applied."""
    from custrec.files.schema_file import load_schema
    from custrec.jobs.policies.grafting import APPLIED

    source = file or _own(face)
    return face.reader.store.schema if source == APPLIED else load_schema(Path(source))


def _case(one: Outcome) -> tuple[Any, ...]:
    return (one.case.name, one.case.line, one.case.on.isoformat(), one.fate, one.case.expect.word)


def _changed(face: Face, found: list[Change]) -> Iterator[tuple[Any, ...]]:
    from custrec.jobs.duplicates.merged import keys_of

    for change in found:
        for place in range(0, len(change.records), AT_ONCE):
            some = change.records[place : place + AT_ONCE]
            keys = keys_of(face.session.store, change.table, some)
            for record in some:
                yield (change.table.name, record, keys.get(record), change.before.words, change.after.words)


def _write(form: str, columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]], kind: str) -> None:
    from custrec.files.output import open_output, write_rows

    with open_output("-") as stream:
        write_rows(stream, form, columns, rows, kind=kind)
