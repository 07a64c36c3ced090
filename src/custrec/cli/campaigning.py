"""custrec confirm start, list, status, record, extend, close: the face of campaigns that confirm values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from custrec.cli.carrying import CODES, CODES_OF_MANY_NAMED, carry_out
from custrec.cli.choosing import IdsFrom, named_records
from custrec.cli.confirming_words import corrections
from custrec.cli.counting import many
from custrec.cli.face import Face
from custrec.cli.options import (
    FORMATS,
    WRITING,
    Fields,
    Format,
    Json,
    TableName,
    Where,
    Writing,
    chosen_format,
    listed,
)
from custrec.cli.running import command

if TYPE_CHECKING:
    from datetime import date

    from custrec.jobs.confirming.work_lists import Work

CampaignName = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="A campaign by its name.", show_default=False)]
Until = Annotated[str | None, typer.Option("--until", metavar="DAY", help="The last day on which answers are taken.")]
PAGE = 50
"""So many records of a work list are shown at first."""


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "start",
        writes="confirm-start",
        codes=CODES,
        examples=[
            "custrec confirm start 2026Q4 --by owner --until 2026-12-31 -n",
            "custrec confirm start 2026Q4 --where 'status = active' --fields phone,address --format csv",
        ],
    )(start)
    command(
        group,
        "list",
        pages=True,
        examples=["custrec confirm list 2026Q4", "custrec confirm list 2026Q4 --owner 李静 --open --format csv"],
    )(list_work)
    command(
        group,
        "status",
        codes=(0, 2, 3, 7),
        summary=True,
        examples=["custrec confirm status", "custrec confirm status 2026Q4 --json"],
    )(status)
    command(
        group,
        "record",
        writes="confirm",
        codes=CODES_OF_MANY_NAMED,
        examples=[
            "custrec confirm record C0002 --fields phone,address",
            "custrec confirm record C0002 phone=13800138000 --subject --note 'she rang us'",
        ],
    )(confirm_record)
    command(
        group,
        "extend",
        writes="confirm-extend",
        codes=CODES,
        examples=["custrec confirm extend 2026Q4 --until 2027-01-31", "custrec confirm extend 2026Q4 -n"],
    )(extend)
    command(
        group,
        "close",
        writes="confirm-close",
        codes=CODES,
        examples=["custrec confirm close 2026Q4", "custrec confirm close 2026Q4 --note 'all that answered'"],
    )(close)


def start(
    face: Face,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is to be called.", show_default=False)],
    table: TableName = None,
    where: Where = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="FIELD", help="The field that says whose records they are.")
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option("--fields", metavar="A,B", help="What to confirm; names, phones, e-mails, addresses by default."),
    ] = None,
    until: Until = None,
    fmt: Format = "table",
    writing: Writing = WRITING,
) -> int:
    """Begin a campaign: its work list is the records that there are now. With --format the list goes to standard
    output."""
    from custrec.jobs.confirming.campaigns import StartRequest, plan_start
    from custrec.jobs.confirming.work_lists import owners_of, to_begin
    from custrec.jobs.reading import table_named

    form = chosen_format(fmt, False)
    session = face.session
    session.check_schema(writing=not writing.dry_run)
    chosen = table_named(session.store.schema, table)
    request = StartRequest(name, chosen, where, listed(fields), by, day(until))
    file = plan_start(session.store, request, session.draft(writing.note))
    if not writing.as_json:
        work = to_begin(session.store, request, session.today)
        if form != "table":
            _write(form, work)
        elif work.owner:
            face.table((work.owner, "records"), owners_of(work), right=("records",))
    code = carry_out(face, file, writing, sample=list)
    if not (writing.as_json or writing.dry_run or writing.save_plan):
        face.say(f"the list: custrec confirm list {name} · letters: custrec confirm letters {name} -o FOLDER")
    return code


def list_work(
    face: Face,
    name: CampaignName,
    owner: Annotated[str | None, typer.Option("--owner", metavar="TEXT", help="Only the records of this one.")] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that somebody has to see to.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="All of them, not only the first page.")] = False,
    fmt: Format = "table",
    as_json: Json = False,
) -> None:
    """List the records of a campaign by owner: how each stands, and what is left to confirm."""
    from custrec.jobs.confirming.campaigns import campaign_named
    from custrec.jobs.confirming.work_lists import work_on

    form = chosen_format(fmt, as_json)
    store = face.reader.store
    campaign = campaign_named(store, name)
    work = work_on(store, campaign, owner=owner, only_open=only_open)
    if form == "json":
        records = [dict(zip(work.columns, row, strict=True)) for row in work.rows]
        face.out_json("work-list", {"campaign": campaign.name, "table": work.table.name, "records": records})
    elif form != "table":
        _write(form, work)
    else:
        _show(face, work, everything)


def status(
    face: Face,
    name: Annotated[
        str | None, typer.Argument(metavar="[CAMPAIGN]", help="A campaign by its name.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> int:
    """Say how far the campaigns are: by owner and by field for one that is named. Exit code 3 where one is overdue."""
    from custrec.cli.campaign_standing import say_campaigns, say_standing, standing_said
    from custrec.jobs.confirming.campaigns import campaign_named, standing
    from custrec.store.campaigns import campaigns

    store, today = face.reader.store, face.session.today
    if name is not None:
        found = [standing(store, campaign_named(store, name), today)]
    else:
        found = [standing(store, one, today, whole=False) for one in campaigns(store)]
    said = {"campaigns": [standing_said(one, today) for one in found]}
    face.result("confirm-status", said)
    if as_json:
        face.out_json("confirm-status", said)
    elif name is not None:
        say_standing(face, found[0], today)
    elif found:
        say_campaigns(face, found, today)
    else:
        face.say("no campaign was begun: custrec confirm start NAME")
    return 3 if any(one.is_overdue(today) for one in found) else 0


def confirm_record(
    face: Face,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ID…] [FIELD=VALUE…]",
            help="Which records, by natural key or as #12, and what is corrected first.",
            show_default=False,
        ),
    ] = None,
    fields: Fields = None,
    campaign: Annotated[
        str | None, typer.Option("--campaign", metavar="CAMPAIGN", help="Only for this one; else for all that ask.")
    ] = None,
    subject: Annotated[bool, typer.Option("--subject", help="The person it is about said so.")] = False,
    table: TableName = None,
    ids_from: IdsFrom = None,
    writing: Writing = WRITING,
) -> int:
    """Confirm values of records: they are right as they stand, or become so with FIELD=VALUE. Without --fields all
    that a campaign asks for."""
    from custrec.cli.editing import sorted_out
    from custrec.cli.progress import shown_progress
    from custrec.errors import UsageError
    from custrec.jobs.confirming.campaigns import campaign_named
    from custrec.jobs.confirming.records import ConfirmRequest, plan_confirm
    from custrec.jobs.edits.naming import of_one_table
    from custrec.jobs.edits.written_values import assignments
    from custrec.jobs.reading import fields_named
    from custrec.model.confirmations import STAFF, SUBJECT

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    ids, values = sorted_out(words or [])
    named = named_records(face, table, ids, ids_from)
    if not named:
        raise UsageError(what="no record is named")
    chosen = of_one_table(named)
    names = fields_named(chosen, listed(fields)) if fields else []
    asking = campaign_named(session.store, campaign) if campaign else None
    by = SUBJECT if subject else STAFF
    request = ConfirmRequest(named, names, assignments(chosen, values), asking, by)
    with shown_progress(face) as progress:
        file = plan_confirm(session.store, request, session.draft(writing.note), progress)
        return carry_out(face, file, writing, progress, sample=corrections(face, file, writing.as_json))


def extend(face: Face, name: CampaignName, until: Until = None, writing: Writing = WRITING) -> int:
    """Give a campaign more time, and take in the records that meet its condition by now."""
    from custrec.jobs.confirming.campaigns import campaign_named, plan_extend

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    campaign = campaign_named(session.store, name)
    file = plan_extend(session.store, campaign, day(until), session.draft(writing.note))
    return carry_out(face, file, writing, sample=list)


def close(face: Face, name: CampaignName, writing: Writing = WRITING) -> int:
    """Close a campaign: it takes no more work and no more answers. Undo opens it again."""
    from custrec.jobs.confirming.campaigns import campaign_named, plan_close

    session = face.session
    session.check_schema(writing=not writing.dry_run)
    file = plan_close(session.store, campaign_named(session.store, name), session.draft(writing.note))
    return carry_out(face, file, writing, sample=list)


def day(text: str | None) -> date | None:
    """The day that --until says. Raises UsageError."""
    from custrec.cli.retaining import day_of

    return day_of(text, "--until") if text else None


def _write(form: str, work: Work) -> None:
    from custrec.files.output import open_output, write_rows

    assert form in FORMATS
    with open_output("-") as stream:
        write_rows(stream, form, work.columns, work.rows)


def _show(face: Face, work: Work, everything: bool) -> None:
    """A work list for people: a table for each owner."""
    from itertools import groupby, islice

    rows = list(work.rows) if everything else list(islice(work.rows, PAGE + 1))
    more, rows = not everything and len(rows) > PAGE, rows if everything else rows[:PAGE]
    place = work.columns.index("owner")
    left = [n for n, column in enumerate(work.columns) if column != "owner" and any(row[n] for row in rows)]
    hidden = {work.columns.index("_id")} if work.table.primary_key else set()
    for owner, group in groupby(rows, key=lambda row: row[place]):
        if work.owner:
            face.out(f"\n{work.owner}: {owner or 'nobody'}")
        columns = [n for n in left if n not in hidden]
        face.table([work.columns[n] for n in columns], [[row[n] for n in columns] for row in group])
    if not rows:
        face.say("nothing is left to see to")
    elif more:
        face.say(f"the first {PAGE} records; all of them with --all")
    else:
        face.say(many(len(rows), "record"))
