"""Which value a merge keeps: pure functions of what the records say.

Blanks never win, and neither does a form of address (王总, Mr. Smith) beside a name. Values are compared as they are
stored. What decides between equal claims is always the same: the value that was set or confirmed last; of one import,
that of the record which says more, then the longer text (a name in full, a company with its suffix), then the one with
its accents, then the record with the higher number; so the order of the records does not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import NamedTuple

from custrec.model.match import NEWEST, SurvivorRule, strict_order
from custrec.model.schema import Field
from custrec.values.name_core import core_of

Stored = str | int | float | None
APART = ";"
"""What stands between tags."""
TIMES = ("date", "datetime")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one record says of a field.

    `record` is its number, `set_by` the event that set the value or confirmed it since, `source` the file of the event
    that set it, `confirmed` when the record was last confirmed (ISO text), `filled` how many of its fields have a
    value.
    """

    value: Stored
    record: int
    set_by: int = 0
    source: str | None = None
    confirmed: str | None = None
    filled: int = 0

    @property
    def age(self) -> tuple[str, int]:
        """What sorts the claims from the oldest to the newest."""
        return self.confirmed or "", self.set_by

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """What decides between claims of one age: the greatest wins. Of texts as long that with more beyond ASCII:
        García, not Garcia."""
        text = self.value if isinstance(self.value, str) else ""
        return self.filled, len(text), len(text.encode()), self.record


class Undecided(Exception):
    """A person is to be asked."""


def survivor(field: Field, rule: SurvivorRule, claims: Sequence[Claim]) -> Stored:
    """The value that stays; None where all are blank. `claims` begin with that of the record that survives.

    Raises Undecided where the rule is to ask and the values differ.
    """
    if rule.how == "union":
        return _union(field, [claim.value for claim in claims if claim.value is not None])
    chosen = winner(field, rule, claims)
    return chosen.value if chosen else None


def winner(field: Field, rule: SurvivorRule, claims: Sequence[Claim]) -> Claim | None:
    """The claim whose value stays; None where all are blank. A union has none: the newest stands for it.

    Raises Undecided.
    """
    said = [claim for claim in claims if claim.value is not None]
    if field.kind == "person_name" and len(said) > 1:
        said = [claim for claim in said if not core_of(str(claim.value)).surname_only] or said
    if len({claim.value for claim in said}) < 2:
        return said[0] if said else None
    if rule.how == "first":
        return said[0]
    if rule.how == "ask":
        raise Undecided
    if rule.how in ("newest", "oldest") and field.kind in TIMES:
        ordered = sorted(said, key=lambda claim: (str(claim.value), claim.age, claim.weight))
        return ordered[-1] if rule.how == NEWEST else ordered[0]
    if rule.how == "oldest":
        first = min(claim.age for claim in said)
        return max((claim for claim in said if claim.age == first), key=lambda claim: claim.weight)
    rank = _RANKS[rule.how](field, rule, said)
    return max(said, key=lambda claim: (rank(claim), claim.age, claim.weight))


class Amount(NamedTuple):
    """What records say of an amount of money, and by record the currency that it is in there."""

    field: Field
    rule: SurvivorRule
    claims: Sequence[Claim]
    codes: Mapping[int, str]


def of_one_currency(
    amounts: Iterable[Amount], leading: int | None = None
) -> tuple[dict[str, Claim | None], int | None]:
    """By name the claims that stay of amounts which share a field for their currency (None: all are blank), and the
    record whose currency they are in: the `leading` one, else that of the first amount. Raises Undecided."""
    kept: dict[str, Claim | None] = {}
    for one in amounts:
        code = None if leading is None else one.codes[leading]
        said = [claim for claim in one.claims if claim.value is not None and code in (None, one.codes[claim.record])]
        kept[one.field.name] = won = _of_money(one, said)
        if leading is None and won is not None:
            leading = won.record
    return kept, leading


def _of_money(amount: Amount, said: Sequence[Claim]) -> Claim | None:
    sums = {(claim.value, amount.codes[claim.record]) for claim in said}
    if len(sums) < 2:
        return said[0] if said else None
    if amount.rule.how == "ask":
        raise Undecided(amount.field.name)
    if amount.rule.how != "first" and len({value for value, _ in sums}) == 1:
        return max(said, key=lambda claim: (claim.age, claim.weight))  # the same number is another sum in each currency
    return winner(amount.field, amount.rule, said)


Rank = Callable[[Claim], float]


def _by_sources(field: Field, rule: SurvivorRule, said: Sequence[Claim]) -> Rank:  # noqa: ARG001
    """The source that is named first wins; what no name fits comes last."""
    names = rule.sources

    def rank(claim: Claim) -> float:
        place = (n for n, name in enumerate(names) if claim.source and fnmatchcase(claim.source, name))
        return -next(place, len(names))

    return rank


def _by_frequency(field: Field, rule: SurvivorRule, said: Sequence[Claim]) -> Rank:  # noqa: ARG001
    counts = Counter(claim.value for claim in said)
    return lambda claim: counts[claim.value]


def _by_strictness(field: Field, rule: SurvivorRule, said: Sequence[Claim]) -> Rank:  # noqa: ARG001
    """In the order of model.match, and what is not in it last."""
    order: dict[Stored, int] = {value: place for place, value in enumerate(strict_order(field, rule))}
    return lambda claim: -order.get(claim.value, len(order))


_RANKS: dict[str, Callable[[Field, SurvivorRule, Sequence[Claim]], Rank]] = {
    "newest": lambda field, rule, said: lambda claim: 0,  # noqa: ARG005
    "longest": lambda field, rule, said: lambda claim: len(str(claim.value)),  # noqa: ARG005
    "most_complete": lambda field, rule, said: lambda claim: claim.filled,  # noqa: ARG005
    "union": lambda field, rule, said: lambda claim: 0,  # noqa: ARG005
    "majority": _by_frequency,
    "strictest": _by_strictness,
    "yes": _by_strictness,
    "sources": _by_sources,
}


def _union(field: Field, values: Sequence[Stored]) -> Stored:
    """All tags of all values, or all different texts, a line each, in the order of the claims."""
    if field.kind == "tags":
        return APART.join(sorted({tag for value in values for tag in str(value).split(APART)})) or None
    lines = dict.fromkeys(line for value in values for line in str(value).split("\n"))
    return "\n".join(lines) or None
