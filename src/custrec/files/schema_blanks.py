"""Words of schema.yaml that mean "no value" in a table (missingValues) and a value of one of its fields at once.

What such a word stands for could never come back from an export. Of numbers, those that a field may hold: with a
minimum of 0, -99 may well mean no value.
"""

from __future__ import annotations

import re

from custrec.files.schema_nodes import items_at, mapping_at, scalars_at, text_at
from custrec.files.strict_yaml import Faults, Mapping, Scalar, short
from custrec.model.schema import Defaults, Field, Table
from custrec.values.cleaning import clean
from custrec.values.protocol import Stored, ValueType

_NUMBERS = ("integer", "number", "money")
_OF_EVERY_SIZE = (None, "JPY", "CNY", "KWD")
"""Currencies of a row: none, and one each of no, two and three decimals."""


def refuse_words_that_mean_blank(node: Mapping, table: Table, defaults: Defaults, faults: Faults) -> None:
    """Note what means both, in a table that could be read as far as its fields."""
    missing = {text: word for word in scalars_at(node, "missingValues") if (text := clean(word.text, frozenset()))}
    if not missing:
        return
    for item in items_at(node, "fields"):
        field = table.by_name.get(text_at(item, "name") or "") if isinstance(item, Mapping) else None
        if field is None or not isinstance(item, Mapping):
            continue
        for holder, key in ((item, "trueValues"), (item, "falseValues"), (mapping_at(item, "constraints"), "enum")):
            for word in scalars_at(holder, key):
                if clean(word.text, frozenset()) in missing:
                    faults.add(word.mark, f"'{short(word.text)}' in '{key}' means no value in this table")
        if (kind := _kind(field, defaults)) is not None:
            _refuse_shown(field, kind, missing, faults)


def _kind(field: Field, defaults: Defaults) -> ValueType | None:
    """The kind of a field that shows values otherwise than the schema lists them; None where it is at fault."""
    from custrec.values.registry import for_field

    if field.enum or field.kind not in (*_NUMBERS, "boolean"):
        return None
    try:
        return for_field(field, defaults)
    except ValueError:
        return None


def _refuse_shown(field: Field, kind: ValueType, missing: dict[str, Scalar], faults: Faults) -> None:
    """Truth values in the words that stand for them by default, and numbers."""
    if field.kind == "boolean":
        for value, key in ((1, "trueValues"), (0, "falseValues")):
            if key not in field.options and (word := missing.get(kind.show(value))):
                faults.add(word.mark, f"'{short(word.text)}' means no value, and in '{field.name}' a truth value")
        return
    for text, word in missing.items():
        if any(_may_hold(field, kind, text, beside) for beside in (_OF_EVERY_SIZE if kind.beside else (None,))):
            what = f"'{short(word.text)}' means no value, and is a number that '{field.name}' may hold"
            faults.add(word.mark, f"{what}; give the field a minimum or maximum that leaves it out")


def _may_hold(field: Field, kind: ValueType, text: str, beside: str | None) -> bool:
    """Whether a field's value may be shown as this text."""
    value = kind.judge(text, beside).value
    if value is None or kind.show(value, beside) != text:
        return False
    try:
        fits = field.pattern is None or re.fullmatch(field.pattern, text) is not None
    except re.error:
        fits = True
    long_enough = (field.min_length or 0) <= len(text) <= (field.max_length or len(text))
    return fits and long_enough and _within(field, kind, value, beside)


def _within(field: Field, kind: ValueType, value: Stored, beside: str | None) -> bool:
    def bound(limit: str | None) -> Stored:
        return None if limit is None else kind.judge(limit, beside).value

    least, most = bound(field.minimum), bound(field.maximum)
    size = kind.order(value)
    below = least is not None and size < kind.order(least)  # type: ignore[operator]
    above = most is not None and size > kind.order(most)  # type: ignore[operator]
    return not below and not above
