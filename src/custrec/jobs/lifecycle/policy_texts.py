"""The anchors and conditions of policies, read and with their values as the fields store them."""

from __future__ import annotations

from collections.abc import Iterator

from custrec.errors import ExpressionInvalid
from custrec.jobs.reading import stored
from custrec.model.anchor import Anchor, bind_anchor, parse_anchor
from custrec.model.condition import Condition, bind_condition, parse_condition
from custrec.model.expression import Normalise
from custrec.model.policy import Rule, capacity_of, rules_of, stale_of
from custrec.model.schema import Schema, Table


def anchor_of(schema: Schema, table: Table, text: str) -> Anchor:
    """An anchor of a table's records. Raises ExpressionInvalid."""
    return bind_anchor(parse_anchor(text, table, schema), schema, lambda child: _normalise(schema, child))


def condition_of(schema: Schema, table: Table, text: str) -> Condition:
    """A condition over a table's records. Raises ExpressionInvalid."""
    return bind_condition(parse_condition(text, table, schema), table, schema, lambda child: _normalise(schema, child))


def text_faults(schema: Schema, table: Table) -> Iterator[str]:
    """What is wrong with the anchors and conditions of a table's policies, a line each."""
    anchors, conditions = _written(table)
    for text in anchors:
        try:
            anchor_of(schema, table, text)
        except ExpressionInvalid as error:
            yield f"{table.name}, anchor {text!r}: {error.message}"
    asked = [(table, text) for text in conditions]
    tasks = stale.tasks if (stale := stale_of(table)) else None
    if tasks and tasks.open:
        asked.append((schema.by_name[tasks.table], tasks.open))
    for of, text in asked:
        try:
            condition_of(schema, of, text)
        except ExpressionInvalid as error:
            yield f"{of.name}, condition {text!r}: {error.message}"


def _written(table: Table) -> tuple[list[str], list[str]]:
    """The anchors and the conditions of a table's policies, each once."""
    anchors: list[str | None] = []
    conditions: list[str | None] = []
    if stale := stale_of(table):
        anchors.append(stale.anchor)
        conditions += [stale.where, *stale.protect]
    if capacity := capacity_of(table):
        anchors.append(capacity.anchor)
    for rule in rules_of(table):
        anchors += _anchors(rule)
        conditions += [*rule.when, *rule.protect]
    return list(dict.fromkeys(filter(None, anchors))), list(dict.fromkeys(filter(None, conditions)))


def _anchors(rule: Rule) -> list[str | None]:
    minima = [rule.minimum, *(part.minimum for part in rule.fields)]
    return [rule.anchor, *(part.anchor for part in rule.fields), *(one.anchor for one in minima if one)]


def _normalise(schema: Schema, table: Table) -> Normalise:
    return lambda field, text: stored(schema, table, field, text)
