"""Reading schema.yaml: every fault at once, each with line and column, or a `Schema`.

files.strict_yaml makes nodes of the text, files.schema_shape leaves what fits the vocabulary, files.schema_tables and
files.schema_fields read each table and field, files.schema_references what tables say of each other. Each step goes on
with what the one before could read, so that one run names all that is to be mended. Fields and tables are numbered from
1 in the order of the file; a store that knows them already gives them its own, stable ids.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from custrec.errors import SchemaInvalid, SchemaMissing, SchemaUnreadable
from custrec.files.schema_match import check_match
from custrec.files.schema_nodes import items_at, mapping_at, text_at
from custrec.files.schema_policy import check_policies
from custrec.files.schema_references import read_foreign_keys, refuse_circles
from custrec.files.schema_shape import Shape, vocabulary
from custrec.files.schema_tables import TableInFile, read_table, refuse_one_past
from custrec.files.strict_yaml import MAX_BYTES, Faults, Mapping, Mark, compose, decode, short
from custrec.model.nearest import did_you_mean
from custrec.model.schema import Defaults, Schema, Table

__all__ = ["load_schema", "parse_schema"]


def load_schema(path: Path) -> Schema:
    """The schema that a file holds. Raises SchemaMissing, SchemaUnreadable or SchemaInvalid."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise SchemaMissing(path=path) from None
    except IsADirectoryError:
        raise SchemaUnreadable(path=path, reason="it is a directory") from None
    except OSError as error:
        raise SchemaUnreadable(path=path, reason=error.strerror or "I/O error") from error
    faults = Faults()
    text = decode(raw, faults)
    if text is None:
        raise _invalid(path.name, faults)
    return parse_schema(text, path.name)


def parse_schema(text: str, name: str) -> Schema:
    """The schema that a text holds; `name` is what the file is called in the error. Raises SchemaInvalid."""
    faults = Faults()
    schema = _read(text, faults)
    if schema is None or faults.count:
        raise _invalid(name, faults)
    return schema


def _invalid(name: str, faults: Faults) -> SchemaInvalid:
    return SchemaInvalid(name=name, count=faults.count, details=faults.lines())


def _read(text: str, faults: Faults) -> Schema | None:
    document = compose(text, faults)
    if document is None:
        return None
    root = Shape(vocabulary(), faults, {"kind": _plugin_kinds}).fitting(document)
    if not isinstance(root, Mapping):
        return None
    defaults = _read_defaults(mapping_at(root, "defaults"), faults)
    tables = _read_tables(root, defaults, faults)
    return Schema(tables, defaults)


def _plugin_kinds() -> frozenset[str]:
    from custrec.values.registry import plugin_kinds

    return plugin_kinds()


def _read_defaults(node: Mapping, faults: Faults) -> Defaults:
    """The defaults; one that does not exist is a fault, and left out so that fields are not blamed for it."""
    standard = Defaults()
    region, currency, timezone = (text_at(node, key) for key in ("region", "currency", "timezone"))
    if region is not None and not _is_region(region):
        faults.add(node.entries["region"].node.mark, f"ISO 3166 has no region '{region}'")
        region = None
    if currency is not None and not _is_currency(currency):
        faults.add(node.entries["currency"].node.mark, f"ISO 4217 has no currency '{currency}'")
        currency = None
    if timezone is not None and not _is_timezone(timezone):
        meant = did_you_mean(timezone, _timezones())
        faults.add(node.entries["timezone"].node.mark, f"unknown time zone '{short(timezone)}'{meant}")
        timezone = None
    return Defaults(region, text_at(node, "dateOrder") or standard.date_order, currency, timezone or standard.timezone)


def _is_region(code: str) -> bool:
    from custrec.values.country import code_of

    return code_of(code) == code


def _is_currency(code: str) -> bool:
    from custrec.values.currencies import CODES

    return code in CODES


def _is_timezone(name: str) -> bool:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError; a folder is an OSError
        return False
    return True


def _timezones() -> set[str]:
    from zoneinfo import available_timezones

    return available_timezones()


def _read_tables(root: Mapping, defaults: Defaults, faults: Faults) -> tuple[Table, ...]:
    nodes = items_at(root, "tables")
    numbered = enumerate(nodes, start=1)
    read = [read_table(node, number, defaults, faults) for number, node in numbered if isinstance(node, Mapping)]
    tables = [table for table in read if table is not None]
    _refuse_twice(tables, faults)
    refuse_one_past([table.node for table in tables], "table", faults)
    by_name = {table.table.name: table for table in reversed(tables)}
    keys = {name: read_foreign_keys(table, by_name, faults) for name, table in by_name.items()}
    refuse_circles(by_name, keys, faults)
    made = tuple(replace(table.table, foreign_keys=keys[table.table.name]) for table in tables)
    known = Schema(made, defaults)
    for table in by_name.values():
        check_match(table, faults)
        check_policies(table, known, faults)
    return made


def _refuse_twice(tables: list[TableInFile], faults: Faults) -> None:
    """SQLite tells names apart without letter case, and keeps some to itself."""
    first: dict[str, Mark] = {}
    for table in tables:
        name, mark = table.table.name, table.node.entries["name"].node.mark
        if name.casefold().startswith("sqlite_"):
            faults.add(mark, f"table '{name}': names that begin with sqlite_ belong to SQLite")
        if name.casefold() in first:
            faults.add(mark, f"table '{name}' stands twice; first in line {first[name.casefold()].line}")
        first.setdefault(name.casefold(), mark)
