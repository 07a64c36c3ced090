"""What is wrong with policies though they can be read: rules that meet no record, that disagree, that keep records for
ever because they have no day, and those that would touch more at once than a run may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from custrec.jobs.lifecycle.judging import Judge, Judgement, RuleCount
from custrec.jobs.lifecycle.proposing import proposals, ruled_tables
from custrec.jobs.lifecycle.verdict_words import DONE
from custrec.model.calendar import period_text
from custrec.model.policy import Action, Rule
from custrec.model.schema import Schema, Table
from custrec.model.settings import Limit
from custrec.rules.verdicts import Why
from custrec.store import records
from custrec.store.database import Store

WARN, NOTE = "warn", "note"


class Finding(NamedTuple):
    """Something that should be looked at: how bad, in which rule, what kind, and in words."""

    level: str
    table: str
    rule: str
    finding: str
    records: int
    message: str


def findings(store: Store, schema: Schema, today: date, limit: Limit) -> Iterator[Finding]:
    """What is wrong with the policies of a schema, held to the records of a store as they are on a day."""
    for table in ruled_tables(schema):
        judge = Judge(store, table, today, schema)
        judgement = judge.all()
        for place, rule in enumerate(judge.rules):
            yield from _of_rule(table, rule, judgement.by_rule[place], judgement.judged)
        yield from _between(table, judgement)
        yield from _at_once(store, table, schema, today, limit)


def _of_rule(table: Table, rule: Rule, count: RuleCount, total: int) -> Iterator[Finding]:
    def found(level: str, what: str, number: int, message: str) -> Finding:
        return Finding(level, table.name, rule.name, what, number, message)

    if total and not count.applies:
        yield found(WARN, "meets-nothing", 0, f"it applies to none of {total:,} records")
    elif count.applies and count.protected == count.applies:
        yield found(WARN, "protects-all", count.applies, "it protects every record that it applies to")
    if count.undated:
        yield found(WARN, "undated", count.undated, f"{rule.anchor} is blank: these are kept for ever")
    longest = max((step.period.months * 31 + step.period.days for step in rule.steps), default=0)
    if rule.minimum and rule.destroys and rule.minimum.period.months * 31 + rule.minimum.period.days > longest:
        kept = period_text(rule.minimum.period)
        yield found(NOTE, "restricts", count.applies, f"they are kept at least {kept}: restricted before they go")


def _between(table: Table, judgement: Judgement) -> Iterator[Finding]:
    """Where rules want different things of the same record, and which wins."""
    apart: dict[tuple[Why, int, int, Action], int] = {}
    for made, count in judgement.counts.items():
        if made.overruled is not None:
            key = (Why.KEPT_LONGER, *made.overruled, Action.KEEP)
            apart[key] = apart.get(key, 0) + count
        elif made.rule is not None and made.other is not None and made.rule != made.other:
            key = (made.why, made.rule, made.other, made.action)
            apart[key] = apart.get(key, 0) + count
    for (why, one, other, _), count in apart.items():
        rule, holder = judgement.rules[one], judgement.rules[other]
        if why is Why.KEPT_LONGER:
            said = f"it would have them go, and '{holder.name}' keeps them: the longest keep wins"
            yield Finding(WARN, table.name, rule.name, "disagree", count, said)
        elif why is Why.MINIMUM:
            said = f"it would have them go, and the minimum of '{holder.name}' runs: restricted until it ends"
            yield Finding(NOTE, table.name, rule.name, "minimum", count, said)


def _at_once(store: Store, table: Table, schema: Schema, today: date, limit: Limit) -> Iterator[Finding]:
    total = records.total(store, table)
    most = limit.of(total)
    for one in proposals(store, table, today, schema).found:
        if len(one.records) > most:
            said = f"{DONE[one.action]} at once, of {total:,}; a run may change {most:,}"
            yield Finding(WARN, table.name, one.name, "at-once", len(one.records), said)
