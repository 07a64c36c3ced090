"""Notices: who is written to before something is destroyed, and what they answered. As plans.

proposed ── notify ──▶ grace (up to the later of the day that comes and the grace period) ──▶ ready
                         └── reply keep ──▶ kept, and asked again later;  reply delete ──▶ ready at once
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from custrec.errors import UsageError
from custrec.jobs.drafting import Draft, drafted
from custrec.jobs.duplicates.merged import keys_of, names_of
from custrec.jobs.duplicates.pair_rows import same_key
from custrec.jobs.edits.naming import Named, the_only, those_meant
from custrec.jobs.lifecycle.proposing import PROPOSED, Proposal, items, proposals
from custrec.model.calendar import Duration, add
from custrec.model.decisions import NOTICES
from custrec.model.plan import Counts
from custrec.model.policy import Notice, rules_of
from custrec.model.schema import Table
from custrec.store.database import Store, snapshot
from custrec.store.deciding import Known, decide
from custrec.store.notices import AGREED, KEPT, NOTIFIED, notices
from custrec.store.plan_file import PlanFile
from custrec.store.sequences import next_ids

ANSWERS = {"keep": KEPT, "delete": AGREED}
FEW = 5


class Letter(NamedTuple):
    """What a customer is told: what will happen to the record, by which rule, not before which day, and the last day
    for an answer."""

    table: str
    record: int
    key: str | None
    name: str
    rule: str
    action: str
    day: str
    answer_by: str


@dataclass(frozen=True)
class Reply:
    """What was answered about records: keep or delete; kept up to a day, or by default as long as the rule says."""

    table: Table
    answers: Sequence[tuple[int, str]]
    until: date | None = None


def letters_due(store: Store, table: Table, today: date, progress: Callable[[int], None] | None = None) -> list[Letter]:
    """Who has to be written to: of whom something will be destroyed within the time that their rule says (`before`),
    and who was not written to about it yet. Raises ExpressionInvalid."""
    ahead = dict.fromkeys(rule.notice.before for rule in rules_of(table) if rule.notice)
    found: dict[int, Letter] = {}
    for before in ahead:
        day = add(today, before)
        for proposal in proposals(store, table, day, progress=progress).found:
            notice = proposal.rule.notice if proposal.rule else None
            if notice and notice.before == before and proposal.action.destroys and not proposal.part:
                found |= {one.record: one for one in _letters(store, proposal, notice, today, day)}
    return [found[record] for record in sorted(found)]


def _letters(store: Store, proposal: Proposal, notice: Notice, today: date, day: date) -> Iterator[Letter]:
    table = proposal.table
    names = names_of(store, table, proposal.records)
    for item in items(store, proposal, day):
        if item.stage == PROPOSED:
            first = max(today, date.fromisoformat(item.since) if item.since else today)
            answer_by = max(add(today, notice.grace), first)
            name = " ".join(names.get(item.record, ()))
            what = (proposal.name, proposal.action.word, first.isoformat(), answer_by.isoformat())
            yield Letter(table.name, item.record, item.key, name, *what)


def plan_notify(store: Store, table: Table, letters: Sequence[Letter], by: Draft) -> PlanFile:
    """Plan to note that these letters were written. Raises DiskFull."""
    told = {one.record: (one.rule, one.action, NOTIFIED, by.day.isoformat(), one.answer_by) for one in letters}
    return _plan(store, table, "notify", told, by)


def listed_record(store: Store, table: Table | None, name: str, key: str) -> Named:
    """The record of a line of the list that was written with the letters, where its key is the one that stands beside
    it. Raises RecordUnknown, RecordAmbiguous, UsageError."""
    candidates = those_meant(store, table, name)
    fitting = [one for one in candidates if not key or _has_key(store, one, key)]
    if candidates and not fitting:
        raise UsageError(
            what=f"{candidates[0].words} has not the key that the line tells; nothing was noted",
            hint="say with --table which table the list is of, or what was answered with: custrec retention reply ID",
        )
    return the_only(store, table or store.schema.tables[0], name, fitting)


def _has_key(store: Store, one: Named, key: str) -> bool:
    number = one.via or one.record
    return same_key(keys_of(store, one.table, [number]).get(number, key), key)


def plan_reply(store: Store, request: Reply, by: Draft) -> PlanFile:
    """Plan to note what was answered. Raises UsageError where nobody was written to about a record, DiskFull."""
    table = request.table
    again = {rule.name: rule.notice.again for rule in rules_of(table) if rule.notice}
    with snapshot(store.reader):
        known = notices(store, table)
    told = {}
    for record, answer in request.answers:
        notice = known.get(record)
        if notice is None:
            raise UsageError(
                what=f"nobody was written to about {table.name} #{record}", hint="custrec retention notify"
            )
        if answer not in ANSWERS:
            raise UsageError(what="an answer is keep or delete")
        kept = request.until or add(by.day, again.get(notice.rule, Duration(months=12)))
        until = kept if ANSWERS[answer] == KEPT else by.day
        told[record] = (notice.rule, notice.action, ANSWERS[answer], by.day.isoformat(), until.isoformat())
    return _plan(store, table, "reply", told, by)


def answers_named(named: Sequence[Named], answer: str) -> list[tuple[int, str]]:
    """The same answer for several records. Raises UsageError for what is no answer."""
    if answer not in ANSWERS:
        raise UsageError(what=f"{answer} is no answer", hint="it is keep or delete")
    return [(one.record, answer) for one in named]


def _plan(store: Store, table: Table, verb: str, told: Mapping[int, tuple[str, ...]], by: Draft) -> PlanFile:
    base, planned = by.base(store), next_ids(store)
    with drafted(store, by) as file:
        with snapshot(store.reader):
            known = notices(store, table)
        new = [(table.id, record, *values) for record, values in told.items() if record not in known]
        changed = [
            (Known(known[record].number, known[record].event), (table.id, known[record].record, *values))
            for record, values in told.items()
            if record in known and tuple(known[record][:5]) != values
        ]
        decide(file, NOTICES, planned[str(NOTICES.id)], new, changed)
        same = len(told) - len(new) - len(changed)
        counts = Counts(read=len(told), same=same, insert=len(new), update=len(changed))
        detail = {"of": [table.name], "records": sorted(told)[:FEW], "next_ids": planned}
        file.save_head(by.head(store, verb, base, counts, [NOTICES.name], detail=detail))
    return file
