"""The records of a table judged by its rules of retention: one with all that is known of it, or all of them at once.

    rules ── Judge: what has to be asked ── store.anchors: dates and conditions ── rules.days: the days of anchors
                 one record:  Facts → rules.verdicts.verdict
                 all:         each day → what the rule has come to; equal answers are decided once → Decision by number

What a rule has come to depends on a day alone, so of millions of records only the different days and then the few
different answers are judged.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from custrec.jobs.lifecycle.policy_texts import anchor_of, condition_of
from custrec.model.condition import Condition
from custrec.model.plan import State
from custrec.model.policy import Action, FieldRule, Minimum, Rule, personal_fields, rules_of
from custrec.model.schema import Schema, Table
from custrec.rules import days
from custrec.rules.verdicts import (
    UNDATED,
    Decision,
    Facts,
    FieldFacts,
    FieldReached,
    Reached,
    RuleFacts,
    Verdict,
    come_to,
    decide,
    is_due,
    passed,
    runs,
    verdict,
)
from custrec.store import anchors, holds
from custrec.store.anchors import Asked
from custrec.store.database import Store, snapshot
from custrec.store.keyed import numbered


class Judged(NamedTuple):
    """A record with what is known of it and the verdict."""

    record: int
    facts: Facts
    verdict: Verdict


@dataclass
class Judgement:
    """What is to become of the records of a table: how many were judged; by decision how many there are, and the
    numbers of those about which something is left to be done; by the places of a rule and of its fields, the records
    whose fields are to be emptied."""

    table: Table
    rules: tuple[Rule, ...]
    judged: int = 0
    counts: dict[Decision, int] = field(default_factory=lambda: defaultdict(int))
    due: dict[Decision, array[int]] = field(default_factory=lambda: defaultdict(_numbers))
    emptied: dict[tuple[int, int], array[int]] = field(default_factory=lambda: defaultdict(_numbers))
    by_rule: dict[int, RuleCount] = field(default_factory=lambda: defaultdict(RuleCount))

    def take(self, same: _Same) -> None:
        """Add records of which the same was decided."""
        self.counts[same.decision] += same.count
        for place, one in enumerate(same.reached):
            if one.applies:
                self.by_rule[place] = self.by_rule[place].plus(one, same.count)
        if same.due:
            self.due[same.decision].extend(same.records)
        for part in same.decision.fields:
            self.emptied[part].extend(same.records)


class RuleCount(NamedTuple):
    """To how many records a rule applies, how many it protects, how many of the others have no day to count from."""

    applies: int = 0
    protected: int = 0
    undated: int = 0

    def plus(self, one: Reached, count: int) -> RuleCount:
        """These counts, and as many records that are alike."""
        undated = count if one.mild == UNDATED and not one.protected else 0
        return RuleCount(self.applies + count, self.protected + count * one.protected, self.undated + undated)


def _numbers() -> array[int]:
    return array("q")


class _Same:
    """Records of which the same is decided: how many, and where anything is left to be done, which."""

    __slots__ = ("asks", "count", "decision", "due", "reached", "records")

    def __init__(self, decision: Decision, due: bool, reached: Sequence[Reached]) -> None:
        self.decision, self.due, self.reached = decision, due, reached
        self.asks = due or bool(decision.fields)
        self.count = 0
        self.records = _numbers()


class _Places(NamedTuple):
    """The columns that a rule asks for, and its anchors as they are written."""

    when: tuple[int, ...]
    protect: tuple[int, ...]
    anchor: str | None
    minimum: str | None
    flagged: int | None
    fields: tuple[tuple[int, str, str | None], ...]


class Judge:
    """Judges the records of a table on a day, by the rules of the applied schema or of another one that fits."""

    def __init__(self, store: Store, table: Table, today: date, schema: Schema | None = None) -> None:
        """`table` is that of the `schema`. Raises ExpressionInvalid."""
        self.store, self.table, self.today = store, table, today
        self.rules = rules_of(table)
        self.asked = Asked(schema or store.schema, table, today)
        self.days: dict[str, days.Program] = {}
        self.places = [self._places(rule) for rule in self.rules]
        self.personal = self._personal()

    # -- one record after the other -----------------------------------------------------------------------------------

    def some(self, records: Sequence[int]) -> Iterator[Judged]:
        """The verdicts on some records, by number; none for those in the trash."""
        with snapshot(self.store.reader):
            held = holds.held(self.store, self.table)
            gathered = list(anchors.gathered(self.store, self.asked, numbered(records)))
        for rows in gathered:
            numbers, states, *told = zip(*rows, strict=True)
            for record, state, *answers in zip(numbers, states, *self._answers(told), strict=True):
                facts = self._facts(State(state), record in held, answers)
                yield Judged(record, facts, verdict(facts, self.rules, self.today))

    def _facts(self, state: State, held: bool, told: Sequence[Any]) -> Facts:
        flagged = (number for number, at in enumerate(self.places) if at.flagged is not None and told[at.flagged])
        anonymous = self.personal is not None and not told[self.personal]
        rules = tuple(self._rule_facts(at, told) for at in self.places)
        return Facts(rules, state, held, frozenset(flagged), anonymous)

    def _rule_facts(self, at: _Places, told: Sequence[Any]) -> RuleFacts:
        def day(anchor: str | None) -> str | None:
            return (told[self._day(anchor)] or None) if anchor else None

        return RuleFacts(
            applies=all(told[place] for place in at.when),
            protected=any(told[place] for place in at.protect),
            anchor=day(at.anchor),
            minimum=day(at.minimum),
            fields=tuple(FieldFacts(bool(told[one[0]]), day(one[1]), day(one[2])) for one in at.fields),
        )

    def _answers(self, told: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
        """The columns that were gathered, and behind them those of the anchors' days."""
        return [*told, *(program(told) for program in self.days.values())]

    def _day(self, anchor: str) -> int:
        """The column of an anchor's days."""
        return len(self.asked.things) + list(self.days).index(anchor)

    # -- all of them --------------------------------------------------------------------------------------------------

    def all(self, progress: Callable[[int], None] | None = None) -> Judgement:
        """What is to become of all records of the table. `progress` is told how many were judged."""
        found, decided = Judgement(self.table, self.rules), _Decided(self.rules, self.places, self.personal is not None)
        for records, keys in self._keys():
            alike = list(map(decided.__getitem__, keys))
            for same, count in Counter(alike).items():
                same.count += count
            for record, same in zip(records, alike, strict=True):
                if same.asks:
                    same.records.append(record)
            found.judged += len(records)
            if progress:
                progress(found.judged)
        for same in decided.values():
            found.take(same)
        return found

    def decisions(self) -> Iterator[tuple[int, Decision]]:
        """The decision about each record of the table, by number."""
        decided = _Decided(self.rules, self.places, self.personal is not None)
        for records, keys in self._keys():
            for record, key in zip(records, keys, strict=True):
                yield record, decided[key].decision

    def _keys(self) -> Iterator[tuple[Sequence[int], Iterator[tuple[Any, ...]]]]:
        """The records, many at a time, with what `_Decided` decides by: state, hold, answers to what was asked."""
        coders = self._coders()
        with snapshot(self.store.reader):
            held = holds.held(self.store, self.table)
            for records, states, told in anchors.gathered_all(self.store, self.asked):
                are_held: Any = [record in held for record in records] if held else repeat(False, len(records))
                answers = self._answers(told)
                codes = [map(coder.__getitem__, answers[place]) for place, coder in coders]
                yield records, zip(states, are_held, *codes, strict=True)

    def _coders(self) -> list[tuple[int, _Coder]]:
        """What makes an answer of each column that a rule asks for, in the order in which `_Decided` reads them."""
        made: list[tuple[int, _Coder]] = [] if self.personal is None else [(self.personal, _Coder(bool))]
        for rule, at in zip(self.rules, self.places, strict=True):
            made += [(place, _Coder(bool)) for place in (*at.when, *at.protect)]
            if at.anchor is not None:
                made.append((self._day(at.anchor), _Coder(partial(_come_to, rule, self.today))))
            if at.minimum is not None:
                made.append((self._day(at.minimum), _Coder(partial(_runs, rule.minimum, self.today))))
            if at.flagged is not None:
                made.append((at.flagged, _Coder(bool)))
            for part, (filled, anchor, minimum) in zip(rule.fields, at.fields, strict=True):
                made.append((filled, _Coder(bool)))
                made.append((self._day(anchor), _Coder(partial(_passed, part, self.today))))
                if minimum is not None:
                    made.append((self._day(minimum), _Coder(partial(_runs, part.minimum, self.today))))
        return made

    # -- what is asked ------------------------------------------------------------------------------------------------

    def _places(self, rule: Rule) -> _Places:
        return _Places(
            when=tuple(self.asked.place(self._condition(text)) for text in rule.when),
            protect=tuple(self.asked.place(self._condition(text)) for text in rule.protect),
            anchor=self._anchor(rule.anchor),
            minimum=self._minimum(rule.minimum, rule.anchor),
            flagged=self._flagged(rule),
            fields=tuple(
                (
                    self.asked.place(part.fields),
                    self._anchor(part.anchor or rule.anchor) or "",
                    self._minimum(part.minimum, part.anchor or rule.anchor),
                )
                for part in rule.fields
            ),
        )

    def _condition(self, text: str) -> Condition:
        return condition_of(self.asked.schema, self.table, text)

    def _anchor(self, text: str | None) -> str | None:
        """An anchor, whose days are to be calculated from now on."""
        if text is not None and text not in self.days:
            schema = self.asked.schema
            anchor = anchor_of(schema, self.table, text)
            self.days[text] = days.compiled(anchor, self.asked.place, schema.defaults.timezone)
        return text

    def _minimum(self, minimum: Minimum | None, otherwise: str | None) -> str | None:
        return self._anchor(minimum.anchor or otherwise) if minimum else None

    def _personal(self) -> int | None:
        """The column that says whether a record still tells who somebody is; None where no rule anonymises."""
        anonymising = any(step.action is Action.ANONYMISE for rule in self.rules for step in rule.steps)
        personal = personal_fields(self.table)
        return self.asked.place(personal) if anonymising and personal else None

    def _flagged(self, rule: Rule) -> int | None:
        """The column that says whether a record has the tag that the rule would put; None where it puts none."""
        if not any(step.action is Action.FLAG for step in rule.steps):
            return None
        tags = next(one.name for one in self.table.fields if one.kind == "tags")
        quoted = rule.tag.replace('"', '""')
        return self.asked.place(self._condition(f'`{tags}` has "{quoted}"'))


class _Coder(dict[Any, Any]):
    """What a value of a column answers, made once for each different value."""

    def __init__(self, answer: Callable[[Any], Any]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, value: Any) -> Any:
        made = self[value] = self._answer(value)
        return made


class _Decided(dict[tuple[Any, ...], "_Same"]):
    """What is decided of records with the same state and answers."""

    def __init__(self, rules: tuple[Rule, ...], places: Sequence[_Places], anonymising: bool) -> None:
        super().__init__()
        self._rules, self._places, self._anonymising = rules, places, anonymising

    def __missing__(self, key: tuple[Any, ...]) -> _Same:
        state, held, *answers = key
        told = iter(answers)
        anonymous = self._anonymising and not next(told)
        found, flagged = [], []
        for rule, at in zip(self._rules, self._places, strict=True):
            when, protect = [next(told) for _ in at.when], [next(told) for _ in at.protect]
            mild, hard = next(told) if at.anchor is not None else (UNDATED, UNDATED)
            minimum = next(told) if at.minimum is not None else rule.minimum is not None
            flagged.append(at.flagged is not None and next(told))
            parts = tuple(
                FieldReached(next(told), next(told), place is not None and next(told)) for _, _, place in at.fields
            )
            found.append(Reached(all(when), any(protect), mild, hard, minimum, parts))
        made = decide(self._rules, found, held)
        has_tag = made.rule is not None and flagged[made.rule]
        due = is_due(made, State(state), flagged=has_tag, anonymous=anonymous)
        self[key] = same = _Same(made, due, found)
        return same


def _come_to(rule: Rule, today: date, day: str | None) -> tuple[int, int]:
    return come_to(rule, day or None, today)


def _passed(part: FieldRule, today: date, day: str | None) -> int:
    return passed(day or None, part.period, today)


def _runs(minimum: Minimum | None, today: date, day: str | None) -> bool:
    return runs(minimum, day or None, today)
