"""What a text at fault was probably meant to be, where one answer stands out; otherwise nothing is suggested.

A choice that is nearly one of the schema's, and a day whose parts make sense in one order alone. Never a phone number,
a name, an amount or an identifier: what is wrong there cannot be known. Nothing acts on a suggestion.
"""

from __future__ import annotations

import re
from datetime import date

from custrec.model.nearest import nearest
from custrec.model.problem import Fault
from custrec.values.choice import Spellings, labels_of
from custrec.values.date import ORDERS, read_day
from custrec.values.letters import halve
from custrec.values.protocol import ValueType

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII).fullmatch


def suggestion(kind: ValueType, text: str, fault: Fault) -> str | None:
    """What could stand in the place of a text that the kind refused for this fault; always something it takes."""
    if fault.rule == "not-a-choice" and kind.kind == "choice":
        meant = _listed(kind, text)
    elif fault.rule in ("date-order", "date-impossible", "date-format") and kind.kind == "date":
        meant = _day(kind, text)
    else:
        return None
    return meant if meant is not None and kind.judge(meant).value is not None else None


def _listed(kind: ValueType, text: str) -> str | None:
    """The listed value nearest to what is written, by itself or by a label."""
    labels = labels_of(kind.field)
    near = nearest(halve(text), [*kind.field.enum, *(label for several in labels.values() for label in several)])
    return None if near is None else Spellings(kind.field.enum, labels).meant(near)


def _day(kind: ValueType, text: str) -> str | None:
    """The only day that the parts make, in whatever order; of 2021-25-03 the year is sure, so it is the 25 March."""
    text = halve(text)
    turned = _YEAR_FIRST(text)
    written = [text, f"{turned[1]}-{turned[4]}-{turned[3]}"] if turned else [text]
    readings = (read_day(one, order) for one in written for order in ORDERS)
    days = {day for day in readings if isinstance(day, date)}
    return kind.show(days.pop().isoformat()) if len(days) == 1 else None
