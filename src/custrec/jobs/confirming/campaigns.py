"""Campaigns: what people set out to confirm, of which records, by when; begun, extended and closed as plans.

The work list is made when a campaign begins and does not move under those who work on it. Records that meet its
condition later are counted by `standing` and come in by `extend`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from custrec.errors import CampaignClosed, CampaignExists, CampaignUnknown, NothingToConfirm, UsageError
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.reading import condition, field_named, fields_named
from custrec.model.confirmations import CONFIRMED, CONTACT_KINDS, CORRECTED, Campaign, Tally
from custrec.model.decisions import ASKED, CAMPAIGNS
from custrec.model.expression import fields_of, parse
from custrec.model.nearest import nearest
from custrec.model.plan import Counts, Plan, State
from custrec.model.schema import Field, Table
from custrec.store import campaigns as kept
from custrec.store import inserting, keyed
from custrec.store.database import Store, snapshot
from custrec.store.plan_file import PlanFile
from custrec.store.rewriting import TableRewriting
from custrec.store.sequences import next_ids

PERSONAL = ("personal", "sensitive")
"""Classifications of what tells of persons."""
PERSONAL_KINDS = ("person_name", "phone", "email")
"""Kinds that do, whatever the schema says of them."""
LONGEST = 64
"""Letters of a campaign's name."""


@dataclass(frozen=True)
class StartRequest:
    """A campaign to begin: of which records (a condition), which fields by name (none: those by which people are
    reached), whose by which field, up to which day."""

    name: str
    table: Table
    where: str | None = None
    fields: Sequence[str] = ()
    owner: str | None = None
    until: date | None = None


def campaign_named(store: Store, name: str) -> Campaign:
    """A campaign by its name, however cased. Raises CampaignUnknown with the nearest."""
    there = {one.name: one for one in kept.campaigns(store)}
    found = [one for one in there.values() if one.name.casefold() == name.strip().casefold()]
    if found:
        return found[0]
    near = nearest(name.strip(), there)
    raise CampaignUnknown(name=name, hint=f"did you mean {near}?" if near else None)


def open_campaign(campaign: Campaign, today: date) -> Campaign:
    """The campaign itself. Raises CampaignClosed where it takes no more work."""
    if campaign.closed is not None:
        why, what = f"was closed {campaign.closed[:10]}", "begin another one: custrec confirm start NAME"
    elif campaign.is_over(today):
        why, what = f"ended {campaign.closes}", f"prolong it: custrec confirm extend {campaign.name} --until DAY"
    else:
        return campaign
    raise CampaignClosed(name=campaign.name, why=why, what=what)


def owner_field(table: Table, name: str | None) -> Field | None:
    """The field that says whose records are: the one that is named, else the table's `owner`. Raises FieldUnknown."""
    said = name or table.policies.get("owner")
    return field_named(table, str(said)) if said else None


def _refuse_personal(store: Store, table: Table, where: str) -> None:
    """A campaign keeps its condition for as long as there is a history: no person's name or phone is to stand in it,
    who may be erased one day. Raises UsageError, ExpressionInvalid."""
    named = fields_of(parse(where, table, store.schema.defaults.timezone))
    for one in table.fields:
        if one.name in named and (one.kind in PERSONAL_KINDS or one.classification in PERSONAL):
            raise UsageError(
                what=f"a campaign keeps its condition, and {one.name} tells of persons",
                hint="put a tag on these records first (custrec tag add), and ask for the tag",
            )


def plan_start(store: Store, request: StartRequest, by: Draft) -> PlanFile:
    """Plan to begin a campaign, with its work list.

    Raises CampaignExists, NothingToConfirm, FieldUnknown, UsageError, ExpressionInvalid, DiskFull.
    """
    name, table = _name(request.name), request.table
    _refuse_past(request.until, by.day)
    if request.where:
        _refuse_personal(store, table, request.where)
    names = fields_named(table, request.fields) if request.fields else _usual_fields(table)
    owner = owner_field(table, request.owner)
    which = condition(store, table, request.where, by.day)
    base, planned = by.base(store), next_ids(store)
    number = planned[str(CAMPAIGNS.id)]
    with drafted(store, by) as file:
        with snapshot(store.reader):
            _refuse_known(store, name)
            records = keyed.ids(store, table, which, State.ACTIVE)
        if not records:
            raise NothingToConfirm(table=table.name, why="no record meets this", what="see what does: custrec list")
        fields = ",".join(str(table.by_name[one].id) for one in names)
        closes = request.until.isoformat() if request.until else None
        row = (None, number, name, table.id, fields, owner.id if owner else None, request.where, by.at, closes, None)
        inserting.insert(file, CAMPAIGNS, number, [row])
        _ask(file, table, number, records, planned)
        counts = Counts(read=len(records), insert=1 + len(records))
        said = {"fields_asked": names, "until": closes, "asked": len(records), "next_ids": planned}
        file.save_head(_head(store, by, "confirm-start", base, counts, name, table, **said))
    return file


def plan_extend(store: Store, campaign: Campaign, until: date | None, by: Draft) -> PlanFile:
    """Plan to give a campaign more time (a later last day), and to take in the records that meet its condition by now.

    Raises CampaignClosed, UsageError for a day that has passed, DiskFull.
    """
    if campaign.closed is not None or until is None:
        open_campaign(campaign, by.day)
    _refuse_past(until, by.day)
    base, planned = by.base(store), next_ids(store)
    which = condition(store, campaign.table, campaign.condition, by.day)
    with drafted(store, by) as file:
        with snapshot(store.reader):
            records = kept.joined_since(store, campaign, which)
        _ask(file, campaign.table, campaign.number, records, planned)
        longer = until is not None and until != campaign.closes
        if longer:
            _rewrite(file, campaign, closes=until)
        counts = Counts(read=len(records), insert=len(records), update=int(longer))
        said = {"until": until.isoformat() if until else None, "asked": len(records), "next_ids": planned}
        file.save_head(_head(store, by, "confirm-extend", base, counts, campaign.name, campaign.table, **said))
    return file


def plan_close(store: Store, campaign: Campaign, by: Draft) -> PlanFile:
    """Plan to close a campaign: it takes no more work and no more answers. Raises CampaignClosed, DiskFull."""
    if campaign.closed is not None:
        open_campaign(campaign, by.day)
    base = by.base(store)
    with drafted(store, by) as file:
        _rewrite(file, campaign, closed=by.at)
        counts = Counts(read=1, update=1)
        file.save_head(_head(store, by, "confirm-close", base, counts, campaign.name, campaign.table))
    return file


@dataclass(frozen=True)
class CampaignStanding:
    """How far a campaign is: its records by how they stand, in all and by owner (None: nobody's); by field how often it
    was confirmed and corrected; how many records have `left` the list, and how many `joined` its condition since; when
    letters were written last."""

    campaign: Campaign
    whole: Tally
    owners: dict[str | None, Tally]
    fields: dict[str, dict[str, int]] = field(default_factory=dict)
    left: int = 0
    joined: int = 0
    letters: str | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether its last day has passed and there is work left."""
        return self.campaign.closed is None and self.campaign.is_over(today) and self.whole.left > 0


def standing(store: Store, campaign: Campaign, today: date, *, whole: bool = True) -> CampaignStanding:
    """How far a campaign is; fields, and who left and joined, only for the `whole` of it."""
    owners: dict[str | None, Tally] = {}
    total = Tally()
    with snapshot(store.reader):
        for owner, word, count in kept.tallied(store, campaign):
            owners.setdefault(owner, Tally()).add(word, count)
            total.add(word, count)
        if not whole:
            return CampaignStanding(campaign, total, owners)
        fields = kept.tallied_fields(store, campaign)
        none = {CONFIRMED: 0, CORRECTED: 0}
        by_name = {f.name: fields.get(f.id, none) for f in campaign.fields}
        left = kept.gone(store, campaign)
        which = condition(store, campaign.table, campaign.condition, today)
        joined = len(kept.joined_since(store, campaign, which)) if campaign.takes_answers(today) else 0
        letters = kept.letters_written(store, campaign)
    return CampaignStanding(campaign, total, owners, by_name, left, joined, letters)


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > LONGEST or not name.isprintable() or name.startswith("-"):
        raise UsageError(what=f"a campaign has a name of 1 to {LONGEST} letters", hint="e.g. 2026Q4")
    return name


def _usual_fields(table: Table) -> list[str]:
    apart = {*table.primary_key, *table.references}
    names = [f.name for f in table.fields if f.kind in CONTACT_KINDS and f.name not in apart]
    if not names:
        why = "it has no names, phones, e-mails or addresses"
        raise NothingToConfirm(table=table.name, why=why, what="say which fields: --fields A,B")
    return names


def _refuse_known(store: Store, name: str) -> None:
    for one in kept.campaigns(store):
        if one.name.casefold() == name.casefold():
            raise CampaignExists(name=one.name)


def _refuse_past(until: date | None, today: date) -> None:
    if until is not None and until < today:
        raise UsageError(what=f"{until} has passed", hint="--until is the last day on which answers are taken")


def _ask(file: PlanFile, table: Table, number: int, records: Sequence[int], planned: dict[str, int]) -> None:
    rows = ((None, table.id, record, number, None, None) for record in records)
    inserting.insert(file, ASKED, planned[str(ASKED.id)], rows)


def _rewrite(file: PlanFile, campaign: Campaign, closes: date | None = None, closed: str | None = None) -> None:
    """Put a campaign into a plan as it is to be."""
    fields = ",".join(str(one.id) for one in campaign.fields)
    day = closes or campaign.closes
    values = (
        *(campaign.number, campaign.name, campaign.table.id, fields, campaign.owner.id if campaign.owner else None),
        *(campaign.condition, campaign.opened, day.isoformat() if day else None, closed or campaign.closed),
    )
    rows = TableRewriting(file, CAMPAIGNS)
    rows.add([(campaign.record, campaign.event)], [(campaign.record, State.ACTIVE, None, *values)])


def _head(
    store: Store, by: Draft, verb: str, base: int, counts: Counts, name: str, table: Table, **said: object
) -> Plan:
    tables = [CAMPAIGNS.name, ASKED.name]
    return by.head(store, verb, base, counts, tables, detail={"of": [table.name], "campaign": name, **said})
