"""custrec list, show, find: looking at records."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.options import (
    Archived,
    AsOf,
    Everything,
    Fields,
    Format,
    Json,
    Sort,
    TableName,
    Where,
    chosen_format,
    listed,
)
from custrec.cli.running import command

if TYPE_CHECKING:
    from custrec.jobs.progress import Progress
    from custrec.model.plan import State
    from custrec.model.schema import Table
    from custrec.store.database import Store

PAGE = 50
"""How many records a table shows at first."""
CHILDREN = 10
"""How many records that refer to one are shown with it, of each table."""
FIND_LIMIT = 20
TRUTHFUL = ("json", "jsonl")
"""Formats that know truth values; elsewhere they stand as the field's own texts."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "list",
        pages=True,
        examples=[
            "custrec list --where 'status = active' --sort -last_contact_at",
            "custrec list --format csv > all.csv",
            "custrec list --trashed       # what was deleted; undelete brings it back",
            "custrec list --archived      # what was archived; unarchive brings it back",
        ],
    )(list_records)
    command(
        app, "show", pages=True, examples=["custrec show C0001 --blame", "custrec show '#12' --as-of event:41 --json"]
    )(show_record)
    command(
        app,
        "find",
        pages=True,
        examples=["custrec find 张伟", "custrec find '138 0013 8000'", "custrec find Chen --archived"],
    )(find_records)


def list_records(
    face: Face,
    table: TableName = None,
    where: Where = None,
    fields: Fields = None,
    sort: Sort = None,
    as_of: AsOf = None,
    trashed: Annotated[bool, typer.Option("--trashed", help="Those in the trash.")] = False,
    archived: Archived = False,
    everything: Everything = False,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """List records, all or those that meet a condition; also as they were some time ago, or those in the archive or
    the trash."""
    from custrec.cli.progress import waiting
    from custrec.jobs import reading
    from custrec.jobs.progress import Progress

    state = _state(trashed, archived)
    form = chosen_format(fmt, as_json)
    limit = None if everything or form != "table" else PAGE + 1
    streamed = form != "table" and sys.stdout.isatty()  # the records themselves show that it goes on
    with (
        nullcontext(Progress()) if streamed else waiting(face, "reading") as progress,
        _opened(face, table, as_of) as (store, chosen, then),
    ):
        listing = reading.listing(
            store,
            chosen,
            where=where,
            fields=listed(fields),
            sort=listed(sort),
            limit=limit,
            today=face.session.today,
            truth=form in TRUTHFUL,
            state=state,
        )
        if form != "table":
            _write(form, listing.columns, _counted(listing.rows, progress))
            return
        rows = list(listing.rows)
        more = not everything and len(rows) > PAGE
        total = reading.total(store, chosen, where, face.session.today, state) if more else len(rows)
    shown = rows[:PAGE] if more else rows
    _print(face, listing.columns, shown, keyed=bool(chosen.primary_key))
    if more:
        face.say(f"{PAGE} of {total:,} records{then}; all of them with --all")
    else:
        face.say(f"{many(len(shown), 'record')}{then}")


def _counted(rows: Iterator[tuple[Any, ...]], progress: Progress) -> Iterator[tuple[Any, ...]]:
    """Rows as they are; how many there were is told every now and then."""
    for number, row in enumerate(rows, 1):
        yield row
        if number % PAGE == 0:
            progress.rows = number
            progress.phase("writing")


def _state(trashed: bool, archived: bool) -> State:
    """The state of the records that are asked for."""
    from custrec.errors import UsageError
    from custrec.model.plan import State

    if trashed and archived:
        raise UsageError(what="a record is in the archive or in the trash", hint="say --archived or --trashed")
    return State.TRASHED if trashed else State.ARCHIVED if archived else State.ACTIVE


@contextmanager
def _opened(face: Face, table: str | None, as_of: str | None) -> Iterator[tuple[Store, Table, str]]:
    """The store to read a table from, now or as it was; the table; and the words that say which."""
    from custrec.jobs.reading import table_named

    store = face.reader.store
    if as_of is None:
        yield store, table_named(store.schema, table), ""
        return
    from custrec.jobs.past.times import event_at
    from custrec.store.as_of import opened_as_of
    from custrec.store.shapes import schema_after

    event = event_at(store, as_of)
    chosen = table_named(schema_after(store, event), table)
    with opened_as_of(store, event, [chosen]) as past:
        yield past, chosen, f" as of event {event}" if event else " before the first event"


def show_record(
    face: Face,
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A natural key, or a record id as #12.", show_default=False)
    ],
    table: TableName = None,
    blame: Annotated[bool, typer.Option("--blame", help="Behind each value, the event that it came from.")] = False,
    as_of: AsOf = None,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """Show one record, and what refers to it; also as they were some time ago."""
    from custrec.cli.progress import waiting
    from custrec.cli.record_words import record_said, say_record
    from custrec.jobs.past.times import event_at
    from custrec.jobs.past.whole_records import whole_record
    from custrec.jobs.reading import table_named
    from custrec.store.shapes import schema_after

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    event = event_at(store, as_of) if as_of is not None else None
    schema = store.schema if event is None else schema_after(store, event)
    chosen = table_named(schema, table) if table else None
    most = {"table": CHILDREN, "json": None}.get(form, 0)
    with waiting(face, "reading"):
        whole = whole_record(store, chosen, name, event=event, most=most, blamed=blame, truth=form in TRUTHFUL)
    if form == "json":
        face.out_json("record", record_said(whole, event))
    elif form != "table":
        _write(form, ("_id", *whole.values), [(whole.record, *whole.values.values())])
    else:
        say_record(face, whole, event)


def find_records(
    face: Face,
    text: Annotated[
        list[str],
        typer.Argument(metavar="TEXT…", help="A name, company, tag, phone, e-mail or key.", show_default=False),
    ],
    table: TableName = None,
    fields: Fields = None,
    archived: Archived = False,
    everything: Everything = False,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """Find records by name, company, tag, phone, e-mail, key, or text that is marked for search; also archived ones."""
    from custrec.cli.progress import waiting
    from custrec.jobs import reading, searching
    from custrec.store.derived import MOST

    form = chosen_format(fmt, as_json)
    with waiting(face, "indexing") as progress:

        def told(number: int) -> None:
            progress.rows = number
            progress.phase("indexing")

        face.session.refresh_search(told)
    store = face.reader.store
    chosen = reading.table_named(store.schema, table)
    names = reading.fields_named(chosen, listed(fields))
    limit = MOST if everything or form != "table" else FIND_LIMIT + 1
    listing = searching.find(store, chosen, " ".join(text), names, limit, form in TRUTHFUL, _state(False, archived))
    if form != "table":
        _write(form, listing.columns, listing.rows)
        return
    rows = list(listing.rows)
    shown = rows if everything else rows[:FIND_LIMIT]
    _print(face, listing.columns, shown, keyed=bool(chosen.primary_key))
    face.say(f"the best {FIND_LIMIT}; more with --all" if len(rows) > len(shown) else f"{len(shown):,} found")


def _write(form: str, columns: tuple[str, ...], rows: Any) -> None:
    from custrec.files.output import open_output, write_rows

    with open_output("-") as stream:
        write_rows(stream, form, columns, rows)


def _print(face: Face, columns: tuple[str, ...], rows: list[tuple[Any, ...]], keyed: bool) -> None:
    """A table without the columns in which no shown record has a value; record ids only where there is no other key."""
    kept = [place for place in range(len(columns)) if any(row[place] is not None for row in rows)]
    if keyed and len(kept) > 1:
        kept.remove(columns.index("_id"))
    if rows:
        shown = [[row[place] for place in kept] for row in rows]
        face.table([columns[place] for place in kept], shown, whole="--fields or --json")
