"""custrec list, show, find: looking at records."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from custrec.cli.face import Face
from custrec.cli.options import (
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

PAGE = 50
"""How many records a table shows at first."""
FIND_LIMIT = 20


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(
        app,
        "list",
        examples=[
            "custrec list --where 'status = active' --sort -last_contact_at",
            "custrec list --format csv > all.csv",
        ],
    )(list_records)
    command(app, "show", examples=["custrec show C0001", "custrec show '#12' --json"])(show_record)
    command(app, "find", examples=["custrec find 张伟", "custrec find '138 0013 8000'"])(find_records)


def list_records(
    face: Face,
    table: TableName = None,
    where: Where = None,
    fields: Fields = None,
    sort: Sort = None,
    everything: Everything = False,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """List records, all or those that meet a condition."""
    from custrec.jobs import reading

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    chosen = reading.table_named(store.schema, table)
    limit = None if everything or form != "table" else PAGE + 1
    listing = reading.listing(
        store, chosen, where=where, fields=listed(fields), sort=listed(sort), limit=limit, today=face.session.today
    )
    if form != "table":
        _write(form, listing.columns, listing.rows)
        return
    rows = list(listing.rows)
    more = not everything and len(rows) > PAGE
    shown = rows[:PAGE] if more else rows
    _print(face, listing.columns, shown, keyed=bool(chosen.primary_key))
    if more:
        total = reading.total(store, chosen, where, face.session.today)
        face.say(f"{PAGE} of {total:,} records; all of them with --all")
    else:
        face.say(f"{len(shown):,} record{'s' if len(shown) != 1 else ''}")


def show_record(
    face: Face,
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A natural key, or a record id as #12.", show_default=False)
    ],
    table: TableName = None,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """Show one record, and what refers to it."""
    from custrec.jobs import reading

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    whole = reading.whole(store, reading.table_named(store.schema, table), name)
    if form == "json":
        said: dict[str, Any] = {"_id": whole.record, "_state": whole.state.name.lower(), **whole.values}
        face.out_json("record", said | ({"_children": whole.children} if whole.children else {}))
    elif form != "table":
        _write(form, ("_id", *whole.values), [(whole.record, *whole.values.values())])
    else:
        state = "" if whole.state == 0 else f" ({whole.state.name.lower()})"
        face.out(f"{whole.table.name} #{whole.record}{state}")
        said = {name: value for name, value in whole.values.items() if value is not None}
        face.pairs(said | {child: f"{number:,}" for child, number in whole.children.items()})


def find_records(
    face: Face,
    text: Annotated[
        list[str], typer.Argument(metavar="TEXT…", help="A name, phone, e-mail or key.", show_default=False)
    ],
    table: TableName = None,
    fields: Fields = None,
    everything: Everything = False,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """Find records by name, phone, e-mail or key."""
    from custrec.jobs import reading, searching
    from custrec.store.derived import MOST

    form = chosen_format(fmt, as_json)
    face.session.refresh_search()
    store = face.reader.store
    chosen = reading.table_named(store.schema, table)
    names = reading.fields_named(chosen, listed(fields))
    limit = MOST if everything or form != "table" else FIND_LIMIT + 1
    listing = searching.find(store, chosen, " ".join(text), names, limit)
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
