"""custrec stale: which records have to be looked at again, and what is done about them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.carrying import CODES_OF_MANY, carry_out
from custrec.cli.face import Face
from custrec.cli.options import (
    WRITING,
    Everything,
    Fields,
    Format,
    Json,
    TableName,
    Where,
    Writing,
    chosen_format,
    listed,
)
from custrec.cli.retaining import believe
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.lifecycle.stale_reports import Line
    from custrec.jobs.lifecycle.staleness import Staleness, StaleRecord
    from custrec.model.schema import Table

PAGE = 50
BAR = 20
"""Cells of the longest bar of a report."""
AT_ONCE = 500
REPORT = ("by", "value", "records", "stale", "percent")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        help="Records to be looked at again: listed, marked, made tasks of, counted.", no_args_is_help=True
    )
    command(
        group, "list", codes=(0, 2, 3, 4, 7, 9), summary=True, pages=True,
        examples=["custrec stale list --where 'owner = 李静'", "custrec stale list --soon --format csv > stale.csv"],
    )(list_stale)  # fmt: skip
    command(
        group, "mark", writes="tag", codes=CODES_OF_MANY,
        examples=["custrec stale mark -n", "custrec stale mark --tag '2026Q4' --max-change 5000"],
    )(mark)  # fmt: skip
    command(
        group, "tasks", writes="add", codes=CODES_OF_MANY,
        examples=["custrec stale tasks -n", "custrec stale tasks --where 'owner = 李静'"],
    )(tasks)  # fmt: skip
    command(
        group, "report", codes=(0, 2, 4, 7, 9), pages=True,
        examples=["custrec stale report --by owner,age", "custrec stale report --by field --json"],
    )(report)  # fmt: skip
    app.add_typer(group, name="stale")


def list_stale(
    face: Face,
    table: TableName = None,
    where: Where = None,
    fields: Fields = None,
    soon: Annotated[bool, typer.Option("--soon", help="Also those that soon will be (warn: in the schema).")] = False,
    undated: Annotated[bool, typer.Option("--undated", help="Instead, those without any day to count from.")] = False,
    everything: Everything = False,
    fmt: Format = "table",
    as_json: Json = False,
) -> int:
    """List the records that are stale by the schema, the longest stale first."""
    from custrec.cli.progress import waiting
    from custrec.jobs.lifecycle.staleness import staleness

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    believe(face)
    chosen = _table(face, table)
    with waiting(face, "judging"):
        found = staleness(store, chosen, face.session.today, where)
    numbers = found.undated if undated else [*found.stale, *(found.soon if soon else ())]
    told = found.told(numbers)
    said = {"stale": len(found.stale), "soon": len(found.soon), "undated": len(found.undated), "records": found.total}
    face.result("stale", {"table": chosen.name, **said})
    names = listed(fields)
    if form == "table":
        shown = told if everything else told[:PAGE]
        columns, rows = _columns(chosen, names), list(_rows(face, found, shown, names))
        if rows:
            face.table(columns, rows, right=("_id", "days"), whole="--json")
        _sum_up(face, found, len(told) - len(shown))
    else:
        from custrec.files.output import open_output, write_rows

        with open_output("-") as stream:
            rows_of = _rows(face, found, told, names)
            write_rows(stream, form, _columns(chosen, names), rows_of, kind="stale_records")
    return 3 if numbers else 0


def mark(
    face: Face,
    table: TableName = None,
    where: Where = None,
    tag: Annotated[str | None, typer.Option("--tag", metavar="TAG", help="The tag; by default the schema's.")] = None,
    writing: Writing = WRITING,
) -> int:
    """Put a tag on the records that are stale. It comes off as any tag does: custrec tag remove."""
    from custrec.cli.progress import shown_progress
    from custrec.jobs.lifecycle.stale_tasks import plan_mark

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    believe(face)
    with shown_progress(face) as progress:
        file = plan_mark(session.store, _table(face, table), tag, where, session.draft(writing.note), progress)
        return carry_out(face, file, writing, progress)


def tasks(face: Face, table: TableName = None, where: Where = None, writing: Writing = WRITING) -> int:
    """Make a task for each record that is stale and has none yet, in the table that the schema names for that."""
    from custrec.cli.progress import shown_progress
    from custrec.jobs.lifecycle.stale_tasks import plan_tasks

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    believe(face)
    with shown_progress(face) as progress:
        progress.phase("judging")
        file = plan_tasks(session.store, _table(face, table), where, session.draft(writing.note))
        return carry_out(face, file, writing, progress)


def report(
    face: Face,
    table: TableName = None,
    by: Annotated[str, typer.Option("--by", metavar="A,B", help="owner, field, age, or several.")] = "age",
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """Count the stale records by whose they are, by how old, or the old values by field."""
    from custrec.cli.progress import waiting
    from custrec.jobs.lifecycle.stale_reports import report as lines_of

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    believe(face)
    chosen = _table(face, table)
    with waiting(face, "counting"):
        lines = lines_of(store, chosen, listed(by), face.session.today)
    if form == "table":
        _draw(face, lines)
        return
    from custrec.files.output import open_output, write_rows

    with open_output("-") as stream:
        write_rows(stream, form, REPORT, ((*line, _percent(line)) for line in lines), kind="stale_counts")


def _table(face: Face, name: str | None) -> Table:
    """The table that was named, or the first that says when its records are stale. Raises NoPolicy."""
    from custrec.errors import NoPolicy
    from custrec.jobs.lifecycle.staleness import stale_tables
    from custrec.jobs.reading import table_named

    schema = face.session.store.schema
    if name is not None:
        return table_named(schema, name)
    found = stale_tables(schema)
    if not found:
        raise NoPolicy(section="stale", of="")
    return found[0]


def _columns(table: Table, names: Sequence[str]) -> tuple[str, ...]:
    return ("_id", *_shown_fields(table, names), "since", "fresh_until", "days")


def _shown_fields(table: Table, names: Sequence[str]) -> list[str]:
    """The fields to show: those asked for, or by default the key, the name and the owner."""
    from custrec.jobs.edits.naming import name_fields
    from custrec.jobs.reading import fields_named
    from custrec.model.policy import owner_of

    if names:
        return fields_named(table, names)
    owner = owner_of(table)
    return list(dict.fromkeys([*table.primary_key, *name_fields(table), *([owner] if owner else [])]))


def _rows(face: Face, found: Staleness, told: Sequence[StaleRecord], names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    from datetime import date

    from custrec.jobs.reading import read_for, shown
    from custrec.store import keyed, records

    store, table = face.session.store, found.table
    fields = _shown_fields(table, names)
    for place in range(0, len(told), AT_ONCE):
        some = told[place : place + AT_ONCE]
        numbers = keyed.numbered([one.record for one in some])
        rows = records.select_any(store, table, read_for(store.schema, table, fields), numbers)
        values = {row[0]: row[1:] for row in shown(store.schema, table, fields, rows)}
        for one in some:
            days = (found.today - date.fromisoformat(one.fresh_until)).days if one.fresh_until else None
            yield (one.record, *values[one.record], one.anchor, one.fresh_until, days)


def _sum_up(face: Face, found: Staleness, left_out: int) -> None:
    from custrec.cli.counting import many

    if left_out:
        face.say(f"{left_out:,} more with --all")
    soon = f", {len(found.soon):,} soon will be" if found.rule.warn else ""
    face.say(f"{found.table.name}: {len(found.stale):,} of {many(found.total, 'record')} stale{soon}")
    if found.undated:
        face.say(f"{len(found.undated):,} have no day to count from: --undated lists them")


def _draw(face: Face, lines: Sequence[Line]) -> None:
    """Lines with a bar each, one table a way."""
    for way in dict.fromkeys(line.by for line in lines):
        some = [line for line in lines if line.by == way]
        most = max(line.records for line in some) or 1
        full, part = ("█", "░") if (sys.stdout.encoding or "").lower().replace("-", "") == "utf8" else ("#", "-")
        rows = []
        for line in some:
            old = round(BAR * line.stale / most)
            rest = round(BAR * line.records / most) - old
            counts = (f"{line.records:,}", f"{line.stale:,}", f"{_percent(line):.0f}%")
            rows.append((line.value, *counts, full * old + part * rest))
        face.table((way, "records", "stale", "share", ""), rows, right=("records", "stale", "share"))
        if way != lines[-1].by:
            face.out("")


def _percent(line: Line) -> float:
    return round(100 * line.stale / line.records, 1) if line.records else 0.0
