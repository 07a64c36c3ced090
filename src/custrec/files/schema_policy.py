"""The sections `stale`, `retention` and `capacity` of a table in schema.yaml: what their words must mean together.

What they say is model.policy's. Values in conditions are held to their fields where the schema is checked deeply
(jobs.schemas), as those of checks are.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as AbstractMapping

from custrec.errors import ExpressionInvalid
from custrec.files.schema_nodes import items_at, mapping_at, scalars_at, text_at
from custrec.files.schema_tables import TableInFile, check_field_name
from custrec.files.strict_yaml import Faults, Mapping, Mark, Scalar, short
from custrec.model.anchor import child_key, parse_anchor
from custrec.model.calendar import Duration, duration_of, period_text
from custrec.model.condition import parse_condition
from custrec.model.nearest import did_you_mean
from custrec.model.policy import STEPS, Action, fields_of_part, personal_fields
from custrec.model.schema import Schema, Table

DAYS_OF_A_MONTH = 30.44
LONGEST = Duration(months=12 * 200)
"""Nothing is kept by the rule for longer than this: a longer period is a slip of the pen."""


def check_policies(table: TableInFile, schema: Schema, faults: Faults) -> None:
    """Note what is wrong with these sections of a table; `schema` is all that could be read of the file."""
    _Sections(table, schema, faults).check()


class _Sections:
    def __init__(self, table: TableInFile, schema: Schema, faults: Faults) -> None:
        self.in_file = table
        self.table: Table = schema.by_name.get(table.table.name, table.table)
        self.schema = schema
        self.faults = faults

    def check(self) -> None:
        node = self.in_file.node
        self.stale(mapping_at(node, "stale"))
        names: dict[str, Mark] = {}
        for rule in items_at(node, "retention"):
            if isinstance(rule, Mapping):
                self.rule(rule)
                name = text_at(rule, "name")
                if name is not None and name in names:
                    first = names[name].line
                    self.fault(
                        rule.entries["name"].node.mark, f"rule '{short(name)}' stands twice; first in line {first}"
                    )
                elif name is not None:
                    names[name] = rule.entries["name"].node.mark
        capacity = mapping_at(node, "capacity")
        self.anchor(capacity)
        if "capacity" in node.entries:
            said = {*capacity.entries, *capacity.dropped}
            if said.isdisjoint({"max_records", "max_bytes"}):
                self.fault(capacity.mark, "the capacity section needs 'max_records' or 'max_bytes'")
            if text_at(capacity, "action") == Action.FLAG.word:
                self.needs_tags(capacity.entries["action"].node.mark, "flag")

    # -- the sections -------------------------------------------------------------------------------------------------

    def stale(self, section: Mapping) -> None:
        self.anchor(section)
        after, warn = self.period(section, "after"), self.period(section, "warn")
        if after and warn and _days(warn) >= _days(after):
            self.fault(section.entries["warn"].node.mark, "'warn' is no shorter than 'after': it would always warn")
        for key in ("where", "protect"):
            self.conditions(section, key)
        self.tasks(mapping_at(section, "tasks"))

    def tasks(self, section: Mapping) -> None:
        name = text_at(section, "table")
        if name is None:
            return
        mark = section.entries["table"].node.mark
        other = self.schema.by_name.get(name)
        if other is None:
            self.fault(mark, f"'table' names '{short(name)}', which is no table{self.meant(name, self.schema.by_name)}")
            return
        if child_key(other, self.table) is None:
            self.fault(mark, f"'{short(name)}' does not refer to '{self.table.name}'")
            return
        in_file = TableInFile(other, section, self.in_file.complete)
        for key in ("title", "due", "owner"):
            for word in scalars_at(section, key):
                if check_field_name(in_file, word.text, word.mark, f"'{key}'", self.faults) and key == "due":
                    self.is_date(other, word)
        for key, entry in mapping_at(section, "values").entries.items():
            check_field_name(in_file, key, entry.mark, "'values'", self.faults)
        for word in scalars_at(section, "open"):
            self.readable(word, lambda text: parse_condition(text, other, self.schema))
        self.period(section, "within")

    def rule(self, rule: Mapping) -> None:
        self.anchor(rule)
        for key in ("when", "protect"):
            self.conditions(rule, key)
        steps: dict[Action, Duration | None] = {
            action: self.period(rule, action.word) for action in STEPS if action.word in rule.entries
        }
        most = mapping_at(rule, "keep_at_most")
        if "keep_at_most" in rule.entries:
            action = Action[(text_at(most, "then") or Action.PURGE.word).upper()]
            if action in steps:
                self.fault(most.mark, f"'{action.word}' is asked for twice: by itself and by 'keep_at_most'")
            steps[action] = self.period(most, "period")
        least = self.minimum(rule)
        self.in_order(rule, steps)
        dated = steps or least or "fields" in rule.entries
        said = {*rule.entries, *rule.dropped}
        if not dated and not rule.dropped:
            self.fault(rule.mark, "the rule says nothing that is to happen: give it a step such as archive: 2y")
        elif "anchor" not in said and (steps or (least and "anchor" not in mapping_at(rule, "keep_at_least").entries)):
            self.fault(rule.mark, "a retention rule with periods needs 'anchor': the day to count from")
        for word in scalars_at(rule, "auto"):
            if Action[word.text.upper()] not in steps and not (word.text == "anonymise" and "fields" in said):
                self.fault(word.mark, f"'auto' names '{word.text}', which the rule never asks for")
        self.notice(rule, steps)
        if Action.FLAG in steps:
            self.needs_tags(rule.entries["flag"].mark, "flag")
        if Action.ANONYMISE in steps and self.in_file.complete and not personal_fields(self.table):
            none = f"'anonymise' takes fields classified as personal or sensitive, and '{self.table.name}' has none"
            self.fault(rule.mark, none)
        for key, entry in mapping_at(rule, "fields").entries.items():
            if isinstance(entry.node, Mapping):
                self.field_rule(key, entry.mark, entry.node, rule)

    def field_rule(self, key: str, mark: Mark, part: Mapping, rule: Mapping) -> None:
        for name in fields_of_part(key):
            if not check_field_name(self.in_file, name, mark, "'fields'", self.faults):
                continue
            if name in self.table.primary_key or name in self.table.references:
                self.fault(mark, f"'{short(name)}' tells which record it is, or whose: it cannot be emptied alone")
        self.anchor(part)
        if "anchor" not in {*part.entries, *part.dropped, *rule.entries, *rule.dropped}:
            self.fault(part.mark, "there is no 'anchor' to count from, neither here nor in the rule")
        if "keep_at_most" not in {*part.entries, *part.dropped}:
            self.fault(part.mark, "the retention of a field needs 'keep_at_most'")
        self.spelled(part, "keep_at_most")
        self.minimum(part)

    def notice(self, rule: Mapping, steps: AbstractMapping[Action, Duration | None]) -> None:
        if "notify" not in rule.entries:
            return
        section = mapping_at(rule, "notify")
        for key in ("before", "grace", "again"):
            self.period(section, key, zero=key != "again")
        destroying = [period for action, period in steps.items() if action.destroys and period]
        before = self.spelled(section, "before", quietly=True)
        if not destroying and not any(action.destroys for action in steps):
            self.fault(section.mark, "'notify' goes with trash, anonymise or purge: nothing else is announced")
        elif before and destroying and _days(before) >= min(map(_days, destroying)):
            self.fault(section.entries["before"].node.mark, "'before' is no shorter than the period it comes before")

    def in_order(self, rule: Mapping, steps: AbstractMapping[Action, Duration | None]) -> None:
        """A milder step that comes no earlier than a harder one would never be taken."""
        known = [(action, period) for action, period in sorted(steps.items()) if period]
        for place, (action, period) in enumerate(known):
            for harder, sooner in known[place + 1 :]:
                if _days(period) >= _days(sooner):
                    entry = rule.entries.get(action.word) or rule.entries["keep_at_most"]
                    late, early = period_text(period), period_text(sooner)
                    said = f"'{action.word}' after {late} would never happen: '{harder.word}' comes after {early}"
                    self.fault(entry.mark, said)
                    break

    # -- what is written ----------------------------------------------------------------------------------------------

    def anchor(self, section: Mapping) -> None:
        for word in scalars_at(section, "anchor"):
            self.readable(word, lambda text: parse_anchor(text, self.table, self.schema))

    def conditions(self, section: Mapping, key: str) -> None:
        for word in scalars_at(section, key):
            self.readable(word, lambda text: parse_condition(text, self.table, self.schema))

    def readable(self, word: Scalar, parse: Callable[[str], object]) -> None:
        if self.faults.count and not self.in_file.complete:
            return  # a field that could not be read would be called unknown
        try:
            parse(word.text)
        except ExpressionInvalid as error:
            hint = f" ({error.hint})" if error.hint and not error.hint.startswith("write it like: city") else ""
            self.fault(word.mark, f"'{short(word.text)}': {error.params['reason']}{hint}")

    def minimum(self, section: Mapping) -> bool:
        self.anchor(mapping_at(section, "keep_at_least"))
        return self.spelled(section, "keep_at_least") is not None

    def spelled(self, section: Mapping, key: str, quietly: bool = False) -> Duration | None:
        """A period that stands alone, or in a mapping."""
        entry = section.entries.get(key)
        if entry is not None and isinstance(entry.node, Mapping):
            return self.period(entry.node, "period")
        return self.period(section, key, quietly=quietly)

    def period(self, section: Mapping, key: str, *, zero: bool = False, quietly: bool = False) -> Duration | None:
        entry = section.entries.get(key)
        if entry is None or not isinstance(entry.node, Scalar):
            return None
        try:
            period = duration_of(entry.node.text)
        except ValueError as error:
            if not quietly:
                self.fault(entry.node.mark, f"'{key}' is {error}")
            return None
        if quietly:
            return period
        if _days(period) > _days(LONGEST):
            self.fault(entry.node.mark, f"'{key}' is longer than 200 years")
        elif not zero and period == Duration():
            self.fault(entry.node.mark, f"'{key}' is no time at all")
        return period

    def needs_tags(self, mark: Mark, word: str) -> None:
        if self.in_file.complete and not any(field.kind == "tags" for field in self.table.fields):
            self.fault(mark, f"'{word}' puts a tag, and '{self.table.name}' has no field of the kind tags")

    def is_date(self, table: Table, word: Scalar) -> None:
        if table.by_name[word.text].kind not in ("date", "datetime"):
            self.fault(word.mark, f"'due' names '{short(word.text)}', which is no date")

    def meant(self, word: str, known: AbstractMapping[str, object]) -> str:
        return "" if self.faults.full else did_you_mean(word, known)

    def fault(self, mark: Mark, sentence: str) -> None:
        self.faults.add(mark, sentence)


def _days(period: Duration) -> float:
    """About how many days a period has, to compare two."""
    return period.months * DAYS_OF_A_MONTH + period.days
