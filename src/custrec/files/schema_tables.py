"""One table of schema.yaml: its fields, its key, its checks and the sections kept for later capabilities.

What tables say of each other (foreign keys) is read in files.schema_references.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from custrec.files.headers import fold_header
from custrec.files.schema_blanks import refuse_words_that_mean_blank
from custrec.files.schema_fields import read_field
from custrec.files.schema_nodes import items_at, scalars_at, text_at
from custrec.files.schema_vocabulary import POLICIES
from custrec.files.strict_yaml import Faults, Mapping, Mark, Scalar, plain, short
from custrec.model.nearest import did_you_mean
from custrec.model.schema import Check, Defaults, Field, Table


@dataclass(frozen=True, slots=True)
class TableInFile:
    """A table without its foreign keys, and the node it was read from.

    `complete` says that every field could be read, so that a name which is not among them is a fault.
    """

    table: Table
    node: Mapping
    complete: bool


def read_table(node: Mapping, number: int, defaults: Defaults, faults: Faults) -> TableInFile | None:
    """The table of a node that fits the vocabulary; None where it has no name to go by."""
    name = text_at(node, "name")
    if name is None:
        _read_fields(node, defaults, faults)
        return None
    fields, complete = _read_fields(node, defaults, faults)
    table = Table(
        name=name,
        id=number,
        title=text_at(node, "title") or "",
        description=text_at(node, "description") or "",
        was=tuple(dict.fromkeys(name.text for name in scalars_at(node, "was"))),
        fields=fields,
        missing_values=_missing_values(node),
        checks=_checks(node),
        policies=_policies(node),
    )
    in_file = TableInFile(table, node, complete)
    refuse_words_that_mean_blank(node, table, defaults, faults)
    _follow_field_names(in_file, faults)
    return replace(in_file, table=_with_primary_key(in_file, faults))


def check_field_name(table: TableInFile, name: str, mark: Mark, said_by: str, faults: Faults) -> bool:
    """Whether a table has a field of this name; a fault where it has not."""
    if name in table.table.by_name:
        return True
    if table.complete:
        meant = "" if faults.full else did_you_mean(name, table.table.by_name)
        faults.add(mark, f"{said_by} names '{short(name)}', which is no field of '{table.table.name}'{meant}")
    return False


def _read_fields(node: Mapping, defaults: Defaults, faults: Faults) -> tuple[tuple[Field, ...], bool]:
    nodes = [item for item in items_at(node, "fields") if isinstance(item, Mapping)]
    fields = [read_field(item, number, defaults, faults) for number, item in enumerate(nodes, start=1)]
    _refuse_same_headers(nodes, fields, faults)
    refuse_one_past(nodes, "field", faults)
    complete = "fields" not in node.dropped and None not in fields
    return tuple(field for field in fields if field is not None), complete


def refuse_one_past(nodes: list[Mapping], thing: str, faults: Faults) -> None:
    """Two of a kind that say they had one name before: only one of them can have been it."""
    owners: dict[str, str] = {}
    for node in nodes:
        own = text_at(node, "name") or ""
        for word in scalars_at(node, "was"):
            if word.text == own:
                faults.add(word.mark, f"'was' of {thing} '{short(own)}' names the {thing} itself")
            elif owners.setdefault(word.text.casefold(), own) != own:
                first = owners[word.text.casefold()]
                faults.add(
                    word.mark, f"'{short(first)}' and '{short(own)}' both say that they were '{short(word.text)}'"
                )


def _refuse_same_headers(nodes: list[Mapping], fields: list[Field | None], faults: Faults) -> None:
    """Two fields that a header could mean alike; names are also told apart without letter case, as SQLite does."""
    names: dict[str, Mark] = {}
    owners: dict[str, str] = {}
    for node, field in zip(nodes, fields, strict=True):
        if field is None:
            continue
        mark = node.entries["name"].node.mark
        if field.name.casefold() in names:
            first = names[field.name.casefold()]
            faults.add(mark, f"field '{field.name}' stands twice; first in line {first.line}")
            continue
        names[field.name.casefold()] = mark
        for word in (Scalar(mark, field.name, field.name), *scalars_at(node, "aliases")):
            folded, place = fold_header(word.text), word.mark
            if not folded:
                faults.add(place, f"field '{field.name}' has a name or alias of nothing but spaces and signs")
            elif owners.setdefault(folded, field.name) != field.name:
                faults.add(place, f"'{owners[folded]}' and '{field.name}' have a name or alias in common")


def _follow_field_names(table: TableInFile, faults: Faults) -> None:
    """Fields that name a field beside them, and the owner of the table."""
    for item in items_at(table.node, "fields"):
        if not isinstance(item, Mapping):
            continue
        for key in ("regionField", "currencyField"):
            for word in scalars_at(item, key):
                if word.text == text_at(item, "name"):
                    faults.add(word.mark, f"'{key}' names the field itself")
                else:
                    check_field_name(table, word.text, word.mark, f"'{key}'", faults)
    for word in scalars_at(table.node, "owner"):
        check_field_name(table, word.text, word.mark, "'owner'", faults)


def _with_primary_key(table: TableInFile, faults: Faults) -> Table:
    """The table with its primary key, whose fields are required whether they say so or not."""
    key: list[str] = []
    for word in scalars_at(table.node, "primaryKey"):
        if word.text in key:
            faults.add(word.mark, f"'primaryKey' names '{short(word.text)}' twice")
        elif check_field_name(table, word.text, word.mark, "'primaryKey'", faults):
            if table.table.by_name[word.text].kind == "tags":
                faults.add(word.mark, f"'primaryKey' names '{word.text}', but tags tell no records apart")
            key.append(word.text)
    fields = tuple(replace(field, required=True) if field.name in key else field for field in table.table.fields)
    return replace(table.table, fields=fields, primary_key=tuple(key))


def _missing_values(node: Mapping) -> tuple[str, ...]:
    """The texts that mean no value; the empty one always does."""
    return tuple(dict.fromkeys(["", *(word.text for word in scalars_at(node, "missingValues"))]))


def _checks(node: Mapping) -> tuple[Check, ...]:
    return tuple(
        Check(text_at(item, "rule") or "", text_at(item, "message") or "", text_at(item, "level") or "error")
        for item in items_at(node, "checks")
        if isinstance(item, Mapping)
    )


def _policies(node: Mapping) -> dict[str, Any]:
    return {key: plain(node.entries[key].node) for key in POLICIES if key in node.entries}
