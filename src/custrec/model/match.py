"""The `match` section of a table: who may be the same, and which value a merge keeps. All of it has working defaults.

`match_of` gives what holds for a table, whatever of the section is written. Reading the section strictly stands in
files.schema_match, carrying the rules out in rules.survivorship.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from custrec.model.schema import Field, Table

DEFAULT = "default"
"""The key of the rule for fields that have none of their own."""

NEVER = "never"
WARN = "warn"
QUARANTINE = "quarantine"
ON_IMPORT = (NEVER, WARN, QUARANTINE)
"""What an import does with rows that are likely somebody known: nothing, take them and say so, refuse them."""

NEWEST = "newest"
ASK = "ask"
UNION = "union"
STRICTEST = "strictest"
YES = "yes"
LONGEST = "longest"
RULES = (NEWEST, "oldest", "first", LONGEST, "most_complete", UNION, "majority", ASK, STRICTEST, YES)
"""The words for which value a merge keeps; a list of file names is a rule too (sources, the first wins)."""

UNION_KINDS = ("tags", "text")
NO_TEXT_KINDS = ("integer", "number", "money", "boolean", "date", "datetime")
"""Kinds whose values have no length."""


@dataclass(frozen=True)
class SurvivorRule:
    """Which of several values a merge keeps: a word of RULES, or `sources` with the names of files, the best first."""

    how: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Veto:
    """What forbids that two records are the same: `differ` are fields that both have with other values, `agree` fields
    that both have with the same."""

    text: str
    differ: tuple[str, ...]
    agree: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """What holds for a table. `auto` and `review` are probabilities from 0 to 1; `fields` are those that are compared,
    with the options that are written for each; `on_import` is a word of ON_IMPORT; `confirmed` is the field that says
    when a record was last confirmed; `budget` is how many pairs are compared for each record at most."""

    auto: float = 0.99
    review: float = 0.75
    on_import: str = NEVER
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    vetoes: tuple[Veto, ...] = ()
    survivors: Mapping[str, SurvivorRule] = field(default_factory=dict)
    confirmed: str | None = None
    budget: float = 12.0


def match_of(table: Table) -> Match:
    """What holds for a table: what its section says, and defaults for the rest."""
    said: Mapping[str, Any] = table.policies.get("match") or {}
    standard = Match()
    given = {name: rule_of(value) for name, value in (said.get("survivor") or {}).items()}
    return Match(
        auto=float(said.get("auto", standard.auto)),
        review=float(said.get("review", min(standard.review, said.get("auto", 1)))),
        on_import=said.get("on_import", standard.on_import),
        fields=said.get("fields") or {one.name: {} for one in table.fields if one.name not in _not_compared(table)},
        vetoes=tuple(veto_of(text) for text in said.get("veto") or ()),
        survivors={one.name: given.get(one.name) or _usual(one, given.get(DEFAULT)) for one in table.fields},
        confirmed=said.get("confirmed"),
        budget=float(said.get("budget", standard.budget)),
    )


def rule_of(value: str | Sequence[str]) -> SurvivorRule:
    """The rule that a word or a list of sources says."""
    return SurvivorRule(value) if isinstance(value, str) else SurvivorRule("sources", tuple(map(str, value)))


def veto_of(text: str) -> Veto:
    """The veto that a text says: `FIELD differs`, `FIELD agrees`, several joined by `and`.

    Raises ValueError with what is wrong.
    """
    said: dict[str, list[str]] = {"differs": [], "agrees": []}
    for term in text.split(" and "):
        name, _, verb = term.strip().rpartition(" ")
        if verb not in said or not name.strip():
            raise ValueError("a veto is 'FIELD differs', or several such and 'FIELD agrees' joined by 'and'")
        said[verb].append(name.strip().strip("`"))
    if not said["differs"]:
        raise ValueError("a veto names a field that differs")
    return Veto(text, tuple(said["differs"]), tuple(said["agrees"]))


def strict_order(one: Field, rule: SurvivorRule) -> tuple[str | int, ...]:
    """The values of a field by a rule of consent, that which stays before all others first; () by any other rule."""
    if one.kind == "boolean" and rule.how in (STRICTEST, YES):
        return (0, 1) if rule.how == STRICTEST else (1, 0)
    return one.enum if rule.how == STRICTEST else ()


def unfit(one: Field, rule: SurvivorRule) -> str | None:
    """Why a rule cannot hold for a field; None where it can."""
    if rule.how == UNION and one.kind not in UNION_KINDS:
        return "a union is made of tags and of texts"
    if rule.how == UNION and (one.unique or (one.enum and one.kind != "tags")):
        return "a union is made of tags and of texts"
    if rule.how == STRICTEST and one.kind != "boolean" and not one.enum:
        return "the strictest of its values is known for yes and no, and for an enum"
    if rule.how == YES and one.kind != "boolean":
        return "its values are not yes and no"
    if rule.how == LONGEST and one.kind in NO_TEXT_KINDS:
        return "its values have no length"
    return None


def _usual(one: Field, default: SurvivorRule | None) -> SurvivorRule:
    """The rule of a field that has none of its own: tags are joined, of yes and no the cautious no stays."""
    if one.kind == "tags":
        return SurvivorRule(UNION)
    if one.kind == "boolean":
        return SurvivorRule(STRICTEST)
    return default if default and unfit(one, default) is None else SurvivorRule(NEWEST)


def _not_compared(table: Table) -> set[str]:
    """Fields that say nothing of who a record is: its key, references, tags, amounts, truths and choices. Whole numbers
    may: a year of birth, a number of a house."""
    kinds = ("tags", "money", "boolean", "choice", "number", "datetime")
    return {*table.primary_key, *table.references} | {one.name for one in table.fields if one.kind in kinds or one.enum}
