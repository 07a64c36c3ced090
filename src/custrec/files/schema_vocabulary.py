"""What the words of schema.yaml imply: which type a kind has, which kinds read which key, what is not yet acted on.

Which words there are stands in data/schema.json; a test holds the two together.
"""

from __future__ import annotations

KIND_TYPES = {
    "text": "string",
    "choice": "string",
    "tags": "string",
    "integer": "integer",
    "number": "number",
    "money": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "person_name": "string",
    "org_name": "string",
    "phone": "string",
    "email": "string",
    "address": "string",
    "country": "string",
    "identifier": "string",
    "url": "string",
}
"""The Frictionless type of each kind of custrec's own."""

PLUGIN_TYPE = "string"
"""The Frictionless type of a kind that another package brings."""

TYPE_KINDS = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
}
"""The kind of a field that names only a type."""

_NUMBERS = ("integer", "number", "money")
_DATES = ("date", "datetime")

READ_BY = {
    "format": ("text", "email", *_DATES, "identifier"),
    "regionField": ("phone",),
    "currencyField": ("money",),
    "currency": ("money",),
    "dateOrder": _DATES,
    "decimals": ("number",),
    "decimalChar": _NUMBERS,
    "groupChar": _NUMBERS,
    "trueValues": ("boolean",),
    "falseValues": ("boolean",),
    "labels": ("choice", "tags"),
    "minimum": (*_NUMBERS, *_DATES),
    "maximum": (*_NUMBERS, *_DATES),
}
"""The kinds of custrec's own that read a key of a field or of its constraints; keys not named here are for every kind.
A kind that another package brings may read them all."""

OPTION_KEYS = (
    *("format", "dateOrder", "currency", "decimals", "decimalChar", "groupChar", "trueValues", "falseValues"),
    *("labels", "example"),
)
"""The keys that are kept in `Field.options`."""

POLICIES = ("match", "owner", "stale", "retention", "capacity", "trash", "review", "erasure")
"""Sections of a table that are kept in `Table.policies` as they are written."""
