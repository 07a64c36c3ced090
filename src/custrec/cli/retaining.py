"""custrec retention plan, explain, forecast: what the rules propose, and why. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from custrec.cli.face import Face
from custrec.cli.options import Format, Json, TableName, chosen_format
from custrec.cli.running import command

if TYPE_CHECKING:
    from datetime import date

    from custrec.jobs.edits.naming import Named
    from custrec.jobs.lifecycle.proposing import Item, Proposal, Proposals
    from custrec.model.schema import Table
    from custrec.rules.verdicts import Verdict

RuleName = Annotated[str | None, typer.Option("--rule", metavar="NAME", help="Only what this rule proposes.")]
COLUMNS = ("_id", "key", "rule", "action", "fields", "stage", "since", "until", "because")
ITEMS = "proposals"


def register(group: typer.Typer) -> None:
    """Add the commands of this module to the group."""
    command(
        group,
        "plan",
        codes=(0, 2, 3, 4, 7, 9),
        summary=True,
        examples=["custrec retention plan", "custrec retention plan --rule 'former customers' --format csv > due.csv"],
    )(plan)
    command(
        group,
        "explain",
        codes=(0, 2, 4, 7, 9),
        examples=["custrec retention explain C0002", "custrec retention explain '#12' --json"],
    )(explain)
    command(
        group,
        "forecast",
        codes=(0, 2, 4, 7),
        examples=[
            "custrec retention forecast --as-of 2030-01-01",
            "custrec retention forecast --as-of 2030-01-01 --json",
        ],
    )(forecast)


def plan(
    face: Face,
    table: TableName = None,
    rule: RuleName = None,
    fmt: Format = "table",
    as_json: Json = False,
) -> int:
    """Say what the rules of retention propose today: how many records by rule and action, or, in the other formats,
    which records and why. Nothing is written."""
    from custrec.jobs.lifecycle.proposing import due

    form = chosen_format(fmt, as_json)
    tables = ruled(face, table, rule)
    believe(face)
    found = [proposed(face, one, rule) for one in tables]
    chosen = [(one, one.found) for one in found]
    today = face.session.today
    waiting = sum(due(face.session.store, proposal, today) for _, some in chosen for proposal in some)
    face.result("retention", {"due": waiting, "rules": _said(chosen)})
    if form == "json":
        face.out_json("retention", {"today": today.isoformat(), "due": waiting, "rules": _said(chosen)})
    elif form == "table":
        _print(face, chosen)
    else:
        _write(face, form, chain.from_iterable(some for _, some in chosen))
    return 3 if waiting else 0


def explain(
    face: Face,
    name: Annotated[str, typer.Argument(metavar="ID", help="A natural key, or a record number as #12.")],
    table: TableName = None,
    as_json: Json = False,
) -> None:
    """Say what is to become of one record, since when or until when, and by which rule."""
    from custrec.jobs.edits.naming import record_named, refuse_aside
    from custrec.jobs.lifecycle.holding import reasons_of
    from custrec.jobs.lifecycle.proposing import explained
    from custrec.jobs.lifecycle.verdict_words import because, fate, standing
    from custrec.jobs.lifecycle.verdict_words import explained as lines_of
    from custrec.jobs.reading import table_named
    from custrec.model.plan import State
    from custrec.model.policy import rules_of

    store = face.reader.store
    believe(face)
    named = record_named(store, table_named(store.schema, table) if table else None, name)
    refuse_aside([named], but=(State.ARCHIVED, State.RESTRICTED))
    found = explained(store, named.table, named.record, face.session.today)
    assert found is not None  # it is not in the trash
    verdict, rules = found.verdict, rules_of(named.table)
    reasons = reasons_of(store, named.table, named.record)
    said = {
        "table": named.table.name,
        "_id": named.record,
        "state": found.facts.state.name.lower(),
        "fate": verdict.action.word,
        "due": verdict.due,
        "why": verdict.why.value,
        "rule": verdict.rule.name if verdict.rule else None,
        "held_back_by": verdict.other.name if verdict.other else None,
        "since": verdict.since,
        "until": verdict.until,
        "fields": [name for _, part in verdict.fields for name in part.fields],
        "holds": reasons,
        **_stage(face, named, verdict),
        "because": because(verdict) + (f": {'; '.join(reasons)}" if reasons else ""),
        "rules": lines_of(verdict, found.facts, rules),
    }
    if as_json:
        face.out_json("fate", said)
        return
    state = "" if said["state"] == "active" else f" ({said['state']})"
    face.out(f"{named.words}{state}: {fate(verdict)}")
    face.out(f"  because {said['because']}")
    if said["stage"]:
        face.out(f"  {standing(said['stage'], said['wait_until'])}")
    for line in lines_of(verdict, found.facts, rules):
        face.out(f"  {line}")


def _stage(face: Face, named: Named, verdict: Verdict) -> dict[str, Any]:
    """How far it has come with what is due for a record, where its customer is written to first."""
    from custrec.jobs.lifecycle.proposing import stage_of
    from custrec.store.notices import notices

    if not verdict.due or verdict.rule is None or verdict.rule.notice is None or not verdict.action.destroys:
        return {"stage": None, "wait_until": None}
    notice = notices(face.session.store, named.table).get(named.record)
    stage = stage_of(verdict.rule, verdict.action, notice, face.session.today)
    return {"stage": stage, "wait_until": notice.until if notice and stage in ("grace", "kept") else None}


def forecast(
    face: Face,
    as_of: Annotated[str, typer.Option("--as-of", metavar="DAY", help="The day to look at, e.g. 2030-01-01.")],
    table: TableName = None,
    as_json: Json = False,
) -> None:
    """Say what the rules will propose by a day if no record changes until then, beside what they propose today."""
    day = day_of(as_of)
    tables = ruled(face, table)
    rows: list[dict[str, Any]] = []
    for one in tables:
        now, then = (_counts(proposed(face, one, on=on)) for on in (face.session.today, day))
        for key in sorted({*now, *then}):
            name, action, fields = key
            counts = {"today": now.get(key, 0), "then": then.get(key, 0)}
            rows.append({"table": one.name, "rule": name, "action": action, "fields": fields, **counts})
    if as_json:
        face.out_json("forecast", {"today": face.session.today.isoformat(), "as_of": day.isoformat(), "rules": rows})
        return
    columns = (*(("table",) if len(tables) > 1 else ()), "rule", "action", "fields", "today", "then")
    if rows:
        face.table(columns, [[row[name] for name in columns] for row in rows], right=("today", "then"))
    total = sum(row["then"] for row in rows)
    face.say(f"{total:,} proposal{'' if total == 1 else 's'} on {day.isoformat()}, if nothing changes until then")


def ruled(face: Face, table: str | None, rule: str | None = None) -> list[Table]:
    """The tables with rules, or the one that was named; of these, those that have a `rule` of this name. Raises
    TableUnknown, NoPolicy, and UsageError where there is no such rule."""
    from custrec.errors import NoPolicy, UsageError
    from custrec.jobs.lifecycle.proposing import CAPACITY, ruled_tables
    from custrec.jobs.reading import table_named
    from custrec.model.policy import rules_of

    schema = face.reader.store.schema
    found = ruled_tables(schema)
    if table is not None:
        chosen = table_named(schema, table)
        found = [one for one in found if one == chosen]
    if not found:
        raise NoPolicy(section="retention", of=f" in {table}" if table else "")
    names = {one.name: [*(each.name for each in rules_of(one)), CAPACITY] for one in found}
    if rule is None:
        return found
    if having := [one for one in found if rule in names[one.name]]:
        return having
    known = dict.fromkeys(name for some in names.values() for name in some)
    raise UsageError(what="there is no rule of this name", hint=f"there are: {', '.join(known)}")


def believe(face: Face) -> None:
    """Hold the day against what the store knows. Raises ClockUnlikely."""
    from custrec.jobs.lifecycle.clock import check_clock

    check_clock(face.session.store, face.session.today, said=face.today_option is not None)


def proposed(face: Face, table: Table, rule: str | None = None, on: date | None = None) -> Proposals:
    """What is proposed for a table, today or on another day; by one rule, or by all."""
    from dataclasses import replace

    from custrec.cli.progress import waiting
    from custrec.jobs.lifecycle.proposing import proposals

    with waiting(face, "judging") as progress:

        def told(judged: int) -> None:
            progress.rows = judged
            progress.phase("judging")

        found = proposals(face.session.store, table, on or face.session.today, progress=told)
    if rule is None:
        return found
    return replace(found, found=tuple(one for one in found.found if one.name == rule))


def _said(chosen: Sequence[tuple[Proposals, Sequence[Proposal]]]) -> list[dict[str, Any]]:
    return [
        {
            "table": one.table.name,
            "rule": proposal.name,
            "action": proposal.action.word,
            "fields": list(proposal.part.fields) if proposal.part else None,
            "held_back": proposal.held_back,
            "auto": proposal.unasked,
            "records": len(proposal.records),
        }
        for one, some in chosen
        for proposal in some
    ]


def _print(face: Face, chosen: Sequence[tuple[Proposals, Sequence[Proposal]]]) -> None:
    from custrec.cli.counting import many
    from custrec.jobs.lifecycle.proposing import by_stage

    store = face.session.store
    rows = []
    for one, some in chosen:
        for proposal in some:
            stages = by_stage(store, proposal, face.session.today)
            where = ", ".join(f"{len(records):,} {word}" for word, records in stages.items())
            how = "unasked" if proposal.unasked else "when asked"
            what = proposal.action.word + (" (a minimum runs)" if proposal.held_back else "")
            fields = proposal.part.name if proposal.part else ""
            cells = (proposal.name, what, fields, f"{len(proposal.records):,}", where, how)
            rows.append((one.table.name, *cells))
    columns = ("table", "rule", "action", "fields", "records", "stage", "carried out")
    hidden = {"fields"} if not any(row[3] for row in rows) else set()
    hidden |= {"table"} if len(chosen) == 1 else set()
    shown = [place for place, name in enumerate(columns) if name not in hidden]
    if rows:
        face.table([columns[place] for place in shown], [[row[place] for place in shown] for row in rows], ("records",))
    for one, some in chosen:
        due = sum(len(proposal.records) for proposal in some)
        of = len(set().union(*(proposal.records for proposal in some))) if len(some) > 1 else due
        said = many(due, "proposal") + (f" for {many(of, 'record')}" if of < due else "")
        kept = ", ".join(f"{count:,} {why.value}" for why, count in one.kept.items())
        kept = f"; kept: {kept}" if kept else ""
        face.say(f"{one.table.name}: {many(one.judged, 'record')} judged, {said}{kept}")
    if rows:
        face.say("which and why: --format csv; one of them: custrec retention explain ID")


def _write(face: Face, form: str, chosen: Iterator[Proposal]) -> None:
    from custrec.files.output import open_output, write_rows
    from custrec.jobs.lifecycle.proposing import items

    found = (item for proposal in chosen for item in items(face.session.store, proposal, face.session.today))
    with open_output("-") as stream:
        write_rows(stream, form, COLUMNS, map(_row, found), kind=ITEMS)


def _row(item: Item) -> tuple[Any, ...]:
    proposal = item.proposal
    fields = proposal.part.name if proposal.part else None
    what = (item.record, item.key, proposal.name, proposal.action.word, fields)
    return (*what, item.stage, item.since, item.until, item.because)


def _counts(found: Proposals) -> dict[tuple[str, str, str], int]:
    counts: dict[tuple[str, str, str], int] = {}
    for one in found.found:
        key = (one.name, one.action.word, one.part.name if one.part else "")
        counts[key] = counts.get(key, 0) + len(one.records)
    return counts


def day_of(text: str, option: str = "--as-of") -> date:
    """The day that an option says. Raises UsageError."""
    from datetime import date

    from custrec.errors import UsageError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(what=f"{option} is not a day", hint="write it as 2030-01-01") from None
