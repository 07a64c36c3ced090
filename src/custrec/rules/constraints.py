"""The constraints of one field, compiled into one function over a column of stored values.

required, minimum and maximum (in the order of the kind), minLength, maxLength and pattern (over the shown text), and
enum where the kind is not itself a choice. Uniqueness is not here: it needs the other records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from custrec.model.problem import Fault
from custrec.model.schema import Field
from custrec.values.protocol import Stored, ValueType

Besides = Sequence[str | None] | None
_Check = Callable[[Sequence[Stored], Besides], dict[int, Fault]]


class ConstraintChecker(Protocol):
    """What `compile_constraints` gives."""

    def __call__(
        self, values: Sequence[Stored], faulty: Collection[int] = (), beside: Besides = None
    ) -> dict[int, Fault]:
        """The first broken constraint of each row. Rows in `faulty` have a fault already and are passed over.

        `beside` are the texts that the values were judged with (a column of currencies).
        """
        ...


def compile_constraints(field: Field, value_type: ValueType) -> ConstraintChecker:
    """Read a field's constraints once.

    ValueError where a limit is no value of the kind, or the pattern no regular expression.
    """
    checks: list[_Check] = []
    for rule, limit in (("too-small", field.minimum), ("too-large", field.maximum)):
        if limit is not None:
            checks.append(_bounded(rule, str(limit), value_type))
    if field.enum and value_type.kind not in ("choice", "tags"):
        checks.append(_listed(field.enum, value_type))
    if field.min_length is not None or field.max_length is not None:
        checks.append(_measured(field.min_length, field.max_length, value_type))
    if field.pattern is not None:
        checks.append(_matching(field.pattern, value_type))
    required = field.required

    def check(values: Sequence[Stored], faulty: Collection[int] = (), beside: Besides = None) -> dict[int, Fault]:
        faults: dict[int, Fault] = {}
        for one in checks:
            faults = one(values, beside) | faults
        if required:
            missing = Fault("required")
            faults |= {row: missing for row, value in enumerate(values) if value is None and row not in faulty}
        if faults and faulty:
            faults = {row: fault for row, fault in faults.items() if row not in faulty}
        return faults

    return check if checks or required else _unconstrained


def _unconstrained(
    values: Sequence[Stored],  # noqa: ARG001
    faulty: Collection[int] = (),  # noqa: ARG001
    beside: Besides = None,  # noqa: ARG001
) -> dict[int, Fault]:
    return {}


def _bounded(rule: str, limit: str, value_type: ValueType) -> _Check:
    """minimum or maximum, both inclusive. Beside another text (a currency) the limit is another value."""
    fault = Fault(rule, {"limit": limit})
    bounds: dict[str | None, Stored] = {}
    order, below = value_type.order, rule == "too-small"

    def bound(near: str | None) -> Stored:
        if near not in bounds:
            bounds[near] = order(value_type.judge(limit, near).value)
        return bounds[near]

    if value_type.beside is None and bound(None) is None:
        raise ValueError(f"{limit} is no value of the kind {value_type.kind}")

    def check(values: Sequence[Stored], beside: Besides) -> dict[int, Fault]:
        nears = beside if beside is not None else [None] * len(values)
        faults: dict[int, Fault] = {}
        for row, (value, near) in enumerate(zip(values, nears, strict=True)):
            if value is None:
                continue
            at, size = bound(near), order(value)
            if at is not None and ((size < at) if below else (size > at)):  # type: ignore[operator]
                faults[row] = fault
        return faults

    return check


def _listed(enum: Sequence[str], value_type: ValueType) -> _Check:
    fault = Fault("not-a-choice", {"choices": ", ".join(enum)})
    allowed = {None}  # a blank is judged by `required`
    for text in enum:
        value = value_type.judge(text).value
        if value is None:
            raise ValueError(f"{text} in enum is no value of the kind {value_type.kind}")
        allowed.add(value)  # type: ignore[arg-type]
    return lambda values, beside: {row: fault for row, value in enumerate(values) if value not in allowed}  # noqa: ARG005


def _measured(least: int | None, most: int | None, value_type: ValueType) -> _Check:
    short, long = Fault("too-short", {"limit": least}), Fault("too-long", {"limit": most})

    def check(values: Sequence[Stored], beside: Besides) -> dict[int, Fault]:
        faults: dict[int, Fault] = {}
        for row, text in _shown(values, beside, value_type):
            if least is not None and len(text) < least:
                faults[row] = short
            elif most is not None and len(text) > most:
                faults[row] = long
        return faults

    return check


def _matching(pattern: str, value_type: ValueType) -> _Check:
    try:
        fits = re.compile(pattern).fullmatch
    except re.error as broken:
        raise ValueError(f"the pattern {pattern} is no regular expression: {broken}") from None
    fault = Fault("pattern", {"pattern": pattern})
    return lambda values, beside: {row: fault for row, text in _shown(values, beside, value_type) if not fits(text)}


def _shown(values: Sequence[Stored], beside: Besides, value_type: ValueType) -> list[tuple[int, str]]:
    """Row and shown text of every value."""
    show = value_type.show
    if beside is None:
        return [(row, show(value)) for row, value in enumerate(values) if value is not None]
    return [
        (row, show(value, near))
        for row, (value, near) in enumerate(zip(values, beside, strict=True))
        if value is not None
    ]
