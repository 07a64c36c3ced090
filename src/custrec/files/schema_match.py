"""The `match` section of a table in schema.yaml: what its words must mean together. What it says is model.match's."""

from __future__ import annotations

from custrec.files.schema_nodes import mapping_at, scalars_at, value_at
from custrec.files.schema_tables import TableInFile, check_field_name
from custrec.files.strict_yaml import Faults, Mapping, Scalar, Sequence, short
from custrec.model.match import DEFAULT, RULES, STRICTEST, UNION, YES, SurvivorRule, unfit, veto_of
from custrec.model.nearest import did_you_mean


def check_match(table: TableInFile, faults: Faults) -> None:
    """Note what is wrong with the section of a table, if it has one."""
    section = mapping_at(table.node, "match")
    _check_thresholds(section, faults)
    for name, entry in mapping_at(section, "fields").entries.items():
        check_field_name(table, name, entry.mark, "'fields'", faults)
    for veto in scalars_at(section, "veto"):
        _check_veto(table, veto, faults)
    for word in scalars_at(section, "confirmed"):
        if check_field_name(table, word.text, word.mark, "'confirmed'", faults):
            field = table.table.by_name[word.text]
            if field.kind not in ("date", "datetime"):
                faults.add(word.mark, f"'confirmed' names '{short(word.text)}', which is no date")
    for name, entry in mapping_at(section, "survivor").entries.items():
        if name == DEFAULT or check_field_name(table, name, entry.mark, "'survivor'", faults):
            _check_rule(table, name, entry.node, faults)


def _check_thresholds(section: Mapping, faults: Faults) -> None:
    auto, review = value_at(section, "auto"), value_at(section, "review")
    if auto is not None and review is not None and review > auto:
        faults.add(section.entries["review"].node.mark, "'review' is above 'auto': nobody would be asked")


def _check_veto(table: TableInFile, veto: Scalar, faults: Faults) -> None:
    try:
        said = veto_of(veto.text)
    except ValueError as error:
        faults.add(veto.mark, f"'{short(veto.text)}': {error}")
        return
    for name in (*said.differ, *said.agree):
        check_field_name(table, name, veto.mark, "'veto'", faults)
    if said.differ == table.table.primary_key and not said.agree:
        faults.add(veto.mark, f"'{short(veto.text)}': every two records differ in their key, so none would ever be one")


def _check_rule(table: TableInFile, name: str, node: object, faults: Faults) -> None:
    """A word that is a rule and fits the field, or a list of sources."""
    if isinstance(node, Sequence):
        rule, mark = SurvivorRule("sources"), node.mark
    elif isinstance(node, Scalar):
        if node.text not in RULES:
            known = f"{did_you_mean(node.text, RULES) or ';'} known: {', '.join(RULES)}, or a list of files"
            faults.add(node.mark, f"unknown survivor rule '{short(node.text)}'{known}")
            return
        rule, mark = SurvivorRule(node.text), node.mark
    else:
        return
    if name in table.table.primary_key:
        faults.add(mark, f"'{short(name)}' is the key: whoever survives keeps its own")
    elif name == DEFAULT:
        if rule.how in (UNION, STRICTEST, YES):
            faults.add(mark, f"'{rule.how}' cannot be the rule of every field")
    elif (field := table.table.by_name.get(name)) and (why := unfit(field, rule)):
        faults.add(mark, f"'{short(name)}' cannot have the rule '{rule.how}': {why}")
