"""rules/verdicts.py: what is to become of a record, and the laws that hold for every policy and every record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from custrec.model.calendar import Duration, add
from custrec.model.plan import State
from custrec.model.policy import STEPS, Action, FieldRule, Minimum, Rule, Step
from custrec.rules.verdicts import Facts, FieldFacts, RuleFacts, Verdict, Why, verdict

PERIODS = st.builds(Duration, st.integers(0, 60), st.integers(0, 60)).filter(lambda period: period != Duration())
DAYS = st.dates(date(2000, 1, 1), date(2020, 12, 31))
DAY_OR_NONE = st.one_of(DAYS.map(date.isoformat), DAYS.map(date.isoformat), st.none())
MINIMA = st.none() | st.builds(Minimum, PERIODS)
STEP = st.builds(Step, st.sampled_from(STEPS), PERIODS)
FIELDS = st.builds(FieldRule, st.just(("bank",)), PERIODS, minimum=MINIMA)
RULES = st.builds(
    Rule,
    st.sampled_from("abc"),
    steps=st.lists(STEP, max_size=3, unique_by=lambda step: step.action).map(
        lambda steps: tuple(sorted(steps, key=lambda step: step.action))
    ),
    minimum=MINIMA,
    fields=st.lists(FIELDS, max_size=1).map(tuple),
)


@st.composite
def policies(draw: st.DrawFn) -> tuple[list[Rule], Facts]:
    """Some rules, and what is known of a record for each."""
    rules = draw(st.lists(RULES, min_size=1, max_size=3))
    known = []
    for rule in rules:
        fields = tuple(draw(st.builds(FieldFacts, st.booleans(), DAY_OR_NONE, DAY_OR_NONE)) for _ in rule.fields)
        protected = draw(st.sampled_from([False, False, True]))
        known.append(
            RuleFacts(
                draw(st.sampled_from([True, True, False])), protected, draw(DAY_OR_NONE), draw(DAY_OR_NONE), fields
            )
        )
    state = draw(st.sampled_from([State.ACTIVE, State.ARCHIVED, State.RESTRICTED]))
    return rules, Facts(tuple(known), state, draw(st.sampled_from([False, False, True])))


@given(policies(), DAYS, st.integers(0, 10_000))
def test_a_verdict_only_becomes_harder_as_time_goes_by(case: tuple[list[Rule], Facts], day: date, later: int) -> None:
    rules, facts = case
    sooner, then = verdict(facts, rules, day), verdict(facts, rules, day + timedelta(days=later))
    assert sooner.action <= then.action
    if then.action < Action.ANONYMISE:
        assert set(sooner.fields) <= set(then.fields)


@given(policies(), DAYS)
def test_a_hold_dominates_whatever_the_rules_say(case: tuple[list[Rule], Facts], day: date) -> None:
    rules, facts = case
    found = verdict(replace(facts, held=True), rules, day)
    assert (found.action, found.why, found.due, found.fields) == (Action.KEEP, Why.HELD, False, ())


@given(policies(), DAYS)
def test_nothing_is_destroyed_while_a_minimum_runs(case: tuple[list[Rule], Facts], day: date) -> None:
    rules, facts = case
    if not verdict(facts, rules, day).action.destroys:
        return
    for rule, known in zip(rules, facts.rules, strict=True):
        if known.applies and rule.minimum:
            assert known.minimum is not None
            assert add(date.fromisoformat(known.minimum), rule.minimum.period) < day


@given(policies(), DAYS)
def test_nothing_is_destroyed_without_every_rule_that_may_end_so(case: tuple[list[Rule], Facts], day: date) -> None:
    rules, facts = case
    found = verdict(facts, rules, day)
    if not found.action.destroys:
        return
    for rule, known in zip(rules, facts.rules, strict=True):
        if known.applies and rule.destroys:
            assert not known.protected
            assert known.anchor is not None, "a record without a day to count from is kept"
            periods = [step.period for step in rule.steps if step.action.destroys]
            assert any(add(date.fromisoformat(known.anchor), period) < day for period in periods)


@given(policies(), DAYS)
def test_what_is_destroyed_was_asked_for_by_a_rule_that_applies(case: tuple[list[Rule], Facts], day: date) -> None:
    rules, facts = case
    found = verdict(facts, rules, day)
    if found.why is not Why.REACHED:
        return
    assert found.rule is not None
    place = next(place for place, rule in enumerate(rules) if rule is found.rule)
    assert facts.rules[place].applies
    assert found.action in {step.action for step in found.rule.steps}
    assert found.since is not None
    assert found.since < day.isoformat()


@given(policies(), DAYS)
def test_what_was_done_is_not_due_again(case: tuple[list[Rule], Facts], day: date) -> None:
    rules, facts = case
    found = verdict(facts, rules, day)
    became = {Action.ARCHIVE: State.ARCHIVED, Action.RESTRICT: State.RESTRICTED}.get(found.action)
    if found.due and became:
        assert not verdict(replace(facts, state=became), rules, day).due
    if found.due and found.action is Action.FLAG:
        assert not verdict(replace(facts, flagged=frozenset(range(len(rules)))), rules, day).due


@given(policies(), DAYS)
def test_fields_are_emptied_only_after_their_period_and_their_own_minimum(
    case: tuple[list[Rule], Facts], day: date
) -> None:
    rules, facts = case
    for rule, part in verdict(facts, rules, day).fields:
        known = facts.rules[next(place for place, one in enumerate(rules) if one is rule)]
        (field,) = known.fields
        assert field.filled
        assert known.applies
        assert field.anchor is not None
        assert add(date.fromisoformat(field.anchor), part.period) < day
        if part.minimum:
            assert field.minimum is not None
            assert add(date.fromisoformat(field.minimum), part.minimum.period) < day


def judged(rules: list[Rule], known: list[RuleFacts], day: str, **more: object) -> Verdict:
    return verdict(Facts(tuple(known), **more), rules, date.fromisoformat(day))  # type: ignore[arg-type]


YEAR = Duration(months=12)
ARCHIVING = Rule("archive", steps=(Step(Action.ARCHIVE, YEAR),))
PURGING = Rule("purge", steps=(Step(Action.ARCHIVE, YEAR), Step(Action.PURGE, Duration(months=36), "purpose ended")))
LAW = Rule("law", minimum=Minimum(Duration(months=120), "HGB 257"))
KNOWN = RuleFacts(True, False, "2020-02-29", "2020-12-31")


def test_a_period_has_passed_on_the_day_after_its_last_day() -> None:
    assert judged([ARCHIVING], [KNOWN], "2021-02-28").action is Action.KEEP
    found = judged([ARCHIVING], [KNOWN], "2021-03-01")
    assert (found.action, found.since, found.due) == (Action.ARCHIVE, "2021-02-28", True)


def test_a_record_that_is_kept_says_until_when() -> None:
    found = judged([PURGING], [KNOWN], "2020-06-01")
    assert (found.why, found.rule, found.until) == (Why.NOT_YET, PURGING, "2021-02-28")


def test_a_minimum_beyond_the_maximum_restricts_until_the_minimum_ends() -> None:
    found = judged([PURGING, LAW], [KNOWN, KNOWN], "2024-01-01")
    assert (found.action, found.why, found.rule, found.other) == (Action.RESTRICT, Why.MINIMUM, PURGING, LAW)
    assert (found.since, found.until) == ("2023-02-28", "2030-12-31")
    assert judged([PURGING, LAW], [KNOWN, KNOWN], "2030-12-31").action is Action.RESTRICT
    assert judged([PURGING, LAW], [KNOWN, KNOWN], "2031-01-01").action is Action.PURGE


def test_the_last_of_several_minima_counts_and_one_without_a_day_has_no_end() -> None:
    other = Rule("other", minimum=Minimum(Duration(months=240)))
    assert judged([PURGING, LAW, other], [KNOWN] * 3, "2024-01-01").until == "2040-12-31"
    undated = replace(KNOWN, minimum=None)
    found = judged([PURGING, LAW, other], [KNOWN, KNOWN, undated], "2060-01-01")
    assert (found.action, found.until) == (Action.RESTRICT, None)


def test_where_rules_disagree_the_longest_keep_wins_and_is_named() -> None:
    longer = Rule("longer", steps=(Step(Action.TRASH, Duration(months=120)),))
    found = judged([PURGING, longer], [KNOWN, KNOWN], "2024-01-01")
    assert (found.action, found.rule) == (Action.ARCHIVE, PURGING), "what loses nothing is still done"
    bare = Rule("bare", steps=(Step(Action.PURGE, YEAR),))
    found = judged([bare, longer], [KNOWN, KNOWN], "2024-01-01")
    assert (found.why, found.rule, found.other, found.until) == (Why.KEPT_LONGER, bare, longer, "2030-02-28")
    assert judged([bare, longer], [KNOWN, KNOWN], "2030-03-01").action is Action.TRASH, "the mildest of both"


def test_a_record_without_a_day_and_a_protected_one_are_kept_and_it_is_said() -> None:
    assert judged([PURGING], [replace(KNOWN, anchor=None)], "2060-01-01").why is Why.UNDATED
    assert judged([PURGING], [replace(KNOWN, protected=True)], "2060-01-01").why is Why.PROTECTED
    assert judged([PURGING], [replace(KNOWN, applies=False)], "2060-01-01").why is Why.NO_RULE
