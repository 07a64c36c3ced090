"""The days that anchors are: calculated over columns of stored dates, which store.anchors gathers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from custrec.model.anchor import Anchor, Confirmed, Dated, End, Extreme, OfChildren, Own, end_of
from custrec.model.calendar import days_of

Days: TypeAlias = Sequence[str | None]
Program: TypeAlias = Callable[[Sequence[Days]], Days]
"""Columns of stored dates to a column of days (ISO); what is blank is None or ''."""

NEVER = "9999-99-99"
"""A day after all days."""


def compiled(anchor: Anchor, place: Callable[[Dated], int], zone: str) -> Program:
    """An anchor as a function of columns. `place` says which column holds a date, `zone` when the days of moments
    begin.

    The day of the latest moment is the latest day, because days never turn two moments round.
    """
    match anchor:
        case Extreme(latest, parts):
            return _extreme(latest, [compiled(part, place, zone) for part in parts])
        case End(unit, inner):
            return _ending(unit, compiled(inner, place, zone))
        case Confirmed():
            column = place(anchor)
            return lambda columns: days_of(columns[column], zone)
        case Own() | OfChildren():
            column = place(anchor)
            if anchor.field.kind != "datetime":
                return lambda columns: columns[column]
            return lambda columns: days_of(columns[column], zone)


def _extreme(latest: bool, parts: Sequence[Program]) -> Program:
    pick, blank = (max, "") if latest else (min, NEVER)

    def run(columns: Sequence[Days]) -> Days:
        known = [[day or blank for day in part(columns)] for part in parts]
        found = list(map(pick, *known)) if len(known) > 1 else known[0]
        return found if latest else [None if day == blank else day for day in found]

    return run


def _ending(unit: str, inner: Program) -> Program:
    ends: dict[str | None, str | None] = {None: None, "": None}

    def run(columns: Sequence[Days]) -> Days:
        days = inner(columns)
        for day in {*days} - ends.keys():
            ends[day] = end_of(str(day), unit)
        return [ends[day] for day in days]

    return run
