"""A schema as plain data and back: how the store keeps the schema that was applied.

All of it is kept, ids and policies too: `schema_from_dict(schema_to_dict(s)) == s`. What has its default value is left
out, so that the canonical text of an old schema stays the same when a later version knows more keys.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from typing import Any, TypeVar

from custrec.model.schema import Check, Defaults, Field, ForeignKey, Schema, Table

Noun = TypeVar("Noun", Schema, Table, Field, ForeignKey, Check, Defaults)

_PARTS: dict[str, type[Any]] = {
    "tables": Table,
    "fields": Field,
    "foreign_keys": ForeignKey,
    "checks": Check,
    "defaults": Defaults,
}
"""The class of each attribute that holds further nouns."""


def schema_to_dict(schema: Schema) -> dict[str, Any]:
    """The schema as dicts, lists and scalars, ready for JSON."""
    return _to_dict(schema)


def schema_from_dict(data: Mapping[str, Any]) -> Schema:
    """The schema that `schema_to_dict` gave. Raises ValueError where the data is not such a schema."""
    return _from_dict(Schema, data)


def schema_to_json(schema: Schema) -> str:
    """The canonical text: equal for equal schemas, on one line, keys sorted. Its digest tells schemas apart."""
    return json.dumps(_to_dict(schema), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def schema_digest(schema: Schema) -> str:
    """The SHA-256 (hex) of the canonical text."""
    return hashlib.sha256(schema_to_json(schema).encode()).hexdigest()


def schema_from_json(text: str) -> Schema:
    """The schema that `schema_to_json` wrote. Raises ValueError where the text is not such a schema."""
    return schema_from_dict(json.loads(text))


def _to_dict(noun: Any) -> dict[str, Any]:
    written = {}
    for attribute in fields(noun):
        value = getattr(noun, attribute.name)
        standard = attribute.default_factory() if attribute.default_factory is not MISSING else attribute.default
        if standard is MISSING or value != standard:
            written[attribute.name] = _written(attribute.name, value)
    return written


def _written(name: str, value: Any) -> Any:
    if name not in _PARTS:
        return list(value) if isinstance(value, tuple) else value
    return [_to_dict(part) for part in value] if isinstance(value, tuple) else _to_dict(value)


def _from_dict(noun: type[Noun], data: object) -> Noun:
    if not isinstance(data, Mapping):
        raise ValueError(f"a {noun.__name__} is not written as {type(data).__name__}")
    known = {attribute.name for attribute in fields(noun)}
    if unknown := sorted(data.keys() - known):
        raise ValueError(f"a {noun.__name__} has no {', '.join(unknown)}")
    try:
        return noun(**{name: _read(name, value) for name, value in data.items()})
    except TypeError as error:
        raise ValueError(f"a {noun.__name__} lacks what it needs") from error


def _read(name: str, value: Any) -> Any:
    if name == "defaults":
        return _from_dict(Defaults, value)
    if name in _PARTS:
        return tuple(_from_dict(_PARTS[name], part) for part in value)
    return tuple(value) if isinstance(value, list) else value


def same_tables(a: Schema, b: Schema) -> bool:
    """Whether two schemas say the same, whatever ids their tables and fields have been given and had for names."""
    return plain(a) == plain(b)


def plain(schema: Schema) -> Schema:
    """A schema without ids and former names: what it says is so now."""
    tables = (
        replace(table, id=0, was=(), fields=tuple(replace(field, id=0, was=()) for field in table.fields))
        for table in schema.tables
    )
    return replace(schema, tables=tuple(tables))
