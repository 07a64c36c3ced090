"""Which records would fare otherwise under other policies."""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from custrec.jobs.lifecycle.judging import Judge
from custrec.model.policy import Action, Rule
from custrec.model.schema import Schema, Table
from custrec.rules.verdicts import Decision
from custrec.store.database import Store, snapshot


class Fate(NamedTuple):
    """What becomes of a record: the action, by which rule, and which fields go besides."""

    action: Action
    rule: str | None
    fields: tuple[str, ...]

    @property
    def words(self) -> str:
        """In a few words."""
        fields = f" · empty {', '.join(self.fields)}" if self.fields else ""
        return f"{self.action.word}{f' ({self.rule})' if self.rule and self.action else ''}{fields}"


@dataclass(frozen=True)
class Change:
    """Records of a table whose fate would be another one."""

    table: Table
    before: Fate
    after: Fate
    records: array[int]


def changes(store: Store, old: Schema, new: Schema, today: date) -> list[Change]:
    """The records whose fate on a day is another by the policies of `new` than by those of `old`, the hardest first.

    A fate is another one where the action or the fields that go differ; the rule alone makes no difference.
    """
    found: list[Change] = []
    for table in old.tables:
        judges = [Judge(store, schema.by_name[table.name], today, schema) for schema in (old, new)]
        if not any(judge.rules for judge in judges):
            continue
        moved: dict[tuple[Decision, Decision], array[int]] = defaultdict(lambda: array("q"))
        with snapshot(store.reader):
            for (record, one), (_, other) in zip(*(judge.decisions() for judge in judges), strict=True):
                if one != other:
                    moved[one, other].append(record)
        found += _changes(table, moved, judges[0].rules, judges[1].rules)
    return sorted(found, key=lambda change: (-change.after.action, -change.before.action))


def _changes(
    table: Table,
    moved: dict[tuple[Decision, Decision], array[int]],
    old: tuple[Rule, ...],
    new: tuple[Rule, ...],
) -> list[Change]:
    by_fate: dict[tuple[Fate, Fate], array[int]] = defaultdict(lambda: array("q"))
    for (one, other), records in moved.items():
        before, after = _fate(one, old), _fate(other, new)
        if (before.action, before.fields) != (after.action, after.fields):
            by_fate[before, after].extend(records)
    return [Change(table, *fates, array("q", sorted(records))) for fates, records in by_fate.items()]


def _fate(made: Decision, rules: tuple[Rule, ...]) -> Fate:
    fields = sorted({name for rule, part in made.fields for name in rules[rule].fields[part].fields})
    return Fate(made.action, None if made.rule is None else rules[made.rule].name, tuple(fields))
