"""custrec validate: what is wrong with a file, or with the store's own records. It writes nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.face import Face
from custrec.cli.options import Json, Where, chosen_format
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.progress import Progress
    from custrec.jobs.validation import Finding, Tally

FORMATS = ("table", "json", "jsonl", "csv")
PAGE = 50
"""How many findings a table shows."""
APART = " · "
"""Between the values of several fields."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "validate",
        codes=(0, 2, 3, 4, 7, 10),
        examples=["custrec validate customers.csv --fix-suggestions", "custrec validate --format csv > findings.csv"],
        summary=True,
    )(validate)


def validate(
    face: Face,
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A CSV file, or -; the store's records by default.", show_default=False),
    ] = None,
    table: Annotated[
        str | None,
        typer.Option("--table", "-t", metavar="TABLE", help="The table; of a file the first, of the store all."),
    ] = None,
    where: Where = None,
    show_values: Annotated[
        bool, typer.Option("--show-values", help="Show the values themselves, not only what they look like.")
    ] = False,
    fix_suggestions: Annotated[
        bool, typer.Option("--fix-suggestions", help="Say what was probably meant, where that is clear.")
    ] = False,
    ignore_columns: Annotated[
        bool, typer.Option("--ignore-columns", help="Leave out columns that belong to no field.")
    ] = False,
    encoding: Annotated[str | None, typer.Option("--encoding", metavar="ENCODING", help="utf-8 or gb18030.")] = None,
    delimiter: Annotated[str | None, typer.Option("--delimiter", metavar="CHAR", help=", ; or tab.")] = None,
    fmt: Annotated[str, typer.Option("--format", metavar="FORMAT", help="table, json, jsonl or csv.")] = "table",
    as_json: Json = False,
) -> int:
    """Say all that is wrong with a file, or with the store's own records. Nothing is written."""
    form = chosen_format(fmt, as_json, FORMATS)
    face.session.check_schema(writing=False)
    columns = _Columns(file is not None, form, show_values, fix_suggestions)
    if file is None:
        _refuse("goes with a file", **{"ignore-columns": ignore_columns, "encoding": encoding, "delimiter": delimiter})
        tally = _validate_store(face, table, where, columns)
    else:
        _refuse("chooses among the store's records, not among the rows of a file", where=where)
        reading = {"ignore_columns": ignore_columns, "encoding": encoding, "delimiter": delimiter}
        tally = _validate_file(face, file, table, reading, columns)
    return 3 if tally.found else 0


def _refuse(why: str, **options: object) -> None:
    from custrec.errors import UsageError

    for name, given in options.items():
        if given:
            raise UsageError(what=f"--{name} {why}")


def _validate_file(face: Face, file: str, table: str | None, reading: dict[str, Any], columns: _Columns) -> Tally:
    from custrec.cli.counting import many
    from custrec.cli.progress import shown_progress
    from custrec.files.origin import single
    from custrec.jobs.importing.intake import ImportRequest
    from custrec.jobs.reading import table_named
    from custrec.jobs.validation import Tally, validated_file

    session, tally = face.session, Tally()
    chosen = table_named(session.store.schema, table) if table else None
    request = ImportRequest(single(file), chosen, jobs=face.settings.jobs, **reading)
    with (
        shown_progress(face) as progress,
        validated_file(session.store, request, session.draft(), progress, columns.suggested) as (found, findings),
    ):
        progress.stop()
        columns.write(face, tally.watch(findings))
        blank = f", {many(found.blank, 'blank line')}" if found.blank else ""
        how = found.opened.form.words
        face.say(f"{found.opened.label} → {found.table.name}: {many(found.read, 'row')} read{blank} ({how})")
    _sum_up(face, tally, "row", "would be rejected")
    return tally


def _validate_store(face: Face, table: str | None, where: str | None, columns: _Columns) -> Tally:
    from custrec.cli.counting import many
    from custrec.cli.progress import shown_progress
    from custrec.jobs.progress import Progress
    from custrec.jobs.reading import table_named
    from custrec.jobs.validation import Tally, validated_store

    session, tally = face.session, Tally()
    schema = session.store.schema
    tables = [table_named(schema, table)] if table or where else list(schema.tables)
    # Findings that are written as they come would stand in the middle of the line of progress.
    watched = columns.form == "table" or not sys.stdout.isatty()
    with (
        shown_progress(face) if watched else nullcontext(Progress()) as progress,
        validated_store(session.store, tables, where, session.today, progress, columns.suggested) as findings,
    ):
        columns.write(face, tally.watch(findings), progress)
        face.say(f"{', '.join(t.name for t in tables)}: {many(progress.rows, 'record')} judged")
    _sum_up(face, tally, "record", "at fault")
    return tally


def _sum_up(face: Face, tally: Tally, thing: str, what: str) -> None:
    from custrec.cli.counting import many
    from custrec.cli.plan_words import by_rule, warned

    said = {"at_fault": tally.places, "rules": dict(tally.rules)}
    face.result("validation", said | {"warnings": dict(tally.warnings), "notes": dict(tally.notes)})
    if tally.places:
        face.say(f"  {many(tally.places, thing)} {what}: {by_rule(tally.rules)}")
    for line in warned(tally.warnings, tally.notes):
        face.say(f"  {line}")
    if not tally.found:
        face.say("  no findings")


@dataclass(frozen=True)
class _Columns:
    """Which columns findings have, and how they are written."""

    of_file: bool
    form: str
    values: bool
    suggested: bool

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the columns. Programs get the shape beside the value; a table has no room for both."""
        looks = (
            ("value",) if self.values and self.form == "table" else ("shape", "value") if self.values else ("shape",)
        )
        return (
            *(("line",) if self.of_file else ("table", "_id")),
            *("field", "rule", "level", *looks),
            *(("suggestion",) if self.suggested else ()),
            "message",
        )

    def row(self, finding: Finding) -> tuple[Any, ...]:
        """A finding as a row."""
        from custrec.rules.shapes import shape

        said = {
            "table": finding.table,
            "line": finding.place,
            "_id": finding.place,
            "field": finding.field,
            "rule": finding.rule,
            "level": finding.level,
            "shape": APART.join(map(shape, finding.texts)) or None,
            "value": APART.join(finding.texts) or None,
            "suggestion": finding.suggestion,
            "message": finding.message,
        }
        return tuple(said[name] for name in self.names)

    def write(self, face: Face, findings: Iterator[Finding], progress: Progress | None = None) -> None:
        """Write all findings as a stream, or the first as a table."""
        rows = map(self.row, findings)
        if self.form != "table":
            from custrec.files.output import open_output, write_rows

            with open_output("-") as stream:
                write_rows(stream, self.form, self.names, rows, kind="findings")
            return
        first = list(islice(rows, PAGE))
        more = sum(1 for _ in findings)
        if progress is not None:
            progress.stop()
        if first:
            face.table(self.names, first, right=("line", "_id"), whole="--json")
        if more:
            face.say(f"{PAGE} of {PAGE + more:,} findings; all of them with --format csv")
