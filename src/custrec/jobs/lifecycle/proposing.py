"""What is proposed for records on a day: by rule and action, how many, which, and how far each has come.

A proposal is computed whenever it is asked for, and never stored. What is stored is what people said of it: that
somebody was written to, and the answer (store.notices). So an item goes proposed → notified (grace) → ready or kept,
and is done when the record is what the rule asks for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from custrec.jobs.duplicates.merged import keys_of
from custrec.jobs.lifecycle.capacity import beyond
from custrec.jobs.lifecycle.judging import Judge, Judged, Judgement
from custrec.jobs.lifecycle.verdict_words import because
from custrec.model.policy import Action, FieldRule, Rule, capacity_of, rules_of
from custrec.model.schema import Schema, Table
from custrec.rules.verdicts import Why
from custrec.store.database import Store, snapshot
from custrec.store.notices import AGREED, KEPT, NOTIFIED, Notice, notices

CAPACITY = "capacity"
"""The name under which the longest inactive are proposed."""
PROPOSED, GRACE, READY = "proposed", "grace", "ready"
AT_ONCE = 500


class Proposal(NamedTuple):
    """Records of a table for which a rule asks for one action (of some fields alone: `part`); None is the rule of what
    is beyond the capacity. `held_back`: the rule would have them go, but a minimum runs."""

    table: Table
    rule: Rule | None
    action: Action
    part: FieldRule | None
    held_back: bool
    records: array[int]

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.rule.name if self.rule else CAPACITY

    @property
    def unasked(self) -> bool:
        """Whether the rule says that it is carried out without asking."""
        return self.rule is not None and self.action in self.rule.auto


@dataclass(frozen=True)
class Proposals:
    """All that is proposed for a table on a day, and how many records were judged and kept."""

    table: Table
    today: date
    judged: int
    found: tuple[Proposal, ...]
    kept: dict[Why, int]


class Item(NamedTuple):
    """One record of a proposal: how far it has come, since when the proposal stands, until when it waits, and why."""

    record: int
    key: str | None
    proposal: Proposal
    stage: str
    since: str | None
    until: str | None
    because: str


def ruled_tables(schema: Schema) -> list[Table]:
    """The tables that have rules of retention, or a capacity."""
    return [table for table in schema.tables if rules_of(table) or capacity_of(table)]


def proposals(
    store: Store,
    table: Table,
    today: date,
    schema: Schema | None = None,
    progress: Callable[[int], None] | None = None,
) -> Proposals:
    """What is proposed for the records of a table, the mildest first. Raises ExpressionInvalid."""
    judgement = Judge(store, table, today, schema).all(progress)
    found = [*_whole(judgement), *_parts(judgement)]
    if (over := beyond(store, table, today, judgement, schema)) is not None:
        action, records = over
        found.append(Proposal(table, None, action, None, False, records))
    kept: dict[Why, int] = {}
    for made, count in judgement.counts.items():
        if made.action is Action.KEEP:
            kept[made.why] = kept.get(made.why, 0) + count
    found.sort(key=lambda one: (one.action, one.name))
    return Proposals(table, today, judgement.judged, tuple(one for one in found if one.records), kept)


def retention_due(store: Store, today: date) -> dict[tuple[str, str, str], int]:
    """How many records wait for something to be done by the rules, by table, rule and action."""
    found: dict[tuple[str, str, str], int] = {}
    for table in ruled_tables(store.schema):
        for one in proposals(store, table, today).found:
            key = (table.name, one.name, one.action.word)
            found[key] = found.get(key, 0) + due(store, one, today)
    return {key: count for key, count in found.items() if count}


def due(store: Store, proposal: Proposal, today: date) -> int:
    """How many records of a proposal there is something to be done about: not those whose customers may still answer,
    or have asked to be kept."""
    stages = by_stage(store, proposal, today)
    return len(proposal.records) - sum(len(stages.get(one, ())) for one in (GRACE, KEPT))


def stage(proposal: Proposal, notice: Notice | None, today: date) -> str:
    """How far it has come with one record of a proposal."""
    if proposal.rule is None or proposal.part:
        return READY
    return stage_of(proposal.rule, proposal.action, notice, today)


def stage_of(rule: Rule, action: Action, notice: Notice | None, today: date) -> str:
    """How far it has come with what a rule asks for a record as a whole."""
    if rule.notice is None or not action.destroys:
        return READY
    if notice is None or (notice.rule, notice.action) != (rule.name, action.word):
        return PROPOSED
    if notice.stage == AGREED:
        return READY
    over = notice.until < today.isoformat()
    if notice.stage == NOTIFIED:
        return READY if over else GRACE
    return PROPOSED if over and notice.stage == KEPT else KEPT


def by_stage(store: Store, proposal: Proposal, today: date) -> dict[str, array[int]]:
    """The records of a proposal by how far they have come."""
    said = notices(store, proposal.table) if proposal.rule and proposal.rule.notice else {}  # read only where asked
    if not said:  # then all have come as far
        return {stage(proposal, None, today): proposal.records}
    found: dict[str, array[int]] = {}
    for record in proposal.records:
        found.setdefault(stage(proposal, said.get(record), today), array("q")).append(record)
    return found


def items(store: Store, proposal: Proposal, today: date, schema: Schema | None = None) -> Iterator[Item]:
    """The records of a proposal one by one, each with its reason."""
    judge = Judge(store, proposal.table, today, schema)
    with snapshot(store.reader):
        said = notices(store, proposal.table)
    for place in range(0, len(proposal.records), AT_ONCE):
        some = proposal.records[place : place + AT_ONCE]
        keys = keys_of(store, proposal.table, some)
        for one in judge.some(some):
            notice = said.get(one.record)
            at = stage(proposal, notice, today)
            until = notice.until if notice and at in (GRACE, KEPT) else None
            yield Item(one.record, keys.get(one.record), proposal, at, *_reason(proposal, one, until))


def explained(store: Store, table: Table, record: int, today: date) -> Judged | None:
    """The verdict on one record with all that is known of it; None for one in the trash."""
    return next(iter(Judge(store, table, today).some([record])), None)


def _reason(proposal: Proposal, one: Judged, until: str | None) -> tuple[str | None, str | None, str]:
    if proposal.rule is None:
        return None, until, "the table is beyond its capacity, and this is one of the longest inactive"
    if proposal.part is not None:
        return None, until, f"rule '{proposal.name}': {proposal.part.name} may be kept no longer"
    return one.verdict.since, until or one.verdict.until, because(one.verdict)


def _whole(judgement: Judgement) -> Iterator[Proposal]:
    """What is asked of whole records; decisions that differ in their fields alone are one."""
    by_rule: dict[tuple[Action, int, bool], array[int]] = {}
    for made, records in judgement.due.items():
        if made.rule is not None:
            by_rule.setdefault((made.action, made.rule, made.why is Why.MINIMUM), array("q")).extend(records)
    for (action, rule, held_back), records in by_rule.items():
        yield Proposal(judgement.table, judgement.rules[rule], action, None, held_back, _sorted(records))


def _parts(judgement: Judgement) -> Iterator[Proposal]:
    for (place, number), records in judgement.emptied.items():
        rule = judgement.rules[place]
        yield Proposal(judgement.table, rule, Action.ANONYMISE, rule.fields[number], False, _sorted(records))


def _sorted(records: Sequence[int]) -> array[int]:
    return array("q", sorted(records))
