"""What can be said of a schema beyond its file: whether its kinds and rules hold; and its fields for people."""

from __future__ import annotations

from custrec.errors import CustrecError, SchemaInvalid
from custrec.jobs.lifecycle.policy_texts import text_faults
from custrec.jobs.reading import stored, value_type
from custrec.model.expression import RECORD_ID, bind, fields_of, parse
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
        faults += [
            f"{table.name}, check {check.rule!r}: {fault}"
            for check in table.checks
            if (fault := _check_fault(schema, table, check.rule))
        ]
        faults += text_faults(schema, table)
    if faults:
        raise SchemaInvalid(name=name, count=len(faults), details=tuple(faults))


def _check_fault(schema: Schema, table: Table, rule: str) -> str | None:
    """What is wrong with the rule of a check: its form, a field, a value, or that it names what a row has not."""
    try:
        expression = bind(
            parse(rule, table, schema.defaults.timezone), lambda field, text: stored(schema, table, field, text)
        )
    except CustrecError as error:
        return f"{error.message}{f' ({error.hint})' if error.hint.startswith('did you') else ''}"
    if RECORD_ID.name in fields_of(expression):
        return f"{RECORD_ID.name} is the number of a record; a row that is judged has none yet"
    return None


def described(schema: Schema, table: Table) -> list[tuple[str, str, str, str, str]]:
    """A row a field: name, kind, what it must be, what it takes, the headers it is known by."""
    return [
        (f.name, _kind(table, f), _must(table, f), value_type(schema, table, f).describe().takes, ", ".join(f.aliases))
        for f in table.fields
    ]


def _kind(table: Table, field: Field) -> str:
    reference = table.references.get(field.name)
    return f"→ {reference.table}" if reference else field.kind


def _must(table: Table, field: Field) -> str:
    words = ["key"] if field.name in table.primary_key else []
    words += ["required"] if field.required and field.name not in table.primary_key else []
    return ", ".join(words + (["unique"] if field.unique and field.name not in table.primary_key else []))
