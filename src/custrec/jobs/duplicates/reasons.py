"""Why two records are likely one, or not, in a few words: what speaks for it and against it, the weightiest first."""

from __future__ import annotations

from typing import NamedTuple

from custrec.jobs.duplicates.comparing import Comparison
from custrec.matching.explanation import explain
from custrec.matching.model import Model
from custrec.store import keyed, records
from custrec.store.database import Store

SAID_FROM = 0.5
"""Bits from which on something is said."""


class Reason(NamedTuple):
    """What was seen, in words, and its weight in bits; `field` is None for what no field says alone."""

    field: str | None
    what: str
    bits: float


def reasons(store: Store, comparison: Comparison, model: Model, one: int, other: int) -> list[Reason]:
    """The reasons about two records by number: those of fields, then what is owed to evidence that goes together, and
    to how rare matches are."""
    names = [field.name for field in model.fields]
    rows = {
        row[0]: dict(zip(names, row[1:], strict=True))
        for row in records.select_any(store, comparison.table, names, keyed.numbered([one, other]))
    }
    said = explain(model, comparison.kinds, rows[one], rows[other], comparison.review)
    fields = sorted(said.fields, key=lambda field: -abs(field.bits))
    found = [Reason(field.name, f"{field.name} {field.level}", field.bits) for field in fields]
    found.append(Reason(None, "what goes together", said.together_bits))
    return [
        *(one for one in found if abs(one.bits) >= SAID_FROM),
        Reason(None, "rarity of matches", said.prior_bits),
    ]
