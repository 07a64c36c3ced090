"""What a store's tables and fields are: the applied form of schema.yaml.

Frozen nouns only. Reading the file stands in files.schema_file; what a value of a kind means, in values; how a
field is stored, in store.tables. Field ids are stable: they survive a rename, so that undo, blame and redaction do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

INTEGER_KINDS = frozenset({"integer", "money", "boolean"})


@dataclass(frozen=True)
class Field:
    """One column of a table, as the schema says it.

    `kind` names the value type (values.registry); `type` is the Frictionless type beside it. `was` are former names, by
    which a store that knows the field under one of them renames it. `options` are the keys that only some kinds read
    (`format`, `dateOrder`, `currency`, `decimals`, …), under their schema.yaml names.
    """

    name: str
    id: int = 0
    type: str = "string"
    kind: str = "text"
    title: str = ""
    description: str = ""
    aliases: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    region_field: str | None = None
    currency_field: str | None = None
    classification: str | None = None
    search: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def column_type(self) -> str:
        """The SQLite type of the stored value: TEXT, INTEGER (also scaled decimals) or REAL."""
        if self.kind in INTEGER_KINDS:
            return "INTEGER"
        if self.kind == "number":
            return "REAL" if self.options.get("decimals") is None else "INTEGER"
        return "TEXT"

    @property
    def searchable(self) -> bool:
        """Whether full-text search covers the field."""
        return self.search or self.kind in ("person_name", "org_name", "tags")


@dataclass(frozen=True)
class ForeignKey:
    """A field that names a record of another table by that table's natural key; stored as the record's id."""

    field: str
    table: str
    target: str


@dataclass(frozen=True)
class Check:
    """A rule across the fields of one row, in the `where` language; level is error, warn or info."""

    rule: str
    message: str = ""
    level: str = "error"

    @property
    def words(self) -> str:
        """What is said of a row that breaks the rule."""
        return self.message or f"the row breaks the rule {self.rule}"


@dataclass(frozen=True)
class Defaults:
    """What is taken where a row does not say: region (ISO 3166), order of a date's parts, currency (ISO 4217), zone."""

    region: str | None = None
    date_order: str = "ymd"
    currency: str | None = None
    timezone: str = "UTC"


@dataclass(frozen=True)
class Table:
    """One table. `policies` holds the sections (match, stale, retention, …) that later capabilities act upon."""

    name: str
    id: int = 0
    title: str = ""
    description: str = ""
    was: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    missing_values: tuple[str, ...] = ("",)
    checks: tuple[Check, ...] = ()
    policies: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by their name."""
        return {f.name: f for f in self.fields}

    @cached_property
    def by_id(self) -> dict[int, Field]:
        """Fields by their stable id."""
        return {f.id: f for f in self.fields}

    @cached_property
    def references(self) -> dict[str, ForeignKey]:
        """Foreign keys by the field that holds them."""
        return {k.field: k for k in self.foreign_keys}


@dataclass(frozen=True)
class Schema:
    """All tables, in the order of the file; the first is the default table."""

    tables: tuple[Table, ...]
    defaults: Defaults = Defaults()
    version: int = 1

    @cached_property
    def by_name(self) -> dict[str, Table]:
        """Tables by their name."""
        return {t.name: t for t in self.tables}

    @cached_property
    def by_id(self) -> dict[int, Table]:
        """Tables by their stable id."""
        return {t.id: t for t in self.tables}
