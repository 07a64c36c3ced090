"""Which keys may stand where in schema.yaml, and in which shape: data/schema.json, laid beside the nodes.

The JSON Schema that editors use is the one place where the vocabulary stands; this reads the part of JSON Schema
(draft 2020-12) that it uses, and says every fault with line and column, which validators of plain data cannot.
What keys mean together is checked in files.schema_file and files.schema_fields.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as AbstractMapping
from functools import cache
from importlib import resources
from typing import Any

from custrec.files.strict_yaml import Broken, Entry, Faults, Mapping, Mark, Node, Scalar, Sequence, Value, short
from custrec.model.nearest import did_you_mean

UNDERSTOOD = frozenset(
    {"$ref", "type", "properties", "additionalProperties", "required", "items", "minItems", "maxItems", "enum"}
    | {"pattern", "patternErrorMessage", "minLength", "maxLength", "minimum", "maximum", "title", "description"}
)
"""The keywords of a subschema that `Shape` reads; data/schema.json uses no others."""

_CALLED = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "nothing",
}

_QUOTE = "'"

Spec = AbstractMapping[str, Any]
Further = AbstractMapping[str, Callable[[], Iterable[str]]]


def schema_json_text() -> str:
    """The JSON Schema of schema.yaml, as it ships with the package."""
    return resources.files("custrec").joinpath("data", "schema.json").read_text(encoding="utf-8")


@cache
def vocabulary() -> Spec:
    """The JSON Schema of schema.yaml, read once."""
    read: Spec = json.loads(schema_json_text())
    return read


class Shape:
    """Compares nodes with a JSON Schema and collects the faults."""

    def __init__(self, document: Spec, faults: Faults, further: Further | None = None) -> None:
        """`further` gives more words for an enumerated key of a field or table; it is asked only for unknown words."""
        self._document = document
        self._faults = faults
        self._further = further or {}

    def fitting(self, node: Node) -> Node | None:
        """What of a document has the right shape: faulty entries and items are noted and left out."""
        return self._fit(node, self._document, "the file")

    def _fit(self, node: Node, spec: Spec, label: str) -> Node | None:
        if isinstance(node, Broken):
            return None
        spec = self._resolved(spec)
        types = _as_list(spec.get("type", list(_CALLED)))
        if not types & _types_of(node):
            self._faults.add(node.mark, _type_fault(node, types, label))
            return None
        if isinstance(node, Mapping):
            return self._fit_mapping(node, spec)
        if isinstance(node, Sequence):
            return self._fit_sequence(node, spec, label)
        return self._fit_scalar(node, spec, types, label)

    def _resolved(self, spec: Spec) -> Spec:
        """A subschema with its reference put in; its own keywords stand above those referred to."""
        reference = spec.get("$ref")
        if reference is None:
            return spec
        return {**self._document["$defs"][reference.removeprefix("#/$defs/")], **spec}

    def _fit_mapping(self, node: Mapping, spec: Spec) -> Mapping:
        properties: Spec = spec.get("properties", {})
        others = spec.get("additionalProperties", True)
        fitting = Mapping(node.mark)
        for key, (mark, value) in node.entries.items():
            if key not in properties and others is False:
                self._say_unknown(key, mark, properties, spec)
                continue
            sub = properties.get(key, others if isinstance(others, dict) else {})
            fitted = self._fit(value, sub, f"'{short(key)}'")
            if fitted is None:
                fitting.dropped.add(key)
            else:
                fitting.entries[key] = Entry(mark, fitted)
        for key in spec.get("required", ()):
            if key not in node.entries:
                self._faults.add(node.mark, f"{spec['title']} needs '{key}'")
                fitting.dropped.add(key)
        return fitting

    def _say_unknown(self, key: str, mark: Mark, properties: Spec, spec: Spec) -> None:
        meant = "" if self._faults.full else did_you_mean(key, properties)
        self._faults.add(mark, f"unknown key '{short(key)}' in {spec['title']}{meant}")

    def _fit_sequence(self, node: Sequence, spec: Spec, label: str) -> Sequence | None:
        size = len(node.items)
        if size < spec.get("minItems", 0):
            self._faults.add(node.mark, f"{label} is an empty list")
            return None
        if size > spec.get("maxItems", size):
            self._faults.add(node.mark, f"{label} has {size:,} entries; at most {spec['maxItems']:,} are read")
            return None
        items = [self._fit(item, spec.get("items", {}), f"an entry of {label}") for item in node.items]
        return Sequence(node.mark, [item for item in items if item is not None])

    def _fit_scalar(self, node: Scalar, spec: Spec, types: set[str], label: str) -> Scalar | None:
        fault = None
        if "enum" in spec and node.value not in spec["enum"]:
            known = [*spec["enum"], *sorted(self._further.get(label.strip(_QUOTE), tuple)())]
            if node.value not in known:
                fault = f"unknown {label.strip(_QUOTE)} '{short(node.text)}'{self._among(node.text, known)}"
        elif isinstance(node.value, str):
            fault = _text_fault(node.value, spec, label)
        elif isinstance(node.value, (int, float)) and "string" not in types:
            if node.value < spec.get("minimum", node.value):
                fault = f"{label} is below {spec['minimum']}"
            elif node.value > spec.get("maximum", node.value):
                fault = f"{label} is above {spec['maximum']:,}"
        if fault is None:
            return node
        self._faults.add(node.mark, fault)
        return None

    def _among(self, word: str, allowed: list[Value]) -> str:
        known = [str(value) for value in allowed]
        meant = "" if self._faults.full else did_you_mean(word, known)
        return f"{meant or ';'} known: {', '.join(known)}"


def _as_list(types: str | list[str]) -> set[str]:
    return {types} if isinstance(types, str) else set(types)


def _types_of(node: Node) -> set[str]:
    """The JSON Schema types a node has."""
    if isinstance(node, Mapping):
        return {"object"}
    if isinstance(node, Sequence):
        return {"array"}
    return _scalar_types(node.value if isinstance(node, Scalar) else None)


def _scalar_types(value: Value) -> set[str]:
    if value is None:
        return {"null"}
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int):
        return {"integer", "number"}
    if isinstance(value, float):
        return {"integer", "number"} if value.is_integer() else {"number"}
    return {"string"}


def _type_fault(node: Node, types: set[str], label: str) -> str:
    if isinstance(node, Scalar) and node.value is None:
        return f"{label} has no value"
    if isinstance(node, Scalar) and "string" in types:
        return f'{label} needs text; write "{short(node.text)}" in quotes'
    wanted = [_CALLED[name] for name in _CALLED if name in types]
    if "string" in types:  # where text may stand, numbers are only text without quotes
        wanted = [word for word in wanted if word in ("text", "a list", "a mapping")]
    return f"{label} needs {' or '.join(wanted)}"


def _text_fault(text: str, spec: Spec, label: str) -> str | None:
    if len(text) < spec.get("minLength", 0):
        return f"{label} is empty"
    if len(text) > spec.get("maxLength", len(text)):
        limit = spec["maxLength"]
        return f"{label} is longer than {limit:,} character{'' if limit == 1 else 's'}"
    pattern = spec.get("pattern")
    if pattern is not None and (text.endswith("\n") or not re.search(pattern, text)):
        return f"{label} cannot be '{short(text)}': {spec['patternErrorMessage']}"
    return None
