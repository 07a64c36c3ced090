"""What is to become of a record by the rules of retention: one pure judgement, with its reason.

    facts (days, conditions, holds) ── reached(rules, facts, today) ──▶ what each rule has come to ── decide ──▶ verdict

The order in which rules are held against each other, the first that speaks wins:

1. a hold: the record stays as it is;
2. a rule that still keeps: something is lost (trash, anonymise, purge) only where *every* rule that applies and may end
   so has come to it, and then the mildest of what they ask. A protected record, and one without a day to count from,
   are kept by their rule. The longest keep wins;
3. a minimum (`keep_at_least`) that still runs, of any rule that applies: instead of being destroyed the record is
   restricted until the last minimum ends. A minimum whose day is not known has not ended;
4. what is asked for; of what loses nothing (flag, archive, restrict) the hardest that any rule has come to.

A period has passed on the day after its last day (`add(anchor, period) < today`, as `age(…) > period` has it). So a
verdict only ever becomes harder as time goes by, and nothing is lost on a day that still belongs to a minimum.

Fields of their own (`fields`) are emptied where their period has passed, unless there is a hold, the rule protects the
record, or the fields' own minimum runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import NamedTuple

from custrec.model.calendar import Duration, shifted
from custrec.model.plan import State
from custrec.model.policy import Action, FieldRule, Minimum, Rule

UNDATED = -1
"""What a rule has come to where there is no day to count from."""


class Why(Enum):
    """Why a record's fate is what it is."""

    HELD = "held"
    NO_RULE = "no-rule"
    NOT_YET = "not-yet"
    UNDATED = "undated"
    PROTECTED = "protected"
    KEPT_LONGER = "kept-longer"
    MINIMUM = "minimum"
    REACHED = "reached"


class FieldReached(NamedTuple):
    """Of the fields of a rule that go earlier: whether any holds a value, whether their period has passed (UNDATED: no
    day), whether their own minimum runs."""

    filled: bool
    passed: int
    minimum: bool


class Reached(NamedTuple):
    """What a rule has come to for a record: whether it applies and protects it, the hardest action that loses nothing
    and the hardest that does (KEEP: none yet; UNDATED: no day), whether its minimum runs."""

    applies: bool
    protected: bool
    mild: int
    hard: int
    minimum: bool
    fields: tuple[FieldReached, ...] = ()


class Decision(NamedTuple):
    """What is to become of a record. `rule` is the place of the rule that says so, `other` that of the rule that holds
    it back; `fields` are the places of a rule and of its fields that are to be emptied; `overruled` are the places of a
    rule that would have the record go and of one that keeps it longer, whatever else is decided."""

    action: Action
    why: Why
    rule: int | None = None
    other: int | None = None
    fields: tuple[tuple[int, int], ...] = ()
    overruled: tuple[int, int] | None = None


@dataclass(frozen=True)
class FieldFacts:
    """What is known for the fields of a rule: whether any holds a value; the days to count from."""

    filled: bool
    anchor: str | None
    minimum: str | None = None


@dataclass(frozen=True)
class RuleFacts:
    """What is known of a record for one rule: whether it applies, whether it protects the record, and the days (ISO)
    from which its periods and its minimum count."""

    applies: bool
    protected: bool
    anchor: str | None
    minimum: str | None = None
    fields: tuple[FieldFacts, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What is known of a record: its state, whether it is held, whether it has the tags of rules that flag (by place),
    whether it is anonymous already, and what each rule asks about it, in the order of the rules."""

    rules: tuple[RuleFacts, ...]
    state: State = State.ACTIVE
    held: bool = False
    flagged: frozenset[int] = frozenset()
    anonymous: bool = False


class Overruled(NamedTuple):
    """A rule that would have a record go, one that keeps it longer and so wins, and up to which day (ISO)."""

    rule: Rule
    by: Rule
    until: str | None


@dataclass(frozen=True)
class Verdict:
    """What is to become of a record, and why. `since` is the day from which that is so, `until` the day up to which it
    is held back (None: not known); both ISO. `due` says whether anything is left to be done about it."""

    action: Action
    why: Why
    rule: Rule | None
    other: Rule | None
    since: str | None
    until: str | None
    due: bool
    fields: tuple[tuple[Rule, FieldRule], ...] = ()
    overruled: Overruled | None = None


def verdict(facts: Facts, rules: Sequence[Rule], today: date) -> Verdict:
    """The verdict on a record by the rules of its table, on a day."""
    made = decide(
        rules, [reached(rule, known, today) for rule, known in zip(rules, facts.rules, strict=True)], facts.held
    )
    since, until = _days(made, facts, rules, today)
    return Verdict(
        action=made.action,
        why=made.why,
        rule=None if made.rule is None else rules[made.rule],
        other=None if made.other is None else rules[made.other],
        since=since,
        until=until,
        due=is_due(made, facts.state, flagged=made.rule in facts.flagged, anonymous=facts.anonymous),
        fields=tuple((rules[rule], rules[rule].fields[part]) for rule, part in made.fields),
        overruled=_overruled(made, facts, rules, today),
    )


def reached(rule: Rule, facts: RuleFacts, today: date) -> Reached:
    """What a rule has come to."""
    mild, hard = come_to(rule, facts.anchor, today)
    parts = tuple(
        FieldReached(known.filled, passed(known.anchor, part.period, today), runs(part.minimum, known.minimum, today))
        for part, known in zip(rule.fields, facts.fields, strict=True)
    )
    return Reached(facts.applies, facts.protected, mild, hard, runs(rule.minimum, facts.minimum, today), parts)


def come_to(rule: Rule, anchor: str | None, today: date) -> tuple[int, int]:
    """The hardest action of a rule that loses nothing, and the hardest that does, whose period has passed."""
    if anchor is None:
        return UNDATED, UNDATED
    due = [step.action for step in rule.steps if passed(anchor, step.period, today)]
    mild = max((action for action in due if not action.destroys), default=Action.KEEP)
    return int(mild), int(max((action for action in due if action.destroys), default=Action.KEEP))


def passed(anchor: str | None, period: Duration, today: date) -> int:
    """Whether a period after a day has passed, or UNDATED."""
    return UNDATED if anchor is None else int(shifted(anchor, period) < today.isoformat())


def runs(minimum: Minimum | None, anchor: str | None, today: date) -> bool:
    """Whether a minimum still runs; one whose day is not known does."""
    return minimum is not None and passed(anchor, minimum.period, today) != 1


def decide(rules: Sequence[Rule], found: Sequence[Reached], held: bool) -> Decision:
    """What is to become of a record of which the rules have come to this. Knows no days, so that millions of records
    have few different answers."""
    fields = () if held else tuple(_emptied(found))
    if held:
        return Decision(Action.KEEP, Why.HELD)
    applying = [place for place, one in enumerate(found) if one.applies]
    ending = [place for place in applying if rules[place].destroys]
    keeping = next((place for place in ending if _hard(found[place]) == Action.KEEP), None)
    wanting = next((place for place in ending if _hard(found[place]) != Action.KEEP), None)
    if ending and keeping is None:
        mildest = min(ending, key=lambda place: found[place].hard)
        running = next((place for place in applying if found[place].minimum), None)
        if running is not None:
            return Decision(Action.RESTRICT, Why.MINIMUM, mildest, running, fields)
        gone = Action(found[mildest].hard)
        return Decision(gone, Why.REACHED, mildest, None, () if gone >= Action.ANONYMISE else fields)
    overruled = None if wanting is None or keeping is None else (wanting, keeping)
    asking = [place for place in applying if not found[place].protected and found[place].mild > Action.KEEP]
    if asking:
        hardest = max(asking, key=lambda place: (found[place].mild, -place))
        return Decision(Action(found[hardest].mild), Why.REACHED, hardest, None, fields, overruled)
    return _kept(found, applying, overruled)._replace(fields=fields, overruled=overruled)


def is_due(made: Decision, state: State, *, flagged: bool, anonymous: bool) -> bool:
    """Whether a decision about the whole record is still to be carried out, in the state that the record has."""
    match made.action:
        case Action.KEEP:
            return False
        case Action.FLAG:
            return not flagged
        case Action.ARCHIVE:
            return state is State.ACTIVE
        case Action.RESTRICT:
            return state in (State.ACTIVE, State.ARCHIVED)
        case Action.ANONYMISE:
            return not anonymous
        case _:
            return True


def _hard(one: Reached) -> int:
    return Action.KEEP if one.protected or one.hard == UNDATED else one.hard


def _kept(found: Sequence[Reached], applying: Sequence[int], overruled: tuple[int, int] | None) -> Decision:
    """Why a record is kept of which nothing is asked."""
    if overruled is not None:
        return Decision(Action.KEEP, Why.KEPT_LONGER, *overruled)
    if not applying:
        return Decision(Action.KEEP, Why.NO_RULE)
    for why, places in (
        (Why.PROTECTED, [place for place in applying if found[place].protected]),
        (Why.NOT_YET, [place for place in applying if found[place].mild != UNDATED]),
    ):
        if places:
            return Decision(Action.KEEP, why, places[0])
    return Decision(Action.KEEP, Why.UNDATED, applying[0])


def _emptied(found: Sequence[Reached]) -> list[tuple[int, int]]:
    return [
        (place, number)
        for place, one in enumerate(found)
        if one.applies and not one.protected
        for number, part in enumerate(one.fields)
        if part.filled and part.passed == 1 and not part.minimum
    ]


def _overruled(made: Decision, facts: Facts, rules: Sequence[Rule], today: date) -> Overruled | None:
    if made.overruled is None:
        return None
    rule, by = made.overruled
    return Overruled(rules[rule], rules[by], _next(rules[by], facts.rules[by], today, destroying=True))


def _days(made: Decision, facts: Facts, rules: Sequence[Rule], today: date) -> tuple[str | None, str | None]:
    """From which day on a decision holds, and until which day it is held back."""
    if made.rule is None:
        return None, None
    known, rule = facts.rules[made.rule], rules[made.rule]
    if made.why is Why.MINIMUM:
        ends = [
            shifted(one.minimum, rules[place].minimum.period) if one.minimum else None  # type: ignore[union-attr]
            for place, one in enumerate(facts.rules)
            if one.applies and runs(rules[place].minimum, one.minimum, today)
        ]
        return _end(rule, known.anchor, None), None if None in ends else max(filter(None, ends))
    if made.why is Why.REACHED:
        return _end(rule, known.anchor, made.action), None
    if made.why is Why.KEPT_LONGER and made.other is not None:
        return None, _next(rules[made.other], facts.rules[made.other], today, destroying=True)
    return None, _next(rule, known, today) if made.why is Why.NOT_YET else None


def _end(rule: Rule, anchor: str | None, action: Action | None) -> str | None:
    """The last day of the period of an action (None: of the first that loses something)."""
    if anchor is None:
        return None
    return next(
        (shifted(anchor, s.period) for s in rule.steps if s.action is action or (action is None and s.action.destroys)),
        None,
    )


def _next(rule: Rule, facts: RuleFacts, today: date, *, destroying: bool = False) -> str | None:
    """The last day before anything is asked for that is not yet; with `destroying` anything that loses something."""
    if facts.anchor is None or facts.protected:
        return None
    ends = [shifted(facts.anchor, step.period) for step in rule.steps if step.action.destroys or not destroying]
    return min((end for end in ends if end >= today.isoformat()), default=None)
