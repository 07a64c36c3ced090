"""Confirming: values of records are said to be right, as they stand or after a correction in the same plan.

What is confirmed counts for every campaign that asks for it, or for the one that is named.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from custrec.errors import RecordNotAsked, UsageError
from custrec.jobs.confirming.campaigns import open_campaign
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.edits.changing import Changed, Changing, StoredBatch
from custrec.jobs.edits.editing import invalid
from custrec.jobs.edits.naming import Named, of_one_table, refuse_aside
from custrec.jobs.edits.written_values import Texts
from custrec.jobs.progress import Progress
from custrec.model.confirmations import CONFIRMED, CORRECTED, NONE, STAFF, Campaign
from custrec.model.decisions import CONFIRMATIONS
from custrec.model.plan import Counts
from custrec.model.schema import Table
from custrec.store import campaigns as kept
from custrec.store import keyed
from custrec.store.confirmations import Saying
from custrec.store.database import Store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.rewriting import changed_in, rewriting
from custrec.store.sequences import next_ids
from custrec.values.registry import versions

FEW = 5
"""So many records are named."""


@dataclass(frozen=True)
class ConfirmRequest:
    """Values of records of one table to confirm: the `fields` that are named, with those that get new `texts`; where
    none are, all that the campaigns ask for. `by` says who vouches for it: staff, or the subject."""

    named: Sequence[Named]
    fields: Sequence[str] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    campaign: Campaign | None = None
    by: str = STAFF


def plan_confirm(store: Store, request: ConfirmRequest, by: Draft, progress: Progress | None = None) -> PlanFile:
    """Plan to confirm values, and to correct some first.

    Raises RecordInTrash, RecordNotAsked, CampaignClosed, RecordInvalid for a correction that cannot be, UsageError
    where nobody says which fields, DiskFull.
    """
    refuse_aside(request.named)
    table = of_one_table(request.named)
    records = sorted({one.record for one in request.named})
    base, planned = by.base(store), next_ids(store)
    with drafted(store, by) as file:
        with rewriting(file, store.path), snapshot(store.reader):
            asking = _asking(store, table, records, request.campaign, by)
            found, corrected = _correct(store, file, table, records, request.texts, by, progress or Progress())
            names = list(dict.fromkeys([*request.fields, *request.texts]))
            rows = _said(table, [one for one in records if one not in found.kept], asking, names, corrected)
            saying = Saying(file, table, planned[str(CONFIRMATIONS.id)], base)
            saying.say(rows)
            new, renewed, _ = saying.settle(by.at, request.by)
        values = {(record, one): how for record, one, _, how in rows}
        counts = Counts(read=len(records), insert=new, update=found.changed + renewed, rejected=found.refused)
        tables = [*([table.name] if found.changed else []), CONFIRMATIONS.name]
        detail = {
            "of": [table.name],
            "records": records[:FEW],
            "asked": len(records),
            "campaigns": sorted({one.name for some in asking.values() for one in some}),
            "confirmed": sum(how == CONFIRMED for how in values.values()),
            "corrected": sum(how == CORRECTED for how in values.values()),
            "values": _by_field(table, values),
            "provenance": request.by,
            "touched": found.changed,
            "fields": {table.name: found.fields} if found.fields else {},
            "kinds": versions(table.by_name[name] for name in request.texts),
            "next_ids": planned,
        }
        file.save_head(by.head(store, "confirm", base, counts, tables, rules=dict(found.rules), detail=detail))
    return file


def _asking(
    store: Store, table: Table, records: Collection[int], campaign: Campaign | None, by: Draft
) -> dict[int, list[Campaign]]:
    """The campaigns that ask about each record and still take work. Raises CampaignClosed, RecordNotAsked."""
    if campaign is not None:
        wanted = {campaign.number: open_campaign(campaign, by.day)}
    else:
        wanted = {one.number: one for one in kept.campaigns(store) if one.takes_answers(by.day)}
    found: dict[int, dict[int, Campaign]] = {}
    for line in kept.asked_of(store, table, records, within=True):
        if line.campaign in wanted:
            found.setdefault(line.now, {})[line.campaign] = wanted[line.campaign]
    if campaign is not None and (missing := [one for one in records if one not in found]):
        details = tuple(f"{table.name} #{one}" for one in missing[:FEW])
        are = "is" if len(missing) == 1 else "are"
        raise RecordNotAsked(count=len(missing), table=table.name, are=are, campaign=campaign.name, details=details)
    return {record: list(some.values()) for record, some in found.items()}


def _correct(
    store: Store,
    file: PlanFile,
    table: Table,
    records: Sequence[int],
    texts: Mapping[str, str],
    by: Draft,
    progress: Progress,
) -> tuple[Changed, dict[str, set[int]]]:
    """Put new values into the plan; what became of the records, and by field those in which it changes."""
    if not texts:
        return Changed(), {}

    def writing(batch: StoredBatch) -> Texts:
        return {name: [text] * len(batch.ids) for name, text in texts.items()}

    found = Changing(store, table, list(texts), by).run(file, keyed.numbered(records), writing, progress)
    if len(records) == 1 and found.refused:
        raise invalid(table, f"{table.name} #{records[0]}", found)
    return found, {name: changed_in(file, table, name) for name in texts}


def _said(
    table: Table,
    records: Sequence[int],
    asking: Mapping[int, Sequence[Campaign]],
    names: Sequence[str],
    corrected: Mapping[str, set[int]],
) -> list[tuple[int, int, int, str]]:
    """What is said of each value, for each campaign that asks for it (store.confirmations.Saying.say)."""
    rows = []
    for record in records:
        some = asking.get(record, ())
        wanted = {one.id: one for campaign in some for one in campaign.fields}
        fields = [table.by_name[name] for name in names] or list(wanted.values())
        if not fields:
            hint = "say which: --fields A,B, or begin a campaign: custrec confirm start NAME"
            raise UsageError(what=f"no campaign asks about {table.name} #{record}", hint=hint)
        for one in fields:
            how = CORRECTED if record in corrected.get(one.name, ()) else CONFIRMED
            numbers = [campaign.number for campaign in some if one.id in {f.id for f in campaign.fields}] or [NONE]
            rows += [(record, one.id, number, how) for number in numbers]
    return rows


def _by_field(table: Table, values: Mapping[tuple[int, int], str]) -> dict[str, int]:
    """In how many records each field is confirmed or corrected."""
    counts: dict[str, int] = {}
    for _, one in values:
        name = table.by_id[one].name
        counts[name] = counts.get(name, 0) + 1
    return counts
