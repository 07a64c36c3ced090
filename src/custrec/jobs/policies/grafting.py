"""The policies of another schema.yaml put upon the tables of a store, so that they can be held to its records."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from custrec.errors import SchemaInvalid
from custrec.files.schema_file import load_schema
from custrec.jobs.lifecycle.policy_texts import text_faults
from custrec.model.schema import Schema
from custrec.store.database import Store

APPLIED = "applied"
"""The word for the policies that the store goes by now."""


def policies_of(store: Store, source: str) -> Schema:
    """The store's schema with the policies of a file, or its own (`applied`).

    Raises SchemaMissing, SchemaUnreadable, SchemaInvalid: also where a policy asks for what the store does not have.
    """
    return store.schema if source == APPLIED else grafted(store, load_schema(Path(source)), Path(source).name)


def grafted(store: Store, other: Schema, name: str) -> Schema:
    """The store's schema with the policies of another. Raises SchemaInvalid."""
    tables = tuple(
        replace(table, policies=other.by_name[table.name].policies if table.name in other.by_name else {})
        for table in store.schema.tables
    )
    schema = replace(store.schema, tables=tables)
    faults = tuple(fault for table in tables for fault in text_faults(schema, table))
    if faults:
        raise SchemaInvalid(name=name, count=len(faults), details=faults)
    return schema
