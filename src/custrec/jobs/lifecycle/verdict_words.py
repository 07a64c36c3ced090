"""Verdicts in words: one place in which the sentences are made. No values of records stand in them, only days."""

from __future__ import annotations

from custrec.model.calendar import period_text
from custrec.model.policy import Action, Rule
from custrec.rules.verdicts import Facts, Overruled, Verdict, Why

DONE = {
    Action.FLAG: "flagged",
    Action.ARCHIVE: "archived",
    Action.RESTRICT: "restricted",
    Action.TRASH: "put into the trash",
    Action.ANONYMISE: "anonymised",
    Action.PURGE: "purged",
}


def because(found: Verdict) -> str:
    """Why a verdict is what it is."""
    rule, other = found.rule, found.other
    match found.why:
        case Why.HELD:
            return "it is held"
        case Why.NO_RULE:
            return "no rule applies to it"
        case _ if rule is None:
            return ""
        case Why.PROTECTED:
            return f"{_named(rule)} protects it"
        case Why.UNDATED:
            return f"{_named(rule)} has no day to count from: {rule.anchor} is blank"
        case Why.NOT_YET:
            return f"{_named(rule)} asks for nothing {f'up to {found.until}' if found.until else 'more'}"
        case Why.KEPT_LONGER:
            return _kept_longer(found.overruled) if found.overruled else ""
        case Why.MINIMUM:
            until = f"up to {found.until}" if found.until else "without a known end"
            since = f" since {found.since}" if found.since else ""
            return f"{_named(rule)} would have it go{since}, but {_named(other)} has it kept {until}{_law(other)}"
        case Why.REACHED:
            step = next(step for step in rule.steps if step.action is found.action)
            why = f" ({step.why})" if step.why else ""
            return f"{_named(rule)}: {period_text(step.period)} after {rule.anchor} passed on {found.since}{why}"


def fate(found: Verdict) -> str:
    """What becomes of a record, in a few words."""
    if found.action is Action.KEEP:
        return "kept"
    return f"to be {DONE[found.action]}" if found.due else f"{DONE[found.action]} already"


def standing(stage: str, until: str | None) -> str:
    """How far it has come with what is due (store.notices), in a sentence."""
    return {
        "proposed": "the customer is to be written to first: custrec retention notify",
        "grace": f"the customer was written to, and may answer until {until}",
        "kept": f"the customer asked to be kept: nothing happens until {until}",
        "ready": "there is nobody left to wait for: custrec retention run --proposed",
    }[stage]


def explained(found: Verdict, facts: Facts, rules: tuple[Rule, ...]) -> list[str]:
    """A line for each rule of the table: whether it applies, and which days it counts from."""
    lines = []
    for rule, known in zip(rules, facts.rules, strict=True):
        if not known.applies:
            lines.append(f"{_named(rule)} does not apply")
            continue
        said = [f"{rule.anchor} is {known.anchor or 'blank'}"] if rule.anchor else []
        said += ["it protects this record"] if known.protected else []
        if rule.minimum:
            day = f"from {known.minimum}" if known.minimum else "from a day that is not known"
            said.append(f"kept at least {period_text(rule.minimum.period)} {day}{_law(rule)}")
        lines.append(f"{_named(rule)} applies: {', '.join(said)}")
    if found.overruled is not None and found.why is not Why.KEPT_LONGER:
        lines.append(_kept_longer(found.overruled))
    for rule, part in found.fields:
        lines.append(f"{_named(rule)}: {part.name} to be emptied, {period_text(part.period)} have passed")
    return lines


def _kept_longer(found: Overruled) -> str:
    until = f" up to {found.until}" if found.until else ""
    return f"{_named(found.rule)} would have it go, {_named(found.by)} keeps it{until}: the longest keep wins"


def _named(rule: Rule | None) -> str:
    return f"rule '{rule.name}'" if rule else "no rule"


def _law(rule: Rule | None) -> str:
    return f" ({rule.minimum.why})" if rule and rule.minimum and rule.minimum.why else ""
