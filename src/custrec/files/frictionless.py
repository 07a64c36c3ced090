"""A schema as a Frictionless Data Package (https://datapackage.org/standard/, version 2): its standard part alone.

It describes the CSV files that `custrec export` writes, one resource a table: dates as they are shown, amounts as
numbers, references as the parent's key. What the standard has no word for (kinds, aliases, classification, checks)
is left out.
"""

from __future__ import annotations

import re
from typing import Any

from custrec.model.schema import Field, Schema, Table

PROFILES = "https://datapackage.org/profiles/2.0"
_NOT_IN_PATHS = re.compile(r"[^\w.-]+")
_STANDARD_OPTIONS = ("example", "decimalChar", "groupChar", "trueValues", "falseValues")
_NUMBERS = ("integer", "number")


def data_package(schema: Schema, name: str) -> dict[str, Any]:
    """The package as plain data; `name` is its identifier."""
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": name,
        "resources": [_resource(table) for table in schema.tables],
    }


def _resource(table: Table) -> dict[str, Any]:
    said = {
        "$schema": f"{PROFILES}/dataresource.json",
        "name": table.name,
        "type": "table",
        "path": file_name(table),
        "title": table.title,
        "description": table.description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": _table_schema(table),
    }
    return {key: value for key, value in said.items() if value != ""}


def file_name(table: Table) -> str:
    """The file that a resource names: a relative path without signs that a path or URL gives a meaning to."""
    return f"{_NOT_IN_PATHS.sub('_', table.name).lstrip('.') or f'table{table.id}'}.csv"


def _table_schema(table: Table) -> dict[str, Any]:
    said: dict[str, Any] = {
        "$schema": f"{PROFILES}/tableschema.json",
        "fields": [_field(field) for field in table.fields],
        "missingValues": list(table.missing_values),
    }
    if table.primary_key:
        said["primaryKey"] = list(table.primary_key)
    if table.foreign_keys:
        said["foreignKeys"] = [
            {"fields": [key.field], "reference": {"resource": key.table, "fields": [key.target]}}
            for key in table.foreign_keys
        ]
    return said


def _field(field: Field) -> dict[str, Any]:
    said: dict[str, Any] = {"name": field.name, "type": field.type}
    if format_ := _format(field):
        said["format"] = format_
    said |= {key: text for key, text in (("title", field.title), ("description", field.description)) if text}
    for key in _STANDARD_OPTIONS:
        if key in field.options and not (field.type == "integer" and key == "decimalChar"):
            said[key] = field.options[key]
    if constraints := _constraints(field):
        said["constraints"] = constraints
    return said


def _format(field: Field) -> str | None:
    """How values are written: e-mail addresses, and days in a format of their own; other formats are only read."""
    if field.kind == "email":
        return "email"
    written = field.options.get("format")
    return str(written) if field.kind == "date" and written not in (None, "any", "default") else None


def _constraints(field: Field) -> dict[str, Any]:
    said: dict[str, Any] = {key: True for key in ("required", "unique") if getattr(field, key)}
    if field.type == "string":
        limits = (("minLength", field.min_length), ("maxLength", field.max_length), ("pattern", field.pattern))
        said |= {key: limit for key, limit in limits if limit is not None}
    else:
        limits_of_size = (("minimum", field.minimum), ("maximum", field.maximum))
        said |= {key: _value(field, limit) for key, limit in limits_of_size if limit is not None}
    if field.enum and field.kind != "tags":  # the standard knows no list of words in one cell
        said["enum"] = [_value(field, text) for text in field.enum]
    return said


def _value(field: Field, text: str) -> str | int | float:
    """A limit as the standard writes it: a number of JSON where it is one."""
    if field.type not in _NUMBERS:
        return text
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text
