"""What can be said of a schema beyond its file: whether its kinds and rules hold, what is not acted upon yet."""

from __future__ import annotations

from custrec.errors import CustrecError, SchemaInvalid
from custrec.files.schema_vocabulary import NOT_YET_ACTED_ON
from custrec.model.expression import parse
from custrec.model.schema import Field, Schema, Table
from custrec.rules.constraints import compile_constraints
from custrec.values.registry import for_field


def deep_check(schema: Schema, name: str) -> None:
    """Make every value type, constraint and check once. Raises SchemaInvalid with all faults."""
    faults: list[str] = []
    for table in schema.tables:
        for field in table.fields:
            try:
                compile_constraints(field, for_field(field, schema.defaults))
            except ValueError as error:
                faults.append(f"{table.name}.{field.name}: {error}")
        for rule in table.checks:
            try:
                parse(rule.rule, table, schema.defaults.timezone)
            except CustrecError as error:
                faults.append(f"{table.name}, check {rule.rule!r}: {error.message}")
    if faults:
        raise SchemaInvalid(name=name, count=len(faults), details=tuple(faults))


def acted_on_later(schema: Schema) -> list[str]:
    """What the file says that this version understands but does not carry out: said, so that nobody relies on it."""
    said = [
        f"{table.name}: {section} is understood, but not acted upon by this version"
        for table in schema.tables
        for section in NOT_YET_ACTED_ON
        if section in table.policies
    ]
    return said + [
        f"{table.name}: checks are understood, but not applied by this version"
        for table in schema.tables
        if table.checks
    ]


def described(schema: Schema, table: Table) -> list[tuple[str, str, str, str, str]]:
    """A row a field: name, kind, what it must be, what it takes, the headers it is known by."""
    return [
        (f.name, _kind(table, f), _must(table, f), for_field(f, schema.defaults).describe().takes, ", ".join(f.aliases))
        for f in table.fields
    ]


def _kind(table: Table, field: Field) -> str:
    reference = table.references.get(field.name)
    return f"→ {reference.table}" if reference else field.kind


def _must(table: Table, field: Field) -> str:
    words = ["key"] if field.name in table.primary_key else []
    words += ["required"] if field.required and field.name not in table.primary_key else []
    return ", ".join(words + (["unique"] if field.unique and field.name not in table.primary_key else []))
