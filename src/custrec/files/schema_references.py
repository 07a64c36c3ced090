"""Foreign keys of schema.yaml: a field of one table that names a record of another by its one-field primary key."""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from graphlib import CycleError, TopologicalSorter

from custrec.files.schema_nodes import items_at, mapping_at, scalars_at, text_at
from custrec.files.schema_tables import TableInFile, check_field_name
from custrec.files.strict_yaml import Faults, Mapping, Scalar, short
from custrec.model.nearest import did_you_mean
from custrec.model.schema import ForeignKey

_SHOWN_OF_A_CIRCLE = 5

Tables = AbstractMapping[str, TableInFile]


def read_foreign_keys(table: TableInFile, tables: Tables, faults: Faults) -> tuple[ForeignKey, ...]:
    """The foreign keys of a table that lead somewhere; what custrec does not support is a fault that says so."""
    keys: dict[str, ForeignKey] = {}
    for node in items_at(table.node, "foreignKeys"):
        key = _read_foreign_key(node, table, tables, faults) if isinstance(node, Mapping) else None
        if key is not None and key.field in keys:
            faults.add(node.mark, f"a second foreign key of '{key.field}' is not supported")
        elif key is not None:
            keys[key.field] = key
    return tuple(keys.values())


def _read_foreign_key(node: Mapping, table: TableInFile, tables: Tables, faults: Faults) -> ForeignKey | None:
    reference = mapping_at(node, "reference")
    fields, targets = scalars_at(node, "fields"), scalars_at(reference, "fields")
    other = text_at(reference, "resource")
    if len(fields) > 1 or len(targets) > 1:
        faults.add(node.mark, "a foreign key of several fields is not supported; name one field")
        return None
    field = (
        fields[0] if fields and check_field_name(table, fields[0].text, fields[0].mark, "'fields'", faults) else None
    )
    if other is None:
        return None
    place = reference.entries["resource"].node.mark
    if other in ("", table.table.name):
        faults.add(place, "a foreign key of a table to itself is not supported")
        return None
    if other not in tables:
        meant = "" if faults.full else did_you_mean(other, tables)
        faults.add(place, f"'resource' names '{short(other)}', which is no table{meant}")
        return None
    if not targets or not _is_key_of(targets[0], tables[other], faults) or field is None:
        return None
    return _of_one_kind(field, table, targets[0], tables[other], faults)


def _is_key_of(target: Scalar, other: TableInFile, faults: Faults) -> bool:
    """Whether the target is the primary key of the other table."""
    if not check_field_name(other, target.text, target.mark, "'reference'", faults):
        return False
    if other.table.primary_key == (target.text,):
        return True
    if "primaryKey" not in other.node.dropped:
        name = other.table.name
        saying = f"a foreign key to anything but the one-field primaryKey of '{name}' is not supported"
        faults.add(target.mark, saying)
    return False


def _of_one_kind(
    field: Scalar, table: TableInFile, target: Scalar, other: TableInFile, faults: Faults
) -> ForeignKey | None:
    """The foreign key, if both ends hold the same type of value: otherwise no text would ever meet."""
    here, there = table.table.by_name[field.text], other.table.by_name[target.text]
    if here.type != there.type:
        saying = f"'{here.name}' has the type {here.type}, but '{other.table.name}.{there.name}' {there.type}"
        faults.add(field.mark, saying)
        return None
    return ForeignKey(here.name, other.table.name, there.name)


def refuse_circles(tables: Tables, keys: AbstractMapping[str, tuple[ForeignKey, ...]], faults: Faults) -> None:
    """Note each circle of tables that refer to each other: none of them could be filled first."""
    left = {name: {key.table for key in of_table} for name, of_table in keys.items()}
    while not faults.full and (circle := _circle(left)):
        first = min(circle, key=lambda name: tables[name].table.id)
        mark = tables[first].node.entries["foreignKeys"].mark
        faults.add(mark, f"the tables {_listed(sorted(circle))} refer to each other in a circle")
        left = {name: others - circle for name, others in left.items() if name not in circle}


def _circle(references: AbstractMapping[str, set[str]]) -> set[str]:
    """The tables of one circle; none where the references have an order."""
    try:
        TopologicalSorter(references).prepare()
    except CycleError as error:
        return set(error.args[1])
    return set()


def _listed(names: list[str]) -> str:
    shown = [f"'{name}'" for name in names[:_SHOWN_OF_A_CIRCLE]]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown)} more")
    return f"{', '.join(shown[:-1])} and {shown[-1]}"
